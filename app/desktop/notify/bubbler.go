package notify

import (
	"log/slog"
	"sync"
	"time"

	"recado/app/client"
)

// Desk is what the bubbler asks about the reader at the moment a bubble would be shown.
type Desk interface {
	Me() (id string)
	Settings() (client.NotificationSettings, error)
	// SeenUpTo and Looking are about one conversation.
	SeenUpTo(conversation string) int64
	Looking(conversation string) bool
	// Record keeps what was decided about messages, so that the reader can be told why.
	Record(decisions []client.Bubble)
	// Paused tells whether the reader paused bubbles on this computer.
	Paused() bool
	// Language is en, es or a longer tag that begins so.
	Language() string
}

// Waits of a burst: messages that follow one another within them share one bubble.
const (
	LiveWait  = 400 * time.Millisecond // as they are written
	CatchWait = 2 * time.Second        // what was missed while offline, coming in by pages
	MostWait  = 3 * time.Second        // after which a live burst is shown though it goes on

	// RecordWait is how long decisions are gathered, to be kept together: thousands may come at once.
	RecordWait = time.Second
)

// Bubbler turns arriving messages into bubbles, one per burst.
type Bubbler struct {
	desk     Desk
	notifier Notifier
	log      *slog.Logger
	now      func() time.Time

	mu     sync.Mutex
	burst  []client.MessageArrived
	begun  time.Time
	timer  *time.Timer
	closed bool

	decided   []client.Bubble
	recording bool
}

// NewBubbler makes a bubbler. now gives local time.
func NewBubbler(desk Desk, notifier Notifier, log *slog.Logger, now func() time.Time) *Bubbler {
	return &Bubbler{desk: desk, notifier: notifier, log: log, now: now}
}

// Arrived takes a message in. It returns at once.
func (b *Bubbler) Arrived(m client.MessageArrived) {
	if early := b.decide(m); !early.Show {
		b.record(m, early)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	if len(b.burst) == 0 {
		b.begun = b.now()
	}
	b.burst = append(b.burst, m)
	wait := CatchWait
	if m.Live {
		wait = max(0, min(LiveWait, MostWait-b.now().Sub(b.begun)))
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	b.timer = time.AfterFunc(wait, b.flush)
}

// Close forgets what is pending; nothing is shown afterwards. What was decided is recorded.
func (b *Bubbler) Close() {
	defer b.keep()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.burst = true, nil
	if b.timer != nil {
		b.timer.Stop()
	}
}

// flush asks again about each message of the burst, as much may have been seen meanwhile, and shows the rest.
func (b *Bubbler) flush() {
	b.mu.Lock()
	burst := b.burst
	b.burst = nil
	b.mu.Unlock()
	var rest []client.MessageArrived
	var decided []Decision
	for _, m := range burst {
		if d := b.decide(m); d.Show {
			rest, decided = append(rest, m), append(decided, d)
		} else {
			b.record(m, d)
		}
	}
	if len(rest) == 0 {
		return
	}
	shown := b.show(rest)
	for i, m := range rest {
		if !shown {
			decided[i] = Decision{Reason: NotPossible}
		}
		b.record(m, decided[i])
	}
}

// show puts messages into one bubble; false where the system could not show it.
func (b *Bubbler) show(rest []client.MessageArrived) bool {
	settings, err := b.desk.Settings()
	if err != nil {
		b.log.Warn("bubble", "error", err)
		return false
	}
	bubble := compose(rest, settings.Preview, b.desk.Language())
	bubble.Sound = settings.Sound
	if err := b.notifier.Show(bubble); err != nil {
		b.log.Warn("bubble", "error", err)
		return false
	}
	return true
}

func (b *Bubbler) decide(m client.MessageArrived) Decision {
	settings, err := b.desk.Settings()
	if err != nil {
		b.log.Warn("notification settings", "error", err)
		return Decision{Reason: SettingNone}
	}
	conversation := m.Message.Conversation
	return Decide(Facts{Arrived: m, Me: b.desk.Me(), Settings: settings, SeenUpTo: b.desk.SeenUpTo(conversation),
		Looking: b.desk.Looking(conversation), Paused: b.desk.Paused(), Now: b.now()})
}

func (b *Bubbler) record(m client.MessageArrived, d Decision) {
	b.log.Debug("bubble", "message", m.Message.ID, "shown", d.Show, "reason", string(d.Reason))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.decided = append(b.decided, client.Bubble{Message: m.Message.ID, Shown: d.Show, Reason: string(d.Reason), At: b.now().UTC().Format(client.TimeForm)})
	if !b.recording {
		b.recording = true
		time.AfterFunc(RecordWait, b.keep)
	}
}

// keep records what was decided since it last ran.
func (b *Bubbler) keep() {
	b.mu.Lock()
	decided := b.decided
	b.decided, b.recording = nil, false
	b.mu.Unlock()
	if len(decided) > 0 {
		b.desk.Record(decided)
	}
}
