//go:build !linux

package desktop

import (
	"log/slog"
	"sync"

	window "github.com/wailsapp/wails/v2/pkg/runtime"

	"recado/app/desktop/bind"
	"recado/app/desktop/notify"
)

// systemNotifier: the window has the system's bubbles with what can be done at them; the browser has plain ones.
func systemNotifier(face bind.Face, icon string, log *slog.Logger) notify.Notifier {
	plain := notify.NewBeeep(icon)
	if f, ok := face.(*windowFace); ok {
		return &windowBubbles{Beeep: plain, face: f, log: log, listener: func(notify.Answer) {}}
	}
	return plain
}

// windowBubbles are the bubbles of Windows and macOS, as Wails offers them. Where the system refuses them, as macOS does
// for a program that is in no bundle, Beeep shows what it can.
type windowBubbles struct {
	*notify.Beeep
	face *windowFace
	log  *slog.Logger

	once     sync.Once
	able     bool
	mu       sync.Mutex
	listener func(notify.Answer)
}

var (
	_ notify.Notifier    = (*windowBubbles)(nil)
	_ notify.Interactive = (*windowBubbles)(nil)
)

// What is done at a bubble, as Wails names it.
const (
	actOpen  = "DEFAULT_ACTION"
	actSeen  = "seen"
	actReply = "TEXT_REPLY"
)

// Listen implements notify.Interactive.
func (b *windowBubbles) Listen(tell func(notify.Answer)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listener = tell
}

// Show implements notify.Notifier.
func (b *windowBubbles) Show(bubble notify.Bubble) error {
	if b.face.ctx == nil {
		return b.Beeep.Show(bubble)
	}
	b.once.Do(b.begin)
	if !b.able {
		return b.Beeep.Show(bubble)
	}
	kind := "message"
	if bubble.Reply != "" {
		kind = "answerable"
	}
	category := window.NotificationCategory{ID: kind, HasReplyField: bubble.Reply != "", ReplyButtonTitle: bubble.Reply, ReplyPlaceholder: bubble.Reply}
	if bubble.Seen != "" {
		category.Actions = []window.NotificationAction{{ID: actSeen, Title: bubble.Seen}}
	}
	if err := window.RegisterNotificationCategory(b.face.ctx, category); err != nil {
		return err
	}
	b.Withdraw(bubble.Key)
	return window.SendNotificationWithActions(b.face.ctx, window.NotificationOptions{ID: bubble.Key, Title: bubble.Title, Body: bubble.Text,
		CategoryID: kind})
}

// begin asks the system for leave, once.
func (b *windowBubbles) begin() {
	if !window.IsNotificationAvailable(b.face.ctx) {
		return
	}
	if err := window.InitializeNotifications(b.face.ctx); err != nil {
		b.log.Info("bubbles are plain", "error", err)
		return
	}
	granted, err := window.RequestNotificationAuthorization(b.face.ctx)
	if err != nil || !granted {
		b.log.Info("bubbles are plain", "granted", granted, "error", err)
		return
	}
	window.OnNotificationResponse(b.face.ctx, b.answered)
	b.able = true
}

func (b *windowBubbles) answered(r window.NotificationResult) {
	if r.Error != nil {
		b.log.Info("a bubble's answer", "error", r.Error)
		return
	}
	b.mu.Lock()
	tell := b.listener
	b.mu.Unlock()
	a := notify.Answer{Key: r.Response.ID, Text: r.Response.UserText}
	switch r.Response.ActionIdentifier {
	case actOpen:
		a.Act = notify.Opened
	case actSeen:
		a.Act = notify.MarkedSeen
	case actReply:
		if a.Act = notify.Replied; a.Text == "" {
			return
		}
	default:
		a.Act = notify.Gone
	}
	tell(a)
}

// Withdraw implements notify.Notifier.
func (b *windowBubbles) Withdraw(key string) {
	if b.face.ctx == nil || !b.able {
		return
	}
	if err := window.RemoveDeliveredNotification(b.face.ctx, key); err != nil {
		b.log.Debug("withdraw a bubble", "error", err)
	}
}
