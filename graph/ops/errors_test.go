package ops_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// TestErrors has every refusal, word by word.
func TestErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(shape ...int) *gorgonia.Node {
		n, _ := input(g, "x", tensor.Float32, shape, make([]float64, tensor.Shape(shape).TotalSize()))
		return n
	}
	scalar := must(ops.Reshape(node(1)))
	wide, _ := input(g, "wide", tensor.Float64, tensor.Shape{2, 3}, make([]float64, 6))
	ids := func(shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Int32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("ids"))
	}
	whole := gorgonia.NewMatrix(g, tensor.Int, gorgonia.WithShape(2, 3), gorgonia.WithName("whole"))
	stream := ops.Stream{At: &ops.Place{}}
	for _, c := range []struct {
		want string
		give func() (*gorgonia.Node, error)
	}{
		{"add: got shapes (2, 3) and (3, 2), want them equal",
			func() (*gorgonia.Node, error) { return ops.Add(node(2, 3), node(3, 2)) }},
		{"add: got shapes (3) and (3, 1), want them equal",
			func() (*gorgonia.Node, error) { return ops.Add(node(3), node(3, 1)) }},
		{"add: got shapes (1, 3) and (3), want them equal",
			func() (*gorgonia.Node, error) { return ops.Add(node(1, 3), node(3)) }},
		{"add: got inputs of float32 and of float64, want one element type",
			func() (*gorgonia.Node, error) { return ops.Add(node(2, 3), wide) }},
		{"sigmoid: got elements of type int as input 0, want float32 or float64",
			func() (*gorgonia.Node, error) { return ops.Activate(whole, ops.Sigmoid) }},
		{"activate: got function number 12, want one of [identity sigmoid tanh relu leaky relu softplus elu selu gelu gelu tanh silu mish]",
			func() (*gorgonia.Node, error) { return ops.Activate(node(2, 3), 12) }},

		{"dense: got x (2, 3), w (4, 5), b (5), want [batch,…,in], [in,out], [out]",
			func() (*gorgonia.Node, error) { return ops.Dense(node(2, 3), node(4, 5), node(5), ops.ReLU) }},
		{"dense: got x (2, 3), w (3, 5), b (3), want [batch,…,in], [in,out], [out]",
			func() (*gorgonia.Node, error) { return ops.Dense(node(2, 3), node(3, 5), node(3), ops.ReLU) }},
		{"dense: got x (3), w (3, 5), b (5), want [batch,…,in], [in,out], [out]",
			func() (*gorgonia.Node, error) { return ops.Dense(node(3), node(3, 5), node(5), ops.ReLU) }},
		{"dense: got x (2, 3), w (3), b (3), want [batch,…,in], [in,out], [out]",
			func() (*gorgonia.Node, error) { return ops.Dense(node(2, 3), node(3), node(3), ops.ReLU) }},
		{"dense: got x (2, 3), w (3, 5), b (1, 5), want [batch,…,in], [in,out], [out]",
			func() (*gorgonia.Node, error) { return ops.Dense(node(2, 3), node(3, 5), node(1, 5), ops.ReLU) }},
		{"dense: got function number 200, want one of [identity sigmoid tanh relu leaky relu softplus elu selu gelu gelu tanh silu mish]",
			func() (*gorgonia.Node, error) { return ops.Dense(node(2, 3), node(3, 5), node(5), 200) }},

		{"matmul: got shapes (3) and (3, 4), want two matrices",
			func() (*gorgonia.Node, error) { return ops.MatMul(node(3), node(3, 4), false, false) }},
		{"matmul: got shapes (2, 3) and (2, 3, 4), want two matrices",
			func() (*gorgonia.Node, error) { return ops.MatMul(node(2, 3), node(2, 3, 4), false, false) }},
		{"matmul: got [2,3]·[4,5], want the inner sizes 3 and 4 to be equal",
			func() (*gorgonia.Node, error) { return ops.MatMul(node(2, 3), node(4, 5), false, false) }},
		{"matmul: got [3,2]·[3,5], want the inner sizes 2 and 3 to be equal",
			func() (*gorgonia.Node, error) { return ops.MatMul(node(2, 3), node(3, 5), true, false) }},
		{"matmul: got [2,3]·[5,3], want the inner sizes 3 and 5 to be equal",
			func() (*gorgonia.Node, error) { return ops.MatMul(node(2, 3), node(3, 5), false, true) }},
		{"matmul: got [3,2]·[5,3], want the inner sizes 2 and 5 to be equal",
			func() (*gorgonia.Node, error) { return ops.MatMul(node(2, 3), node(3, 5), true, true) }},

		{"softmax: got shape (3), want [batch,…,classes]",
			func() (*gorgonia.Node, error) { return ops.Softmax(node(3)) }},

		{"cross-entropy: got a prediction of shape (2, 3) and a target of shape (2, 4), want two [batch,…,n] of one shape",
			func() (*gorgonia.Node, error) { return ops.CrossEntropy(node(2, 3), node(2, 4), 0) }},
		{"clipped cross-entropy: got a prediction of shape (3) and a target of shape (3), want two [batch,…,n] of one shape",
			func() (*gorgonia.Node, error) { return ops.ClippedCrossEntropy(node(3), node(3)) }},
		{"mean squared error: got a prediction of shape (3, 1) and a target of shape (3), want two [batch,…,n] of one shape",
			func() (*gorgonia.Node, error) { return ops.MeanSquaredError(node(3, 1), node(3)) }},
		{"mean squared error: got inputs of float32 and of float64, want one element type",
			func() (*gorgonia.Node, error) { return ops.MeanSquaredError(node(2, 3), wide) }},

		{"dropout: got rate 1, want at least 0 and below 1",
			func() (*gorgonia.Node, error) { return ops.Dropout(node(3), 1, stream) }},
		{"dropout: got rate -0.1, want at least 0 and below 1",
			func() (*gorgonia.Node, error) { return ops.Dropout(node(3), -.1, stream) }},
		{"dropout: got rate NaN, want at least 0 and below 1",
			func() (*gorgonia.Node, error) { return ops.Dropout(node(3), math.NaN(), stream) }},
		{"dropout: got a Stream without At, want one, such as graph.Builder.Stream gives",
			func() (*gorgonia.Node, error) { return ops.Dropout(node(3), .5, ops.Stream{Seed: 1}) }},
		{"dropout 0.5: got elements of type int as input 0, want float32 or float64",
			func() (*gorgonia.Node, error) { return ops.Dropout(whole, .5, stream) }},

		{"normal: got a Stream without At, want one, such as graph.Builder.Stream gives",
			func() (*gorgonia.Node, error) { return ops.Normal(node(3), ops.Stream{Seed: 1}) }},
		{"normal: got a scalar, want [batch,…]",
			func() (*gorgonia.Node, error) { return ops.Normal(scalar, stream) }},
		{"dropout: got a scalar, want [batch,…]",
			func() (*gorgonia.Node, error) { return ops.Dropout(scalar, .5, stream) }},

		{"cross-entropy: got label smoothing 1, want at least 0 and below 1",
			func() (*gorgonia.Node, error) { return ops.CrossEntropy(node(2, 3), node(2, 3), 1) }},
		{"cross-entropy: got label smoothing NaN, want at least 0 and below 1",
			func() (*gorgonia.Node, error) { return ops.CrossEntropy(node(2, 3), ids(2), math.NaN()) }},
		{"cross-entropy: got a prediction of shape (2, 3) and classes of shape (3), want [batch,…,classes] and [batch,…]",
			func() (*gorgonia.Node, error) { return ops.CrossEntropy(node(2, 3), ids(3), 0) }},
		{"cross-entropy: got a prediction of shape (2, 3) and classes of shape (2, 3), want [batch,…,classes] and [batch,…]",
			func() (*gorgonia.Node, error) { return ops.CrossEntropy(node(2, 3), ids(2, 3), 0) }},
		{"clipped cross-entropy: got a prediction of shape (2) and classes of shape (2), want [batch,…,classes] and [batch,…]",
			func() (*gorgonia.Node, error) { return ops.ClippedCrossEntropy(node(2), ids(2)) }},
		{"cross-entropy: got elements of type int32 as input 0, want float32 or float64",
			func() (*gorgonia.Node, error) { return ops.CrossEntropy(ids(2, 3), ids(2), 0) }},
		{"mean squared error: got elements of type int32 as input 1, want float32 or float64",
			func() (*gorgonia.Node, error) { return ops.MeanSquaredError(node(2, 3), ids(2, 3)) }},
		{"copy: got elements of int32, want floats: ids are read, never written",
			func() (*gorgonia.Node, error) { return ops.Copy(ids(2, 3)) }},

		{"subtract: got shapes (2, 3) and (3), want them equal",
			func() (*gorgonia.Node, error) { return ops.Sub(node(2, 3), node(3)) }},
		{"multiply: got shapes (2, 3) and (), want them equal",
			func() (*gorgonia.Node, error) { return ops.Mul(node(2, 3), scalar) }},
		{"lerp: got shapes (3) and (4), want them equal",
			func() (*gorgonia.Node, error) { return ops.Lerp(node(3), node(4), .5) }},
		{"scale 2: got elements of type int32 as input 0, want float32 or float64",
			func() (*gorgonia.Node, error) { return ops.Scale(ids(3), 2) }},

		{"sum of rows: got shape (3), want [batch,…,n]",
			func() (*gorgonia.Node, error) { return ops.SumRows(node(3)) }},
		{"mean of rows: got shape (), want [batch,…,n]",
			func() (*gorgonia.Node, error) { return ops.MeanRows(scalar) }},
		{"add row: got shapes (2, 3) and (2), want [batch,…,n] and a vector of n",
			func() (*gorgonia.Node, error) { return ops.AddRow(node(2, 3), node(2)) }},
		{"subtract row: got shapes (2, 3) and (1, 3), want [batch,…,n] and a vector of n",
			func() (*gorgonia.Node, error) { return ops.SubRow(node(2, 3), node(1, 3)) }},
		{"multiply by row: got shapes (3) and (3), want [batch,…,n] and a vector of n",
			func() (*gorgonia.Node, error) { return ops.MulRow(node(3), node(3)) }},
		{"weighted sum: got values of shape (3) and weights of shape (3, 1), want them equal",
			func() (*gorgonia.Node, error) { return ops.WeightedSum(node(3), node(3, 1)) }},
		{"times: got a factor of shape (1), want a scalar",
			func() (*gorgonia.Node, error) { return ops.Times(node(3), node(1)) }},

		{"concat: got nothing, want at least one tensor",
			func() (*gorgonia.Node, error) { return ops.Concat() }},
		{"concat: got shape (3, 2) as part 1, want that of part 0, (2, 3), in all axes but the last",
			func() (*gorgonia.Node, error) { return ops.Concat(node(2, 3), node(3, 2)) }},
		{"concat: got shape (3) as part 0, want that of part 0, (3), in all axes but the last",
			func() (*gorgonia.Node, error) { return ops.Concat(node(3), node(3)) }},
		{"concat: got shape () as part 1, want that of part 0, (2, 3), in all axes but the last",
			func() (*gorgonia.Node, error) { return ops.Concat(node(2, 3), scalar) }},
		{"columns: got columns 2 to 4 of shape (2, 3), want a range within the last axis of [batch,…,n]",
			func() (*gorgonia.Node, error) { return ops.Columns(node(2, 3), 2, 4) }},
		{"columns: got columns -1 to 2 of shape (2, 3), want a range within the last axis of [batch,…,n]",
			func() (*gorgonia.Node, error) { return ops.Columns(node(2, 3), -1, 2) }},
		{"columns: got columns 1 to 1 of shape (2, 3), want a range within the last axis of [batch,…,n]",
			func() (*gorgonia.Node, error) { return ops.Columns(node(2, 3), 1, 1) }},
		{"columns: got columns 0 to 1 of shape (3), want a range within the last axis of [batch,…,n]",
			func() (*gorgonia.Node, error) { return ops.Columns(node(3), 0, 1) }},

		{"reshape: got shape [4], want one of the 6 elements of (2, 3)",
			func() (*gorgonia.Node, error) { return ops.Reshape(node(2, 3), 4) }},
		{"reshape: got shape [-2 -3], want one of the 6 elements of (2, 3)",
			func() (*gorgonia.Node, error) { return ops.Reshape(node(2, 3), -2, -3) }},
		{"reshape: got shape [], want one of the 6 elements of (2, 3)",
			func() (*gorgonia.Node, error) { return ops.Reshape(node(2, 3)) }},
	} {
		n, err := c.give()
		if err == nil || err.Error() != c.want || n != nil {
			t.Errorf("got %v, %v\nwant %s", n, err, c.want)
		}
	}
}

