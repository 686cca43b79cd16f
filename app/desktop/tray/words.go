package tray

import (
	"fmt"
	"strings"
)

// words are the texts of the tray in one language.
type words struct {
	open, write, pause, paused, halfHour, tomorrow, resume, status, automatic, away, quit string
	unseen, unseenMany, mentions, nothing, offline, signedOut                             string
}

var (
	english = words{"Open Recado", "New conversation", "Pause notifications", "Paused until %s", "For 30 minutes", "Until tomorrow",
		"Show notifications again", "Status", "Here or away by what I do", "Away", "Quit Recado",
		"1 unseen conversation", "%d unseen conversations", "%d with a mention", "Nothing unseen", "offline", "Signed out"}
	spanish = words{"Abrir Recado", "Nueva conversación", "Pausar los avisos", "En pausa hasta las %s", "Durante 30 minutos", "Hasta mañana",
		"Volver a mostrar avisos", "Estado", "Presente o ausente según lo que hago", "Ausente", "Salir de Recado",
		"1 conversación sin ver", "%d conversaciones sin ver", "%d con una mención", "Nada sin ver", "sin conexión", "Sesión cerrada"}
)

func in(language string) words {
	if strings.HasPrefix(language, "es") {
		return spanish
	}
	return english
}

// tooltip says in a line what the icon shows.
func tooltip(s State) string {
	w := in(s.Language)
	parts := []string{"Recado"}
	switch {
	case !s.SignedIn:
		return "Recado · " + w.signedOut
	case s.Unseen == 0:
		parts = append(parts, w.nothing)
	case s.Unseen == 1:
		parts = append(parts, w.unseen)
	default:
		parts = append(parts, fmt.Sprintf(w.unseenMany, s.Unseen))
	}
	if s.Mentions > 0 {
		parts = append(parts, fmt.Sprintf(w.mentions, s.Mentions))
	}
	if !s.PausedUntil.IsZero() {
		parts = append(parts, fmt.Sprintf(w.paused, s.PausedUntil.Format("15:04")))
	}
	if s.Offline {
		parts = append(parts, w.offline)
	}
	return strings.Join(parts, " · ")
}
