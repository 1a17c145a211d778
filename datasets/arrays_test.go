package datasets

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

// small is three samples with two inputs and two targets.
func smallArrays(t *testing.T) *Arrays {
	t.Helper()
	a, err := NewArrays("small",
		[]Array{{Name: "x", Shape: []int{2, 1}, Floats: []float32{0, 1, 10, 11, 20, 21}}, {Name: "word", IDs: []int32{7, 8, 9}}},
		[]Array{{Name: "class", Shape: []int{2}, IDs: []int32{0, 1, -1, 2, 1, 1}}, {Name: "price", Floats: []float32{.5, 1.5, 2.5}}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestArraysRead(t *testing.T) {
	a := smallArrays(t)
	weighted, err := a.Weighted([]float64{0, 2, .25})
	if err != nil {
		t.Fatal(err)
	}
	info := weighted.Info()
	if weighted.Len() != 3 || info.Name != "small" || !slices.Equal(info.Shape(), []int{2, 1}) || info.Inputs[0].Size() != 2 || !info.Inputs[1].IDs || info.Inputs[1].Size() != 1 || info.Classes != nil {
		t.Errorf("info %+v", info)
	}
	b := Batch{Inputs: make([]Values, 2), Targets: make([]Values, 2), Weights: []float64{1, 1, 1, 1}}
	b.Inputs[0].Floats, b.Inputs[1].IDs = make([]float32, 8), make([]int32, 4)
	b.Targets[0].IDs, b.Targets[1].Floats = make([]int32, 8), make([]float32, 4)
	if err := weighted.Read(b, []int{2, 0, 2, 1}, Draw{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Inputs[0].Floats, []float32{20, 21, 0, 1, 20, 21, 10, 11}) || !slices.Equal(b.Inputs[1].IDs, []int32{9, 7, 9, 8}) ||
		!slices.Equal(b.Targets[0].IDs, []int32{1, 1, 0, 1, 1, 1, -1, 2}) || !slices.Equal(b.Targets[1].Floats, []float32{2.5, .5, 2.5, 1.5}) ||
		!slices.Equal(b.Weights, []float64{.25, 0, .25, 2}) {
		t.Errorf("got %+v", b)
	}

	// What is not wanted is left alone, and without weights they stay what they are.
	few := Batch{Inputs: []Values{{}, {IDs: []int32{0}}}, Weights: []float64{1}}
	if err := a.Read(few, []int{1}, Draw{}); err != nil || few.Inputs[1].IDs[0] != 8 || few.Weights[0] != 1 {
		t.Errorf("got %+v, %v", few, err)
	}
	if n := testing.AllocsPerRun(20, func() { weighted.Read(b, []int{2, 0, 2, 1}, Draw{}) }); n > 0 {
		t.Errorf("%v allocations a reading, want none", n)
	}
	var all sync.WaitGroup
	for row := range 3 {
		all.Go(func() {
			one := Batch{Targets: []Values{{}, {Floats: make([]float32, 1)}}}
			for range 100 {
				if err := weighted.Read(one, []int{row}, Draw{}); err != nil || one.Targets[1].Floats[0] != float32(row)+.5 {
					t.Errorf("row %d: %v, %v", row, one.Targets[1].Floats, err)
				}
			}
		})
	}
	all.Wait()
}

// TestReadRefuses: rows that there are not, and room that does not fit, are errors of every Data here.
func TestReadRefuses(t *testing.T) {
	d, err := New("points", []int{2}, []float32{1, 2, 3, 4, 5, 6}, []int{0, 1, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := func(n int) []Values { return []Values{{Floats: make([]float32, n)}} }
	for _, data := range []Data{d, smallArrays(t)} {
		name := data.Info().Name
		for want, c := range map[string]struct {
			b    Batch
			rows []int
		}{
			"got row 3, want 0 to 2":                                    {Batch{Inputs: x(2)}, []int{3}},
			"got row -1, want 0 to 2":                                   {Batch{}, []int{0, -1}},
			`field "x": got room for 3 floats and 0 ids, want 4 floats`: {Batch{Inputs: x(3)}, []int{0, 1}},
			`field "x": got room for 0 floats and 4 ids, want 4 floats`: {Batch{Inputs: []Values{{IDs: make([]int32, 4)}}}, []int{0, 1}},
			`field "class": got room for 2 floats`:                      {Batch{Targets: x(2)}, []int{0, 1}},
			"got room for 3 inputs":                                     {Batch{Inputs: make([]Values, 3)}, []int{0}},
			"got room for 0 inputs, 3 targets":                          {Batch{Targets: make([]Values, 3)}, []int{0}},
			"1 weights of 2 samples":                                    {Batch{Weights: []float64{1}}, []int{0, 1}},
		} {
			if err := data.Read(c.b, c.rows, Draw{}); err == nil || !strings.HasPrefix(err.Error(), "datasets: "+name+": ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got error %v, want one with %q", name, err, want)
			}
		}
	}
}

func TestArraysRefused(t *testing.T) {
	x := Array{Name: "x", Shape: []int{2}, Floats: make([]float32, 6)}
	nan := Array{Name: "x", Shape: []int{2}, Floats: []float32{0, 0, 0, float32(math.NaN())}}
	for i, c := range []struct {
		inputs, targets []Array
		want            string
	}{
		{nil, nil, "got no inputs, want at least one array"},
		{[]Array{{Name: "x"}}, nil, `array "x": got 0 floats and 0 ids, want one of them, and at least one sample`},
		{[]Array{{Name: "x", Floats: []float32{1}, IDs: []int32{1}}}, nil, "got 1 floats and 1 ids, want one of them"},
		{[]Array{{Name: "x", Floats: []float32{}}}, nil, "at least one sample"},
		{[]Array{{Name: "x", Shape: []int{4}, Floats: make([]float32, 6)}}, nil, "got 6 values of shape [4], want a whole number of samples of 4 values"},
		{[]Array{{Name: "x", Shape: []int{2, 0}, Floats: make([]float32, 6)}}, nil, "want every dimension at least 1"},
		{[]Array{{Name: "x", Shape: []int{1 << 40, 1 << 40}, Floats: make([]float32, 6)}}, nil, "want every dimension at least 1"},
		{[]Array{x, x}, nil, `array "x": got the name of another input, want one of its own: models find them by name`},
		{[]Array{x}, []Array{{Name: "y", Floats: make([]float32, 2)}}, `array "y": got 2 samples, want 3 as in the first array`},
		{[]Array{x}, []Array{{Name: "y", Floats: make([]float32, 3)}, {Name: "y", IDs: make([]int32, 3)}}, `array "y": got the name of another target`},
		{[]Array{nan}, nil, `array "x": value 1 of sample 1 is NaN, want finite numbers; clean the data first`},
	} {
		if a, err := NewArrays("data", c.inputs, c.targets); err == nil || a != nil || !strings.HasPrefix(err.Error(), "datasets: data: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("case %d: got error %v, want one with %q", i, err, c.want)
		}
	}
	// An input and a target may share a name, and there may be no target.
	if _, err := NewArrays("same", []Array{x}, []Array{x}); err != nil {
		t.Error(err)
	}
	if _, err := NewArrays("no targets", []Array{x}, nil); err != nil {
		t.Error(err)
	}

	a := smallArrays(t)
	for want, weights := range map[string][]float64{
		"got 2 weights for 3 samples, want one for each":       {1, 1},
		"weight 1 is -1, want a finite number of at least 0":   {1, -1, 1},
		"weight 2 is NaN, want a finite number of at least 0":  {1, 1, math.NaN()},
		"weight 0 is +Inf, want a finite number of at least 0": {math.Inf(1), 1, 1},
		"every weight is 0, want some samples to count":        {0, 0, 0},
	} {
		if _, err := a.Weighted(weights); err == nil || err.Error() != "datasets: small: "+want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	numbers, err := NewArrays("numbers", []Array{x}, []Array{x})
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func() (*Arrays, error){
		"datasets: small: class 2 at place 3, want 0 to 1, or -1 to ignore the place; number the classes from 0": func() (*Arrays, error) { return a.WithClasses([]string{"no", "yes"}) },
		"datasets: small: got no class names, want one for each class":                                           func() (*Arrays, error) { return a.WithClasses(nil) },
		"datasets: numbers: got class names for a first target that is not of ids, want ids: Array.IDs":          func() (*Arrays, error) { return numbers.WithClasses([]string{"a"}) },
	} {
		if _, err := f(); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	names := []string{"no", "yes", "maybe"}
	named, err := a.WithClasses(names)
	if err != nil {
		t.Fatal(err)
	}
	names[0] = "spoilt"
	if !slices.Equal(named.Info().Classes, []string{"no", "yes", "maybe"}) || a.Info().Classes != nil {
		t.Errorf("classes %v and %v", named.Info().Classes, a.Info().Classes)
	}
}

// TestDatasetIsData: a Dataset reads as its own methods do, transforms and all.
func TestDatasetIsData(t *testing.T) {
	d, err := New("points", []int{2}, []float32{1, 2, 3, 4, 5, 6}, []int{0, 1, 1}, []string{"low", "high"})
	if err != nil {
		t.Fatal(err)
	}
	d, err = d.Scaled(.5).WithNoise(1, 3).Slice(1, 3)
	if err != nil {
		t.Fatal(err)
	}
	info := d.Info()
	if len(info.Inputs) != 1 || !slices.Equal(info.Shape(), []int{2}) || len(info.Targets) != 1 || !info.Targets[0].IDs || info.Targets[0].Size() != 1 || !slices.Equal(info.Classes, []string{"low", "high"}) {
		t.Errorf("info %+v", info)
	}
	want := make([]float32, 4)
	d.Fill(want, []int{1, 0})
	b := Batch{Inputs: []Values{{Floats: make([]float32, 4)}}, Targets: []Values{{IDs: make([]int32, 2)}}, Weights: []float64{1, 1}}
	for _, draw := range []Draw{{}, {Seed: 5, Epoch: 2, Training: true}} {
		if err := d.Read(b, []int{1, 0}, draw); err != nil || !slices.Equal(b.Inputs[0].Floats, want) || !slices.Equal(b.Targets[0].IDs, []int32{1, 1}) || b.Weights[0] != 1 {
			t.Errorf("got %+v, %v, want %v", b, err, want)
		}
	}
}
