package lab

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

func points(run string, from, n int) session.Message {
	p := session.Points{Run: run, Step: uint64(from + n - 1)}
	for i := range n {
		p.Points = append(p.Points, session.Point{Step: uint64(from + i), Epoch: float64(from+i) / 100, Loss: 1 / float64(from+i), Rate: .1})
	}
	return session.Message{Kind: "points", Data: p}
}

// A page that comes new gets the state and each run's curve; one that comes back what it has missed, and where that is gone, or of another start of the lab, all.
func TestReaders(t *testing.T) {
	s, f, client := started(t)
	f.tell(session.Message{Kind: "state", Data: f.State()})
	f.tell(points("1", 1, 3))
	f.tell(session.Message{Kind: "epoch", Data: session.Epoch{Run: "1", Epoch: 1, Step: 3}})
	f.tell(session.Message{Kind: "layers", Data: map[string]any{"run": "1", "step": 3}})
	f.tell(session.Message{Kind: "findings", Data: map[string]any{"run": "1", "step": 3}})
	f.tell(session.Message{Kind: "said", Data: session.Said{Level: "info"}})

	one := listen(t, client, s, "")
	var kinds []string
	var last received
	for range 5 {
		last, _ = one.next()
		kinds = append(kinds, last.kind)
		if last.kind == "state" {
			var got struct {
				Ready           bool
				Server, Version string
				Upload          int64 `json:"upload_limit"`
				Runs            []struct{ ID string }
			}
			if err := json.Unmarshal([]byte(last.data), &got); err != nil || !got.Ready || got.Server == "" || got.Version != "test" || got.Upload != mostUpload || len(got.Runs) != 1 {
				t.Errorf("the state: %v in %s", err, last.data)
			}
		}
	}
	if got := strings.Join(kinds, " "); got != "state points epoch layers findings" {
		t.Errorf("a new reader gets %s", got)
	}
	one.close()

	f.tell(points("1", 4, 2))
	f.tell(points("1", 6, 2))
	back := listen(t, client, s, last.id)
	e := back.until(t, "points")
	if !strings.Contains(e.data, `[[4,0.04,`) {
		t.Errorf("one that comes back: got %s", e.data)
	}
	if e = back.until(t, "points"); !strings.Contains(e.data, `[[6,0.06,`) {
		t.Errorf("one that comes back: got %s", e.data)
	}
	back.close()

	for name, id := range map[string]string{"another server": "other-3", "from the future": s.hub.server + "-999999", "nonsense": "x", "negative": s.hub.server + "--1", "no number": s.hub.server + "-"} {
		if e, _ := listen(t, client, s, id).next(); e.kind != "state" {
			t.Errorf("a reader that comes back with %s: got %s first", name, e.kind)
		}
	}
	for i := range 2 * mostRecent {
		f.tell(points("1", 8+i, 1))
	}
	if e, _ := listen(t, client, s, e.id).next(); e.kind != "state" {
		t.Errorf("a reader that was away for long: got %s first", e.kind)
	}

	f.mu.Lock()
	f.state.Runs = []session.Run{{ID: "2"}}
	f.mu.Unlock()
	f.tell(session.Message{Kind: "state", Data: f.State()})
	f.tell(points("2", 1, 1))
	third := listen(t, client, s, "")
	if e := third.until(t, "points"); !strings.Contains(e.data, `"run":"2"`) {
		t.Errorf("after the first run was removed: got %s", e.data)
	}
}

// The numbers of a stream have no gap, and none comes twice, however it is told while readers come and go.
func TestOrder(t *testing.T) {
	s, f, client := started(t)
	stop, told := make(chan bool), make(chan bool)
	go func() {
		defer close(told)
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				f.tell(points("1", i, 1))
				time.Sleep(50 * time.Microsecond)
			}
		}
	}()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			id, step := "", 0.0
			for range 5 {
				stream := listen(t, client, s, id)
				for range 40 {
					e, ok := stream.next()
					if !ok {
						break
					}
					if e.kind == "points" {
						var got struct{ Points [][]float64 }
						if err := json.Unmarshal([]byte(e.data), &got); err != nil {
							t.Error(err)
						}
						if first, last := got.Points[0][0], got.Points[len(got.Points)-1][0]; id != "" && first != step+1 || last <= step {
							t.Errorf("after step %v came %v to %v", step, first, last)
						} else {
							step = last
						}
					}
					if e.id != "" {
						id = e.id
					}
				}
				stream.close()
			}
		})
	}
	wg.Wait()
	close(stop)
	<-told
}

