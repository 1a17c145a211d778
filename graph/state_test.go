package graph_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
)

// centre is a layer of one's own with a state: it subtracts the mean of the batch in training, else a moving mean of what it has seen.
type centre struct{ momentum float64 }

func (c centre) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	mean := b.State("mean", graph.Zeros, graph.Features(x))
	if b.Training() {
		now := b.Node(ops.MeanRows(x))
		b.Update(mean, b.Node(ops.Lerp(mean, now, c.momentum)))
		mean = now
	}
	return b.Node(ops.SubRow(x, mean))
}

// TestState: Run never moves a state, Commit does, and the other modes see it.
func TestState(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(2), Seed: 1}, centre{.25}, layers.Dense{Units: 2, Weights: graph.Constant(1)}, centre{.5})
	if len(m.States()) != 2 || m.States()[0].Name != "centre_1.mean" || m.States()[1].Name != "centre_2.mean" || len(m.Params()) != 2 || m.ParamCount() != 6 {
		t.Fatalf("got states %v, parameters %v", m.States(), m.Params())
	}
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}})
	if err := p.Commit(); err == nil || err.Error() != "graph: got a Commit before the first Run, want a Run first" {
		t.Errorf("got %v", err)
	}
	copy(p.X().Float32s(), []float32{4, 8, 8, 0}) // means 6 and 4
	for range 3 {
		run(t, p)
		if got := m.States()[0].Value.Float32s(); !slices.Equal(got, []float32{0, 0}) {
			t.Errorf("a run moved the state to %v", got)
		}
	}
	if up := p.Updates(); len(up) != 2 || up[0].Name != "centre_1.mean" || !slices.Equal(up[0].Value.Float32s(), []float32{1.5, 1}) {
		t.Errorf("got updates %v", up)
	}
	for i, want := range [][]float32{{1.5, 1}, {2.625, 1.75}} {
		if i > 0 {
			run(t, p)
		}
		if err := p.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := p.Commit(); err != nil { // the same again
			t.Fatal(err)
		}
		if got := m.States()[0].Value.Float32s(); !slices.Equal(got, want) {
			t.Errorf("after commit %d: got %v, want %v", i, got, want)
		}
	}
	wide := m.Float64()
	for _, q := range []*graph.Program{compile(t, m, graph.Spec{Batch: 1, Mode: graph.Predict}), compile(t, m, graph.Spec{Batch: 1, Mode: graph.Evaluate, Loss: losses.MSE{}})} {
		copy(q.X().Float32s(), []float32{3, 2}) // less the means .375 and .25, added up, less the second mean 0
		run(t, q)
		if got := q.Output().Float32s(); !slices.Equal(got, []float32{.625, .625}) {
			t.Errorf("%v: got %v, want [.625 .625]", q.Spec().Mode, got)
		}
		if len(q.Updates()) != 0 || q.Commit() != nil {
			t.Errorf("%v: got updates, want none", q.Spec().Mode)
		}
	}
	wide.States()[0].Value.Float64s()[0] = 99
	if m.States()[0].Value.Float32s()[0] != 2.625 || wide.States()[1].Value.Dtype() != tensor.Float64 {
		t.Error("Float64 shares the states")
	}
	again := wide.Float64()
	again.States()[0].Value.Float64s()[0] = 7
	if wide.States()[0].Value.Float64s()[0] != 99 {
		t.Error("Float64 of a float64 model shares the states")
	}
}

// TestStateNextOfGorgonias: the next value may come from an op of Gorgonia's, whose register another takes, or be the state itself.
func TestStateNextOfGorgonias(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(2)}, custom(func(b builder, x node) node {
		raw, same := b.State("raw", graph.Ones, 2), b.State("same", graph.Ones, 2)
		if b.Training() {
			next := b.Node(gorgonia.Add(raw, b.Node(gorgonia.Mean(x, 0))))
			b.Update(raw, next)
			b.Update(same, same)
			x = b.Node(ops.AddRow(x, b.Node(gorgonia.Square(next))))
		}
		return x
	}), layers.Dense{Units: 1})
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}})
	copy(p.X().Float32s(), []float32{1, 2, 3, 4})
	for i := range 3 {
		run(t, p)
		run(t, p)
		if err := p.Commit(); err != nil {
			t.Fatal(err)
		}
		if got, want := m.States()[0].Value.Float32s(), []float32{float32(3 + 2*i), float32(4 + 3*i)}; !slices.Equal(got, want) {
			t.Errorf("step %d: got %v, want %v", i, got, want)
		}
		if got := m.States()[1].Value.Float32s(); !slices.Equal(got, []float32{1, 1}) {
			t.Errorf("step %d: got %v", i, got)
		}
	}
}

