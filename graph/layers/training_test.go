package layers_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// TestTrainingGoldens: the losses of 50 steps of an LSTM, of a transformer and of LeNet-5 are PyTorch's, of testdata/training.py.
func TestTrainingGoldens(t *testing.T) {
	data, err := os.ReadFile("testdata/training.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			Net    string
			Shape  []int
			Batch  int
			X, Y   [][]float64
			Params map[string][]float64
			Losses []float64
			Rate   float64   // .01 if 0
			Scales []float64 // of weights that are made by spread, as X is then; the biases are 0
		}
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Cases {
		word, _, _ := strings.Cut(c.Net, " ")
		for _, wide := range []bool{true, false} {
			net, err := layers.Parse(c.Net)
			if err != nil {
				t.Fatal(err)
			}
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(c.Shape...), Seed: 1, Float64: wide}, net...)
			if err != nil {
				t.Fatal(err)
			}
			weights := 0
			for _, p := range m.Params() {
				n := p.Value.Shape().TotalSize()
				switch {
				case c.Scales == nil:
					set(t, p.Name, p.Value, c.Params[p.Name])
				case strings.HasSuffix(p.Name, ".weight"):
					set(t, p.Name, p.Value, spread(n, weights, c.Scales[weights]))
					weights++
				default:
					set(t, p.Name, p.Value, make([]float64, n))
				}
			}
			p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: c.Batch, Loss: losses.CrossEntropy{}})
			if err != nil {
				t.Fatal(err)
			}
			step := &optim.Adam{LearningRate: .01, Epsilon: 1e-7}
			if c.Rate != 0 {
				step.LearningRate = c.Rate
			}
			for i, want := range c.Losses {
				if at := i % len(c.Y); c.Scales == nil {
					set(t, "x", p.X(), c.X[at])
				} else {
					set(t, "x", p.X(), spread(p.X().Shape().TotalSize(), 1000*at, 2))
				}
				set(t, "y", p.Y(), c.Y[i%len(c.Y)])
				p.SetStep(uint64(i))
				if err := p.Run(); err != nil {
					t.Fatal(err)
				}
				tolerance := 1e-3 * want
				if wide {
					tolerance = 1e-9
				}
				if got := p.Loss(); !(math.Abs(got-want) <= tolerance) {
					t.Errorf("%s…, float64 %v: the loss of step %d is %v, want %v", word, wide, i, got, want)
					break
				}
				if err := step.Step(p.Grads()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// spread is testdata/training.py's: n numbers between −scale/2 and scale/2.
func spread(n, begin int, scale float64) []float64 {
	all := make([]float64, n)
	for k := range all {
		all[k] = (float64((k+begin)*40503%65536)/65536 - .5) * scale
	}
	return all
}
