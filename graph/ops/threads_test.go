package ops_test

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/ops"
)

// TestCutsDoNotShow: however many threads share an op's work, its value and gradients have the same bits.
func TestCutsDoNotShow(t *testing.T) {
	threads := parallel.Threads()
	t.Cleanup(func() { parallel.SetThreads(threads) })
	s := tensor.Shape{70, 190}
	one := func(f func(x *gorgonia.Node) (*gorgonia.Node, error)) func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		return func(in gorgonia.Nodes) (*gorgonia.Node, error) { return f(in[0]) }
	}
	fixtures := []fixture{
		{name: "softmax", shapes: []tensor.Shape{s}, build: one(ops.Softmax)},
		{name: "copy", shapes: []tensor.Shape{s}, build: one(ops.Copy)},
		{name: "columns", shapes: []tensor.Shape{s}, build: one(func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Columns(x, 3, 150) })},
		{name: "dropout", shapes: []tensor.Shape{s}, build: one(func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return ops.Dropout(x, .4, ops.Stream{Seed: 1, At: &ops.Place{Step: 3}})
		})},
		{name: "add", shapes: []tensor.Shape{s, s}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Add(in[0], in[1]) }},
		// A product with a single column and row is exact whatever its cut; the rest of a dense layer is not the BLAS's.
		{name: "dense", shapes: []tensor.Shape{{70, 1}, {1, 190}, {190}}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return ops.Dense(in[0], in[1], in[2], ops.Tanh)
		}},
	}
	fixtures = append(fixtures,
		fixture{name: "sum of rows", shapes: []tensor.Shape{s}, build: one(ops.SumRows)},
		fixture{name: "mean of rows", shapes: []tensor.Shape{{13, 5, 190}}, build: one(ops.MeanRows)},
		fixture{name: "multiply by row", shapes: []tensor.Shape{s, {190}}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MulRow(in[0], in[1]) }},
		fixture{name: "weighted sum", shapes: []tensor.Shape{{40_000}, {40_000}}, fixed: 1, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.WeightedSum(in[0], in[1]) }},
		fixture{name: "lerp", shapes: []tensor.Shape{s, s}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Lerp(in[0], in[1], .1) }},
		fixture{name: "normal", shapes: []tensor.Shape{s}, build: one(func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return ops.Mul(x, must(ops.Normal(x, ops.Stream{Seed: 1, At: &ops.Place{Step: 3}})))
		})},
		fixture{name: "classes", shapes: []tensor.Shape{{900, 17}}, ids: []*tensor.Dense{tensor.New(tensor.WithShape(900), tensor.WithBacking(slices.Repeat([]int32{3, -1, 16}, 300)))},
			build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.CrossEntropy(in[0], in[1], .1) }},
	)
	for _, f := range normalizations {
		for _, s := range []tensor.Shape{{700, 19}, {70, 190}, {5, 7, 11, 6}} {
			all := append([]tensor.Shape{s}, slices.Repeat([]tensor.Shape{s[len(s)-1:]}, f.vectors)...)
			fixtures = append(fixtures, fixture{name: f.name, shapes: all, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return f.make(in[0], in[1:]...) }})
		}
	}
	fixtures = append(fixtures,
		fixture{name: "prelu", shapes: []tensor.Shape{{700, 19}, {19}}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.PReLU(in[0], in[1]) }},
		fixture{name: "embedding bag", shapes: []tensor.Shape{{17, 29}}, ids: []*tensor.Dense{tensor.New(tensor.WithShape(900, 3), tensor.WithBacking(slices.Repeat([]int32{3, -1, 16, 3, 3, 0, 8, -1, -1}, 300)))},
			build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.EmbeddingBag(in[0], in[1], -1, true) }},
	)
	for f := range functions {
		fixtures = append(fixtures, fixture{name: f.String(), shapes: []tensor.Shape{s}, build: one(func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Activate(x, f) })})
	}
	for name, loss := range losses {
		fixtures = append(fixtures, fixture{name: name, shapes: []tensor.Shape{{900, 17}, {900, 17}}, fixed: 1, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return loss.make(in[0], in[1]) }})
	}
	for _, f := range fixtures {
		values := make([][]float64, len(f.shapes))
		for i, s := range f.shapes {
			for j := range s.TotalSize() {
				values[i] = append(values[i], float64((j*37+i*11)%101)/128)
			}
		}
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			var want *result
			for _, n := range []int{1, 2, 3} {
				parallel.SetThreads(n)
				got, err := f.result(dt, values)
				if err != nil {
					t.Fatal(f.name, ": ", err)
				}
				if want == nil {
					want = got
				}
				for i, g := range append([][]float64{got.value}, got.grads...) {
					if f.name == "dense" && (i == 1 || i == 2) {
						continue // products over the batch and over the features
					}
					if w := append([][]float64{want.value}, want.grads...)[i]; !slices.Equal(g, w) {
						t.Errorf("%s in %v: %s has other bits on %d threads than on 1", f.name, dt, []string{"the value", "gradient 0", "gradient 1", "gradient 2"}[i], n)
					}
				}
			}
		}
	}
}

// TestFactors: the gradient of a weight matrix is known as a product of two nodes, other nodes are not.
func TestFactors(t *testing.T) {
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2, 3}, make([]float64, 6))
	w, _ := input(g, "w", tensor.Float32, tensor.Shape{3, 4}, make([]float64, 12))
	b, _ := input(g, "b", tensor.Float32, tensor.Shape{4}, make([]float64, 4))
	y := must(ops.Dense(x, w, b, ops.Sigmoid))
	grads, err := gorgonia.Grad(must(gorgonia.Sum(y)), x, w, b)
	if err != nil {
		t.Fatal(err)
	}
	if f := ops.FactorsOf(grads[1]); f == nil || f.Left != x || !slices.Equal(f.Right.Shape(), y.Shape()) || !ops.Ours(f.Right) || f.Rows != 2 {
		t.Errorf("got factors %+v of the gradient of w", f)
	}
	for what, n := range map[string]*gorgonia.Node{"x": x, "y": y, "gradient of x": grads[0], "gradient of b": grads[2], "a product": must(ops.MatMul(x, w, false, false)), "Gorgonia's": must(gorgonia.Mul(x, w))} {
		if f := ops.FactorsOf(n); f != nil {
			t.Errorf("%s: got factors %+v", what, f)
		}
	}
	if ops.Ours(x) || !ops.Ours(y) || ops.Ours(must(gorgonia.Sigmoid(x))) {
		t.Error("Ours does not know our ops")
	}
}
