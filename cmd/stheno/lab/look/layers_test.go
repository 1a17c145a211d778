package look

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// shot trains a little, and gives the first snapshot and the last.
func shot(t *testing.T, s *Subject, step uint64) (first, last *inspect.Snapshot) {
	t.Helper()
	recorder := &inspect.Recorder{At: []uint64{0, step - 1}}
	until(t, s, step, recorder)
	return recorder.Snapshots[0], recorder.Snapshots[len(recorder.Snapshots)-1]
}

// What is shown of the layers is what the snapshots have.
func TestLayers(t *testing.T) {
	e := experiment(t, "dropout")
	e.Hidden, e.TrainSamples, e.BatchSize = []int{30, 20}, 200, 50
	s := untrained(t, e)
	first, now := shot(t, s, 6)
	all := Layers(s, now, first)
	if len(all) != len(now.Layers) {
		t.Fatalf("got %d layers", len(all))
	}
	for i, l := range all {
		want, was := now.Layers[i], first.Layers[i]
		if l.Name != want.Name || l.Kind != want.Kind || l.Units != want.Units || l.Activation != histOf(want.Output) || l.First.Activation != histOf(was.Output) {
			t.Errorf("got %+v", l)
		}
		if learns := len(want.Params) > 0; (l.GradNorm != nil) != learns || learns && (float64(*l.GradNorm) != want.GradNorm() || float64(*l.First.GradNorm) != was.GradNorm() || float64(*l.UpdateRatio) != want.Params[0].UpdateRatio()) {
			t.Errorf("%s: got the norm %v, at first %v, the ratio %v", l.Name, l.GradNorm, l.First.GradNorm, l.UpdateRatio)
		}
		if relu := want.Activation == "relu"; (l.Dead != nil) != relu || l.Saturated != nil {
			t.Errorf("%s: got dead %v, saturated %v", l.Name, l.Dead, l.Saturated)
		}
	}
	if first := all[0]; !slices.Equal(first.Draws, []string{"filters"}) || first.Params != 784*30+30 || !slices.Equal(first.Shape, []int{30}) || first.Label != "dense, relu" {
		t.Errorf("got %+v", first)
	}
	var shown []map[string]any
	if err := json.Unmarshal(finite(t, all), &shown); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"name", "kind", "label", "nested", "shape", "params", "units", "grad_norm", "not_finite", "update_ratio", "weight_norm", "saturated", "dead", "activation", "gradient", "first", "draws"} {
		if _, ok := shown[0][name]; !ok || len(shown[0]) != 17 {
			t.Errorf("%q is missing, or there is more: %v", name, shown[0])
		}
	}
	hist, _ := shown[0]["activation"].(map[string]any)
	if counts, _ := hist["counts"].([]any); len(counts) != 20 || len(hist) != 5 {
		t.Errorf("got the histogram %v", hist)
	}
	// A snapshot that saw no step, and one alone.
	alone, err := inspect.TakeNext(s.Model, e.Loss, s.Fit, 50, 1, train.Position{})
	if err != nil {
		t.Fatal(err)
	}
	if l := Layers(s, alone, nil)[0]; l.UpdateRatio != nil || l.First.Activation != l.Activation {
		t.Errorf("got %+v", l)
	}
	// A network that ran away has no figures, and its JSON is good.
	for i := range s.Model.Params()[0].Value.Float32s() {
		s.Model.Params()[0].Value.Float32s()[i] = float32(math.Inf(1 - 2*(i%2)))
	}
	if alone, err = inspect.TakeNext(s.Model, e.Loss, s.Fit, 50, 1, train.Position{}); err != nil {
		t.Fatal(err)
	}
	ran := Layers(s, alone, first)
	finite(t, ran)
	if l := ran[len(ran)-1]; !l.NotFinite || l.GradNorm != nil || l.First.GradNorm == nil || ran[0].WeightNorm != nil || all[len(all)-1].NotFinite {
		t.Errorf("got %+v, want no norm", l)
	}
	full, err := LayerOf(s, alone, first, "dense_1", nil)
	if err != nil {
		t.Fatal(err)
	}
	finite(t, full)
}

