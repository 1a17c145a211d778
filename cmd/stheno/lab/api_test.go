package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// What a page asks reaches the session as it was meant, and its answer the page.
func TestCommands(t *testing.T) {
	s, f, client := started(t)
	var got session.Command
	var value any
	f.do = func(_ context.Context, c session.Command) (any, error) {
		got = c
		return value, nil
	}
	step, speed := uint64(7), 2.0
	for _, c := range []struct {
		method, path, body string
		value              any
		want               session.Command
		answer             string
	}{
		{"POST", "/api/do", `{"do":"pause"}`, nil, session.Command{Do: "pause"}, `{"ok":true}`},
		{"POST", "/api/do", ` {"do":"goto","run":"2","step":7} ` + "\n", session.Answer{Run: "2"}, session.Command{Do: "goto", Run: "2", Step: &step}, `{"ok":true,"run":"2"}`},
		{"POST", "/api/do", `{"do":"play","speed":2}`, struct{}{}, session.Command{Do: "play", Speed: &speed}, `{"ok":true}`},
		{"POST", "/api/predict", `{"run":"1","pixels":[0,1],"gradient":true}`, map[string]int{"winner": 3}, session.Command{Do: "predict", Run: "1", Pixels: []float32{0, 1}, Gradient: true}, `{"winner":3}`},
		{"POST", "/api/predict", `{"do":"pause"}`, map[string]int{"winner": 3}, session.Command{Do: "predict"}, `{"winner":3}`},
		{"POST", "/api/predict", `{"picture":"AAEC"}`, nil, session.Command{Do: "predict", Picture: []byte{0, 1, 2}}, `null`},
		{"POST", "/api/continue", `{"text":"Alice","length":9,"temperature":0.5,"seed":3}`, map[string]string{"text": "!"}, session.Command{Do: "continue", Text: "Alice", Length: 9, Temperature: .5, Seed: 3}, `{"text":"!"}`},
		{"GET", "/api/layer?run=1&layer=dense_1", "", map[string]int{"a": 1}, session.Command{Do: "layer", Run: "1", Layer: "dense_1"}, `{"a":1}`},
		{"GET", "/api/sample?i=12&set=test", "", nil, session.Command{Do: "sample", Sample: 12, Set: "test"}, `null`},
		{"GET", "/api/wrong?run=1&i=12", "", nil, session.Command{Do: "wrong", Run: "1", Sample: 12}, `null`},
		{"GET", "/api/apart", "", nil, session.Command{Do: "apart"}, `null`},
		{"GET", "/api/command?run=", "", nil, session.Command{Do: "command"}, `null`},
		{"GET", "/api/go?run=%22%0a", "", nil, session.Command{Do: "go", Run: "\"\n"}, `null`},
	} {
		value = c.value
		answer, text := ask(t, client, request(t, c.method, at(s, c.path), c.body, "Content-Type", "application/json; charset=utf-8", "Sec-Fetch-Site", "same-origin"))
		if answer.StatusCode != http.StatusOK || text != c.answer || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s: got %s: %s and %+v, want %s and %+v", c.path, c.body, answer.Status, text, got, c.answer, c.want)
		}
	}
}

