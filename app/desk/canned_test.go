package desk_test

import (
	"strings"
	"testing"

	"recado/app/desk"
)

func TestCannedAnswersAreChecked(t *testing.T) {
	t.Parallel()
	kept, e := desk.CannedAnswer{Name: "  Where  is my\tparcel ", Body: "Hello {customer.name}\n"}.Check()
	if e != nil || kept.Name != "Where is my parcel" || kept.Body != "Hello {customer.name}\n" || kept.Folded() != "where is my parcel" {
		t.Errorf("kept %+v, %v", kept, e)
	}
	for name, bad := range map[string]desk.CannedAnswer{
		"no name":       {Name: " \u200b", Body: "x"},
		"long name":     {Name: strings.Repeat("ñ", desk.MaxCannedName+1), Body: "x"},
		"turned text":   {Name: "a\u202eb", Body: "x"},
		"no text":       {Name: "a", Body: " \n"},
		"long text":     {Name: "a", Body: strings.Repeat("é", desk.MaxCannedBody+1)},
		"NUL":           {Name: "a", Body: "a\x00b"},
		"not UTF-8":     {Name: "a", Body: "\xff"},
		"control in it": {Name: "a\x07b", Body: "x"},
	} {
		if _, e := bad.Check(); e == nil || e.Code != "invalid" || len(e.Fields) != 1 {
			t.Errorf("%s: %v", name, e)
		}
	}
	if _, e := (desk.CannedAnswer{Name: strings.Repeat("ñ", desk.MaxCannedName), Body: strings.Repeat("é", desk.MaxCannedBody)}).Check(); e != nil {
		t.Errorf("at the bounds: %v", e)
	}
}
