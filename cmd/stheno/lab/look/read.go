package look

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/datainfo"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Read is how data of one's own were read, divided and prepared, and what saying the same of every sample is worth.
type Read struct {
	Name         string        `json:"name"`
	Samples      int           `json:"samples"` // all
	Fit          int           `json:"fit"`     // that are learnt from
	Held         int           `json:"held"`    // that are held out; 0 where none are
	Target       []string      `json:"target"`
	Columns      []ReadColumn  `json:"columns"`      // of a table
	Classes      []ReadClass   `json:"classes"`      // where one is foretold
	Preparation  string        `json:"preparation"`  // its steps in words, as --prepare takes them
	Standardized *Standardized `json:"standardized"` // the target, of which the loss is; null where it is as it came
	Baseline     *Baseline     `json:"baseline"`     // null where there is none
	Notes        []Text        `json:"notes"`        // what was left out and is worth a look
}

// A ReadColumn is one of a table.
type ReadColumn struct {
	Name    string   `json:"name"`
	Role    string   `json:"role"`             // "number", "category", "date", "text", "target", "ignored", which the user did, or "left out", of which a note says why where the data were read anew
	Values  int      `json:"values,omitempty"` // categories
	Parts   []string `json:"parts,omitempty"`  // of a date: what it becomes
	Missing int      `json:"missing"`          // cells
	Fill    *Number  `json:"fill,omitempty"`   // what a missing number becomes, the median of what is learnt from
	Min     *Number  `json:"min,omitempty"`
	Max     *Number  `json:"max,omitempty"`
	Mean    *Number  `json:"mean,omitempty"`
	Answers []string `json:"answers,omitempty"` // of a number that is no or yes: how these are written, 0 first
}

// A ReadClass is one with its samples.
type ReadClass struct {
	Name string `json:"name"`
	Fit  int    `json:"fit"`
	Held int    `json:"held"`
}

// Standardized says by what a target was: it is (value − Mean) / Std.
type Standardized struct {
	Mean Number `json:"mean"`
	Std  Number `json:"std"`
}

// A Baseline is what is worth saying the same of every sample that is held out.
type Baseline struct {
	Class   string           `json:"class,omitempty"`
	Share   *Number          `json:"share,omitempty"` // right by that
	Numbers []BaselineNumber `json:"numbers,omitempty"`
}

// A BaselineNumber is that of a number, in its units.
type BaselineNumber struct {
	Target string `json:"target"`
	Mean   Number `json:"mean"` // which is said
	RMSE   Number `json:"rmse"`
	MAE    Number `json:"mae"`
}

// kept is where the lab has put what a page brought, which is no matter of the page's.
var kept = regexp.MustCompile(`(?:[A-Za-z]:)?[^\s:;]*[/\\](?:uploads|data)[/\\][0-9]+[/\\]`)

// NoteOf is what was found of data, without the names by which a program or a command would read them otherwise: a page cannot.
func NoteOf(f datasets.Finding) Text {
	t := Said(kept.ReplaceAllString(f.Message, ""))
	t.EN, _, _ = strings.Cut(t.EN, "; name it in ")
	return t
}

