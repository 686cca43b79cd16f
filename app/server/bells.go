package server

// local is what other nodes ring for.
type local struct{ s *Server }

func (l local) Wake(people []string)               { l.s.hub.Wake(people) }
func (l local) Tell(people []string, event []byte) { l.s.hub.Tell(people, event) }
func (l local) EndSessions(ids []string) {
	l.s.hub.EndSessions(ids)
	if l.s.api != nil {
		l.s.api.Forget(ids)
	}
}

// live tells what is not stored to everybody connected, on all nodes.
type live struct{ s *Server }

func (l live) Tell(people []string, event []byte) {
	l.s.hub.Tell(people, event)
	if l.s.bus != nil {
		l.s.bus.Tell(people, event)
	}
}

// Wake wakes people's streams here and on other nodes.
func (s *Server) Wake(people []string) {
	if s.hub == nil {
		return
	}
	s.hub.Wake(people)
	if s.bus != nil {
		s.bus.Wake(people)
	}
}

// SessionsEnded ends the streams of sessions here and on other nodes.
func (s *Server) SessionsEnded(ids []string) {
	if s.hub == nil || len(ids) == 0 {
		return
	}
	local{s}.EndSessions(ids)
	if s.bus != nil {
		s.bus.EndSessions(ids)
	}
}
