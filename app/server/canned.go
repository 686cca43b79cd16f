package server

import (
	"time"

	"recado/app/server/canned"
	"recado/app/server/httpapi"
	"recado/app/server/store"
)

// openCanned wires the canned answers.
func (s *Server) openCanned() {
	changed := func() { s.tellUsers(httpapi.CannedEvent(time.Now())) }
	s.canned = &canned.Service{Store: store.Canned{Store: s.tools.store}, Changed: changed, Now: time.Now, NewID: newID}
}