// TestPenalty: a layer's own term counts once for the whole batch, however it is shared out.
func TestPenalty(t *testing.T) {
	decayed := graph.LayerFunc("decayed", func(b builder, x node) node {
		w := b.Param("w", graph.Constant(.5), graph.Features(x), 2)
		b.Penalty(b.Node(gorgonia.Mul(b.Node(gorgonia.Sum(b.Node(gorgonia.Square(w)))), b.Constant(3))))
		b.Penalty(b.Node(ops.Total(w)))
		return b.Node(matmul(x, w))
	})
	m := model(t, graph.Config{Input: graph.Floats(3)}, decayed)
	zero := func(mode graph.Mode, share float64) *graph.Program {
		p := compile(t, m, graph.Spec{Mode: mode, Batch: 2, Loss: losses.MSE{}})
		if share >= 0 {
			p.SetShare(share)
		}
		run(t, p)
		return p
	}
	for share, want := range map[float64]float64{-1: 7.5, 1: 7.5, .25: 1.875, 0: 0} { // 6 weights: 3·6/4 + 6/2
		for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
			if got := zero(mode, share).Loss(); got != want {
				t.Errorf("%v, share %v: got loss %v, want %v", mode, share, got, want)
			}
		}
		slope := float32(4)
		if share >= 0 {
			slope *= float32(share)
		}
		if got := gradients(t, m, zero(graph.Train, share))["decayed_1.w"]; !slices.Equal(got, slices.Repeat([]float32{slope}, 6)) {
			t.Errorf("share %v: got gradient %v, want %v", share, got, slope)
		}
	}
}

// TestHalvesAreTheWhole: two halves of a batch, each told its row and its part of the sums, draw what the whole draws, bit for bit, and add up to its loss and gradients.
func TestHalvesAreTheWhole(t *testing.T) {
	noisy := graph.LayerFunc("noisy", func(b builder, x node) node {
		if b.Training() {
			x = b.Node(ops.Add(x, b.Normal(x)))
		}
		return x
	})
	m := model(t, graph.Config{Input: graph.Floats(30), Seed: 3}, layers.Dropout{Rate: .5}, noisy, layers.Dense{Units: 40, Activation: layers.Tanh}, layers.Dropout{Rate: .3}, layers.Dense{Units: 5})
	loss := losses.CrossEntropy{Weights: []float64{1, 2, .5, 3, 0}}
	whole := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 12, Loss: loss, Inspect: true})
	fill(whole, 5)
	whole.Y().Int32s()[3], whole.Y().Int32s()[9] = -1, -1
	samples := []float64{1, 1, 2, 1, .5, 0, 1, 3, 1, 1, 1, .25}
	sums, err := whole.Weigh(samples, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole.SetStep(7)
	run(t, whole)
	total := 0.0
	grads := map[string][]float32{}
	for _, part := range [][2]int{{0, 5}, {5, 12}} {
		p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: part[1] - part[0], Loss: loss, Inspect: true})
		copy(p.X().Float32s(), whole.X().Float32s()[30*part[0]:])
		copy(p.Y().Int32s(), whole.Y().Int32s()[part[0]:])
		p.SetStep(7)
		p.SetRow(part[0])
		if _, err := p.Weigh(samples[part[0]:part[1]], sums); err != nil {
			t.Fatal(err)
		}
		run(t, p)
		for i, r := range p.Recordings() {
			w := whole.Recordings()[i]
			size := r.Value.Shape().TotalSize() / r.Value.Shape()[0]
			all := w.Value.Float32s()[part[0]*size : part[1]*size]
			switch r.Name {
			case "dropout_1", "noisy_1": // nothing but what is drawn, and the input
				if !slices.Equal(r.Value.Float32s(), all) {
					t.Errorf("rows %v: %s has other bits than the whole batch's", part, r.Name)
				}
			case "dropout_2":
				for k, v := range r.Value.Float32s() {
					if (v == 0) != (all[k] == 0) {
						t.Errorf("rows %v: %s has another mask than the whole batch's", part, r.Name)
						break
					}
				}
			}
		}
		total += p.Loss()
		for name, g := range gradients(t, m, p) {
			if grads[name] == nil {
				grads[name] = make([]float32, len(g))
			}
			for i, v := range g {
				grads[name][i] += v
			}
		}
	}
	closeTo(t, "loss", []float32{float32(total)}, []float32{float32(whole.Loss())})
	for name, g := range gradients(t, m, whole) {
		closeTo(t, "gradient of "+name, grads[name], g)
	}
}

