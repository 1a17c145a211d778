package own

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Judgement is what a model makes of data, in their own units.
type Judgement struct {
	Metrics   *train.Metrics `json:"metrics"`
	Confusion [][]int        `json:"confusion,omitempty"` // [actual class][predicted class]
	Residuals []Residuals    `json:"residuals,omitempty"` // of each number that is foretold
}

// Residuals are what was foretold less what is, in the units of the target.
type Residuals struct {
	Target  string  `json:"target"`
	RMSE    float64 `json:"rmse"`
	MAE     float64 `json:"mae"`
	Mean    float64 `json:"mean"`
	Median  float64 `json:"median_absolute"`
	Largest float64 `json:"largest"`        // by its size, with its sign
	Row     int     `json:"row"`            // of it among all that were read, from 1
	Line    int     `json:"line,omitempty"` // of the file where it begins, of a table
	File    string  `json:"file,omitempty"` // that it is, of a picture
	place   datasets.Place
}

// Judge evaluates a model on data as they came.
func Judge(ctx context.Context, m *graph.Model, how train.Config, prepare *datasets.Preparation, data datasets.Data) (*Judgement, error) {
	prepared := data
	if prepare != nil {
		prepared = prepare.On(data)
	}
	e, err := train.Evaluate(ctx, m, prepared, train.Config{Loss: how.Loss, Metrics: how.Metrics, Ranks: how.Ranks})
	if err != nil {
		return nil, err
	}
	return JudgeBy(ctx, e, m, prepare, data)
}

// JudgeBy is Judge where the model was evaluated already.
func JudgeBy(ctx context.Context, e *train.Evaluation, m *graph.Model, prepare *datasets.Preparation, data datasets.Data) (j *Judgement, err error) {
	prepared := data
	if prepare != nil {
		prepared = prepare.On(data)
	}
	metrics := e.Metrics // whose scores are changed below
	j = &Judgement{Metrics: &metrics, Confusion: e.Confusion}
	info := data.Info()
	if len(info.Targets) == 1 && info.Targets[0].Size() > 1 { // of characters that come next nobody looks at so large a table
		j.Confusion = nil
	}
	if len(info.Targets) == 1 && !info.Targets[0].IDs {
		if j.Residuals, err = residuals(ctx, m, prepare, prepared, data); err != nil {
			return nil, err
		}
		var square, absolute float64
		for _, r := range j.Residuals {
			square += r.RMSE * r.RMSE
			absolute += r.MAE
		}
		n := float64(len(j.Residuals))
		j.Metrics.Scores = slices.DeleteFunc(slices.Clone(j.Metrics.Scores), func(s train.Score) bool { return s.Name == "rmse" || s.Name == "mae" }) // of the standardised target
		j.Metrics.Scores = append(j.Metrics.Scores, train.Score{Name: "rmse", Value: math.Sqrt(square / n)}, train.Score{Name: "mae", Value: absolute / n})
	}
	return j, nil
}

func residuals(ctx context.Context, m *graph.Model, prepare *datasets.Preparation, prepared, data datasets.Data) ([]Residuals, error) {
	said, err := train.Predict(ctx, m, prepared)
	if err != nil {
		return nil, err
	}
	values := slices.Clone(said.Float32s())
	prepare.Restore(values)
	field := data.Info().Targets[0]
	n, width := data.Len(), field.Size()
	if len(values) != n*width {
		return nil, nil // the loss compares other things
	}
	all := make([]Residuals, width)
	errors := make([][]float64, width)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for _, rows := range datasets.Batches(order, 1024) {
		target := make([]float32, len(rows)*width)
		if err := data.Read(datasets.Batch{Targets: []datasets.Values{{Floats: target}}}, rows, datasets.Draw{}); err != nil {
			return nil, err
		}
		for i, row := range rows {
			for k := range width {
				e := float64(values[row*width+k]) - float64(target[i*width+k])
				r := &all[k]
				r.Mean += e / float64(n)
				r.MAE += math.Abs(e) / float64(n)
				r.RMSE += e * e / float64(n)
				if math.Abs(e) > math.Abs(r.Largest) || row == 0 {
					r.Largest, r.place = e, datasets.PlaceOf(data, row)
					r.Row, r.Line, r.File = r.place.Row, r.place.Line, r.place.File
				}
				errors[k] = append(errors[k], math.Abs(e))
			}
		}
	}
	for k := range all {
		r := &all[k]
		r.RMSE = math.Sqrt(r.RMSE)
		slices.Sort(errors[k])
		r.Median = errors[k][n/2]
		r.Target = Output(field, k)
	}
	return all, nil
}

