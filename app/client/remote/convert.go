package remote

import (
	"recado/app/client/sync"
	"recado/app/wire"
)

func stamp(t wire.Time) string { return t.UTC().Format(wire.TimeForm) }

func stampOrNone(t *wire.Time) string {
	if t == nil {
		return ""
	}
	return stamp(*t)
}

func person(p wire.Person) sync.Person {
	return sync.Person{ID: p.ID, Kind: p.Kind, Name: p.Name, Email: p.Email, Organisation: p.Organisation, Role: p.Role,
		Disabled: p.Disabled, Unverified: p.Unverified, MergedInto: p.MergedInto, Version: p.Version}
}

func message(m wire.Message) sync.Message {
	out := sync.Message{RowKey: m.ID, ID: m.ID, Conversation: m.Conversation, Number: m.Number, Author: m.Author, Body: m.Body,
		Files: []sync.FileRef{}, Mentions: m.Mentions, CreatedAt: stamp(m.CreatedAt), EditedAt: stampOrNone(m.EditedAt),
		DeletedAt: stampOrNone(m.DeletedAt), State: sync.Sent, Version: m.Version, Key: m.Key, Mail: mailMark(m.Mail), Truncated: m.Truncated}
	if m.Key != "" {
		out.RowKey = m.Key
	}
	if out.Mentions == nil {
		out.Mentions = []string{}
	}
	for _, f := range m.Files {
		out.Files = append(out.Files, sync.FileRef{ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type, Image: sync.SafeImage(f.Type)})
	}
	return out
}

func conversation(v wire.Conversation) sync.Conversation {
	out := sync.Conversation{ID: v.ID, Kind: v.Kind, Subject: v.Subject, State: v.State, Participants: make([]sync.Participant, len(v.Participants)),
		LastAt: stamp(v.LastAt), LastNumber: v.LastNumber, SeenUpTo: v.SeenUpTo, Unseen: v.Unseen, Muted: v.Muted, Item: v.Item,
		HistoryFrom: v.HistoryFrom, Version: v.Version, Audience: v.Audience, Truncated: v.Truncated,
		Assignee: v.Assignee, SnoozedUntil: stampOrNone(v.SnoozedUntil), WaitingSince: stampOrNone(v.WaitingSince), MergedInto: v.MergedInto, SplitFrom: v.SplitFrom}
	if v.SnoozedUntilAnswer {
		out.SnoozedUntil = sync.UntilAnswer
	}
	for i, p := range v.Participants {
		out.Participants[i] = sync.Participant{Person: p.Person, HistoryFrom: p.HistoryFrom, SeenUpTo: p.SeenUpTo, SeenAt: stampOrNone(p.SeenAt)}
	}
	if v.LastMessage != nil {
		m := message(*v.LastMessage)
		out.LastMessage = &m
	}
	return out
}

func delivery(d wire.Delivery) sync.Delivery {
	return sync.Delivery{Person: d.Person, Channel: d.Channel, State: d.State, DueAt: stampOrNone(d.DueAt), At: stamp(d.At),
		Code: d.Code, Reason: d.Reason, Detail: d.Detail, Message: d.Message, Conversation: d.Conversation}
}

func settings(s wire.NotificationSettings) sync.NotificationSettings {
	out := sync.NotificationSettings{Bubbles: s.Bubbles, Sound: s.Sound, Preview: s.Preview,
		Mail: s.Mail.On, MailAfter: s.Mail.AfterSeconds}
	if s.QuietHours != nil {
		out.QuietFrom, out.QuietTo = s.QuietHours.From, s.QuietHours.To
	}
	return out
}

func entry(e wire.Entry) sync.Entry {
	out := sync.Entry{Number: e.Number, Type: sync.EntryType(e.Type), At: stamp(e.At), Lost: e.Lost}
	if e.Message != nil {
		m := message(*e.Message)
		out.Message = &m
	}
	if e.Conversation != nil {
		v := conversation(*e.Conversation)
		out.Conversation = &v
	}
	if e.Person != nil {
		p := person(*e.Person)
		out.Person = &p
	}
	if e.Seen != nil {
		out.Seen = &sync.Seen{Conversation: e.Seen.Conversation, Person: e.Seen.Person, UpTo: e.Seen.UpTo, At: stamp(e.Seen.At)}
	}
	if e.Delivery != nil {
		d := delivery(*e.Delivery)
		out.Delivery = &d
	}
	if e.Item != nil {
		i := item(*e.Item)
		out.Item = &i
	}
	if e.Settings != nil {
		s := settings(*e.Settings)
		out.Settings = &s
	}
	return out
}
