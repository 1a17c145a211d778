package events

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A point is what a file has at a step under a tag.
type point struct {
	step int64
	tag  string
	kind protowire.Number // the field of Summary.Value that it is in
	data []byte
}

// read takes the event files of a folder apart, checking every record.
func read(t *testing.T, dir string) (points []point, graphs, starts int) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("got files %q, %v, want event files in %s", names, err, dir)
	}
	for _, name := range names {
		all, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for first := true; len(all) > 0; first = false {
			n := binary.LittleEndian.Uint64(all)
			data := all[12 : 12+n]
			if masked(all[:8]) != binary.LittleEndian.Uint32(all[8:]) || masked(data) != binary.LittleEndian.Uint32(all[12+n:]) {
				t.Fatalf("%s: a checksum does not fit", name)
			}
			all = all[16+n:]
			event := fields(t, data)
			if first != (string(event[3]) == "brain.Event:2") {
				t.Fatalf("%s: the version stands elsewhere than in the first record", name)
			}
			step := int64(0)
			if s := event[2]; s != nil {
				u, _ := protowire.ConsumeVarint(s)
				step = int64(u)
			}
			if event[4] != nil {
				graphs++
			}
			if event[7] != nil {
				starts++
			}
			if event[5] == nil {
				continue
			}
			value := fields(t, fields(t, event[5])[1])
			for _, kind := range []protowire.Number{2, 4, 5, 8} {
				if value[kind] != nil {
					points = append(points, point{step, string(value[1]), kind, value[kind]})
				}
			}
		}
	}
	return points, graphs, starts
}

// fields are a message's fields, the last of each number, in their wire form without the tag.
func fields(t *testing.T, m []byte) map[protowire.Number][]byte {
	t.Helper()
	out := map[protowire.Number][]byte{}
	for len(m) > 0 {
		field, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		m = m[n:]
		n = protowire.ConsumeFieldValue(field, kind, m)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		v := m[:n]
		if kind == protowire.BytesType {
			v, _ = protowire.ConsumeBytes(m)
		}
		out[field] = v
		m = m[n:]
	}
	return out
}

func number(p point) float64 {
	v, _ := protowire.ConsumeFixed32(p.data)
	return float64(math.Float32frombits(v))
}

func digits(t *testing.T) (train, test *datasets.Dataset) {
	t.Helper()
	a, b, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if a, err = a.Slice(0, 200); err != nil {
		t.Fatal(err)
	}
	if b, err = b.Slice(0, 100); err != nil {
		t.Fatal(err)
	}
	return a.Scaled(1. / 255), b.Scaled(1. / 255)
}