// A layer in full has the pictures that suit it, of the sample that was asked about, or the first of the test set.
func TestLayerInFull(t *testing.T) {
	for name, of := range map[string]map[string][4]int{ // of each layer: how many filters, maps, heads and times
		"adam":            {"dense_1": {40, 0, 0, 0}, "dense_2": {}},
		"lenet":           {"conv_1": {6, 6, 0, 0}, "avgpool_1": {0, 6, 0, 0}, "conv_2": {64, 16, 0, 0}, "dense_1": {}, "flatten_1": {}},
		"row-lstm":        {"lstm_1": {0, 0, 0, 28}, "dense_1": {}},
		"row-transformer": {"attention_1": {0, 0, 4, 0}, "dense_1": {}},
	} {
		e := experiment(t, name)
		e.TrainSamples, e.BatchSize = 60, 30
		if e.Layers == nil {
			e.Hidden = []int{40, 9}
		}
		s := untrained(t, e)
		first, now := shot(t, s, 2)
		seventh := 7
		_, asked, err := Predict(s, Question{Sample: &seventh})
		if err != nil {
			t.Fatal(err)
		}
		for layer, want := range of {
			got := [2]*FullLayer{}
			for i, b := range []*train.Batch{nil, asked} {
				if got[i], err = LayerOf(s, now, first, layer, b); err != nil {
					t.Fatalf("%s, %s: %v", name, layer, err)
				}
				finite(t, got[i])
			}
			l := got[0]
			times := 0
			if l.Times != nil {
				if times = len(l.Times.Values); l.Times.Picture.Width != times || slices.Max(l.Times.Picture.Data) != 255 {
					t.Errorf("%s: got the picture %+v", layer, l.Times.Picture)
				}
			}
			if n := [4]int{len(l.Filters), len(l.Maps), len(l.Attention), times}; n != want {
				t.Errorf("%s, %s: got %v, want %v", name, layer, n, want)
			}
			for _, p := range slices.Concat(l.Filters, l.Maps, l.Attention) {
				if len(p.Data) != p.Width*p.Height || p.Channels != 1 || p.Name == "" || p.Low > 0 || p.High < 0 {
					t.Errorf("%s, %s: got the picture %+v", name, layer, p)
				}
			}
			for _, pair := range [][2][]*Picture{{l.Maps, got[1].Maps}, {l.Attention, got[1].Attention}} {
				if len(pair[0]) > 0 && string(finite(t, pair[0])) == string(finite(t, pair[1])) {
					t.Errorf("%s, %s: the pictures of two samples are the same", name, layer)
				}
			}
			params := now.Layer(layer).Params
			if len(l.Parameters) != len(params) {
				t.Fatalf("%s, %s: got %d parameters", name, layer, len(l.Parameters))
			}
			for i, p := range l.Parameters {
				if p.Name != params[i].Name || p.Values != histOf(params[i].Value) || float64(*p.GradNorm) != params[i].Grad.Norm {
					t.Errorf("%s, %s: got %+v", name, layer, p)
				}
			}
		}
		if _, err := LayerOf(s, now, first, "dense_77", nil); err == nil || !strings.Contains(err.Error(), "dense_77") {
			t.Errorf("got %v", err)
		}
	}
}

