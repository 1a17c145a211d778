package train_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

func optimizer(t testing.TB, text string) optim.Optimizer {
	t.Helper()
	o, err := optim.New(text, 0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestAveragesAreEvaluated: a run's figures are those of the averages, which stay in the model at its end; the steps are those without them, also where the run goes on.
func TestAveragesAreEvaluated(t *testing.T) {
	data := blobs(t, 23)
	c := train.Config{BatchSize: 5, Epochs: 4, Seed: 7, Validation: data, Optimizer: optimizer(t, "adam 0.03")}
	plain := small(t, 3)
	fit(t, plain, data, c)

	c.Optimizer = optimizer(t, "ema(adam 0.03) 0.8")
	var raw []uint64
	c.Observers = []train.Observer{at(train.End, func(e *train.Event) error { raw = bits(e.Model); return nil })}
	averaged := small(t, 3)
	history := fit(t, averaged, data, c)
	if !slices.Equal(raw, bits(plain)) {
		t.Error("averages that are kept change the steps")
	}
	if slices.Equal(bits(averaged), raw) {
		t.Error("the averages are not in the model at the end")
	}
	result, err := train.Evaluate(context.Background(), averaged, data, train.Config{})
	if last := history.Epochs[3]; err != nil || last.Evaluated.Loss != result.Loss || last.Evaluated.Accuracy() != result.Accuracy() {
		t.Errorf("the last epoch's figures are %v, those of the model %v, %v", last.Evaluated, result.Metrics, err)
	}

	twice := small(t, 3)
	c.Optimizer, c.Observers, c.Epochs = optimizer(t, "ema(adam 0.03) 0.8"), nil, 2
	first := fit(t, twice, data, c)
	c.Epochs, c.Start = 4, first.Position
	fit(t, twice, data, c)
	if !slices.Equal(bits(twice), bits(averaged)) {
		t.Error("a run in two parts ends in other averages than one in one")
	}
}

// TestScheduleInFit: it lasts as long as the run, and hears of the figure that it waits for.
func TestScheduleInFit(t *testing.T) {
	data := blobs(t, 20)
	var rates []float64
	look := at(train.Step, func(e *train.Event) error { rates = append(rates, e.Rate); return nil })
	fit(t, small(t, 1), data, train.Config{BatchSize: 5, Epochs: 3, Optimizer: optimizer(t, "scheduled(sgd 0.1) (warmup 1epoch, polynomial)"), Observers: []train.Observer{look}})
	for i, want := range []float64{0, .025, .05, .075, .1, .0875, .075, .0625, .05, .0375, .025, .0125} {
		if math.Abs(rates[i]-want) > 1e-12 {
			t.Errorf("step %d: got a rate of %v, want %v", i+1, rates[i], want)
		}
	}
	rates = nil
	// A rate of 0 changes no figure of the weights at rest, so that every epoch is one without a better one.
	fit(t, small(t, 1), data, train.Config{BatchSize: 20, Epochs: 6, Validation: data, Optimizer: optimizer(t, "scheduled(layer-rates sgd \"dense_1:0 dense_2:0\") (plateau 0.5 2 of=accuracy)"), Observers: []train.Observer{look}})
	for i, want := range []float64{.01, .01, .01, .005, .005, .0025} {
		if rates[i] != want {
			t.Errorf("epoch %d: got a rate of %v, want %v", i+1, rates[i], want)
		}
	}
	_, err := train.Fit(context.Background(), small(t, 1), data, train.Config{Optimizer: optimizer(t, "scheduled sgd (plateau of=f2)")})
	if err == nil || !strings.Contains(err.Error(), `"f2"`) || !strings.Contains(err.Error(), "accuracy") {
		t.Errorf("a plateau of a figure that is not measured: %v", err)
	}
}

// TestClippingIsRecorded, and no step is longer than it may be.
func TestClippingIsRecorded(t *testing.T) {
	data := blobs(t, 23)
	const limit = 1.
	var steps, clipped, longest = 0, 0, 0.
	m := small(t, 1)
	look := train.ObserverFunc("look", func(e *train.Event) error {
		switch e.Moment {
		case train.Backward:
			if norm := gradientNorm(t, e); norm > limit {
				clipped++
				longest = max(longest, norm)
			}
		case train.Step:
			steps++
			if e.Clipping == nil || e.Clipping.Clipped != (e.Clipping.Size > limit) {
				t.Errorf("step %d: got the clipping %+v", steps, e.Clipping)
			}
		}
		return nil
	})
	history := fit(t, m, data, train.Config{BatchSize: 5, Epochs: 3, Optimizer: optimizer(t, fmt.Sprintf("clip(sgd 0.3) %v", limit)), Observers: []train.Observer{look}})
	got, largest := 0, 0.
	for _, e := range history.Epochs {
		got += e.Clipped.Steps
		largest = max(largest, e.Clipped.Largest)
	}
	if got != clipped || clipped == 0 || clipped == steps || math.Abs(largest-longest) > 1e-9 {
		t.Errorf("got %d clipped steps, the largest gradient %v, want %d of %d, and %v", got, largest, clipped, steps, longest)
	}
	for _, e := range fit(t, small(t, 1), data, train.Config{}).Epochs {
		if e.Clipped != nil {
			t.Errorf("without a clip: %+v", e.Clipped)
		}
	}
}

func gradientNorm(t *testing.T, e *train.Event) float64 {
	sum := 0.
	for _, p := range e.Gradients() {
		g, err := p.Grad()
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range g.Data().([]float32) {
			sum += float64(x) * float64(x)
		}
	}
	return math.Sqrt(sum)
}

// TestAccumulation: steps of a batch in shards are those of the whole batch, within 1e-6, through clipping and decay.
func TestAccumulation(t *testing.T) {
	data := blobs(t, 60)
	run := func(shards int) *graph.Model {
		m := model(t, graph.Config{Input: graph.Floats(2), Seed: 5}, layers.Dense{Units: 7, Activation: layers.Tanh}, layers.Dropout{Rate: .2}, layers.Dense{Units: 3, Activation: layers.Softmax})
		fit(t, m, data, train.Config{BatchSize: 30, Epochs: 5, Shards: shards, Optimizer: optimizer(t, "clip(scheduled(sgd 0.1 weight-decay=0.01) cosine) 0.5")})
		return m
	}
	whole := run(1)
	for _, shards := range []int{2, 3, 7, 30} {
		for i, p := range run(shards).Params() {
			for k, got := range p.Value.Data().([]float32) {
				if want := whole.Params()[i].Value.Data().([]float32)[k]; math.Abs(float64(got-want)) > 1e-6 {
					t.Fatalf("%d shards: %s[%d] is %v, of the whole batch %v", shards, p.Name, k, got, want)
				}
			}
		}
	}
}

// TestRestore: the weights of the best epoch are put back, by any figure, but not where the run ends by an error.
func TestRestore(t *testing.T) {
	data := blobs(t, 23)
	for _, text := range []string{"sgd 2", "ema(sgd 2) 0.6"} {
		for _, of := range []string{"", "accuracy"} {
			var kept [][]uint64
			m := small(t, 3)
			stopping := &train.EarlyStopping{Patience: 3, Of: of, Restore: true}
			look := at(train.Epochal, func(e *train.Event) error { kept = append(kept, bitsOf(e.Weights())); return nil })
			history := fit(t, m, data, train.Config{BatchSize: 5, Epochs: 12, Validation: data, Seed: 1, Optimizer: optimizer(t, text), Observers: []train.Observer{look, stopping}})
			best := train.Best(history.Epochs, of)
			if best == len(history.Epochs)-1 {
				t.Fatalf("%s, %q: the last epoch is the best, so that nothing is seen", text, of)
			}
			if !slices.Equal(bits(m), kept[best]) {
				t.Errorf("%s, %q: the model has other weights than after epoch %d, the best", text, of, best+1)
			}
			result, err := train.Evaluate(context.Background(), m, data, train.Config{})
			if err != nil || result.Loss != history.Epochs[best].Evaluated.Loss {
				t.Errorf("%s, %q: it has a loss of %v, the best epoch had %v, %v", text, of, result.Loss, history.Epochs[best].Evaluated.Loss, err)
			}
		}
	}
	failed := errors.New("no more")
	m := small(t, 3)
	var last []uint64
	fail := at(train.Step, func(e *train.Event) error {
		if last = bits(e.Model); e.Position.Step == 12 {
			return failed
		}
		return nil
	})
	_, err := train.Fit(context.Background(), m, data, train.Config{BatchSize: 5, Epochs: 9, Optimizer: optimizer(t, "sgd 2"), Observers: []train.Observer{&train.EarlyStopping{Patience: 9, Restore: true}, fail}})
	if !errors.Is(err, failed) || !slices.Equal(bits(m), last) {
		t.Errorf("a run that failed, %v, has other weights than those of its last step", err)
	}

	// A run that goes on is told of the best weights before.
	before := []train.Epoch{{Epoch: 1, Running: train.Metrics{Loss: -1}}}
	_, err = train.Fit(context.Background(), small(t, 3), data, train.Config{Observers: []train.Observer{&train.EarlyStopping{Before: before, Restore: true}}})
	if err == nil || !strings.Contains(err.Error(), "BestWeights") {
		t.Errorf("no weights of the best epoch before: %v", err)
	}
	want := small(t, 99)
	m = small(t, 3)
	fit(t, m, data, train.Config{Observers: []train.Observer{&train.EarlyStopping{Before: before, Weights: want.Tensors(), Restore: true}}})
	if !slices.Equal(bits(m), bits(want)) {
		t.Error("the best weights from before are not put back")
	}
}

func bitsOf(params []graph.Param) (all []uint64) {
	for _, p := range params {
		for _, x := range p.Value.Data().([]float32) {
			all = append(all, uint64(math.Float32bits(x)))
		}
	}
	return all
}

func TestTargetAndTimeLimit(t *testing.T) {
	data := blobs(t, 60)
	history := fit(t, small(t, 1), data, train.Config{Epochs: 200, Optimizer: optimizer(t, "adam 0.02"), Validation: data, Observers: []train.Observer{train.Target("accuracy", .9)}})
	n := len(history.Epochs)
	if n == 200 || n < 2 || history.Epochs[n-1].Evaluated.Accuracy() < .9 || history.Epochs[n-2].Evaluated.Accuracy() >= .9 || !strings.Contains(history.Stopped, "accuracy") {
		t.Errorf("%d epochs, %q, the last %v", n, history.Stopped, history.Epochs[n-1].Evaluated)
	}
	history = fit(t, small(t, 1), data, train.Config{Epochs: 9, Observers: []train.Observer{train.Target("loss", 100)}})
	if len(history.Epochs) != 1 {
		t.Errorf("a loss below the target from the beginning: %d epochs", len(history.Epochs))
	}
	history = fit(t, small(t, 1), data, train.Config{Epochs: 9, Observers: []train.Observer{train.TimeLimit(1)}})
	if history.Position.Step != 1 || !strings.Contains(history.Stopped, "time limit") {
		t.Errorf("a nanosecond: %d steps, %q", history.Position.Step, history.Stopped)
	}
	for _, o := range []train.Observer{train.TimeLimit(0), train.Target("f2", 1), train.Target("loss", math.NaN()), train.Log("x.txt"), train.Log(filepath.Join(t.TempDir(), "none", "x.csv"))} {
		if history, err := train.Fit(context.Background(), small(t, 1), data, train.Config{Observers: []train.Observer{o}}); err == nil || history.Position.Step != 0 {
			t.Errorf("%s: taken", o.Name())
		}
	}
	fit(t, small(t, 1), data, train.Config{Observers: []train.Observer{train.TimeLimit(time.Hour)}})
}

func TestPrint(t *testing.T) {
	var b bytes.Buffer
	data := blobs(t, 23)
	fit(t, small(t, 1), data, train.Config{BatchSize: 5, Epochs: 10, Validation: data, Optimizer: optimizer(t, "clip(scheduled adam cosine) 0.1"), Observers: []train.Observer{train.Target("loss", 1e-9), train.Print(&b)}})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	want := regexp.MustCompile(`^epoch +\d+/10  loss \d.*  accuracy 0\.\d{4}  validation: loss \d.*  accuracy 0\.\d{4}  rate \S+  clipped \d of 5, largest \S+  \d+\.\d s$`)
	if len(lines) != 10 || !strings.HasPrefix(lines[0], "epoch  1/10") {
		t.Errorf("%d lines: %s", len(lines), b.String())
	}
	for _, line := range lines {
		if !want.MatchString(line) {
			t.Errorf("got %q", line)
		}
	}
	b.Reset()
	fit(t, small(t, 1), data, train.Config{Epochs: 3, Observers: []train.Observer{train.Target("loss", 100), train.Print(&b)}})
	if got := b.String(); strings.Contains(got, "rate") || strings.Contains(got, "validation") || !strings.Contains(got, "\nstopped after 1 steps: the loss has come to") {
		t.Errorf("got %q", got)
	}
}

// TestLog: whole, and in two parts of a run, as CSV and as lines of JSON.
func TestLog(t *testing.T) {
	data := blobs(t, 23)
	seconds := regexp.MustCompile(`(?m)(,|"seconds":)[0-9.e-]+(}?)$`)
	for _, ending := range []string{".csv", ".jsonl"} {
		read := func(path string) string {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return seconds.ReplaceAllString(string(text), "$1 $2")
		}
		dir := t.TempDir()
		config := func(path string) train.Config {
			return train.Config{BatchSize: 5, Epochs: 4, Validation: data, Optimizer: optimizer(t, "clip(scheduled sgd cosine) 0.2"), Observers: []train.Observer{train.Log(path)}}
		}
		whole, parts := filepath.Join(dir, "whole"+ending), filepath.Join(dir, "parts"+ending)
		fit(t, small(t, 1), data, config(whole))
		want := read(whole)
		if lines := strings.Count(want, "\n"); ending == ".csv" && (lines != 5 || !strings.HasPrefix(want, "epoch,step,rate,loss,accuracy,validation_loss,validation_accuracy,clipped,seconds\n1,5,0.0")) ||
			ending == ".jsonl" && (lines != 4 || !strings.HasPrefix(want, `{"epoch":1,"step":5,"rate":0.00`) || !strings.Contains(want, `"validation_accuracy":0.`)) {
			t.Errorf("%s: got\n%s", ending, want)
		}
		m, c := small(t, 1), config(parts)
		c.Observers = append(c.Observers, at(train.Epochal, func(e *train.Event) error {
			if e.Position.Epoch == 2 {
				return train.Stop("enough")
			}
			return nil
		}))
		history := fit(t, m, data, c)
		if err := os.WriteFile(parts, append([]byte(nil), must(os.ReadFile(parts))...), 0o644); err != nil {
			t.Fatal(err)
		}
		c.Start, c.Observers = history.Position, c.Observers[:1]
		fit(t, m, data, c)
		if got := read(parts); got != want {
			t.Errorf("%s: in two parts got\n%s\nwant\n%s", ending, got, want)
		}
		// From an earlier epoch on: what came after it is there once.
		var saved *saved
		m, c = small(t, 1), config(parts)
		c.Observers = append(c.Observers, at(train.Epochal, func(e *train.Event) error {
			if e.Position.Epoch == 1 {
				s := save(t, e)
				saved = &s
			}
			return nil
		}))
		fit(t, m, data, c)
		m = small(t, 1)
		c = *saved.resume(t, m, optimizer(t, "clip(scheduled sgd cosine) 0.2"), config(parts))
		fit(t, m, data, c)
		if got := read(parts); got != want {
			t.Errorf("%s: from the first epoch on got\n%s\nwant\n%s", ending, got, want)
		}
		foreign := filepath.Join(dir, "mine"+ending)
		if err := os.WriteFile(foreign, []byte("name,price\n\"house\",1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := train.Fit(context.Background(), small(t, 1), data, config(foreign)); err == nil || !strings.Contains(err.Error(), "something else") {
			t.Errorf("%s: a file that is no log: %v", ending, err)
		}
		if got := string(must(os.ReadFile(foreign))); !strings.HasPrefix(got, "name,price") {
			t.Errorf("somebody's file was overwritten: %q", got)
		}
	}
	var b bytes.Buffer
	fit(t, small(t, 1), data, train.Config{Epochs: 2, Observers: []train.Observer{train.LogTo(&b)}})
	if strings.Count(b.String(), "\n") != 2 || !strings.HasPrefix(b.String(), `{"epoch":1,"step":1,"rate":0.01,`) {
		t.Errorf("got %q", b.String())
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestFindRate: it leaves everything as it was, and suggests a rate that trains.
func TestFindRate(t *testing.T) {
	data := blobs(t, 60)
	for _, text := range []string{"sgd 0.5", "clip(scheduled momentum cosine) 5", "adam"} {
		m, o := small(t, 1), optimizer(t, text)
		rate := o.Rate()
		before := bits(m)
		curve, err := train.FindRate(context.Background(), m, data, train.Config{BatchSize: 20, Optimizer: o}, train.RateRange{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(bits(m), before) || o.Rate() != rate || o.State().Steps != 0 {
			t.Errorf("%s: it changed the model, the rate or the state", text)
		}
		n := len(curve.Rates)
		if n < 20 || n > 100 || len(curve.Losses) != n || len(curve.Smoothed) != n || math.Abs(curve.Rates[0]-1e-6) > 1e-18 {
			t.Fatalf("%s: %d steps from %v", text, n, curve.Rates[0])
		}
		if s := curve.Suggestion; !(s > 1e-5 && s < 10) {
			t.Errorf("%s: suggests %v", text, s)
		}
		o.SetRate(curve.Suggestion)
		first := fit(t, m, data, train.Config{BatchSize: 20, Epochs: 10, Optimizer: o}).Epochs
		if first[9].Running.Loss > .8*first[0].Running.Loss {
			t.Errorf("%s: at the suggested %v the loss goes from %v to %v", text, curve.Suggestion, first[0].Running.Loss, first[9].Running.Loss)
		}
	}
	for _, r := range []train.RateRange{{From: -1}, {From: 2, To: 1}, {Steps: 1}, {To: math.Inf(1)}} {
		if _, err := train.FindRate(context.Background(), small(t, 1), data, train.Config{}, r); err == nil {
			t.Errorf("%+v: taken", r)
		}
	}
	if _, err := train.FindRate(context.Background(), nil, data, train.Config{}, train.RateRange{}); err == nil {
		t.Error("no model: taken")
	}
}
