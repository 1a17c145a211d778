package graph_test

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/numeric"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// TestRawOpsStayWelcome compiles layers of Gorgonia's ops that are right, and compares their gradients with central differences.
func TestRawOpsStayWelcome(t *testing.T) {
	indices := func(x node, at ...int) node {
		return x.Graph().AddNode(gorgonia.NewConstant(tensor.New(tensor.WithShape(len(at)), tensor.WithBacking(at))))
	}
	for name, c := range map[string]struct {
		input []int // of a sample
		build func(b builder, x node) node
	}{
		"Conv2d": {[]int{2, 5, 7}, func(b builder, x node) node {
			return b.Node(gorgonia.Conv2d(x, b.Param("w", graph.HeNormal, 3, 2, 3, 2), tensor.Shape{3, 2}, []int{1, 1}, []int{2, 1}, []int{1, 1}))
		}},
		"Conv1d": {[]int{2, 1, 7}, func(b builder, x node) node {
			return b.Node(gorgonia.Conv1d(x, b.Param("w", graph.HeNormal, 3, 2, 1, 2), 2, 0, 1, 1))
		}},
		"MaxPool2D": {[]int{2, 4, 6}, func(b builder, x node) node {
			return b.Node(gorgonia.MaxPool2D(x, tensor.Shape{2, 3}, []int{0, 0}, []int{2, 3}))
		}},
		"Upsample2D": {[]int{2, 3, 2}, func(b builder, x node) node { return b.Node(gorgonia.Upsample2D(x, 2)) }},
		"Sparsemax":  {[]int{5}, func(b builder, x node) node { return b.Node(gorgonia.Sparsemax(x)) }},
		"ByIndices":  {[]int{4}, func(b builder, x node) node { return b.Node(gorgonia.ByIndices(x, indices(x, 1, 0, 1), 0)) }},
		"Transpose":  {[]int{3, 4}, func(b builder, x node) node { return b.Node(gorgonia.Transpose(x, 0, 2, 1)) }},
		"BroadcastAdd": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.BroadcastAdd(x, b.Param("v", graph.GlorotNormal, 3), nil, []byte{0}))
		}},
		"BroadcastSub": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.BroadcastSub(b.Node(gorgonia.Tanh(b.Param("v", graph.GlorotNormal, 3))), x, []byte{0}, nil))
		}},
		"BroadcastHadamardProd, σ": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.BroadcastHadamardProd(x, b.Node(gorgonia.Sigmoid(b.Param("v", graph.GlorotNormal, 3))), nil, []byte{0}))
		}},
		"BroadcastHadamardDiv": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.BroadcastHadamardDiv(x, b.Node(gorgonia.Exp(b.Param("v", graph.GlorotNormal, 3))), nil, []byte{0}))
		}},
		"BatchedMatMul": {[]int{3, 4}, func(b builder, x node) node {
			return b.Node(gorgonia.BatchedMatMul(x, b.Param("w", graph.HeNormal, 2, 4, 3)))
		}},
		"Tensordot": {[]int{3, 4}, func(b builder, x node) node {
			return b.Node(gorgonia.Tensordot([]int{2}, []int{0}, x, b.Param("w", graph.HeNormal, 4, 3)))
		}},
		"Mul by a vector": {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.Mul(x, b.Param("w", graph.HeNormal, 3))) }},
		"Norm":            {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.Norm(x, 1, 2)) }},
		"Mean, Max, Sum": {[]int{3, 4}, func(b builder, x node) node {
			return b.Node(ops.Concat(b.Node(gorgonia.Mean(x, 1)), b.Node(gorgonia.Max(x, 2)), b.Node(gorgonia.Sum(x, 1))))
		}},
		"MaxBetween": {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.MaxBetween(x, b.Node(ops.Scale(x, -.5)))) }},
		"MinBetween": {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.MinBetween(x, b.Node(ops.Scale(x, -.5)))) }},
		"Mish":       {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.Mish(x)) }},
		"LeakyRelu":  {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.LeakyRelu(x, .2)) }},
		"Sqrt, Log, Log1p, Expm1, Inverse": {[]int{3}, func(b builder, x node) node {
			y := b.Node(gorgonia.Sqrt(b.Node(gorgonia.Add(b.Node(gorgonia.Log(b.Node(gorgonia.Exp(b.Node(gorgonia.Square(x)))))), b.Constant(.5)))))
			return b.Node(gorgonia.Inverse(b.Node(gorgonia.Expm1(b.Node(gorgonia.Log1p(y))))))
		}},
		"Sin, Cos": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.HadamardProd(b.Node(gorgonia.Sin(x)), b.Node(gorgonia.Cos(x))))
		}},
		"BinaryXent": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.BinaryXent(b.Node(gorgonia.Sigmoid(x)), b.Node(ops.Scale(x, .1))))
		}},
		"one row of Slice":    {[]int{3, 4}, func(b builder, x node) node { return b.Node(gorgonia.Slice(x, nil, gorgonia.S(1))) }},
		"one column of Slice": {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.Slice(x, nil, gorgonia.S(1))) }},
		"gates of Slice": {[]int{6}, func(b builder, x node) node {
			gate := func(lo int) node { return b.Node(gorgonia.Slice(x, nil, gorgonia.S(lo, lo+2))) }
			return b.Node(ops.Mul(b.Node(gorgonia.Sigmoid(gate(0))), b.Node(ops.Add(b.Node(gorgonia.Tanh(gate(2))), b.Node(gorgonia.Exp(gate(4)))))))
		}},
		"Concat": {[]int{3}, func(b builder, x node) node { return b.Node(gorgonia.Concat(1, x, b.Node(gorgonia.Tanh(x)))) }},
		"KeepDims": {[]int{3}, func(b builder, x node) node {
			return b.Node(gorgonia.KeepDims(x, false, func(a *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(a, 1) }))
		}},
	} {
		layer := custom(func(b builder, x node) node {
			scaled := b.Node(ops.MulRow(x, b.Param("s", graph.Constant(1.25), graph.Features(x))))
			y := c.build(b, scaled)
			if b.Err() != nil {
				return nil
			}
			return b.Node(ops.Reshape(y, b.Batch(), y.Shape().TotalSize()/b.Batch()))
		})
		if len(c.input) == 0 {
			layer = custom(func(b builder, x node) node { return c.build(b, x) })
		}
		input := graph.Floats(c.input...)
		m, err := graph.NewModel(graph.Config{Input: input, Seed: 2, Float64: true}, layer)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}, Inspect: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		fill(p, 3)
		x := slices.Clone(p.X().Float64s())
		for range 2 {
			run(t, p)
		}
		for i, g := range p.Grads() {
			run(t, p)
			v, err := g.Grad()
			if err != nil {
				t.Fatal(err)
			}
			got := slices.Clone(v.Data().([]float64))
			w := m.Params()[i].Value.Float64s()
			before := slices.Clone(w)
			want, err := numeric.Gradient(w, 1e-5, func() (float64, error) {
				err := p.Run()
				return p.Loss(), err
			})
			if err != nil {
				t.Fatal(err)
			}
			copy(w, before)
			for j := range want {
				if math.Abs(got[j]-want[j]) > 1e-8*max(1, math.Abs(want[j])) {
					t.Errorf("%s: d/d%s[%d] = %v, numerically %v", name, m.Params()[i].Name, j, got[j], want[j])
					break
				}
			}
		}
		if !slices.Equal(p.X().Float64s(), x) {
			t.Errorf("%s: the input was written over", name)
		}
	}
}

