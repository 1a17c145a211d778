package inspect

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A run that learnt for epochs and then became NaN: no step in the snapshots was large, but the weights had grown.
func TestThrownOff(t *testing.T) {
	at := func(norm float64) *Snapshot {
		return &Snapshot{Layers: []Layer{{Name: "dense_1"}, {Name: "dense_2", Dead: 1, Params: []Param{{Name: "weight", Value: Array{Stats: Stats{Norm: norm}}}}}}}
	}
	for norm, want := range map[float64]string{3: "", 300: "the weights of dense_2 were 100 times as large"} {
		f := &facts{fit: &answers{}, Record: &Record{Diverged: &train.DivergedError{}, Snapshots: []*Snapshot{at(3), at(norm)}}, update: []float64{.01}, names: []string{"dense_2"}}
		got := f.rateTooHigh()
		if len(got) != min(1, len(want)) || len(got) == 1 && (got[0].Code != RateTooHigh || !strings.HasPrefix(got[0].Evidence, want)) {
			t.Errorf("from norm 3 to %v: got %v, want %q", norm, got, want)
		}
		if dead := f.dead(); dead != nil {
			t.Errorf("of weights that blew up: got %v, want nothing said of units", dead)
		}
	}
}

// Causes stand in the order of their weight, and do not speak against each other.
func TestCausesDoNotContradict(t *testing.T) {
	d, err := datasets.New("d", []int{1}, make([]float32, 600), make([]int, 600), []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1)}, layers.Dense{Units: 3, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	of := func(start, update float64, flow ...float64) string {
		fit := &answers{samples: &samples{}, chance: .5, confusion: [][]int{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}}
		f := &facts{
			Record: &Record{Model: model, Loss: losses.CrossEntropy{}, BatchSize: 100, Steps: 30, Train: Tested{Data: d, Result: &train.Evaluation{}}, Snapshots: []*Snapshot{{}}}, fit: fit,
			starved: 1, fall: math.NaN(), flow: flow, begun: flow, now: flow, names: make([]string, len(flow)), start: []float64{start}, update: []float64{update},
		}
		var codes []string
		for _, found := range f.findings() {
			if found.Code != NotLearnt {
				codes = append(codes, string(found.Code))
			}
		}
		return strings.Join(codes, " ")
	}
	for want, got := range map[string]string{
		"too-few-updates":    of(.2, .01, 1, 1, 1), // a first step is larger than others
		"learning-rate-high": of(22, 0, 1, 1, 1),   // more of these steps would not help
		"vanishing-gradient": of(0, .01, 1e-6, 1e-3, 1),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A network whose outputs are NaN says nothing: that it is taken for the first class is not a finding.
func TestNaNIsNoClass(t *testing.T) {
	f := &facts{Record: &Record{Train: Tested{Data: data(t), Result: &train.Evaluation{}}}, fit: &answers{samples: &samples{}, chance: .1, said: []int{0, 0}, confusion: make([][]int, 2)}}
	if got := f.collapsed(); len(got) != 1 {
		t.Errorf("one class of everything: got %v", got)
	}
	f.Train.Result.Loss = math.NaN()
	if got := f.collapsed(); got != nil {
		t.Errorf("outputs that are NaN: got %v, want nothing", got)
	}
}

func TestMoved(t *testing.T) {
	epoch := func(n int, running float64, evaluated ...float64) train.Epoch {
		e := train.Epoch{Epoch: n, Running: train.Metrics{Loss: running}}
		if len(evaluated) > 0 {
			e.Evaluated = &train.Metrics{Loss: evaluated[0]}
		}
		return e
	}
	for want, epochs := range map[string][]train.Epoch{
		"": {epoch(1, 2)},
		"the training loss went from 2 in epoch 1 to 0.5 in epoch 2; the test set was evaluated at the end alone": {epoch(1, 2), epoch(2, .5)},
		"since epoch 2 the test loss rose from 1 to 3, while the training loss fell from 1 to 0.1":                {epoch(1, 2, 2), epoch(2, 1, 1), epoch(3, .1, 3)},
		"the test loss stopped falling at 0.9157 in epoch 2, while the training loss went on to 0.1 in epoch 3":   {epoch(1, 2, 2), epoch(2, 1, .91571), epoch(3, .1, .95)},
		"the test loss was smallest in the last epoch, at 0.4162, where the training loss came to 0.1":            {epoch(1, 2, 2), epoch(2, 1, 1), epoch(3, .1, .41618)},
	} {
		f := &facts{Record: &Record{Epochs: epochs}}
		if got := f.moved().String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := percent(8.07e11).String(); got != "8.07e+11 times" {
		t.Errorf("got %q", got)
	}
}

// A model of ids, with a class for each place, and data without a target: judged as far as that goes, and no panic.
func TestDiagnoseOthers(t *testing.T) {
	ids, next := make([]int32, 40*6), make([]int32, 40*6)
	for i := range ids {
		ids[i], next[i] = int32(i%5), int32((i+1)%5)
	}
	text, err := datasets.NewArrays("text", []datasets.Array{{Name: "x", Shape: []int{6}, IDs: ids}}, []datasets.Array{{Name: "next", Shape: []int{6}, IDs: next}})
	if err != nil {
		t.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Ints(6), Seed: 1}, layers.Embedding{IDs: 5, Units: 4}, layers.Dense{Units: 5, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := TakeNext(model, losses.CrossEntropy{}, text, 10, 1, train.Position{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := train.Evaluate(t.Context(), model, text, train.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r := &Record{Name: "text", Model: model, Loss: losses.CrossEntropy{}, Steps: 1000, Snapshots: []*Snapshot{snapshot}, Train: Tested{Name: "text", Data: text, Result: result}}
	findings, err := Diagnose(t.Context(), r)
	if err != nil || len(findings) == 0 || findings[0].Code != NotLearnt {
		t.Errorf("untrained: got %v, %v", findings, err)
	}
	bare, err := datasets.NewArrays("bare", []datasets.Array{{Name: "x", Shape: []int{6}, IDs: ids}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Train.Data = bare
	if findings, err = Diagnose(t.Context(), r); err != nil || len(findings) != 1 || findings[0].Code != NotJudged {
		t.Errorf("no target: got %v, %v", findings, err)
	}
}

// TestDiagnoseText: how a text goes on is judged by its bits, against those of its letters' frequencies, since nobody foretells each letter.
func TestDiagnoseText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const places, n, letters = 16, 200, 8
	ids, next := make([]int32, n*places), make([]int32, n*places)
	at := int32(0)
	for i := range ids { // half the letters follow from the one before
		ids[i] = at
		if at = (at + 1) % letters; rng.Float64() < .5 {
			at = int32(rng.IntN(letters))
		}
		next[i] = at
	}
	data := func(next []int32) datasets.Data {
		d, err := datasets.NewArrays("text", []datasets.Array{{Name: "x", Shape: []int{places}, IDs: ids}}, []datasets.Array{{Name: "next", Shape: []int{places}, IDs: next}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	diagnose := func(data datasets.Data, last layers.Activation, epochs int) (*facts, []Finding) {
		model, err := graph.NewModel(graph.Config{Input: graph.Ints(places), Seed: 1}, layers.Embedding{IDs: letters, Units: 8}, layers.Dense{Units: letters, Activation: last})
		if err != nil {
			t.Fatal(err)
		}
		r := &Record{Name: "text", Model: model, Loss: losses.CrossEntropy{}, BatchSize: 10, Steps: uint64(epochs * n / 10)}
		adam, err := optim.New("adam 0.01", 0)
		if err != nil {
			t.Fatal(err)
		}
		r.Optimizer = "adam 0.01"
		if epochs > 0 {
			done, err := train.Fit(t.Context(), model, data, train.Config{Optimizer: adam, Loss: r.Loss, Epochs: epochs, BatchSize: 10, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			r.Epochs = done.Epochs
		}
		snapshot, err := TakeNext(model, r.Loss, data, 10, 1, train.Position{})
		if err != nil {
			t.Fatal(err)
		}
		r.Snapshots = []*Snapshot{snapshot}
		result, err := train.Evaluate(t.Context(), model, data, train.Config{Loss: r.Loss})
		if err != nil {
			t.Fatal(err)
		}
		r.Train = Tested{Name: "text", Data: data, Result: result}
		findings, err := Diagnose(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		f, err := measure(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return f, findings
	}
	for _, last := range []layers.Activation{layers.Softmax, layers.LogSoftmax, layers.Linear} {
		f, findings := diagnose(data(next), last, 30)
		if want := f.Train.Result.Loss / math.Ln2; !f.fit.text || math.Abs(f.fit.bits-want) > 1e-3*want || math.Abs(f.fit.unforetold-3) > .01 || f.fit.rate > .7 {
			t.Errorf("%v: got %v bits of %v, want %v of 3; accuracy %v", last, f.fit.bits, f.fit.unforetold, want, f.fit.rate)
		}
		if len(findings) == 0 || findings[0].Code != Healthy || !strings.Contains(findings[0].Evidence, "bits a letter or word (perplexity") {
			t.Errorf("%v: got %v", last, findings)
		}
		if _, findings = diagnose(data(next), last, 0); findings[0].Code != NotLearnt || findings[0].Severity != Error || !strings.Contains(findings[0].Evidence, "where their frequencies alone come to 3") {
			t.Errorf("%v, untrained: got %v", last, findings)
		}
	}
	tags := make([]int32, len(ids)) // of each place a class, which could all be known: judged by what is right
	for i := range tags {
		if tags[i] = (ids[i] * 3) % letters; rng.Float64() < .5 {
			tags[i] = int32(rng.IntN(letters))
		}
	}
	f, findings := diagnose(data(tags), layers.Softmax, 30)
	if f.fit.text || f.fit.skill > .6 || len(findings) == 0 || findings[0].Code == Healthy {
		t.Errorf("no text: got %v bits, %v", f.fit.bits, findings)
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		out, y []float32
		want   float64
	}{
		{[]float32{1, 2, 3}, []float32{1, 2, 3}, 1},
		{[]float32{2, 2, 2}, []float32{1, 2, 3}, 0},
		{[]float32{3, 2, 1}, []float32{1, 2, 3}, -3},
		{[]float32{float32(math.NaN()), 2, 1}, []float32{1, 2, 3}, math.Inf(-1)},
		{[]float32{.1, .2, .3}, []float32{.1, .1, .1}, math.NaN()}, // whose mean is not .1 to the bit
	} {
		if got := explained(c.out, c.y, 1); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("R² of %v for %v: got %v, want %v", c.out, c.y, got, c.want)
		}
	}
	if rate, chance := told([]float32{.9, .9, .9, .1}, []float32{1, 0, 1, 0}, 2, .5, .5); rate != .75 || chance != 1 {
		t.Errorf("labels: got %v and %v, want .75 and 1", rate, chance)
	}
	s := &samples{rows: []int{0, 1, 2}, x: []float32{1, 5, 1, 2, 5, 2, 4, 5, 4}, features: 3}
	v, err := valuesOf(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.constant) != 1 || v.constant[0] != 1 || len(v.duplicated) != 1 || v.duplicated[0] != 2 || v.twin != 0 {
		t.Errorf("got constant %v, duplicated %v, want 1 and 2", v.constant, v.duplicated)
	}
	if !sameColumns([]float32{1, 1, 2, 2}, 2) || sameColumns([]float32{1, 1, 2, 3}, 2) {
		t.Error("columns that are the same")
	}
}

// TestShareIsNeither: in per cent a share that is nearly 0 or 1 is not written as if it were.
func TestShareIsNeither(t *testing.T) {
	as := map[string]string{"%.1f %%": "%.1f %%", "%.2f %%": "%.2f %%", "%.3f %%": "%.3f %%"}
	for v, want := range map[float64]string{0: "0.0 %", 1: "100.0 %", .5: "50.0 %", .9998: "99.98 %", .99996: "99.996 %", .0004: "0.04 %", .00001: "0.001 %", .9994: "99.9 %", .1: "10.0 %"} {
		if got, ok := accuracy(v).in(as); got != want || !ok {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

// TestInterval has Wilson's interval of the textbook: 9 of 12, and all of 20; and that of the answers which are the finding's.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		n         int
		rate      float64
		low, high float64
	}{{12, .75, .4677, .9111}, {20, 1, .8389, 1}, {10, 0, 0, .2775}, {1000, .9, .8798, .9171}} {
		a := &answers{samples: &samples{rows: make([]int, c.n)}, rate: c.rate}
		if low, high := a.interval(); math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%v of %d: got %.4f to %.4f, want %v to %v", c.rate, c.n, low, high, c.low, c.high)
		}
	}
	at := func(n int, fit, test float64) []Finding {
		f := &facts{Record: &Record{Train: Tested{Result: &train.Evaluation{}}, Tests: []Tested{{Result: &train.Evaluation{}}}}, fit: &answers{samples: &samples{}, rate: fit}, tests: []*answers{{samples: &samples{rows: make([]int, n)}, rate: test}}}
		return f.fewTests(true)
	}
	if got := at(12, .979, .75); len(got) != 1 || got[0].Code != FewTests || !strings.Contains(got[0].Evidence, "of 12 test samples: on others it may be anywhere from .4677 to .9111") {
		t.Errorf("12 test samples: got %v", got)
	}
	if got := at(10000, .979, .95); got != nil {
		t.Errorf("10,000 test samples: got %v", got)
	}
}

// What is not finite is of the layer in which it began, and of none where that was the loss or the input.
func TestWhereItBegan(t *testing.T) {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1)}, layers.Dense{Units: 3}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	for began, want := range map[string]string{"dense_2": "dense_2", "loss": "", "the input": ""} {
		f := &facts{Record: &Record{Model: model, Loss: losses.CrossEntropy{}, Diverged: &train.DivergedError{Layer: began, What: "value"}}}
		if got := f.notFinite(); len(got) != 1 || got[0].Layer != want || !strings.Contains(got[0].Evidence, began) {
			t.Errorf("%s: got %+v", began, got)
		}
	}
}
