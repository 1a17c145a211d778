package events

import (
	"flag"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

var cost = flag.Bool("cost", false, "measure what an Observer costs: a minute or two")

// An Observer as it is by default costs less than two hundredths of the lecture's run of three hidden layers. Runs with one and without alternate; of every epoch
// the fastest counts, with what lies between the runs' beginnings and their first epochs, and after their last.
func TestCost(t *testing.T) {
	if !*cost {
		t.Skip("go test ./graph/train/events -cost, on a machine that does nothing else")
	}
	const epochs, pairs = 20, 4
	data, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	data, test = data.Scaled(1./255), test.Scaled(1./255)
	var fastest [2][epochs + 1]time.Duration
	for range pairs {
		for arm := range fastest {
			hidden := layers.Dense{Units: 633, Activation: layers.ReLU}
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1}, hidden, hidden, hidden, layers.Dense{Units: 10, Activation: layers.Softmax})
			if err != nil {
				t.Fatal(err)
			}
			times := make([]time.Duration, 0, epochs+1)
			since := time.Now()
			lap := train.ObserverFunc("lap", func(e *train.Event) error {
				if e.Moment == train.Epochal {
					times = append(times, time.Since(since))
					since = time.Now()
				}
				return nil
			})
			observers := []train.Observer{&Observer{Dir: t.TempDir(), Test: test}, lap}
			if _, err := train.Fit(t.Context(), m, data, train.Config{Optimizer: &optim.SGD{LearningRate: .1}, BatchSize: 100, Epochs: epochs, Observers: observers[1-arm:]}); err != nil {
				t.Fatal(err)
			}
			for i, d := range append(times, time.Since(since)) {
				if fastest[arm][i] == 0 || d < fastest[arm][i] {
					fastest[arm][i] = d
				}
			}
		}
	}
	var sums [2]time.Duration
	for arm := range sums {
		for _, d := range fastest[arm] {
			sums[arm] += d
		}
	}
	share := float64(sums[1]-sums[0]) / float64(sums[0])
	t.Logf("%v without, %v with: %.2f %%\n%v\n%v", sums[0], sums[1], 100*share, fastest[0], fastest[1])
	if share > .02 {
		t.Errorf("got %.2f %%, want at most 2", 100*share)
	}
}
