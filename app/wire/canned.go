package wire

// CannedAnswer is a text the team answers with often. Names like {customer.name} in Body are filled in where it is used.
type CannedAnswer struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Body      string `json:"body"`
	ChangedBy string `json:"changedBy"`
	CreatedAt Time   `json:"createdAt"`
	ChangedAt Time   `json:"changedAt"`
	Version   int64  `json:"version"`
}

// CannedChanged is told to users who are connected when the canned answers are others than before (event: canned, no id).
type CannedChanged struct {
	At Time `json:"at"`
}
