package session

import (
	"cmp"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/losses"
)

// raw describes a sample as it came.
func (m *material) raw() datasets.Info {
	if m.rawFit != nil {
		return m.rawFit.Info()
	}
	return m.train.Info()
}

// kind is what the run learns: "classes", "regression", "labels", of which a sample may have several, or "text", of which it is to say how it goes on.
func (r *run) kind() string {
	info := r.material.fit.Info()
	if len(info.Targets) == 0 {
		return "regression"
	}
	target, e := info.Targets[0], r.segments[0].experiment
	switch {
	case target.IDs && target.Size() > 1:
		return "text"
	case target.IDs:
		return "classes"
	case e.Loss != nil && e.Loss.Name() == (losses.BinaryCrossEntropy{}).Name() && !e.Reconstruct:
		return "labels"
	}
	return "regression"
}

// input says what a sample is, and how a user gives one.
func (r *run) input() Input {
	info := r.material.raw()
	in := Input{Shape: slices.Clone(info.Shape()), Kind: "row"}
	if in.Shape == nil {
		in.Shape = []int{}
	}
	source := info.Source
	if source == nil {
		source = r.material.prepare.Source() // nil where nothing was prepared
	}
	if source == nil {
		source = &datasets.Source{}
	}
	switch {
	case source.Texts != nil:
		in.Kind = "text"
		if s, err := look.SampleOf(r.subject(), "test", 0); err == nil {
			in.Columns = []Column{{Name: "text", Type: "text", Example: beginning(s.Text)}}
		}
		return in
	case source.Window != nil:
		in.Kind = "sequence"
		return in
	case source.Columns != nil:
		in.Columns = r.columns(info, source.Columns)
		if len(in.Columns) == 1 && in.Columns[0].Type == "text" {
			in.Kind = "text"
		}
	case isPicture(info.Inputs):
		in.Kind = "image"
	}
	return in
}

// isPicture says whether samples can be drawn as pictures.
func isPicture(inputs []datasets.Field) bool {
	if len(inputs) != 1 || inputs[0].IDs || inputs[0].Names != nil {
		return false
	}
	s := inputs[0].Shape
	return (len(s) == 2 || len(s) == 3 && (s[2] == 1 || s[2] == 3)) && s[0] > 1 && s[1] > 1
}

// beginning is how a text begins, without a word that is cut.
func beginning(text string) string {
	const most = 24
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most])
	}
	return text
}

// columns are those of a table that something is learnt from, with what stands in a sample that is tested on.
func (r *run) columns(info datasets.Info, c *datasets.Columns) []Column {
	names := slices.DeleteFunc(slices.Clone(c.Names), func(name string) bool { return slices.Contains(c.Target, name) || slices.Contains(c.Ignore, name) })
	row, text := r.example(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(c.Texts, name) }))
	all := []Column{}
	for _, name := range names {
		column := Column{Name: name, Type: "number", Example: row[name]}
		at := slices.IndexFunc(info.Inputs, func(f datasets.Field) bool { return f.Name == name && f.IDs })
		answers, answered := c.Answers[name]
		switch _, date := c.Dates[name]; {
		case date:
			column.Type = "date"
		case answered:
			column.Type, column.Categories = "category", answers[:]
		case slices.Contains(c.Texts, name):
			if column.Type = "text"; column.Example == "" {
				column.Example = text
			}
		case at >= 0:
			column.Type, column.Categories = "category", slices.Clone(info.Inputs[at].Values)
		}
		all = append(all, column)
	}
	return all
}

// exampleRows is how many samples are looked through for one of which nothing is missing.
const exampleRows = 100

// example is a row to begin with, and what it has of text: the first that has all of these columns, else the first one, with what other rows have where it has nothing.
func (r *run) example(names []string) (row map[string]string, text string) {
	row = map[string]string{}
	for i := range exampleRows {
		s, err := look.SampleOf(r.subject(), "test", i)
		if err != nil {
			break
		}
		if text == "" {
			text = s.Text
		}
		if !slices.ContainsFunc(names, func(name string) bool { return s.Row[name] == "" }) {
			return s.Row, s.Text
		}
		for name, value := range s.Row {
			row[name] = cmp.Or(row[name], value)
		}
	}
	return row, text
}
