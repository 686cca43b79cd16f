package mailout

import (
	"fmt"
	"strings"
	"time"
)

// words are the sentences of a mail in one language.
type words struct {
	Lang                               string
	Edited, Deleted, Attached, Linked  string
	OpenIn, ReplyHere, Team, Why, Stop string
	from, fromMany                     string
	and                                string
	oneEarlier, manyEarlier            string
	unproven                           string
	months                             [12]string
}

var english = words{
	Lang: "en", Edited: "edited", Deleted: "This message was deleted.", Attached: "attached", Linked: "download",
	OpenIn: "Open the conversation", ReplyHere: "Answer this mail to reply.",
	Team: "Team only. Customers can't see this conversation.",
	Why:  "You get this mail because you had not seen the message yet.", Stop: "Stop following",
	from: "Message from %s", fromMany: "Messages from %s", and: " and ",
	oneEarlier: "One earlier message that you have not seen is in the app.", manyEarlier: "%d earlier messages that you have not seen are in the app.",
	unproven: "%s (unverified sender)",
	months:   [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
}

var spanish = words{
	Lang: "es", Edited: "editado", Deleted: "Este mensaje se eliminó.", Attached: "adjunto", Linked: "descargar",
	OpenIn: "Abrir la conversación", ReplyHere: "Responda a este correo para contestar.",
	Team: "Solo el equipo. Los clientes no ven esta conversación.",
	Why:  "Recibe este correo porque todavía no había visto el mensaje.", Stop: "Dejar de seguir",
	from: "Mensaje de %s", fromMany: "Mensajes de %s", and: " y ",
	oneEarlier: "Un mensaje anterior que no ha visto está en la aplicación.", manyEarlier: "%d mensajes anteriores que no ha visto están en la aplicación.",
	unproven: "%s (remitente no verificado)",
	months:   [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
}

// author is who wrote a message. The team's own address must not vouch for somebody whom nothing proves.
func (w words) author(m Message) string {
	if m.Unproven {
		return fmt.Sprintf(w.unproven, line(m.Author))
	}
	return line(m.Author)
}

func wordsFor(locale string) words {
	if l := strings.ToLower(locale); l == "es" || strings.HasPrefix(l, "es-") || strings.HasPrefix(l, "es_") {
		return spanish
	}
	return english
}

// when writes a moment in the server's zone, which it names: a mail is read in zones the server does not know. A zone
// without a name of its own is told by how far it is from UTC.
func (w words) when(t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	name, _ := t.Zone()
	if len(name) >= 3 && (name[0] == '+' || name[0] == '-') {
		hours, minutes := name[1:3], name[3:]
		if name = "UTC" + name[:1] + strings.TrimPrefix(hours, "0"); minutes != "" {
			name += ":" + minutes
		}
	}
	return fmt.Sprintf("%d %s %d, %02d:%02d %s", t.Day(), w.months[t.Month()-1], t.Year(), t.Hour(), t.Minute(), name)
}

// earlier tells of messages that are not in the mail; nothing where there are none.
func (w words) earlier(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return w.oneEarlier
	}
	return fmt.Sprintf(w.manyEarlier, n)
}

// subject is for a conversation that has none.
func (w words) subject(authors []string) string {
	switch n := len(authors); {
	case n == 1:
		return fmt.Sprintf(w.from, authors[0])
	case n > 3:
		return fmt.Sprintf(w.fromMany, strings.Join(authors[:3], ", ")+" …")
	default:
		return fmt.Sprintf(w.fromMany, strings.Join(authors[:n-1], ", ")+w.and+authors[n-1])
	}
}

// size writes bytes as people do, in decimal units.
func (w words) size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	s := fmt.Sprintf("%.1f MB", float64(n)/1e6)
	if w.Lang == "es" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}
