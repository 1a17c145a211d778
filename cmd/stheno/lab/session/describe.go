package session

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
)

// A Description says how a file of one's own is read, before anything is learnt from it.
type Description struct {
	Name    string       `json:"name"`    // of the file
	Samples int          `json:"samples"` // rows, pictures, texts
	Columns []ReadColumn `json:"columns"` // of a table; none of others
	Target  string       `json:"target"`  // the column that is foretold where nobody says which: the last; "" of what is no table
	Classes []string     `json:"classes"` // of pictures and texts in a folder for each class
	Notes   []Note       `json:"notes"`   // what was left out, and why
}

// A Note is what is worth knowing of data, and the column that it is of, if it is of one.
type Note struct {
	look.Text
	Column string `json:"column"`
}

// A ReadColumn is a column of a table as it was read.
type ReadColumn struct {
	Column
	Missing int `json:"missing"` // cells
}

// Describe reads a file or folder, and says what is in it.
func Describe(path string) (*Description, error) {
	data, err := own.Look(path)
	if err != nil {
		return nil, named(err, path)
	}
	info := data.Info()
	d := &Description{Name: filepath.Base(path), Samples: data.Len(), Columns: []ReadColumn{}, Classes: []string{}, Notes: []Note{}}
	for _, n := range datasets.Notes(data) {
		d.Notes = append(d.Notes, Note{look.NoteOf(n), n.Column})
	}
	table, ok := data.(*datasets.Table)
	if !ok {
		if len(info.Targets) == 0 {
			return nil, fmt.Errorf("%s has nothing to be foretold: put the pictures of each class in a folder of its own, and pack these folders", d.Name)
		}
		d.Classes = append(d.Classes, info.Classes...)
		return d, nil
	}
	columns := table.Columns()
	missing, err := cells(data)
	if err != nil {
		return nil, named(err, path)
	}
	for _, name := range columns.Names {
		c := ReadColumn{Column: Column{Name: name, Type: "number", Example: beginning(table.Example(name))}, Missing: missing[name]}
		at := slices.IndexFunc(info.Inputs, func(f datasets.Field) bool { return f.IDs && (f.Name == name || f.Name == "column "+name) })
		answers, answered := columns.Answers[name]
		numbers := slices.ContainsFunc(info.Inputs, func(f datasets.Field) bool { return slices.Contains(f.Names, name) })
		switch _, date := columns.Dates[name]; {
		case date:
			c.Type = "date"
			for of, n := range missing { // which is of what it becomes: a year, a month and so on
				if strings.HasPrefix(of, name+" ") && !slices.Contains(columns.Names, of) {
					c.Missing = max(c.Missing, n)
				}
			}
		case at >= 0 && info.Inputs[at].Text:
			c.Type = "text"
		case at >= 0:
			c.Type, c.Categories = "category", slices.Clone(info.Inputs[at].Values)
		case answered:
			c.Type, c.Categories = "answer", answers[:]
		case !numbers:
			c.Type = "left out"
		}
		d.Columns = append(d.Columns, c)
	}
	d.Target = columns.Names[len(columns.Names)-1]
	return d, nil
}

// cells counts what is missing of each column.
func cells(data datasets.Data) (missing map[string]int, err error) {
	const at = 1024 // rows at a time
	info := data.Info()
	missing = map[string]int{}
	for first := 0; first < data.Len(); first += at {
		rows := make([]int, min(at, data.Len()-first))
		for k := range rows {
			rows[k] = first + k
		}
		b := datasets.Batch{}
		for _, f := range info.Inputs {
			if f.IDs {
				b.Inputs = append(b.Inputs, datasets.Values{IDs: make([]int32, len(rows)*f.Size())})
			} else {
				b.Inputs = append(b.Inputs, datasets.Values{Floats: make([]float32, len(rows)*f.Size())})
			}
		}
		if err := data.Read(b, rows, datasets.Draw{}); err != nil {
			return nil, err
		}
		for i, f := range info.Inputs {
			for _, id := range b.Inputs[i].IDs {
				if id < 0 {
					missing[f.Name]++
				}
			}
			for k, v := range b.Inputs[i].Floats {
				if v != v {
					missing[f.Names[k%len(f.Names)]]++
				}
			}
		}
	}
	return missing, nil
}

// named is an error by the file's name, and by what a page calls things: where it lies is no matter to who uploaded it, who knows no flags.
func named(err error, path string) error {
	text := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "train: "), "datasets: "), path, filepath.Base(path))
	return errors.New(strings.NewReplacer("--target: got", "column to foretell: got", "in Ignore (--ignore)", "in Ignore (--ignore)", "the column out (--ignore)", "the column out (--ignore)", "out with --ignore", "out with --ignore", " (--ignore)", "", // the first ones look.Said knows, and those of columns that are left out
		"in Numbers (--numbers) or Categories (--categories) if", "in Numbers (--numbers) or Categories (--categories) if", "in Categories (--categories) if each is a category, or in Texts (--text) if", "in Categories (--categories) if each is a category, or in Texts (--text) if",
		"; or read the column as names of something (--categories)", "", ", or have them left out (--skip-damaged, Pictures.SkipDamaged)", "",
		"want a table, a folder with a folder of pictures or texts for each class, a text, an NPZ archive with arrays x and y, or the targets in a second file: stheno train "+filepath.Base(path)+" TARGETS", "want a table, or a zip with a folder of pictures for each class", "--", "").Replace(text))
}

// LastColumn is that of a table, but for columns that are left out: it is foretold where nobody says what; none of what is no table.
func LastColumn(path string, ignored ...string) []string {
	data, err := datasets.OpenFile(path, datasets.Columns{})
	if table, ok := data.(*datasets.Table); err == nil && ok {
		names := slices.DeleteFunc(table.Columns().Names, func(name string) bool { return slices.Contains(ignored, name) })
		return names[max(0, len(names)-1):]
	}
	return nil
}
