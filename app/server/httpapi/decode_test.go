package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"recado/app/wire"
)

// BenchmarkDecode is what the strict reading of a usual message costs.
func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"key":"0192f0c4-7a50-7c3e-8000-000000000001","body":"` + strings.Repeat("The plan is \\u00e1 good one. ", 20) + `"}`)
	names := jsonNames(reflect.TypeFor[wire.NewMessage]())
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		r := &request{Request: &http.Request{Method: "POST", Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body))}, names: names}
		var in wire.NewMessage
		if err := decode(w, r, &in); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzShape: whatever is valid JSON is looked through without a panic, and nothing that is refused was taken.
func FuzzShape(f *testing.F) {
	for _, s := range []string{`{"key":"k","body":"x"}`, `{"key":"\\","body":"\ud83d\ude00"}`, `{"body":"\ud800"}`, `{"files":[null]}`, `[[{}]]`, `{"a":{"a":1}}`, `"\u0000"`} {
		f.Add([]byte(s))
	}
	names := jsonNames(reflect.TypeFor[wire.NewMessage]())
	f.Fuzz(func(t *testing.T, body []byte) {
		var in wire.NewMessage
		r := &request{Request: httptest.NewRequest("POST", "/", bytes.NewReader(body)), names: names}
		if err := decode(httptest.NewRecorder(), r, &in); err != nil {
			return
		}
		if strings.ContainsRune(in.Body, 0) || bytes.Contains(body, []byte(`\u0000`)) && !bytes.Contains(body, []byte(`\\`)) {
			t.Errorf("NUL was taken: %q", body)
		}
		if strings.ContainsRune(in.Body, '\ufffd') && !bytes.Contains(body, []byte("\ufffd")) && !bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`)) {
			t.Errorf("a character was replaced: %q", body)
		}
	})
}
