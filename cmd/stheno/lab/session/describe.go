package session

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
)

// A Description says how a file of one's own is read, before anything is learnt from it.
type Description struct {
	Name    string        `json:"name"`    // of the file
	Samples int           `json:"samples"` // rows, pictures, texts
	Columns []ReadColumn  `json:"columns"` // of a table; none of others
	Target  string        `json:"target"`  // the column that is foretold where nobody says which: the last; "" of what is no table
	Classes []string      `json:"classes"` // of pictures and texts in a folder for each class
	Notes   []look.Phrase `json:"notes"`   // what was left out, and why
}

// A ReadColumn is a column of a table as it was read.
type ReadColumn struct {
	Column
	Missing int `json:"missing"` // cells
}

// Describe reads a file or folder, and says what is in it.
func Describe(path string) (*Description, error) {
	data, err := datasets.OpenFile(path, datasets.Columns{})
	if err != nil {
		return nil, named(err, path)
	}
	info := data.Info()
	d := &Description{Name: filepath.Base(path), Samples: data.Len(), Columns: []ReadColumn{}, Classes: []string{}, Notes: []look.Phrase{}}
	for _, n := range datasets.Notes(data) {
		what, _, _ := strings.Cut(n.Message, ";") // what follows is for who calls a package, or a command
		d.Notes = append(d.Notes, look.Phrase(what))
	}
	table, ok := data.(*datasets.Table)
	if !ok {
		d.Classes = append(d.Classes, info.Classes...)
		return d, nil
	}
	columns := table.Columns()
	missing, example, err := cells(data)
	if err != nil {
		return nil, named(err, path)
	}
	for _, name := range columns.Names {
		c := ReadColumn{Column: Column{Name: name, Type: "number", Example: example[name]}, Missing: missing[name]}
		at := slices.IndexFunc(info.Inputs, func(f datasets.Field) bool { return f.IDs && (f.Name == name || f.Name == "column "+name) })
		numbers := slices.ContainsFunc(info.Inputs, func(f datasets.Field) bool { return slices.Contains(f.Names, name) })
		switch _, date := columns.Dates[name]; {
		case date:
			c.Type = "date"
		case at >= 0 && info.Inputs[at].Text:
			c.Type = "text"
		case at >= 0:
			c.Type, c.Categories = "category", slices.Clone(info.Inputs[at].Values)
		case !numbers:
			c.Type = "left out"
		}
		d.Columns = append(d.Columns, c)
	}
	d.Target = columns.Names[len(columns.Names)-1]
	return d, nil
}

// cells counts what is missing of each column, and takes the first of each that is there.
func cells(data datasets.Data) (missing map[string]int, example map[string]string, err error) {
	const at = 1024 // rows at a time
	info := data.Info()
	missing, example = map[string]int{}, map[string]string{}
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
			return nil, nil, err
		}
		for i, f := range info.Inputs {
			for _, id := range b.Inputs[i].IDs {
				if id < 0 {
					missing[f.Name]++
				} else if _, ok := example[f.Name]; !ok && int(id) < len(f.Values) {
					example[f.Name] = beginning(f.Values[id])
				}
			}
			for k, v := range b.Inputs[i].Floats {
				name := f.Names[k%len(f.Names)]
				if v != v {
					missing[name]++
				} else if _, ok := example[name]; !ok {
					example[name] = strconv.FormatFloat(float64(v), 'g', -1, 32)
				}
			}
		}
	}
	return missing, example, nil
}

// named is an error by the file's name, and by what a page calls things: where it lies is no matter to who uploaded it, who knows no flags.
func named(err error, path string) error {
	text := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "train: "), "datasets: "), path, filepath.Base(path))
	return errors.New(strings.NewReplacer("--target: got", "column to foretell: got", "(Ignore, --ignore)", "", "--", "").Replace(text))
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
