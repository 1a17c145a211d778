package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A task is data of one kind, with a network that learns them and a loss by hand.
type task struct {
	data  datasets.Data
	model *graph.Model
	loss  graph.Loss
	value func(outputs [][]float64) float64 // the loss of all samples, from what the model says; row-major, an output each
}

const samples = 31 // a prime, so that no batch but 1 fits

// draws are n numbers of N(0, 1).
func draws(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func sign(x float32) int32 {
	if x > 0 {
		return 1
	}
	return 0
}

// squared is the mean of (p−t)².
func squared(p []float64, t []float32) float64 {
	sum := 0.0
	for i := range p {
		sum += (p[i] - float64(t[i])) * (p[i] - float64(t[i]))
	}
	return sum / float64(len(p))
}

// binaryEntropy is the mean of −ln of the probability of what is.
func binaryEntropy(p []float64, t []float32) float64 {
	sum := 0.0
	for i := range p {
		sum -= math.Log(1 - math.Abs(p[i]-float64(t[i])))
	}
	return sum / float64(len(p))
}

// entropy is the mean of −ln p of the class over those that are not ignored, times the weights if there are any.
func entropy(p []float64, classes []int32, width int, weights []float64) float64 {
	sum, n := 0.0, 0
	for i, class := range classes {
		if class < 0 {
			continue
		}
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sum -= w * math.Log(p[i*width+int(class)])
		n++
	}
	return sum / float64(n)
}

func tasks(t *testing.T) map[string]task {
	r := rand.New(rand.NewPCG(8, 0))
	c := func(in graph.Input) graph.Config { return graph.Config{Input: in, Seed: 2} }
	dense := func(units int, a layers.Activation) layers.Dense { return layers.Dense{Units: units, Activation: a} }
	all := map[string]task{}

	x, y := draws(r, samples*3), make([]float32, samples)
	for i := range y {
		y[i] = 2*x[3*i] - x[3*i+2] + 1
	}
	all["regression"] = task{
		arrays(t, []datasets.Array{{Name: "columns", Shape: []int{3}, Floats: x}}, []datasets.Array{{Name: "price", Floats: y}}),
		model(t, c(graph.Floats(3)), dense(1, layers.Linear)), losses.MSE{},
		func(o [][]float64) float64 { return squared(o[0], y) },
	}

	labels, binary := make([]int, samples), make([]float32, samples)
	for i := range labels {
		labels[i] = int(sign(x[3*i]))
		binary[i] = float32(labels[i])
	}
	all["one output, two classes"] = task{
		dataset(t, []int{3}, x, labels), model(t, c(graph.Floats(3)), dense(1, layers.Sigmoid)), losses.BinaryCrossEntropy{},
		func(o [][]float64) float64 { return binaryEntropy(o[0], binary) },
	}

	several := make([]float32, samples*3)
	for i := range several {
		several[i] = float32(sign(x[i]))
	}
	all["several labels"] = task{
		arrays(t, []datasets.Array{{Name: "x", Shape: []int{3}, Floats: x}}, []datasets.Array{{Name: "labels", Shape: []int{3}, Floats: several}}),
		model(t, c(graph.Floats(3)), dense(8, layers.Tanh), dense(3, layers.Sigmoid)), losses.BinaryCrossEntropy{},
		func(o [][]float64) float64 { return binaryEntropy(o[0], several) },
	}

	steps, classes := draws(r, samples*5*2), make([]int32, samples*5)
	for i := range classes {
		classes[i] = sign(steps[2*i]) + sign(steps[2*i+1])
		if r.IntN(4) == 0 {
			classes[i] = -1
		}
	}
	for i := range 5 {
		classes[i] = -1 // a sample of which nothing counts
	}
	all["a class a time step"] = task{
		arrays(t, []datasets.Array{{Name: "x", Shape: []int{5, 2}, Floats: steps}}, []datasets.Array{{Name: "class", Shape: []int{5}, IDs: classes}}),
		model(t, c(graph.Floats(5, 2)), dense(8, layers.Tanh), dense(3, layers.Softmax)), losses.CrossEntropy{},
		func(o [][]float64) float64 { return entropy(o[0], classes, 3, nil) },
	}

	lies, weights := make([]int32, samples), make([]float64, samples)
	for i := range lies {
		if lies[i], weights[i] = sign(x[3*i]), .5+r.Float64(); i%3 == 0 {
			lies[i], weights[i] = 1-lies[i], 0
		}
	}
	heavy, err := arrays(t, []datasets.Array{{Name: "x", Shape: []int{3}, Floats: x}}, []datasets.Array{{Name: "class", IDs: lies}}).Weighted(weights)
	if err != nil {
		t.Fatal(err)
	}
	all["sample weights"] = task{
		heavy, model(t, c(graph.Floats(3)), dense(2, layers.Softmax)), losses.CrossEntropy{},
		func(o [][]float64) float64 { return entropy(o[0], lies, 2, weights) },
	}

	words, topics := make([]int32, samples*4), make([]int32, samples)
	for i := range words {
		words[i] = int32(r.IntN(11))
		topics[i/4] = min(1, topics[i/4]+words[i]/9) // whether one of the last words is there
	}
	all["ids"] = task{
		arrays(t, []datasets.Array{{Name: "words", Shape: []int{4}, IDs: words}}, []datasets.Array{{Name: "topic", IDs: topics}}),
		model(t, c(graph.Ints(4)), bag(11, 6), dense(2, layers.Softmax)), losses.CrossEntropy{},
		func(o [][]float64) float64 { return entropy(o[0], topics, 2, nil) },
	}

	// Two inputs and two outputs, in another order in the data than in the network, beside some that it does not ask for.
	var n graph.Net
	tower := n.Share(dense(6, layers.Tanh))
	left, right := n.Add(tower, n.Input("left", graph.Floats(3))), n.Add(tower, n.Input("right", graph.Floats(3)))
	both := n.Add(layers.AbsDiff{}, left, right)
	n.Output("far", n.Add(dense(1, layers.Linear), both))
	n.Output("which", n.Add(dense(2, layers.Softmax), n.Add(dense(8, layers.Tanh), n.Add(layers.Concat{}, left, right))))
	x2, far, which := draws(r, samples*3), make([]float32, samples), make([]int32, samples)
	for i := range far {
		far[i] = float32(math.Abs(float64(x[3*i] - x2[3*i])))
		if which[i] = sign(x[3*i] - x2[3*i]); r.IntN(3) == 0 {
			which[i] = -1 // other samples count than of the other target
		}
	}
	all["two inputs, two outputs"] = task{
		arrays(t, []datasets.Array{{Name: "ids", IDs: topics}, {Name: "right", Shape: []int{3}, Floats: x2}, {Name: "left", Shape: []int{3}, Floats: x}},
			[]datasets.Array{{Name: "which", IDs: which}, {Name: "nothing", Floats: y}, {Name: "far", Shape: []int{1}, Floats: far}}),
		model(t, graph.Config{Seed: 2}, &n), losses.Each{"far": {Loss: losses.MSE{}, Weight: .5}, "which": {Loss: losses.CrossEntropy{}}},
		func(o [][]float64) float64 { return .5*squared(o[0], far) + entropy(o[1], which, 2, nil) },
	}
	return all
}

// TestKindsOfData: data of every kind are learnt, evaluated batch by batch to the loss by hand, stop a run early, and can be asked about.
func TestKindsOfData(t *testing.T) {
	ctx := context.Background()
	for name, k := range tasks(t) {
		before := evaluate(t, k.model, k.data, train.Config{Loss: k.loss})
		history := fit(t, k.model, k.data, train.Config{
			Loss: k.loss, Optimizer: &optim.Adam{LearningRate: .03}, BatchSize: 7, Epochs: 60, Validation: k.data,
			Observers: []train.Observer{&train.EarlyStopping{Patience: 10}},
		})
		last := *history.Epochs[len(history.Epochs)-1].Evaluated
		score := map[string]string{"regression": "mae", "one output, two classes": "binary-accuracy", "several labels": "binary-accuracy", "two inputs, two outputs": "mae"}[name]
		if score == "" {
			score = "accuracy"
		}
		if got := last.Score(score); math.IsNaN(got) || got == before.Score(score) {
			t.Errorf("%s: %s is %v, of %+v", name, score, got, last)
		}
		if !(last.Loss < before.Loss/2) {
			t.Errorf("%s: the loss went from %v to %v", name, before.Loss, last.Loss)
		}

		p, err := train.NewPredictor(k.model)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := train.NewBatch(k.model, k.loss, k.data, datasets.Shuffle(samples, 1, 0)[:0:0])
		if err == nil || whole != nil {
			t.Errorf("%s: a batch of no rows: %v", name, err)
		}
		order := make([]int, samples)
		for i := range order {
			order[i] = i
		}
		if whole, err = train.NewBatch(k.model, k.loss, k.data, order); err != nil {
			t.Fatal(err)
		}
		said, err := p.Predict(whole.Inputs...)
		if err != nil {
			t.Fatal(err)
		}
		var outputs [][]float64
		for _, o := range said {
			outputs = append(outputs, numbers(o))
		}
		want := k.value(outputs)
		for _, size := range []int{0, 1, 7, 30} {
			if got := evaluate(t, k.model, k.data, train.Config{Loss: k.loss, BatchSize: size}); !near(got.Loss, want, 1e-5) || !near(got.Loss, last.Loss, 1e-6) {
				t.Errorf("%s: batches of %d: loss %v, after the last epoch %v, want %v", name, size, got.Loss, last.Loss, want)
			}
		}
		all, err := train.Predict(ctx, k.model, k.data)
		if err != nil || distance(numbers(all), outputs[0]) > 1e-6 {
			t.Errorf("%s: Predict says otherwise than the Predictor: %v", name, err)
		}

		// A rate of zero learns nothing, so that patience ends where it must.
		still := fit(t, k.model, k.data, train.Config{
			Loss: k.loss, Optimizer: &optim.SGD{LearningRate: optim.Zero}, BatchSize: 7, Epochs: 9, Validation: k.data, Shards: 2,
			Observers: []train.Observer{&train.EarlyStopping{Patience: 2}},
		})
		if len(still.Epochs) != 3 || still.Stopped == "" || !near(still.Epochs[2].Running.Loss, want, 1e-5) {
			t.Errorf("%s: weights at rest: %d epochs, running loss %v, want 3 and %v", name, len(still.Epochs), still.Epochs[2].Running.Loss, want)
		}
	}
}

// TestDataRefused: data that do not fit are refused in these words.
func TestDataRefused(t *testing.T) {
	x, ids := make([]float32, 24), make([]int32, 12)
	ids[11] = 2
	in := func(a ...datasets.Array) []datasets.Array { return a }
	floats := func(name string, shape ...int) datasets.Array {
		return datasets.Array{Name: name, Shape: shape, Floats: x}
	}
	whole := func(name string, shape ...int) datasets.Array {
		return datasets.Array{Name: name, Shape: shape, IDs: ids}
	}
	chain := func(in graph.Input, units int, a layers.Activation) *graph.Model {
		return model(t, graph.Config{Input: in}, layers.Dense{Units: units, Activation: a})
	}
	var n graph.Net
	left, right := n.Input("left", graph.Floats(2)), n.Input("right", graph.Floats(2))
	n.Output("far", n.Add(layers.Dense{Units: 1}, n.Add(layers.Concat{}, left, right)))
	n.Output("which", n.Add(layers.Dense{Units: 2, Activation: layers.Softmax}, left))
	net := model(t, graph.Config{}, &n)
	each := losses.Each{"far": {Loss: losses.MSE{}}, "which": {Loss: losses.CrossEntropy{}}}
	named := func(a *datasets.Arrays, classes ...string) *datasets.Arrays {
		a, err := a.WithClasses(classes)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, c := range []struct {
		model *graph.Model
		data  datasets.Data
		loss  graph.Loss
		want  string
	}{
		{chain(graph.Floats(2), 2, layers.Softmax), arrays(t, in(whole("words")), in(whole("class"))), nil,
			`has ids or classes (int32, shape []) as input "x", the model takes graph.Floats(2): set graph.Config.Input to graph.Ints()`},
		{chain(graph.Floats(3), 2, layers.Softmax), arrays(t, in(floats("x", 2)), in(whole("class"))), nil,
			`has 2 values a sample (shape [2]), the model takes 3: set graph.Config.Input to graph.Floats(2)`},
		{chain(graph.Floats(2), 2, layers.Softmax), arrays(t, in(floats("a", 2), floats("b", 2)), in(whole("class"))), nil,
			`has no input "x" (it has "a", "b"), the model takes it: name the data's inputs as the model's`},
		{chain(graph.Floats(2), 2, layers.Softmax), arrays(t, in(floats("x", 2), whole("soil")), in(whole("class"))), nil,
			`has the inputs "x", "soil", the model takes "x" alone: make it a graph.Net with an input for each of them, or leave out of the data what it is not to learn from`},
		{net, arrays(t, in(floats("left", 2)), in(floats("far", 2))), each,
			`has no input "right" (it has "left"), the model takes it: name the data's inputs as the model's`},
		{net, arrays(t, in(floats("left", 2), whole("right")), in(whole("which"))), each,
			`has ids or classes (int32, shape []) as input "right", the model takes graph.Floats(2): make it graph.Net.Input("right", graph.Ints())`},
		{net, arrays(t, in(floats("left", 2), floats("right", 2)), in(whole("which"))), each,
			`has no target "far" (it has "which"), the loss each compares that output: name the data's targets as the model's outputs`},
		{chain(graph.Floats(2), 2, layers.Softmax), arrays(t, in(floats("x", 2)), nil), nil,
			`has no target "output" (it has none), the loss cross-entropy compares that output: name the data's targets as the model's outputs`},
		{chain(graph.Floats(2), 2, layers.Softmax), arrays(t, in(floats("x", 2)), in(floats("y", 2))), nil,
			`has numbers (float32, shape [2]) as target, the loss cross-entropy takes ids or classes (int32, shape []) for an output of shape [2]: take a loss for what the data have, such as losses.MSE{} for numbers and losses.CrossEntropy{} for classes`},
		{chain(graph.Floats(2), 3, layers.Linear), arrays(t, in(floats("x", 2)), in(floats("y", 2))), losses.MSE{},
			`has 2 values a sample as target (shape [2]), the loss mse takes 3 (shape [3]): give the model's last layer as many units as there are values`},
		{chain(graph.Floats(2), 2, layers.Softmax), named(arrays(t, in(floats("x", 2)), in(whole("class"))), "a", "b", "c"), nil,
			`has 3 classes, the model 2 outputs: give its last layer 3 units`},
		{chain(graph.Floats(2), 4, layers.Softmax), named(arrays(t, in(floats("x", 2)), in(whole("class"))), "a", "b", "c"), nil,
			`has 3 classes, the model 4 outputs: give its last layer 3 units, or name all classes where the data are made`},
		{chain(graph.Floats(2), 1, layers.Sigmoid), named(arrays(t, in(floats("x", 2)), in(whole("class"))), "a", "b", "c"), losses.MSE{},
			`has 3 classes, the model 1 output: give its last layer 3 units`},
	} {
		_, err := train.Fit(context.Background(), c.model, c.data, train.Config{Loss: c.loss})
		if want := `train: data set "arrays" ` + c.want; err == nil || err.Error() != want {
			t.Errorf("got error\n\t%v\nwant\n\t%s", err, want)
		}
	}

	// What only the values show.
	for _, c := range []struct {
		model *graph.Model
		ids   []int32
		loss  graph.Loss
		words []string
	}{
		{chain(graph.Floats(2), 2, layers.Softmax), []int32{0, 1, 2, 0}, nil, []string{"epoch 1, step 1", "got class 2", "want 0 to 1"}},
		{chain(graph.Floats(2), 2, layers.Softmax), []int32{0, 1, 2, 0}, losses.MSE{}, []string{"epoch 1, step 1", "class 2", "0 to 1"}},
		{chain(graph.Floats(2), 2, layers.Softmax), []int32{0, 1, -1, 0}, losses.MSE{}, []string{"epoch 1, step 1", "class -1", "takes numbers"}},
		{chain(graph.Floats(2), 1, layers.Sigmoid), []int32{0, 1, -1, 0}, losses.BinaryCrossEntropy{}, []string{"epoch 1, step 1", "class -1", "takes numbers"}},
	} {
		data := arrays(t, in(datasets.Array{Name: "x", Shape: []int{2}, Floats: x[:8]}), in(datasets.Array{Name: "class", IDs: c.ids}))
		_, err := train.Fit(context.Background(), c.model, data, train.Config{Loss: c.loss})
		for _, word := range c.words {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("classes %v: error %v does not say %q", c.ids, err, word)
			}
		}
	}

	// A validation set may lack classes: it is judged by the model's.
	m := chain(graph.Floats(2), 3, layers.Softmax)
	few := named(arrays(t, in(datasets.Array{Name: "x", Shape: []int{2}, Floats: x[:8]}), in(datasets.Array{Name: "class", IDs: []int32{0, 1, 0, 0}})), "a", "b")
	data := named(arrays(t, in(floats("x", 2)), in(whole("class"))), "a", "b", "c")
	if _, err := train.Fit(context.Background(), m, data, train.Config{Validation: few}); err != nil {
		t.Errorf("a validation set without the last class: %v", err)
	}
}

// counting is a Data of one's own, larger than any memory, whose class is whether the number is odd.
type counting struct {
	n       int
	fails   error
	weights func(row int) float64
	draws   chan datasets.Draw
}

func (c *counting) Len() int { return c.n }
func (c *counting) Info() datasets.Info {
	return datasets.Info{Name: "counting", Inputs: []datasets.Field{{Name: "bit", Shape: []int{1}}}, Targets: []datasets.Field{{Name: "odd", IDs: true}}, Classes: []string{"even", "odd"}}
}

func (c *counting) Read(b datasets.Batch, rows []int, draw datasets.Draw) error {
	if c.draws != nil {
		c.draws <- draw
	}
	for i, row := range rows {
		if c.fails != nil && row == 5 {
			return fmt.Errorf("row %d: %w", row, c.fails)
		}
		b.Inputs[0].Floats[i] = float32(row % 2)
		if b.Targets[0].IDs != nil {
			b.Targets[0].IDs[i] = int32(row % 2)
		}
		if c.weights != nil && b.Weights != nil {
			b.Weights[i] = c.weights(row)
		}
	}
	return nil
}

func TestDataOfOnesOwn(t *testing.T) {
	ctx := context.Background()
	fresh := func() *graph.Model {
		return model(t, graph.Config{Input: graph.Floats(1), Seed: 1}, layers.Dense{Units: 2, Activation: layers.Softmax})
	}
	m := fresh()
	data := &counting{n: 60, draws: make(chan datasets.Draw, 100)}
	fit(t, m, data, train.Config{Optimizer: &optim.Adam{LearningRate: .1}, Epochs: 3, Seed: 9, BatchSize: 20})
	for i := range 9 {
		if d, want := <-data.draws, (datasets.Draw{Seed: 9, Epoch: i / 3, Training: true}); d != want {
			t.Errorf("read %d with %+v, want %+v", i, d, want)
		}
	}
	if e := evaluate(t, m, data, train.Config{}); e.Accuracy() != 1 {
		t.Errorf("got %+v", e.Metrics)
	}
	if d := <-data.draws; d != (datasets.Draw{}) {
		t.Errorf("evaluated with %+v, want nothing random", d)
	}

	disk := errors.New("the disk is gone")
	fails := &counting{n: 10, fails: disk}
	for what, f := range map[string]func() error{
		"Fit":      func() error { _, err := train.Fit(ctx, fresh(), fails, train.Config{}); return err },
		"shards":   func() error { _, err := train.Fit(ctx, fresh(), fails, train.Config{Shards: 3}); return err },
		"validate": func() error { _, err := train.Fit(ctx, fresh(), data, train.Config{Validation: fails}); return err },
		"Evaluate": func() error { _, err := train.Evaluate(ctx, fresh(), fails, train.Config{}); return err },
		"Predict":  func() error { _, err := train.Predict(ctx, fresh(), fails); return err },
		"NewBatch": func() error { _, err := train.NewBatch(fresh(), nil, fails, []int{1, 5}); return err },
	} {
		if err := f(); !errors.Is(err, disk) || !strings.Contains(err.Error(), `reading data set "counting": row 5: the disk is gone`) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	for _, w := range []float64{-1, math.NaN(), math.Inf(1)} {
		bad := &counting{n: 10, weights: func(row int) float64 { return map[bool]float64{true: w, false: 1}[row == 7] }}
		if _, err := train.Evaluate(ctx, fresh(), bad, train.Config{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf(`"counting": row 7 has weight %v`, w)) {
			t.Errorf("weight %v: got %v", w, err)
		}
	}

	for what, none := range map[string]datasets.Data{"Dataset": (*datasets.Dataset)(nil), "Arrays": (*datasets.Arrays)(nil), "one's own": (*counting)(nil)} {
		if _, err := train.Fit(ctx, fresh(), none, train.Config{}); err == nil || !strings.Contains(err.Error(), "got a nil data set") {
			t.Errorf("a nil %s: %v", what, err)
		}
		if _, err := train.Fit(ctx, fresh(), data, train.Config{Validation: none}); none != nil && (err == nil || !strings.HasPrefix(err.Error(), "train: validation data: got a nil data set")) {
			t.Errorf("a nil %s for validation: %v", what, err)
		}
	}
	if _, err := train.Fit(ctx, fresh(), &counting{}, train.Config{}); err == nil || err.Error() != `train: data set "counting" has no samples, want at least one` {
		t.Errorf("no samples: %v", err)
	}
}

// TestNothingCounts: where every position is to be ignored there is no loss, and nothing is learnt.
func TestNothingCounts(t *testing.T) {
	data := arrays(t, []datasets.Array{{Name: "x", Shape: []int{1}, Floats: []float32{1, 2, 3}}}, []datasets.Array{{Name: "class", IDs: []int32{-1, -1, -1}}})
	m := model(t, graph.Config{Input: graph.Floats(1)}, layers.Dense{Units: 2, Activation: layers.Softmax})
	before := bits(m)
	history := fit(t, m, data, train.Config{})
	if e := evaluate(t, m, data, train.Config{}); !math.IsNaN(e.Loss) || !math.IsNaN(e.Accuracy()) || !math.IsNaN(history.Epochs[0].Running.Loss) {
		t.Errorf("evaluated %+v, running %+v", e.Metrics, history.Epochs[0].Running)
	}
	if fmt.Sprint(before) != fmt.Sprint(bits(m)) {
		t.Error("something was learnt of nothing")
	}
}

// TestBatchSize: the default suits few samples, and a batch beyond the data is all of them.
func TestBatchSize(t *testing.T) {
	for _, size := range []int{0, 10, 11, 32, 1 << 40} {
		m, steps := small(t, 1), 0
		fit(t, m, blobs(t, 10), train.Config{BatchSize: size, Observers: []train.Observer{at(train.Step, func(e *train.Event) error {
			if steps++; e.Batch.Len() != 10 || e.Config.BatchSize != 10 {
				return fmt.Errorf("a batch of %d", e.Batch.Len())
			}
			return nil
		})}})
		if steps != 1 {
			t.Errorf("batch size %d: %d steps, want 1", size, steps)
		}
	}
}

// TestFeed: a batch goes into a program of either element type, and into no other.
func TestFeed(t *testing.T) {
	m := small(t, 1)
	b, err := train.NewBatch(m, losses.CrossEntropy{}, blobs(t, 9), []int{3, 1, 4})
	if err != nil {
		t.Fatal(err)
	}
	feed := func(m *graph.Model, size int) error {
		p, err := m.Compile(graph.Spec{Mode: graph.Evaluate, Batch: size, Loss: losses.CrossEntropy{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Feed(p); err != nil {
			return err
		}
		if distance(numbers(p.X()), numbers(b.Inputs[0])) != 0 {
			t.Error("other inputs")
		}
		return nil
	}
	for _, m := range []*graph.Model{m, m.Float64()} {
		if err := feed(m, 3); err != nil {
			t.Error(err)
		}
	}
	if err := feed(m, 4); err == nil || err.Error() != "train: got a batch of 3 samples for a program of 4, want as many" {
		t.Errorf("got %v", err)
	}
	b.Targets = nil
	if err := feed(m, 3); err == nil || err.Error() != "train: got a batch of 0 targets, want 1" {
		t.Errorf("got %v", err)
	}
	b.Inputs[0] = tensor.New(tensor.WithShape(3, 7), tensor.Of(tensor.Float32))
	if err := feed(m, 3); err == nil || err.Error() != "train: input 1 of the batch: got (3, 7) of float32, want (3, 2) of float32" {
		t.Errorf("got %v", err)
	}
	var none *train.Batch
	if none.Len() != 0 || none.Feed(nil) == nil || (&train.Batch{}).Len() != 0 {
		t.Error("a nil batch")
	}
	if _, err := train.NewBatch(m, nil, blobs(t, 9), []int{0, 9}); err == nil || err.Error() != `train: got row 9, want 0 to 8, the samples of data set "points"` {
		t.Errorf("got %v", err)
	}
}
