package look

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/losses"
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

// The gradient that is shown is that of the winning class's logit with regard to what the network sees, nothing dropped and the moving moments in force: as differences say of the same network without its softmax.
func TestGradientOfTheWinner(t *testing.T) {
	e := experiment(t, "relu")
	e.Hidden, e.TrainSamples = nil, 200
	e.Layers = parsed(t, "dense 20 tanh, dropout 0.5, batchnorm, dense 10 softmax")
	s := untrained(t, e)
	until(t, s, 2) // so that the moments have moved
	s.Model = s.Model.Float64()
	linear, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 2, Float64: true}, parsed(t, "dense 20 tanh, dropout 0.5, batchnorm, dense 10")...)
	if err != nil {
		t.Fatal(err)
	}
	if taken, err := linear.Take(s.Model); err != nil || len(taken) == 0 {
		t.Fatal(taken, err)
	}
	i := 3
	p, b, err := Predict(s, Question{Sample: &i, Gradient: true})
	if err != nil || p.Refused != nil {
		t.Fatal(err, p.Refused)
	}
	got, err := s.gradient(b, *p.Winner)
	if err != nil {
		t.Fatal(err)
	}
	score := func(at int, by float64) float64 {
		x := b.Inputs[0].Float64s()
		was := x[at]
		x[at] += by
		defer func() { x[at] = was }()
		program, err := inspect.AtRest(linear, b)
		if err != nil {
			t.Fatal(err)
		}
		return program.Output().Float64s()[*p.Winner]
	}
	for at := 0; at < 784; at += 53 {
		const h = 1e-5
		if numeric := (score(at, h) - score(at, -h)) / (2 * h); math.Abs(numeric-got[at]) > 1e-7*max(1, math.Abs(numeric)) {
			t.Errorf("pixel %d: got %v, differences say %v", at, got[at], numeric)
		}
	}
	// What is shown is the same, in bytes.
	most := 0.0
	for _, v := range got {
		most = max(most, math.Abs(v))
	}
	for at, v := range got {
		if shown := float64(p.Gradient.Low) + float64(p.Gradient.Data[at])/255*float64(p.Gradient.High-p.Gradient.Low); math.Abs(shown-v) > most/120 {
			t.Errorf("pixel %d: shown as %v, it is %v", at, shown, v)
		}
	}
	finite(t, p)
}

// stroked draws lines on an empty 28×28.
func stroked(lines ...[4]int) []float32 {
	all := make([]float32, 784)
	for _, l := range lines {
		for k := range 101 {
			x, y := l[0]+(l[2]-l[0])*k/100, l[1]+(l[3]-l[1])*k/100
			for _, d := range [][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
				all[min(27, y+d[1])*28+min(27, x+d[0])] = 255
			}
		}
	}
	return all
}

