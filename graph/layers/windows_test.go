package layers_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// A window is one case of testdata/windows_torch.json or windows_keras.json, which the scripts beside them made.
type window struct {
	Text   string
	Shape  []int
	X      []float64
	Params [][]float64
	Y, T   []float64
	Loss   float64
	Grads  [][]float64 // of x and the parameters
}

// shift adds a vector that begins at 0: what stands before it has a gradient.
var shift = graph.LayerFunc("shift", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.AddRow(x, b.Param("by", graph.Zeros, graph.Features(x))))
})

// TestWindows holds convolutions and poolings against PyTorch and Keras: values, loss, and gradients of x and the parameters.
func TestWindows(t *testing.T) {
	seen := map[string]bool{}
	for _, from := range []string{"torch", "keras"} {
		data, err := os.ReadFile("testdata/windows_" + from + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Cases []window }
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		for _, c := range all.Cases {
			word, _, _ := strings.Cut(c.Text, " ")
			seen[word] = true
			t.Run(from+" "+c.Text, func(t *testing.T) { c.check(t, false, 1e-5); c.check(t, true, 1e-9) })
		}
	}
	for _, word := range []string{"conv", "conv1d", "depthwise", "convtranspose", "convtranspose1d", "maxpool", "maxpool1d", "globalmaxpool", "avgpool", "avgpool1d", "globalavgpool", "upsample", "upsample1d"} {
		if !seen[word] {
			t.Errorf("%s: got no golden", word)
		}
	}
}

func (c window) check(t *testing.T, double bool, tolerance float64) {
	t.Helper()
	all, err := layers.Parse(c.Text + ", flatten")
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(c.Shape[1:]...), Float64: double}, append([]graph.Layer{shift}, all...)...)
	if err != nil {
		t.Fatal(err)
	}
	params := m.Params()[1:]
	if len(params) != len(c.Params) {
		t.Fatalf("got %d parameters, want %d", len(params), len(c.Params))
	}
	for i, p := range params {
		if p.Value.Shape().TotalSize() != len(c.Params[i]) {
			t.Fatalf("%s: got shape %v, want %d numbers", p.Name, p.Value.Shape(), len(c.Params[i]))
		}
		put(p.Value, c.Params[i])
	}
	for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
		p, err := m.Compile(graph.Spec{Mode: mode, Batch: c.Shape[0], Loss: losses.MSE{}, Inspect: mode == graph.Train})
		if err != nil {
			t.Fatal(err)
		}
		put(p.X(), c.X)
		put(p.Y(), c.T)
		for range 2 {
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
		}
		near(t, "loss", []float64{p.Loss()}, []float64{c.Loss}, tolerance)
		near(t, "output", numbers(p.Output()), c.Y, tolerance)
		if mode != graph.Train {
			continue
		}
		near(t, "gradient of x", numbers(p.Recordings()[0].Grad), c.Grads[0], tolerance)
		for i, g := range p.Grads()[1:] {
			v, err := g.Grad()
			if err != nil {
				t.Fatal(err)
			}
			near(t, "gradient of "+params[i].Name, numbers(v.(*tensor.Dense)), c.Grads[i+1], tolerance)
		}
	}
}

func put(t *tensor.Dense, values []float64) {
	if t.Dtype() == tensor.Float64 {
		copy(t.Float64s(), values)
		return
	}
	for i, v := range values {
		t.Float32s()[i] = float32(v)
	}
}

func numbers(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return slices.Clone(t.Float64s())
	}
	var wide []float64
	for _, v := range t.Float32s() {
		wide = append(wide, float64(v))
	}
	return wide
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*math.Max(1, math.Abs(want[i]))) {
			t.Errorf("%s: got %v at %d, want %v", what, got[i], i, want[i])
			return
		}
	}
}