// Output is what the k-th number of a target is called.
func Output(field datasets.Field, k int) string {
	switch {
	case k < len(field.Names):
		return field.Names[k]
	case field.Size() == 1:
		return field.Name
	}
	return fmt.Sprintf("%s %d", field.Name, k+1)
}

// mostClasses is how many a confusion table may have.
const mostClasses = 12

// Print prints the confusion, or the residuals.
func (j *Judgement) Print(out io.Writer, classes []string) error {
	if len(j.Confusion) > 0 {
		return j.printConfusion(out, classes)
	}
	for _, r := range j.Residuals {
		text := fmt.Sprintf("%s: half of what was foretold is within %s, on average %s off (rmse %s, mean %s); the most is %s, of %s", r.Target, plain(r.Median), plain(r.MAE), plain(r.RMSE), signed(r.Mean), signed(r.Largest), r.place)
		if _, err := io.WriteString(out, term.Indent(text, 0, term.Width(out))); err != nil {
			return err
		}
	}
	return nil
}

func plain(v float64) string { return train.FormatFigure(v, 4) }

func signed(v float64) string {
	if v >= 0 {
		return "+" + plain(v)
	}
	return plain(v)
}

func (j *Judgement) printConfusion(out io.Writer, classes []string) error {
	name := func(class int) string {
		if class < len(classes) {
			return term.Plain(classes[class])
		}
		return fmt.Sprint(class)
	}
	if len(j.Confusion) > mostClasses {
		return j.printConfused(out, name)
	}
	t := &term.Table{Out: out, Columns: []term.Column{{Head: "is, said", Width: len("is, said")}}}
	for class := range j.Confusion {
		t.Columns[0].Width = max(t.Columns[0].Width, utf8.RuneCountInString(name(class)))
		t.Columns = append(t.Columns, term.Column{Head: name(class), Width: max(4, utf8.RuneCountInString(name(class)))})
	}
	for class, row := range j.Confusion {
		cells := []string{name(class)}
		for _, n := range row {
			if n == 0 {
				cells = append(cells, ".")
			} else {
				cells = append(cells, fmt.Sprint(n))
			}
		}
		if err := t.Row(cells...); err != nil {
			return err
		}
	}
	return nil
}

// printConfused prints which classes were taken for which most often.
func (j *Judgement) printConfused(out io.Writer, name func(int) string) error {
	type pair struct{ is, said, n int }
	var all []pair
	for is, row := range j.Confusion {
		for said, n := range row {
			if is != said && n > 0 {
				all = append(all, pair{is, said, n})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return b.n - a.n })
	text := "taken for another most often:"
	for i, p := range all[:min(len(all), 8)] {
		if i > 0 {
			text += ";"
		}
		text += fmt.Sprintf(" %s for %s (%d)", name(p.is), name(p.said), p.n)
	}
	if len(all) == 0 {
		text = "none was taken for another"
	}
	_, err := io.WriteString(out, term.Indent(text, 0, term.Width(out)))
	return err
}

// Figures prints the loss and the scores of parts of the data, one a row.
func Figures(out io.Writer, names []string, all []*Judgement) error {
	var t *term.Table
	for i, j := range all {
		if j == nil {
			continue
		}
		if t == nil {
			t = &term.Table{Out: out, Columns: []term.Column{{Width: 10}, {Head: "loss", Width: 9}}}
			for _, name := range names {
				t.Columns[0].Width = max(t.Columns[0].Width, utf8.RuneCountInString(name))
			}
			for _, s := range j.Metrics.Scores {
				t.Columns = append(t.Columns, term.Column{Head: s.Name, Width: max(9, len(s.Name))})
			}
		}
		cells := []string{names[i], term.Figure(j.Metrics.Loss)}
		for _, s := range j.Metrics.Scores {
			cells = append(cells, term.Figure(s.Value))
		}
		if err := t.Row(cells...); err != nil {
			return err
		}
	}
	return nil
}
