package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// TestWrongOpsAreRefused has each of Gorgonia's ops that is wrong, in a layer and behind others, in every mode, and what its refusal names instead.
func TestWrongOpsAreRefused(t *testing.T) {
	picture := []int{2, 3, 4, 4} // a batch of pictures, channels first, as Gorgonia has them
	for name, c := range map[string]struct {
		shape   []int // of the operand, with the batch of 2
		build   func(b builder, x node) node
		instead string
	}{
		"SoftMax":          {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.SoftMax(x, 1)) }, "ops.Softmax, or losses.CrossEntropy"},
		"SoftMax, no axis": {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.SoftMax(x)) }, "ops.Softmax, or losses.CrossEntropy"},
		"LogSoftMax":       {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.LogSoftMax(x, 1)) }, "ops.Softmax, or losses.CrossEntropy"},
		"Log of SoftMax":   {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.Log(b.Node(gorgonia.SoftMax(x, 1)))) }, "ops.Softmax, or losses.CrossEntropy"},
		"Dropout":          {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.Dropout(x, .3)) }, "layers.Dropout, or ops.Dropout with b.Stream"},
		"BatchNorm": {picture, func(b builder, x node) node {
			y, _, _, _, err := gorgonia.BatchNorm(x, b.Param("gamma", graph.Ones, 2, 3, 4, 4), b.Param("beta", graph.Zeros, 2, 3, 4, 4), .9, 1e-5)
			return b.Node(y, err)
		}, "b.State for the moments"},
		"Log2":        {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.Log2(b.Node(gorgonia.Softplus(x)))) }, "gorgonia.Log and a factor of 1/ln 2"},
		"InverseSqrt": {[]int{2, 3}, func(b builder, x node) node { return b.Node(gorgonia.InverseSqrt(b.Node(gorgonia.Softplus(x)))) }, "gorgonia.Inverse of gorgonia.Sqrt"},
		"LogSumExp": {[]int{2, 3}, func(b builder, x node) node {
			return b.Node(gorgonia.Mul(x, b.Node(gorgonia.LogSumExp(b.Node(ops.Reshape(x, 6)), 0))))
		}, "ops.CrossEntropy, which takes logits"},
		"LogSumExp of a row": {[]int{2, 3}, func(b builder, x node) node {
			return b.Node(gorgonia.Mul(x, b.Node(gorgonia.LogSumExp(b.Node(ops.Reshape(x, 1, 6)), 0))))
		}, "ops.CrossEntropy, which takes logits"},
		"AveragePool2D": {picture, func(b builder, x node) node {
			return b.Node(gorgonia.AveragePool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		}, "the mean of slices"},
		"GlobalAveragePool2D": {picture, func(b builder, x node) node { return b.Node(gorgonia.GlobalAveragePool2D(x)) }, "gorgonia.Mean along the axes of the picture"},
		"At": {[]int{2, 3}, func(b builder, x node) node {
			return b.Node(gorgonia.Mul(x, b.Node(gorgonia.At(x, 1, 1))))
		}, "gorgonia.Slice, or ops.Columns"},
		"GaussianRandomNode": {[]int{2, 3}, func(b builder, x node) node {
			return b.Node(ops.Add(x, gorgonia.GaussianRandomNode(x.Graph(), x.Dtype(), 0, 1, 2, 3)))
		}, "b.Normal, or ops.Dropout with b.Stream"},
		"UniformRandomNode": {[]int{2, 3}, func(b builder, x node) node {
			return b.Node(ops.Add(x, gorgonia.UniformRandomNode(x.Graph(), x.Dtype(), 0, 1, 2, 3)))
		}, "b.Normal, or ops.Dropout with b.Stream"},
		"BinomialRandomNode": {[]int{2, 3}, func(b builder, x node) node {
			return b.Node(ops.Add(x, gorgonia.BinomialRandomNode(x.Graph(), x.Dtype(), 1, .5, 2, 3)))
		}, "b.Normal, or ops.Dropout with b.Stream"},
	} {
		layer := custom(func(b builder, x node) node {
			x = b.Node(ops.MulRow(x, b.Param("w", graph.Ones, graph.Features(x))))
			y := c.build(b, x)
			if b.Err() != nil {
				return nil
			}
			return b.Node(ops.Reshape(y, 2, y.Shape().TotalSize()/2))
		})
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(c.shape[1:]...), Seed: 1}, layer)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, spec := range []graph.Spec{{}, {Mode: graph.Evaluate}, {Mode: graph.Train}, {Mode: graph.Train, Inspect: true}} {
			spec.Batch, spec.Loss = 2, lossIn(spec.Mode, losses.MSE{})
			_, err := m.Compile(spec)
			if err == nil || !strings.HasPrefix(err.Error(), "graph: got Gorgonia's ") || !strings.Contains(err.Error(), "which must not be used: ") || !strings.Contains(err.Error(), "use "+c.instead) {
				t.Errorf("%s in %v: got %v, want a refusal that names %s", name, spec.Mode, err, c.instead)
			}
		}
	}
	// In a loss they are refused as well.
	raw := graph.LossFunc("raw", func(b builder, output, target node) node {
		return b.Node(gorgonia.Sum(b.Node(gorgonia.HadamardProd(target, b.Node(gorgonia.LogSoftMax(output, 1)))), 1))
	})
	_, err := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2}).Compile(graph.Spec{Mode: graph.Evaluate, Batch: 5, Loss: raw})
	if want := "graph: got Gorgonia's op Softmax{1, true}() of shape (5, 2), which must not be used: it shares its node with its logarithm, and is NaN for rows such as [-100, -200, -300]; use ops.Softmax, or losses.CrossEntropy, which takes logits"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// nearly leaves room for sums that are taken in another order.
