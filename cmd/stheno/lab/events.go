package lab

import (
	"net/http"
	"time"
)

// events streams to one reader until it goes, is too slow, or the lab ends.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	reader, first, err := s.hub.join(r.Header.Get("Last-Event-ID"))
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	defer s.hub.leave(reader)
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	send := func(text []byte) (ok bool) {
		if control.SetWriteDeadline(time.Now().Add(s.patience)) == nil {
			_, err := w.Write(text)
			ok = err == nil
		}
		return ok
	}
	ok := send([]byte("retry: 1000\n\n")) // milliseconds, after which a browser comes back
	for i := 0; ok && i < len(first); i++ {
		ok = send(first[i])
	}
	first = nil
	ping := time.NewTicker(s.pingEvery)
	defer ping.Stop()
	for ok {
		if len(reader.events) == 0 && control.Flush() != nil { // else what waits goes along
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ping.C:
			ok = send([]byte(": ping\n\n"))
		case text, more := <-reader.events:
			reader.took(text)
			ok = more && send(text)
		}
	}
	_ = control.Flush()
}
