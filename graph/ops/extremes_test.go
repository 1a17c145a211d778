package ops_test

import (
	"fmt"
	"math"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// TestActivateExtremes has the functions and their derivatives where a naive formula overflows, and at the kinks.
func TestActivateExtremes(t *testing.T) {
	x := []float64{-inf, -1e30, -1e4, -100, 0, math.Copysign(0, -1), 100, 1e4, 1e30, inf, nan}
	want := map[ops.Func]struct{ y, slope []float64 }{
		ops.Identity: {x, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		ops.Sigmoid:  {[]float64{0, 0, 0, 0, .5, .5, 1, 1, 1, 1, nan}, []float64{0, 0, 0, 0, .25, .25, 0, 0, 0, 0, nan}},
		ops.Tanh:     {[]float64{-1, -1, -1, -1, 0, 0, 1, 1, 1, 1, nan}, []float64{0, 0, 0, 0, 1, 1, 0, 0, 0, 0, nan}},
		ops.ReLU:     {[]float64{0, 0, 0, 0, 0, 0, 100, 1e4, 1e30, inf, nan}, []float64{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0}},
		ops.LeakyReLU: {[]float64{-inf, -1e28, -100, -1, 0, 0, 100, 1e4, 1e30, inf, nan},
			[]float64{.01, .01, .01, .01, .01, .01, 1, 1, 1, 1, .01}},
		ops.Softplus: {[]float64{0, 0, 0, 0, math.Ln2, math.Ln2, 100, 1e4, 1e30, inf, nan},
			[]float64{0, 0, 0, 0, .5, .5, 1, 1, 1, 1, nan}},
		ops.ELU:      {[]float64{-1, -1, -1, -1, 0, 0, 100, 1e4, 1e30, inf, nan}, []float64{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, nan}},
		ops.GELU:     {[]float64{0, 0, 0, 0, 0, 0, 100, 1e4, 1e30, inf, nan}, []float64{0, 0, 0, 0, .5, .5, 1, 1, 1, 1, nan}},
		ops.GELUTanh: {[]float64{0, 0, 0, 0, 0, 0, 100, 1e4, 1e30, inf, nan}, []float64{0, 0, 0, 0, .5, .5, 1, 1, 1, 1, nan}},
		ops.SiLU:     {[]float64{0, 0, 0, 0, 0, 0, 100, 1e4, 1e30, inf, nan}, []float64{0, 0, 0, 0, .5, .5, 1, 1, 1, 1, nan}},
		ops.Mish:     {[]float64{0, 0, 0, 0, 0, 0, 100, 1e4, 1e30, inf, nan}, []float64{0, 0, 0, 0, .6, .6, 1, 1, 1, 1, nan}},
	}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for f, want := range want {
			// Once over the whole of it and once by itself, since a vector kernel does its last elements otherwise.
			for lo, hi := range map[int]int{0: len(x), 8: len(x), 2: 3} {
				s := tensor.Shape{1, hi - lo}
				activate := func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Activate(in[0], f) }
				what := fmt.Sprintf("%v of %v in %v", f, x[lo:hi], dt)
				same(t, what, evaluate(t, activate, dense(dt, s, x[lo:hi])), want.y[lo:hi])

				// The slope comes by itself from the gradient of the gradient's input: ones.
				slope := evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
					y, err := activate(in)
					if err != nil {
						return nil, err
					}
					grads, err := y.Op().(gorgonia.SDOp).SymDiff(in[:1], y, in[1])
					if err != nil {
						return nil, err
					}
					return ops.Copy(grads[0])
				}, dense(dt, s, x[lo:hi]), dense(dt, s, each(x[lo:hi], func(float64) float64 { return 1 })))
				same(t, "slope of "+what, slope, want.slope[lo:hi])
			}
		}
	}
}

// TestActivateFloat32 walks over the whole range in which each function does something.
func TestActivateFloat32(t *testing.T) {
	var x []float64
	for v := float32(-30); v <= 30; v += 1.0 / 64 {
		x = append(x, float64(v))
	}
	for f, define := range functions {
		got := evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Activate(in[0], f) },
			dense(tensor.Float32, tensor.Shape{1, len(x)}, x))
		for i, want := range each(x, define) {
			if tail := f >= ops.GELU && x[i] < 0; !(math.Abs(got[i]-want) <= 1e-6*math.Abs(want)) && !(tail && math.Abs(got[i]-want) <= 4e-7) {
				t.Errorf("%v of %v = %v, want %v", f, x[i], got[i], want)
				break
			}
		}
	}
}

func TestSoftmaxExtremes(t *testing.T) {
	third := 1. / 3
	for _, c := range []struct{ x, y, grad []float64 }{ // the gradient of the first output
		{[]float64{1e4, 0, -1e4}, []float64{1, 0, 0}, []float64{0, 0, 0}},
		{[]float64{-1e4, 0, 1e4}, []float64{0, 0, 1}, []float64{0, 0, 0}},
		{[]float64{-1e4, -1e4, -1e4}, []float64{third, third, third}, []float64{2. / 9, -1. / 9, -1. / 9}},
		{[]float64{1e30, 1e30, -1e30}, []float64{.5, .5, 0}, []float64{.25, -.25, 0}},
		{[]float64{-inf, 5, 5}, []float64{0, .5, .5}, []float64{0, 0, 0}},
		{[]float64{-inf, -inf, 5}, []float64{0, 0, 1}, []float64{0, 0, 0}},
		{[]float64{nan, 5, 5}, []float64{nan, nan, nan}, []float64{nan, nan, nan}},
		{[]float64{inf, 5, 5}, []float64{nan, nan, nan}, []float64{nan, nan, nan}},
		{[]float64{-inf, -inf, -inf}, []float64{nan, nan, nan}, []float64{nan, nan, nan}},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			// A second row, an ordinary one, must not notice.
			s, x := tensor.Shape{2, 3}, append(append([]float64{}, c.x...), 1, 1, 1)
			what := fmt.Sprintf("softmax of %v in %v", c.x, dt)
			got := evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Softmax(in[0]) }, dense(dt, s, x))
			same(t, what, got, append(append([]float64{}, c.y...), third, third, third))
			grad := gradientOf(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				y, err := ops.Softmax(in[0])
				if err != nil {
					return nil, err
				}
				if y, err = ops.Columns(y, 0, 1); err != nil {
					return nil, err
				}
				return gorgonia.Sum(y)
			}, dense(dt, s, x))
			same(t, "gradient of "+what, grad, append(append([]float64{}, c.grad...), 2./9, -1./9, -1./9))
		}
	}
}
