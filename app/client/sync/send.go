package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"strconv"
	"time"
)

// sendLoop sends what is in the outbox and tells what was seen, as soon as there is something and the server answers.
func (e *Engine) sendLoop(ctx context.Context) {
	for fails := 0; ; {
		wait, err := e.sendAll(ctx)
		if ctx.Err() != nil {
			return
		}
		if a := answered(err); a != nil && a.Status == 401 {
			e.SessionEnded()
			return
		}
		if err == nil {
			fails, wait = 0, e.untilLeaving(ctx)
		} else {
			e.Logger.Info("sending waits", "error", err)
			wait = max(wait, e.Backoff(fails))
			fails++
		}
		if !pause(ctx, wait, e.sendWake) {
			return
		}
	}
}

// untilLeaving is how long nothing will be to be sent, unless something is typed or the connection comes back.
func (e *Engine) untilLeaving(ctx context.Context) time.Duration {
	next, err := e.Store.NextLeaving(ctx)
	if err != nil || next.IsZero() {
		return time.Hour
	}
	// A little later than the moment: it is compared in whole milliseconds.
	return max(next.Sub(e.Now())+2*time.Millisecond, 2*time.Millisecond)
}

// sendAll sends until the outbox holds nothing that can go. wait is what the server asked for with its refusal.
func (e *Engine) sendAll(ctx context.Context) (wait time.Duration, err error) {
	for {
		ready, err := e.Store.Sendable(ctx)
		if err != nil {
			return 0, err
		}
		for _, o := range ready {
			if err := e.send(ctx, o); err != nil {
				if a := answered(err); a != nil {
					wait = time.Duration(a.RetryAfter) * time.Second
				}
				return wait, err
			}
		}
		if len(ready) == 0 {
			if err := e.tellSeen(ctx); err != nil {
				return 0, err
			}
			return 0, e.tellSnoozes(ctx)
		}
	}
}

// send sends one message with its files. It returns an error only where sending is to be tried again with the same key;
// a refusal for good stays with the message.
func (e *Engine) send(ctx context.Context, o Outgoing) error {
	changes, err := e.deliver(ctx, o)
	a := answered(err)
	switch {
	case err == nil:
		e.tell(ctx, changes)
		e.change(func(*Connection) {})
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return e.refuse(ctx, o.Key, Failed, "A file of this message is no longer on this computer.")
	case passing(err) || a.Status == 401:
		return err
	case a.Code == CodeAudience:
		return e.refuse(ctx, o.Key, Held, a.Message)
	}
	return e.refuse(ctx, o.Key, Failed, a.Message)
}

func (e *Engine) refuse(ctx context.Context, key, state, problem string) error {
	m, err := e.Store.Refused(ctx, key, state, problem)
	if err != nil {
		return err
	}
	e.Emit(Event{Type: MessageEvent, Message: &m})
	return nil
}

func (e *Engine) deliver(ctx context.Context, o Outgoing) (Changes, error) {
	for i := len(o.Uploaded); i < len(o.Files); i++ {
		id, err := e.upload(ctx, FileKey(o.Key, i), o.Files[i])
		if err != nil {
			return Changes{}, err
		}
		if err := e.Store.FileSent(ctx, o.Key, id); err != nil {
			return Changes{}, err
		}
		o.Uploaded = append(o.Uploaded, id)
	}
	if o.Create {
		v, err := e.Remote.Create(ctx, o)
		if err != nil {
			return Changes{}, err
		}
		return e.Store.ConversationSent(ctx, o.Key, v)
	}
	m, err := e.Remote.Post(ctx, o)
	if err != nil {
		return Changes{}, err
	}
	return e.Store.MessageSent(ctx, o.Key, m)
}

func (e *Engine) upload(ctx context.Context, key string, f FileRef) (string, error) {
	content, err := e.Store.OpenPending(f.ID)
	if err != nil {
		return "", err
	}
	defer content.Close()
	return e.Remote.Upload(ctx, key, f.Name, content)
}

// FileKey is the key of the file at index of the message with this key: at most 64 characters, the same at every try.
func FileKey(key string, index int) string {
	own := key + "-" + strconv.Itoa(index)
	if len(own) <= 64 {
		return own
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:24]) + "-" + strconv.Itoa(index)
}

// tellSeen tells the server what was seen here, with the time it was seen at.
func (e *Engine) tellSeen(ctx context.Context) error {
	seen, err := e.Store.UnsentSeen(ctx)
	if err != nil {
		return err
	}
	for _, s := range seen {
		err := e.Remote.TellSeen(ctx, s)
		if a := answered(err); err != nil && (passing(err) || a.Status == 401) {
			return err
		}
		// Told, or refused for good: what may no longer be seen need not be told.
		if err := e.Store.SeenSent(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// tellSnoozes tells the server what was put to sleep here, or woken.
func (e *Engine) tellSnoozes(ctx context.Context) error {
	list, err := e.Store.UnsentSnoozes(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		err := e.Remote.TellSnooze(ctx, s)
		if a := answered(err); err != nil && (passing(err) || a.Status == 401) {
			return err
		}
		// Told, or refused for good: what may no longer be seen need not sleep.
		if err := e.Store.SnoozeSent(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
