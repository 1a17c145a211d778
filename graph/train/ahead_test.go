package train_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// slowly is data that ask to be read ahead. Its weights depend on the row, and what it reads on the draw.
type slowly struct {
	datasets.Data
	slow  bool
	bad   int // the row that cannot be read, -1: none
	panic bool
	reads *atomic.Int64
}

func (s slowly) Slow() bool { return s.slow }

func (s slowly) Read(b datasets.Batch, rows []int, draw datasets.Draw) error {
	s.reads.Add(1)
	defer s.reads.Add(-1)
	if slices.Contains(rows, s.bad) {
		if s.panic {
			panic("a bad row")
		}
		return fmt.Errorf("row %d is unreadable", s.bad)
	}
	for i, row := range rows {
		if b.Weights != nil {
			b.Weights[i] = 1 + float64(row%3)
		}
	}
	return s.Data.Read(b, rows, draw)
}

// TestReadAhead: data that are read ahead train to the same bits as those that are not, with and without shards, and when the run is taken up again in the middle of an epoch.
func TestReadAhead(t *testing.T) {
	noisy, err := datasets.Augment(blobs(t, 100), datasets.Noise{Sigma: .3})
	if err != nil {
		t.Fatal(err)
	}
	for _, shards := range []int{1, 3} {
		var want []uint64
		for _, slow := range []bool{false, true} {
			data := slowly{noisy, slow, -1, false, new(atomic.Int64)}
			c := train.Config{Epochs: 3, BatchSize: 12, Shards: shards, Seed: 4}
			m := small(t, 1)
			fit(t, m, data, c)
			if got := bits(m); want == nil {
				want = got
			} else if !slices.Equal(got, want) {
				t.Errorf("%d shards: read ahead it is another model", shards)
			}

			// Stopped after 13 steps, four in the second epoch, and taken up again.
			cut := small(t, 1)
			var s saved
			stop := at(train.Step, func(e *train.Event) error {
				if e.Position.Step < 13 {
					return nil
				}
				s = save(t, e)
				return train.Stop("enough")
			})
			first := c
			first.Observers, first.Optimizer = []train.Observer{stop}, &optim.SGD{}
			fit(t, cut, data, first)
			again := small(t, 1)
			fit(t, again, data, *s.resume(t, again, &optim.SGD{}, c))
			if !slices.Equal(bits(again), want) {
				t.Errorf("%d shards, slow %v: taken up again it is another model", shards, slow)
			}
			if n := data.reads.Load(); n != 0 {
				t.Errorf("%d readings go on after Fit", n)
			}
		}
	}
}

// TestReadAheadFails: an error in a reading comes out of Fit, a panic comes up in the caller, and nothing is left running.
func TestReadAheadFails(t *testing.T) {
	data := slowly{blobs(t, 100), true, 57, false, new(atomic.Int64)}
	_, err := train.Fit(context.Background(), small(t, 1), data, train.Config{BatchSize: 7})
	if err == nil || !strings.Contains(err.Error(), `row 57 is unreadable`) || !strings.HasPrefix(err.Error(), "train: epoch 1, step ") {
		t.Errorf("got %v", err)
	}
	data.panic = true
	func() {
		defer func() {
			if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "a bad row") {
				t.Errorf("recovered %v", r)
			}
		}()
		_, _ = train.Fit(context.Background(), small(t, 1), data, train.Config{BatchSize: 7})
	}()
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	data.bad = -1
	_, err = train.Fit(ctx, small(t, 1), data, train.Config{BatchSize: 7, Epochs: 9, Observers: []train.Observer{at(train.Step, func(e *train.Event) error {
		if e.Position.Step == 5 {
			cancel(enough)
		}
		return nil
	})}})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	if n := data.reads.Load(); n != 0 {
		t.Errorf("%d readings go on after Fit", n)
	}
}
