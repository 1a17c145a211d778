// Package own knows what to do with data of one's own: it opens a file or folder, divides and prepares it, finds a network that suits it, and says what a network made of it.
package own

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Open reads a file or folder with something to learn in it. Of a table the columns name the target.
func Open(path string, c datasets.Columns) (datasets.Data, error) {
	data, err := datasets.OpenFile(path, c)
	if err != nil {
		if unknown := known(path, c); unknown != nil {
			return nil, unknown
		}
		return nil, err
	}
	table, ok := data.(*datasets.Table)
	switch {
	case ok && len(c.Target) == 0:
		return nil, usage.Errorf("train: got no --target, want the column of %s that is to be learnt: one of %s", path, few(table.Columns().Names))
	case !ok && len(c.Target)+len(c.Ignore)+len(c.Numbers)+len(c.Categories) > 0:
		return nil, usage.Errorf("train: got columns (--target and the like) and %s, which is no table", path)
	case len(data.Info().Targets) == 0:
		return nil, fmt.Errorf("train: %s has nothing to be learnt, want a table, a folder with a folder of pictures for each class, or an NPZ archive with arrays x and y", path)
	}
	return data, nil
}

// known is a wrong command line where the flags name a column that the table lacks; nil where they do not.
func known(path string, c datasets.Columns) error {
	data, err := datasets.OpenFile(path, datasets.Columns{})
	table, ok := data.(*datasets.Table)
	if err != nil || !ok {
		return nil
	}
	names := table.Columns().Names
	for _, of := range []struct {
		flag  string
		names []string
	}{{"--target", c.Target}, {"--ignore", c.Ignore}, {"--numbers", c.Numbers}, {"--categories", c.Categories}} {
		for _, name := range of.names {
			if !slices.Contains(names, name) {
				return usage.Errorf("%s: got %q, want a column of %s: one of %s%s", of.flag, name, path, few(names), usage.DidYouMean(name, names))
			}
		}
	}
	return nil
}

// few joins a list that may be long.
func few(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" … (%d in all)", len(names))
	}
	return strings.Join(names, ", ")
}

// Again reads data as those that a model was trained on: by the names of their columns, or with pictures of their size and classes in their order.
func Again(path string, source *datasets.Source) (datasets.Data, error) {
	if source != nil && source.Columns != nil {
		t, err := datasets.CSV(path, *source.Columns)
		if err != nil {
			return nil, err
		}
		return t, nil
	}
	if source != nil && source.Pictures != nil {
		p, err := datasets.Images(path, *source.Pictures)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	if source != nil && source.Texts != nil {
		t, err := datasets.Text(path, *source.Texts)
		if err != nil {
			return nil, err
		}
		return t, nil
	}
	return datasets.OpenFile(path, datasets.Columns{})
}

// A Parts is data in two: to learn from, and held back.
type Parts struct {
	All, Fit, Held  datasets.Data // prepared
	RawFit, RawHeld datasets.Data // as they came
	Prepare         *datasets.Preparation
}

// Of are the data of a run, as it has divided and prepared them; path is where they are now, "" for where they were.
func Of(c run.Config, path string) (p Parts, err error) {
	if path == "" {
		path = c.File
	}
	data, err := Again(path, c.Preparation.Source())
	if os.IsNotExist(err) || err != nil && missing(path) {
		return p, fmt.Errorf("the data of the run are no longer at %s: put them back, or give the place: stheno train --resume RUN FILE", path)
	}
	if err != nil {
		return p, err
	}
	return divide(data, c.Experiment.Validation, c.Seed, c.Preparation)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}

// Divide holds back a share of data by chance, each class alike, and fits the steps on the rest.
func Divide(data datasets.Data, held float64, seed uint64, steps ...datasets.Step) (p Parts, err error) {
	if p, err = divide(data, held, seed, nil); err != nil {
		return p, err
	}
	if p.Prepare, err = datasets.Prepare(p.RawFit, steps...); err != nil {
		return p, err
	}
	return p.prepared(), nil
}

func divide(data datasets.Data, held float64, seed uint64, prepare *datasets.Preparation) (p Parts, err error) {
	p.All, p.RawFit, p.Prepare = data, data, prepare
	if held > 0 {
		if p.RawFit, p.RawHeld, err = datasets.Split(data, 1-held, seed); err != nil {
			return p, err
		}
	}
	return p.prepared(), nil
}

func (p Parts) prepared() Parts {
	p.Fit, p.Held = p.RawFit, p.RawHeld
	if p.Prepare != nil {
		p.All = p.Prepare.On(p.All)
		p.Fit = p.Prepare.On(p.RawFit)
		if p.RawHeld != nil {
			p.Held = p.Prepare.On(p.RawHeld)
		}
	}
	return p
}

// Name is what a training on a file is called.
func Name(path string) string {
	base := filepath.Base(filepath.Clean(path))
	for _, ending := range []string{".gz", filepath.Ext(strings.TrimSuffix(base, ".gz"))} {
		if short := strings.TrimSuffix(base, ending); short != "" {
			base = short
		}
	}
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:`, r) || r < ' ' {
			return '_'
		}
		return r
	}, base)
	if name = strings.TrimLeft(name, "-. "); name == "" {
		return "data"
	}
	return name
}
