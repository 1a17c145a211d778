package look

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Question is a sample that a model is asked about: one of the five.
type Question struct {
	Pixels  []float32         // drawn, 28×28, from 0 to 255
	Picture []byte            // a file: PNG, JPEG and the like
	Row     map[string]string // what stands in each column of a table; a missing one is left out
	Text    string            // to be told the class of
	Sample  *int              // of the test set, as it is

	Gradient bool // whether that of the winning class is wanted
}

// A Prediction is what a model says of a sample.
type Prediction struct {
	Seen          *Picture `json:"seen"`               // what the network sees, after preparation; null where that is no picture
	Probabilities []Number `json:"probabilities"`      // of the classes, or labels; null where it foretells numbers
	Winner        *int     `json:"winner"`             // the likeliest class; null where there is none
	Values        []Number `json:"values,omitempty"`   // the numbers that it foretells, in the units of the data
	Gradient      *Picture `json:"gradient"`           // of the winning class's score with regard to what it sees
	Refused       *Text    `json:"refused"`            // why there is no answer
	Remarks       []Phrase `json:"remarks,omitempty"`  // what is worth knowing of the sample
	Prepared      []Column `json:"prepared,omitempty"` // of a row: what the network sees
}

// A Column is a value with a name.
type Column struct {
	Name  string `json:"name"`
	Value Number `json:"value"`
}

// Predict asks the model of a sample. What cannot be asked is Refused, in words; an error is of the model. The batch is the sample as the model took it, for LayerOf; nil where it was refused.
func Predict(s *Subject, q Question) (*Prediction, *train.Batch, error) {
	p := &Prediction{}
	data, err := s.asked(q, p)
	if err == nil {
		var b *train.Batch
		if b, err = train.NewBatch(s.Model, nil, data, []int{0}); err == nil {
			if q.Sample == nil && s.Prepare != nil {
				scaled(b, s.Experiment.Scale)
			}
			if err := s.answer(p, b, data.Info(), q.Gradient); err != nil || p.Refused != nil {
				return p, nil, err
			}
			return p, b, nil
		}
	}
	why := err.Error()
	for _, prefix := range []string{"predict: ", "datasets: ", "train: "} {
		why = strings.TrimPrefix(why, prefix)
	}
	p.refuse(why)
	return p, nil, nil
}

func (p *Prediction) refuse(why string) {
	said := Said(why)
	p.Refused = &said
}

// scaled multiplies the first input, of floats.
func scaled(b *train.Batch, by float32) {
	if t := b.Inputs[0]; by != 0 && by != 1 && t.Dtype() == tensor.Float32 {
		for i := range t.Float32s() {
			t.Float32s()[i] *= by
		}
	}
}

// asked is the sample as data that the model takes; the error says why it is none.
func (s *Subject) asked(q Question, p *Prediction) (datasets.Data, error) {
	source := s.Prepare.Source()
	switch {
	case q.Sample != nil:
		if s.Test == nil || *q.Sample < 0 || *q.Sample >= s.Test.Len() {
			return nil, errors.New("there is no such sample in the test set")
		}
		return datasets.Rows(s.Test, []int{*q.Sample})
	case q.Pixels != nil && s.digits() && centred(q.Pixels):
		return s.labelled(q.Pixels)
	case q.Pixels != nil && s.digits():
		drawing, err := inked(q.Pixels)
		if err != nil {
			return nil, err
		}
		return s.digit(drawing)
	case q.Picture != nil && s.digits():
		return s.digit(q.Picture)
	case q.Pixels != nil && s.Prepare == nil:
		h, w, channels, ok := s.pictures()
		if !ok || h*w*channels != len(q.Pixels) {
			return nil, fmt.Errorf("a drawing of %d pixels is no sample of shape %v", len(q.Pixels), s.Fit.Info().Shape())
		}
		return s.labelled(q.Pixels)
	}
	if source == nil {
		return nil, errors.New("this network takes no such sample: its data are no table, text or pictures that were read from files")
	}
	var file []byte
	var err error
	switch {
	case q.Row != nil && source.Columns != nil:
		file, err = rowOf(q.Row, source.Columns)
	case q.Text != "" && source.Texts == nil:
		file = []byte(q.Text)
	case q.Picture != nil && source.Pictures != nil:
		file = q.Picture
	case q.Pixels != nil && source.Pictures != nil:
		file, err = squared(q.Pixels)
	default:
		err = errors.New("this network takes another kind of sample")
	}
	if err != nil {
		return nil, err
	}
	ask := own.NewPredictor(s.Model, s.Prepare, s.Fit.Info().Classes, bytes.NewReader(file))
	ask.Remark = func(what string) { p.Remarks = append(p.Remarks, Phrase(what)) }
	_, prepared, err := ask.Samples("-")
	if err != nil {
		return nil, errors.New(place.ReplaceAllString(err.Error(), ""))
	}
	return prepared, nil
}

