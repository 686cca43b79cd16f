package sync

import (
	"context"
	"time"
)

// fill reads everything from a snapshot into the cache and returns the place to go on from. What the snapshot no longer
// holds is removed at its end; until then the cache can be read as it was.
func (e *Engine) fill(ctx context.Context) (Place, error) {
	e.filling(0)
	if err := e.Store.BeginFill(ctx); err != nil {
		return Place{}, err
	}
	var place Place
	var have, all int64
	for cursor := ""; ; {
		page, err := e.Remote.Snapshot(ctx, cursor)
		if err != nil {
			return Place{}, err
		}
		if cursor == "" {
			place = page.Place
		}
		if _, err := e.Store.FillPage(ctx, page.Items); err != nil {
			return Place{}, err
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		have, all = have+int64(len(page.Items)), all+expected(page.Items)
		e.filling(min(float64(have)/float64(max(all, 1)), 1))
	}
	if _, err := e.Store.EndFill(ctx, place); err != nil {
		return Place{}, err
	}
	e.change(func(c *Connection) {
		c.Filling, c.Gap, c.UpTo, c.Head = nil, false, place.Number, max(c.Head, place.Number)
	})
	e.Emit(Event{Type: RefilledEvent})
	return place, nil
}

// expected is how many items these ones say there are: themselves, and the messages of the conversations among them.
func expected(items []Entry) (n int64) {
	for _, it := range items {
		if it.Message != nil {
			continue // counted with its conversation
		}
		n++
		if v := it.Conversation; v != nil {
			n += max(v.LastNumber-max(v.HistoryFrom, 1)+1, 0)
		}
	}
	return n
}

func (e *Engine) filling(share float64) {
	e.change(func(c *Connection) { c.Filling = &share })
}

// historyLoop reads old messages of conversations that were opened to this person later than they began.
func (e *Engine) historyLoop(ctx context.Context) {
	for fails := 0; ; {
		more, err := e.history(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && more:
			fails = 0
			continue
		case err == nil:
			fails = 0
			if !pause(ctx, time.Hour, e.oldWake) {
				return
			}
		default:
			e.Logger.Info("old messages", "error", err)
			if a := answered(err); a != nil && a.Status == 401 {
				e.SessionEnded()
				return
			}
			if !pause(ctx, max(e.Backoff(fails), e.Backoff(fails)), nil) {
				return
			}
			fails++
		}
	}
}

// history reads one page; more tells that there may be another.
func (e *Engine) history(ctx context.Context) (more bool, err error) {
	id, before, ok, err := e.Store.NextHistory(ctx)
	if err != nil || !ok {
		return false, err
	}
	if before < 0 {
		return true, e.fetchConversation(ctx, id)
	}
	page, err := e.Remote.History(ctx, id, before)
	if a := answered(err); a != nil && a.Status == 404 {
		return true, e.forget(ctx, id)
	}
	if err != nil {
		return false, err
	}
	changes, err := e.Store.StoreHistory(ctx, id, page, len(page) == 0 || page[0].Number <= 1)
	if err != nil {
		return false, err
	}
	e.tell(ctx, changes)
	return true, nil
}

func (e *Engine) fetchConversation(ctx context.Context, id string) error {
	v, err := e.Remote.Conversation(ctx, id)
	if a := answered(err); a != nil && a.Status == 404 {
		return e.forget(ctx, id)
	}
	if err != nil {
		return err
	}
	changes, err := e.Store.Apply(ctx, []Entry{{Type: ConversationCreated, Conversation: &v}}, nil)
	if err == nil {
		e.tell(ctx, changes)
	}
	return err
}

// forget removes a conversation the server no longer shows.
func (e *Engine) forget(ctx context.Context, id string) error {
	changes, err := e.Store.Apply(ctx, []Entry{{Type: AccessLost, Lost: id}}, nil)
	if err == nil {
		e.tell(ctx, changes)
	}
	return err
}