// TestNil: no constructor takes a nil node, in any place, for anything but an error that says where to look.
func TestNil(t *testing.T) {
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2, 2}, make([]float64, 4))
	v, _ := input(g, "v", tensor.Float32, tensor.Shape{2}, make([]float64, 2))
	stream := ops.Stream{At: &ops.Place{}}
	for name, c := range map[string]struct {
		inputs gorgonia.Nodes
		make   func(in gorgonia.Nodes) (*gorgonia.Node, error)
	}{
		"dense":                 {gorgonia.Nodes{x, x, v}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Dense(in[0], in[1], in[2], ops.ReLU) }},
		"matmul":                {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MatMul(in[0], in[1], true, false) }},
		"activate":              {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Activate(in[0], ops.ReLU) }},
		"softmax":               {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Softmax(in[0]) }},
		"add":                   {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Add(in[0], in[1]) }},
		"subtract":              {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Sub(in[0], in[1]) }},
		"multiply":              {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Mul(in[0], in[1]) }},
		"lerp":                  {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Lerp(in[0], in[1], .5) }},
		"scale":                 {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Scale(in[0], 2) }},
		"abs":                   {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Abs(in[0]) }},
		"sum of rows":           {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.SumRows(in[0]) }},
		"mean of rows":          {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MeanRows(in[0]) }},
		"add row":               {gorgonia.Nodes{x, v}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.AddRow(in[0], in[1]) }},
		"subtract row":          {gorgonia.Nodes{x, v}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.SubRow(in[0], in[1]) }},
		"multiply by row":       {gorgonia.Nodes{x, v}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MulRow(in[0], in[1]) }},
		"weighted sum":          {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.WeightedSum(in[0], in[1]) }},
		"total":                 {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Total(in[0]) }},
		"times":                 {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Times(in[0], in[1]) }},
		"concat":                {gorgonia.Nodes{x, x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Concat(in...) }},
		"columns":               {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Columns(in[0], 0, 1) }},
		"reshape":               {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Reshape(in[0], 4) }},
		"copy":                  {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Copy(in[0]) }},
		"keep":                  {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Keep(in[0]) }},
		"dropout":               {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Dropout(in[0], .5, stream) }},
		"normal":                {gorgonia.Nodes{x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Normal(in[0], stream) }},
		"cross-entropy":         {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.CrossEntropy(in[0], in[1], .1) }},
		"clipped cross-entropy": {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.ClippedCrossEntropy(in[0], in[1]) }},
		"mean squared error":    {gorgonia.Nodes{x, x}, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MeanSquaredError(in[0], in[1]) }},
	} {
		for i := range c.inputs {
			in := slices.Clone(c.inputs)
			in[i] = nil
			want := fmt.Sprintf("%s: got nil as input %d, want a node: look at the error of the function that made it", name, i)
			if n, err := c.make(in); n != nil || err == nil || err.Error() != want {
				t.Errorf("got %v, %v\nwant %s", n, err, want)
			}
		}
	}
	if ops.Ours(nil) || ops.IsSoftmax(nil) || ops.IsLinear(nil) || ops.Logits(nil) != nil || ops.Overwritten(nil) || ops.Inputs(nil) != nil || ops.FactorsOf(nil) != nil {
		t.Error("want nothing of a nil node")
	}
	if f := ops.Func(99).String(); f != "function(99)" {
		t.Errorf("got the name %q", f)
	}
}