// place is where in a file something is wrong, which a sample that was asked about has not.
var place = regexp.MustCompile(`standard input: |line [0-9]+, `)

// digits says whether the samples are handwritten digits, so that a drawing is prepared as they were.
func (s *Subject) digits() bool {
	info := s.Fit.Info()
	h, w, channels, ok := s.pictures()
	digits := len(info.Classes) == 10 && info.Classes[0] == "0" && info.Classes[9] == "9" || s.Experiment.Reconstruct
	return ok && s.Prepare == nil && h == 28 && w == 28 && channels == 1 && digits
}

// digit is a picture of a digit, prepared as MNIST's were.
func (s *Subject) digit(file []byte) (datasets.Data, error) {
	pixels, err := datasets.ReadDigit(bytes.NewReader(file), "the picture")
	if err != nil {
		return nil, errors.New(strings.Replace(err.Error(), "datasets: the picture: ", "", 1))
	}
	return s.labelled(pixels)
}

// labelled are pixels as a sample of the experiment, scaled as it scales them.
func (s *Subject) labelled(pixels []float32) (datasets.Data, error) {
	info := s.Fit.Info()
	set, err := datasets.New("drawing", info.Shape(), pixels, []int{0}, info.Classes) // the label means nothing
	if err != nil {
		return nil, err
	}
	return set.Scaled(s.Experiment.Scale), nil
}

// centred says whether a drawing is as MNIST's digits are already, such as one of them: in a box of 20×20, with its centre of mass in the middle.
func centred(pixels []float32) bool {
	const side, box, middle = 28, 20, 14
	if len(pixels) != side*side {
		return false
	}
	var mass, x, y float64
	left, right, top, bottom := side, -1, side, -1
	for i, v := range pixels {
		if !(v >= 0 && v <= 255) {
			return false
		}
		if v > 0 {
			left, right, top, bottom = min(left, i%side), max(right, i%side), min(top, i/side), max(bottom, i/side)
			mass, x, y = mass+float64(v), x+float64(v)*float64(i%side), y+float64(v)*float64(i/side)
		}
	}
	return max(right-left, bottom-top)+1 == box && math.Abs(x/mass-middle) <= 1 && math.Abs(y/mass-middle) <= 1
}

// margin is the background that is put around a drawing, so that one that reaches its edge is not taken for a part of something larger.
const margin = 14

// A drawing of fewer pixels across than leastDrawn nobody reads; one that is smaller than a digit of likeDigits is shown from nearer.
const (
	leastDrawn = 4
	likeDigits = 20
)

