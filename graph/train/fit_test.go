package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

func TestFitLearnsXOR(t *testing.T) {
	data := dataset(t, []int{2}, []float32{0, 0, 0, 1, 1, 0, 1, 1}, []int{0, 1, 1, 0})
	for _, wide := range []bool{false, true} {
		for _, loss := range []graph.Loss{nil, losses.CrossEntropy{}, losses.ClippedCrossEntropy{}, losses.MSE{}} {
			m := model(t, graph.Config{Input: graph.Floats(2), Seed: 2, Float64: wide},
				layers.Dense{Units: 8, Activation: layers.Tanh}, layers.Dense{Units: 2, Activation: layers.Softmax})
			c := train.Config{Loss: loss, Optimizer: &optim.Adam{LearningRate: .05}, BatchSize: 3, Epochs: 200, Seed: 1}
			before := evaluate(t, m, data, c)
			history := fit(t, m, data, c)
			after := evaluate(t, m, data, c)
			if after.Accuracy() != 1 || after.Loss > before.Loss/5 {
				t.Errorf("loss %v, float64 %v: %+v before, %+v after", loss, wide, before.Metrics, after.Metrics)
			}
			if want := (train.Position{Epoch: 200, Step: 400}); !history.Position.Equal(want) || history.Stopped != "" {
				t.Errorf("loss %v: the history ends at %+v, stopped %q", loss, history.Position, history.Stopped)
			}
		}
	}
}

// TestZeroConfig is what the Config's comments promise of its zero value.
func TestZeroConfig(t *testing.T) {
	data := blobs(t, 70)
	explicit := train.Config{Loss: losses.CrossEntropy{}, Optimizer: &optim.SGD{LearningRate: .01}, BatchSize: 32, Epochs: 1}
	a, b := small(t, 1), small(t, 1)
	history := fit(t, a, data, train.Config{})
	fit(t, b, data, explicit)
	if !slices.Equal(bits(a), bits(b)) {
		t.Error("the zero Config trains another way than its comments say")
	}
	if !history.Position.Equal(train.Position{Epoch: 1, Step: 3}) {
		t.Errorf("stopped at %+v", history.Position)
	}
}

// TestEpochCoversEverySample: each sample once in each epoch, in an order that changes, the last batch smaller.
func TestEpochCoversEverySample(t *testing.T) {
	const n, size = 23, 5
	var sizes []int
	var epochs [][]int
	var order []int
	fit(t, small(t, 1), blobs(t, n), train.Config{BatchSize: size, Epochs: 2, Seed: 9, Observers: []train.Observer{
		at(train.Step, func(e *train.Event) error {
			sizes = append(sizes, len(e.Batch.Rows))
			order = append(order, e.Batch.Rows...)
			if got := e.Batch.Len(); got != len(e.Batch.Rows) {
				return fmt.Errorf("a batch of %d for %d rows", got, len(e.Batch.Rows))
			}
			return nil
		}),
		at(train.Epochal, func(*train.Event) error {
			epochs = append(epochs, order)
			order = nil
			return nil
		}),
	}})
	if want := []int{5, 5, 5, 5, 3, 5, 5, 5, 5, 3}; !slices.Equal(sizes, want) {
		t.Errorf("batches of %v, want %v", sizes, want)
	}
	for epoch, got := range epochs {
		if want := datasets.Shuffle(n, 9, epoch); !slices.Equal(got, want) {
			t.Errorf("epoch %d goes over %v, want Shuffle's %v", epoch+1, got, want)
		}
		sorted := slices.Sorted(slices.Values(got))
		for i, v := range sorted {
			if i != v || len(sorted) != n {
				t.Fatalf("epoch %d goes over %v, want each of %d samples once", epoch+1, sorted, n)
			}
		}
	}
	if slices.Equal(epochs[0], epochs[1]) {
		t.Error("both epochs have one order")
	}
}

