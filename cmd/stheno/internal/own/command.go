package own

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// An Argument is a flag with its value; without a flag it is the file of the data, or of the targets.
type Argument struct{ Flag, Value string }

// Arguments are those of stheno train that read a run's data as it has read them. Columns are named where they would not be found alike.
func Arguments(c run.Config) []Argument {
	all := []Argument{{"", c.File}}
	if c.Targets != "" {
		all = append(all, Argument{"", c.Targets})
	}
	source := c.Preparation.Source()
	switch {
	case source == nil:
		return all
	case source.Texts != nil:
		if source.Texts.Words {
			all = append(all, Argument{Flag: "words"})
		}
		return append(all, Argument{"length", fmt.Sprint(source.Texts.Length)})
	}
	if source.Pictures != nil && source.Pictures.SkipDamaged {
		all = append(all, Argument{Flag: "skip-damaged"})
	}
	r := Reading{Columns: datasets.Columns{Target: Target(source)}, Groups: c.Experiment.Groups, ByTime: c.Experiment.ByTime}
	if source.Window != nil {
		r.Window, r.Ahead, r.Asked = source.Window.Length, source.Window.Ahead, true
	}
	if source.Columns != nil && !isFolder(c.File, c.Targets) {
		for _, add := range []func(of *datasets.Columns){
			func(*datasets.Columns) {},
			func(of *datasets.Columns) { of.Texts = source.Columns.Texts },
			func(of *datasets.Columns) { of.Ignore = source.Columns.Ignore },
			func(of *datasets.Columns) {
				of.Numbers, of.Categories = source.Columns.Numbers, source.Columns.Categories
				if source.Columns.Classes != nil {
					of.Categories = append(slices.Clone(of.Categories), of.Target...)
				}
			},
		} {
			if add(&r.Columns); r.same(c, source) {
				break
			}
		}
	}
	for _, names := range []struct {
		flag string
		of   []string
	}{{"groups", given(r.Groups)}, {"by-time", given(r.ByTime)}, {"target", r.Columns.Target}, {"text", r.Columns.Texts}, {"ignore", r.Columns.Ignore}, {"numbers", r.Columns.Numbers}, {"categories", r.Columns.Categories}} {
		if len(names.of) > 0 && !isFolder(c.File, c.Targets) {
			all = append(all, Argument{names.flag, strings.Join(names.of, ",")})
		}
	}
	if source.Window != nil {
		all = append(all, Argument{"window", fmt.Sprint(r.Window)}, Argument{"ahead", fmt.Sprint(r.Ahead)})
	}
	return all
}

// same says whether the data are read so as a run has read them; not where they are no longer there.
func (r Reading) same(c run.Config, source *datasets.Source) bool {
	data, err := Open(c.File, c.Targets, r)
	if err != nil {
		return false
	}
	now, err := json.Marshal(data.Info().Source)
	was, err2 := json.Marshal(source) // as it is kept
	return err == nil && err2 == nil && bytes.Equal(now, was)
}

// Target are the columns that a model foretells; none where its data are no table.
func Target(source *datasets.Source) []string {
	switch {
	case source == nil:
		return nil
	case source.Window != nil && source.Window.Target != nil:
		return source.Window.Target
	case source.Columns != nil:
		return source.Columns.Target
	}
	return nil
}

// isFolder says whether data come from a folder alone, whose names are all that is said of them.
func isFolder(path, targets string) bool {
	info, err := os.Stat(path)
	return targets == "" && err == nil && info.IsDir()
}