// The attention that is shown is inspect's, and the filters are the weights, the largest first.
func TestPicturesAreTheNumbers(t *testing.T) {
	e := experiment(t, "adam")
	e.Hidden, e.TrainSamples = []int{5}, 100
	s := untrained(t, e)
	_, now := shot(t, s, 1)
	l, err := LayerOf(s, now, nil, "dense_1", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := s.Model.Params()[0].Value.Float32s()
	before := math.Inf(1)
	for _, p := range l.Filters {
		unit := int(p.Name[0] - '1')
		norm := 0.0
		for i, b := range p.Data {
			v := float64(w[i*5+unit])
			norm += v * v
			if shown := float64(p.Low) + float64(b)/255*float64(p.High-p.Low); math.Abs(shown-v) > float64(p.High-p.Low)/500 {
				t.Fatalf("unit %d, pixel %d: shown as %v, it is %v", unit, i, shown, v)
			}
		}
		if norm > before {
			t.Errorf("unit %d is larger than the one before it", unit)
		}
		before = norm
	}
}

// The filters of a convolution over sequences are lines: the weights of each filter and channel from the first time on, the largest first.
func TestLinesAreTheNumbers(t *testing.T) {
	const size, channels, filters = 5, 28, 6
	for _, kind := range []graph.Layer{layers.Conv1D{Filters: filters, Window: layers.Window{Size: []int{size}}}, layers.ConvTranspose1D{Filters: filters, Window: layers.Window{Size: []int{size}}}} {
		e := experiment(t, "relu")
		e.Hidden, e.TrainSamples, e.Layers, e.Input = nil, 100, []graph.Layer{kind, layers.Flatten{}, layers.Dense{Units: 10, Activation: layers.Softmax}}, graph.Floats(28, 28)
		s := untrained(t, e)
		_, now := shot(t, s, 1)
		name := s.Model.Layers()[0].Name
		l, err := LayerOf(s, now, nil, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(l.Draws, []string{"filters"}) || len(l.Filters) != most {
			t.Fatalf("%s: got %d filters, and %v drawn", name, len(l.Filters), l.Draws)
		}
		finite(t, l)
		w := s.Model.Params()[0].Value.Float32s()
		before := math.Inf(1)
		for _, p := range l.Filters {
			var unit, channel int
			if _, err := fmt.Sscanf(p.Name, "%d, %d", &unit, &channel); err != nil || p.Width != size || p.Height != 1 || len(p.Values) != size || len(p.Data) != size {
				t.Fatalf("%s: got %+v", name, p)
			}
			norm := 0.0
			for i, v := range p.Values {
				if want := float64(w[(i*channels+channel-1)*filters+unit-1]); float64(v) != want || v < p.Low || v > p.High {
					t.Fatalf("%s, filter %s, weight %d: got %v of %v to %v, want %v", name, p.Name, i, v, p.Low, p.High, want)
				}
				norm += float64(v * v)
			}
			if norm > before {
				t.Errorf("%s: filter %s is larger than the one before it", name, p.Name)
			}
			before = norm
		}
	}
}

func TestSampleOf(t *testing.T) {
	s := untrained(t, experiment(t, "lenet"))
	for _, set := range []string{"", "test", "train"} {
		one, err := SampleOf(s, set, 4)
		if err != nil || one.Picture.High != 255 || one.Picture.Low != 0 || one.Picture.Width != 28 || *one.Class < 0 || one.Label != s.Fit.Info().Classes[*one.Class] || one.I != 4 {
			t.Errorf("%q: got %+v, %v", set, one, err)
		}
	}
	for _, wrong := range []struct {
		set string
		i   int
	}{{"test", -1}, {"test", 500}, {"held", 0}} {
		if _, err := SampleOf(s, wrong.set, wrong.i); err == nil {
			t.Errorf("%+v: no error", wrong)
		}
	}
	s.Test, s.RawTest = nil, nil
	if _, err := SampleOf(s, "test", 0); err == nil {
		t.Error("no test set: no error")
	}
}

// The ladder is the lecture: all its steps, in order, with its figures, said in both languages.
func TestLadder(t *testing.T) {
	all := Ladder()
	experiments := models.Experiments()
	if len(all) != len(experiments) || len(all) != 11 || len(ladder) != 11 {
		t.Fatalf("got %d steps", len(all))
	}
	for i, s := range all {
		e := experiments[i]
		if s.Name != e.Name || s.Run != nil || s.InBand != nil || s.Band.Collapse != e.Band.Collapse {
			t.Errorf("got %+v", s)
		}
		for _, said := range []Text{s.Title, s.Changes, s.Why} {
			if said.EN == "" || said.ZH == "" || !strings.ContainsFunc(said.ZH, func(r rune) bool { return r > 0x3000 }) && s.Name != "dropout" {
				t.Errorf("%s: got %+v", s.Name, said)
			}
		}
		if i > 0 { // a step says of which it is a change
			of, _, _ := strings.Cut(e.Changes, " ")
			if of = strings.TrimSuffix(of, ","); !strings.Contains(s.Changes.EN, of) || !strings.Contains(s.Changes.ZH, of) {
				t.Errorf("%s: %q does not name %s", s.Name, s.Changes, of)
			}
		}
	}
	text := string(finite(t, all[0]))
	if want := `"lecture":{"train":0.1127,"test":0.1135,"noisy_test":null},"band":{"collapse":true,"train":null,"test":null,"noisy_test":null},"run":null,"result":null,"in_band":null,"short":false}`; !strings.HasSuffix(text, want) {
		t.Errorf("got %s, want %s", text, want)
	}
	if text := string(finite(t, all[5].Band)); text != `{"collapse":false,"train":[0.995,1],"test":[0.945,0.962],"noisy_test":null}` {
		t.Errorf("got %s", text)
	}
}

// TestSaturatedWithin: what a sigmoid puts out at the end may lie at 0 and 1; within it is saturated there.
func TestSaturatedWithin(t *testing.T) {
	e := experiment(t, "mse")
	e.Hidden, e.TrainSamples, e.Layers = nil, 100, []graph.Layer{layers.Dense{Units: 8, Activation: layers.Sigmoid}, layers.Dense{Units: 10, Activation: layers.Sigmoid}}
	s := untrained(t, e)
	now, err := inspect.TakeNext(s.Model, e.Loss, s.Fit, 20, 1, train.Position{})
	if err != nil {
		t.Fatal(err)
	}
	all := Layers(s, now, now)
	if n := len(all); n < 2 || all[0].Saturated == nil || all[n-1].Saturated != nil {
		t.Errorf("got %+v", all)
	}
}

// TestShareOfNoNumbers: where a layer puts out NaN nothing is said of units that are saturated or dead.
func TestShareOfNoNumbers(t *testing.T) {
	e := experiment(t, "mse")
	e.Hidden, e.TrainSamples, e.Layers = nil, 100, []graph.Layer{layers.Dense{Units: 8, Activation: layers.Sigmoid}, layers.Dense{Units: 8, Activation: layers.ReLU}, layers.Dense{Units: 10}}
	s := untrained(t, e)
	for _, broken := range []bool{false, true} {
		if broken {
			s.Model.Params()[0].Value.Float32s()[3] = float32(math.NaN())
		}
		now, err := inspect.TakeNext(s.Model, e.Loss, s.Fit, 20, 1, train.Position{})
		if err != nil {
			t.Fatal(err)
		}
		all := Layers(s, now, now)
		at := slices.IndexFunc(all, func(l Layer) bool { return l.Kind == "dense" })
		if got := all[at : at+2]; (got[0].Saturated == nil) != broken || (got[1].Dead == nil) != broken {
			t.Errorf("broken %v: got %v and %v", broken, got[0].Saturated, got[1].Dead)
		}
	}
}
