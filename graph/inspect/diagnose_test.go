package inspect_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/models"
)

var (
	campaign = flag.Bool("campaign", false, "train the eleven experiments and their variations at full size for the diagnosis' table test (many minutes)")
	fashion  = flag.String("fashion", "", "a folder with Fashion-MNIST's files, for the campaign")
	only     = flag.String("only", "", "cases of the campaign whose name holds this")
)

// A variation is a network and its trouble. The first finding that is no symptom must be want, and nothing but want and also may be
// found beside the symptoms.
type variation struct {
	name    string
	of      string
	fashion bool
	seed    uint64
	change  func(*models.Experiment)
	want    inspect.Code
	also    []inspect.Code
}

var symptoms = []inspect.Code{inspect.Collapsed, inspect.NotLearnt, inspect.StillLearning, inspect.NotFinite}

// eleven are the lecture's experiments.
var eleven = []variation{
	{of: "mse", want: inspect.StarvingLoss},
	{of: "cross-entropy", want: inspect.StillLearning},
	{of: "batch-10000", want: inspect.TooFewUpdates},
	{of: "batch-1", want: inspect.Healthy, also: []inspect.Code{inspect.BatchTooSmall}},
	{of: "deep-sigmoid", want: inspect.Vanishing},
	{of: "relu", want: inspect.Healthy},
	{of: "deep-relu", want: inspect.Healthy},
	{of: "raw-pixels", want: inspect.UnscaledInputs, also: []inspect.Code{inspect.StarvingLoss, inspect.DeadUnits, inspect.Exploding, inspect.RateTooHigh}},
	{of: "adam", want: inspect.Healthy},
	{of: "noise", want: inspect.ShiftedTest},
	{of: "dropout", want: inspect.ShiftedTest},
}

func width(n, layers int) func(*models.Experiment) {
	return func(e *models.Experiment) { e.Hidden = slices.Repeat([]int{n}, layers) }
}

func rate(r float64) func(*models.Experiment) {
	return func(e *models.Experiment) { e.LearningRate = r }
}

// both makes two changes.
func both(a, b func(*models.Experiment)) func(*models.Experiment) {
	return func(e *models.Experiment) { a(e); b(e) }
}