// TestWeigh computes the weighted mean by hand.
func TestWeigh(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(2, 3), Seed: 1}, layers.Dense{Units: 4}) // two positions a sample
	y := []int32{0, 3, -1, 1, 2, 2}
	for _, c := range []struct {
		loss    graph.Loss
		samples []float64
		total   []float64
		counts  []float64 // of the positions, by definition
		sum     float64
	}{
		{losses.CrossEntropy{}, nil, nil, []float64{1, 1, 0, 1, 1, 1}, 5},
		{losses.CrossEntropy{}, []float64{2, 1, 0}, nil, []float64{1, 1, 0, 1, 1, 1}, 5},
		{losses.CrossEntropy{}, nil, []float64{20}, []float64{1, 1, 0, 1, 1, 1}, 5},
		{losses.CrossEntropy{Weights: []float64{1, 2, 3, .5}}, nil, nil, []float64{1, .5, 0, 2, 3, 3}, 9.5},
		{losses.CrossEntropy{Weights: []float64{1, 2, 0, .5}, Smoothing: .1}, []float64{.5, 3, 1}, []float64{7}, []float64{1, .5, 0, 2, 0, 0}, 3.5},
		{losses.CrossEntropy{}, nil, []float64{0}, []float64{1, 1, 0, 1, 1, 1}, 5}, // nothing counts
	} {
		for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
			p := compile(t, m, graph.Spec{Mode: mode, Batch: 3, Loss: c.loss})
			fill(p, 2)
			copy(p.Y().Int32s(), y)
			sums, err := p.Weigh(c.samples, c.total)
			if err != nil || !slices.Equal(sums, []float64{c.sum}) {
				t.Errorf("got sums %v, %v, want %v", sums, err, c.sum)
			}
			run(t, p)
			want, whole := 0.0, c.sum
			if c.total != nil {
				whole = c.total[0]
			}
			for i, v := range p.Losses().Float32s() {
				w := c.counts[i]
				if c.samples != nil {
					w *= c.samples[i/2]
				}
				if whole > 0 {
					want += w / whole * float64(v)
				}
			}
			if math.Abs(p.Loss()-want) > 1e-6 {
				t.Errorf("%v, %v: got %v, want %v", c.loss, c.samples, p.Loss(), want)
			}
			weighed := p.Loss()
			run(t, p) // the weights hold
			if p.Loss() != weighed {
				t.Errorf("%v, %v: got %v in a second run, want %v again", c.loss, c.samples, p.Loss(), weighed)
			}
			if _, err := p.Weigh(nil, nil); err != nil {
				t.Fatal(err)
			}
			run(t, p) // now each counts as the loss says
			plain := 0.0
			for i, v := range p.Losses().Float32s() {
				plain += c.counts[i] / c.sum * float64(v)
			}
			if math.Abs(p.Loss()-plain) > 1e-6 {
				t.Errorf("%v: got %v without weights, want %v", c.loss, p.Loss(), plain)
			}
		}
	}
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 3, Loss: losses.CrossEntropy{}})
	for i := range p.Y().Int32s() {
		p.Y().Int32s()[i] = -1
	}
	run(t, p)
	if p.Loss() != 0 || slices.ContainsFunc(gradients(t, m, p)["dense_1.weight"], func(v float32) bool { return v != 0 }) {
		t.Errorf("all ignored: got loss %v", p.Loss())
	}
	for want, give := range map[string][2][]float64{
		"graph: got 2 sample weights for a batch of 3, want one for each sample":          {{1, 2}, nil},
		"graph: got 2 sums for 1 targets, want one for each":                              {nil, {1, 2}},
		"graph: got sample weight NaN at 1, want a finite number":                         {{1, nan, 1}, nil},
		"graph: got sample weight -Inf at 2, want a finite number":                        {{1, 1, math.Inf(-1)}, nil},
		"graph: got sum NaN for the target of output, want a finite number of at least 0": {nil, {nan}},
	} {
		if _, err := p.Weigh(give[0], give[1]); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	p.Y().Int32s()[4] = 4
	if err := p.Run(); err == nil {
		t.Error("want an error of a class that there is not")
	}
}