// inked is a drawing of light on dark as a picture, with some background around it.
func inked(pixels []float32) ([]byte, error) {
	side := int(math.Round(math.Sqrt(float64(len(pixels)))))
	if side*side != len(pixels) || side < 8 || side > 1024 {
		return nil, fmt.Errorf("got a drawing of %d pixels, want 784, 28×28", len(pixels))
	}
	box := image.Rectangle{}
	for i, v := range pixels {
		if v-v != 0 {
			return nil, errors.New("the drawing has pixels that are no numbers")
		}
		if v > 0 {
			at := image.Pt(i%side, i/side)
			box = box.Union(image.Rectangle{at, at.Add(image.Pt(1, 1))})
		}
	}
	large := max(box.Dx(), box.Dy())
	if large > 0 && large < leastDrawn {
		return nil, errors.New("this is too small to be read: draw it larger")
	}
	times := 1
	if large > 0 {
		times = max(1, (likeDigits+large/2)/large)
	}
	img := image.NewGray(image.Rect(0, 0, times*(side+2*margin), times*(side+2*margin)))
	for i, v := range pixels {
		for y := range times {
			for x := range times {
				img.SetGray(times*(margin+i%side)+x, times*(margin+i/side)+y, color.Gray{uint8(min(255, max(0, v)))})
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// squared is a drawing as a picture, as it is.
func squared(pixels []float32) ([]byte, error) {
	side := int(math.Round(math.Sqrt(float64(len(pixels)))))
	if side*side != len(pixels) || side < 1 {
		return nil, fmt.Errorf("got a drawing of %d pixels, want a square", len(pixels))
	}
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i, v := range pixels {
		if v-v == 0 {
			img.Pix[i] = uint8(min(255, max(0, v)))
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// rowOf is a row as a table of a line, by the columns that the model learnt from. A column that there is not is an error.
func rowOf(row map[string]string, c *datasets.Columns) ([]byte, error) {
	var names, cells []string
	for _, name := range c.Names {
		if slices.Contains(c.Target, name) || slices.Contains(c.Ignore, name) {
			continue
		}
		cell := row[name]
		names, cells = append(names, name), append(cells, cell)
	}
	for name := range row {
		if !slices.Contains(names, name) && !slices.Contains(c.Target, name) && !slices.Contains(c.Ignore, name) {
			return nil, fmt.Errorf("got a column %q, want those that it learnt from: %s", name, strings.Join(names, ", "))
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if c.Separator != "" {
		w.Comma = []rune(c.Separator)[0]
	}
	_ = w.Write(names) // to memory
	_ = w.Write(cells)
	w.Flush()
	return b.Bytes(), w.Error()
}

// answer runs the model on the sample.
func (s *Subject) answer(p *Prediction, b *train.Batch, info datasets.Info, gradient bool) error {
	s.see(p, b, info)
	program, err := inspect.AtRest(s.Model, b)
	if err != nil {
		return err
	}
	out := wide(program.Output())
	if len(s.Model.Outputs()) != 1 || len(s.Model.Outputs()[0].Shape) != 1 {
		why := fmt.Sprintf("this network puts out %v for a sample, not one number for each class", s.Model.Outputs()[0].Shape)
		p.refuse(why)
		return nil
	}
	if slices.ContainsFunc(out, math.IsNaN) {
		why := "the network's output is not a number: its training diverged: go back to a step before it"
		p.refuse(why)
		return nil
	}
	targets, err := s.Model.Targets(s.Experiment.Loss)
	if err != nil {
		return err
	}
	classes := targets[0].IDs || len(s.Fit.Info().Classes) == len(out)
	binary := !classes && strings.Contains(s.Experiment.Loss.Name(), "binary")
	winner := 0
	for c, v := range out {
		if v > out[winner] {
			winner = c
		}
	}
	switch linear := s.Model.Outputs()[0].Linear; {
	case classes:
		p.Probabilities, p.Winner = numbers(train.Probabilities(s.Model.Outputs()[0], program.Output())), &winner
	case binary && !s.Experiment.Reconstruct:
		for i, v := range out {
			if linear {
				out[i] = 1 / (1 + math.Exp(-v))
			}
		}
		p.Probabilities, p.Winner = numbers(out), nil
	default:
		values := make([]float32, len(out))
		for i, v := range out {
			values[i] = float32(v)
		}
		s.Prepare.Restore(values)
		p.Values = numbers(values)
	}
	if gradient && p.Winner != nil && p.Seen != nil {
		slopes, err := s.gradient(b, winner)
		if err != nil || slopes == nil {
			return err
		}
		p.Gradient = pictureOf(slopes, p.Seen.Height, p.Seen.Width, p.Seen.Channels)
	}
	return nil
}

// see shows what the network sees.
func (s *Subject) see(p *Prediction, b *train.Batch, info datasets.Info) {
	if len(b.Inputs) != 1 {
		return
	}
	values := wide(b.Inputs[0])
	if h, w, channels, ok := s.pictures(); ok && h*w*channels == len(values) {
		p.Seen = pictureOf(values, h, w, channels)
		return
	}
	if len(info.Inputs) == 1 && len(info.Inputs[0].Names) == len(values) {
		for i, v := range values {
			p.Prepared = append(p.Prepared, Column{info.Inputs[0].Names[i], Number(v)})
		}
	}
}

// gradient is that of a class's score, the logit where there is one, with regard to what the network sees, weights at rest: it does not go to zero where the network is sure, as that of the probability does. nil where the input is
// of ids.
func (s *Subject) gradient(b *train.Batch, class int) ([]float64, error) {
	score := graph.LossFunc("score", func(g *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
		of := g.Node(gorgonia.HadamardProd(ops.Logits(output), target))
		return g.Node(gorgonia.Sum(of, 1))
	})
	p, err := s.Model.Compile(graph.Spec{Mode: graph.Evaluate, Batch: 1, Loss: score, Inspect: true, Inputs: true})
	if err != nil {
		return nil, err
	}
	all := *b
	y := tensor.New(tensor.Of(p.Y().Dtype()), tensor.WithShape(p.Y().Shape()...))
	if y.Dtype() == tensor.Float64 {
		y.Float64s()[class] = 1
	} else {
		y.Float32s()[class] = 1
	}
	all.Targets = []*tensor.Dense{y}
	if err := all.Feed(p); err != nil {
		return nil, err
	}
	if err := p.Run(); err != nil {
		return nil, err
	}
	for _, r := range p.Recordings() {
		if r.Layer && len(r.InputGrads) > 0 && r.InputGrads[0] != nil { // the first layer's, whose input is the model's
			return wide(r.InputGrads[0]), nil
		}
	}
	return nil, nil
}
