package client

import "recado/app/client/sync"

// TimeForm is the layout of every time here.
const TimeForm = sync.TimeForm

// WithCustomer is the kind of conversations that customers read.
const WithCustomer = sync.WithCustomer

// The types the window sees are declared beside the use case that needs them and are known by these names outside.
type (
	Person               = sync.Person
	FileRef              = sync.FileRef
	Message              = sync.Message
	Participant          = sync.Participant
	Conversation         = sync.Conversation
	ConversationPage     = sync.ConversationPage
	MessagePage          = sync.MessagePage
	View                 = sync.View
	Draft                = sync.Draft
	Connection           = sync.Connection
	Device               = sync.Device
	SearchHit            = sync.SearchHit
	NotificationSettings = sync.NotificationSettings
	Invitation           = sync.Invitation
	Delivery             = sync.Delivery
	Mail                 = sync.Mail
	MailMark             = sync.MailMark
	Mailbox              = sync.Mailbox
	Recipient            = sync.Recipient
	Bubble               = sync.Bubble
	Why                  = sync.Why
	Item                 = sync.Item
	ItemPage             = sync.ItemPage
	ItemFilter           = sync.ItemFilter
	NewItem              = sync.NewItem
	ItemPatch            = sync.ItemPatch
	ItemChange           = sync.ItemChange
	Chat                 = sync.Chat
	Site                 = sync.Site
	SitePatch            = sync.SitePatch
	Greeting             = sync.Greeting
	Hours                = sync.Hours
	Span                 = sync.Span
	HeldPage             = sync.HeldPage
	OpenedMail           = sync.OpenedMail
	Placement            = sync.Placement
	MailState            = sync.MailState
	TeamAddress          = sync.TeamAddress
	MailTest             = sync.MailTest
	CannedAnswer         = sync.CannedAnswer
	Event                = sync.Event
	MessageArrived       = sync.MessageArrived
	Error                = sync.Error
	Field                = sync.Field
)
