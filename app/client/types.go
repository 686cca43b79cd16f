package client

import "recado/app/client/sync"

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
	Event                = sync.Event
	MessageArrived       = sync.MessageArrived
	Error                = sync.Error
	Field                = sync.Field
)
