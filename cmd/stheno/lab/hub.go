package lab

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// What a hub keeps, and how much.
const (
	mostReaders = 256     // at once
	mostWaiting = 512     // events that a reader has not taken yet: one that is slower is dropped, and comes back by itself
	mostRecent  = 512     // events, for readers that come back
	mostBytes   = 4 << 20 // of them, and of those that a reader has not taken yet
	mostPoints  = 2000    // of a curve
)

// A hub gives what a session tells to every reader, numbered in its order, and never waits for one. It keeps of it what a reader needs that comes new: of each run its curve,
// thinned, and the newest of what there is one of; and the last few events for one that lost its connection.
type hub struct {
	server, version string

	mu      sync.Mutex
	state   func() session.State // as it is now; nil while there is none
	last    uint64               // event's number
	recent  [][]byte             // the last events, as they went over the wire
	bytes   int                  // of recent
	readers map[*reader]struct{}
	changed bool // the number of readers, since it was told
	runs    map[string]*kept
	closed  bool
}

// A reader is one stream of events. It is dropped where events is closed.
type reader struct {
	events  chan []byte
	waiting atomic.Int64 // bytes in events
}

// took is of an event that the reader has taken.
func (r *reader) took(event []byte) { r.waiting.Add(-int64(len(event))) }

// kept is what is kept of a run.
type kept struct {
	order            int
	points           thinned[session.Point]
	epochs           thinned[session.Epoch]
	curve            *curve // of both, for new readers; nil where they have changed since
	layers, findings []byte
}

// A curve is a run's as it was at a time. Readers that come meanwhile share it, and how it goes over the wire: of sixty runs it is megabytes.
type curve struct {
	points []session.Point
	epochs []session.Epoch

	mu     sync.Mutex
	step   uint64 // where the run is, of which events tell
	events [][]byte
}

// wire are its events, of the run where it is.
func (c *curve) wire(run string, step uint64) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.events != nil && c.step == step {
		return c.events, nil
	}
	all := [][]byte{}
	if len(c.points) > 0 {
		text, err := json.Marshal(session.Points{Run: run, Step: step, Points: c.points})
		if err != nil {
			return nil, err
		}
		all = append(all, wire(nil, "points", text))
	}
	for _, e := range c.epochs {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		all = append(all, wire(nil, "epoch", text))
	}
	c.events, c.step = all, step
	return all, nil
}

func newHub(server, version string) *hub {
	return &hub{server: server, version: version, readers: map[*reader]struct{}{}, runs: map[string]*kept{}}
}

// ready gives the session's state to new readers from now on. Those that are there are told it by the session.
func (h *hub) ready(state func() session.State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = state
}

// tell gives a message to all readers. It does not wait.
func (h *hub) tell(m session.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	if s, ok := m.Data.(session.State); ok {
		m.Data = h.described(s)
	}
	text, err := json.Marshal(m.Data)
	if err != nil { // of a number that is not finite, say
		problem := look.Text{EN: fmt.Sprintf("The lab cannot show %s: %v", m.Kind, err), ZH: fmt.Sprintf("無法顯示 %s：%v", m.Kind, err)}
		m = session.Message{Kind: "said", Data: session.Said{Level: "error", Text: problem}}
		text, _ = json.Marshal(m.Data)
	}
	h.keep(m.Data, m.Kind, text)
	h.last++
	e := wire(h.id(h.last), m.Kind, text)
	h.recent, h.bytes = append(h.recent, e), h.bytes+len(e)
	for len(h.recent) > mostRecent || h.bytes > mostBytes {
		h.bytes -= len(h.recent[0])
		h.recent[0] = nil
		h.recent = h.recent[1:]
	}
	for r := range h.readers {
		if r.waiting.Add(int64(len(e))) > mostBytes && len(r.events) > 0 { // one event alone may be larger
			h.drop(r)
			continue
		}
		select {
		case r.events <- e:
		default:
			h.drop(r)
		}
	}
}

// wire is an event as it goes over the wire.
func wire(id []byte, kind string, data []byte) []byte {
	return fmt.Appendf(id, "event: %s\ndata: %s\n\n", kind, data)
}

// id is the line of an event's number, which the browser gives back: with the server, whose next start counts anew.
func (h *hub) id(number uint64) []byte { return fmt.Appendf(nil, "id: %s-%d\n", h.server, number) }

// state is a session's, and whether there is one: else the lab gets ready.
type state struct {
	Ready bool `json:"ready"`
	session.State
}

// described is a state with what the server knows of itself.
func (h *hub) described(s session.State) state {
	s.Server, s.Version, s.Readers, s.UploadLimit = h.server, h.version, len(h.readers), mostUpload
	return state{h.state != nil, s}
}

func (h *hub) describedNow(s session.State) state {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.described(s)
}

