package train_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
)

// TestPositionJSON: a position is read as it was written, and as it was written when accuracy was the only metric.
func TestPositionJSON(t *testing.T) {
	for text, want := range map[string]train.Position{
		`{"epoch":1,"batch":2,"step":5,"loss":1.5,"mass":8,"sums":[[3,8],[0.25]],"seen":8}`: {Epoch: 1, Batch: 2, Step: 5, Loss: 1.5, Mass: 8, Sums: [][]float64{{3, 8}, {.25}}, Seen: 8},
		`{"epoch":0,"batch":1,"step":1,"loss":1,"mass":3,"more":[[2.5,2],[0,0]],"seen":4}`:  {Batch: 1, Step: 1, Loss: 1, Mass: 3, More: [][2]float64{{2.5, 2}, {}}, Seen: 4},
		`{"epoch":1,"batch":2,"step":5,"loss":1.5,"correct":3,"seen":8}`:                    {Epoch: 1, Batch: 2, Step: 5, Loss: 1.5, Mass: 8, Sums: [][]float64{{3, 8}}, Seen: 8},
		`{"epoch":2,"batch":0,"step":6,"loss":0,"correct":0,"seen":0}`:                      {Epoch: 2, Step: 6, Sums: [][]float64{{0, 0}}},
	} {
		var p train.Position
		if err := json.Unmarshal([]byte(text), &p); err != nil || !p.Equal(want) {
			t.Errorf("%s: got %+v, %v, want %+v", text, p, err, want)
		}
		written, err := json.Marshal(p)
		var again train.Position
		if err != nil || json.Unmarshal(written, &again) != nil || !again.Equal(p) {
			t.Errorf("%s came back as %s, %v", text, written, err)
		}
	}
	var p train.Position
	if err := json.Unmarshal([]byte(`{"epoch":"one"}`), &p); err == nil {
		t.Error("an epoch that is no number was taken")
	}

	// A run goes on from the old form.
	if err := json.Unmarshal([]byte(`{"epoch":0,"batch":1,"step":1,"loss":8,"correct":1,"seen":4}`), &p); err != nil {
		t.Fatal(err)
	}
	var begin train.Metrics
	fit(t, small(t, 1), blobs(t, 10), train.Config{BatchSize: 4, Start: p, Observers: []train.Observer{at(train.Begin, func(e *train.Event) error { begin = e.Running; return nil })}})
	if begin.Loss != 2 || begin.Accuracy() != .25 {
		t.Errorf("running figures %+v", begin)
	}
}

// TestMetricsJSON: figures come back in their order, one that is no number as null.
func TestMetricsJSON(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		m    train.Metrics
		want string
	}{
		{train.Metrics{Loss: .1, Scores: []train.Score{{"accuracy", .97}, {"auc", nan}, {"mae", 1e-9}}}, `{"loss":0.1,"accuracy":0.97,"auc":null,"mae":1e-9}`},
		{train.Metrics{Loss: nan}, `{"loss":null}`},
		{train.Metrics{Loss: math.Inf(1), Scores: []train.Score{{"one's \"own\"", 2}}}, `{"loss":null,"one's \"own\"":2}`},
	} {
		text, err := json.Marshal(c.m)
		if err != nil || string(text) != c.want {
			t.Errorf("got %s, %v, want %s", text, err, c.want)
			continue
		}
		var back train.Metrics
		if err := json.Unmarshal(text, &back); err != nil {
			t.Error(err)
		}
		if math.IsInf(c.m.Loss, 0) {
			c.m.Loss = nan
		}
		// NaN is not equal to itself, so its text is compared.
		if again, err := json.Marshal(back); err != nil || string(again) != c.want || len(back.Scores) != len(c.m.Scores) {
			t.Errorf("%s came back as %s, %v", text, again, err)
		}
		for i, s := range back.Scores {
			if s.Name != c.m.Scores[i].Name {
				t.Errorf("%s: score %d is %q", text, i, s.Name)
			}
		}
	}
	e := train.Epoch{Epoch: 2, Running: train.Metrics{Loss: 1}, Evaluated: &train.Metrics{Loss: 2, Scores: []train.Score{{"accuracy", .5}}}, Seconds: 3}
	text, err := json.Marshal(e)
	var back train.Epoch
	if err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("%s came back as %+v, %v", text, back, err)
	}
	if m := (train.Metrics{}); !math.IsNaN(m.Accuracy()) || !math.IsNaN(m.Score("auc")) {
		t.Error("a figure that was not measured is a number")
	}
	for _, text := range []string{`[1]`, `{"loss":"low"}`, `{"loss":1`, `{"accuracy":{}}`} {
		if err := json.Unmarshal([]byte(text), new(train.Metrics)); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}
