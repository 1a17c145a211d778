package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// recorder notes what it is told.
func recorder(name string, told *[]string) train.Observer {
	return train.ObserverFunc(name, func(e *train.Event) error {
		*told = append(*told, fmt.Sprintf("%s %v %d.%d.%d", name, e.Moment, e.Position.Epoch, e.Position.Batch, e.Position.Step))
		return nil
	})
}

func TestObserversAreToldInOrder(t *testing.T) {
	var told []string
	fit(t, small(t, 1), blobs(t, 5), train.Config{BatchSize: 3, Epochs: 2, Observers: []train.Observer{recorder("a", &told), recorder("b", &told)}})
	var want []string
	for _, moment := range []string{
		"begin 0.0.0",
		"backward 0.0.0", "step 0.1.1", "backward 0.1.1", "step 0.2.2", "epoch 1.0.2",
		"backward 1.0.2", "step 1.1.3", "backward 1.1.3", "step 1.2.4", "epoch 2.0.4",
		"end 2.0.4",
	} {
		want = append(want, "a "+moment, "b "+moment)
	}
	if !slices.Equal(told, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// TestEvent: what stands in an event at each moment.
func TestEvent(t *testing.T) {
	data, m := blobs(t, 7), small(t, 1)
	var weights []uint64
	var loss float64
	var epochs int
	fit(t, m, data, train.Config{BatchSize: 3, Epochs: 2, Observers: []train.Observer{train.ObserverFunc("test", func(e *train.Event) error {
		if e.Model != m || e.Data != data || e.Steps != 3 || e.Config.BatchSize != 3 || e.Config.Loss == nil || e.Config.Optimizer == nil || e.History == nil {
			t.Fatalf("%v: %+v", e.Moment, e)
		}
		switch e.Moment {
		case train.Backward:
			if weights != nil && !slices.Equal(weights, bits(m)) {
				t.Error("the weights moved between a step and the next one's gradients")
			}
			weights = bits(m)
			for _, g := range e.Gradients() {
				if v, err := g.Grad(); err != nil || v == nil {
					t.Errorf("no gradient: %v", err)
				}
			}
		case train.Step:
			if slices.Equal(weights, bits(m)) {
				t.Error("the weights did not move in a step")
			}
			weights = bits(m)
			loss += e.Loss * float64(len(e.Batch.Rows))
			for i, row := range e.Batch.Rows {
				if int(e.Batch.Targets[0].Int32s()[i]) != data.Label(row) || e.Batch.Len() != len(e.Batch.Rows) {
					t.Errorf("sample %d of the batch is not row %d", i, row)
				}
			}
			if e.Gradients() != nil {
				t.Error("gradients are there after the step that took them")
			}
			seen := float64(e.Position.Seen)
			if !near(e.Running.Loss, loss/seen, 1e-12) || !(e.Running.Accuracy() >= 0 && e.Running.Accuracy() <= 1) {
				t.Errorf("step %d: running %+v, want %v", e.Position.Step, e.Running, loss/seen)
			}
			if len(e.Batch.Rows) == 1 && e.Position.Seen != 7 {
				t.Errorf("after an epoch %d samples seen, want 7", e.Position.Seen)
			}
		case train.Epochal:
			epochs++
			if len(e.History.Epochs) != epochs || e.Batch != nil {
				t.Errorf("after epoch %d: %+v", epochs, e)
			}
			if got := e.History.Epochs[epochs-1].Running; !near(got.Loss, loss/7, 1e-12) {
				t.Errorf("epoch %d: running %+v", epochs, got)
			}
			loss = 0
		}
		return nil
	})}})
}

func TestObserverErrorEndsTheRun(t *testing.T) {
	full := errors.New("disk full")
	for moment, want := range map[train.Moment]string{
		train.Begin:    "train: observer saver at begin of epoch 1, step 0: disk full",
		train.Backward: "train: observer saver at backward of epoch 1, step 0: disk full",
		train.Step:     "train: observer saver at step of epoch 1, step 1: disk full",
		train.Epochal:  "train: observer saver at the end of epoch 1, step 2: disk full",
		train.End:      "train: observer saver at end of epoch 3, step 4: disk full",
	} {
		var told []string
		history, err := train.Fit(context.Background(), small(t, 1), blobs(t, 5), train.Config{BatchSize: 3, Epochs: 2, Observers: []train.Observer{
			train.ObserverFunc("saver", func(e *train.Event) error {
				if e.Moment == moment {
					return full
				}
				return nil
			}),
			recorder("after", &told),
		}})
		if !errors.Is(err, full) || err.Error() != want {
			t.Errorf("%v: got error %q, want %q", moment, err, want)
		}
		if moment != train.End && history.Stopped != want {
			t.Errorf("%v: the history says %q", moment, history.Stopped)
		}
		if moment != train.End && !strings.Contains(told[len(told)-1], " end ") {
			t.Errorf("%v: the end was not told: %v", moment, told)
		}
	}
}

func TestStop(t *testing.T) {
	for _, c := range []struct {
		moment train.Moment
		steps  uint64
		epochs int
	}{{train.Begin, 0, 0}, {train.Backward, 0, 0}, {train.Step, 1, 0}, {train.Epochal, 2, 1}, {train.End, 4, 2}} {
		var told []string
		m := small(t, 1)
		before := bits(m)
		history, err := train.Fit(context.Background(), m, blobs(t, 5), train.Config{BatchSize: 3, Epochs: 2, Observers: []train.Observer{
			at(c.moment, func(*train.Event) error { return fmt.Errorf("wrapped: %w", train.Stop("good enough")) }),
			recorder("after", &told),
		}})
		if err != nil || history.Position.Step != c.steps || len(history.Epochs) != c.epochs {
			t.Errorf("%v: error %v, history %+v", c.moment, err, history)
		}
		if want := map[bool]string{true: "", false: "good enough"}[c.moment == train.End]; history.Stopped != want {
			t.Errorf("%v: the history says %q", c.moment, history.Stopped)
		}
		if moved := !slices.Equal(before, bits(m)); moved != (c.steps > 0) {
			t.Errorf("%v: weights moved: %v", c.moment, moved)
		}
		if n := len(told); n < 1 || !strings.Contains(told[n-1], " end ") || (c.moment != train.End && n < 2) {
			t.Errorf("%v: the observer after it was told %v", c.moment, told)
		}
	}
}

// TestStopAndError: an error outweighs a stop, whoever comes first.
func TestStopAndError(t *testing.T) {
	full := errors.New("disk full")
	stop := at(train.Step, func(*train.Event) error { return train.Stop("enough") })
	fail := at(train.Step, func(*train.Event) error { return full })
	for _, observers := range [][]train.Observer{{stop, fail}, {fail, stop}} {
		if _, err := train.Fit(context.Background(), small(t, 1), blobs(t, 5), train.Config{Observers: observers, BatchSize: 5}); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	}
}

func TestEarlyStopping(t *testing.T) {
	epoch := func(running float64, evaluated ...float64) train.Epoch {
		e := train.Epoch{Running: train.Metrics{Loss: running}}
		if len(evaluated) > 0 {
			e.Evaluated = &train.Metrics{Loss: evaluated[0]}
		}
		return e
	}
	for name, c := range map[string]struct {
		stopping train.EarlyStopping
		epochs   []train.Epoch
		want     int // the epoch that stops, from 1; 0 for none
	}{
		"goes down":        {train.EarlyStopping{}, []train.Epoch{epoch(3), epoch(2), epoch(1)}, 0},
		"patience 0 is 1":  {train.EarlyStopping{}, []train.Epoch{epoch(3), epoch(3), epoch(1)}, 2},
		"patience 2":       {train.EarlyStopping{Patience: 2}, []train.Epoch{epoch(3), epoch(4), epoch(2), epoch(2), epoch(5)}, 5},
		"min delta":        {train.EarlyStopping{MinDelta: .5}, []train.Epoch{epoch(3), epoch(2.6)}, 2},
		"slow but steady":  {train.EarlyStopping{Patience: 2, MinDelta: .5}, []train.Epoch{epoch(3), epoch(2.6), epoch(2.4), epoch(2), epoch(1.8)}, 0},
		"evaluated counts": {train.EarlyStopping{}, []train.Epoch{epoch(3, 1), epoch(2, 1)}, 2},
		"running does not": {train.EarlyStopping{}, []train.Epoch{epoch(1, 3), epoch(2, 2)}, 0},
		"not a number":     {train.EarlyStopping{Patience: 2}, []train.Epoch{epoch(math.NaN()), epoch(math.NaN())}, 2},
		"resumed":          {train.EarlyStopping{Patience: 3, Before: []train.Epoch{epoch(3), epoch(2), epoch(4)}}, []train.Epoch{epoch(2), epoch(2), epoch(1)}, 2},
		"resumed too late": {train.EarlyStopping{Patience: 2, Before: []train.Epoch{epoch(1), epoch(2), epoch(2)}}, []train.Epoch{epoch(3)}, 1},
		"resumed, better":  {train.EarlyStopping{Patience: 2, Before: []train.Epoch{epoch(2), epoch(2)}}, []train.Epoch{epoch(1), epoch(1)}, 0},
	} {
		got := 0
		for i := range c.epochs {
			e := &train.Event{Moment: train.Epochal, History: &train.History{Epochs: c.epochs[:i+1]}}
			if err := c.stopping.Observe(e); err != nil {
				got = i + 1
				break
			}
			for _, other := range []train.Moment{train.Begin, train.Backward, train.Step, train.End} {
				if e.Moment = other; c.stopping.Observe(e) != nil {
					t.Errorf("%s: stopped at %v of epoch %d", name, other, i+1)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: stopped at epoch %d, want %d", name, got, c.want)
		}
	}

	// On data that hold no information the evaluated loss soon goes up.
	noise := dataset(t, []int{1}, []float32{0, 1, 2, 3, 4, 5, 6, 7}, []int{0, 1, 1, 0, 1, 0, 0, 1})
	noisy := func() *graph.Model {
		return model(t, graph.Config{Input: graph.Floats(1)}, layers.Dense{Units: 2, Activation: layers.Softmax})
	}
	stopping := &train.EarlyStopping{Patience: 3}
	c := train.Config{Optimizer: &optim.SGD{LearningRate: 3}, Epochs: 500, BatchSize: 4, Validation: noise, Observers: []train.Observer{stopping}}
	history := fit(t, noisy(), noise, c)
	n := len(history.Epochs)
	if n < 4 || n >= 500 || !strings.HasPrefix(history.Stopped, "the loss has not gone down for 3 epochs, from ") {
		t.Errorf("%d epochs, stopped: %q", n, history.Stopped)
	}
	for cut := 1; cut < n; cut++ { // taken up again after any epoch, it stops where it did
		m := noisy()
		c.Epochs, c.Start = cut, train.Position{}
		first := fit(t, m, noise, c)
		c.Epochs, c.Start = 500, first.Position
		c.Observers = []train.Observer{&train.EarlyStopping{Patience: 3, Before: first.Epochs}}
		if second := fit(t, m, noise, c); !second.Position.Equal(history.Position) || second.Stopped != history.Stopped {
			t.Errorf("resumed after epoch %d: stopped in epoch %d, %q; want epoch %d, %q", cut, second.Position.Epoch, second.Stopped, n, history.Stopped)
		}
		c.Observers = []train.Observer{stopping}
	}
}