// A drawing is put in the middle, and scaled, as MNIST's digits were: wherever it is drawn, and to the edge, it is the same. What shows no digit is refused in words.
func TestDrawn(t *testing.T) {
	s := learnt(t, "adam", nil)
	ask := func(pixels []float32) *Prediction {
		t.Helper()
		p, b, err := Predict(s, Question{Pixels: pixels, Gradient: true})
		if err != nil {
			t.Fatal(err)
		}
		if (p.Refused == nil) != (b != nil) {
			t.Errorf("refused %v, with the batch %v", p.Refused, b)
		}
		finite(t, p)
		return p
	}
	left, right, whole := ask(stroked([4]int{4, 5, 4, 19})), ask(stroked([4]int{20, 8, 20, 22})), ask(stroked([4]int{14, 0, 14, 27}))
	for _, p := range []*Prediction{left, right, whole} {
		if p.Refused != nil {
			t.Fatal(*p.Refused)
		}
		if len(p.Probabilities) != 10 || p.Gradient == nil || len(p.Seen.Data) != 784 || p.Seen.Width != 28 {
			t.Errorf("got %+v", p)
		}
		sum := 0.0
		for _, v := range p.Probabilities {
			sum += float64(v)
		}
		if *p.Winner != 1 || math.Abs(sum-1) > 1e-5 {
			t.Errorf("a line is taken for %d, with probabilities %v", *p.Winner, p.Probabilities)
		}
	}
	if !reflect.DeepEqual(left, right) {
		t.Error("the same line elsewhere is seen otherwise")
	}
	for why, pixels := range map[string][]float32{
		"shows nothing": make([]float32, 784),
		"2 things":      stroked([4]int{3, 4, 3, 24}, [4]int{24, 4, 24, 24}),
		"28×28":         make([]float32, 783),
		"wide":          stroked([4]int{1, 14, 26, 14}),
		"no numbers":    append(make([]float32, 783), float32(math.NaN())),
	} {
		if p := ask(pixels); p.Refused == nil || !strings.Contains(p.Refused.EN, why) || p.Winner != nil || strings.Contains(p.Refused.EN, "datasets:") {
			t.Errorf("%s: got %v", why, p.Refused)
		}
	}
	// A file, of whatever size, dark on light.
	img := image.NewGray(image.Rect(0, 0, 200, 300))
	for i := range img.Pix {
		img.Pix[i] = 240
	}
	for y := 60; y < 240; y++ {
		for x := 90; x < 112; x++ {
			img.SetGray(x, y, color.Gray{20})
		}
	}
	for _, encode := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return png.Encode(b, img) },
		func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
	} {
		var file bytes.Buffer
		if err := encode(&file); err != nil {
			t.Fatal(err)
		}
		p, _, err := Predict(s, Question{Picture: file.Bytes()})
		if err != nil || p.Refused != nil || *p.Winner != 1 {
			t.Errorf("got %+v, %v", p, err)
		}
	}
	for why, q := range map[string]Question{
		"not a PNG":                     {Picture: []byte("<svg onload=alert(1)>")},
		"no such sample":                {Sample: new(int)},
		"their data are no table":       {Row: map[string]string{"length": "1"}},
		"its data are no table, text o": {Text: "hello"},
	} {
		if q.Sample != nil {
			*q.Sample = -1
		}
		p, _, err := Predict(s, q)
		if err != nil || p.Refused == nil || !strings.Contains(p.Refused.EN, strings.TrimPrefix(why, "their ")) && !strings.Contains(p.Refused.EN, why) && !strings.Contains(p.Refused.EN, "data are no table") {
			t.Errorf("%s: got %v, %v", why, p.Refused, err)
		}
	}
	// A network that has diverged says so.
	s.Model.Params()[0].Value.Float32s()[350] = float32(math.NaN())
	if p := ask(stroked([4]int{14, 5, 14, 19})); p.Refused == nil || !strings.Contains(p.Refused.EN, "diverged") {
		t.Errorf("got %v", p.Refused)
	}
}

// A row is asked by the names of its columns, in whatever order, and prepared as those that were learnt from.
func TestRow(t *testing.T) {
	s, _ := iris(t)
	until(t, s, 150)
	ask := func(row map[string]string) *Prediction {
		t.Helper()
		p, _, err := Predict(s, Question{Row: row, Gradient: true})
		if err != nil {
			t.Fatal(err)
		}
		finite(t, p)
		return p
	}
	for i, row := range []map[string]string{{"length": "0.05", "width": "2.05", "colour": "red"}, {"length": "1.08", "width": "1.52", "colour": "white"}, {"width": "1.03", "length": "2.1", "colour": "red"}} {
		p := ask(row)
		if p.Refused != nil || *p.Winner != i || p.Seen != nil || p.Gradient != nil || len(p.Probabilities) != 3 {
			t.Errorf("%v: got %+v", row, p)
		}
		if len(p.Prepared) != 4 || p.Prepared[0].Name != "length" || math.Abs(float64(p.Prepared[0].Value)) > 3 {
			t.Errorf("%v: prepared to %v", row, p.Prepared)
		}
	}
	if p := ask(map[string]string{"length": "1", "width": "", "colour": "green"}); p.Refused != nil || len(p.Remarks) == 0 {
		t.Errorf("a colour that it has never seen, and no width: got %+v", p)
	}
	for why, row := range map[string]map[string]string{
		"weight": {"weight": "3"},
		"long":   {"length": "long", "width": "1", "colour": "red"},
	} {
		if p := ask(row); p.Refused == nil || !strings.Contains(p.Refused.EN, why) || strings.Contains(p.Refused.EN, "line ") {
			t.Errorf("%s: got %v", why, p.Refused)
		}
	}
	// The samples that it is tested on are told as rows, which are asked as they are.
	right := 0
	for i := range s.Test.Len() {
		one, err := SampleOf(s, "test", i)
		if err != nil {
			t.Fatal(err)
		}
		if len(one.Row) != 3 || one.Row["colour"] != "red" && one.Row["colour"] != "white" || one.Class == nil || one.Label != s.Fit.Info().Classes[*one.Class] {
			t.Fatalf("got %+v", one)
		}
		asked := ask(one.Row)
		itself, _, err := Predict(s, Question{Sample: &i})
		if err != nil || asked.Refused != nil || itself.Refused != nil {
			t.Fatal(err, asked.Refused, itself.Refused)
		}
		if *asked.Winner == *one.Class {
			right++
		}
		for c := range asked.Probabilities {
			if math.Abs(float64(asked.Probabilities[c]-itself.Probabilities[c])) > 1e-5 {
				t.Errorf("sample %d, asked as a row, has probabilities %v, and %v", i, asked.Probabilities, itself.Probabilities)
			}
		}
	}
	if right < s.Test.Len()-1 {
		t.Errorf("%d of %d are told right", right, s.Test.Len())
	}
}

