package notify

import (
	"fmt"
	"regexp"
	"strings"

	"recado/app/client"
)

// Bubble is what the operating system is asked to show. Both texts are plain.
type Bubble struct {
	Title string
	Text  string
	Sound bool
}

// Notifier shows bubbles.
type Notifier interface {
	Show(Bubble) error
}

// words are the texts of bubbles in one language.
type words struct{ newMessage, newMessages, inConversations, file, somebody, inTray, inTrayText string }

var (
	english = words{"New message", "%d new messages", "in %d conversations", "A file", "Somebody",
		"Recado stays in the tray", "So that you are told of new messages. You can quit it there, and change this in the settings."}
	spanish = words{"Mensaje nuevo", "%d mensajes nuevos", "en %d conversaciones", "Un archivo", "Alguien",
		"Recado sigue en la bandeja", "Así te avisa de los mensajes nuevos. Puedes salir desde allí, y cambiarlo en los ajustes."}
)

func in(language string) words {
	if strings.HasPrefix(language, "es") {
		return spanish
	}
	return english
}

// InTray is the bubble that tells where the window went when it was closed for the first time.
func InTray(language string) Bubble {
	w := in(language)
	return Bubble{Title: w.inTray, Text: w.inTrayText}
}

// compose makes the one bubble for a burst of one or more messages.
func compose(burst []client.MessageArrived, preview bool, language string) Bubble {
	w := in(language)
	last := burst[len(burst)-1]
	conversations := map[string]bool{}
	for _, m := range burst {
		conversations[m.Conversation.ID] = true
	}
	text := w.newMessage
	if preview {
		text = excerpt(last.Message, w)
	}
	switch {
	case len(conversations) > 1:
		return Bubble{Title: fmt.Sprintf(w.newMessages, len(burst)), Text: fmt.Sprintf(w.inConversations, len(conversations))}
	case len(burst) > 1 && preview:
		return Bubble{Title: title(last, w) + " · " + fmt.Sprintf(w.newMessages, len(burst)), Text: text}
	case len(burst) > 1:
		return Bubble{Title: title(last, w), Text: fmt.Sprintf(w.newMessages, len(burst))}
	}
	return Bubble{Title: title(last, w), Text: text}
}

func title(m client.MessageArrived, w words) string {
	name := oneLine(m.Author.Name)
	if name == "" {
		name = w.somebody
	}
	if subject := oneLine(m.Conversation.Subject); subject != "" {
		return name + " · " + subject
	}
	return name
}

// maxText is how many characters of a message a bubble shows; systems cut at about twice that without saying so.
const maxText = 160

var mention = regexp.MustCompile(`<@[^|<>\s]+\|([^<>]*)>`)

// excerpt is the beginning of a message as plain text.
func excerpt(m client.Message, w words) string {
	text := oneLine(mention.ReplaceAllString(m.Body, "@$1"))
	if text == "" {
		if len(m.Files) > 0 && m.Files[0].Name != "" {
			return oneLine(m.Files[0].Name)
		}
		return w.file
	}
	if runes := []rune(text); len(runes) > maxText {
		return strings.TrimSpace(string(runes[:maxText])) + "…"
	}
	return text
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
