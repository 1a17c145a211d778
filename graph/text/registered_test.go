package text_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestRegistered takes every loss, optimizer and metric, by its example and with every field set, through its text.
func TestRegistered(t *testing.T) {
	t.Run("losses", func(t *testing.T) { registered[graph.Loss](t, 11) })
	t.Run("optimizers", func(t *testing.T) { registered[optim.Optimizer](t, 13) })
	t.Run("schedules", func(t *testing.T) { registered[optim.Schedule](t, 9) })
	t.Run("metrics", func(t *testing.T) { registered[train.Metric](t, 11) })
}

func registered[T any](t *testing.T, least int) {
	all := text.Entries[T]()
	if len(all) < least {
		t.Errorf("got %d words, want at least %d", len(all), least)
	}
	for _, e := range all {
		v, err := text.Parse[T](e.Example)
		if err != nil {
			t.Errorf("%s: %v", e.Word, err)
			continue
		}
		if s, err := text.Format(v); err != nil || s != canonical(e.Example) || e.About == "" {
			t.Errorf("%s: the example %q is printed as %q, %v; about: %q", e.Word, e.Example, s, err, e.About)
		}
		full := e.Word
		for i, f := range e.Fields() {
			value := map[string]string{"a number": fmt.Sprint(float64(i+1) / 8), "a whole number": fmt.Sprint(i + 3), "true or false": "true", "numbers, 1x0.5x2": "1x0.5x2", "names in brackets": "(a = mse)",
				"an optimizer": "adam", "a schedule": "cosine", "a string": "accuracy", "a word": fmt.Sprintf("%depochs", i+3)}[f.Takes]
			if f.Key == "factors" {
				value = "dense_1:0.5"
			}
			if value == "" {
				t.Errorf("%s %s: got a field that takes %s, want a value for it here", e.Word, f.Key, f.Takes)
			}
			full += " " + f.Key + "=" + value
		}
		v, err = text.Parse[T](full)
		if err != nil {
			t.Errorf("%s: %v", full, err)
			continue
		}
		for i, s := 0, reflect.Indirect(reflect.ValueOf(v)); s.Kind() == reflect.Struct && i < s.NumField(); i++ {
			if f := s.Type().Field(i); f.IsExported() && s.Field(i).IsZero() {
				t.Errorf("%s leaves %s unset", full, f.Name)
			}
		}
		s, err := text.Format(v)
		again, err2 := text.Parse[T](s)
		if err != nil || err2 != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("%s, printed as %q: got %+v, want %+v; %v, %v", full, s, again, v, err, err2)
		}
	}
}

// canonical is an example as it is printed: the first number has no key, the second one has.
func canonical(s string) string {
	return strings.NewReplacer("cross-entropy smoothing=", "cross-entropy ", "cosine 0.1 0.001", "cosine 0.1 to=0.001").Replace(s)
}

// TestMeans: what some texts are.
func TestMeans(t *testing.T) {
	for s, want := range map[string]graph.Loss{
		"cross-entropy smoothing=0.1":           losses.CrossEntropy{Smoothing: .1},
		"cross-entropy weights=1x2x0.5 logits":  losses.CrossEntropy{Weights: []float64{1, 2, .5}, Logits: true},
		"huber 0.5":                             losses.Huber{Delta: .5},
		"each(class = kl, \"b c\" = mse * 0.1)": losses.Each{"class": {Loss: losses.KL{}}, "b c": {Loss: losses.MSE{}, Weight: .1}},
		"each(a = mse * 0)":                     losses.Each{"a": {Loss: losses.MSE{}, Weight: text.Zero}},
	} {
		if got, err := losses.Parse(s); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", s, got, err, want)
		}
	}
	for s, want := range map[string]optim.Optimizer{
		"adam 0.001 beta1=0":        &optim.Adam{LearningRate: .001, Beta1: optim.Zero},
		"momentum 0.1":              &optim.SGD{LearningRate: .1, Momentum: .9},
		"sgd momentum=0.5 nesterov": &optim.SGD{Momentum: .5, Nesterov: true},
		"sgd 0":                     &optim.SGD{LearningRate: optim.Zero},
	} {
		if got, err := optim.New(s, 0); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", s, got, err, want)
		}
	}
	if got, err := optim.New("adam 0.5", .25); err != nil || got.Rate() != .25 {
		t.Errorf("got %v, %v, want the rate that was given", got, err)
	}
	for _, s := range []string{"sgd nesterov", "adam beta1=1", "sgd -1"} {
		if got, err := optim.New(s, 0); err == nil {
			t.Errorf("%s: got %#v, want an error", s, got)
		}
	}
	for s, want := range map[string]train.Metric{"top-k 3": train.TopK{K: 3}, "top-3": train.TopK{K: 3}, "top-k": train.TopK{}, "f1 0.4": train.F1{Threshold: .4}} {
		if got, err := train.ParseMetric(s); err != nil || got != want {
			t.Errorf("%s: got %#v, %v, want %#v", s, got, err, want)
		}
	}
}

// TestDefaults: a default that is written down is that of a field left out.
func TestDefaults(t *testing.T) {
	for _, e := range text.Entries[optim.Optimizer]() {
		for _, f := range e.Fields() {
			if f.Default == "" {
				continue
			}
			a, b := steps(t, e.Word), steps(t, e.Word+" "+f.Key+"="+f.Default)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s: with %s=%s got %v, without %v", e.Word, f.Key, f.Default, b, a)
			}
			if c := steps(t, e.Word+" "+f.Key+"=0.3"); f.Default != "0.3" && reflect.DeepEqual(a, c) {
				t.Errorf("%s: %s=0.3 makes no difference", e.Word, f.Key)
			}
		}
	}
}

// steps are the parameters after three steps, and the running values.
func steps(t *testing.T, s string) []float64 {
	t.Helper()
	o, err := optim.New(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &parameter{tensor.New(tensor.WithBacking([]float64{1, -2, 3})), tensor.New(tensor.WithBacking([]float64{.5, -.25, 1e-7}))}
	for range 3 {
		if err := o.Step([]gorgonia.ValueGrad{p}); err != nil {
			t.Fatal(err)
		}
		p.gradient.Float64s()[0] *= -3
		p.gradient.Float64s()[1] *= -.02
	}
	all := p.value.Float64s()
	state := o.State()
	for _, slot := range slices.Sorted(maps.Keys(state.Slots)) {
		all = append(all, state.Slots[slot][0].Float64s()...)
	}
	return all
}

type parameter struct{ value, gradient *tensor.Dense }

func (p *parameter) Value() gorgonia.Value         { return p.value }
func (p *parameter) Grad() (gorgonia.Value, error) { return p.gradient, nil }