// ReadOf says how data of one's own were read: all of them, as they came, and found of their two parts; said says that columns of which nothing was found were left out by the user.
func ReadOf(s *Subject, all datasets.Data, name string, said bool) (*Read, error) {
	if s.RawFit == nil || s.Prepare == nil {
		return nil, errors.New("these are no data of your own, whose columns were looked at")
	}
	info := all.Info()
	r := &Read{Name: name, Samples: all.Len(), Fit: s.RawFit.Len(), Preparation: s.Prepare.String(), Columns: []ReadColumn{}, Classes: []ReadClass{}, Target: []string{}, Notes: []Text{}}
	if s.RawTest != nil {
		r.Held = s.RawTest.Len()
	}
	found, err := datasets.Check(s.RawFit, s.RawTest)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		r.Notes = append(r.Notes, NoteOf(f))
	}
	if len(info.Targets) == 1 && !info.Targets[0].IDs {
		r.Target = slices.Clone(info.Targets[0].Names)
		if width := info.Targets[0].Size(); width == 1 {
			r.Target = []string{own.Output(info.Targets[0], 0)}
			ends := []float32{0, 1}
			if s.Prepare.Restore(ends); ends[0] != 0 || ends[1] != 1 {
				r.Standardized = &Standardized{Number(ends[0]), Number(ends[1]) - Number(ends[0])}
			}
		}
	} else if len(info.Targets) == 1 {
		r.Target = []string{info.Targets[0].Name}
	}
	if err := r.judgedBy(s); err != nil {
		return nil, err
	}
	if source := info.Source; source != nil && source.Columns != nil && source.Window == nil {
		return r, r.table(s, all, source.Columns, found, said)
	}
	return r, nil
}

func (r *Read) judgedBy(s *Subject) error {
	b, err := own.BaselineFor(s.RawFit, s.RawTest)
	if err != nil || b == nil {
		return err
	}
	if b.Numbers == nil {
		share := Number(b.Share)
		r.Baseline = &Baseline{Class: b.Class, Share: &share}
		for _, name := range s.RawFit.Info().Classes {
			c := ReadClass{Name: name, Fit: b.Counts[name]}
			if r.Held > 0 {
				c.Held = b.Held[name]
			}
			r.Classes = append(r.Classes, c)
		}
		return nil
	}
	r.Baseline = &Baseline{}
	for _, n := range b.Numbers[:min(len(b.Numbers), mostOutputs)] {
		r.Baseline.Numbers = append(r.Baseline.Numbers, BaselineNumber{n.Target, Number(n.Mean), Number(n.RMSE), Number(n.MAE)})
	}
	return nil
}

// mostOutputs are the numbers of a target that are told one by one.
const mostOutputs = 12

// table says what each column is.
func (r *Read) table(s *Subject, all datasets.Data, c *datasets.Columns, found []datasets.Finding, said bool) error {
	d, err := datainfo.Describe(all)
	if err != nil {
		return err
	}
	filled := s.Prepare.Filled()
	for _, name := range c.Names {
		column := ReadColumn{Name: name, Role: "left out"}
		at := slices.IndexFunc(d.Columns, func(o datainfo.Column) bool { return o.Name == name })
		switch _, date := c.Dates[name]; {
		case slices.Contains(c.Target, name):
			column.Role = "target"
		case date && slices.ContainsFunc(d.Columns, func(o datainfo.Column) bool { return strings.HasPrefix(o.Name, name+" ") }):
			column.Role = "date"
			for _, o := range d.Columns {
				if part, ok := strings.CutPrefix(o.Name, name+" "); ok {
					column.Parts, column.Missing = append(column.Parts, part), max(column.Missing, o.Missing)
				}
			}
		case at < 0 && said && !slices.ContainsFunc(found, func(f datasets.Finding) bool { return f.Column == name && (f.Code == "ids" || f.Code == "empty") }):
			column.Role = "ignored"
		case at < 0:
		case d.Columns[at].Texts > 0:
			column.Role = "text"
		case d.Columns[at].Values != nil:
			column.Role = "category"
		default:
			column.Role = "number"
		}
		if at >= 0 {
			o := d.Columns[at]
			column.Missing, column.Values = o.Missing, len(o.Values)
			if o.Min != nil {
				column.Min, column.Max, column.Mean = known(*o.Min), known(*o.Max), known(*o.Mean)
				column.Answers = o.Answers
			}
			if v, ok := filled[name]; ok && column.Role == "number" {
				column.Fill = known(float64(v))
			}
		}
		r.Columns = append(r.Columns, column)
	}
	return nil
}

