package look

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

var tenDigits = datasets.Info{Inputs: []datasets.Field{{Name: "x", Shape: []int{28, 28}}}, Classes: strings.Split("0123456789", "")}

// The settings of every experiment, put in words and read again, are those of the same experiment.
func TestSettingsOfEveryExperiment(t *testing.T) {
	for _, name := range models.Names() {
		e := experiment(t, name)
		s, err := SettingsOf(e, 1, tenDigits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if strings.Contains(s.Layers, "\n") || (s.Dropout == nil) != (e.Layers != nil) || (s.Activation == nil) != (e.Layers != nil) {
			t.Errorf("%s: got %+v", name, s)
		}
		finite(t, s)
		rate, seed := float64(s.Rate), s.Seed
		c := Change{Layers: &s.Layers, Loss: &s.Loss, Optimizer: &s.Optimizer, Rate: &rate, Batch: &s.Batch, Epochs: &s.Epochs, Seed: &seed, TrainSamples: &s.TrainSamples, Validation: &s.Validation, Scale: &s.Scale}
		back, _, err := c.On(e, 1, tenDigits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := SettingsOf(back, 1, tenDigits)
		if err != nil || string(finite(t, again)) != string(finite(t, s)) {
			t.Errorf("%s: got %+v, want %+v, %v", name, again, s, err)
		}
		if want := Matches(e); Matches(back) != want || want == "" && slices.ContainsFunc(models.Experiments(), func(o models.Experiment) bool { return o.Name == name }) {
			t.Errorf("%s: it matches %q, and read back %q", name, want, Matches(back))
		}
	}
}

func TestChange(t *testing.T) {
	relu := experiment(t, "relu")
	read := func(text string) Change {
		t.Helper()
		var c Change
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for text, want := range map[string]string{
		`{"optimizer":"adam"}`:                   "adam",
		`{"activation":"sigmoid"}`:               "cross-entropy",
		`{"activation":"sigmoid","batch":10000}`: "batch-10000",
		`{"rate":0.01}`:                          "",
		`{"optimizer":"adam 0.001"}`:             "adam",
		`{"optimizer":"sgd 0.1"}`:                "relu",
		`{"optimizer":"sgd"}`:                    "relu",
		`{"loss":"mse","activation":"sigmoid"}`:  "mse",
		`{"layers":"dense 633 relu * 3, dense 689 relu * 10, dense 10 softmax"}`:       "deep-relu",
		`{"layers":"dense 633 sigmoid * 3, dense 689 sigmoid * 10, dense 10 softmax"}`: "deep-sigmoid",
		`{"scale":1,"loss":"clipped-cross-entropy"}`:                                   "raw-pixels",
		`{"epochs":3}`: "", `{"train_samples":100}`: "", `{"validation":0.1}`: "", `{"dropout":0.5}`: "", `{}`: "relu",
	} {
		e, seed, err := read(text).On(relu, 5, tenDigits)
		if err != nil || seed != 5 {
			t.Errorf("%s: %v, seed %d", text, err, seed)
			continue
		}
		if got := Matches(e); got != want {
			t.Errorf("%s: it matches %q, want %q", text, got, want)
		}
		if claims := e.Band != (models.Band{}); claims != (want != "") {
			t.Errorf("%s: got the band %+v", text, e.Band)
		}
	}
	if _, seed, err := read(`{"seed":9}`).On(relu, 5, tenDigits); err != nil || seed != 9 {
		t.Errorf("got seed %d, %v", seed, err)
	}
	for text, want := range map[string]string{
		`{"layers":"dense 5 rellu"}`: "rellu", `{"layers":""}`: "no layers", `{"loss":"mss"}`: "mss", `{"optimizer":"adamm"}`: "adamm", `{"optimizer":"sgd -1"}`: "sgd",
		`{"rate":0}`: "rate", `{"rate":-1}`: "rate", `{"batch":0}`: "batch", `{"epochs":0}`: "epochs", `{"train_samples":-1}`: "train_samples", `{"validation":1}`: "validation",
		`{"dropout":1}`: "dropout", `{"activation":"bend"}`: "bend", `{"scale":0}`: "scale",
		`{"layers":"conv 3 3, flatten, dense 10 softmax","dropout":0.5}`: "multilayer perceptron",
	} {
		if _, _, err := read(text).On(relu, 1, tenDigits); err == nil || !strings.Contains(err.Error(), want) || strings.HasPrefix(err.Error(), "layers: ") || strings.HasPrefix(err.Error(), "optim: ") {
			t.Errorf("%s: got %v, want an error with %s", text, err, want)
		}
	}
	c := read(`{"layers":"dense 10 softmax","rate":0.1,"batch":5,"seed":2,"activation":"relu"}`)
	if !slices.Equal(c.AtOnce(), []string{"rate", "batch", "activation"}) || !slices.Equal(c.Restart(), []string{"layers", "seed"}) {
		t.Errorf("at once %v, with a restart %v", c.AtOnce(), c.Restart())
	}
	if text := string(finite(t, c)); text != `{"layers":"dense 10 softmax","rate":0.1,"batch":5,"seed":2,"activation":"relu"}` {
		t.Errorf("got %s", text)
	}
	// A network that is no perceptron, and one again.
	lenet := experiment(t, "lenet")
	e, _, err := read(`{"layers":"dense 20 relu, dense 10 softmax"}`).On(lenet, 1, tenDigits)
	if err != nil || e.Layers != nil || !slices.Equal(e.Hidden, []int{20}) {
		t.Errorf("got %+v, %v", e, err)
	}
	if e, _, err = read(`{"dropout":0.5}`).On(e, 1, tenDigits); err != nil || e.Dropout != .5 {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{1.5: "1.5", math.Inf(1): "null", math.Inf(-1): "null"} {
		if text, err := json.Marshal(Number(v)); err != nil || string(text) != want {
			t.Errorf("%v: got %s, %v", v, text, err)
		}
	}
	var n Number
	if err := json.Unmarshal([]byte("null"), &n); err != nil || !math.IsNaN(float64(n)) {
		t.Errorf("got %v, %v", n, err)
	}
	if err := json.Unmarshal([]byte("0.25"), &n); err != nil || n != .25 {
		t.Errorf("got %v, %v", n, err)
	}
	if text, err := json.Marshal(Number(math.NaN())); err != nil || string(text) != "null" {
		t.Errorf("got %s, %v", text, err)
	}
	if known(math.NaN()) != nil {
		t.Error("NaN is known")
	}
}

// A result is green in its experiment's band, and in none where none is claimed.
func TestInBand(t *testing.T) {
	says := func(accuracy float64) *train.Evaluation {
		e := &train.Evaluation{Metrics: train.Metrics{Scores: []train.Score{{Name: "accuracy", Value: accuracy}}}, Confusion: make([][]int, 10)}
		for i := range e.Confusion {
			e.Confusion[i] = slices.Repeat([]int{1}, 10)
		}
		return e
	}
	e := experiment(t, "cross-entropy")
	for accuracy, want := range map[float64]bool{.86: true, .3: false} {
		if got := InBand(&models.Result{Experiment: e, Train: says(accuracy), Test: says(accuracy - .02)}); got == nil || *got != want {
			t.Errorf("%v: got %v", accuracy, got)
		}
	}
	e.Band = models.Band{}
	if got := InBand(&models.Result{Experiment: e, Train: says(.8), Test: says(.8)}); got != nil || InBand(nil) != nil {
		t.Errorf("got %v", *got)
	}
}
