package train_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A club is ranks that are goroutines of the test.
type club struct {
	size  int
	mutex sync.Mutex
	cond  *sync.Cond
	turn  int
	in    int
	given []any
	taken []any
	calls []string
}

func newClub(size int) *club {
	c := &club{size: size, given: make([]any, size)}
	c.cond = sync.NewCond(&c.mutex)
	return c
}

// meet gives every member what each of them gives.
func (c *club) meet(rank int, call string, x any) ([]any, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.in > 0 && c.calls[len(c.calls)-1] != call {
		return nil, fmt.Errorf("rank %d calls %s while others call %s", rank, call, c.calls[len(c.calls)-1])
	}
	c.calls = append(c.calls, call)
	c.given[rank] = x
	if c.in++; c.in == c.size {
		c.taken, c.in = slices.Clone(c.given), 0
		c.turn++
		c.cond.Broadcast()
		return c.taken, nil
	}
	for turn := c.turn; turn == c.turn; {
		c.cond.Wait()
	}
	return c.taken, nil
}

type member struct {
	*club
	rank int
}

func (m member) Rank() int    { return m.rank }
func (m member) Size() int    { return m.size }
func (m member) Threads() int { return parallel.Threads() + m.rank%2 } // every other rank has one to spare
func (m member) Gather(mine []byte) ([][]byte, error) {
	got, err := m.meet(m.rank, "gather", slices.Clone(mine))
	if err != nil {
		return nil, err
	}
	all := make([][]byte, m.size)
	for i, x := range got {
		all[i] = slices.Clone(x.([]byte))
	}
	return all, nil
}

type parcel struct {
	bytes []byte
	sizes []int
}

func (m member) Exchange(send []byte, sends []int, receive []byte, receives []int) error {
	if beside := !strings.Contains(string(debug.Stack()), "train.Fit("); beside != (m.Threads() > parallel.Threads()) {
		return fmt.Errorf("rank %d of %d threads, %d in use: in a goroutine of its own: %v", m.rank, m.Threads(), parallel.Threads(), beside)
	}
	got, err := m.meet(m.rank, "exchange", parcel{slices.Clone(send), slices.Clone(sends)})
	if err != nil {
		return err
	}
	at := 0
	for i, x := range got {
		p, lo := x.(parcel), 0
		for _, n := range p.sizes[:m.rank] {
			lo += n
		}
		if p.sizes[m.rank] != receives[i] {
			return fmt.Errorf("rank %d sends %d bytes, rank %d wants %d", i, p.sizes[m.rank], m.rank, receives[i])
		}
		if i != m.rank { // nobody may count on what it has sent to itself
			copy(receive[at:], p.bytes[lo:lo+receives[i]])
		}
		at += receives[i]
	}
	return nil
}

func (m member) Share(whole []byte, parts []int) error {
	lo := 0
	for _, n := range parts[:m.rank] {
		lo += n
	}
	got, err := m.meet(m.rank, "share", slices.Clone(whole[lo:lo+parts[m.rank]]))
	if err != nil {
		return err
	}
	at := 0
	for _, x := range got {
		at += copy(whole[at:], x.([]byte))
	}
	return nil
}

// together runs f as each of so many ranks.
func together(ranks int, f func(r train.Ranks) error) []error {
	c := newClub(ranks)
	errs := make([]error, ranks)
	var wait sync.WaitGroup
	for rank := range ranks {
		wait.Go(func() {
			if ranks == 1 {
				errs[rank] = f(nil)
			} else {
				errs[rank] = f(member{c, rank})
			}
		})
	}
	wait.Wait()
	return errs
}

// outcome is all that a run leaves, as text with every bit.
func outcome(m *graph.Model, o optim.Optimizer, h *train.History) string {
	var b strings.Builder
	for _, p := range m.Tensors() {
		fmt.Fprintf(&b, "%s %x\n", p.Name, p.Value.Data())
	}
	state := o.State()
	fmt.Fprintf(&b, "%d %x\n", state.Steps, state.Numbers)
	for _, name := range []string{"m", "v", "average"} {
		for _, t := range state.Slots[name] {
			fmt.Fprintf(&b, "%s %x\n", name, t.Data())
		}
	}
	for _, e := range h.Epochs {
		e.Seconds = 0
		fmt.Fprintf(&b, "%+v %+v\n", e, e.Evaluated)
	}
	fmt.Fprintf(&b, "%+v %+v %s\n", h.Position, h.Running, h.Stopped)
	return b.String()
}

