package bind_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"recado/app/desktop/bind"
)

var (
	portService = regexp.MustCompile(`(?s)export interface (\w+)Service \{(.*?)\n\}`)
	portMethod  = regexp.MustCompile(`(?ms)^  (\w+)\((.*?)\): Promise<`)
)

// TestTheWindowCallsWhatIsBound compares the window's port with the Go services: each method stands on both sides, with
// as many arguments. Their types are compared when the bindings are made.
func TestTheWindowCallsWhatIsBound(t *testing.T) {
	t.Parallel()
	var port []byte
	names, err := filepath.Glob("../../../frontend/src/bridge/*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		part, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		port = append(port, part...)
	}
	services := reflect.TypeFor[bind.Services]()
	seen := 0
	for _, s := range portService.FindAllStringSubmatch(string(port), -1) {
		field, ok := services.FieldByName(s[1])
		if !ok {
			t.Errorf("the window calls a service %s, which is not bound", s[1])
			continue
		}
		seen++
		compareService(t, s[1], field.Type, s[2])
	}
	if seen != services.NumField() {
		t.Errorf("the window knows %d of %d services", seen, services.NumField())
	}
}

func compareService(t *testing.T, name string, service reflect.Type, port string) {
	t.Helper()
	inPort := map[string]bool{}
	for _, m := range portMethod.FindAllStringSubmatch(port, -1) {
		inPort[m[1]] = true
		bound, ok := service.MethodByName(m[1])
		if !ok {
			t.Errorf("the window calls %s.%s, which is not bound", name, m[1])
			continue
		}
		if want := bound.Type.NumIn() - 1; arguments(m[2]) != want {
			t.Errorf("%s.%s takes %d arguments, the window gives %d", name, m[1], want, arguments(m[2]))
		}
	}
	for i := range service.NumMethod() {
		if m := service.Method(i).Name; !inPort[m] {
			t.Errorf("%s.%s is bound, and the window does not know it", name, m)
		}
	}
}

// arguments counts the parameters of a method of the port.
func arguments(list string) int {
	if strings.TrimSpace(list) == "" {
		return 0
	}
	return strings.Count(list, ": ")
}