// Broken, huge and foreign requests are refused in words, and do not reach the session; what the session refuses is told.
func TestBrokenCommands(t *testing.T) {
	s, f, client := started(t)
	f.do = func(_ context.Context, c session.Command) (any, error) {
		if c.Do == "refused" {
			return nil, errors.New("there is no step 9")
		}
		if c.Do == "gone" {
			return nil, session.Gone("9")
		}
		if c.Do == "over" {
			return nil, session.Over("relu is over, after 3 epochs: give it more of them, go back, or restart it")
		}
		t.Errorf("the session got %+v", c)
		return nil, nil
	}
	for _, c := range []struct {
		name, path, body, kind string
		status                 int
		want                   string
	}{
		{"refused", "/api/do", `{"do":"refused"}`, "application/json", 400, `{"error":"there is no step 9"`},
		{"a run that was removed", "/api/do", `{"do":"gone"}`, "application/json", 410, `{"error":"there is no run \"9\" any more: it was removed"`},
		{"a run at its end", "/api/do", `{"do":"over"}`, "application/json", 200, `{"error":"relu is over, after 3 epochs`},
		{"empty", "/api/do", ``, "application/json", 400, "EOF"},
		{"no JSON", "/api/do", `do=pause`, "application/json", 400, "invalid character"},
		{"cut short", "/api/do", `{"do":"pau`, "application/json", 400, "unexpected EOF"},
		{"an array", "/api/do", `[{"do":"pause"}]`, "application/json", 400, "cannot unmarshal array"},
		{"a number for a word", "/api/do", `{"do":7}`, "application/json", 400, "do: got a number, want a text"},
		{"another field", "/api/do", `{"do":"open","path":"/etc/passwd"}`, "application/json", 400, "unknown field"},
		{"a file, in Go's words", "/api/do", `{"do":"open","Path":"/etc/passwd"}`, "application/json", 400, "unknown field"},
		{"a step below 0", "/api/do", `{"do":"goto","step":-1}`, "application/json", 400, "step: got a number -1, want a whole number of at least 0"},
		{"a part of a batch", "/api/do", `{"do":"check","change":{"batch":2.5}}`, "application/json", 400, "batch: got a number 2.5, want a whole number"},
		{"a text for a rate", "/api/do", `{"do":"check","change":{"rate":"0,05"}}`, "application/json", 400, "rate: got a string, want a finite number, such as 0.05"},
		{"NaN", "/api/do", `{"do":"play","speed":NaN}`, "application/json", 400, "invalid character"},
		{"1e999", "/api/do", `{"do":"play","speed":1e999}`, "application/json", 400, "speed: got a number 1e999, want a finite number, such as 0.05"},
		{"two", "/api/do", `{"do":"pause"}{"do":"play"}`, "application/json", 400, "something follows"},
		{"deep", "/api/do", strings.Repeat(`{"change":`, 100_000), "application/json", 400, "error"},
		{"deep arrays", "/api/do", strings.Repeat("[", 1_000_000), "application/json", 400, "exceeded max depth"},
		{"huge", "/api/do", `{"do":"` + strings.Repeat("x", mostAsked) + `"}`, "application/json", 413, "more than 16 MB"},
		{"text", "/api/do", `{"do":"pause"}`, "text/plain", 415, "want application/json"},
		{"a form", "/api/do", `do=pause`, "application/x-www-form-urlencoded", 415, "want application/json"},
		{"no kind", "/api/do", `{"do":"pause"}`, "", 415, "want application/json"},
		{"a broken kind", "/api/do", `{"do":"pause"}`, "application/json; =", 415, "want application/json"},
		{"a broken picture", "/api/predict", `{"picture":"%%%"}`, "application/json", 400, "illegal base64"},
	} {
		got, text := ask(t, client, request(t, "POST", at(s, c.path), c.body, "Content-Type", c.kind))
		if got.StatusCode != c.status || !strings.Contains(text, c.want) || !strings.HasPrefix(text, `{"error":`) {
			t.Errorf("%s: got %s: %.300s, want %d: %s", c.name, got.Status, text, c.status, c.want)
		}
	}
	for query, want := range map[string]string{"i=x": "number of a sample", "i=99999999999999999999": "number of a sample", "run=1&run=2": "several times", "path=/etc/passwd": "want run, layer"} {
		if got, text := ask(t, client, request(t, "GET", at(s, "/api/layer?"+query), "")); got.StatusCode != 400 || !strings.Contains(text, want) {
			t.Errorf("%s: got %s: %s", query, got.Status, text)
		}
	}
}