// TestOtherGraph: Gorgonia refuses it, and we let its words through.
func TestOtherGraph(t *testing.T) {
	a, _ := input(gorgonia.NewGraph(), "a", tensor.Float32, tensor.Shape{1}, []float64{1})
	b, _ := input(gorgonia.NewGraph(), "b", tensor.Float32, tensor.Shape{1}, []float64{1})
	if n, err := ops.Add(a, b); err == nil || !strings.Contains(err.Error(), "same graph") {
		t.Errorf("got %v, %v, want an error of Gorgonia about the graph", n, err)
	}
}

// TestDoRefuses calls an op as a machine would, with values that its node was not made for.
func TestDoRefuses(t *testing.T) {
	g := gorgonia.NewGraph()
	a, _ := input(g, "a", tensor.Float32, tensor.Shape{2, 3}, make([]float64, 6))
	b, _ := input(g, "b", tensor.Float32, tensor.Shape{2, 3}, make([]float64, 6))
	add := must(ops.Add(a, b)).Op()
	narrow, wide := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2, 3)), tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(2, 3))
	columns := tensor.New(tensor.WithShape(2, 3), tensor.AsFortran(make([]float32, 6)))
	for _, c := range []struct {
		want   string
		values []gorgonia.Value
	}{
		{"add: got 1 inputs, want 2", []gorgonia.Value{narrow}},
		{"add: input 1: got a *tensor.Dense of float64, want a row-major dense tensor of float32", []gorgonia.Value{narrow, wide}},
		{"add: input 1: got a *tensor.Dense of float32, want a row-major dense tensor of float64", []gorgonia.Value{wide, narrow}},
		{"add: input 0: got a *tensor.Dense of float32, want a row-major dense tensor of float32", []gorgonia.Value{columns, narrow}},
		{"add: input 1: got a *gorgonia.F64 of float64, want a row-major dense tensor of float32", []gorgonia.Value{narrow, gorgonia.NewF64(1)}},
		{"add: input 0: got 1 elements, want 6", []gorgonia.Value{gorgonia.NewF32(1), narrow}},
		{"add: input 1: got 5 elements, want 6", []gorgonia.Value{wide, tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(5))}},
		{"add: got elements of type int, want float32 or float64", []gorgonia.Value{gorgonia.NewI(1), narrow}},
	} {
		v, err := add.Do(c.values...)
		if err == nil || err.Error() != c.want || v != nil {
			t.Errorf("got %v, %v\nwant %s", v, err, c.want)
		}
	}
	if _, err := add.Do(narrow, narrow); err != nil {
		t.Errorf("after errors: %v", err)
	}
}

// TestNotDifferentiable: an op without a derivative says so, by DiffWRT to Gorgonia's analysis and by an error when asked.
func TestNotDifferentiable(t *testing.T) {
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2, 3}, make([]float64, 6))
	y := must(ops.Softmax(x))
	grads, err := y.Op().(gorgonia.SDOp).SymDiff(gorgonia.Nodes{x}, y, y)
	if err != nil {
		t.Fatal(err)
	}
	backward := grads[0].Op().(gorgonia.SDOp)
	for i, d := range backward.DiffWRT(2) {
		if d {
			t.Errorf("∂softmax is said to be differentiable with regard to input %d", i)
		}
	}
	if _, err := backward.SymDiff(gorgonia.Nodes{y, y}, grads[0], y); err == nil || err.Error() != "∂softmax has no derivative" {
		t.Errorf("got %v, want: ∂softmax has no derivative", err)
	}
}
