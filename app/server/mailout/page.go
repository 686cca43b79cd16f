package mailout

import (
	_ "embed" // the template
	"fmt"
	"html/template"
	"slices"
	"strings"

	"recado/app/desk"
	"recado/app/kit/mailid"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("mail").Parse(pageHTML))

// page is what both parts of a mail show.
type page struct {
	Words                   words
	Marker                  template.HTMLAttr
	ReplyLine, Brand        string
	Subject, Preview        string
	Earlier                 string // what is told of messages that are not in the mail
	Link, Unsubscribe       template.URL
	Internal, Notice, Heads bool
	Messages                []shown
	attached                []File
}

// shown is one message as it stands in the mail.
type shown struct {
	Author, Initials, When string
	Edited, Deleted        bool
	Body                   template.HTML
	Files                  []shownFile
	source                 string
}

type shownFile struct {
	Name, Size string
	Attached   bool
	Link       template.URL // where it is when it is not attached; empty when it is nowhere
}

// lay decides what stands in the mail and which files travel with it: as they come, while there is room.
func lay(n Notice, id Identity, w words) page {
	p := page{Words: w, ReplyLine: mailid.ReplyLines[w.Lang], Brand: line(id.Brand), Subject: line(n.Subject),
		Marker: template.HTMLAttr(mailid.ReplyMarker + `="above"`), Link: webLink(n.Link), Internal: n.Kind == desk.Internal,
		Notice: n.Recipient.Role != ToCustomer, Earlier: w.earlier(n.Omitted)}
	if n.Recipient.Role == ToFollower {
		p.Unsubscribe = webLink(n.Unsubscribe)
	}
	p.Heads = p.Notice || len(n.Messages) > 1 || slices.ContainsFunc(n.Messages, func(m Message) bool { return m.Unproven })
	room := int64(MaxAttached)
	for _, m := range n.Messages {
		s := shown{Author: w.author(m), Initials: initials(line(m.Author)), When: w.when(m.At, id.Zone), Edited: m.Edited, Deleted: m.Deleted}
		if !m.Deleted {
			s.source = m.Body
			for _, f := range m.Files {
				file := shownFile{Name: fileName(f.Name), Size: w.size(f.Size)}
				if f.Open != nil && f.Size >= 0 && f.Size <= room {
					room -= f.Size
					file.Attached, p.attached = true, append(p.attached, f)
				} else if file.Link = webLink(f.Link); file.Link == "" {
					file.Link = p.Link
				}
				s.Files = append(s.Files, file)
			}
			if p.Preview == "" {
				p.Preview = preview(m.Body)
			}
		}
		p.Messages = append(p.Messages, s)
	}
	return p
}

// webLink lets only web addresses into an href.
func webLink(address string) template.URL {
	if !mayLink(address) {
		return ""
	}
	return template.URL(address)
}

// initials are the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])[:1]
	if len(words) > 1 {
		first = append(first, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(first))
}

// preview is what a mail program shows beside the subject.
func preview(body string) string {
	r := []rune(line(plain(body)))
	if len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return string(r)
}

// write gives the text and the HTML part.
func (p page) write() (text, html string, err error) {
	for i := range p.Messages {
		if p.Messages[i].Body, err = rendered(p.Messages[i].source); err != nil {
			return "", "", fmt.Errorf("render message: %w", err)
		}
	}
	var h strings.Builder
	if err := pageTemplate.Execute(&h, p); err != nil {
		return "", "", fmt.Errorf("write html part: %w", err)
	}
	return p.text(), h.String(), nil
}

// text writes the part for programs and people without HTML; nothing in it is lost.
func (p page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", p.ReplyLine)
	if p.Internal {
		fmt.Fprintf(&b, "%s\n\n", p.Words.Team)
	}
	if p.Earlier != "" {
		fmt.Fprintf(&b, "%s\n\n", p.Earlier)
	}
	for i, m := range p.Messages {
		if i > 0 {
			b.WriteString("\n")
		}
		if p.Heads {
			fmt.Fprintf(&b, "%s · %s", m.Author, m.When)
			if m.Edited && !m.Deleted {
				fmt.Fprintf(&b, " · %s", p.Words.Edited)
			}
			b.WriteString("\n")
		}
		if m.Deleted {
			fmt.Fprintf(&b, "[%s]\n", p.Words.Deleted)
			continue
		}
		if body := plain(m.source); body != "" {
			fmt.Fprintf(&b, "%s\n", body)
		}
		for _, f := range m.Files {
			fmt.Fprintf(&b, "* %s (%s)", f.Name, f.Size)
			if f.Attached {
				fmt.Fprintf(&b, ": %s", p.Words.Attached)
			} else if f.Link != "" {
				fmt.Fprintf(&b, ": %s", f.Link)
			}
			b.WriteString("\n")
		}
	}
	p.textFoot(&b)
	return b.String()
}

func (p page) textFoot(b *strings.Builder) {
	fmt.Fprintf(b, "\n-- \n%s\n", p.Words.ReplyHere)
	if p.Link != "" {
		fmt.Fprintf(b, "%s: %s\n", p.Words.OpenIn, p.Link)
	}
	if p.Notice {
		fmt.Fprintf(b, "%s\n", p.Words.Why)
	}
	if p.Unsubscribe != "" {
		fmt.Fprintf(b, "%s: %s\n", p.Words.Stop, p.Unsubscribe)
	}
	if p.Brand != "" {
		fmt.Fprintf(b, "%s\n", p.Brand)
	}
}
