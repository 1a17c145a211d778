package ops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

var inf, nan = math.Inf(1), math.NaN()

// losses are the three with their definitions, of one row of a prediction and of a target.
var losses = map[string]struct {
	make   func(y, target *gorgonia.Node) (*gorgonia.Node, error)
	define func(y, t []float64) float64
	draw   func(r *rand.Rand) float64
}{
	"cross-entropy": {crossEntropy, func(x, t []float64) (sum float64) {
		for i, p := range softmax(x, len(x)) {
			sum -= t[i] * math.Log(p)
		}
		return sum
	}, func(r *rand.Rand) float64 { return 2 * r.NormFloat64() }},
	"clipped cross-entropy": {ops.ClippedCrossEntropy, func(p, t []float64) (sum float64) {
		for i, p := range p {
			sum -= t[i] * math.Log(math.Min(math.Max(p, 1e-7), 1-1e-7))
		}
		return sum
	}, func(r *rand.Rand) float64 { // well beyond either end of the clip too
		return []float64{-0.5, 1.5, 0.05 + 0.9*r.Float64(), 0.05 + 0.9*r.Float64()}[r.IntN(4)]
	}},
	"mean squared error": {ops.MeanSquaredError, func(y, t []float64) (sum float64) {
		for i := range y {
			sum += (y[i] - t[i]) * (y[i] - t[i])
		}
		return sum / float64(len(y))
	}, func(r *rand.Rand) float64 { return r.NormFloat64() }},
}

func crossEntropy(x, target *gorgonia.Node) (*gorgonia.Node, error) {
	return ops.CrossEntropy(x, target, 0)
}

// eachRow is a loss of every row of n.
func eachRow(define func(y, t []float64) float64, y, t []float64, n int) (values []float64) {
	for at := 0; at < len(y); at += n {
		values = append(values, define(y[at:at+n], t[at:at+n]))
	}
	return values
}

func TestLosses(t *testing.T) {
	targets := map[string]func(r *rand.Rand, at, n int) float64{
		"one-hot": func(r *rand.Rand, at, n int) float64 {
			if at%n == (at/n)%n {
				return 1
			}
			return 0
		},
		"soft":               func(r *rand.Rand, _, n int) float64 { return 2 * r.Float64() / float64(n) },
		"unlike probability": func(r *rand.Rand, _, _ int) float64 { return r.NormFloat64() },
	}
	for name, loss := range losses {
		for kind, target := range targets {
			for _, s := range append(slices.Clone(matrices), tensor.Shape{600, 9}, tensor.Shape{2, 3, 5}) { // the last but one in several stretches
				at := -1
				fixture{
					name:   fmt.Sprintf("%s of %v, %s", name, s, kind),
					shapes: []tensor.Shape{s, s},
					fixed:  1,
					draw: func(r *rand.Rand, input int) float64 {
						if input == 0 {
							return loss.draw(r)
						}
						at++
						return target(r, at, s[len(s)-1])
					},
					build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return loss.make(in[0], in[1]) },
					want:  func(in [][]float64) []float64 { return eachRow(loss.define, in[0], in[1], s[len(s)-1]) },
				}.check(t)
			}
		}
	}
}

