package notify

import (
	"fmt"
	"regexp"
	"strings"

	"recado/app/client"
)

// Bubble is what the operating system is asked to show. All texts are plain.
type Bubble struct {
	// Key names what it is about: a conversation by its id, Summary, or nothing that changes. It takes the place of the
	// bubble with the same key that is still shown.
	Key   string
	Title string
	Text  string
	Sound bool
	// Open, Seen and Reply are what can be done at it, in words; empty: that is not offered.
	Open, Seen, Reply string
}

// Summary is the key of the one bubble for messages of many conversations.
const Summary = "summary"

// Notifier shows bubbles.
type Notifier interface {
	// Show shows a bubble in place of the one with the same key.
	Show(Bubble) error
	// Withdraw takes one away; what is not shown any more, or can't be taken away there, is no error.
	Withdraw(key string)
}

// Interactive is a Notifier that tells what is done at its bubbles.
type Interactive interface {
	// Listen sets who is told, from a goroutine of the notifier's.
	Listen(func(Answer))
}

// Considerate is a Notifier that knows whether the system was asked not to disturb.
type Considerate interface {
	// Busy tells whether bubbles are unwelcome now; false where that can't be asked.
	Busy() bool
}

// Answer is what a person did at a bubble.
type Answer struct {
	Key string
	Act Act
	// Text is what was typed, for Replied.
	Text string
}

// Act is one of the things that can be done at a bubble.
type Act string

// The acts there are.
const (
	Opened     Act = "opened"
	MarkedSeen Act = "seen"
	Replied    Act = "replied"
	Gone       Act = "gone" // dismissed, or no longer shown
)

// words are the texts of bubbles in one language.
type words struct {
	newMessage, newMessages, inConversations, file, somebody, inTray, inTrayText, open, seen, reply string
}

var (
	english = words{"New message", "%d new messages", "in %d conversations", "A file", "Somebody",
		"Recado stays in the tray", "So that you are told of new messages. You can quit it there, and change this in the settings.",
		"Open", "Mark as seen", "Answer"}
	spanish = words{"Mensaje nuevo", "%d mensajes nuevos", "en %d conversaciones", "Un archivo", "Alguien",
		"Recado sigue en la bandeja", "Así te avisa de los mensajes nuevos. Puedes salir desde allí, y cambiarlo en los ajustes.",
		"Abrir", "Marcar como visto", "Responder"}
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
	return Bubble{Key: "in-tray", Title: w.inTray, Text: w.inTrayText}
}

// compose makes the bubble of a conversation from its messages that are not seen yet, of which it shows the last. An
// answer can be written into it only where no customer would get it: there is no room to show who will.
func compose(unseen []client.MessageArrived, preview bool, language string) Bubble {
	w := in(language)
	last := unseen[len(unseen)-1]
	b := Bubble{Key: last.Message.Conversation, Title: title(last, w), Text: w.newMessage, Open: w.open, Seen: w.seen}
	if last.Conversation.Kind == internal {
		b.Reply = w.reply
	}
	many := fmt.Sprintf(w.newMessages, len(unseen))
	switch {
	case preview && len(unseen) > 1:
		b.Title, b.Text = b.Title+" · "+many, excerpt(last.Message, w)
	case preview:
		b.Text = excerpt(last.Message, w)
	case len(unseen) > 1:
		b.Text = many
	}
	return b
}

// internal is the kind of a conversation that no customer stands in.
const internal = "internal"

// summarise makes the one bubble for many conversations.
func summarise(messages, conversations int, language string) Bubble {
	w := in(language)
	return Bubble{Key: Summary, Title: fmt.Sprintf(w.newMessages, messages), Text: fmt.Sprintf(w.inConversations, conversations), Open: w.open}
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