func network(t *testing.T) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1}, layers.Flatten{}, layers.Residual{layers.Dense{Units: 784, Activation: layers.ReLU}}, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fit trains for so many epochs, from a position on.
func fit(t *testing.T, dir string, m *graph.Model, optimizer optim.Optimizer, epochs int, start train.Position, others ...train.Observer) *train.History {
	t.Helper()
	a, b := digits(t)
	h, err := train.Fit(context.Background(), m, a, train.Config{Optimizer: optimizer, BatchSize: 20, Epochs: epochs, Validation: b, Start: start,
		Observers: append([]train.Observer{&Observer{Dir: dir, Every: 5}}, others...)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// What is written is what the loop had: each figure at its step, as often as it is asked for.
func TestObserverWritesWhatTheLoopHad(t *testing.T) {
	dir := t.TempDir()
	var want []point
	say := func(step uint64, tag string, v float64) {
		want = append(want, point{int64(step), tag, 2, message(nil).Float(2, float32(v))[1:]})
	}
	history := fit(t, dir, network(t), &optim.SGD{LearningRate: .05}, 3, train.Position{}, train.ObserverFunc("witness", func(e *train.Event) error {
		if e.Moment == train.Step && e.Position.Step%5 == 0 {
			say(e.Position.Step, "loss/batch", e.Loss)
			say(e.Position.Step, "learning_rate", .05)
		}
		return nil
	}))
	for _, e := range history.Epochs {
		say(uint64(e.Epoch*10), "loss/epoch", e.Running.Loss)
		say(uint64(e.Epoch*10), "accuracy/epoch", e.Running.Accuracy())
	}
	points, graphs, starts := read(t, dir)
	if graphs != 1 || starts != 0 {
		t.Errorf("got %d graphs and %d starts, want 1 and 0", graphs, starts)
	}
	count := map[string]int{}
	for _, p := range points {
		count[p.tag]++
		if p.kind == 2 && (math.IsNaN(number(p)) || math.IsInf(number(p), 0)) {
			t.Errorf("%s at step %d: got %v", p.tag, p.step, number(p))
		}
	}
	for _, w := range want {
		found := false
		for _, p := range points {
			found = found || p.step == w.step && p.tag == w.tag && string(p.data) == string(w.data)
		}
		if !found {
			t.Errorf("got no %s at step %d that is %v", w.tag, w.step, number(w))
		}
	}
	for tag, n := range map[string]int{"loss/batch": 6, "step_milliseconds": 6, "gradient_norm/dense_1": 6, "gradient_norm/dense_2": 6, "weights/dense_1.weight": 3, "gradients/dense_2.bias": 3,
		"outputs/dense_2": 2, "first_layer": 2, "configuration": 1, experimentTag: 1, sessionStartTag: 1, sessionEndTag: 1} {
		if count[tag] != n {
			t.Errorf("%s: got %d points, want %d", tag, count[tag], n)
		}
	}
	points, _, _ = read(t, filepath.Join(dir, validation))
	for _, e := range history.Epochs {
		found := false
		for _, p := range points {
			found = found || p.tag == "loss/epoch" && p.step == int64(e.Epoch*10) && number(p) == float64(float32(e.Evaluated.Loss))
		}
		if !found {
			t.Errorf("got no loss of the validation set after epoch %d that is %v", e.Epoch, e.Evaluated.Loss)
		}
	}
	count = map[string]int{}
	for _, p := range points {
		count[p.tag]++
	}
	if count["confusion"] != 1 || count["most_wrong"] != 1 {
		t.Errorf("got %d confusions and %d pictures of what is most wrong, want one each", count["confusion"], count["most_wrong"])
	}
}

// The training comes to the same bits with an observer and without.
func TestObserverMovesNothing(t *testing.T) {
	a, _ := digits(t)
	watched, alone := network(t), network(t)
	fit(t, t.TempDir(), watched, &optim.Adam{}, 2, train.Position{})
	if _, err := train.Fit(context.Background(), alone, a, train.Config{Optimizer: &optim.Adam{}, BatchSize: 20, Epochs: 2}); err != nil {
		t.Fatal(err)
	}
	for i, p := range watched.Params() {
		for j, v := range p.Value.Float32s() {
			if w := alone.Params()[i].Value.Float32s()[j]; v != w {
				t.Fatalf("%s[%d]: got %v, want %v", p.Name, j, v, w)
			}
		}
	}
}

// A run that goes on says from where, so that what was written beyond is left out.
func TestObserverGoesOn(t *testing.T) {
	dir := t.TempDir()
	m, o := network(t), &optim.SGD{}
	h := fit(t, dir, m, o, 1, train.Position{})
	fit(t, dir, m, o, 2, h.Position)
	points, _, starts := read(t, dir)
	if starts != 1 {
		t.Errorf("got %d starts, want 1", starts)
	}
	var steps []int64
	for _, p := range points {
		if p.tag == "loss/batch" {
			steps = append(steps, p.step)
		}
	}
	if len(steps) != 4 || steps[0] != 5 || steps[3] != 20 {
		t.Errorf("got a loss at steps %v, want 5, 10, 15, 20", steps)
	}
}

// Samples that are no pictures, targets that are no classes, float64 and weights that run away are all written, or left out, without harm.
func TestObserverOfAnything(t *testing.T) {
	x := make([]float32, 40)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	y := x[:20]
	data, err := datasets.NewArrays("numbers", []datasets.Array{{Name: "x", Shape: []int{2}, Floats: x}}, []datasets.Array{{Name: "y", Shape: []int{1}, Floats: y}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		model func() (*graph.Model, error)
		rate  float64
	}{
		{"regression", func() (*graph.Model, error) {
			return graph.NewModel(graph.Config{Input: graph.Floats(2), Float64: true}, layers.Dense{Units: 3, Activation: layers.Tanh}, layers.Dense{Units: 1})
		}, .01},
		{"diverges", func() (*graph.Model, error) {
			return graph.NewModel(graph.Config{Input: graph.Floats(2)}, layers.Dense{Units: 3}, layers.Dense{Units: 1})
		}, 1e9},
		{"a layer of one's own", func() (*graph.Model, error) {
			return graph.NewModel(graph.Config{Input: graph.Floats(2)}, graph.LayerFunc("mine", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x }), layers.Dense{Units: 1})
		}, .01},
	} {
		m, err := c.model()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		_, err = train.Fit(context.Background(), m, data, train.Config{Loss: losses.MSE{}, Optimizer: &optim.SGD{LearningRate: c.rate}, BatchSize: 4, Epochs: 3, Observers: []train.Observer{&Observer{Dir: dir, Every: 1}}})
		var diverged *train.DivergedError
		if (c.name == "diverges") != errors.As(err, &diverged) || err != nil && diverged == nil {
			t.Errorf("%s: got %v", c.name, err)
		}
		if points, _, _ := read(t, dir); len(points) < 10 {
			t.Errorf("%s: got %d points, want more", c.name, len(points))
		}
	}
}

// A layer that is frozen has weights and no gradient.
func TestObserverOfFrozenLayers(t *testing.T) {
	m := network(t)
	if err := m.Freeze("dense_1"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fit(t, dir, m, &optim.Adam{}, 1, train.Position{})
	count := map[string]int{}
	points, _, _ := read(t, dir)
	for _, p := range points {
		count[p.tag]++
	}
	for tag, want := range map[string]int{"weights/dense_1.weight": 1, "gradients/dense_1.weight": 0, "gradient_norm/dense_1": 0, "gradients/dense_2.weight": 1, "gradient_norm/dense_2": 2} {
		if count[tag] != want {
			t.Errorf("%s: got %d points, want %d", tag, count[tag], want)
		}
	}
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	a, _ := digits(t)
	for _, c := range []struct {
		o    *Observer
		want string
	}{
		{&Observer{}, "got no folder"},
		{&Observer{Dir: file}, "file"},
		{&Observer{Dir: t.TempDir(), Every: -1}, "got a point each -1 steps"},
	} {
		_, err := train.Fit(context.Background(), network(t), a, train.Config{Observers: []train.Observer{c.o}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "observer events") {
			t.Errorf("%+v: got %v, want an error with %q", c.o, err, c.want)
		}
	}
	if err := (*Observer)(nil).Observe(&train.Event{}); err == nil {
		t.Error("a nil observer: got no error")
	}
	w, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.Histogram(1, "ids", tensor.New(tensor.WithBacking([]int32{1, 2})))
	w.Number(1, "after", 1)
	if err := w.Flush(); err == nil || !strings.Contains(err.Error(), `"ids"`) {
		t.Errorf("a histogram of ids: got %v, want an error that names it", err)
	}
	w, _ = Create(t.TempDir())
	if err := w.file.Close(); err != nil {
		t.Fatal(err)
	}
	w.Number(1, "x", 1)
	if err := w.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a file that cannot be written: got %v, want what the operating system says", err)
	}
	var none *Writer
	none.Number(1, "x", 1)
	none.Text(1, "x", "")
	none.Picture(1, "x", image.NewUniform(color.White))
	none.Histogram(1, "x", nil)
	if none.Flush() == nil {
		t.Error("a nil writer: got no error")
	}
}

// A histogram counts what is finite, in bins that end at the largest value.
func TestHistogram(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		x              []float32
		min, max, n    float64
		first, lastBin float64
	}{
		{[]float32{0, 1, 2, 3, nan, float32(math.Inf(1))}, 0, 3, 4, 1, 1},
		{[]float32{5, 5, 5}, 5, 5, 3, 3, 0},
		{[]float32{nan}, 0, 0, 0, 0, 0},
		{nil, 0, 0, 0, 0, 0},
	} {
		h := count(c.x)
		n := 0.0
		for _, k := range h.counts {
			n += k
		}
		if h.min != c.min || h.max != c.max || n != c.n || n > 0 && (h.counts[0] != c.first || h.counts[bins-1] != c.lastBin) {
			t.Errorf("%v: got %+v", c.x, h)
		}
	}
}
