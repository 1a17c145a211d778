package losses_test

import (
	"math"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// TestNaNShows has one NaN, in the output and in a target: it shows in the row's loss and nowhere else.
func TestNaNShows(t *testing.T) {
	for name, l := range all(t) {
		end := ""
		if name == "clipped-cross-entropy" {
			end = "softmax"
		}
		for _, where := range []string{"output", "target"} {
			p := compile(t, l, graph.Spec{Mode: graph.Evaluate, Batch: 5}, true, ends[end](3)...)
			for i := range p.X().Float64s() {
				put(p.X(), i, float64(i%4)-1.5)
			}
			at := p.X()
			if where == "target" {
				if at = p.Y(); at.Dtype() != p.X().Dtype() || name == "hinge" { // it refuses
					continue
				}
			}
			put(at, 2*3+1, math.NaN())
			if err := p.Run(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for row, v := range floats64(p.Losses()) {
				if math.IsNaN(v) != (row == 2) {
					t.Errorf("%s, NaN in row 2 of the %s: got loss %v of row %d", name, where, v, row)
				}
			}
		}
	}
}

// TestInfiniteLogits has logits of ±∞ that are right: no loss, where 0·∞ would be NaN.
func TestInfiniteLogits(t *testing.T) {
	for _, l := range []graph.Loss{losses.BinaryCrossEntropy{}, losses.Hinge{}} {
		p := compile(t, l, graph.Spec{Mode: graph.Evaluate, Batch: 2}, true, layers.Dense{Units: 1, Weights: graph.Ones})
		fill(p.X(), []float64{math.Inf(1), math.Inf(-1)})
		fill(p.Y(), []float64{1, 0})
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		near(t, l.Name(), floats64(p.Losses()), []float64{0, 0}, 0)
	}
}

// TestNoDirection: a row of zeros is at a right angle to all, and learns nothing.
func TestNoDirection(t *testing.T) {
	p := compile(t, losses.Cosine{}, graph.Spec{Mode: graph.Train, Batch: 3, Inspect: true}, true, ends[""](3)...)
	fill(p.X(), []float64{0, 0, 0, 1, 2, 3, 1, 2, 3})
	fill(p.Y(), []float64{1, 2, 3, 0, 0, 0, 2, 4, 6})
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	near(t, "values", floats64(p.Losses()), []float64{1, 1, 0}, 1e-15)
	near(t, "gradient", floats64(p.Recordings()[0].Grad), make([]float64, 9), 1e-16)
}