// others are networks that the lecture does not have.
var others = []variation{
	{name: "narrow mse", of: "mse", seed: 7, change: width(200, 2), want: inspect.StarvingLoss},
	{name: "narrow cross-entropy", of: "cross-entropy", seed: 3, change: width(200, 3), want: inspect.StillLearning},
	{name: "fashion cross-entropy", of: "cross-entropy", fashion: true, want: inspect.StillLearning},
	{name: "relu in batches of 5000", of: "relu", change: func(e *models.Experiment) { e.BatchSize, e.Epochs = 5000, 5 }, want: inspect.TooFewUpdates},
	{name: "sigmoid in batches of 2000", of: "cross-entropy", seed: 4, change: func(e *models.Experiment) { e.BatchSize = 2000 }, want: inspect.TooFewUpdates},
	{name: "fashion in one batch", of: "batch-10000", fashion: true, want: inspect.TooFewUpdates},
	{name: "narrow deep sigmoid", of: "deep-sigmoid", seed: 5, change: width(150, 9), want: inspect.Vanishing},
	{name: "fashion deep sigmoid", of: "deep-sigmoid", fashion: true, seed: 2, change: width(200, 10), want: inspect.Vanishing},
	{name: "relu, rate 1e-5", of: "relu", change: both(width(200, 3), rate(1e-5)), want: inspect.RateTooLow},
	{name: "sigmoid, rate 1e-4", of: "cross-entropy", seed: 2, change: both(width(250, 2), rate(1e-4)), want: inspect.RateTooLow},
	{name: "adam, rate 0.3", of: "adam", change: both(width(300, 2), rate(.3)), want: inspect.RateTooHigh, also: []inspect.Code{inspect.DeadUnits, inspect.Exploding}},
	{name: "adam, sigmoid, rate 0.5", of: "adam", seed: 3, change: func(e *models.Experiment) {
		e.Activation, e.LearningRate, e.Hidden = layers.Sigmoid, .5, []int{300, 200}
	}, want: inspect.RateTooHigh, also: []inspect.Code{inspect.SaturatedUnits}},
	{name: "relu, rate 20", of: "relu", change: both(width(250, 3), rate(20)), want: inspect.RateTooHigh, also: []inspect.Code{inspect.DeadUnits, inspect.Exploding}},
	{name: "deep relu, rate 0.3", of: "deep-relu", change: both(width(200, 13), rate(.3)), want: inspect.RateTooHigh}, // NaN after it had learnt something
	{name: "deep relu, rate 0.5", of: "deep-relu", change: both(width(200, 13), rate(.5)), want: inspect.DeadUnits, also: []inspect.Code{inspect.RateTooHigh}},
	{name: "raw pixels, stable loss", of: "raw-pixels", seed: 2, change: func(e *models.Experiment) { e.Loss, e.Hidden = losses.CrossEntropy{}, []int{500, 300} }, want: inspect.UnscaledInputs, also: []inspect.Code{inspect.RateTooHigh, inspect.DeadUnits, inspect.Exploding}},
	{name: "raw pixels, sigmoid", of: "cross-entropy", change: func(e *models.Experiment) { e.Scale, e.Hidden = 1, []int{300, 300} }, want: inspect.Healthy, also: []inspect.Code{inspect.UnscaledInputs}}, // it learns them all the same
	{name: "fashion raw pixels", of: "raw-pixels", fashion: true, change: width(300, 3), want: inspect.UnscaledInputs, also: []inspect.Code{inspect.StarvingLoss, inspect.DeadUnits, inspect.Exploding, inspect.RateTooHigh}},
	{name: "pixels near 0", of: "cross-entropy", change: func(e *models.Experiment) { e.Scale, e.Hidden = 1e-5, []int{200, 200} }, want: inspect.UnscaledInputs},
	{name: "300 samples", of: "adam", seed: 2, change: func(e *models.Experiment) { e.TrainSamples, e.BatchSize = 300, 10 }, want: inspect.Overfitting},
	{name: "fashion, 1000 samples", of: "adam", fashion: true, change: func(e *models.Experiment) { e.TrainSamples, e.BatchSize = 1000, 20 }, want: inspect.Overfitting},
	{name: "six narrow sigmoid layers", of: "deep-sigmoid", change: func(e *models.Experiment) { e.Hidden, e.Epochs = slices.Repeat([]int{100}, 6), 6 }, want: inspect.Vanishing},
	{name: "softmax within", of: "relu", change: func(e *models.Experiment) { e.Activation, e.Hidden = layers.Softmax, []int{100, 100} }, want: inspect.Vanishing, also: []inspect.Code{inspect.RateTooLow, inspect.Unexplained}},
	{name: "adam, one layer, rate 1", of: "adam", change: both(width(100, 1), rate(1)), want: inspect.RateTooHigh, also: []inspect.Code{inspect.DeadUnits, inspect.Exploding}},
	{name: "narrow relu", of: "relu", seed: 9, change: width(100, 2), want: inspect.Healthy},
	{name: "adam tanh", of: "adam", seed: 4, change: func(e *models.Experiment) { e.Activation, e.Hidden = layers.Tanh, []int{200, 200} }, want: inspect.Healthy},
	{name: "dropout without noise", of: "dropout", seed: 3, change: func(e *models.Experiment) { e.Noise, e.Hidden = 0, []int{400, 400} }, want: inspect.Healthy},
	{name: "fashion relu", of: "relu", fashion: true, seed: 3, change: width(400, 3), want: inspect.Healthy, also: []inspect.Code{inspect.Overfitting}},
	{name: "fashion adam", of: "adam", fashion: true, change: width(300, 2), want: inspect.Healthy, also: []inspect.Code{inspect.Overfitting}},
	{name: "fashion with noise", of: "noise", fashion: true, seed: 2, change: func(e *models.Experiment) { e.Noise, e.Hidden = .7, []int{300, 300} }, want: inspect.ShiftedTest, also: []inspect.Code{inspect.Overfitting}},
	{name: "a little noise", of: "noise", change: func(e *models.Experiment) { e.Noise, e.Hidden = .05, []int{400, 200} }, want: inspect.Healthy},
}

