package desktop

import (
	"context"
	"time"

	"recado/app/client"
	"recado/app/desktop/bind"
	"recado/app/desktop/tray"
)

// refreshWait gathers what changes at once before the tray is drawn anew.
const refreshWait = 200 * time.Millisecond

// morning is when a pause until tomorrow ends, on the wall clock.
const morning = 7

// The views whose counts the tray shows.
const (
	unread   client.View = "unread"
	mentions client.View = "mentions"
)

// do runs what was chosen in the tray's menu.
func (s *shell) do(c tray.Command) {
	now := time.Now()
	switch c {
	case tray.Open:
		s.show()
	case tray.Write:
		s.show()
		s.app.host.Ask(bind.Target{Write: true})
	case tray.PauseHalfHour:
		s.pause(now.Add(30 * time.Minute))
	case tray.PauseTomorrow:
		s.pause(tomorrow(now))
	case tray.Resume:
		s.pause(time.Time{})
	case tray.Automatic, tray.Away:
		s.app.watch.Choose(c == tray.Away)
		s.refreshSoon()
	case tray.Quit:
		s.quit()
	}
}

// tomorrow is the next morning that lies on another day.
func tomorrow(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+1, morning, 0, 0, 0, now.Location())
}

// pause shows no bubbles until a time; the zero time shows them again.
func (s *shell) pause(until time.Time) {
	var at int64
	if !until.IsZero() {
		at = until.UnixMilli()
	}
	if err := s.app.profile.change(func(k *kept) { k.PausedUntil = at }); err != nil {
		s.app.Logger.Warn("remember the pause", "error", err)
	}
	s.refreshSoon()
}

// pausedUntil is when bubbles are shown again; the zero time where they are not paused.
func (a *App) pausedUntil(now time.Time) time.Time {
	if at := time.UnixMilli(a.profile.now().PausedUntil); at.After(now) {
		return at
	}
	return time.Time{}
}

// refreshSoon has the tray show what holds now. It returns at once.
func (s *shell) refreshSoon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tray != nil && s.refresh == nil {
		s.refresh = time.AfterFunc(refreshWait, s.refreshNow)
	}
}

func (s *shell) refreshNow() {
	s.mu.Lock()
	s.refresh = nil
	s.mu.Unlock()
	now := time.Now()
	state := s.app.trayState(now)
	s.tray.Set(state)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resume != nil {
		s.resume.Stop()
		s.resume = nil
	}
	if !state.PausedUntil.IsZero() {
		s.resume = time.AfterFunc(state.PausedUntil.Sub(now)+time.Second, s.refreshSoon)
	}
}

// trayState reads what the tray shows.
func (a *App) trayState(now time.Time) tray.State {
	session := a.services.Session.State()
	state := tray.State{SignedIn: session.Stage == bind.SignedIn, Offline: session.Connection.State == "offline",
		PausedUntil: a.pausedUntil(now), Away: a.watch.Chosen(), Language: reader{a}.Language()}
	counts, err := a.client.Counts(context.Background())
	if err != nil {
		a.Logger.Debug("count for the tray", "error", err) // closing; what it shows stays
		return state
	}
	state.Unseen, state.Mentions = counts[unread], counts[mentions]
	return state
}