// Numbers come back in the units of the data.
func TestNumbersForetold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "houses.csv")
	var b strings.Builder
	b.WriteString("rooms,sold,price\n")
	for i := range 120 {
		fmt.Fprintf(&b, "%d,2024-%02d-10,%d.5\n", 1+i%12, 1+i%9, 100000+50000*(1+i%12))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	s, from := table(t, path, "price", "dense 16 tanh, dense 1", losses.MSE{})
	until(t, s, 180)
	p, _, err := Predict(s, Question{Row: map[string]string{"rooms": "6", "sold": "2024-05-10"}})
	if err != nil || p.Refused != nil || len(p.Values) != 1 || math.Abs(float64(p.Values[0])-400000) > 40000 || p.Probabilities != nil || p.Winner != nil {
		t.Errorf("got %+v, %v", p, err)
	}
	one, err := SampleOf(s, "", 0)
	if err != nil || !strings.HasPrefix(one.Row["sold"], "2024-") || len(one.Row) != 2 || one.Label == "" {
		t.Errorf("got %+v, %v", one, err)
	}
	if asked, _, err := Predict(s, Question{Row: one.Row}); err != nil || asked.Refused != nil {
		t.Errorf("got %+v, %v", asked, err)
	}
	if got := Command(s, from); got.Command == nil {
		t.Error(got.Why)
	}
	a, err := TakeApart(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if text := finite(t, a); len(a.Batch[0].Row) != 2 || a.Loss.Probabilities != nil {
		t.Errorf("got %s", text)
	}
}

// Pictures of a folder of one's own are read as those were, in their colours; what is drawn is one of them, too.
func TestOwnPictures(t *testing.T) {
	dir := t.TempDir()
	coloured := func(c color.RGBA, i int) []byte {
		img := image.NewRGBA(image.Rect(0, 0, 12, 12))
		for k := range 144 {
			img.SetRGBA(k%12, k/12, color.RGBA{c.R + uint8(i), c.G, c.B + uint8(k%7), 255})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	of := map[string]color.RGBA{"blue": {20, 40, 200, 255}, "red": {200, 40, 20, 255}}
	for class, c := range of {
		if err := os.Mkdir(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			if err := os.WriteFile(filepath.Join(dir, class, fmt.Sprint(i, ".png")), coloured(c, i), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, from := table(t, dir, "", "conv 4 3 relu, flatten, dense 2 softmax", losses.CrossEntropy{})
	until(t, s, 30)
	for i, class := range []string{"blue", "red"} {
		p, b, err := Predict(s, Question{Picture: coloured(of[class], 3), Gradient: true})
		if err != nil || p.Refused != nil {
			t.Fatal(err, p.Refused)
		}
		if *p.Winner != i || p.Seen.Channels != 3 || p.Seen.Width != 12 || p.Gradient == nil || len(p.Gradient.Data) != 3*144 {
			t.Errorf("%s: got %+v", class, p)
		}
		finite(t, p)
		snapshot, err := inspect.TakeNext(s.Model, s.Experiment.Loss, s.Fit, 4, 1, train.Position{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := LayerOf(s, snapshot, nil, "conv_1", b)
		if err != nil || len(l.Maps) != 4 || len(l.Filters) != 4 {
			t.Fatalf("got %d maps, %d filters, %v", len(l.Maps), len(l.Filters), err)
		}
		w, before := s.Model.Params()[0].Value.Float32s(), math.Inf(1) // [3,3,3,4]
		for _, f := range l.Filters {                                  // in colour, gray where it weighs nothing
			unit, norm := int(f.Name[0]-'1'), 0.0
			if f.Channels != 3 || f.Width != 3 || len(f.Data) != 27 || f.Low != -f.High || !(f.High > 0) {
				t.Fatalf("got %+v", f)
			}
			for i, b := range f.Data {
				v := float64(w[i*4+unit])
				norm += v * v
				if shown := float64(f.Low) + float64(b)/255*float64(f.High-f.Low); math.Abs(shown-v) > float64(f.High-f.Low)/500 {
					t.Errorf("filter %s, %d: shown as %v, it is %v", f.Name, i, shown, v)
				}
			}
			if norm > before {
				t.Errorf("filter %s is larger than the one before it", f.Name)
			}
			before = norm
		}
	}
	one, err := SampleOf(s, "test", 0)
	if err != nil || one.Picture == nil || one.Picture.Channels != 3 || one.Picture.High != 255 {
		t.Errorf("got %+v, %v", one, err)
	}
	if p, _, err := Predict(s, Question{Picture: []byte("no picture")}); err != nil || p.Refused == nil || strings.Contains(p.Refused.EN, "standard input") {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, _, err := Predict(s, Question{Pixels: make([]float32, 784)}); err != nil || p.Refused != nil {
		t.Errorf("got %v, %v", *p.Refused, err)
	}
	if p := Program(s, from); p.Go == nil || !strings.Contains(*p.Go, "datasets.Images(") {
		t.Errorf("got %+v", p)
	}
	if got := Command(s, from); got.Command == nil {
		t.Error(got.Why)
	}
	a, err := TakeApart(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	finite(t, a)
}

// A text is asked about as it is, where a model learnt to tell texts apart.
func TestOwnTexts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reviews.csv")
	var b strings.Builder
	b.WriteString("review,stars\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%s %s,%s\n", []string{"the food was", "we found the service", "a place that is"}[i%3], []string{"wonderful and warm and kind", "cold and slow and bad"}[i%2], []string{"good", "poor"}[i%2])
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	data, err := own.Open(path, "", own.Reading{Columns: datasets.Columns{Target: []string{"stars"}, Texts: []string{"review"}}})
	if err != nil {
		t.Fatal(err)
	}
	suit, err := own.Suits(data.Info(), 48, false)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := own.Divide(data, own.Division{Held: .2, Seed: 1}, suit.Steps...)
	if err != nil {
		t.Fatal(err)
	}
	words, err := own.Network(parts.Fit.Info(), false)
	if err != nil {
		t.Fatal(err)
	}
	in := parts.Fit.Info().Inputs[0]
	m, err := graph.NewModel(graph.Config{Input: graph.Input{Shape: in.Shape, IDs: in.IDs}, Seed: 1}, parsed(t, words)...)
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{Experiment: models.Experiment{Name: "reviews", Layers: parsed(t, words), Loss: losses.CrossEntropy{}, Optimizer: "adam", LearningRate: .02, BatchSize: 8, Epochs: 20, Validation: .2, Scale: 1},
		Seed: 1, Model: m, Fit: parts.Fit, Test: parts.Held, RawFit: parts.RawFit, RawTest: parts.RawHeld, Prepare: parts.Prepare}
	until(t, s, 120)
	for text, want := range map[string]string{"it was wonderful, so warm": "good", "slow and cold": "poor"} {
		p, _, err := Predict(s, Question{Text: text, Gradient: true})
		if err != nil || p.Refused != nil {
			t.Fatal(err, *p.Refused)
		}
		if got := parts.Fit.Info().Classes[*p.Winner]; got != want || p.Gradient != nil || p.Seen != nil {
			t.Errorf("%q: got %s, %+v", text, got, p)
		}
	}
	one, err := SampleOf(s, "test", 0)
	if err != nil || !strings.Contains(one.Row["review"]+one.Text, " ") || one.Label == "" {
		t.Errorf("got %+v, %v", one, err)
	}
	a, err := TakeApart(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	finite(t, a)
}

// A model of characters goes on with a text, the same for a seed.
func TestContinue(t *testing.T) {
	e := experiment(t, "char-lm")
	e.Layers = parsed(t, "embedding 71 8, lstm 16 sequence, dense 71 softmax")
	fit, test, err := datasets.Open("alice", "")
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{Experiment: e, Seed: 1, Fit: fit, Test: test, Prepare: fit.Info().Preparation}
	if s.Model, err = e.Model(fit.Info(), 1); err != nil {
		t.Fatal(err)
	}
	until(t, s, 3)
	a, err := Continue(t.Context(), s, "Alice was ", 30, .7, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Continue(t.Context(), s, "Alice was ", 30, .7, 0)
	if err != nil || *a != *b || a.Prompt != "Alice was " || len([]rune(a.Text)) != 30 || a.Unseen != 0 {
		t.Errorf("got %+v and %+v, %v", a, b, err)
	}
	if c, err := Continue(t.Context(), s, "漢 cat", 5, 0, 0); err != nil || c.Unseen != 1 || c.Prompt != "漢 cat" || len([]rune(c.Text)) != 5 {
		t.Errorf("got %+v, %v", c, err)
	}
	bias := s.Model.Params()[len(s.Model.Params())-1].Value.Float32s() // of the last layer
	was := bias[0]
	bias[0] = 50 // it is sure of what stands for unknown letters
	for _, heat := range []float64{0, 1, 1e300} {
		if c, err := Continue(t.Context(), s, "Alice", 40, heat, 0); err != nil || strings.Contains(c.Text, "\uFFFD") {
			t.Errorf("at a temperature of %v it writes what it has never seen: got %+v, %v", heat, c, err)
		}
	}
	bias[0] = was
	if got := readable(&datasets.Texts{Vocabulary: []string{"(unknown)", "a", "\uFFFD"}}, []int32{1, 0, 2, -1, 3}); got != "a…\uFFFD……" {
		t.Errorf("got %q", got)
	}
	for _, heat := range []float64{math.MaxFloat64, 1e300, 1e-30, 1e-300, math.SmallestNonzeroFloat64} {
		if c, err := Continue(t.Context(), s, "Alice", 5, heat, 0); err != nil || len([]rune(c.Text)) != 5 {
			t.Errorf("at a temperature of %v: got %+v, %v", heat, c, err)
		}
	}
	for _, wrong := range []struct {
		length int
		heat   float64
	}{{0, 1}, {-1, 1}, {math.MinInt, 1}, {longest + 1, 1}, {math.MaxInt, 1}, {5, -1}, {5, math.Inf(1)}, {5, math.NaN()}} {
		if _, err := Continue(t.Context(), s, "A", wrong.length, wrong.heat, 0); err == nil {
			t.Errorf("%v: no error", wrong)
		}
	}
	if one, err := SampleOf(s, "test", 0); err != nil || len([]rune(one.Text)) != 64 {
		t.Errorf("got %+v, %v", one, err)
	}
	if got, _, err := Predict(s, Question{Text: "Alice"}); err != nil || got.Refused == nil {
		t.Errorf("got %+v, %v", got, err)
	}
	if a, err := TakeApart(t.Context(), s); err != nil || a.Batch[0].Text == "" {
		t.Errorf("got %+v, %v", a, err)
	} else {
		finite(t, a)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Continue(cancelled, s, "A", 5, 1, 0); err == nil {
		t.Error("cancelled: no error")
	}
	other := untrained(t, experiment(t, "lenet"))
	if _, err := Continue(t.Context(), other, "A", 5, 1, 0); err == nil || !strings.Contains(err.Error(), "did not learn how a text goes on") {
		t.Errorf("got %v", err)
	}
}
