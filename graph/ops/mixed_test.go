package ops_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// must is for fixtures whose shapes are known to fit.
func must(n *gorgonia.Node, err error) *gorgonia.Node { return gorgonia.Must(n, err) }

func transpose(x *gorgonia.Node) *gorgonia.Node { return must(gorgonia.Transpose(x, 1, 0)) }

func rows(x *gorgonia.Node, lo, hi int) *gorgonia.Node {
	return must(gorgonia.Slice(x, gorgonia.S(lo, hi)))
}

func cols(x *gorgonia.Node, lo, hi int) *gorgonia.Node {
	return must(gorgonia.Slice(x, nil, gorgonia.S(lo, hi)))
}

// TestMixedWithGorgonia puts our ops before and after Gorgonia's, which write over what they think nobody needs any more:
// every fixture's check sees that a second run gives the same bits and that inputs stay as they were.
func TestMixedWithGorgonia(t *testing.T) {
	stream := ops.Stream{Seed: 4, At: &ops.Place{Step: 1}}
	x, w, b := tensor.Shape{3, 4}, tensor.Shape{4, 4}, tensor.Shape{4}
	type nodes = gorgonia.Nodes
	type result = func(in gorgonia.Nodes) (*gorgonia.Node, error)
	for _, f := range []struct {
		name   string
		shapes []tensor.Shape
		build  result
	}{
		// Gorgonia's ops on ours: elementwise ones work in place where they can.
		{"sigmoid of dense", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Sigmoid(must(ops.Dense(in[0], in[1], in[2], ops.Identity)))
		}},
		{"y∘σ(y)", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			y := must(ops.Dense(in[0], in[1], in[2], ops.Tanh))
			return gorgonia.HadamardProd(y, must(gorgonia.Sigmoid(y)))
		}},
		{"y + y", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			y := must(ops.Dense(in[0], in[1], in[2], ops.Sigmoid))
			return gorgonia.Add(y, y)
		}},
		{"a − b", []tensor.Shape{x, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Sub(must(ops.Activate(in[0], ops.Softplus)), must(ops.Softmax(in[1])))
		}},
		{"a∘b, a our product, b an input", []tensor.Shape{x, w, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(must(ops.MatMul(in[0], in[1], false, false)), in[2])
		}},
		{"sum over rows of ours, broadcast back", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.BroadcastAdd(must(ops.MatMul(in[0], in[1], false, false)), in[2], nil, []byte{0})
		}},
		{"gorgonia product of ours", []tensor.Shape{x, w}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Mul(must(ops.Activate(in[0], ops.Tanh)), must(ops.Activate(in[1], ops.Sigmoid)))
		}},
		{"transpose of ours, used beside it", []tensor.Shape{w, w}, func(in nodes) (*gorgonia.Node, error) {
			y := must(ops.MatMul(in[0], in[1], false, false))
			return gorgonia.Add(transpose(y), must(gorgonia.Tanh(y)))
		}},
		{"slice of ours", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Tanh(cols(must(ops.Dense(in[0], in[1], in[2], ops.LeakyReLU)), 1, 3))
		}},
		{"concat of ours", []tensor.Shape{x, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Concat(1, must(ops.Activate(in[0], ops.Tanh)), must(ops.Softmax(in[1])))
		}},
		{"our reshape, added in place", []tensor.Shape{{2, 6}, {12}}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Sub(must(ops.Reshape(in[0], 12)), in[1])
		}},
		{"our reshape, by Gorgonia's sigmoid", []tensor.Shape{{2, 6}}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Sigmoid(must(ops.Reshape(in[0], 3, 4)))
		}},
		{"copy, added in place", []tensor.Shape{x, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Add(must(ops.Copy(in[0])), in[1])
		}},
		{"one-part concat, added in place", []tensor.Shape{x, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Add(must(ops.Concat(in[0])), in[1])
		}},
		{"full-width columns, squared in place", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Square(must(ops.Columns(in[0], 0, 4)))
		}},
		{"dropout that drops nothing, added in place", []tensor.Shape{x, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Add(must(ops.Dropout(in[0], 0, stream)), in[1])
		}},
		{"identity, added in place", []tensor.Shape{x, x}, func(in nodes) (*gorgonia.Node, error) {
			return gorgonia.Add(must(ops.Activate(in[0], ops.Identity)), in[1])
		}},
		{"softmax, its logarithm", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) {
			y := must(ops.Softmax(in[0])) // Gorgonia's own softmax would be rewritten by the logarithm
			return gorgonia.Add(y, must(gorgonia.Log(y)))
		}},

		// Ours on Gorgonia's: transposes and slices.
		{"activate of a transpose", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Activate(transpose(in[0]), ops.Tanh)
		}},
		{"dense of a transpose", []tensor.Shape{{4, 3}, w, b}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Dense(transpose(in[0]), transpose(in[1]), in[2], ops.Sigmoid)
		}},
		{"product of transposes", []tensor.Shape{x, w}, func(in nodes) (*gorgonia.Node, error) {
			return ops.MatMul(transpose(in[1]), transpose(in[0]), true, false)
		}},
		{"softmax of a transpose", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) { return ops.Softmax(transpose(in[0])) }},
		{"add of a transpose", []tensor.Shape{x, {4, 3}}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Add(transpose(in[0]), in[1])
		}},
		{"concat of a transpose", []tensor.Shape{x, {4, 2}}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Concat(transpose(in[0]), in[1])
		}},
		{"columns of a transpose", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Columns(transpose(in[0]), 1, 2)
		}},
		{"reshape of a transpose", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Reshape(transpose(in[0]), 2, 6)
		}},
		{"dropout of a transpose", []tensor.Shape{x}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Dropout(transpose(in[0]), .5, stream)
		}},
		{"rows and columns cut by Gorgonia", []tensor.Shape{{5, 4}, {4, 6}, {9}}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Dense(rows(in[0], 1, 4), cols(in[1], 2, 6), must(gorgonia.Slice(in[2], gorgonia.S(3, 7))), ops.Softplus)
		}},

		// One node in several places.
		{"x twice in a product", []tensor.Shape{w}, func(in nodes) (*gorgonia.Node, error) {
			return ops.MatMul(in[0], in[0], false, true)
		}},
		{"x as input and weight", []tensor.Shape{w, b}, func(in nodes) (*gorgonia.Node, error) {
			return ops.Dense(in[0], in[0], in[1], ops.Tanh)
		}},
		{"a weight in two layers", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			h := must(ops.Dense(in[0], in[1], in[2], ops.Tanh))
			return ops.Dense(h, in[1], in[2], ops.Sigmoid)
		}},
		{"three branches of one node", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			h := must(ops.Dense(in[0], in[1], in[2], ops.Tanh))
			s := must(ops.Add(h, must(ops.Activate(h, ops.Softplus))))
			return ops.Concat(s, must(ops.Columns(h, 0, 2)), must(ops.Softmax(h)))
		}},
		{"skip over a skip", []tensor.Shape{x, w, b}, func(in nodes) (*gorgonia.Node, error) {
			h := must(ops.Dense(in[0], in[1], in[2], ops.Identity))
			y := must(ops.Add(h, in[0]))
			return ops.Add(must(ops.Dense(y, in[1], in[2], ops.Sigmoid)), y)
		}},
	} {
		fixture{name: f.name, shapes: f.shapes, build: f.build}.check(t)
	}
	for name, loss := range losses {
		fixture{
			name:   name + " of transposes",
			shapes: []tensor.Shape{x, x},
			fixed:  1,
			draw:   func(r *rand.Rand, _ int) float64 { return .1 + .8*r.Float64() },
			build: func(in nodes) (*gorgonia.Node, error) {
				return loss.make(transpose(in[0]), transpose(in[1]))
			},
		}.check(t)
	}
}