// TestRunningFigures: where the weights do not move, the running figures are the evaluated ones, the smaller batch counting
// by its samples; where they move, and dropout is on, the two are kept apart.
func TestRunningFigures(t *testing.T) {
	data := blobs(t, 23)
	m := model(t, graph.Config{Input: graph.Floats(2), Seed: 4}, layers.Dense{Units: 6, Activation: layers.Tanh}, layers.Dense{Units: 3, Activation: layers.Softmax})
	still := fit(t, m, data, train.Config{Optimizer: &optim.SGD{LearningRate: 1e-45}, BatchSize: 5, Validation: data})
	if e := still.Epochs[0]; !near(e.Running.Loss, e.Evaluated.Loss, 1e-6) || e.Running.Accuracy() != e.Evaluated.Accuracy() {
		t.Errorf("weights at rest: running %+v, evaluated %+v", e.Running, *e.Evaluated)
	}

	m = small(t, 4)
	var evaluated []train.Metrics
	history := fit(t, m, data, train.Config{Optimizer: &optim.SGD{LearningRate: .5}, BatchSize: 5, Epochs: 3, Validation: data, Observers: []train.Observer{
		at(train.Epochal, func(e *train.Event) error {
			evaluated = append(evaluated, evaluate(t, m, data, train.Config{}).Metrics)
			return nil
		}),
	}})
	for i, e := range history.Epochs {
		if !reflect.DeepEqual(*e.Evaluated, evaluated[i]) || e.Epoch != i+1 {
			t.Errorf("epoch %d (%d): evaluated %+v, want %+v", i+1, e.Epoch, *e.Evaluated, evaluated[i])
		}
		if near(e.Running.Loss, e.Evaluated.Loss, 1e-3) {
			t.Errorf("epoch %d: the running loss %v is the evaluated one", i+1, e.Running.Loss)
		}
	}
}

// TestMasksFollowTheStep: with the weights at rest and all samples alike, only dropout's masks can make one step's loss another
// than the next one's.
func TestMasksFollowTheStep(t *testing.T) {
	alike := dataset(t, []int{2}, slices.Repeat([]float32{1, 2}, 20), slices.Repeat([]int{2}, 20))
	losses := map[string]bool{}
	fit(t, small(t, 4), alike, train.Config{Optimizer: &optim.SGD{LearningRate: 1e-45}, BatchSize: 20, Epochs: 5, Observers: []train.Observer{
		at(train.Step, func(e *train.Event) error {
			losses[fmt.Sprintf("%.4f", e.Loss)] = true
			return nil
		}),
	}})
	if len(losses) != 5 {
		t.Errorf("five steps, the losses %v", losses)
	}
}

func TestCancelEndsAfterTheStepInHand(t *testing.T) {
	disk := errors.New("the lid was shut")
	ctx, cancel := context.WithCancelCause(context.Background())
	var steps []uint64
	history, err := train.Fit(ctx, small(t, 1), blobs(t, 23), train.Config{BatchSize: 5, Epochs: 4, Observers: []train.Observer{
		at(train.Step, func(e *train.Event) error {
			steps = append(steps, e.Position.Step)
			if e.Position.Step == 7 {
				cancel(disk)
			}
			return nil
		}),
	}})
	if !errors.Is(err, disk) || err.Error() != "train: stopped after 7 steps: the lid was shut" {
		t.Errorf("got error %v", err)
	}
	if len(steps) != 7 || len(history.Epochs) != 1 || history.Position.Step != 7 || history.Position.Batch != 2 || history.Position.Seen != 10 {
		t.Errorf("%d steps, history %+v", len(steps), history)
	}
	if history.Stopped != err.Error() {
		t.Errorf("the history says %q", history.Stopped)
	}

	ctx, stop := context.WithCancel(context.Background())
	stop()
	m := small(t, 1)
	before := bits(m)
	if _, err := train.Fit(ctx, m, blobs(t, 32), train.Config{}); !errors.Is(err, context.Canceled) || !slices.Equal(before, bits(m)) {
		t.Errorf("cancelled before the first step: %v", err)
	}
}

// TestCancelDuringValidation: the epoch is not over, and a run taken up there ends as one that never stopped.
func TestCancelDuringValidation(t *testing.T) {
	data := blobs(t, 23)
	config := train.Config{BatchSize: 5, Epochs: 2, Validation: data}
	whole := small(t, 1)
	want := fit(t, whole, data, config)

	ctx, cancel := context.WithCancel(context.Background())
	m := small(t, 1)
	config.Observers = []train.Observer{at(train.Step, func(e *train.Event) error {
		if e.Position.Step == 5 {
			cancel()
		}
		return nil
	})}
	history, err := train.Fit(ctx, m, data, config)
	if !errors.Is(err, context.Canceled) || len(history.Epochs) != 0 || history.Position.Batch != 5 {
		t.Fatalf("got %v, history %+v", err, history)
	}
	config.Start, config.Observers = history.Position, nil
	got := fit(t, m, data, config)
	if !reflect.DeepEqual(withoutSeconds(got.Epochs), withoutSeconds(want.Epochs)) || !slices.Equal(bits(m), bits(whole)) {
		t.Errorf("got %+v, want %+v", got.Epochs, want.Epochs)
	}
}

