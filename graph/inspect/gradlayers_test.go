package inspect

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/train"
)

const words = 5

// centre subtracts the batch's mean while training, else a moving one.
var centre = graph.LayerFunc("centre", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	mean := b.State("mean", graph.Constant(.5), graph.Features(x))
	if b.Training() {
		now := b.Node(ops.MeanRows(x))
		b.Update(mean, b.Node(ops.Lerp(mean, now, .1)))
		mean = now
	}
	return b.Node(ops.SubRow(x, mean))
})

// ridge is x·W with a penalty of .1·Σw².
var ridge = graph.LayerFunc("ridge", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	w := b.Param("weight", graph.GlorotUniform, graph.Features(x), 3)
	b.Penalty(b.Node(gorgonia.Mul(b.Node(gorgonia.Sum(b.Node(gorgonia.Square(w)))), b.Constant(.1))))
	return b.Node(ops.MatMul(x, w, false, false))
})

var embed = graph.LayerFunc("embed", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.Gather(b.Param("table", graph.GlorotUniform, words, 3), x))
})

// dense has biases that are nowhere 0, so that no unit is at its kink.
func dense(units int, a layers.Activation) layers.Dense {
	return layers.Dense{Units: units, Activation: a, Bias: graph.InitFunc("varied", func(r *rand.Rand, _, _ int) float64 { return .1 + .3*r.Float64() })}
}

func netOf(build func(n *graph.Net)) graph.Layer {
	n := &graph.Net{}
	build(n)
	return n
}

