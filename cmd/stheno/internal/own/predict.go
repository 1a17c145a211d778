package own

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Prediction is what a model says of one sample.
type Prediction struct {
	File          string             `json:"file"`
	Row           int                `json:"row"`             // from 1
	Class         *int               `json:"class,omitempty"` // where it tells classes apart
	Name          string             `json:"name,omitempty"`  // of the class
	Probability   *float64           `json:"probability,omitempty"`
	Probabilities []float64          `json:"probabilities,omitempty"` // in the order of the classes
	Values        map[string]float64 `json:"values,omitempty"`        // where it foretells numbers
	order         []int              // classes, the most probable first
	numbers       []float64
}

// A Predictor asks a model that was trained on data of one's own.
type Predictor struct {
	Model   *graph.Model
	Prepare *datasets.Preparation
	Classes []string
	Targets []string     // what the numbers are called that it foretells; nil where that is not known
	Remark  func(string) // is told what is worth knowing of the samples; may be nil
	in      io.Reader
}

// NewPredictor asks a model; in is standard input, which "-" stands for.
func NewPredictor(m *graph.Model, prepare *datasets.Preparation, classes []string, in io.Reader) *Predictor {
	p := &Predictor{Model: m, Prepare: prepare, Classes: classes, in: in}
	if len(classes) == 0 {
		p.Targets = Target(prepare.Source())
	}
	return p
}

// open reads what is asked about.
func (p *Predictor) open(name string) (datasets.Data, error) {
	source := p.Prepare.Source()
	if name != "-" {
		return Asked(name, source)
	}
	const stdin = "standard input"
	switch {
	case term.IsTerminal(p.in):
		return nil, fmt.Errorf("predict: standard input is the terminal, want rows, or a picture: name a file, or pipe one in")
	case source != nil && source.Pictures != nil:
		pixels, err := datasets.ReadPicture(p.in, stdin, *source.Pictures)
		if err != nil {
			return nil, err
		}
		shape := []int{source.Pictures.Height, source.Pictures.Width}
		if len(pixels) != shape[0]*shape[1] {
			shape = append(shape, 3)
		}
		return opened(datasets.NewArrays(stdin, []datasets.Array{{Name: "x", Shape: shape, Floats: pixels}}, nil))
	}
	var data datasets.Data
	var err error
	switch {
	case source != nil && source.Texts != nil:
		return nil, fmt.Errorf("predict: this model goes on with a text: ask it with stheno sample")
	case source != nil && source.Columns != nil:
		data, err = p.rows(stdin, source)
	default:
		data, err = opened(datasets.ReadNPY(p.in, stdin))
	}
	if err != nil || source == nil {
		return data, err
	}
	return cut(data, source, true)
}

