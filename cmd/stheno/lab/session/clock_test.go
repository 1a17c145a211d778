package session

import "time"

// SetClock has the session pay for what is done beside training by another clock than the machine's.
func (s *Session) SetClock(now func() time.Time) { s.clock = now }
