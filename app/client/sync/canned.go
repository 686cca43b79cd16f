package sync

import "context"

// CannedAnswer is a text the team answers with often; names like {customer.name} in it are filled in where it is used.
type CannedAnswer struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Body      string `json:"body"`
	ChangedBy string `json:"changedBy"`
	ChangedAt string `json:"changedAt"`
	Version   int64  `json:"version"`
}

// ReadCanned asks the server for the canned answers and keeps them. Where it does not answer, or does not know of any,
// those that are here stay.
func (e *Engine) ReadCanned(ctx context.Context) {
	e.canned.Lock()
	defer e.canned.Unlock()
	list, err := e.Remote.CannedAnswers(ctx)
	if ctx.Err() != nil {
		return
	}
	changed := false
	if err == nil {
		changed, err = e.Store.PutCanned(ctx, list)
	}
	if err != nil {
		e.Logger.Info("canned answers", "error", err)
		return
	}
	if changed {
		e.Emit(Event{Type: CannedEvent})
	}
}

// Canned takes what a stream tells: the answers are others than before.
func (s *stream) Canned() { s.asks.Go(func() { s.e.ReadCanned(s.ctx) }) }
