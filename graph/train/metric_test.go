package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

var nan, inf = math.NaN(), math.Inf(1)

// TestMetricsByHand has what scikit-learn refuses, or does otherwise.
func TestMetricsByHand(t *testing.T) {
	row := func(classes int, linear bool) graph.OutputInfo {
		return graph.OutputInfo{Shape: []int{classes}, Linear: linear}
	}
	ids := func(ids ...int32) *tensor.Dense {
		return tensor.New(tensor.WithShape(len(ids)), tensor.WithBacking(ids))
	}
	rows := func(n int, x ...float64) *tensor.Dense {
		return tensor.New(tensor.WithShape(len(x)/n, n), tensor.WithBacking(x))
	}
	for _, c := range []struct {
		metric         train.Metric
		output         graph.OutputInfo
		values, target *tensor.Dense
		want           float64
	}{
		{train.Accuracy{}, row(3, true), rows(3, 1, 1, 0, 0, 2, 2, nan, -5, -6, nan, nan, nan), ids(0, 1, 1, 0), 1}, // the first of equal ones; NaN is below all
		{train.Accuracy{}, row(3, false), rows(3, .1, .7, .2, .6, .3, .1), rows(3, .2, .5, .3, .1, .1, .8), .5},     // distributions
		{train.Accuracy{}, row(2, true), rows(2, 1, 2, 1, 2), ids(-1, -1), nan},
		{train.Accuracy{}, row(2, true), rows(2, 1, 2, 1, 2), ids(7, 1), .5}, // a class that there is not is wrong
		{train.TopK{K: 2}, row(3, true), rows(3, 1, 1, 1, 1, 1, 1, 2, 1, nan, nan, nan, nan), ids(1, 2, 2, 1), .5},
		{train.TopK{K: 1}, row(3, true), rows(3, 1, 1, 0), ids(-1), nan},
		{train.TopK{K: 2}, row(3, true), rows(3, 1, 1, 0, 2, 3, 4), ids(-2, 3), 0},
		{train.BinaryAccuracy{}, row(1, false), rows(1, .5, .5, nan, nan, .6), rows(1, 0, 1, 0, 1, 1), .6}, // above, not at; NaN says no
		{train.BinaryAccuracy{}, row(1, true), rows(1, 0, .1, -.1, 40), rows(1, 0, 1, 0, .7), 1},
		{train.Precision{}, row(1, false), rows(1, nan, .9), rows(1, 1, 1), 1},
		{train.Recall{}, row(1, false), rows(1, nan, .9), rows(1, 1, 1), .5},
		{train.F1{}, row(3, true), rows(3, 1, 2, 3, 3, 2, 1), ids(2, -1), 1},
		{train.Precision{}, row(3, true), rows(3, 1, 2, 3), ids(-1), nan},
		{train.AUC{}, row(1, false), rows(1, .1, nan, .9), rows(1, 0, 1, 1), nan},
		{train.AUC{}, row(1, true), rows(1, -inf, inf, 3, 3), rows(1, 0, 1, 0, 1), .875},
		{train.AUC{}, row(2, true), rows(2, 1, 2, 1, 0, 7, 9), ids(-1, 0, 1), 1},
		{train.AUC{}, row(2, true), rows(2, 1, 2), ids(-1), nan},
		{train.MAE{}, row(1, true), rows(1, 1, nan), rows(1, 1, 1), nan},
		{train.RMSE{}, row(2, true), rows(2, 1, 2, 3, 4), rows(2, 4, 2, 3, 8), 2.5},
		{train.R2{}, row(1, true), rows(1, 1, nan), rows(1, 1, 2), nan},
		{train.R2{}, row(1, true), rows(1, nan, 1), rows(1, 1, 1), nan},                               // and the targets never change
		{train.R2{}, row(1, true), rows(1, 1e9, 1e9+1, 1e9+2), rows(1, 1e9, 1e9+1, 1e9+3), 1 - 3./14}, // far from 0
		{train.Perplexity{}, row(4, true), rows(4, 0, 0, 0, 0, 7, 7, 7, 7), ids(3, -1), 4},
		{train.Perplexity{}, row(2, true), rows(2, 1000, -1000, -inf, 0), ids(0, 1), 1},
		{train.Perplexity{}, row(2, false), rows(2, 1, 0), ids(1), inf},
		{train.Perplexity{}, row(2, false), rows(2, .25, .75), rows(2, 1, 0), 4},
		{train.Perplexity{}, row(2, false), rows(2, 0, 1), rows(2, 0, 1), 1},
		{train.Perplexity{}, row(2, true), rows(2, nan, 0), ids(1), nan},
		{train.Perplexity{}, row(2, true), rows(2, 0, 0), ids(5), nan},
	} {
		got := c.metric.Value(c.metric.Add(nil, c.output, c.values, c.target))
		if !(math.Abs(got-c.want) <= 1e-12) && !(got != got && c.want != c.want) && got != c.want {
			t.Errorf("%s of %v and %v: got %v, want %v", c.metric.Name(), c.values.Data(), c.target.Data(), got, c.want)
		}
	}
}

