package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"recado/app/wire"
)

// Speaker is one person's program on the network: REST and the feed, by the contract alone.
type Speaker struct {
	Base   string
	Email  string
	Person wire.Person
	token  string
	from   string // the address it says it comes from, to a server that believes the load; empty: says nothing
	http   *http.Client
}

// callTimeout bounds one request; a killed server answers at once with a broken connection.
const callTimeout = 20 * time.Second

func (s *Speaker) signIn(ctx context.Context) error {
	var got wire.Session
	err := s.call(ctx, "POST", "/sessions", map[string]string{"email": s.Email, "password": password, "device": "audit"}, &got)
	s.token, s.Person = got.Token, got.Person
	return err
}

// call does one request of the REST interface. A refusal of the server is a wire.Problem; anything else is the network's.
func (s *Speaker) call(ctx context.Context, method, path string, in, out any) error {
	return s.do(ctx, method, "/api/v1"+path, in, out)
}

func (s *Speaker) do(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.Base+path, body)
	if err != nil {
		return err
	}
	s.sign(req)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return problem(resp.StatusCode, b)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

func problem(status int, body []byte) error {
	p := wire.Problem{Status: status, Title: http.StatusText(status)}
	if err := json.Unmarshal(body, &p); err != nil {
		return fmt.Errorf("status %d without a problem: %w", status, err)
	}
	return p
}

func (s *Speaker) sign(r *http.Request) {
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	if s.from != "" {
		r.Header.Set("X-Forwarded-For", s.from)
	}
}

// insist repeats a call until the server answers it: a broken connection and a 5xx are no answer. Fit only for calls
// that a key or their nature makes safe to repeat.
func (s *Speaker) insist(ctx context.Context, method, path string, in, out any) error {
	for {
		err := s.call(ctx, method, path, in, out)
		var refused wire.Problem
		if err == nil || errors.As(err, &refused) && refused.Status < 500 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; last: %w", ctx.Err(), err)
		case <-time.After(time.Duration(5+rand.IntN(40)) * time.Millisecond):
		}
	}
}

// start starts a conversation, insisting with one key.
func (s *Speaker) start(ctx context.Context, key, body string, with ...string) (v wire.Conversation, err error) {
	err = s.insist(ctx, "POST", "/conversations", wire.NewConversation{Key: key, Kind: "internal", Participants: with,
		Message: wire.NewMessage{Body: body}}, &v)
	return v, err
}

// post posts a message, insisting with one key.
func (s *Speaker) post(ctx context.Context, conversation, key, body string) (m wire.Message, err error) {
	err = s.insist(ctx, "POST", "/conversations/"+conversation+"/messages", wire.NewMessage{Key: key, Body: body}, &m)
	return m, err
}

// event is one complete event of the stream.
type event struct{ name, data, id string }

// stream opens the feed after a cursor (empty: from the oldest entry) and gives each complete event to each, until the
// stream ends, each fails or ctx ends. What a cut left incomplete is dropped, as the standard asks.
func (s *Speaker) stream(ctx context.Context, after string, each func(event) error) error {
	req, err := http.NewRequestWithContext(ctx, "GET", s.Base+"/api/v1/feed", nil)
	if err != nil {
		return err
	}
	s.sign(req)
	req.Header.Set("Accept", "text/event-stream")
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b, err := io.ReadAll(resp.Body)
		return errors.Join(err, problem(resp.StatusCode, b))
	}
	return events(resp.Body, each)
}

func events(r io.Reader, each func(event) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var e event
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if e.name != "" || e.data != "" {
				if err := each(e); err != nil {
					return err
				}
			}
			e = event{}
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			e.name = value
		case "data":
			e.data += value
		case "id":
			e.id = value
		}
	}
}
