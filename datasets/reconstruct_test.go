package datasets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// TestReconstruct: the target is the input, or the clean one of the same row, however much of a batch is wanted.
func TestReconstruct(t *testing.T) {
	set, err := datasets.New("rows", []int{2}, []float32{1, 2, 3, 4, 5, 6}, []int{0, 1, 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	noisy := set.WithNoise(1, 3)
	for name, c := range map[string]struct{ data, clean datasets.Data }{"own": {set, nil}, "noisy": {noisy, set}, "nothing of clean": {noisy, (*datasets.Dataset)(nil)}} {
		d, err := datasets.Reconstruct(c.data, c.clean)
		if err != nil {
			t.Fatal(name, err)
		}
		if info := d.Info(); d.Len() != 3 || info.Classes != nil || len(info.Targets) != 1 || info.Targets[0].IDs || !slices.Equal(info.Targets[0].Shape, []int{2}) {
			t.Errorf("%s: %d samples of %+v", name, d.Len(), info)
		}
		x, want := make([]float32, 4), make([]float32, 4)
		c.data.(*datasets.Dataset).Fill(x, []int{2, 0})
		if copy(want, x); name == "noisy" {
			copy(want, []float32{5, 6, 1, 2})
		}
		input, target, alone := make([]float32, 4), make([]float32, 4), make([]float32, 4)
		weights := []float64{1, 1}
		if err := d.Read(datasets.Batch{Inputs: []datasets.Values{{Floats: input}}, Targets: []datasets.Values{{Floats: target}}, Weights: weights}, []int{2, 0}, datasets.Draw{}); err != nil {
			t.Fatal(name, err)
		}
		if err := d.Read(datasets.Batch{Targets: []datasets.Values{{Floats: alone}}}, []int{2, 0}, datasets.Draw{}); err != nil {
			t.Fatal(name, err)
		}
		if !slices.Equal(input, x) || !slices.Equal(target, want) || !slices.Equal(alone, want) || weights[0] != 1 {
			t.Errorf("%s: read %v → %v (alone %v), want %v → %v", name, input, target, alone, x, want)
		}
		if err := d.Read(datasets.Batch{}, []int{3}, datasets.Draw{}); err == nil {
			t.Errorf("%s: row 3 of 3: no error", name)
		}
	}
	few, err := set.Slice(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	words, err := datasets.NewArrays("ids", []datasets.Array{{Name: "x", Shape: []int{2}, IDs: []int32{1, 2}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]struct{ data, clean datasets.Data }{
		"got no data": {nil, set}, "one of numbers": {words, nil}, "the same samples twice": {set, few},
	} {
		if _, err := datasets.Reconstruct(c.data, c.clean); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
