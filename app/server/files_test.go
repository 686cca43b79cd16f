package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

// form is a multipart body written by hand, so that it can hold what no library would write.
func form(parts ...string) (body []byte, contentType string) {
	var b bytes.Buffer
	for _, p := range parts {
		b.WriteString("--BORDER\r\n" + p + "\r\n")
	}
	b.WriteString("--BORDER--\r\n")
	return b.Bytes(), "multipart/form-data; boundary=BORDER"
}

func keyPart(key string) string { return "Content-Disposition: form-data; name=\"key\"\r\n\r\n" + key }

func filePart(name, content string) string {
	return "Content-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\nContent-Type: text/html\r\n\r\n" + content
}

func (a *agent) send(parts ...string) (int, wire.File, []byte) {
	a.t.Helper()
	body, kind := form(parts...)
	status, answer, _ := a.call("POST", "/api/v1/files", body, "Content-Type", kind)
	var f wire.File
	if status < 300 {
		if err := json.Unmarshal(answer, &f); err != nil {
			a.t.Fatal(err)
		}
	}
	return status, f, answer
}

func (a *agent) upload(name, content string) wire.File {
	a.t.Helper()
	status, f, answer := a.send(keyPart(newKey()), filePart(name, content))
	if status != 201 {
		a.t.Fatalf("upload: %d %s", status, answer)
	}
	return f
}

func TestFileComesBackAsItWasAndIsNeverRun(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	page := "<html><script>alert(1)</script></html>" + strings.Repeat("é", 1000)
	f := ana.upload("año ☀.html", page)
	if f.Name != "año ☀.html" || f.Size != int64(len(page)) {
		t.Errorf("file: %+v", f)
	}
	luis.problem(404, "not-found", "GET", "/api/v1/files/"+f.ID, nil) // not before it is sent
	c := ana.start("first", luis)
	ana.must(201, "POST", "/api/v1/conversations/"+c.ID+"/messages", map[string]any{"key": newKey(), "body": "", "files": []string{f.ID}}, nil)
	status, got, h := luis.call("GET", "/api/v1/files/"+f.ID, nil)
	if status != 200 || string(got) != page {
		t.Fatalf("content: %d, %d bytes", status, len(got))
	}
	for name, want := range map[string]string{"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": "attachment; filename*=UTF-8''a%C3%B1o%20%E2%98%80.html", "Content-Security-Policy": "sandbox; default-src 'none'"} {
		if h.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, h.Get(name), want)
		}
	}
	if status, got, h := luis.call("GET", "/api/v1/files/"+f.ID, nil, "Range", "bytes=6-12"); status != 206 || string(got) != page[6:13] || h.Get("Content-Range") == "" {
		t.Errorf("a range: %d %q", status, got)
	}
	png := ana.upload("x.html", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	if _, _, h := ana.call("GET", "/api/v1/files/"+png.ID, nil); h.Get("Content-Type") != "image/png" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") {
		t.Errorf("an image: %v", h)
	}
	svg := ana.upload("x.png", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)
	if _, _, h := ana.call("GET", "/api/v1/files/"+svg.ID, nil); strings.Contains(h.Get("Content-Type"), "svg") || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("a picture that runs: %v", h)
	}
}

func TestFileKeys(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Agent)
	status, f, answer := ana.send(filePart("a.txt", "one"), keyPart("k")) // in any order
	if status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	if status, again, _ := ana.send(keyPart("k"), filePart("a.txt", "one")); status != 200 || again.ID != f.ID {
		t.Errorf("again: %d %+v", status, again)
	}
	if status, _, answer := ana.send(keyPart("k"), filePart("a.txt", "two")); status != 409 || !bytes.Contains(answer, []byte("key-reused")) {
		t.Errorf("other content: %d %s", status, answer)
	}
	if _, got, _ := ana.call("GET", "/api/v1/files/"+f.ID, nil); string(got) != "one" {
		t.Errorf("the first is now %q", got)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Agent)
	for _, c := range []struct {
		status int
		parts  []string
	}{
		{422, nil},
		{422, []string{keyPart("k")}},
		{422, []string{filePart("a", "x")}},
		{422, []string{keyPart("a b"), filePart("a", "x")}},
		{422, []string{keyPart(strings.Repeat("k", 65)), filePart("a", "x")}},
		{422, []string{keyPart("k"), filePart("a", "x"), filePart("b", "y")}},
		{422, []string{keyPart("k"), filePart("a", "x"), "Content-Disposition: form-data; name=\"owner\"\r\n\r\nx"}},
	} {
		if status, _, answer := ana.send(c.parts...); status != c.status {
			t.Errorf("%q: %d %s, want %d", c.parts, status, answer, c.status)
		}
	}
	ana.problem(415, "unsupported-type", "POST", "/api/v1/files", []byte(`{"key":"k"}`))
	body, kind := form(keyPart("k"), filePart("a", "x"))
	if status, answer, _ := ana.call("POST", "/api/v1/files", body[:len(body)-14], "Content-Type", kind); status != 400 {
		t.Errorf("cut off: %d %s", status, answer)
	}
	for name, want := range map[string]string{"../../etc/passwd": "passwd", `..\\..\\x.exe`: "x.exe", "CON": "_CON", "nul.txt": "_nul.txt",
		"a\u202etxt.exe": "atxt.exe", "": "file", "..": "file", strings.Repeat("ñ", 400) + ".pdf": strings.Repeat("ñ", 98) + ".pdf"} {
		if f := ana.upload(name, "x"); f.Name != want {
			t.Errorf("name %q: %q, want %q", name, f.Name, want)
		}
	}
}

// TestFileTooLarge announces 5 GB, and in another try just sends without end; neither is read to its end or kept.
func TestFileTooLarge(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Agent)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=BORDER\r\nContent-Length: 5368709120\r\nExpect: 100-continue\r\n\r\n", ana.token)
	answer := make([]byte, 12)
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 413" {
		t.Errorf("5 GB announced: %q %v", answer, err)
	}
	head := "--BORDER\r\n" + keyPart("k") + "\r\n--BORDER\r\n" + filePart("big", "")
	req, err := http.NewRequest("POST", s.url+"/api/v1/files", io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, desk.MaxFileSize+1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+ana.token)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=BORDER")
	if res, err := http.DefaultClient.Do(req); err == nil { // the connection may be cut before all is sent
		res.Body.Close()
		if res.StatusCode != 413 {
			t.Errorf("without end: %d", res.StatusCode)
		}
	}
	ana.must(200, "GET", "/api/v1/me", nil, nil)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