// TestLossExtremes has values by hand where a naive formula overflows, takes a logarithm of 0, or loses a NaN.
func TestLossExtremes(t *testing.T) {
	const big = 1e4
	floor, ceiling := -math.Log(1e-7), -math.Log1p(-1e-7) // of the clipped loss
	cases := []struct {
		loss   string
		y, t   []float64 // one row
		want   float64
		grad   []float64
		absent bool // the gradient is no matter
	}{
		{loss: "cross-entropy", y: []float64{big, 0, -big}, t: []float64{1, 0, 0}, want: 0, grad: []float64{0, 0, 0}},
		{loss: "cross-entropy", y: []float64{big, 0, -big}, t: []float64{0, 1, 0}, want: big, grad: []float64{1, -1, 0}},
		{loss: "cross-entropy", y: []float64{big, 0, -big}, t: []float64{0, 0, 1}, want: 2 * big, grad: []float64{1, 0, -1}},
		{loss: "cross-entropy", y: []float64{big, 0, -big}, t: []float64{.5, 0, .5}, want: big, grad: []float64{.5, 0, -.5}},
		{loss: "cross-entropy", y: []float64{-big, -big, -big}, t: []float64{1, 0, 0}, want: math.Log(3), grad: []float64{-2. / 3, 1. / 3, 1. / 3}},
		{loss: "cross-entropy", y: []float64{big, big}, t: []float64{0, 2}, want: 2 * math.Ln2, grad: []float64{1, -1}},
		{loss: "cross-entropy", y: []float64{1e30, -1e30}, t: []float64{0, 1}, want: 2e30, grad: []float64{1, -1}},
		{loss: "cross-entropy", y: []float64{3, 3, 3}, t: []float64{0, 0, 0}, want: 0, grad: []float64{0, 0, 0}},
		{loss: "cross-entropy", y: []float64{7}, t: []float64{1}, want: 0, grad: []float64{0}},
		{loss: "cross-entropy", y: []float64{-inf, 2, 2}, t: []float64{0, 1, 0}, want: math.Ln2, grad: []float64{0, -.5, .5}},
		{loss: "cross-entropy", y: []float64{-inf, 2, 2}, t: []float64{1, 0, 0}, want: inf, grad: []float64{-1, .5, .5}},
		{loss: "cross-entropy", y: []float64{inf, 2, 2}, t: []float64{1, 0, 0}, want: nan, absent: true},
		{loss: "cross-entropy", y: []float64{-inf, -inf}, t: []float64{1, 0}, want: nan, absent: true},
		{loss: "cross-entropy", y: []float64{nan, 2, 2}, t: []float64{0, 1, 0}, want: nan, grad: []float64{nan, nan, nan}},
		{loss: "cross-entropy", y: []float64{1, 2}, t: []float64{0, nan}, want: nan, absent: true},

		{loss: "clipped cross-entropy", y: []float64{1, 0, 0}, t: []float64{1, 0, 0}, want: ceiling, grad: []float64{0, 0, 0}},
		{loss: "clipped cross-entropy", y: []float64{0, 1, 0}, t: []float64{1, 0, 0}, want: floor, grad: []float64{0, 0, 0}},
		{loss: "clipped cross-entropy", y: []float64{1e-9, .5, .5}, t: []float64{1, 0, 0}, want: floor, grad: []float64{0, 0, 0}},
		{loss: "clipped cross-entropy", y: []float64{1e-6, .5, .5}, t: []float64{1, 0, 0}, want: -math.Log(1e-6), grad: []float64{-1e6, 0, 0}},
		{loss: "clipped cross-entropy", y: []float64{.25, .75}, t: []float64{.5, .5}, want: -.5*math.Log(.25) - .5*math.Log(.75), grad: []float64{-2, -2. / 3}},
		{loss: "clipped cross-entropy", y: []float64{inf, -inf}, t: []float64{1, 1}, want: floor + ceiling, grad: []float64{0, 0}},
		{loss: "clipped cross-entropy", y: []float64{nan, .5}, t: []float64{0, 1}, want: nan, grad: []float64{nan, -2}},
		{loss: "clipped cross-entropy", y: []float64{nan, .5}, t: []float64{1, 0}, want: nan, grad: []float64{nan, 0}},

		{loss: "mean squared error", y: []float64{big, -big}, t: []float64{0, 1}, want: (big*big + (big+1)*(big+1)) / 2, grad: []float64{big, -big - 1}},
		{loss: "mean squared error", y: []float64{inf, 0}, t: []float64{0, 0}, want: inf, grad: []float64{inf, 0}},
		{loss: "mean squared error", y: []float64{nan, 0}, t: []float64{0, 0}, want: nan, grad: []float64{nan, 0}},
		{loss: "mean squared error", y: []float64{1, 2}, t: []float64{1, 2}, want: 0, grad: []float64{0, 0}},
	}
	for _, c := range cases {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			s := tensor.Shape{1, len(c.y)}
			build := func(in gorgonia.Nodes) (*gorgonia.Node, error) { return losses[c.loss].make(in[0], in[1]) }
			what := fmt.Sprintf("%s of %v against %v in %v", c.loss, c.y, c.t, dt)
			same(t, what, evaluate(t, build, dense(dt, s, c.y), dense(dt, s, c.t)), []float64{c.want})
			if !c.absent {
				same(t, "gradient of "+what, gradientOf(t, build, dense(dt, s, c.y), dense(dt, s, c.t)), c.grad)
			}
		}
	}
}

// TestLossRowsAreApart sees that a NaN in one sample stays out of the others' gradients.
func TestLossRowsAreApart(t *testing.T) {
	s := tensor.Shape{3, 2}
	for name, loss := range losses {
		build := func(in gorgonia.Nodes) (*gorgonia.Node, error) { return loss.make(in[0], in[1]) }
		target := dense(tensor.Float32, s, []float64{1, 0, 0, 1, 1, 0})
		clean := gradientOf(t, build, dense(tensor.Float32, s, []float64{.1, .9, .3, .7, .6, .4}), target)
		ill := gradientOf(t, build, dense(tensor.Float32, s, []float64{.1, .9, nan, nan, .6, .4}), target)
		same(t, name, ill, slices.Concat(clean[:2], []float64{nan, nan}, clean[4:]))
	}
}

// same is near with infinities and NaN, which must be where they are wanted, in every element by itself.
func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
		return
	}
	for i, w := range want {
		g := got[i]
		ok := g == w || math.IsNaN(g) && math.IsNaN(w) || math.Abs(g-w) <= 2e-7*max(1, math.Abs(w))
		if math.IsInf(w, 0) {
			ok = g == w
		}
		if !ok {
			t.Errorf("%s: got %v, want %v", what, got, want)
			return
		}
	}
}
