package notify

import (
	"log/slog"
	"slices"
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

// Hands do what a reader asks for at a bubble.
type Hands interface {
	// Open shows a conversation at a message; an empty one: all that is unseen.
	Open(conversation string, number int64)
	// MarkSeen says that a conversation was seen up to a message.
	MarkSeen(conversation string, number int64)
	// Reply writes into a conversation.
	Reply(conversation, text string)
}

// Waits of a burst: messages that follow one another within them are told together.
const (
	LiveWait  = 400 * time.Millisecond // as they are written
	CatchWait = 2 * time.Second        // what was missed while offline, coming in by pages
	MostWait  = 3 * time.Second        // after which a live burst is shown though it goes on

	// RecordWait is how long decisions are gathered, to be kept together: thousands may come at once.
	RecordWait = time.Second
)

// Bubbler turns arriving messages into bubbles: one for each conversation, which counts on, changes with its messages,
// and is withdrawn when they are seen anywhere.
type Bubbler struct {
	desk     Desk
	hands    Hands
	notifier Notifier
	log      *slog.Logger
	now      func() time.Time

	showing sync.Mutex // held while the notifier is called, so that what is withdrawn is not shown again by an older call

	mu       sync.Mutex
	standing *standing
	burst    []client.MessageArrived
	begun    time.Time
	timer    *time.Timer
	closed   bool

	decided   []client.Bubble
	recording bool
}

// NewBubbler makes a bubbler. now gives local time.
func NewBubbler(desk Desk, hands Hands, notifier Notifier, log *slog.Logger, now func() time.Time) *Bubbler {
	b := &Bubbler{desk: desk, hands: hands, notifier: notifier, log: log, now: now, standing: newStanding()}
	if i, ok := notifier.(Interactive); ok {
		i.Listen(b.answer)
	}
	return b
}

// Arrived takes a message in. It returns at once.
func (b *Bubbler) Arrived(m client.MessageArrived) {
	if early := b.decide(m, false); !early.Show {
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

// Close withdraws what is shown, as nobody would hear what is done at it, and forgets what is pending; nothing is shown
// afterwards. What was decided is recorded.
func (b *Bubbler) Close() {
	defer b.keep()
	b.mu.Lock()
	b.closed, b.burst = true, nil
	if b.timer != nil {
		b.timer.Stop()
	}
	b.mu.Unlock()
	b.withdraw(b.forget())
}

// flush asks again about each message of the burst, as much may have been seen meanwhile, and shows the rest.
func (b *Bubbler) flush() {
	b.mu.Lock()
	burst := b.burst
	b.burst = nil
	b.mu.Unlock()
	busy := false
	if c, ok := b.notifier.(Considerate); ok && len(burst) > 0 {
		busy = c.Busy()
	}
	var rest []client.MessageArrived
	var decided []Decision
	for _, m := range burst {
		if d := b.decide(m, busy); d.Show {
			rest, decided = append(rest, m), append(decided, d)
		} else {
			b.record(m, d)
		}
	}
	if len(rest) == 0 {
		return
	}
	b.mu.Lock()
	keys, gone := b.standing.add(rest)
	b.mu.Unlock()
	b.withdraw(gone)
	shown := map[string]bool{}
	for i, key := range keys {
		shown[key] = b.show(key, i == 0) // one sound, however many
	}
	for i, m := range rest {
		if !shown[m.Message.Conversation] && !shown[Summary] {
			decided[i] = Decision{Reason: NotPossible}
		}
		b.record(m, decided[i])
	}
}

// show shows a bubble as it stands now; one that stands no more is not shown. It gives false where the system could not.
func (b *Bubbler) show(key string, sound bool) bool {
	settings, err := b.desk.Settings()
	if err != nil {
		b.log.Warn("bubble", "error", err)
		return false
	}
	b.showing.Lock()
	defer b.showing.Unlock()
	b.mu.Lock()
	var bubble Bubble
	unseen, summed, messages := b.standing.conversations[key], len(b.standing.summed), b.standing.messages
	b.mu.Unlock()
	switch {
	case key == Summary && messages > 0:
		bubble = summarise(messages, summed, b.desk.Language())
	case len(unseen) > 0:
		bubble = compose(unseen, settings.Preview, b.desk.Language())
	default:
		return true
	}
	bubble.Sound = sound && settings.Sound
	if err := b.notifier.Show(bubble); err != nil {
		b.log.Warn("bubble", "error", err)
		return false
	}
	return true
}

// withdraw takes bubbles away that do not stand any more.
func (b *Bubbler) withdraw(keys []string) {
	b.showing.Lock()
	defer b.showing.Unlock()
	for _, key := range keys {
		b.mu.Lock()
		stands := slices.Contains(b.standing.keys(), key)
		b.mu.Unlock()
		if !stands {
			b.notifier.Withdraw(key)
		}
	}
}

// Seen is told what the reader has seen, here or anywhere else. It returns at once.
func (b *Bubbler) Seen(conversation string, upTo int64) {
	b.mu.Lock()
	gone := b.standing.seen(conversation, upTo)
	b.mu.Unlock()
	if len(gone) > 0 {
		go b.withdraw(gone)
	}
}

// Changed is told that a message was edited or deleted: its bubble must not go on saying what it said. It returns at once.
func (b *Bubbler) Changed(m client.Message) {
	b.mu.Lock()
	shown, gone := b.standing.change(m)
	b.mu.Unlock()
	if shown {
		go b.show(m.Conversation, false)
	}
	if len(gone) > 0 {
		go b.withdraw(gone)
	}
}

// Lost is told that the reader may not see a conversation any more. It returns at once.
func (b *Bubbler) Lost(conversation string) { b.Seen(conversation, 1<<62) }

// Recheck asks anew what was seen of all that is shown, after much has changed at once. It returns at once.
func (b *Bubbler) Recheck() {
	b.mu.Lock()
	ids := b.standing.keys()
	for id := range b.standing.summed {
		ids = append(ids, id)
	}
	b.mu.Unlock()
	go func() {
		for _, id := range ids {
			if id != Summary {
				b.Seen(id, b.desk.SeenUpTo(id))
			}
		}
	}()
}

// Forget withdraws everything: the reader has signed out. It returns at once.
func (b *Bubbler) Forget() {
	if gone := b.forget(); len(gone) > 0 {
		go b.withdraw(gone)
	}
}

func (b *Bubbler) forget() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	gone := b.standing.keys()
	b.standing = newStanding()
	return gone
}

// answer does what the reader asked for at a bubble.
func (b *Bubbler) answer(a Answer) {
	b.mu.Lock()
	unseen := b.standing.conversations[a.Key]
	summary := a.Key == Summary && b.standing.messages > 0
	b.standing.drop(a.Key)
	closed := b.closed
	b.mu.Unlock()
	if closed || !summary && len(unseen) == 0 {
		return // it was seen at the same moment, or is about no conversation
	}
	if a.Act != Gone {
		b.withdraw([]string{a.Key}) // some systems leave it where it is
	}
	switch {
	case a.Act == Opened && summary:
		b.hands.Open("", 0)
	case summary || a.Act == Gone:
	case a.Act == Opened:
		b.hands.Open(a.Key, unseen[0].Message.Number)
	case a.Act == MarkedSeen:
		b.hands.MarkSeen(a.Key, unseen[len(unseen)-1].Message.Number)
	case a.Act == Replied:
		b.hands.MarkSeen(a.Key, unseen[len(unseen)-1].Message.Number)
		b.hands.Reply(a.Key, a.Text)
	}
}

func (b *Bubbler) decide(m client.MessageArrived, busy bool) Decision {
	settings, err := b.desk.Settings()
	if err != nil {
		b.log.Warn("notification settings", "error", err)
		return Decision{Reason: SettingNone}
	}
	conversation := m.Message.Conversation
	return Decide(Facts{Arrived: m, Me: b.desk.Me(), Settings: settings, SeenUpTo: b.desk.SeenUpTo(conversation),
		Looking: b.desk.Looking(conversation), Paused: b.desk.Paused(), Busy: busy, Now: b.now()})
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