// judge trains a variation and holds the diagnosis against what it must be.
func judge(t *testing.T, v variation, e models.Experiment, trainSet, testSet *datasets.Dataset) {
	t.Helper()
	if v.change != nil {
		v.change(&e)
	}
	if v.name == "" {
		v.name = v.of
	}
	if v.seed == 0 {
		v.seed = 1
	}
	record, err := e.Record(context.Background(), trainSet, testSet, models.RunOptions{Seed: v.seed})
	if err != nil {
		t.Fatal(err)
	}
	findings, err := inspect.Diagnose(context.Background(), record)
	if err != nil {
		t.Fatal(err)
	}
	codes := codesOf(findings)
	var causes []inspect.Code
	for _, f := range findings {
		if f.Code == v.want || !slices.Contains(symptoms, f.Code) {
			causes = append(causes, f.Code)
		}
		if f.Evidence == "" || f.Advice == "" || strings.Contains(f.Evidence, "%!") || strings.Contains(f.Evidence, "NaN times") {
			t.Errorf("%s: %s: evidence %q, advice %q", v.name, f.Code, f.Evidence, f.Advice)
		}
	}
	few := *record
	few.Asked = 1000
	less, err := inspect.Diagnose(context.Background(), &few)
	if err != nil {
		t.Fatal(err)
	}
	if got := codesOf(less); !slices.Equal(got, codes) {
		t.Errorf("%s: by a thousand samples: got %v, want %v", v.name, got, codes)
	}
	for _, wrong := range misplaced(findings, record) {
		t.Errorf("%s: %s", v.name, wrong)
	}
	t.Logf("%-28s %s\n    %s", v.name, strings.Join(codes, ", "), inspect.Facts(record))
	if len(causes) == 0 || causes[0] != v.want && !(v.want == inspect.Healthy && slices.Contains(v.also, causes[0])) {
		t.Errorf("%s: got %v, want %s first among the causes\n%s", v.name, codes, v.want, words(findings))
		return
	}
	for _, c := range causes[1:] {
		if c != v.want && !slices.Contains(v.also, c) {
			t.Errorf("%s: got %v, want %s, and beside it nothing but %v\n%s", v.name, codes, v.want, v.also, words(findings))
		}
	}
}

// misplaced are findings that name no layer of the model where they speak of one, or another one than their evidence, or one where they are of the whole.
func misplaced(findings []inspect.Finding, r *inspect.Record) (wrong []string) {
	named := []inspect.Code{inspect.Vanishing, inspect.RateTooHigh, inspect.DeadUnits, inspect.SaturatedUnits, inspect.Exploding, inspect.SymmetricWeights, inspect.HighDecay, inspect.TooSmall}
	of := append([]inspect.Code{inspect.HighDropout, inspect.LaggingMoments, inspect.LastActivation}, named...) // a layer
	for _, f := range findings {
		there := slices.ContainsFunc(r.Model.Layers(), func(l graph.LayerInfo) bool { return l.Name == f.Layer })
		if there != slices.Contains(of, f.Code) && f.Code != inspect.NotFinite || // which may begin in the loss
			there && slices.Contains(named, f.Code) && !strings.Contains(f.Evidence, f.Layer) || !there && f.Layer != "" {
			wrong = append(wrong, fmt.Sprintf("%s: got the layer %q: %s", f.Code, f.Layer, f.Evidence))
		}
	}
	return wrong
}