// TestTargetHasNoGradient: a target that depends on what is learnt is taken as it is.
func TestTargetHasNoGradient(t *testing.T) {
	for name, loss := range losses {
		s := tensor.Shape{2, 3}
		x := dense(tensor.Float64, s, []float64{.2, .3, .5, .1, .1, .8})
		alone := gradientOf(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return loss.make(in[0], in[1]) }, x, x.Clone().(*tensor.Dense))
		both := gradientOf(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return loss.make(in[0], must(ops.Copy(in[0]))) }, x)
		if !slices.Equal(alone, both) {
			t.Errorf("%s: gradient %v with a target that depends on x, want %v", name, both, alone)
		}
	}
}

// TestViews hands each op tensors that are not contiguous, as a caller of Let may: what counts is what they show.
func TestViews(t *testing.T) {
	base := func() *tensor.Dense {
		v := make([]float64, 6*5)
		for i := range v {
			v[i] = float64(i%7)/8 + float64(i)/100
		}
		return dense(tensor.Float64, tensor.Shape{6, 5}, v)
	}
	cut := func(s ...tensor.Slice) *tensor.Dense {
		v, err := base().Slice(s...)
		if err != nil {
			t.Fatal(err)
		}
		return v.(*tensor.Dense)
	}
	lazy := base()
	if err := lazy.T(); err != nil {
		t.Fatal(err)
	}
	lazyCut := cut(gorgonia.S(1, 5), gorgonia.S(0, 3))
	if err := lazyCut.T(); err != nil {
		t.Fatal(err)
	}
	moved := lazy.Clone().(*tensor.Dense)
	if err := moved.Transpose(); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]*tensor.Dense{
		"columns": cut(nil, gorgonia.S(1, 4)), "rows": cut(gorgonia.S(2, 5)), "both": cut(gorgonia.S(1, 5), gorgonia.S(2, 4)),
		"stepped": cut(gorgonia.S(0, 6, 2)), "transposed": lazy, "transposed cut": lazyCut, "transposed in memory": moved,
	} {
		shown := elements(t, v)
		s := v.Shape().Clone()
		for op, build := range map[string]func(x *gorgonia.Node) (*gorgonia.Node, error){
			"copy":     ops.Copy,
			"softmax":  ops.Softmax,
			"activate": func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Activate(x, ops.Sigmoid) },
			"product":  func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.MatMul(x, x, true, false) },
			"columns":  func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Columns(x, 1, 2) },
			"dropout": func(x *gorgonia.Node) (*gorgonia.Node, error) {
				return ops.Dropout(x, .5, ops.Stream{At: &ops.Place{}})
			},
			"loss": func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.MeanSquaredError(x, must(ops.Softmax(x))) },
		} {
			of := func(v *tensor.Dense) []float64 {
				g := gorgonia.NewGraph()
				x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(s...), gorgonia.WithName("x"), gorgonia.WithValue(v))
				y := must(build(x))
				machine := gorgonia.NewTapeMachine(g)
				if err := machine.RunAll(); err != nil {
					t.Fatalf("%s of %s: %v", op, name, err)
				}
				return floats(y.Value())
			}
			if got, want := of(v), of(dense(tensor.Float64, s, shown)); !slices.Equal(got, want) {
				t.Errorf("%s of %s: got %v, want %v", op, name, got, want)
			}
		}
		if !slices.Equal(elements(t, v), shown) {
			t.Errorf("%s: the view was written", name)
		}
	}
}

// elements reads a matrix one by one, through its strides.
func elements(t *testing.T, v *tensor.Dense) (all []float64) {
	t.Helper()
	for i := range v.Shape()[0] {
		for j := range v.Shape()[1] {
			x, err := v.At(i, j)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, x.(float64))
		}
	}
	return all
}
