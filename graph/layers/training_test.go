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

// TestTrainingGoldens: the losses of 50 steps of an LSTM and of a transformer are PyTorch's, of testdata/training.py.
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
			for _, p := range m.Params() {
				set(t, p.Name, p.Value, c.Params[p.Name])
			}
			p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: c.Batch, Loss: losses.CrossEntropy{}})
			if err != nil {
				t.Fatal(err)
			}
			step := &optim.Adam{LearningRate: .01, Epsilon: 1e-7}
			for i, want := range c.Losses {
				set(t, "x", p.X(), c.X[i%len(c.X)])
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