// TestEveryLayerIsRight checks the gradients of every layer, on its own and among others.
func TestEveryLayerIsRight(t *testing.T) {
	type checked struct {
		input  graph.Input // without a shape for a Net
		layers []graph.Layer
		loss   graph.Loss // MSE if nil
	}
	zeros := layers.Dense{Units: 3, Weights: graph.Zeros}
	vector, series, picture := graph.Floats(4), graph.Floats(3, 4), graph.Floats(2, 3, 2)
	all := map[string]checked{
		"residual":            {vector, []graph.Layer{layers.Residual{dense(5, layers.Tanh), dense(4, layers.Linear)}, dense(3, layers.Linear)}, nil},
		"residual of rank 3":  {series, []graph.Layer{dense(5, layers.Tanh), layers.Residual{dense(5, layers.Softplus)}, dense(2, layers.Linear)}, nil},
		"concat":              {vector, []graph.Layer{layers.Concat{dense(2, layers.Sigmoid), layers.Sequence{dense(3, layers.Tanh), layers.Softplus}, layers.Linear}, dense(3, layers.Linear)}, nil},
		"concat of rank 4":    {picture, []graph.Layer{layers.Concat{dense(3, layers.Sigmoid), layers.Linear}, dense(2, layers.Tanh)}, nil},
		"flatten":             {picture, []graph.Layer{dense(2, layers.Tanh), layers.Flatten{}, dense(3, layers.Linear)}, nil},
		"flatten of a number": {graph.Floats(), []graph.Layer{layers.Flatten{}, dense(3, layers.Tanh)}, nil},
		"dropout":             {vector, []graph.Layer{dense(9, layers.Tanh), layers.Dropout{Rate: .4}, dense(3, layers.Linear)}, nil},
		"dropout of rank 3":   {series, []graph.Layer{dense(5, layers.Tanh), layers.Dropout{Rate: .4}, dense(2, layers.Linear)}, nil},
		"dropout of zeros":    {vector, []graph.Layer{zeros, layers.Dropout{Rate: .4}, dense(3, layers.Linear)}, nil}, // one loss in all modes, and other slopes
		"dropout to zeros":    {vector, []graph.Layer{layers.Dropout{Rate: .4}, zeros}, nil},
		"centre":              {vector, []graph.Layer{dense(5, layers.Tanh), centre, dense(3, layers.Linear)}, nil},
		"centre of rank 3":    {series, []graph.Layer{dense(5, layers.Tanh), centre, dense(2, layers.Linear)}, nil},
		"ridge":               {vector, []graph.Layer{ridge, dense(3, layers.Tanh)}, nil},
		"ids":                 {graph.Ints(3), []graph.Layer{embed, layers.Flatten{}, dense(3, layers.Softmax)}, losses.CrossEntropy{}},
		"one id":              {graph.Ints(), []graph.Layer{embed, dense(3, layers.Tanh)}, nil},
		"ids at every step":   {graph.Ints(3), []graph.Layer{embed, dense(3, layers.Softmax)}, losses.CrossEntropy{}},
		"towers": {layers: []graph.Layer{netOf(func(n *graph.Net) {
			tower := n.Share(layers.Sequence{dense(5, layers.Tanh), layers.Residual{dense(5, layers.Sigmoid)}})
			l, r := n.Add(tower, n.Input("left", vector)), n.Add(tower, n.Input("right", vector))
			n.Output("same", n.Add(dense(1, layers.Sigmoid), n.Add(layers.AbsDiff{}, l, r)))
		})}, loss: losses.BinaryCrossEntropy{}},
		"towers of series with a centre": {layers: []graph.Layer{netOf(func(n *graph.Net) {
			tower := n.Share(layers.Sequence{dense(5, layers.Tanh), centre})
			l, r := n.Add(tower, n.Input("left", series)), n.Add(tower, n.Input("right", series))
			n.Output("sum", n.Add(dense(2, layers.Linear), n.Add(layers.Sum{}, l, r, l)))
		})}},
		"a block used twice": {layers: []graph.Layer{netOf(func(n *graph.Net) {
			x, block := n.Input("x", vector), n.Share(layers.Residual{dense(4, layers.Tanh)})
			once := n.Add(block, x)
			n.Output("y", n.Add(dense(3, layers.Linear), n.Add(layers.Concat{}, x, once, n.Add(block, once))))
		})}},
		"kinds of inputs, several outputs": {layers: []graph.Layer{netOf(func(n *graph.Net) {
			number, words, picture := n.Add(layers.Flatten{}, n.Input("number", graph.Floats())), n.Add(embed, n.Input("word", graph.Ints())), n.Input("picture", picture)
			trunk := n.Add(dense(7, layers.Tanh), n.Add(layers.Concat{}, number, words, n.Add(layers.Flatten{}, picture)))
			n.Output("class", n.Add(dense(3, layers.Softmax), trunk))
			n.Output("labels", n.Add(dense(2, layers.Sigmoid), trunk))
			n.Output("age", n.Add(dense(1, layers.Linear), n.Add(layers.Concat{}, trunk, number)))
			n.Output("unused", trunk)
		})}, loss: losses.Each{"class": {Loss: losses.CrossEntropy{Smoothing: .1}}, "labels": {Loss: losses.BinaryCrossEntropy{}, Weight: .5}, "age": {Loss: losses.Huber{}, Weight: 2}}},
		"a net among layers": {vector, []graph.Layer{dense(5, layers.Tanh), netOf(func(n *graph.Net) {
			x := n.Input("x", graph.Floats(1))
			n.Output("y", n.Add(layers.Sum{}, n.Add(dense(3, layers.Sigmoid), x), n.Add(dense(3, layers.Softmax), x)))
		}), dense(2, layers.Linear)}, nil},
	}
	for _, a := range activated {
		all[a.String()+" in a Dense"] = checked{vector, []graph.Layer{dense(5, a), dense(3, layers.Linear)}, nil}
		all[a.String()+" of rank 3"] = checked{series, []graph.Layer{dense(5, a), a, dense(2, layers.Linear)}, nil}
		all[a.String()+" at the end"] = checked{vector, []graph.Layer{dense(5, layers.Tanh), dense(3, a)}, nil}
	}
	for name, c := range all {
		if c.loss == nil {
			c.loss = losses.MSE{}
		}
		rightGradients(t, name, c.input, c.loss, c.layers)
	}
}