// TestProbabilities: logits, and what log-softmax makes of them, mean the same classes, as probable as softmax says; a distribution is as it is.
func TestProbabilities(t *testing.T) {
	want := []float64{.2, .5, .3}
	for _, last := range []layers.Activation{layers.Linear, layers.Softmax, layers.LogSoftmax} {
		m := model(t, graph.Config{Input: graph.Floats(2), Seed: 1}, layers.Dense{Units: 3, Activation: last, Weights: graph.Zeros})
		for c, p := range want {
			m.Params()[1].Value.Float32s()[c] = float32(math.Log(2 * p))
		}
		out, err := predictor(t, m).Predict(tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(make([]float32, 8))))
		if err != nil {
			t.Fatal(err)
		}
		output := m.Outputs()[0]
		if output.Linear != (last != layers.Softmax) {
			t.Errorf("%v: got logits %v", last, output.Linear)
		}
		before := slices.Clone(out[0].Float32s())
		got := train.Probabilities(output, out[0])
		for i, p := range got {
			if math.Abs(p-want[i%3]) > 1e-6 {
				t.Errorf("%v: got %v, want rows of %v", last, got, want)
				break
			}
		}
		if len(got) != 12 || !slices.Equal(before, out[0].Float32s()) {
			t.Errorf("%v: got %d probabilities of 12, and the output changed from %v to %v", last, len(got), before, out[0].Data())
		}
		target := tensor.New(tensor.WithShape(4), tensor.WithBacking([]int32{1, 1, 1, 1}))
		if sums := (train.Perplexity{}).Add(nil, output, out[0], target); math.Abs(train.Perplexity{}.Value(sums)-2) > 1e-6 {
			t.Errorf("%v: got perplexity %v, want 2", last, train.Perplexity{}.Value(sums))
		}
	}
	if got := train.Probabilities(graph.OutputInfo{Linear: true}, nil); got != nil {
		t.Errorf("got %v of no output", got)
	}
}

// TestMetricsOfNothing: no sums, and tensors that are missing or do not fit, are no figure, and no panic.
func TestMetricsOfNothing(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]float32, 6)))
	short := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking(make([]float32, 2)))
	ids := tensor.New(tensor.WithShape(5), tensor.WithBacking(make([]int32, 5)))
	output := graph.OutputInfo{Shape: []int{3}}
	for _, name := range train.MetricNames() {
		m := metric(t, name)
		if v := m.Value(nil); !math.IsNaN(v) {
			t.Errorf("%s of no sums: got %v, want NaN", name, v)
		}
		if v := m.Value(m.Add(nil, output, nil, nil)); !math.IsNaN(v) {
			t.Errorf("%s of nil tensors: got %v, want NaN", name, v)
		}
		for _, values := range []*tensor.Dense{nil, x, short, ids} {
			for _, target := range []*tensor.Dense{nil, x, short, ids} {
				sums := m.Add(nil, output, values, target)
				m.Value(m.Add(sums, graph.OutputInfo{}, target, values))
				m.Value(m.Add(sums, output, short, target))
			}
		}
	}
	if got := train.Classes(nil); len(got) > 0 {
		t.Errorf("classes of nil: got %v, want none", got)
	}
}

func TestMetricRefusals(t *testing.T) {
	one, ten := graph.OutputInfo{Shape: []int{1}}, graph.OutputInfo{Shape: []int{7, 10}}
	for _, c := range []struct {
		metric train.Metric
		output graph.OutputInfo
		target graph.Input
		want   string
	}{
		{train.Accuracy{}, one, graph.Floats(1), "take binary-accuracy"},
		{train.Accuracy{}, graph.OutputInfo{}, graph.Ints(), "take binary-accuracy"},
		{train.Accuracy{}, ten, graph.Ints(), "want a class for each row, graph.Ints(7), or a distribution, graph.Floats(7, 10)"},
		{train.Perplexity{}, ten, graph.Floats(10), "want a class for each row"},
		{train.TopK{K: -1}, ten, graph.Ints(7), "got K -1"},
		{train.TopK{K: 10}, ten, graph.Ints(7), "want from 1 to 9: of all it is always 1"},
		{train.TopK{}, graph.OutputInfo{Shape: []int{3}}, graph.Ints(), "top-5: got K 5 for 3 classes"},
		{train.BinaryAccuracy{}, ten, graph.Ints(7), "for classes take accuracy"},
		{train.BinaryAccuracy{Threshold: 1}, one, graph.Floats(1), "got Threshold 1"},
		{train.F1{Threshold: -.5}, one, graph.Floats(1), "got Threshold -0.5"},
		{train.Precision{Threshold: nan}, one, graph.Floats(1), "got Threshold NaN"},
		{train.Recall{}, one, graph.Ints(), "take binary-accuracy"},
		{train.AUC{}, ten, graph.Floats(7), "want numbers of the output's shape"},
		{train.MAE{}, ten, graph.Ints(7), "got classes as a target"},
		{train.RMSE{}, one, graph.Floats(), "want numbers of the output's shape"},
		{train.R2{}, one, graph.Floats(2), "want numbers of the output's shape"},
	} {
		if err := c.metric.Check(c.output, c.target); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.metric.Name()+": ") {
			t.Errorf("%#v of %v and %v: got error %v, want one that says %q", c.metric, c.output.Shape, c.target, err, c.want)
		}
	}
}