var nan = math.NaN()

// TestFusedProducts: the gradient of a weight matrix is left to the optimizer as a product, though its network has residuals; where a layer is shared it is a sum.
func TestFusedProducts(t *testing.T) {
	block := layers.Residual{layers.Dense{Units: 8, Activation: layers.ReLU}, layers.Dense{Units: 6}}
	var n graph.Net
	shared := n.Share(layers.Dense{Units: 6, Activation: layers.Tanh})
	n.Output("y", n.Add(layers.Dense{Units: 2}, n.Add(shared, n.Add(shared, n.Add(layers.Dense{Units: 6}, n.Input("x", graph.Floats(3)))))))
	for _, c := range []struct {
		what  string
		model *graph.Model
		want  string
	}{
		{"residuals", model(t, graph.Config{Input: graph.Floats(3), Seed: 1}, layers.Dense{Units: 6, Activation: layers.Tanh}, block, block, layers.Residual{block}, layers.Dense{Units: 2, Activation: layers.Softmax}), "8 of 8"},
		{"residuals, any rank", model(t, graph.Config{Input: graph.Floats(5, 3), Seed: 1}, layers.Dense{Units: 6, Activation: layers.Tanh}, block, layers.Dense{Units: 2}), "4 of 4"},
		{"concat", model(t, graph.Config{Input: graph.Floats(3), Seed: 1}, layers.Concat{layers.Dense{Units: 6}, layers.Dense{Units: 5, Activation: layers.ReLU}}, layers.Dense{Units: 2}), "3 of 3"},
		{"shared", model(t, graph.Config{Seed: 1}, &n), "2 of 3"},
	} {
		p := compile(t, c.model, graph.Spec{Mode: graph.Train, Batch: 4, Loss: losses.CrossEntropy{}})
		fill(p, 1)
		run(t, p)
		products, matrices := 0, 0
		for _, g := range p.Grads() {
			if g.(interface{ Value() gorgonia.Value }).Value().Shape().Dims() == 2 {
				matrices++
			}
			if f, ok := g.(optim.Product); ok {
				if left, right := f.Factors(); left != nil && right != nil {
					products++
				}
			}
		}
		if got := fmt.Sprintf("%d of %d", products, matrices); got != c.want {
			t.Errorf("%s: %s gradients of matrices are products, want %s", c.what, got, c.want)
		}
	}
}

// TestForward: training without gradients has training's loss and output, to the last bit, and neither gradients nor new states.
func TestForward(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(6, 5, 2), Seed: 1}, layers.Conv{Filters: 4, Activation: layers.ReLU}, layers.MaxPool{}, layers.BatchNorm{Momentum: .5}, layers.Dropout{Rate: .4}, layers.Flatten{}, layers.Dense{Units: 3, Activation: layers.Softmax})
	spec := graph.Spec{Mode: graph.Train, Batch: 5, Loss: losses.CrossEntropy{}}
	whole := compile(t, m, spec)
	spec.Forward = true
	forward := compile(t, m, spec)
	for step := range uint64(3) {
		for _, p := range []*graph.Program{whole, forward} {
			for i := range p.X().Float32s() {
				p.X().Float32s()[i] = float32(math.Sin(float64(i*i) + float64(step)))
			}
			copy(p.Y().Int32s(), []int32{0, 2, 1, 1, 2})
			p.SetStep(step)
			run(t, p)
		}
		if whole.Loss() != forward.Loss() || !slices.Equal(whole.Output().Float32s(), forward.Output().Float32s()) {
			t.Errorf("step %d: got a loss of %v and %v, want %v and %v", step, forward.Loss(), forward.Output(), whole.Loss(), whole.Output())
		}
	}
	if len(forward.Grads()) > 0 || len(forward.Updates()) > 0 || len(whole.Updates()) != 2 {
		t.Errorf("got %d gradients, %d updates and %d, want none, none and 2", len(forward.Grads()), len(forward.Updates()), len(whole.Updates()))
	}
}
