package ops_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

func TestPenalty(t *testing.T) {
	for _, shape := range []tensor.Shape{{1}, {7}, {3, 4}, {2, 3, 2}, {70, 61}} {
		for _, factors := range [][2]float64{{0.3, 0}, {0, 0.2}, {0.1, 0.5}, {0, 0}} {
			fixture{
				name:   fmt.Sprintf("penalty %v of %v", factors, shape),
				shapes: []tensor.Shape{shape},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Penalty(in[0], factors[0], factors[1]) },
				want: func(in [][]float64) []float64 {
					sum := 0.
					for _, x := range in[0] {
						sum += factors[0]*math.Abs(x) + factors[1]*x*x
					}
					return []float64{sum}
				},
			}.check(t)
		}
	}
	if _, err := ops.Penalty(nil, 1, 1); err == nil {
		t.Error("nil is taken")
	}
	x := gorgonia.NewMatrix(gorgonia.NewGraph(), tensor.Float64, gorgonia.WithShape(2, 2), gorgonia.WithName("x"))
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := ops.Penalty(x, bad, 0); err == nil || !strings.Contains(err.Error(), "at least 0") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
