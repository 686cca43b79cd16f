package desk

import (
	"reflect"
	"testing"
	"unicode/utf8"
)

func TestFoldTableHasOnePlainLetterForEachMarked(t *testing.T) {
	t.Parallel()
	if a, b := utf8.RuneCountInString(marked), len(plain); a != b {
		t.Fatalf("%d marked letters and %d plain ones", a, b)
	}
	for in, want := range map[string]string{"Marín": "marin", "Šárka": "sarka", "Ñandú": "nandu", "Øl": "ol", "ŽLUŤ": "zlut", "Çaß": "caß"} {
		if got := Words(in); len(got) != 1 || got[0] != want {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	got := Matches("El café, 𝄞 el CAFÉTERO y Ana", Words("cafe an"))
	want := [][2]int{{3, 7}, {14, 18}, {25, 27}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
