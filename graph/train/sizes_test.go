package train_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestSizesThatWork: a network that can't be trained on a batch of one is refused before the first step, be it for the last batch or a shard, with sizes that work, and they do.
func TestSizesThatWork(t *testing.T) {
	for _, c := range []struct {
		samples, batch, shards int
		want                   string // "": it trains
	}{
		{21, 10, 1, "train: the last batch of an epoch is 1 of 21 samples: graph: layer batchnorm_1, input of shape (1, 3): got one value a channel in a batch of 1 for training, want at least two"},
		{21, 10, 1, "; batch sizes near 10 that work for these data: 8 9 11 12"},
		{12, 1, 1, "train: graph: layer batchnorm_1"},
		{12, 1, 1, "; batch sizes near 1 that work for these data: 2 3 4"},
		{7, 1, 1, "; batch sizes near 1 that work for these data: 4 5 7"},
		{20, 5, 4, "; batch sizes near 5 that work for these data: 10 11 12"},
		{20, 5, 4, "train: of a batch of 5 samples in 4 shards one has 1: graph: layer batchnorm_1"},
		{20, 5, 4, "; with batches of 5 this number of shards works: 2"},
		{40, 20, 20, "or LayerNorm; with batches of 20 this number of shards works: 10"},
		{40, 20, 10, ""},
		{43, 20, 20, "or LayerNorm; with batches of 20 this number of shards works: 1"},
		{43, 20, 1, ""},
		{8, 20, 8, "; with batches of 8 this number of shards works: 4"},
		{1, 1, 1, "want at least two: they are divided by their deviation, which is 0: take larger batches, or LayerNorm"},
		{20, 10, 1, ""},
		{22, 10, 1, ""},
		{20, 10, 5, ""},
	} {
		data, err := datasets.NewArrays("few", []datasets.Array{{Name: "x", Shape: []int{3}, Floats: make([]float32, 3*c.samples)}}, []datasets.Array{{Name: "y", Shape: []int{1}, Floats: make([]float32, c.samples)}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 1}, layers.BatchNorm{}, layers.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		steps := 0
		count := train.ObserverFunc("count", func(e *train.Event) error {
			if e.Moment == train.Step || e.Moment == train.Begin {
				steps++
			}
			return nil
		})
		_, err = train.Fit(context.Background(), m, data, train.Config{Loss: losses.MSE{}, BatchSize: c.batch, Shards: c.shards, Observers: []train.Observer{count}})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%d samples in batches of %d, %d shards: %v", c.samples, c.batch, c.shards, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || steps > 0):
			t.Errorf("%d samples in batches of %d, %d shards: got %v after %d steps, want %s", c.samples, c.batch, c.shards, err, steps, c.want)
		}
	}
}
