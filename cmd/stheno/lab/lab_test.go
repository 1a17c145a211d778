package lab

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// fake is a session that trains nothing.
type fake struct {
	tell func(session.Message)
	do   func(context.Context, session.Command) (any, error)

	mu    sync.Mutex
	state session.State
}

func (f *fake) Serve(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func (f *fake) State() session.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *fake) Do(ctx context.Context, c session.Command) (any, error) { return f.do(ctx, c) }

// started is a lab of a fake session, which ends with the test, and a client that is let in.
func started(t *testing.T, change ...func(*Server)) (*Server, *fake, *http.Client) {
	t.Helper()
	s, err := Listen("127.0.0.1:0", "test", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{state: session.State{Runs: []session.Run{{ID: "1"}}, Current: "1"}, do: func(context.Context, session.Command) (any, error) { return nil, errors.New("not today") }}
	ready := make(chan bool)
	s.patience, s.pingEvery = time.Minute, 50*time.Millisecond
	for _, c := range change {
		c(s)
	}
	served(t, s, func(tell func(session.Message)) (Session, error) {
		f.tell = tell
		close(ready)
		return f, nil
	})
	<-ready
	for s.session.Load() == nil {
		time.Sleep(time.Millisecond)
	}
	return s, f, entered(t, s)
}

// impatient makes a server that waits a second only.
func impatient(s *Server) { s.patience = time.Second }

// served serves until the test ends.
func served(t *testing.T, s *Server, open func(func(session.Message)) (Session, error)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, open) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
}

// entered is a client with the lab's cookie.
func entered(t *testing.T, s *Server) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	t.Cleanup(client.CloseIdleConnections)
	got, err := client.Get(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	if got.StatusCode != http.StatusOK || got.Request.URL.String() != at(s, "/") {
		t.Fatalf("the printed address: got %s at %s, want the page", got.Status, got.Request.URL)
	}
	return client
}

// at is an address of the lab.
func at(s *Server, path string) string { return root(s, strings.TrimSuffix(s.guard.path, "/")+path) }

// root is an address of the server, at which there is no lab but who has the token is led to it.
func root(s *Server, path string) string { return "http://" + s.listener.Addr().String() + path }

// ask is what the server answers.
func ask(t *testing.T, client *http.Client, r *http.Request) (*http.Response, string) {
	t.Helper()
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got, string(body)
}

func request(t *testing.T, method, address, body string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// A stream is one of events, read one by one.
type stream struct {
	lines *bufio.Scanner
	close func()
}

type received struct{ id, kind, data string }

// listen opens a stream of events.
func listen(t *testing.T, client *http.Client, s *Server, lastEvent string) *stream {
	t.Helper()
	r := request(t, "GET", at(s, "/events"), "")
	if lastEvent != "" {
		r.Header.Set("Last-Event-ID", lastEvent)
	}
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream: got %s, %s", got.Status, got.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(got.Body)
	lines.Buffer(nil, 1<<24)
	closed := sync.OnceFunc(func() { got.Body.Close() })
	t.Cleanup(closed)
	return &stream{lines, closed}
}

// next is the next event; false at the end.
func (s *stream) next() (e received, ok bool) {
	for s.lines.Scan() {
		line := s.lines.Text()
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && e.kind != "":
			return e, true
		case name == "id":
			e.id = value
		case name == "event":
			e.kind = value
		case name == "data":
			e.data = value
		}
	}
	return e, false
}

// until is the next event of a kind.
func (s *stream) until(t *testing.T, kind string) received {
	t.Helper()
	for {
		e, ok := s.next()
		if !ok {
			t.Fatalf("the stream ended before %s: %v", kind, s.lines.Err())
		}
		if e.kind == kind {
			return e
		}
	}
}

func parsed(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
