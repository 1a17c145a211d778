package look

import (
	"reflect"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// learnt is a small network of an experiment that has learnt some digits.
func learnt(t *testing.T, name string, how func(*models.Experiment)) *Subject {
	t.Helper()
	e := experiment(t, name)
	e.Hidden, e.TrainSamples, e.Epochs = []int{64}, 2000, 5
	if how != nil {
		how(&e)
	}
	s := untrained(t, e)
	config, err := e.Config(models.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.Fit(t.Context(), s.Model, s.Fit, config); err != nil {
		t.Fatal(err)
	}
	return s
}

// A digit of the test set that is drawn is seen as it is, and all of them are answered.
func TestTestDigitsDrawn(t *testing.T) {
	s := learnt(t, "adam", nil)
	same := 0
	for i := range 300 {
		one, err := SampleOf(s, "test", i)
		if err != nil {
			t.Fatal(err)
		}
		drawing, _, err := Predict(s, Question{Pixels: pixelsOf(one.Picture)})
		if err != nil || drawing.Refused != nil {
			t.Fatalf("digit %d: refused %v, %v", i, drawing.Refused, err)
		}
		itself, _, err := Predict(s, Question{Sample: &i})
		if err != nil || itself.Refused != nil {
			t.Fatalf("digit %d: refused %v, %v", i, itself.Refused, err)
		}
		if reflect.DeepEqual(drawing, itself) {
			same++
		}
		if *drawing.Winner != *itself.Winner {
			t.Errorf("digit %d is taken for %d, drawn for %d", i, *itself.Winner, *drawing.Winner)
		}
	}
	if same < 290 {
		t.Errorf("%d of 300 are seen as they are", same)
	}
}

// pixelsOf are a picture's, from 0 to 255.
func pixelsOf(p *Picture) []float32 {
	all := make([]float32, len(p.Data))
	for i, v := range p.Data {
		all[i] = float32(v)
	}
	return all
}