// TestBroadcastOfOneRow: where a vector is put beside a batch of one row, nothing writes into it, though it is repeated once.
func TestBroadcastOfOneRow(t *testing.T) {
	for name, build := range map[string]func(b builder, x, v node) node{
		"left":  func(b builder, x, v node) node { return b.Node(gorgonia.BroadcastSub(v, x, []byte{0}, nil)) },
		"right": func(b builder, x, v node) node { return b.Node(gorgonia.BroadcastSub(x, v, nil, []byte{0})) },
	} {
		m := model(t, graph.Config{Input: graph.Floats(3)}, custom(func(b builder, x node) node { return build(b, x, b.Param("v", graph.Ones, 3)) }))
		for _, batch := range []int{1, 2} {
			for _, mode := range []graph.Mode{graph.Predict, graph.Train} {
				p := compile(t, m, graph.Spec{Mode: mode, Batch: batch, Loss: lossIn(mode, losses.MSE{})})
				fill(p, 1)
				for range 3 {
					run(t, p)
				}
				for i, y := range p.Output().Float32s() {
					want := 1 - p.X().Float32s()[i]
					if name == "right" {
						want = -want
					}
					if y != want {
						t.Errorf("%s, batch %d, %v: got %v, want %v", name, batch, mode, y, want)
					}
				}
			}
		}
	}
}