// 200 readers at once each get all, those that read nothing are dropped, and the session waits for none.
func TestManyReaders(t *testing.T) {
	s, f, client := started(t, func(s *Server) { s.listener, s.patience = narrow{s.listener}, time.Hour })
	const fast, slow, stretch = 180, 20, 100
	for range slow {
		listen(t, client, s, "") // and reads no more
	}
	var wg, begun sync.WaitGroup
	var stretches [8]sync.WaitGroup // of messages, the whole of which is more than a reader may have waiting
	for i := range stretches {
		stretches[i].Add(fast)
	}
	begun.Add(fast)
	for range fast {
		stream := listen(t, client, s, "")
		wg.Go(func() {
			if e, _ := stream.next(); e.kind != "state" {
				t.Errorf("got %s first", e.kind)
			}
			begun.Done()
			for n := 1; n <= len(stretches)*stretch; n++ {
				e, ok := stream.next()
				for ok && e.kind != "said" {
					e, ok = stream.next()
				}
				if !ok {
					t.Errorf("a reader that keeps up was dropped after %d messages", n)
				}
				if n%stretch == 0 {
					stretches[n/stretch-1].Done()
				}
			}
		})
	}
	begun.Wait()
	total := time.Duration(0)
	message := session.Message{Kind: "said", Data: session.Said{Text: look.Text{EN: strings.Repeat("x", 1000)}}}
	for i := range stretches {
		for range stretch {
			start := time.Now()
			f.tell(message)
			total += time.Since(start)
		}
		stretches[i].Wait()
	}
	wg.Wait()
	t.Logf("a message to 200 readers took %v in the mean", total/time.Duration(len(stretches)*stretch))
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if len(s.hub.readers) != fast {
		t.Errorf("there are %d readers, want the %d that read", len(s.hub.readers), fast)
	}
}

// narrow makes connections that hold little of what is on its way.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return c, err
}

// waitFor waits for what comes about in another goroutine.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// More readers than there may be are refused in words.
func TestTooManyReaders(t *testing.T) {
	s, _, client := started(t)
	for range mostReaders {
		if _, _, err := s.hub.join(""); err != nil {
			t.Fatal(err)
		}
	}
	got, body := ask(t, client, request(t, "GET", at(s, "/events"), ""))
	if got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "close some") {
		t.Errorf("got %s: %s", got.Status, body)
	}
}

// A reader that reads nothing is dropped by the bytes that wait for it, too, and many that come at once share what they are told.
func TestMemoryOfReaders(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	h := newHub("id", "test")
	state := session.State{}
	for run := range 60 {
		id := fmt.Sprint("r", run)
		state.Runs = append(state.Runs, session.Run{ID: id})
		h.tell(points(id, 1, mostPoints-1))
	}
	h.ready(func() session.State { return state })
	before := heap()
	var first [][][]byte
	var all []*reader
	for range 200 {
		r, told, err := h.join("")
		if err != nil {
			t.Fatal(err)
		}
		first, all = append(first, told), append(all, r)
	}
	size := 0
	for _, e := range first[199] {
		size += len(e)
	}
	if taken := heap() - before; size < 3<<20 || taken > 200<<20/4 {
		t.Errorf("200 readers of %d kB each take %d kB", size>>10, taken>>10)
	}
	runtime.KeepAlive(first)
	first = nil
	large := session.Message{Kind: "layers", Data: map[string]any{"run": "r1", "text": strings.Repeat("x", 1<<20)}}
	before = heap()
	for range 2 * mostWaiting / 8 {
		h.tell(large)
		if e := <-all[0].events; len(e) > 1<<20 { // who keeps up
			all[0].took(e)
		}
	}
	if len(h.readers) != 1 {
		t.Errorf("%d readers are left, want the one that reads", len(h.readers))
	}
	if taken := heap() - before; taken > 4*mostBytes {
		t.Errorf("large events that nobody reads leave %d kB", taken>>10)
	}
	runtime.KeepAlive(all)
}