// A body that does not come is not waited for: of what is asked for, of what takes none, and of whoever is refused.
func TestSlowBody(t *testing.T) {
	s, _, _ := started(t, impatient)
	friend := fmt.Sprintf("Host: localhost\r\nCookie: %s=%s\r\n", s.guard.cookie, s.guard.token)
	page := s.guard.path
	var wg sync.WaitGroup
	for _, head := range []string{
		"POST " + page + "api/do HTTP/1.1\r\n" + friend + "Content-Type: application/json\r\n",
		"POST " + page + "api/do HTTP/1.1\r\n" + friend + "Content-Type: text/plain\r\n",
		"POST " + page + "api/upload HTTP/1.1\r\n" + friend + "Content-Type: text/plain\r\n",
		"POST " + page + "api/upload HTTP/1.1\r\n" + friend + "Content-Type: multipart/form-data; boundary=x\r\n",
		"POST " + page + "nothing HTTP/1.1\r\n" + friend,
		"GET " + page + " HTTP/1.1\r\n" + friend,
		"GET " + page + "api/layer HTTP/1.1\r\n" + friend,
		"POST /api/do HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n",
		"POST /api/do HTTP/1.1\r\nHost: other\r\nContent-Type: application/json\r\n",
	} {
		for _, body := range []string{"Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"} {
			wg.Go(func() {
				conn, err := net.Dial("tcp", s.listener.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				fmt.Fprint(conn, head+body)
				_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				if _, err := io.ReadAll(conn); err != nil {
					t.Errorf("%q: %v", head+body, err)
				}
			})
		}
	}
	wg.Wait()
}

// deadlines are those that a body's reader sets.
type deadlines struct {
	http.ResponseWriter
	all []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.all = append(d.all, t)
	return nil
}

// A large upload may take longer than the lab waits for a piece of it: each piece gives it as long again, up to the end.
func TestSteadyBody(t *testing.T) {
	d := &deadlines{}
	body := &steady{io.NopCloser(strings.NewReader("ab")), http.NewResponseController(d), time.Minute, time.Now().Add(time.Hour)}
	for n := range 2 {
		before := time.Now()
		if got, err := body.Read(make([]byte, 1)); got != 1 || err != nil || len(d.all) != n+1 || d.all[n].Before(before.Add(time.Minute)) || d.all[n].After(time.Now().Add(time.Minute)) {
			t.Errorf("piece %d: got %d, %v, the deadlines %v", n, got, err, d.all)
		}
	}
	body.end = time.Now().Add(time.Second)
	if _, err := body.Read(make([]byte, 1)); err != io.EOF || !d.all[2].Equal(body.end) {
		t.Errorf("got %v, the deadline %v, want %v", err, d.all[2], body.end)
	}
}

// Until the session is there the page is, and says so; a fault in a request, or in making the session, ends nothing else.
func TestGettingReady(t *testing.T) {
	s, err := Listen("127.0.0.1:0", "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{do: func(context.Context, session.Command) (any, error) { panic("a fault") }}
	goes := make(chan bool)
	served(t, s, func(tell func(session.Message)) (Session, error) {
		<-goes
		f.tell = tell
		return f, nil
	})
	client := entered(t, s)
	stream := listen(t, client, s, "")
	if e, _ := stream.next(); e.kind != "state" || !strings.Contains(e.data, `"ready":false`) || !strings.Contains(e.data, `"runs":[]`) {
		t.Errorf("before the session is there: got %s %s", e.kind, e.data)
	}
	for _, r := range []*http.Request{request(t, "POST", at(s, "/api/do"), `{"do":"play"}`, "Content-Type", "application/json"), request(t, "POST", at(s, "/api/upload"), "")} {
		if got, text := ask(t, client, r); got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "gets ready") {
			t.Errorf("got %s: %s", got.Status, text)
		}
	}
	close(goes)
	waitFor(t, "the session", func() bool { return s.session.Load() != nil })
	f.tell(session.Message{Kind: "state", Data: f.State()})
	if e := stream.until(t, "state"); !strings.Contains(e.data, `"ready":true`) {
		t.Errorf("after it: got %s", e.data)
	}
	if got, text := ask(t, client, request(t, "POST", at(s, "/api/do"), `{"do":"play"}`, "Content-Type", "application/json")); got.StatusCode != 500 || !strings.Contains(text, "a fault") {
		t.Errorf("a fault: got %s: %s", got.Status, text)
	}
	if got, _ := ask(t, client, request(t, "GET", at(s, "/"), "")); got.StatusCode != 200 {
		t.Errorf("after a fault: got %s", got.Status)
	}
}

// What keeps the session from being made, or ends it, is the server's error, which the pages hear.
func TestSessionFails(t *testing.T) {
	fault := errors.New("there are no data")
	s, err := Listen("127.0.0.1:0", "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	goes, done := make(chan bool), make(chan error)
	go func() {
		done <- s.Serve(t.Context(), func(func(session.Message)) (Session, error) {
			<-goes
			return nil, fault
		})
	}()
	stream := listen(t, entered(t, s), s, "")
	close(goes)
	if e := stream.until(t, "said"); !strings.Contains(e.data, fault.Error()) {
		t.Errorf("got %s", e.data)
	}
	stream.until(t, "bye")
	if err := <-done; err != fault {
		t.Errorf("got %v", err)
	}
	if _, err := http.Get(at(s, "/")); err == nil {
		t.Error("it still serves")
	}
}

// An address that is taken, or is none of this machine, is refused with what to do.
func TestListen(t *testing.T) {
	s, _, _ := started(t)
	for address, want := range map[string]string{s.listener.Addr().String(): "port 0", "203.0.113.7:0": "choose another", "nosuch.invalid:0": "choose another", "0.0.0.0:0": "one address of this machine"} {
		if _, err := Listen(address, "test", io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", address, err, want)
		}
	}
}
