// Package remote is the server as the client sees it: REST and the feed, in the client's own types.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"recado/app/client/sync"
	"recado/app/wire"
)

const (
	callTimeout   = 30 * time.Second
	uploadTimeout = 15 * time.Minute
	maxAnswer     = 64 << 20
)

// Remote speaks to one server, with one session. Its methods may be called from any goroutine. An answer that refuses
// becomes a *sync.Error with the server's code, sentence and status; any other error means that no answer came.
type Remote struct {
	base  string
	token string
	http  *http.Client
	// Idle ends a feed that brings nothing for so long.
	idle time.Duration
}

var _ sync.Remote = (*Remote)(nil)

// Dial makes a connection, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// New makes a Remote for the server at address (http or https, without a path); token may be empty before signing in.
// dial is nil, or makes the connections.
func New(address, token string, dial Dial) (*Remote, error) {
	base, err := Address(address)
	if err != nil {
		return nil, err
	}
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dial,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: callTimeout, IdleConnTimeout: 90 * time.Second,
		MaxIdleConnsPerHost: 4, ForceAttemptHTTP2: true,
	}
	// A redirect would carry the token to wherever it points.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Remote{base: base, token: token, http: &http.Client{Transport: transport, CheckRedirect: stay}, idle: idleLimit}, nil
}

// Address brings what a person typed into the form kept: scheme and host, https where no scheme was given.
func Address(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed != "" && !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return "", &sync.Error{Code: sync.CodeInvalid, Message: "This is not the address of a server. It looks like https://recado.example.com."}
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/"), nil
}

// Base is the server's address without a slash at its end.
func (r *Remote) Base() string { return r.base }

// Close lets go of idle connections.
func (r *Remote) Close() { r.http.CloseIdleConnections() }

// call sends body as JSON (nil: none) and reads the answer into out (nil: nothing is expected).
func (r *Remote) call(ctx context.Context, method, path string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(b)
	}
	req, err := r.request(ctx, method, path, content)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return r.do(req, out)
}

func (r *Remote) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.base+"/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	return req, nil
}

func (r *Remote) do(req *http.Request, out any) error {
	resp, err := r.http.Do(req)
	if err != nil {
		return unreached(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return refusal(resp)
	}
	if out == nil || resp.StatusCode == http.StatusNoContent {
		_, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", req.Method, req.URL.Path, err)
	}
	return nil
}

// unreached takes the address out of an error: links to files and pages are nobody's business in a log.
func unreached(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return sync.Because(err, sync.CodeOffline, "The server can't be reached. Check the network and try again.")
}

// refusal reads the problem the server answered with; where it is none (a proxy in between), it says so.
func refusal(resp *http.Response) *sync.Error {
	e := &sync.Error{Status: resp.StatusCode, Code: "http-" + strconv.Itoa(resp.StatusCode),
		Message: fmt.Sprintf("The server answered with an error (%d %s).", resp.StatusCode, http.StatusText(resp.StatusCode))}
	e.RetryAfter, _ = strconv.Atoi(resp.Header.Get("Retry-After"))
	var p wire.Problem
	err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p)
	if err != nil || !strings.HasPrefix(p.Type, wire.ProblemPrefix) {
		return e
	}
	e.Code, e.Message = p.Name(), p.Error()
	for _, f := range p.Errors {
		e.Fields = append(e.Fields, sync.Field{Location: f.Location, Message: f.Message})
	}
	return e
}

// Upload sends a file; the same key with the same content answers with the same file.
func (r *Remote) Upload(ctx context.Context, key, name string, content io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() { pw.CloseWithError(writeForm(form, key, name, content)) }()
	// Whatever happens, the writer must not wait for a reader that has gone.
	defer pr.Close()
	req, err := r.request(ctx, http.MethodPost, "/files", pr)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	var f wire.File
	err = r.do(req, &f)
	return f.ID, err
}

func writeForm(form *multipart.Writer, key, name string, content io.Reader) error {
	if err := form.WriteField("key", key); err != nil {
		return err
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, content); err != nil {
		return err
	}
	return form.Close()
}

// Download opens an attachment's content; the caller closes it.
func (r *Remote) Download(ctx context.Context, id string) (io.ReadCloser, error) {
	return r.open(ctx, "/files/"+url.PathEscape(id))
}

// open begins to read what lies at a path; the caller closes it.
func (r *Remote) open(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := r.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return nil, unreached(err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	return resp.Body, nil
}