var manyEvents = flag.Int("events", 100_000, "how many events are told to see what they leave in memory: a million left 389 kB, 100,000 leave 319 kB")

// What is kept of many events is bounded, and its curve goes from the first point to the last.
func TestMemory(t *testing.T) {
	h := newHub("id", "test")
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	idle, _, err := h.join("") // who reads nothing
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	events := *manyEvents
	for i := range events {
		h.tell(points(fmt.Sprint("r", i%2), i/2+1, 1))
		if i%1000 == 0 {
			h.tell(session.Message{Kind: "epoch", Data: session.Epoch{Run: "r0", Epoch: i/1000 + 1}})
			h.tell(session.Message{Kind: "layers", Data: map[string]any{"run": "r1", "layers": make([]int, 1000)}})
		}
	}
	if after := heap(); after > before+6<<20 {
		t.Errorf("%d events leave %d kB", events, (after-before)>>10)
	} else {
		t.Logf("%d events leave %d kB", events, (int64(after)-int64(before))>>10)
	}
	if _, ok := h.readers[idle]; ok {
		t.Error("who reads nothing is still there")
	}
	for id, k := range h.runs {
		all := k.points.all()
		if n := len(all); n > mostPoints || n < mostPoints/2 || all[0].Step != 1 || all[n-1].Step != uint64(events/2) {
			t.Errorf("%s: %d points of steps %d to %d", id, n, all[0].Step, all[n-1].Step)
		}
		for i := range all[1:] {
			if all[i+1].Step <= all[i].Step {
				t.Fatalf("%s: step %d after %d", id, all[i+1].Step, all[i].Step)
			}
		}
	}
	if n := len(h.runs["r0"].epochs.all()); n != events/1000 {
		t.Errorf("%d epochs", n)
	}
}

// A curve is thinned evenly, whatever its length, and what is told again changes nothing.
func TestThinned(t *testing.T) {
	for _, n := range []int{0, 1, 2, mostPoints - 1, mostPoints, mostPoints + 1, 2*mostPoints - 1, 2 * mostPoints, 10*mostPoints + 7} {
		var c thinned[int]
		for i := range n {
			c.add(float64(i), i)
		}
		for i := range n {
			c.add(float64(i), -1)
		}
		all := c.all()
		if len(all) > mostPoints || n > 0 && (all[0] != 0 || all[len(all)-1] != n-1) {
			t.Errorf("%d points: got %d", n, len(all))
		}
		for i := 1; i+1 < len(all); i++ {
			if all[i]-all[i-1] != all[1]-all[0] {
				t.Fatalf("%d points: %d after %d", n, all[i], all[i-1])
			}
		}
	}
}

// A message that cannot be written hurts neither the session nor the pages, which are told.
func TestUntellable(t *testing.T) {
	s, f, client := started(t)
	stream := listen(t, client, s, "")
	stream.until(t, "state")
	f.tell(session.Message{Kind: "layers", Data: make(chan int)})
	if e := stream.until(t, "said"); !strings.Contains(e.data, "layers") || !strings.Contains(e.data, `"error"`) {
		t.Errorf("got %s", e.data)
	}
}

// The line is kept alive, pages hear how many they are, and goodbye.
func TestPingAndBye(t *testing.T) {
	s, _, client := started(t)
	r := request(t, "GET", at(s, "/events"), "")
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text := make([]byte, 0, 1<<16)
	for chunk := make([]byte, 1<<12); !strings.Contains(string(text), "\n: ping\n\n"); {
		n, err := got.Body.Read(chunk)
		if err != nil {
			t.Fatalf("%v after %s", err, text)
		}
		text = append(text, chunk[:n]...)
	}
	stream := listen(t, client, s, "")
	if e := stream.until(t, "readers"); e.data != `{"readers":2}` && e.data != `{"readers":1}` {
		t.Errorf("got %s", e.data)
	}
	s.hub.close()
	if stream.until(t, "bye"); true {
		if e, ok := stream.next(); ok {
			t.Errorf("after goodbye came %s", e.kind)
		}
	}
	if got, body := ask(t, client, request(t, "GET", at(s, "/events"), "")); got.StatusCode != 503 || !strings.Contains(body, "ended") {
		t.Errorf("after goodbye: got %s: %s", got.Status, body)
	}
}
