package onnx

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// What PyTorch exported goes on as it does there: the losses of 20 further steps, on a batch of numbers that the script makes, too, are PyTorch's, in float64 to the last digits, which shows that what float32 is off
// is rounding. Adam's epsilon is PyTorch's.
func TestTrainsAsPyTorchDoes(t *testing.T) {
	content, err := os.ReadFile("testdata/import/training.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string][]float64
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 {
		t.Fatalf("got %d networks, want a LeNet and one with batch normalisation", len(all))
	}
	const samples = 16
	for name, runs := range all {
		for words, want := range runs {
			m, about := imported1(t, "testdata/import/training_"+name+".onnx")
			in := about.Inputs[0]
			words, wide := strings.CutSuffix(words, " float64")
			most := 1e-5
			if wide {
				m, most = m.Float64(), 1e-9
			}
			if strings.HasPrefix(words, "adam") {
				words += " epsilon=1e-8"
			}
			x := make([]float64, samples*m.Inputs()[0].Shape.TotalSize())
			for i := range x {
				x[i] = float64((i*7919+104729)%257)/257 - .5
			}
			lies := append([]int{samples}, in.Shape...)
			floats := make([]float32, len(x))
			for i, v := range moved(x, lies, in.Axes) {
				floats[i] = float32(v)
			}
			classes, names := make([]int32, samples), make([]string, 10)
			for i := range classes {
				classes[i] = int32((3*i + 1) % 10)
			}
			for i := range names {
				names[i] = string(rune('a' + i))
			}
			data, err := datasets.NewArrays(name, []datasets.Array{{Name: "x", Shape: m.Inputs()[0].Shape, Floats: floats}}, []datasets.Array{{Name: "class", IDs: classes}})
			if err != nil {
				t.Fatal(err)
			}
			if data, err = data.WithClasses(names); err != nil {
				t.Fatal(err)
			}
			o, err := optim.New(words, 0)
			if err != nil {
				t.Fatal(err)
			}
			var got []float64
			each := train.ObserverFunc("losses", func(e *train.Event) error {
				if e.Moment == train.Step {
					got = append(got, e.Loss)
				}
				return nil
			})
			if _, err := train.Fit(t.Context(), m, data, train.Config{Loss: losses.CrossEntropy{}, Optimizer: o, BatchSize: samples, Epochs: len(want), Observers: []train.Observer{each}}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			worst := 0.
			for i := range want {
				worst = max(worst, math.Abs(got[i]-want[i]))
			}
			if !(worst <= most) || want[len(want)-1] > want[0]-.01 {
				t.Errorf("%s, %s: %.2g off PyTorch: got %.6v, want %.6v", name, words, worst, got, want)
			}
			t.Logf("%s, %s, float64 %v: losses from %.4f to %.4f, at most %.1e off PyTorch's", name, words, wide, want[0], want[len(want)-1], worst)
		}
	}
}
