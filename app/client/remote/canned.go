package remote

import (
	"context"
	"net/http"

	"recado/app/client/sync"
	"recado/app/wire"
)

func cannedAnswer(a wire.CannedAnswer) sync.CannedAnswer {
	return sync.CannedAnswer{ID: a.ID, Name: a.Name, Body: a.Body, ChangedBy: a.ChangedBy, ChangedAt: stamp(a.ChangedAt), Version: a.Version}
}

// CannedAnswers lists what the team answers often, by name.
func (r *Remote) CannedAnswers(ctx context.Context) ([]sync.CannedAnswer, error) {
	var page wire.Page[wire.CannedAnswer]
	err := r.call(ctx, http.MethodGet, "/canned-answers", nil, &page)
	out := make([]sync.CannedAnswer, len(page.Items))
	for i, a := range page.Items {
		out[i] = cannedAnswer(a)
	}
	return out, err
}

// AddCanned adds one.
func (r *Remote) AddCanned(ctx context.Context, name, body string) (sync.CannedAnswer, error) {
	var a wire.CannedAnswer
	err := r.call(ctx, http.MethodPost, "/canned-answers", map[string]string{"name": name, "body": body}, &a)
	return cannedAnswer(a), err
}

// ChangeCanned changes one of the version that was shown.
func (r *Remote) ChangeCanned(ctx context.Context, id string, version int64, name, body string) (sync.CannedAnswer, error) {
	var a wire.CannedAnswer
	err := r.call(ctx, http.MethodPatch, "/canned-answers/"+seg(id), map[string]any{"name": name, "body": body, "version": version}, &a)
	return cannedAnswer(a), err
}

// RemoveCanned removes one.
func (r *Remote) RemoveCanned(ctx context.Context, id string) error {
	return r.call(ctx, http.MethodDelete, "/canned-answers/"+seg(id), nil, nil)
}
