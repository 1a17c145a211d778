package ops_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// batches are [batch,…,n] with other axes between, and 1 in every place.
var batches = append(slices.Clone(matrices), tensor.Shape{2, 3, 5}, tensor.Shape{1, 1, 1}, tensor.Shape{3, 1, 2, 4})

// lastOf is the size of the last axis.
func lastOf(s tensor.Shape) int { return s[len(s)-1] }

// addedUp is the sum of the rows of n, times a scale.
func addedUp(x []float64, n int, scale float64) []float64 {
	sum := make([]float64, n)
	for i, v := range x {
		sum[i%n] += v
	}
	return each(sum, func(v float64) float64 { return v * scale })
}

func TestRows(t *testing.T) {
	for _, s := range batches {
		n := lastOf(s)
		for name, c := range map[string]struct {
			op    func(x *gorgonia.Node) (*gorgonia.Node, error)
			scale float64
		}{
			"sum":  {ops.SumRows, 1},
			"mean": {ops.MeanRows, float64(n) / float64(s.TotalSize())},
		} {
			fixture{
				name:   fmt.Sprintf("%s of the rows of %v", name, s),
				shapes: []tensor.Shape{s},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return c.op(in[0]) },
				want:   func(in [][]float64) []float64 { return addedUp(in[0], n, c.scale) },
			}.check(t)
			// The gradient of its gradient, which is a function of what comes in from above alone.
			fixture{
				name:   fmt.Sprintf("%s of the rows of %v, its gradient", name, s),
				shapes: []tensor.Shape{{n}},
				build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
					x, _ := input(in[0].Graph(), "x", in[0].Dtype(), s, make([]float64, s.TotalSize()))
					y, err := c.op(x)
					if err != nil {
						return nil, err
					}
					grads, err := y.Op().(gorgonia.SDOp).SymDiff(gorgonia.Nodes{x}, y, in[0])
					if err != nil {
						return nil, err
					}
					return grads[0], nil
				},
				want: func(in [][]float64) []float64 {
					return each(slices.Repeat(in[0], s.TotalSize()/n), func(v float64) float64 { return v * c.scale })
				},
			}.check(t)
		}
		for name, c := range map[string]struct {
			op     func(x, v *gorgonia.Node) (*gorgonia.Node, error)
			define func(x, v float64) float64
		}{
			"add":      {ops.AddRow, func(x, v float64) float64 { return x + v }},
			"subtract": {ops.SubRow, func(x, v float64) float64 { return x - v }},
			"multiply": {ops.MulRow, func(x, v float64) float64 { return x * v }},
		} {
			fixture{
				name:   fmt.Sprintf("%s a row and %v", name, s),
				shapes: []tensor.Shape{s, {n}},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return c.op(in[0], in[1]) },
				want: func(in [][]float64) []float64 {
					return zip(in[0], slices.Repeat(in[1], s.TotalSize()/n), c.define)
				},
			}.check(t)
		}
	}
	// One vector is the mean of the very rows from which it is subtracted: both ways that the gradient goes meet.
	fixture{
		name:   "rows without their mean",
		shapes: []tensor.Shape{{7, 3}},
		build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return ops.SubRow(in[0], must(ops.MeanRows(in[0])))
		},
		want: func(in [][]float64) []float64 {
			return zip(in[0], slices.Repeat(addedUp(in[0], 3, 1./7), 7), func(x, v float64) float64 { return x - v })
		},
	}.check(t)
}

func TestElementwise(t *testing.T) {
	for _, s := range append(slices.Clone(batches), tensor.Shape{1}, tensor.Shape{6}) {
		for name, c := range map[string]struct {
			op     func(a, b *gorgonia.Node) (*gorgonia.Node, error)
			define func(a, b float64) float64
		}{
			"subtract": {ops.Sub, func(a, b float64) float64 { return a - b }},
			"multiply": {ops.Mul, func(a, b float64) float64 { return a * b }},
			"lerp .3":  {func(a, b *gorgonia.Node) (*gorgonia.Node, error) { return ops.Lerp(a, b, .3) }, func(a, b float64) float64 { return .7*a + .3*b }},
			"lerp -2":  {func(a, b *gorgonia.Node) (*gorgonia.Node, error) { return ops.Lerp(a, b, -2) }, func(a, b float64) float64 { return 3*a - 2*b }},
		} {
			fixture{
				name:   fmt.Sprintf("%s of %v", name, s),
				shapes: []tensor.Shape{s, s},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return c.op(in[0], in[1]) },
				want:   func(in [][]float64) []float64 { return zip(in[0], in[1], c.define) },
			}.check(t)
			fixture{
				name:   fmt.Sprintf("%s of %v with itself", name, s),
				shapes: []tensor.Shape{s},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return c.op(in[0], in[0]) },
				want:   func(in [][]float64) []float64 { return zip(in[0], in[0], c.define) },
			}.check(t)
		}
		for name, c := range map[string]struct {
			op     func(x *gorgonia.Node) (*gorgonia.Node, error)
			define func(x float64) float64
		}{
			"abs":        {ops.Abs, math.Abs},
			"scale -1.5": {func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Scale(x, -1.5) }, func(x float64) float64 { return -1.5 * x }},
			"scale 0":    {func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Scale(x, 0) }, func(x float64) float64 { return 0 }},
		} {
			fixture{
				name:   fmt.Sprintf("%s of %v", name, s),
				shapes: []tensor.Shape{s},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return c.op(in[0]) },
				want:   func(in [][]float64) []float64 { return each(in[0], c.define) },
			}.check(t)
		}
	}
}

