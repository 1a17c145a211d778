package layers_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// testdata/regularized.json holds twenty steps of Keras; regularized.py beside it wrote it.
func TestRegularizedAgainstKeras(t *testing.T) {
	var golden struct {
		X, Y  []float64
		Start [][]float64
		Cases map[string]struct {
			Losses  []float64
			Weights [][]float64
		}
	}
	text, err := os.ReadFile("testdata/regularized.json")
	if err == nil {
		err = json.Unmarshal(text, &golden)
	}
	if err != nil || len(golden.Cases) != 5 {
		t.Fatalf("%d cases, %v", len(golden.Cases), err)
	}
	narrow := func(x []float64) (all []float32) {
		for _, v := range x {
			all = append(all, float32(v))
		}
		return all
	}
	data, err := datasets.NewArrays("points", []datasets.Array{{Name: "x", Shape: []int{5}, Floats: narrow(golden.X)}}, []datasets.Array{{Name: "y", Shape: []int{1}, Floats: narrow(golden.Y)}})
	if err != nil {
		t.Fatal(err)
	}
	for settings, want := range golden.Cases {
		for _, shards := range []int{1, 3} {
			network, err := layers.Parse("regularized(dense 4 tanh) " + settings + ", dense 1")
			if err != nil {
				t.Fatal(err)
			}
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(5)}, network...)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range m.Params() {
				copy(p.Value.Float32s(), narrow(golden.Start[i]))
			}
			step := 0
			look := train.ObserverFunc("look", func(e *train.Event) error {
				if e.Moment == train.Backward {
					if got, want := e.Loss, want.Losses[step]; math.Abs(got-want) > 2e-6*max(1, want) {
						t.Errorf("%s, %d shards, step %d: got a loss of %v, Keras has %v", settings, shards, step+1, got, want)
					}
					step++
				}
				return nil
			})
			if _, err := train.Fit(context.Background(), m, data, train.Config{Loss: losses.MSE{}, Optimizer: &optim.SGD{LearningRate: 0.1}, BatchSize: 6, Epochs: 20, Shards: shards, Observers: []train.Observer{look}}); err != nil {
				t.Fatal(err)
			}
			for i, p := range m.Params() {
				for k, got := range p.Value.Float32s() {
					if want := want.Weights[i][k]; math.Abs(float64(got)-want) > 5e-6 {
						t.Errorf("%s, %d shards: %s[%d] is %v, Keras has %v", settings, shards, p.Name, k, got, want)
						break
					}
				}
			}
		}
	}
}

func TestRegularizedRefusals(t *testing.T) {
	for text, word := range map[string]string{
		"regularized l2=0.1":                    "got no layer",
		"regularized(dense 3) l1=-1":            "L1 -1",
		"regularized(dense 3 relu) max-norm=-2": "MaxNorm -2",
	} {
		network, err := layers.Parse(text)
		if err == nil {
			_, err = graph.NewModel(graph.Config{Input: graph.Floats(5)}, network...)
		}
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: got %v, want %q in it", text, err, word)
		}
	}
}