func TestParseMetric(t *testing.T) {
	for _, name := range append(train.MetricNames(), "top-3", "top-12") {
		if got := metric(t, name).Name(); got != name {
			t.Errorf("got metric %q, want %q", got, name)
		}
	}
	for _, name := range []string{"top-x", "acc", ""} {
		if _, err := train.ParseMetric(name); err == nil || !strings.Contains(err.Error(), ": one of accuracy, ") {
			t.Errorf("%q: got error %v, want one that lists the metrics", name, err)
		}
	}
}

// named is a loss that names metrics.
type named struct {
	graph.Loss
	names []string
}

func (n named) Metrics() []string { return n.names }

func TestMetricsOf(t *testing.T) {
	for _, name := range losses.Names() {
		l, err := losses.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		of, err := train.MetricsOf(l)
		if err != nil {
			t.Fatal(err)
		}
		if (len(of) == 0) != (name == "cosine") {
			t.Errorf("%s: got metrics %v", name, of)
		}
		shape := []int{3}
		target, err := l.Target(shape)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range of {
			if err := m.Check(graph.OutputInfo{Shape: shape}, target); err != nil {
				t.Errorf("the loss %s names a metric that does not suit it: %v", name, err)
			}
		}
	}
	own := graph.LossFunc("own", func(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node { return output })
	if of, err := train.MetricsOf(own); err != nil || len(of) > 0 {
		t.Errorf("a loss that names none: got %v, %v", of, err)
	}
	if of, err := train.MetricsOf(nil); err != nil || len(of) > 0 {
		t.Errorf("no loss: got %v, %v", of, err)
	}
	of, err := train.MetricsOf(named{own, []string{"top-2", "r2"}})
	if err != nil || !slices.Equal(of, []train.Metric{train.TopK{K: 2}, train.R2{}}) {
		t.Errorf("got %v, %v, want the two", of, err)
	}
	if _, err := train.MetricsOf(named{own, []string{"no"}}); err == nil || !strings.Contains(err.Error(), `loss own: metric: line 1, column 1: got "no"`) {
		t.Errorf("got error %v, want one that names loss and metric", err)
	}
}

func TestConfusionRefusals(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 3, 2, 1}))
	ids := func(ids ...int32) *tensor.Dense {
		return tensor.New(tensor.WithShape(len(ids)), tensor.WithBacking(ids))
	}
	var c train.Confusion
	for _, e := range []struct {
		values, target *tensor.Dense
		want           string
	}{
		{nil, ids(1, 2), "got nil"},
		{x, nil, "got nil"},
		{x, ids(1), "want a class or a distribution for each row"},
		{ids(1, 2), ids(1, 2), "want a class or a distribution for each row"},
		{x, ids(1, 3), "got class 3 at position 1, want 0 to 2"},
		{x, ids(-2, 1), "got class -2 at position 0"},
	} {
		if err := c.Add(graph.OutputInfo{}, e.values, e.target); err == nil || !strings.Contains(err.Error(), e.want) || c != nil {
			t.Errorf("got %v and error %v, want nothing and one that says %q", c, err, e.want)
		}
	}
	if err := (*train.Confusion)(nil).Add(graph.OutputInfo{}, x, ids(1, 2)); err == nil {
		t.Error("no Confusion: got no error")
	}
	if err := c.Add(graph.OutputInfo{}, x, ids(1, -1)); err != nil || c[1][2] != 1 {
		t.Errorf("got %v, %v, want one row counted", c, err)
	}
	two := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{1, 2}))
	if err := c.Add(graph.OutputInfo{}, two, ids(1)); err == nil || !strings.Contains(err.Error(), "want 3 as before") {
		t.Errorf("got error %v, want one that says that there were 3 classes", err)
	}
}