// keep keeps what a new reader will need of a message.
func (h *hub) keep(data any, kind string, text []byte) {
	switch data := data.(type) {
	case state: // a run that was removed goes from here too
		gone := maps.Clone(h.runs)
		for i, r := range data.Runs {
			delete(gone, r.ID)
			h.run(r.ID).order = i
		}
		for id := range gone {
			delete(h.runs, id)
		}
	case session.Points:
		k := h.run(data.Run)
		k.curve = nil
		for _, p := range data.Points {
			k.points.add(float64(p.Step), p)
		}
	case session.Epoch:
		k := h.run(data.Run)
		k.curve = nil
		k.epochs.add(float64(data.Epoch), data)
	default:
		var of struct{ Run string }
		switch {
		case kind != "layers" && kind != "findings", json.Unmarshal(text, &of) != nil:
		case kind == "layers":
			h.run(of.Run).layers = text
		default:
			h.run(of.Run).findings = text
		}
	}
}

func (h *hub) run(id string) *kept {
	k, ok := h.runs[id]
	if !ok {
		k = &kept{order: len(h.runs)}
		h.runs[id] = k
	}
	return k
}

// drop ends a reader's stream.
func (h *hub) drop(r *reader) {
	if _, ok := h.readers[r]; ok {
		delete(h.readers, r)
		close(r.events)
		h.changed = true
	}
}

// join makes a reader, and says what it is to be sent before its events: one that comes back what it has missed, where that is still here, else all that is kept.
func (h *hub) join(lastEvent string) (*reader, [][]byte, error) {
	r, missed, past, err := h.enter(lastEvent)
	if err != nil || past == nil {
		return r, missed, err
	}
	s := session.State{Runs: []session.Run{}, Ladder: []look.Step{}}
	if past.state != nil { // without the lock: the session tells while it holds its own, which its state takes
		s = past.state()
	}
	first, err := past.events(h.describedNow(s))
	if err != nil {
		h.leave(r)
		return nil, nil, fmt.Errorf("the state cannot be told: %w", err)
	}
	return r, first, nil
}

// past is what is kept, as it was after an event.
type past struct {
	state func() session.State
	id    []byte // of the event
	runs  map[string]lived
}

// lived is a run's.
type lived struct {
	order            int
	curve            *curve
	layers, findings []byte
}

// enter makes the reader, whose events are those from here on. What is kept is nil of one that gets what it has missed.
func (h *hub) enter(lastEvent string) (r *reader, missed [][]byte, p *past, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, nil, nil, errors.New("the lab has ended")
	case len(h.readers) >= mostReaders:
		return nil, nil, nil, fmt.Errorf("%d pages show this lab already, which is the most: close some", mostReaders)
	}
	r = &reader{events: make(chan []byte, mostWaiting)}
	h.readers[r] = struct{}{}
	h.changed = true
	if missed, ok := h.since(lastEvent); ok {
		return r, missed, nil, nil
	}
	p = &past{h.state, h.id(h.last), map[string]lived{}}
	for id, k := range h.runs {
		if k.curve == nil {
			k.curve = &curve{points: k.points.all(), epochs: k.epochs.all()}
		}
		p.runs[id] = lived{k.order, k.curve, k.layers, k.findings}
	}
	return r, nil, p, nil
}

// events are the past's, after the state: where a run is the state says.
func (p *past) events(s state) (all [][]byte, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	all = append(all, wire(nil, "state", text))
	for _, id := range slices.SortedFunc(maps.Keys(p.runs), func(a, b string) int { return cmp.Compare(p.runs[a].order, p.runs[b].order) }) {
		k := p.runs[id]
		i := slices.IndexFunc(s.Runs, func(r session.Run) bool { return r.ID == id })
		if i < 0 {
			continue // it is removed, as the next state will say
		}
		told, err := k.curve.wire(id, s.Runs[i].Step)
		if err != nil {
			return nil, err
		}
		all = append(all, told...)
		if k.layers != nil {
			all = append(all, wire(nil, "layers", k.layers))
		}
		if k.findings != nil {
			all = append(all, wire(nil, "findings", k.findings))
		}
	}
	all[len(all)-1] = slices.Concat(p.id, all[len(all)-1]) // from there on it may come back
	return all, nil
}

// since are the events after one; false where they are not all here.
func (h *hub) since(lastEvent string) (missed [][]byte, ok bool) {
	server, number, found := strings.Cut(lastEvent, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	if !found || server != h.server || err != nil || n > h.last || h.last-n > uint64(len(h.recent)) {
		return nil, false
	}
	return slices.Clone(h.recent[len(h.recent)-int(h.last-n):]), true
}

// leave takes a reader out.
func (h *hub) leave(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(r)
}

// count tells how many readers there are, where that has changed.
func (h *hub) count() {
	h.mu.Lock()
	changed, n := h.changed, len(h.readers)
	h.changed = false
	h.mu.Unlock()
	if changed {
		h.tell(session.Message{Kind: "readers", Data: struct {
			Readers int `json:"readers"`
		}{n}})
	}
}

// close says goodbye, and ends all streams after it.
func (h *hub) close() {
	h.tell(session.Message{Kind: "bye", Data: struct{}{}})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for r := range h.readers {
		h.drop(r)
	}
}
