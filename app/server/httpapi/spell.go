package httpapi

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"recado/app/kit/sse"
	"recado/app/server/messaging"
	"recado/app/wire"
)

// speller writes entries, each message's JSON once however many read it.
type speller struct {
	epoch    string
	messages map[messageForReader][]byte
	data     []byte // of the entry under way
}

type messageForReader struct {
	id, typ string
	author  bool
	mail    bool // users are told of the mail it came by
}

func (s *speller) append(b []byte, e messaging.Event) []byte {
	rest := s.rest(e)
	s.data = append(s.data[:0], `{"number":`...)
	s.data = strconv.AppendInt(s.data, e.Number, 10)
	s.data = append(s.data, ',')
	s.data = append(s.data, rest...)
	return sse.AppendNumbered(b, string(e.Type), s.data, s.epoch, e.Number)
}

// rest is the entry's JSON after its number.
func (s *speller) rest(e messaging.Event) []byte {
	if e.Message == nil {
		return restOfOther(entryForm(e))
	}
	k := messageForReader{e.Message.ID, string(e.Type), e.Person == e.Message.Author, e.Message.Origin != nil}
	if r, ok := s.messages[k]; ok {
		return r
	}
	form := entryForm(e)
	r := restOfMessage(form)
	if len(r) > entryBytes-64 {
		m := form.Message
		form.Message = &wire.Message{ID: m.ID, Conversation: m.Conversation, Number: m.Number, Author: m.Author, Key: m.Key,
			Files: []wire.File{}, Mentions: []string{}, CreatedAt: m.CreatedAt, Version: m.Version, Truncated: true}
		r = restOfMessage(form)
	}
	s.messages[k] = r
	return r
}

// restOfOther keeps a conversation or item of very many, or with a very long text, within an entry's bounds.
func restOfOther(form wire.Entry) []byte {
	r := rest(form)
	if len(r) > entryBytes-64 && form.Conversation != nil {
		c := *form.Conversation
		c.Participants, c.LastMessage, c.Truncated = []wire.Participant{}, nil, true
		form.Conversation = &c
		r = rest(form)
	}
	if len(r) > entryBytes-64 && form.Item != nil {
		i := form.Item
		form.Item = &wire.Item{ID: i.ID, Number: i.Number, Kind: i.Kind, State: i.State, Tags: []string{}, Followers: []string{}, Author: i.Author,
			CreatedAt: i.CreatedAt, ChangedAt: i.ChangedAt, Version: i.Version, Truncated: true}
		r = rest(form)
	}
	return r
}

func rest(form wire.Entry) []byte {
	data, _ := json.Marshal(form) // plain structs always encode
	return data[1:]
}

// restOfMessage is rest for an entry that tells of a message, without reflection: nearly every entry does.
func restOfMessage(form wire.Entry) []byte {
	b := make([]byte, 0, len(form.Message.Body)+len(form.Message.Quote)+512)
	b = append(b, `"type":`...)
	b = appendString(b, form.Type)
	b = appendTime(append(b, `,"at":`...), form.At)
	b = append(b, `,"message":`...)
	return append(appendMessage(b, form.Message), '}')
}

// appendMessage writes what json.Marshal would, to the byte.
func appendMessage(b []byte, m *wire.Message) []byte {
	b = appendString(append(b, `{"id":`...), m.ID)
	b = appendString(append(b, `,"conversation":`...), m.Conversation)
	b = strconv.AppendInt(append(b, `,"number":`...), m.Number, 10)
	b = appendOptional(b, `,"author":`, m.Author)
	b = appendString(append(b, `,"body":`...), m.Body)
	b = appendOptional(b, `,"quote":`, m.Quote)
	b = appendList(append(b, `,"files":`...), m.Files)
	b = appendList(append(b, `,"mentions":`...), m.Mentions)
	b = appendTime(append(b, `,"createdAt":`...), m.CreatedAt)
	if m.EditedAt != nil {
		b = appendTime(append(b, `,"editedAt":`...), *m.EditedAt)
	}
	if m.DeletedAt != nil {
		b = appendTime(append(b, `,"deletedAt":`...), *m.DeletedAt)
	}
	b = strconv.AppendInt(append(b, `,"version":`...), m.Version, 10)
	b = appendOptional(b, `,"key":`, m.Key)
	if m.Truncated {
		b = append(b, `,"truncated":true`...)
	}
	if m.Mail != nil {
		data, _ := json.Marshal(m.Mail) // plain structs and strings always encode
		b = append(append(b, `,"mail":`...), data...)
	}
	return append(b, '}')
}

func appendTime(b []byte, t wire.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), wire.TimeForm), '"')
}

func appendOptional(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, name...), s)
}

func appendList[T any](b []byte, list []T) []byte {
	if list != nil && len(list) == 0 {
		return append(b, "[]"...)
	}
	data, _ := json.Marshal(list) // plain structs and strings always encode
	return append(b, data...)
}

// appendString copies a text in which JSON escapes nothing, and leaves the others to json.Marshal.
func appendString(b []byte, s string) []byte {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return appendEscaped(b, s)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && (!utf8.ValidString(s) || strings.ContainsAny(s, "\u2028\u2029")) {
		return appendEscaped(b, s)
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendEscaped(b []byte, s string) []byte {
	data, _ := json.Marshal(s) // texts always encode
	return append(b, data...)
}