// TestAbsExtremes: no slope at 0, and NaN stays.
func TestAbsExtremes(t *testing.T) {
	x := []float64{-inf, -1e30, -1, 0, math.Copysign(0, -1), 1, inf, nan}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		v := dense(dt, tensor.Shape{8}, x)
		abs := func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Abs(in[0]) }
		same(t, fmt.Sprint("abs in ", dt), evaluate(t, abs, v), []float64{inf, 1e30, 1, 0, 0, 1, inf, nan})
		same(t, fmt.Sprint("gradient of abs in ", dt), gradientOf(t, abs, v), []float64{-1, -1, -1, 0, 0, 1, 1, nan})
	}
}

func TestWeigh(t *testing.T) {
	for _, s := range append(slices.Clone(batches), tensor.Shape{1}, tensor.Shape{6}, tensor.Shape{90_000}) {
		sum := func(x []float64) float64 { return addedUp(x, 1, 1)[0] }
		fixture{
			name:   fmt.Sprint("weighted sum of ", s),
			shapes: []tensor.Shape{s, s},
			fixed:  1,
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.WeightedSum(in[0], in[1]) },
			want: func(in [][]float64) []float64 {
				return []float64{sum(zip(in[0], in[1], func(x, w float64) float64 { return x * w }))}
			},
		}.check(t)
		if s.TotalSize() > 10_000 {
			continue // the sum is one of many stretches; the rest is not
		}
		fixture{
			name:   fmt.Sprint("total of ", s),
			shapes: []tensor.Shape{s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Total(in[0]) },
			want:   func(in [][]float64) []float64 { return []float64{sum(in[0])} },
		}.check(t)
		fixture{
			name:   fmt.Sprintf("%v times the total of others", s),
			shapes: []tensor.Shape{s, {3}},
			build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				return ops.Times(in[0], must(ops.Total(in[1])))
			},
			want: func(in [][]float64) []float64 {
				return each(in[0], func(x float64) float64 { return x * sum(in[1]) })
			},
		}.check(t)
	}
	fixture{
		name:   "a scalar times itself",
		shapes: []tensor.Shape{{3}},
		build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			s := must(ops.Total(in[0]))
			return ops.Times(s, s)
		},
	}.check(t)
}

// TestWeightOfNothing: what weighs 0 may be anything.
func TestWeightOfNothing(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		x, w := dense(dt, tensor.Shape{4}, []float64{nan, 2, inf, 3}), dense(dt, tensor.Shape{4}, []float64{0, 1, 0, .5})
		same(t, "weighted sum", evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.WeightedSum(in[0], in[1]) }, x, w), []float64{3.5})
	}
}

// TestSumsAreExactEnough: ten million elements in float32 are summed without stalling, as a sum in float32 would.
func TestSumsAreExactEnough(t *testing.T) {
	const n = 20_000_000
	v := make([]float32, n)
	for i := range v {
		v[i] = .1
	}
	x := tensor.New(tensor.WithShape(n), tensor.WithBacking(v))
	near(t, "total", evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Total(in[0]) }, x), []float64{n * float64(float32(.1))}, 1e-7)
}

// TestAnyRank: what takes [batch,n] takes axes between, as if the rows of all of them stood under one another.
func TestAnyRank(t *testing.T) {
	for _, s := range []tensor.Shape{{2, 3, 5}, {1, 1, 1}, {3, 1, 2, 4}, {2, 7, 1}} {
		n := lastOf(s)
		rows := s.TotalSize() / n
		for f, define := range functions {
			fixture{
				name:   fmt.Sprintf("dense %v of %v", f, s),
				shapes: []tensor.Shape{s, {n, 3}, {3}},
				draw:   offKink(s.TotalSize()/n, n, 3),
				build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
					y, err := ops.Dense(in[0], in[1], in[2], f)
					if err == nil && !slices.Equal(y.Shape(), append(slices.Clone(s[:len(s)-1]), 3)) {
						err = fmt.Errorf("got shape %v", y.Shape())
					}
					return y, err
				},
				want: func(in [][]float64) []float64 {
					z := product(in[0], in[1], rows, n, 3)
					for i := range z {
						z[i] += in[2][i%3]
					}
					return each(z, define)
				},
			}.check(t)
		}
		fixture{
			name:   fmt.Sprint("softmax of ", s),
			shapes: []tensor.Shape{s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Softmax(in[0]) },
			want:   func(in [][]float64) []float64 { return softmax(in[0], n) },
		}.check(t)
		wider := append(slices.Clone(s[:len(s)-1]), 2)
		fixture{
			name:   fmt.Sprint("concat of ", s),
			shapes: []tensor.Shape{s, wider, s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Concat(in...) },
			want: func(in [][]float64) (y []float64) {
				for row := range rows {
					y = append(y, in[0][row*n:(row+1)*n]...)
					y = append(y, in[1][row*2:(row+1)*2]...)
					y = append(y, in[2][row*n:(row+1)*n]...)
				}
				return y
			},
		}.check(t)
		fixture{
			name:   fmt.Sprint("the last column of ", s),
			shapes: []tensor.Shape{s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Columns(in[0], n-1, n) },
			want: func(in [][]float64) (y []float64) {
				for row := range rows {
					y = append(y, in[0][row*n+n-1])
				}
				return y
			},
		}.check(t)
	}
}
