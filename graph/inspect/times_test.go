package inspect_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestTimesAsTorch: the gradient by time step is PyTorch's, of the model's input and of what another layer gives, in one direction and both; testdata/times.py wrote it.
func TestTimesAsTorch(t *testing.T) {
	var golden struct {
		Batch, Time, In int
		Cases           []struct {
			Name, Layers string
			X            []float64
			Target       []int32
			Weights      [][]float64
			Times        [][]float64
		}
	}
	text, err := os.ReadFile("testdata/times.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		network, err := layers.Parse(c.Layers)
		if err != nil {
			t.Fatal(err)
		}
		for _, float64s := range []bool{true, false} {
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(golden.Time, golden.In), Seed: 1, Float64: float64s}, network...)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range m.Params() {
				for j, v := range c.Weights[i] {
					set(p.Value, j, v)
				}
			}
			target := datasets.Array{Name: "class", IDs: c.Target}
			if len(c.Target) > golden.Batch {
				target.Shape = []int{golden.Time}
			}
			data, err := datasets.NewArrays("golden", []datasets.Array{{Name: "x", Shape: []int{golden.Time, golden.In}, Floats: make([]float32, len(c.X))}}, []datasets.Array{target})
			if err != nil {
				t.Fatal(err)
			}
			batch, err := train.NewBatch(m, losses.CrossEntropy{}, data, []int{0, 1, 2})
			if err != nil {
				t.Fatal(err)
			}
			for j, v := range c.X {
				set(batch.Inputs[0], j, v)
			}
			s, err := inspect.Take(m, losses.CrossEntropy{}, batch, 0)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]float64
			for _, l := range s.Layers {
				if l.Times != nil {
					got = append(got, l.Times)
				}
			}
			tolerance := 1e-12
			if !float64s {
				tolerance = 1e-6
			}
			if !slices.EqualFunc(got, c.Times, func(a, b []float64) bool {
				return slices.EqualFunc(a, b, func(v, w float64) bool { return math.Abs(v-w) < tolerance })
			}) {
				t.Errorf("%s, float64 %v: got %v, want %v", c.Name, float64s, got, c.Times)
			}
		}
	}
}

// set writes an element of a tensor of floats.
func set(t *tensor.Dense, i int, v float64) {
	if t.Dtype() == tensor.Float64 {
		t.Float64s()[i] = v
	} else {
		t.Float32s()[i] = float32(v)
	}
}
