package figure

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
)

// snapshot is of two layers that learn, their gradients of these norms, with one between that does not.
func snapshot(step uint64, first, second float64) *inspect.Snapshot {
	layer := func(name string, norm float64) inspect.Layer {
		return inspect.Layer{Name: name, Params: []inspect.Param{{Grad: inspect.Array{Stats: inspect.Stats{Norm: norm}}}}}
	}
	return &inspect.Snapshot{Step: step, Layers: []inspect.Layer{layer("dense_1", first), {Name: "dropout_1"}, layer("dense_2", second)}}
}

// words are the texts that a figure shows for its bars, cells and images when pointed at, and the words that it writes.
func words(t *testing.T, svg string) string {
	t.Helper()
	parse(t, svg)
	return strings.NewReplacer("<title>", "|", "</title>", "|", "\">", "|", "</text>", "|").Replace(svg)
}

func TestGradients(t *testing.T) {
	got := words(t, Gradients("g", []string{"one"}, snapshot(0, .1, 1), snapshot(7, .01, 10)))
	for _, want := range []string{"|one, dense_1: 0.1|", "|one, dense_2: 1|", "|step 7, dense_1: 0.01|", "|step 7, dense_2: 10|"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
	if strings.Contains(got, "dropout") {
		t.Error("a layer that learns nothing has a row")
	}
	parse(t, Gradients("none", nil))
}

func TestGradientFlow(t *testing.T) {
	got := words(t, GradientFlow("g", snapshot(0, .1, 1), snapshot(7, .01, 10), &inspect.Snapshot{Step: 9}))
	for _, want := range []string{"|dense_1, step 0: 0.1|", "|dense_1, step 7: 0.01|", "|dense_2, step 7: 10|"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
	if strings.Contains(got, "step 9:") {
		t.Error("a snapshot without layers has cells")
	}
	if one, want := GradientFlow("g", snapshot(7, 1, 2)), Gradients("g", nil, snapshot(7, 1, 2)); one != want {
		t.Errorf("a single snapshot: got %s, want the bars %s", one, want)
	}
	parse(t, GradientFlow("none"))
}

func TestSamples(t *testing.T) {
	rows := []float32{0, 1, 2, 3, 9, 9, 9, 9, -1, 0, 0, 1}
	d, err := datasets.New("tiny", []int{2, 2}, rows, []int{0, 1, 0}, []string{"cat", "hippopotamus"})
	if err != nil {
		t.Fatal(err)
	}
	svg, err := Samples("s", 2, d, []int{2, 1}, []int{0, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"|says hippopo…|", "|is cat|", "|says cat|", "|is hippopo…|"} {
		if !strings.Contains(words(t, svg), want) {
			t.Errorf("got %s, want %s in it", svg, want)
		}
	}
	if images := parse(t, svg)["image"]; len(images) != 2 {
		t.Errorf("got %d images, want 2", len(images))
	}
	if svg, err = Samples("s", 2, d, []int{0}, nil); err != nil || strings.Contains(svg, "says") {
		t.Errorf("got %v and %s, want a sample of which nothing is said", err, svg)
	}
	flat, err := datasets.New("flat", []int{4}, rows, []int{0, 1, 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		`data set "flat" has samples of shape [4], want images`: second(Samples("", 1, flat, nil, nil)),
		`got sample 3 of data set "tiny", want 0 to 2`:          second(Samples("", 1, d, []int{3}, nil)),
		"got sample -1":                second(Samples("", 1, d, []int{-1}, nil)),
		"got nothing said of sample 2": second(Samples("", 1, d, []int{2}, []int{0, 0})),
		"got nothing said of sample 0": second(Samples("", 1, d, []int{0}, []int{2, 0, 0})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func second(_ string, err error) error { return err }

func TestWeights(t *testing.T) {
	const units = 30
	wide, narrow := make([]float64, 4*units), make([]float32, 4*units)
	for i := range wide {
		wide[i] = float64(i%units+1) * float64(1-2*(i/units%2)) // unit u has ±(u+1)
		narrow[i] = float32(wide[i])
	}
	var drawn [2]string
	for k, backing := range []any{wide, narrow} {
		svg, err := Weights("w", 6, tensor.New(tensor.WithShape(4, units), tensor.WithBacking(backing)), []int{2, 2})
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		for line := range strings.SplitSeq(words(t, svg), "|") {
			if strings.HasPrefix(line, "unit ") {
				order = append(order, line)
			}
		}
		var want []string
		for u := units; u > units-mostUnits; u-- {
			want = append(want, fmt.Sprint("unit ", u))
		}
		if !slices.Equal(order, want) {
			t.Errorf("%T: got %v, want the largest first: %v", backing, order, want)
		}
		drawn[k] = svg
	}
	if drawn[0] != drawn[1] {
		t.Error("float32 is drawn otherwise than float64")
	}
	matrix := tensor.New(tensor.WithShape(4, units), tensor.WithBacking(narrow))
	for want, err := range map[string]error{
		"for samples of shape [4]":   second(Weights("", 1, matrix, []int{4})),
		"for samples of shape [2 3]": second(Weights("", 1, matrix, []int{2, 3})),
		"got weights of shape (120)": second(Weights("", 1, tensor.New(tensor.WithBacking(narrow)), []int{2, 2})),
		"want float32 or float64":    second(Weights("", 1, tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]int{1, 2, 3, 4})), []int{2, 2})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