// TestRanksAreTheSameBits: as many shards on however many ranks, the same bits in weights, states, optimizer and figures, on every rank.
func TestRanksAreTheSameBits(t *testing.T) {
	data := weighted(t, 47) // the last batch has fewer samples than shards
	for _, float64s := range []bool{false, true} {
		for _, shards := range []int{4, 6} {
			run := func(r train.Ranks) (string, error) {
				m := everything(t, float64s)
				o := &optim.EMA{Optimizer: &optim.Adam{LearningRate: 1e-2}, Decay: .9}
				h, err := train.Fit(t.Context(), m, data, train.Config{
					Loss: losses.CrossEntropy{Weights: []float64{1, .5, 3}}, Optimizer: o, BatchSize: 9, Epochs: 3, Shards: shards, Validation: data, Ranks: r,
					Metrics: []train.Metric{train.Accuracy{}, train.Perplexity{}},
				})
				if err != nil {
					return "", err
				}
				e, err := train.Evaluate(t.Context(), m, data, train.Config{BatchSize: 7, Ranks: r})
				if err != nil {
					return "", err
				}
				p, err := train.PredictTogether(t.Context(), r, m, data)
				if err != nil {
					return "", err
				}
				return outcome(m, o, h) + fmt.Sprintf("%+v %x", e, p.Data()), nil
			}
			want, err := run(nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, ranks := range []int{2, 3, 4, 6} {
				if shards%ranks != 0 {
					continue
				}
				got := make([]string, ranks)
				for rank, err := range together(ranks, func(r train.Ranks) (err error) {
					got[r.Rank()], err = run(r)
					return err
				}) {
					if err != nil {
						t.Fatalf("float64 %v, %d shards, rank %d of %d: %v", float64s, shards, rank, ranks, err)
					}
					if got[rank] != want {
						t.Errorf("float64 %v, %d shards, rank %d of %d: other bits than one process\n%s", float64s, shards, rank, ranks, firstDifference(got[rank], want))
					}
				}
			}
		}
	}
}

// TestRanksInBuckets: gradients of several buckets are those of one process, whether they leave while others are multiplied out or not.
func TestRanksInBuckets(t *testing.T) {
	data := weighted(t, 40)
	run := func(r train.Ranks) (string, error) {
		m := model(t, graph.Config{Input: graph.Floats(17), Seed: 5},
			layers.Dense{Units: 600, Activation: layers.Tanh}, layers.BatchNorm{}, layers.Dense{Units: 600, Activation: layers.ReLU}, layers.Dense{Units: 500, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
		o := &optim.SGD{LearningRate: .1}
		h, err := train.Fit(t.Context(), m, data, train.Config{Optimizer: o, BatchSize: 20, Shards: 4, Ranks: r})
		return outcome(m, o, h), err
	}
	want, err := run(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, ranks := range []int{2, 4} {
		for rank, err := range together(ranks, func(r train.Ranks) error {
			got, err := run(r)
			if err == nil && got != want {
				err = errors.New("other bits than one process: " + firstDifference(got, want))
			}
			if exchanges := strings.Count(strings.Join(r.(member).calls, " "), "exchange"); exchanges != 2*2*ranks && err == nil { // two buckets in two steps
				err = fmt.Errorf("got %d exchanges, want %d", exchanges, 2*2*ranks)
			}
			return err
		}) {
			if err != nil {
				t.Errorf("rank %d of %d: %v", rank, ranks, err)
			}
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("got  %.300s\nwant %.300s", a[i], b[i])
		}
	}
	return "of another length"
}

// TestRanksThatDiffer are refused before the first step, on every rank and with the reason.
func TestRanksThatDiffer(t *testing.T) {
	for _, c := range []struct {
		what, want string
		change     func(c *train.Config, m **graph.Model, data *datasets.Data)
	}{
		{"seed", "rank 1 differs from rank 0 in the seed: 7, there 0", func(c *train.Config, _ **graph.Model, _ *datasets.Data) { c.Seed = 7 }},
		{"batch", "in the batch size: 8, there 9", func(c *train.Config, _ **graph.Model, _ *datasets.Data) { c.BatchSize = 8 }},
		{"epochs", "in the epochs: 2, there 1", func(c *train.Config, _ **graph.Model, _ *datasets.Data) { c.Epochs = 2 }},
		{"shards", "in the shards: 4, there 2", func(c *train.Config, _ **graph.Model, _ *datasets.Data) { c.Shards = 4 }},
		{"optimizer", "in its optimizer: adam, there sgd:", func(c *train.Config, _ **graph.Model, _ *datasets.Data) { c.Optimizer = &optim.Adam{} }},
		{"loss", "in its loss: mse, there cross-entropy", func(c *train.Config, _ **graph.Model, _ *datasets.Data) {
			c.Loss, c.Metrics = losses.MSE{}, []train.Metric{}
		}},
		{"network", "in its network: ", func(_ *train.Config, m **graph.Model, _ *datasets.Data) {
			*m = model(t, graph.Config{Input: graph.Floats(17)}, layers.Dense{Units: 3})
		}},
		{"samples", "in the data: 46 samples", func(_ *train.Config, _ **graph.Model, data *datasets.Data) { *data = weighted(t, 46) }},
		{"validation", "in the validation data: 47 samples", func(c *train.Config, _ **graph.Model, data *datasets.Data) { c.Validation = *data }},
		{"a mistake", "got batch size -1", func(c *train.Config, _ **graph.Model, _ *datasets.Data) { c.BatchSize = -1 }},
		{"no data", "got a nil data set", func(_ *train.Config, _ **graph.Model, data *datasets.Data) { *data = nil }},
	} {
		for rank, err := range together(2, func(r train.Ranks) error {
			var data datasets.Data = weighted(t, 47)
			m := everything(t, false)
			config := train.Config{Optimizer: &optim.SGD{}, BatchSize: 9, Ranks: r, Metrics: []train.Metric{}}
			if r.Rank() == 1 {
				c.change(&config, &m, &data)
			}
			_, err := train.Fit(t.Context(), m, data, config)
			return err
		}) {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: rank %d got error %v, want one that says %q", c.what, rank, err, c.want)
			}
		}
	}
	for _, err := range together(3, func(r train.Ranks) error {
		_, err := train.Fit(t.Context(), everything(t, false), weighted(t, 47), train.Config{Shards: 4, BatchSize: 9, Ranks: r})
		return err
	}) {
		if err == nil || !strings.Contains(err.Error(), "got 4 shards for 3 ranks") {
			t.Errorf("got error %v", err)
		}
	}
}

// broken are data of which a row cannot be read.
type broken struct {
	datasets.Data
	row int
}

func (b broken) Read(into datasets.Batch, rows []int, draw datasets.Draw) error {
	if draw.Training && slices.Contains(rows, b.row) {
		return errors.New("no such sector")
	}
	return b.Data.Read(into, rows, draw)
}

// TestRanksEndTogether: what ends one rank ends all, at the same step and with its words.
func TestRanksEndTogether(t *testing.T) {
	stop := func(at train.Moment, rank int, err error) func(r train.Ranks, c *train.Config) {
		return func(r train.Ranks, c *train.Config) {
			if r.Rank() == rank {
				c.Observers = []train.Observer{train.ObserverFunc("ender", func(e *train.Event) error {
					if e.Moment == at && (e.Position.Step == 3 || at != train.Step && at != train.Backward) {
						return err
					}
					return nil
				})}
			}
		}
	}
	for _, c := range []struct {
		what    string
		want    string // of the error; "" where it ends in good order
		step    uint64
		prepare func(r train.Ranks, c *train.Config)
	}{
		{"an error at the beginning", "disk full", 0, stop(train.Begin, 1, errors.New("disk full"))},
		{"an error at a step", "disk full", 3, stop(train.Step, 2, errors.New("disk full"))},
		{"an error before a step", "disk full", 4, stop(train.Backward, 0, errors.New("disk full"))},
		{"an error at an epoch", "disk full", 6, stop(train.Epochal, 0, errors.New("disk full"))},
		{"a stop at a step", "", 3, stop(train.Step, 1, train.Stop("enough"))},
		{"a stop at an epoch", "", 6, stop(train.Epochal, 1, train.Stop("enough"))},
		{"an error at the end", "disk full", 12, stop(train.End, 0, errors.New("disk full"))},
	} {
		steps, reasons := make([]uint64, 3), make([]string, 3)
		for rank, err := range together(3, func(r train.Ranks) error {
			config := train.Config{BatchSize: 9, Epochs: 2, Ranks: r, Validation: weighted(t, 20)}
			c.prepare(r, &config)
			h, err := train.Fit(t.Context(), everything(t, false), weighted(t, 47), config)
			steps[r.Rank()], reasons[r.Rank()] = h.Position.Step, h.Stopped
			return err
		}) {
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: rank %d got error %v", c.what, rank, err)
			}
			if c.want == "" && reasons[rank] != "enough" {
				t.Errorf("%s: rank %d stopped because of %q", c.what, rank, reasons[rank])
			}
			if d := steps[rank]; d != c.step && !(c.what == "an error before a step" && d == 3) && c.what != "an error at the end" {
				t.Errorf("%s: rank %d ended after %d steps, want %d", c.what, rank, d, c.step)
			}
		}
	}
	for rank, err := range together(2, func(r train.Ranks) error {
		_, err := train.Fit(t.Context(), everything(t, false), broken{weighted(t, 47), 20}, train.Config{BatchSize: 9, Ranks: r})
		return err
	}) {
		if err == nil || !strings.Contains(err.Error(), "no such sector") {
			t.Errorf("unreadable data: rank %d got error %v", rank, err)
		}
	}
	for rank, err := range together(2, func(r train.Ranks) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		config := train.Config{BatchSize: 9, Epochs: 5, Ranks: r}
		if r.Rank() == 1 {
			config.Observers = []train.Observer{at(train.Step, func(e *train.Event) error {
				if e.Position.Step == 4 {
					cancel(errors.New("time is up"))
				}
				return nil
			})}
		}
		h, err := train.Fit(ctx, everything(t, false), weighted(t, 47), config)
		if h.Position.Step != 4 {
			t.Errorf("cancelled: rank %d ended after %d steps, want 4", r.Rank(), h.Position.Step)
		}
		return err
	}) {
		if err == nil || !strings.Contains(err.Error(), "time is up") {
			t.Errorf("cancelled: rank %d got error %v", rank, err)
		}
	}
	for rank, err := range together(2, func(r train.Ranks) error {
		_, err := train.Fit(t.Context(), everything(t, false), weighted(t, 47), train.Config{Optimizer: &optim.SGD{LearningRate: 1e30}, BatchSize: 9, Epochs: 5, Ranks: r})
		return err
	}) {
		var diverged *train.DivergedError
		if !errors.As(err, &diverged) {
			t.Errorf("a rate far too high: rank %d got error %v", rank, err)
		}
	}
}

// TestRanksFollow: a rank that knows nothing of a run that goes on takes over where rank 0 is, even where its first batch has no shard for it.
func TestRanksFollow(t *testing.T) {
	follow(t, 2, 8)
	follow(t, 4, 11) // the last batch is of two samples
}

func follow(t *testing.T, ranks int, stop uint64) {
	t.Helper()
	data := weighted(t, 47)
	config := func(r train.Ranks, o optim.Optimizer) train.Config {
		return train.Config{Optimizer: o, BatchSize: 9, Epochs: 2, Shards: ranks, Ranks: r}
	}
	whole, o := everything(t, false), &optim.Adam{}
	h, err := train.Fit(t.Context(), whole, data, config(nil, o))
	if err != nil {
		t.Fatal(err)
	}
	h.Epochs = nil
	want := outcome(whole, o, h)
	for rank, err := range together(ranks, func(r train.Ranks) error {
		m, o := everything(t, false), &optim.Adam{}
		c := config(r, o)
		if r.Rank() == 0 {
			part := config(nil, o)
			part.Observers = []train.Observer{at(train.Step, func(e *train.Event) error {
				if e.Position.Step == stop {
					return train.Stop("a part")
				}
				return nil
			})}
			h, err := train.Fit(t.Context(), m, data, part)
			if err != nil {
				return err
			}
			c.Start = h.Position
		}
		h, err := train.Fit(t.Context(), m, data, c)
		h.Epochs = nil
		if got := outcome(m, o, h); got != want && err == nil {
			return errors.New("other bits than without a stop: " + firstDifference(got, want))
		}
		return err
	}) {
		if err != nil {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
}
