package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/r3labs/sse/v2"
	"gopkg.in/cenkalti/backoff.v1"

	"recado/app/client/sync"
	"recado/app/wire"
)

const (
	// idleLimit: the server says something every 15 s; three times that and the connection is taken for dead.
	idleLimit = 45 * time.Second
	// maxEvent bounds one event. The library's own bound of 64 KiB makes it read a larger one in a circle.
	maxEvent = 1 << 20
)

// Stream reads the feed from a place until the connection ends, and says why it ended; nil only when ctx ended it.
//
// Of r3labs/sse only the framing is trusted. It passes on the torn event a cut connection ends with, keeps the id of
// it, comes back from a clean end without an error, gives up its own retries after 15 minutes, and waits for a silent
// peer for ever. So each connection gets a client of its own that never retries; headers come from the cache's place;
// a silent body is ended here; an event counts when its JSON is whole and its number is the one that is due.
func (r *Remote) Stream(ctx context.Context, from sync.Place, h sync.StreamHandler) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := sse.NewClient(r.base+"/api/v1/feed", sse.ClientMaxBufferSize(maxEvent))
	client.ReconnectStrategy = &backoff.StopBackOff{}
	client.Connection = &http.Client{CheckRedirect: r.http.CheckRedirect,
		Transport: &feedTransport{next: r.http.Transport, token: r.token, from: from, idle: r.idle, cancel: cancel}}
	client.ResponseValidator = func(_ *sse.Client, resp *http.Response) error {
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		defer resp.Body.Close()
		return refusal(resp)
	}
	err := client.SubscribeWithContext(ctx, "", func(ev *sse.Event) {
		if ctx.Err() != nil {
			return // already ended by an event before this one
		}
		if err := dispatch(ev, h); err != nil {
			cancel(err)
		}
	})
	cause := context.Cause(ctx)
	switch {
	case cause != nil && !errors.Is(cause, context.Canceled):
		return cause
	case cause != nil:
		return nil
	case err != nil:
		var refused *sync.Error
		if errors.As(err, &refused) {
			return refused
		}
		return unreached(err)
	}
	return io.ErrUnexpectedEOF
}

// dispatch hands one event on. An event whose JSON is not whole is the rest of a connection that was cut.
func dispatch(ev *sse.Event, h sync.StreamHandler) error {
	switch string(ev.Event) {
	case "hello":
		var v wire.Hello
		if err := decode(ev, &v); err != nil {
			return err
		}
		return h.Hello(v.Epoch, v.Boot, v.Floor, v.Head)
	case "head":
		var v wire.Head
		if err := decode(ev, &v); err != nil {
			return err
		}
		return h.Head(v.Head)
	case "reset":
		var v wire.Reset
		if err := decode(ev, &v); err != nil {
			return err
		}
		return &sync.ResetError{Reason: v.Reason}
	case "bye":
		var v wire.Bye
		if err := decode(ev, &v); err != nil {
			return err
		}
		return &sync.ByeError{Reason: v.Reason, RetryAfterMS: v.RetryAfterMS}
	}
	return dispatchMore(ev, h)
}

func dispatchMore(ev *sse.Event, h sync.StreamHandler) error {
	switch string(ev.Event) {
	case "typing":
		var v wire.Typing
		if err := decode(ev, &v); err != nil {
			return err
		}
		h.Typing(v.Conversation, v.Person)
		return nil
	case "looking":
		var v wire.Looking
		if err := decode(ev, &v); err != nil {
			return err
		}
		h.Looking(v.Conversation, v.Person, v.Looking)
		return nil
	case "presence":
		var v wire.Presence
		if err := decode(ev, &v); err != nil {
			return err
		}
		h.Presence(v.Person, v.State)
		return nil
	case "held":
		h.Held()
		return nil
	case "canned":
		h.Canned()
		return nil
	}
	if string(ev.Event) == "chat" {
		var v wire.ChatPresence
		if err := decode(ev, &v); err != nil {
			return err
		}
		h.Chat(chat(v))
		return nil
	}
	if len(ev.Data) == 0 {
		return nil // a comment
	}
	var v wire.Entry
	if err := decode(ev, &v); err != nil {
		return err
	}
	if v.Number <= 0 {
		return nil // an event of a later server that is not part of the numbered feed
	}
	return h.Entry(entry(v))
}

func decode(ev *sse.Event, out any) error {
	if err := json.Unmarshal(ev.Data, out); err != nil {
		return fmt.Errorf("event %q cut off: %w", ev.Event, err)
	}
	return nil
}

// feedTransport sets what r3labs/sse can't be trusted with, and watches the body.
type feedTransport struct {
	next   http.RoundTripper
	token  string
	from   sync.Place
	idle   time.Duration
	cancel context.CancelCauseFunc
}

// RoundTrip sends the request with the session and the cache's own place.
func (t *feedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+t.token)
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Del("Connection")
	req.Header.Set("Last-Event-ID", wire.Cursor{Epoch: t.from.Epoch, Number: t.from.Number}.String())
	if t.from.Boot != "" {
		req.Header.Set("Recado-Boot", t.from.Boot)
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &watchedBody{ReadCloser: resp.Body, idle: t.idle, timer: time.AfterFunc(t.idle, func() { t.cancel(errIdle) })}
	return resp, nil
}

var errIdle = errors.New("the feed was silent for too long")

// watchedBody ends the connection when a read waits longer than idle. Time spent applying what was read does not count.
type watchedBody struct {
	io.ReadCloser
	idle  time.Duration
	timer *time.Timer
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.idle)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	return n, err
}

func (b *watchedBody) Close() error {
	b.timer.Stop()
	return b.ReadCloser.Close()
}
