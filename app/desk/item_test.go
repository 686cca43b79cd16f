package desk

import (
	"reflect"
	"strings"
	"testing"
)

func TestCheckItem(t *testing.T) {
	t.Parallel()
	good := Item{Kind: Ticket, State: ItemOpen, Title: "The printer is on fire", Tags: []string{" Fire ", "printer", "FIRE", "second  floor"}}
	got, err := CheckItem(good)
	if err != nil || !reflect.DeepEqual(got.Tags, []string{"fire", "printer", "second floor"}) {
		t.Errorf("tags %q, %v", got.Tags, err)
	}
	many := make([]string, MaxItemTags+1)
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	for location, bad := range map[string]func(*Item){
		"body.kind":        func(i *Item) { i.Kind = "bug" },
		"body.state":       func(i *Item) { i.State = "closed" },
		"body.title":       func(i *Item) { i.Title = " \u200b" },
		"body.description": func(i *Item) { i.Description = strings.Repeat("ñ", MaxDescription+1) },
		"body.project":     func(i *Item) { i.Project = "a\u202eb" },
		"body.due":         func(i *Item) { i.Due = Latest + 1 },
		"body.tags":        func(i *Item) { i.Tags = many },
	} {
		i := good
		bad(&i)
		if _, err := CheckItem(i); err == nil || err.Fields[0].Location != location {
			t.Errorf("%s: %v", location, err)
		}
	}
	for _, tag := range []string{"", "  ", "a,b", "a\nb", "\xff", strings.Repeat("x", MaxTag+1)} {
		i := good
		i.Tags = []string{tag}
		if _, err := CheckItem(i); err == nil {
			t.Errorf("the tag %q was taken", tag)
		}
	}
}

func TestTitleFrom(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 60)
	for _, c := range []struct {
		texts []string
		want  string
	}{
		{nil, ""}, {[]string{"", " \n\t"}, ""}, {[]string{"", "second"}, "second"},
		{[]string{"\n\n  The lamp\tis   broken\r\nand more", "x"}, "The lamp is broken"},
		{[]string{"turned \u202Eround\u0000"}, "turned round"}, {[]string{"bad \xff bytes"}, "bad bytes"},
		{[]string{long}, strings.TrimSpace(long[:titleLength-1]) + "…"},
	} {
		got := TitleFrom(c.texts...)
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.texts, got, c.want)
		}
		if _, e := CheckItem(Item{Kind: Ticket, State: ItemOpen, Title: got}); e != nil && got != "" {
			t.Errorf("%q can't be a title: %v", got, e)
		}
	}
}
