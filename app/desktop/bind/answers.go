package bind

import (
	"context"

	"recado/app/client"
)

// Answers is what the team answers often. Reading never needs the network; changing does.
type Answers struct{ host *Host }

// List gives all canned answers from the cache, by name.
func (s *Answers) List() ([]client.CannedAnswer, error) {
	return s.host.Client.CannedAnswers(context.Background())
}

// Add adds one for the whole team; code name-taken where there is one of that name.
func (s *Answers) Add(name, body string) (client.CannedAnswer, error) {
	return s.host.Client.AddCanned(context.Background(), name, body)
}

// Change changes one; refused with changed-meanwhile where somebody else changed it since the version given.
func (s *Answers) Change(id string, version int64, name, body string) (client.CannedAnswer, error) {
	return s.host.Client.ChangeCanned(context.Background(), id, version, name, body)
}

// Remove removes one for the whole team; what was sent of it stays.
func (s *Answers) Remove(id string) error {
	return s.host.Client.RemoveCanned(context.Background(), id)
}