func nearly(a, b float64) bool { return math.Abs(a-b) <= 1e-13*max(1, math.Abs(a)) }

// TestViewsAreSafe puts each op on each view of each kind of tensor, in every mode: it is refused, or nothing is written over, and the numbers are those of a copy.
func TestViewsAreSafe(t *testing.T) {
	views := map[string]func(x node) (node, error){ // of [2,3] to six numbers
		"Reshape": func(x node) (node, error) { return gorgonia.Reshape(x, tensor.Shape{3, 2}) },
		"Reshape twice": func(x node) (node, error) {
			return gorgonia.Reshape(must(gorgonia.Reshape(x, tensor.Shape{1, 6})), tensor.Shape{3, 2})
		},
		"Ravel":                  gorgonia.Ravel,
		"Slice":                  func(x node) (node, error) { return gorgonia.Slice(x, gorgonia.S(0, 2)) },
		"Slice of rows":          func(x node) (node, error) { return gorgonia.Slice(x, gorgonia.S(0, 1)) },
		"Slice of columns":       func(x node) (node, error) { return gorgonia.Slice(x, nil, gorgonia.S(1, 3)) },
		"one-input Concat":       func(x node) (node, error) { return gorgonia.Concat(0, x) },
		"Ravel of a Concat":      func(x node) (node, error) { return gorgonia.Ravel(must(gorgonia.Concat(1, x))) },
		"Transpose that is none": func(x node) (node, error) { return gorgonia.Transpose(x, 0, 1) },
		"Unconcat": func(x node) (node, error) {
			parts, err := gorgonia.Unconcat(x, 0, 1)
			if err != nil {
				return nil, err
			}
			return parts[0], nil
		},
	}
	uses, others := map[string]func(x node) (node, error){}, map[string]bool{} // others are tried on parameters alone
	for i, u := range unaries {
		others[u.name] = i > 1
		uses[u.name] = u.raw
	}
	for i, bin := range binaries {
		others[bin.name+" from another"], others[bin.name+" with itself"], others[bin.name+" with another"] = i > 1, i > 1, i > 4
		uses[bin.name+" with another"] = func(x node) (node, error) {
			other := must(ops.Copy(x))
			return bin.raw(x, other)
		}
		uses[bin.name+" from another"] = func(x node) (node, error) {
			other := must(ops.Copy(x))
			return bin.raw(other, x)
		}
		uses[bin.name+" with itself"] = func(x node) (node, error) { return bin.raw(x, x) }
	}
	uses["Add a number"] = func(x node) (node, error) { return gorgonia.Add(x, gorgonia.NewConstant(2.)) }
	uses["Sub from a number"] = func(x node) (node, error) { return gorgonia.Sub(gorgonia.NewConstant(2.), x) }
	uses["Gt"] = func(x node) (node, error) { return gorgonia.Gt(x, must(ops.Scale(x, .5)), true) }
	uses["twice over"] = func(x node) (node, error) { return gorgonia.Square(must(gorgonia.Neg(x))) }

	data := []float64{.5, -.25, 1, .75, -1.5, 2}
	fill := graph.Initializer{Name: "data", Fill: func(_ *rand.Rand, w []float64, _ []int) { copy(w, data) }}
	refused, ran := 0, 0
	for kind, of := range map[string]func(b builder, x node) node{
		"input":     func(_ builder, x node) node { return x },
		"parameter": func(b builder, _ node) node { return b.Param("p", fill, 2, 3) },
		"state":     func(b builder, _ node) node { return b.State("s", fill, 2, 3) },
		"constant": func(b builder, x node) node {
			return x.Graph().AddNode(gorgonia.NewConstant(tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(slices.Clone(data)))))
		},
		"output of ours":       func(b builder, x node) node { return b.Node(ops.Scale(x, 2)) },
		"output of Gorgonia's": func(b builder, x node) node { return b.Node(gorgonia.Exp(x)) },
	} {
		for view, see := range views {
			for use, do := range uses {
				if use == "Gt" && kind == "parameter" || kind != "parameter" && others[use] {
					continue // has no derivative
				}
				build := func(copied bool) (*graph.Model, error) {
					return graph.NewModel(graph.Config{Input: graph.Floats(3), Float64: true}, custom(func(b builder, x node) node {
						from := of(b, x)
						seen := b.Node(see(from))
						if copied {
							seen = b.Node(ops.Copy(b.Node(see(b.Node(ops.Copy(from))))))
						}
						if b.Err() != nil {
							return nil
						}
						y := b.Node(do(seen))
						if b.Err() != nil {
							return nil
						}
						// What it was made of, the view, and another parameter are read after it.
						row := func(x node) node { return b.Node(ops.Reshape(x, 1, x.Shape().TotalSize())) }
						late := b.Node(ops.Concat(row(y), row(from), row(x), b.Node(ops.Reshape(b.Param("w", graph.Ones, 2), 1, 2))))
						return b.Node(ops.Reshape(b.Node(ops.Concat(late, late)), 2, graph.Features(late)))
					}))
				}
				what := fmt.Sprintf("%s, %s, %s", kind, view, use)
				plain, err := build(false)
				if err != nil {
					t.Fatal(what, ": ", err)
				}
				reference, err := build(true)
				if err != nil {
					t.Fatal(what, ": ", err)
				}
				for _, mode := range []graph.Mode{graph.Predict, graph.Train} {
					spec := graph.Spec{Mode: mode, Batch: 2, Loss: lossIn(mode, losses.MSE{})}
					p, err := plain.Compile(spec)
					if err != nil {
						if refused++; !strings.Contains(err.Error(), "which is read later: use ops.Reshape in place of Reshape and Ravel") {
							t.Errorf("%s: %v", what, err)
						}
						continue
					}
					ran++
					r := compile(t, reference, spec)
					for _, p := range []*graph.Program{p, r} {
						copy(p.X().Float64s(), data)
						for range 3 {
							run(t, p)
						}
						if !slices.Equal(p.X().Float64s(), data) {
							t.Errorf("%s in %v: the input was written over", what, mode)
						}
					}
					if !slices.EqualFunc(p.Output().Float64s(), r.Output().Float64s(), nearly) || mode == graph.Train && !nearly(p.Loss(), r.Loss()) {
						t.Errorf("%s in %v: got output %v, want %v", what, mode, p.Output().Float64s(), r.Output().Float64s())
					}
					for i, g := range p.Grads() {
						got, _ := g.Grad()
						want, _ := r.Grads()[i].Grad()
						if !slices.EqualFunc(got.Data().([]float64), want.Data().([]float64), nearly) {
							t.Errorf("%s: got gradient %v, want %v", what, got, want)
						}
					}
					for _, kept := range slices.Concat(plain.Params(), plain.States()) {
						if kept.Name != "custom_1.w" && !slices.Equal(kept.Value.Float64s(), data) {
							t.Errorf("%s in %v: %s was written over", what, mode, kept.Name)
						}
					}
				}
			}
		}
	}
	if ran < 1000 || refused < 100 {
		t.Errorf("%d programs ran and %d were refused, want some of both", ran, refused)
	}
}