// TestWindowErrors has what the layers refuse, each with its name and the shape that it got.
func TestWindowErrors(t *testing.T) {
	for _, c := range []struct {
		text  string
		shape []int
		want  string
	}{
		{"conv 0", []int{8, 8, 2}, "conv_1, input of shape (2, 8, 8, 2): got Filters 0, want at least 1"},
		{"conv 3", []int{8}, "want an image, [batch,rows,columns] or [batch,rows,columns,channels]"},
		{"conv 3", []int{2, 8, 8, 2}, "want an image"},
		{"conv1d 3", []int{8, 8, 2}, "want a sequence, [batch,time,features]"},
		{"conv 3 3x3x3", []int{8, 8}, "got Size [3 3 3], want one number, or one for rows and one for columns"},
		{"conv1d 3 3x3", []int{8, 8}, "got Size [3 3], want one number"},
		{"conv 3 0", []int{8, 8}, "got Size [0], want at least 1"},
		{"conv 3 3 stride=0", []int{8, 8}, "got Stride [0], want at least 1"},
		{"conv 3 3 dilation=2x0", []int{8, 8}, "got Dilation [2 0], want at least 1"},
		{"conv 3 5 dilation=2", []int{8, 8}, "got a window of 9 places on 8"},
		{"conv 3 9", []int{8, 9}, "axis 1 of (2, 8, 9, 1): got a window of 9 places on 8, with padding 8, want one that fits"},
		{"conv 3 3 groups=2", []int{8, 8, 4}, "got Groups 2 for 4 channels and 3 filters, want one that divides both"},
		{"conv 3 3 groups=3", []int{8, 8, 4}, "got Groups 3 for 4 channels and 3 filters, want one that divides both"},
		{"conv 3 3 groups=-1", []int{8, 8, 4}, "got Groups -1"},
		{"depthwise multiplier=-1", []int{8, 8, 4}, "got Multiplier -1, want at least 1"},
		{"convtranspose 0", []int{8, 8, 4}, "got Filters 0"},
		{"convtranspose 1 3 padding=9", []int{3, 3}, "got Padding 9 for an output of 5 places, want less, so that some are left"},
		{"maxpool 9", []int{8, 8}, "max pool: axis 1 of (2, 8, 8, 1): got a window of 9 places on 8"},
		{"maxpool 2 padding=2", []int{8, 8}, "window 0 lies on padding alone"},
		{"avgpool1d 2", []int{8}, "want a sequence"},
		{"globalavgpool", []int{8}, "global average pool: got shape (2, 8), want [batch,…,channels]"},
		{"upsample 0", []int{8, 8}, "got Factor [0], want at least 1"},
		{"upsample1d 2x2", []int{8, 8}, "got Factor [2 2], want one number"},
		{"conv 99999999999", []int{8, 8}, "conv_1"},
	} {
		all, err := layers.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if _, err = graph.NewModel(graph.Config{Input: graph.Floats(c.shape...)}, all...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s on %v: got %v, want an error that says %s", c.text, c.shape, err, c.want)
		}
	}
	for _, l := range []graph.Layer{
		layers.Conv{Filters: 1, Window: layers.Window{Padding: layers.Pad()}}, layers.MaxPool{Window: layers.Window{Padding: layers.Pad(1, 2, 3)}},
		layers.Conv{Filters: 1, Window: layers.Window{Padding: layers.Pad(-1)}}, layers.ConvTranspose{Filters: 1, Window: layers.Window{Padding: layers.Pad(0, -3)}},
	} {
		if _, err := graph.NewModel(graph.Config{Input: graph.Floats(8, 8)}, l); err == nil || !strings.Contains(err.Error(), "want layers.Same, layers.Valid, or layers.Pad of one or two numbers of at least 0") {
			t.Errorf("%#v: got %v", l, err)
		}
	}
}

// TestPaddingText: what is not a padding is said.
func TestPaddingText(t *testing.T) {
	for _, bad := range []string{"full", "-1", "1x", "1x2x3", "", "x", "1.5"} {
		var p layers.Padding
		if err := p.UnmarshalText([]byte(bad)); err == nil || !strings.Contains(err.Error(), "want same, valid, a number, or two as 1x2") {
			t.Errorf("%q: got %v, %v", bad, p, err)
		}
	}
	for _, c := range []struct{ text, back string }{
		{"conv 3 valid", "conv 3"}, {"conv 3 padding=0", "conv 3"}, {"conv 3 padding=1x1", "conv 3 padding=1"}, {"conv 3 padding=0x2", "conv 3 padding=0x2"},
		{"conv 64 3x3 relu stride=2 padding=same", "conv 64 3x3 stride=2 same relu"}, {"maxpool 3 2", "maxpool 3 stride=2"}, {"conv stride=2 3 3", "conv 3 3 stride=2"},
		{"conv 3 5 1 1 1 1", "conv 3 5 stride=1 padding=1 dilation=1 groups=1"}, {"conv 3 dilation=2 tanh he-normal bias=ones", "conv 3 dilation=2 tanh he-normal bias=ones"},
	} {
		all, err := layers.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got, err := layers.Format(all...); got != c.back {
			t.Errorf("%s: got %q, %v back, want %q", c.text, got, err, c.back)
		}
	}
}

// TestKernelsBegin: the first weights of a kernel have the deviation that Keras' have, √(2/(fan-in + fan-out)) with every tap counted on both sides.
func TestKernelsBegin(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"conv 64 5x3", math.Sqrt(2. / (15*32 + 15*64))},
		{"conv1d 64 5", math.Sqrt(2. / (5*32 + 5*64))},
		{"convtranspose 64 5x3", math.Sqrt(2. / (15*32 + 15*64))},
		{"depthwise 5x3 multiplier=8", math.Sqrt(2. / (15*32 + 15*8))},
		{"conv 64 5x3 he-normal", math.Sqrt(2. / (15 * 32))},
	} {
		all, err := layers.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		shape := []int{9, 9, 32}
		if strings.HasPrefix(c.text, "conv1d") {
			shape = shape[1:]
		}
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(shape...), Seed: 3}, all...)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		w := m.Params()[0].Value.Float32s()
		for _, v := range w {
			sum += float64(v) * float64(v)
		}
		if got := math.Sqrt(sum / float64(len(w))); math.Abs(got/c.want-1) > .02 {
			t.Errorf("%s: got weights of deviation %v, want %v", c.text, got, c.want)
		}
	}
}
