package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"recado/app/desk"
)

// What encoding/json lets pass and the contract does not: names in another case, a name twice, null in a list, and
// escapes that no text keeps as it is. All of it would be taken silently for something that was not sent.

// jsonNames gives the names of all fields a type takes, its parts included.
func jsonNames(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	gatherNames(t, names)
	return names
}

func gatherNames(t reflect.Type, names map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		gatherNames(t.Elem(), names)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
				names[name] = true
				gatherNames(f.Type, names)
			}
		}
	}
}

// frame is one open object or list.
type frame struct {
	list  bool
	names []string
}

// checkShape looks at a body that is known to be one valid JSON value.
func checkShape(body []byte, names map[string]bool) error {
	var open []frame
	name := false // whether a string that comes now is a name
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			open = append(open, frame{list: body[i] == '['})
			name = body[i] == '{'
		case '}', ']':
			open = open[:len(open)-1]
			name = false
		case ',':
			name = !open[len(open)-1].list
		case ':':
			name = false
		case 'n':
			if len(open) > 0 && open[len(open)-1].list {
				return desk.Invalid("body", "a list holds null")
			}
			i += len("null") - 1
		case '"':
			end := stringEnd(body, i)
			if name {
				if err := open[len(open)-1].take(body[i:end], names); err != nil {
					return err
				}
			}
			i = end - 1
		}
	}
	return nil
}

// stringEnd gives the place after the string that begins at i.
func stringEnd(body []byte, i int) int {
	for i++; body[i] != '"'; i++ {
		if body[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func (f *frame) take(quoted []byte, names map[string]bool) error {
	name := string(quoted[1 : len(quoted)-1])
	if strings.Contains(name, `\`) {
		if err := json.Unmarshal(quoted, &name); err != nil {
			return errMalformed("the body is not JSON")
		}
	}
	if !names[name] {
		return desk.Invalid("body", "holds an unknown field")
	}
	if slices.Contains(f.names, name) {
		return errMalformed("a field stands twice")
	}
	f.names = append(f.names, name)
	return nil
}

// checkEscapes refuses \ud800–\udfff that are no pair, for Go would replace them silently, and \u0000, which not every
// database keeps.
func checkEscapes(body []byte) error {
	for i := bytes.IndexByte(body, '\\'); i >= 0 && i < len(body); {
		if body[i] != '\\' {
			next := bytes.IndexByte(body[i:], '\\')
			if next < 0 {
				return nil
			}
			i += next
		}
		if i+1 < len(body) && body[i+1] != 'u' {
			i += 2
			continue
		}
		switch n := escaped(body, i); {
		case n == 0:
			return desk.Invalid("body", "text must not contain the character NUL")
		case n < 0xd800 || n > 0xdfff:
			i += 6
		case n > 0xdbff || escaped(body, i+6) < 0xdc00 || escaped(body, i+6) > 0xdfff:
			return errMalformed("the body holds half of a surrogate pair")
		default:
			i += 12
		}
	}
	return nil
}

// escaped gives the code unit of a \uXXXX that begins at i, -1 where there is none.
func escaped(body []byte, i int) int {
	if i+6 > len(body) || body[i] != '\\' || body[i+1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(body[i+2:i+6]), 16, 32)
	if err != nil {
		return -1
	}
	return int(n)
}