// A Judged is what the model makes of samples that it has not learnt from, as stheno eval judges them.
type Judged struct {
	Step      uint64        `json:"step"`
	Set       string        `json:"set"` // "held", "test", or "train" where none are held out
	Samples   int           `json:"samples"`
	Sets      []JudgedSet   `json:"sets"`      // the training samples first
	Confusion [][]int       `json:"confusion"` // [actual class][class that was said]; null where no sample has one class
	Classes   []string      `json:"classes"`
	Errors    []JudgedError `json:"errors"`   // of numbers, in their units; null where none are foretold
	Baseline  *Baseline     `json:"baseline"` // of data of one's own
	Prepared  bool          `json:"prepared"` // the loss is of the standardized target
}

// A JudgedSet is the figures of some samples.
type JudgedSet struct {
	Set     string        `json:"set"`
	Samples int           `json:"samples"` // all that there are
	Loss    *Number       `json:"loss"`
	Scores  []JudgedScore `json:"scores"`
}

// A JudgedScore is a metric's figure; that of numbers is in the units of the target.
type JudgedScore struct {
	Name  string  `json:"name"`
	Value *Number `json:"value"`
}

// A JudgedError says how far a number that is foretold is off, in its units.
type JudgedError struct {
	Target  string  `json:"target"`
	RMSE    *Number `json:"rmse"`
	MAE     *Number `json:"mae"`
	Median  *Number `json:"median"`
	Largest *Number `json:"largest"`
	Place   string  `json:"place"` // of the sample that is most off
}

// Judge judges a model that was evaluated on its training samples, and on those of another set, where there is one.
func Judge(ctx context.Context, s *Subject, fit, other *train.Evaluation, set string) (*Judged, error) {
	j := &Judged{Set: "train", Sets: []JudgedSet{}}
	classes := s.Fit.Info().Classes
	for i, e := range []*train.Evaluation{fit, other} {
		if e == nil {
			continue
		}
		name, data, raw := "train", s.Fit, s.RawFit
		if i == 1 {
			name, data, raw = set, s.Test, s.RawTest
		}
		so := &own.Judgement{Metrics: &e.Metrics, Confusion: e.Confusion}
		if s.Prepare != nil && raw != nil {
			var err error
			if so, err = own.JudgeBy(ctx, e, s.Model, s.Prepare, raw); err != nil {
				return nil, err
			}
		}
		told := JudgedSet{name, data.Len(), known(so.Metrics.Loss), []JudgedScore{}}
		for _, score := range so.Metrics.Scores {
			told.Scores = append(told.Scores, JudgedScore{score.Name, known(score.Value)})
		}
		j.Set, j.Samples, j.Sets, j.Errors, j.Confusion = name, data.Len(), append(j.Sets, told), nil, nil
		if targets := data.Info().Targets; len(targets) == 1 && targets[0].IDs && targets[0].Size() == 1 {
			j.Confusion, j.Classes = so.Confusion, classes
		}
		for _, r := range so.Residuals[:min(len(so.Residuals), mostOutputs)] {
			j.Errors = append(j.Errors, JudgedError{r.Target, known(r.RMSE), known(r.MAE), known(r.Median), known(r.Largest), placeOf(r)})
		}
	}
	if s.Prepare != nil && len(j.Errors) > 0 {
		ends := []float32{0, 1}
		s.Prepare.Restore(ends[:1])
		s.Prepare.Restore(ends[1:])
		j.Prepared = ends[0] != 0 || ends[1] != 1
	}
	if s.Prepare != nil && s.RawFit != nil {
		r := &Read{}
		if err := r.judgedBy(s); err != nil {
			return nil, err
		}
		j.Baseline = r.Baseline
	}
	return j, nil
}

// placeOf is where a sample stands: its line of a file, its file, or its number.
func placeOf(r own.Residuals) string {
	switch {
	case r.File != "":
		return r.File
	case r.Line > 0:
		return strconv.Itoa(r.Line)
	}
	return fmt.Sprint(r.Row)
}