// TestEveryLossIsRight checks the gradients of every loss, behind every end that it takes, of a value a sample and one a position.
func TestEveryLossIsRight(t *testing.T) {
	softmax, sigmoid := []graph.Layer{dense(3, layers.Softmax)}, []graph.Layer{dense(3, layers.Sigmoid)}
	softmaxLayer, sigmoidLayer := []graph.Layer{dense(3, layers.Linear), layers.Softmax}, []graph.Layer{dense(3, layers.Linear), layers.Sigmoid}
	linear, tanh := []graph.Layer{dense(3, layers.Linear)}, []graph.Layer{dense(3, layers.Tanh)}
	without := losses.Names()
	for _, c := range []struct {
		loss graph.Loss
		ends [][]graph.Layer
	}{
		{losses.CrossEntropy{}, [][]graph.Layer{softmax, softmaxLayer, linear}},
		{losses.CrossEntropy{Logits: true}, [][]graph.Layer{tanh}},
		{losses.CrossEntropy{Smoothing: .2, Weights: []float64{1, .25, 3}}, [][]graph.Layer{softmax, linear}},
		{losses.CrossEntropy{Distributions: true}, [][]graph.Layer{softmax, softmaxLayer, linear}},
		{losses.CrossEntropy{Distributions: true, Smoothing: .2}, [][]graph.Layer{softmax}},
		{losses.ClippedCrossEntropy{}, [][]graph.Layer{softmax, softmaxLayer}},
		{losses.KL{}, [][]graph.Layer{softmax, softmaxLayer, linear}},
		{losses.BinaryCrossEntropy{}, [][]graph.Layer{sigmoid, sigmoidLayer, linear, {dense(1, layers.Sigmoid)}}},
		{losses.BinaryCrossEntropy{Logits: true}, [][]graph.Layer{tanh}},
		{losses.MSE{}, [][]graph.Layer{linear, softmax, sigmoid, tanh}},
		{losses.MAE{}, [][]graph.Layer{linear, tanh}},
		{losses.Huber{}, [][]graph.Layer{linear, tanh}},
		{losses.Huber{Delta: .3}, [][]graph.Layer{linear}},
		{losses.Cosine{}, [][]graph.Layer{linear, softmax}},
		{losses.Hinge{}, [][]graph.Layer{linear}},
		{losses.Hinge{Scores: true}, [][]graph.Layer{tanh}},
		{losses.MultiMargin{}, [][]graph.Layer{linear}},
		{losses.MultiMargin{Scores: true}, [][]graph.Layer{tanh}},
	} {
		without = slices.DeleteFunc(without, func(name string) bool { return name == c.loss.Name() })
		for _, end := range c.ends {
			for _, input := range []graph.Input{graph.Floats(4), graph.Floats(3, 4)} {
				rightGradients(t, c.loss.Name(), input, c.loss, append([]graph.Layer{dense(5, layers.Tanh)}, end...))
			}
		}
	}
	if len(without) > 0 {
		t.Errorf("%v: got no check, want one of each loss", without)
	}
}

func rightGradients(t *testing.T, name string, input graph.Input, loss graph.Loss, layers []graph.Layer) {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: input, Seed: 4}, layers...)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	check, err := CheckGradients(m, loss, batchFor(t, m, loss, 6))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !check.OK() {
		t.Errorf("%s, input %v, loss %+v, layers %+v:\n%v", name, input, loss, layers, check)
	}
	if len(check.Params) != len(m.Params()) {
		t.Errorf("%s: got %d parameters checked, want %d", name, len(check.Params), len(m.Params()))
	}
	for _, p := range check.Params {
		if p.Checked == 0 || p.Directions == 0 {
			t.Errorf("%s, input %v, loss %+v: %s: nothing was compared:\n%v", name, input, loss, p.Name, check)
		}
	}
}

// batchFor draws samples that suit a model and a loss, with weights.
func batchFor(t *testing.T, m *graph.Model, loss graph.Loss, n int) *train.Batch {
	t.Helper()
	r := rand.New(rand.NewPCG(8, 0))
	b := &train.Batch{Weights: make([]float64, n)}
	for i := range b.Weights {
		b.Weights[i] = .5 + r.Float64()
	}
	shape := func(in graph.Input) tensor.ConsOpt { return tensor.WithShape(append([]int{n}, in.Shape...)...) }
	drawnInts := func(in graph.Input, below int) *tensor.Dense {
		x := make([]int32, n*in.Size())
		for i := range x {
			x[i] = r.Int32N(int32(below))
		}
		return tensor.New(shape(in), tensor.WithBacking(x))
	}
	for _, in := range m.Inputs() {
		if in.IDs {
			b.Inputs = append(b.Inputs, drawnInts(in.Input, words))
			continue
		}
		x := make([]float32, n*in.Size())
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		b.Inputs = append(b.Inputs, tensor.New(shape(in.Input), tensor.WithBacking(x)))
	}
	targets, err := m.Targets(loss)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.IDs {
			classes := drawnInts(target.Input, 3)
			classes.Int32s()[1] = ops.Ignored
			b.Targets = append(b.Targets, classes)
			continue
		}
		y := make([]float32, n*target.Size())
		for i := range y {
			switch target.Loss.(type) {
			case losses.BinaryCrossEntropy, losses.Hinge:
				y[i] = float32(r.IntN(2))
			case losses.CrossEntropy, losses.KL: // a distribution of three classes
				y[i] = []float32{.5, .125, .375}[(i+i/3)%3]
			default:
				y[i] = float32(r.NormFloat64())
			}
		}
		b.Targets = append(b.Targets, tensor.New(shape(target.Input), tensor.WithBacking(y)))
	}
	return b
}