// TestMistakenNodes: Gorgonia makes one node of two slices whose bounds are the same modulo 256, and of two long constants that print alike.
func TestMistakenNodes(t *testing.T) {
	long := func(at int, v float64) node {
		data := make([]float64, 1024)
		data[at] = v
		return gorgonia.NewConstant(tensor.New(tensor.WithShape(2, 512), tensor.WithBacking(data)))
	}
	slice := func(b builder, x node, lo, hi int) node { return b.Node(gorgonia.Slice(x, nil, gorgonia.S(lo, hi))) }
	for name, c := range map[string]struct {
		build func(b builder, x node) node
		want  string // "" where it is right, and then so is the first number of the second row
		value float64
	}{
		"two slices": {func(b builder, x node) node { return b.Node(ops.Sub(slice(b, x, 0, 256), slice(b, x, 256, 512))) },
			"graph: got Gorgonia's op T[:, 0:256:1...] of shape (2, 256) that is read in several places, and may be two: Gorgonia knows slices by their bounds modulo 256, and takes two for one without a word; use ops.Columns, or one ops.Copy of it that all of them read", 0},
		"two constants": {func(b builder, x node) node {
			return b.Node(ops.Add(b.Node(gorgonia.Add(x, long(500, 1))), b.Node(gorgonia.Add(x, long(501, 1)))))
		}, "graph: got Gorgonia's op const Matrix float64 of shape (2, 512) that is read in several places, and may be two: Gorgonia knows constants by their printed text, which leaves out the middle of long ones, and takes two for one without a word; use b.State with an Initializer that fills it, or one ops.Copy of it that all of them read", 0},
		"our columns": {func(b builder, x node) node {
			return b.Node(ops.Sub(b.Node(ops.Columns(x, 0, 256)), b.Node(ops.Columns(x, 256, 512))))
		}, "", -256},
		"one constant": {func(b builder, x node) node { return b.Node(gorgonia.Add(x, long(512, 7))) }, "", 519},
		"one slice":    {func(b builder, x node) node { return slice(b, x, 300, 400) }, "", 812},
		"a copy of a slice": {func(b builder, x node) node {
			y := b.Node(ops.Copy(slice(b, x, 300, 400)))
			return b.Node(ops.Add(y, y))
		}, "", 1624},
		"other slices": {func(b builder, x node) node { return b.Node(ops.Add(slice(b, x, 0, 200), slice(b, x, 250, 450))) }, "", 1274},
	} {
		m := model(t, graph.Config{Input: graph.Floats(512), Float64: true}, custom(c.build))
		p, err := m.Compile(graph.Spec{Batch: 2})
		if c.want != "" {
			if err == nil || err.Error() != c.want {
				t.Errorf("%s: got  %v\nwant %s", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range p.X().Float64s() {
			p.X().Float64s()[i] = float64(i)
		}
		run(t, p)
		if y := p.Output().Float64s(); y[len(y)/2] != c.value {
			t.Errorf("%s: got %v, want %v", name, y[len(y)/2], c.value)
		}
	}
}
