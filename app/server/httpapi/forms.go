package httpapi

import (
	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/wire"
)

// What stands in the domain, in the forms of the contract.

func personForm(p desk.Person) wire.Person {
	return wire.Person{ID: p.ID, Kind: string(p.Kind), Name: p.Name, Email: p.Email, Organisation: p.Organisation, Role: string(p.Role),
		Disabled: p.Disabled, Unverified: p.Unverified, MergedInto: p.MergedInto, Locale: p.Locale, CreatedAt: wire.Millis(p.CreatedAt), Version: p.Version}
}

func fileForm(f desk.File) wire.File {
	return wire.File{ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type}
}

// messageForm gives the key to its author alone.
func messageForm(m desk.Message, viewer string) wire.Message {
	out := wire.Message{ID: m.ID, Conversation: m.Conversation, Number: m.Number, Author: m.Author, Body: m.Body,
		Files: make([]wire.File, 0, len(m.Files)), Mentions: m.Mentions, CreatedAt: wire.Millis(m.CreatedAt),
		EditedAt: wire.MillisOrNil(m.EditedAt), DeletedAt: wire.MillisOrNil(m.DeletedAt), Version: m.Version}
	for _, f := range m.Files {
		out.Files = append(out.Files, fileForm(f))
	}
	if out.Mentions == nil {
		out.Mentions = []string{}
	}
	if viewer == m.Author {
		out.Key = m.Key
	}
	if o := m.Origin; o != nil {
		out.Mail = &wire.MailMark{Verified: !o.Unverified, Automatic: o.Automatic, Folded: o.Folded}
		for _, other := range o.Others {
			out.Mail.Others = append(out.Mail.Others, wire.MailAddress{Name: other.Name, Email: other.Email})
		}
	}
	return out
}

func conversationForm(v messaging.View, viewer string) wire.Conversation {
	out := wire.Conversation{ID: v.ID, Kind: string(v.Kind), Subject: v.Subject, State: v.State, Item: v.Item, Assignee: v.Assignee,
		Participants: make([]wire.Participant, 0, len(v.Participants)), LastNumber: v.LastNumber, LastAt: wire.Millis(v.LastAt),
		SeenUpTo: v.Mine.SeenUpTo, Unseen: v.Unseen, Muted: v.Mine.Muted, SnoozedUntil: wire.MillisOrNil(v.Mine.SnoozedUntil),
		HistoryFrom: v.From, CreatedAt: wire.Millis(v.CreatedAt), Version: v.Version, Audience: v.AudienceTag()}
	out.WaitingSince, out.MergedInto, out.SplitFrom = wire.MillisOrNil(v.WaitingSince), v.MergedInto, v.SplitFrom
	if v.Mine.SnoozedUntil == desk.Latest {
		out.SnoozedUntil, out.SnoozedUntilAnswer = nil, true
	}
	for _, s := range v.Participants {
		out.Participants = append(out.Participants, wire.Participant{Person: s.Person, HistoryFrom: s.HistoryFrom,
			SeenUpTo: s.SeenUpTo, SeenAt: wire.MillisOrNil(s.SeenAt)})
	}
	if v.Last != nil {
		last := messageForm(*v.Last, viewer)
		out.LastMessage = &last
	}
	return out
}

func settingsForm(s desk.Settings) wire.NotificationSettings {
	out := wire.NotificationSettings{Bubbles: s.Bubbles, Sound: s.Sound, Preview: s.Preview,
		Mail: wire.MailSetting{On: s.Mail, AfterSeconds: s.MailAfterSeconds}}
	if s.QuietFrom != "" {
		out.QuietHours = &wire.QuietHours{From: s.QuietFrom, To: s.QuietTo}
	}
	return out
}

func deliveryForm(d desk.Delivery) wire.Delivery {
	return wire.Delivery{Message: d.Message, Conversation: d.Conversation, Person: d.Person, Channel: string(d.Channel), State: string(d.State),
		DueAt: wire.MillisOrNil(d.DueAt), At: wire.Millis(d.At), Code: string(d.Reason), Reason: d.Reason.Words(), Attempts: d.Attempts, Detail: d.Detail}
}

// entryForm is a feed entry for one reader, without its number.
func entryForm(e messaging.Event) wire.Entry {
	out := wire.Entry{Type: string(e.Type), At: wire.Millis(e.At)}
	switch {
	case e.Message != nil:
		m := messageForm(*e.Message, e.Person)
		out.Message = &m
	case e.View != nil:
		c := conversationForm(*e.View, e.Person)
		out.Conversation = &c
	case e.Subject != nil:
		p := personForm(*e.Subject)
		out.Person = &p
	case e.Seen != nil:
		out.Seen = &wire.Seen{Conversation: e.Conversation, Person: e.Ref, UpTo: e.Seen.SeenUpTo, At: wire.Millis(e.Seen.SeenAt)}
	case e.Sent != nil:
		d := deliveryForm(*e.Sent)
		out.Delivery = &d
	case e.Set != nil:
		s := settingsForm(*e.Set)
		out.Settings = &s
	case e.Item != nil:
		i := itemForm(*e.Item)
		out.Item = &i
	case e.Type == desk.AccessLost:
		out.Lost = e.Conversation
	}
	return out
}
