package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/models"
)

// TestManyAtOnce has several pages steer one lab without thought. Nothing hangs, faults or is told after the end, and what can be checked holds all the time.
func TestManyAtOnce(t *testing.T) {
	l := open(t, func(e *models.Experiment) { e.Epochs = 50 })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	changes := []look.Change{
		{Rate: of(.05)}, {Batch: of(7)}, {Optimizer: of("adam")}, {Activation: of("tanh")}, {Dropout: of(.2)}, {Layers: of("dense 5 relu, dense 3 softmax")}, {Epochs: of(70)}, {Seed: of(look.Seed(5))}, {Loss: of("mse")},
		{Rate: of(-1.0)}, {Layers: of("dense")}, {Epochs: of(1)}, {TrainSamples: of(40)}, {TrainSamples: of(4000)}, {Validation: of(.3)}, {Rate: of(1e9)},
	}
	var wait sync.WaitGroup
	for page := range 4 {
		wait.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(page), 11))
			for range 60 {
				state := l.State()
				r := state.Runs[rng.IntN(len(state.Runs))]
				step := rng.Uint64N(r.Head + 2)
				change := changes[rng.IntN(len(changes))]
				speed := []float64{0, 0, 200, 1e5}[rng.IntN(4)]
				all := []Command{
					{Do: "play", Run: r.ID, Speed: &speed}, {Do: "play"}, {Do: "pause"}, {Do: "step", Run: r.ID}, {Do: "epoch"}, {Do: "goto", Run: r.ID, Step: &step}, {Do: "change", Change: &change}, {Do: "check", Change: &change},
					{Do: "branch", Run: r.ID, Step: &step}, {Do: "branch", Step: &step, Change: &change}, {Do: "restart", Run: r.ID}, {Do: "select", Run: r.ID}, {Do: "mend", Code: "healthy"}, {Do: "hash"}, {Do: "apart"},
					{Do: "layer", Run: r.ID, Layer: "dense_1"}, {Do: "predict", Run: r.ID, Sample: rng.IntN(40)}, {Do: "sample", Sample: 1},
				}
				c := all[rng.IntN(len(all))]
				if len(state.Runs) > 6 {
					c = Command{Do: "remove", Run: r.ID}
				}
				once, gone := context.WithCancel(ctx)
				if rng.IntN(8) == 0 {
					time.AfterFunc(time.Duration(rng.IntN(2000))*time.Microsecond, gone)
				}
				_, err := l.Do(once, c)
				gone()
				if err != nil && ctx.Err() != nil {
					t.Errorf("%+v hangs", c)
					return
				}
				if err != nil && (strings.Contains(err.Error(), "fault") || strings.Contains(err.Error(), "came to step")) {
					t.Errorf("%+v: %v", c, err)
				}
			}
		})
	}
	wait.Wait()
	for _, r := range l.State().Runs {
		if r.Condition == Failed {
			t.Errorf("%s failed: %s", r.Name, r.Why.EN)
		}
		if r.Step > r.Head || r.Epoch > r.Epochs {
			t.Errorf("got %+v", r)
		}
	}
	l.do(Command{Do: "pause"})
	l.stop()
	if err := <-l.done; err != nil {
		t.Error(err)
	}
	l.done <- nil // for the cleanup
	l.mu.Lock()
	n := len(l.told)
	l.mu.Unlock()
	if _, err := l.Do(context.Background(), Command{Do: "play"}); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
	time.Sleep(20 * time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.told) != n {
		t.Errorf("%d messages were told after the end", len(l.told)-n)
	}
}

// TestPlayedRunsAgree plays a run while others ask, and finds the bits of one that nobody asked.
func TestPlayedRunsAgree(t *testing.T) {
	var e models.Experiment
	l := open(t, func(of *models.Experiment) {
		of.Epochs, of.Optimizer, of.LearningRate, of.Dropout = 30, "adam", .01, .3
		e = *of
	})
	want := uninterrupted(t, e)
	id := l.do(Command{Do: "play"})
	rng := rand.New(rand.NewPCG(8, 8))
	for l.run(id).Condition != Done {
		all := []Command{{Do: "pause"}, {Do: "play"}, {Do: "apart"}, {Do: "layer", Layer: "dense_1"}, {Do: "predict"}, {Do: "play", Speed: of(1000.0)}, {Do: "play", Speed: of(0.0)}}
		commands := []Command{all[rng.IntN(len(all))]}
		if commands[0].Do == "pause" {
			commands = append(commands, Command{Do: "play"})
		}
		for _, c := range commands {
			_, err := l.Do(context.Background(), c)
			if err != nil && !strings.Contains(err.Error(), "is over") && !strings.Contains(err.Error(), "no step comes next") { // it may be done by now
				t.Fatal(err)
			}
		}
	}
	if r := l.until(id, over); l.hash(id) != want[r.Head] {
		t.Error("other bits")
	}
}