// TestOneOptimizerForTwoModels: it starts afresh with the second, and goes on with the first.
func TestOneOptimizerForTwoModels(t *testing.T) {
	data := blobs(t, 40)
	for _, name := range optim.Names() {
		fresh := func() optim.Optimizer {
			o, err := optim.New(name, .05)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		used, a, b, c := fresh(), small(t, 1), small(t, 2), small(t, 2)
		fit(t, a, data, train.Config{Optimizer: used, Epochs: 3})
		fit(t, b, data, train.Config{Optimizer: used, Epochs: 3})
		fit(t, c, data, train.Config{Optimizer: fresh(), Epochs: 3})
		if !slices.Equal(bits(b), bits(c)) {
			t.Errorf("%s: a second model comes out otherwise than with an optimizer of its own", name)
		}
		first := fit(t, b, data, train.Config{Optimizer: used, Epochs: 4, Start: train.Position{Epoch: 3, Step: 6}})
		if got := used.State().Steps; got != 8 || first.Position.Step != 8 {
			t.Errorf("%s: %d steps after it went on with the same model, want 8", name, got)
		}
	}
}

// TestTwoProcesses: one seed gives one result, bit for bit, here and in a process of its own; another seed, another.
func TestTwoProcesses(t *testing.T) {
	run := func(seed uint64) string {
		m := small(t, seed)
		history := fit(t, m, blobs(t, 47), train.Config{Optimizer: &optim.Adam{}, BatchSize: 8, Epochs: 3, Seed: seed})
		return fmt.Sprintf("%x %x", bits(m), math.Float64bits(history.Epochs[2].Running.Loss))
	}
	const child = "STHENO_TRAIN_TEST_CHILD"
	if os.Getenv(child) != "" {
		fmt.Printf("bits %s\n", run(5))
		return
	}
	here := run(5)
	if here != run(5) {
		t.Error("twice in one process: other bits")
	}
	if here == run(6) {
		t.Error("another seed: the same bits")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if line, _, _ := strings.Cut(string(out), "\n"); line != "bits "+here {
		t.Errorf("another process: got %.80s…, want %.80s…", line, "bits "+here)
	}
}

// TestStepsLeaveNothingBehind: a step of the lecture's network allocates little, in one piece or in shards, and what it allocates is garbage at once.
func TestStepsLeaveNothingBehind(t *testing.T) {
	const first, last = 5, 45
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	digits = digits.Scaled(1. / 255)
	for name, c := range map[string]train.Config{
		"sgd":      {Optimizer: &optim.SGD{}},
		"adam":     {Optimizer: &optim.Adam{}},
		"4 shards": {Optimizer: &optim.SGD{}, Shards: 4},
	} {
		var before, after runtime.MemStats
		read := func(s *runtime.MemStats) {
			runtime.GC()
			runtime.GC() // what the first one finalised
			runtime.ReadMemStats(s)
		}
		c.BatchSize, c.Observers = 100, []train.Observer{at(train.Step, func(e *train.Event) error {
			switch e.Position.Step {
			case first:
				read(&before)
			case last:
				read(&after)
				return train.Stop("measured")
			}
			return nil
		})}
		fit(t, model(t, graph.Config{Input: graph.Floats(784), Seed: 1},
			layers.Dense{Units: 633, Activation: layers.Sigmoid}, layers.Dense{Units: 633, Activation: layers.Sigmoid},
			layers.Dense{Units: 633, Activation: layers.Sigmoid}, layers.Dense{Units: 10, Activation: layers.Softmax}), digits, c)
		perStep := float64(after.TotalAlloc-before.TotalAlloc) / (last - first)
		t.Logf("%s: %.0f bytes a step", name, perStep)
		limit := 16. * float64(max(1, c.Shards)) // KiB
		if perStep > limit*1024 {
			t.Errorf("%s: %.0f bytes allocated a step, want at most %.0f KiB", name, perStep, limit)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<10 {
			t.Errorf("%s: %d bytes more in use after %d steps", name, grown, last-first)
		}
	}
}