// rows reads rows of a table; where there is but a text to be read, and no line above that names its column, each line is one.
func (p *Predictor) rows(stdin string, source *datasets.Source) (datasets.Data, error) {
	c := columns(source, true)
	alone := len(c.Texts) == 1 && !slices.ContainsFunc(c.Names, func(name string) bool { // nothing else is learnt from
		return !slices.Contains(c.Texts, name) && !slices.Contains(c.Ignore, name) && !slices.Contains(c.Target, name)
	})
	if !alone {
		return opened(datasets.ReadCSV(p.in, stdin, c))
	}
	const most = 64 << 20
	raw, err := io.ReadAll(io.LimitReader(p.in, most+1))
	switch {
	case err != nil:
		return nil, err
	case len(raw) > most:
		return nil, fmt.Errorf("predict: standard input has more than %d bytes: name a file", most)
	}
	head, _, _ := bytes.Cut(raw, []byte("\n"))
	if bytes.Contains(head, []byte(c.Texts[0])) {
		if t, err := datasets.ReadCSV(bytes.NewReader(raw), stdin, c); err == nil {
			return t, nil
		}
	}
	var lines []string
	for text := range strings.Lines(string(raw)) {
		if text = strings.TrimSpace(text); text != "" {
			lines = append(lines, text)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("predict: standard input is empty, want a text a line")
	}
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write(c.Texts) // to memory
	for _, l := range lines {
		_ = w.Write([]string{l})
	}
	w.Flush()
	return opened(datasets.ReadCSV(&table, stdin, datasets.Columns{Names: c.Texts, Texts: c.Texts, Separator: ","}))
}

// Samples are those of a file, as they came, and as the model takes them.
func (p *Predictor) Samples(name string) (raw, prepared datasets.Data, err error) {
	if raw, err = p.open(name); err != nil || p.Prepare == nil {
		return raw, raw, err
	}
	found, err := p.Prepare.Unseen(raw)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range found {
		if p.Remark != nil {
			p.Remark(f.Message)
		}
	}
	return raw, p.Prepare.On(raw), nil
}

// Predict is what the model says of each sample of a file.
func (p *Predictor) Predict(ctx context.Context, name string) ([]Prediction, error) {
	raw, data, err := p.Samples(name)
	if err != nil {
		return nil, err
	}
	files, _ := raw.(interface{ File(int) string })
	series, _ := raw.(interface{ Row(int) int })
	ahead := 0
	if source := p.Prepare.Source(); source != nil && source.Window != nil {
		ahead = source.Window.Ahead
	}
	said, err := train.Predict(ctx, p.Model, data)
	if err != nil {
		return nil, err
	}
	values := slices.Clone(said.Float32s())
	width := len(values) / data.Len()
	classes := len(p.Classes) > 0 && width == len(p.Classes)
	if classes {
		for i, v := range train.Probabilities(p.Model.Outputs()[0], said) {
			values[i] = float32(v)
		}
	} else {
		p.Prepare.Restore(values)
	}
	all := make([]Prediction, data.Len())
	for i := range all {
		row := values[i*width : (i+1)*width]
		if slices.ContainsFunc(row, func(v float32) bool { return math.IsNaN(float64(v)) }) {
			return nil, fmt.Errorf("predict: %s, row %d: the network's output is not a number: its training diverged: take an earlier checkpoint with --checkpoint", name, i+1)
		}
		all[i] = p.one(row, classes)
		if all[i].File, all[i].Row = name, i+1; series != nil {
			all[i].Row = series.Row(i) + ahead + 1
		}
		if files != nil {
			all[i].File = files.File(i)
		}
	}
	return all, nil
}

func (p *Predictor) one(row []float32, classes bool) (so Prediction) {
	if !classes {
		so.Values = map[string]float64{}
		for k, v := range row {
			so.numbers = append(so.numbers, wide(v))
			so.Values[p.called(k, len(row))] = wide(v)
		}
		return so
	}
	for class, v := range row {
		so.order = append(so.order, class)
		so.Probabilities = append(so.Probabilities, wide(v))
	}
	slices.SortStableFunc(so.order, func(a, b int) int {
		switch {
		case row[a] > row[b]:
			return -1
		case row[a] < row[b]:
			return 1
		}
		return 0
	})
	best := so.order[0]
	so.Class, so.Name, so.Probability = &best, p.Classes[best], &so.Probabilities[best]
	return so
}

// wide is the float64 that is written as v is, with no digits that v does not have.
func wide(v float32) float64 {
	w, _ := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	return w
}

// called is what the k-th of so many numbers is called.
func (p *Predictor) called(k, of int) string {
	switch {
	case len(p.Targets) == of:
		return p.Targets[k]
	case of == 1:
		return "y"
	}
	return fmt.Sprintf("y %d", k+1)
}

// labels say which samples predictions are of: rows by their number; where there are several files, the first of each by the file's name, with its folder where another has that name too.
func labels(all []Prediction) []string {
	called := map[string]string{} // the file of a name; "" of several
	for _, so := range all {
		base := filepath.Base(so.File)
		if file, ok := called[base]; ok && file != so.File {
			called[base] = ""
		} else {
			called[base] = so.File
		}
	}
	list := make([]string, len(all))
	for i, so := range all {
		switch base := filepath.Base(so.File); {
		case i > 0 && all[i-1].File == so.File, len(all) > 1 && all[0].File == all[len(all)-1].File:
			list[i] = fmt.Sprint(so.Row)
		case called[base] == "":
			list[i] = so.File
		default:
			list[i] = base
		}
	}
	return list
}

// Print prints predictions, one a row.
func (p *Predictor) Print(out io.Writer, all []Prediction) error {
	if len(all) == 0 {
		return nil
	}
	labels := labels(all)
	t := &term.Table{Out: out, Columns: []term.Column{{Head: "row", Width: 3}}}
	for _, label := range labels {
		t.Columns[0].Width = max(t.Columns[0].Width, utf8.RuneCountInString(label))
	}
	if all[0].Class == nil {
		for k := range all[0].numbers {
			name := p.called(k, len(all[0].numbers))
			t.Columns = append(t.Columns, term.Column{Head: name, Width: max(10, utf8.RuneCountInString(name))})
		}
	} else {
		width := len("class")
		for _, name := range p.Classes {
			width = max(width, min(30, utf8.RuneCountInString(name)))
		}
		t.Columns = append(t.Columns, term.Column{Head: "class", Width: width, Text: true}, term.Column{Head: "probability", Width: 11},
			term.Column{Head: "then", Width: max(12, term.Width(out)-t.Columns[0].Width-width-11-8), Text: true})
	}
	for i, so := range all {
		cells := []string{labels[i]}
		if so.Class == nil {
			for _, v := range so.numbers {
				cells = append(cells, train.FormatFigure(v, 6))
			}
		} else {
			var then []string
			for _, class := range so.order[1:min(4, len(so.order))] {
				then = append(then, fmt.Sprintf("%s %.4f", p.Classes[class], so.Probabilities[class]))
			}
			cells = append(cells, so.Name, fmt.Sprintf("%.4f", *so.Probability), strings.Join(then, ", "))
		}
		if err := t.Row(cells...); err != nil {
			return err
		}
	}
	return nil
}
