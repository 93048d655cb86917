package session

import (
	"ferry/backend"
	"ferry/backend/server"
)

// SetFaults makes the embedded site go wrong on purpose; without any it works
// again. A session on any other site refuses with [backend.ClassNotImplemented].
func (s *Session) SetFaults(faults ...server.Fault) error {
	if s.site == nil {
		return &backend.Error{
			Class: backend.ClassNotImplemented, Group: backend.Client, Op: "set faults",
			Message: "Only the demo site inside the program can fail on purpose.",
		}
	}
	return s.site.SetFaults(faults...)
}