func codesOf(findings []inspect.Finding) (codes []string) {
	for _, f := range findings {
		codes = append(codes, string(f.Code))
	}
	return codes
}

func words(findings []inspect.Finding) string {
	var s strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&s, "  %s %s: %s\n", f.Severity, f.Code, f.Evidence)
	}
	return s.String()
}

// short are small networks with the same troubles, for every day.
var short = []variation{
	{of: "mse", want: inspect.StarvingLoss},
	{of: "cross-entropy", want: inspect.StillLearning},
	{of: "batch-10000", want: inspect.TooFewUpdates},
	{of: "deep-sigmoid", change: width(40, 9), want: inspect.Vanishing},
	{of: "relu", want: inspect.Healthy},
	{of: "raw-pixels", want: inspect.UnscaledInputs, also: []inspect.Code{inspect.StarvingLoss, inspect.DeadUnits, inspect.Exploding, inspect.RateTooHigh}},
	{of: "adam", want: inspect.Healthy},
	{of: "noise", want: inspect.ShiftedTest},
	{of: "dropout", change: func(e *models.Experiment) { e.Dropout = .3 }, want: inspect.ShiftedTest},
	{name: "small batches", of: "adam", change: func(e *models.Experiment) { e.BatchSize, e.Epochs, e.LearningRate = 4, 2, .0005; width(20, 1)(e) }, want: inspect.Healthy, also: []inspect.Code{inspect.BatchTooSmall}},
	{name: "rate 1e-5", of: "relu", change: rate(1e-5), want: inspect.RateTooLow},
	{name: "adam, rate 0.5", of: "adam", change: rate(.5), want: inspect.RateTooHigh, also: []inspect.Code{inspect.DeadUnits, inspect.Exploding}},
	{name: "adam, sigmoid, rate 1", of: "adam", change: func(e *models.Experiment) { e.Activation, e.LearningRate = layers.Sigmoid, 1 }, want: inspect.RateTooHigh, also: []inspect.Code{inspect.SaturatedUnits}},
	{name: "raw pixels, linear", of: "relu", change: func(e *models.Experiment) { e.Activation, e.Scale = layers.Linear, 1 }, want: inspect.UnscaledInputs, also: []inspect.Code{inspect.RateTooHigh, inspect.Exploding}},
	{name: "six sigmoid layers", of: "deep-sigmoid", change: width(40, 6), want: inspect.Vanishing},
	{name: "200 samples", of: "adam", change: func(e *models.Experiment) { e.TrainSamples, e.BatchSize, e.Epochs = 200, 10, 25 }, want: inspect.Overfitting},
}

func TestDiagnosis(t *testing.T) {
	trainSet, testSet, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if testSet, err = testSet.Slice(0, 2000); err != nil {
		t.Fatal(err)
	}
	for _, v := range short {
		e, err := models.Find(v.of)
		if err != nil {
			t.Fatal(err)
		}
		e.Hidden, e.Epochs = []int{40, 40}, 6
		judge(t, v, e, trainSet, testSet)
	}
}

func TestDiagnosisCampaign(t *testing.T) {
	if !*campaign {
		t.Skip("run with -campaign; TestDiagnosis is the short form")
	}
	for _, v := range slices.Concat(eleven, others) {
		name := v.name
		if name == "" {
			name = v.of
		}
		if !strings.Contains(name, *only) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			trainSet, testSet, err := datasets.MNIST()
			if v.fashion {
				if _, err := os.Stat(*fashion); *fashion == "" || err != nil {
					t.Fatalf("-fashion %q: want the folder of Fashion-MNIST (%v)", *fashion, err)
				}
				trainSet, testSet, err = datasets.Load(*fashion)
			}
			if err != nil {
				t.Fatal(err)
			}
			e, err := models.Find(v.of)
			if err != nil {
				t.Fatal(err)
			}
			if v.fashion {
				e.TrainSamples = 10000
			}
			judge(t, v, e, trainSet, testSet)
		})
	}
}
