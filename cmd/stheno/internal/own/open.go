// Package own knows what to do with data of one's own: it opens a file or folder, divides and prepares it, finds a network that suits it, and says what a network made of it.
package own

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
)

// A Reading says how data are read, where not as they look.
type Reading struct {
	Columns     datasets.Columns
	Window      int            // rows that a sample of a series sees; 0: the data are no series
	Ahead       int            // where its target is
	Asked       bool           // by the user: else it is 1 of numbers, and 0 of classes
	SkipDamaged bool           // pictures that cannot be read are left out
	Sequence    bool           // the first axis of a sample, or the columns of a row, are times
	Texts       datasets.Texts // Words and Length, of a text to be gone on with
	Groups      string         // the column that samples are held back by, which nothing is learnt from: who is asked about later has another; "" for none
	ByTime      string         // the column of their time, by which they are; "" for none
}

// ofColumns says whether it names columns.
func (r *Reading) ofColumns() bool {
	c := &r.Columns
	return len(c.Target)+len(c.Ignore)+len(c.Numbers)+len(c.Categories)+len(c.Texts)+len(r.Groups)+len(r.ByTime) > 0
}

// wanted are what something can be learnt of.
const wanted = "a table, a folder of pictures or texts, a text, or an archive of arrays"

// there is an error where one of the files or folders is missing that a user named; "" names none.
func there(paths ...string) error {
	for _, path := range paths {
		if path == "" {
			continue
		}
		if err := files.Missing(path, wanted); err != nil {
			return err
		}
	}
	return nil
}

// Open reads a file or folder with something to learn in it; its targets are in another where that is not "". Of a table the columns name the target.
func Open(path, targets string, r Reading) (datasets.Data, error) {
	if err := there(path, targets); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if (r.Texts.Words || r.Texts.Length != 0) && targets == "" {
		if r.ofColumns() || r.Window > 0 {
			return nil, usage.Errorf("train: got --words or --length, which are for a text to be gone on with, and columns or --window, which are for a table: leave one out")
		}
		return text(path, r.Texts)
	}
	if r.Groups != "" {
		if slices.Contains(r.Columns.Target, r.Groups) {
			return nil, usage.Errorf("--groups: got %q, which is the --target, want the column of what samples have in common, such as patient", r.Groups)
		}
		if !slices.Contains(r.Columns.Ignore, r.Groups) {
			r.Columns.Ignore = append(slices.Clone(r.Columns.Ignore), r.Groups)
		}
	}
	data, err := open(path, targets, r.Columns)
	if err != nil && r.SkipDamaged && isFolder(path, targets) {
		if pictures, failed := datasets.WholeImages(path); failed == nil {
			data, err = pictures, nil
		}
	}
	if err != nil {
		if targets == "" {
			if unknown := r.known(path); unknown != nil {
				return nil, unknown
			}
		}
		return nil, err
	}
	info := data.Info()
	table, ok := data.(*datasets.Table)
	switch {
	case ok && len(info.Targets) == 0:
		return nil, usage.Errorf("train: got no --target, want the column of %s that is to be learnt: one of %s", path, few(table.Columns().Names))
	case !ok && r.ofColumns() && (info.Source == nil || info.Source.Columns == nil):
		return nil, usage.Errorf("train: got columns (--target and the like) and %s, which is no table", path)
	case len(info.Targets) == 0:
		return nil, fmt.Errorf("train: %s has nothing to be learnt, want a table, a folder with a folder of pictures or texts for each class, a text, an NPZ archive with arrays x and y, or the targets in a second file: stheno train %s TARGETS", path, path)
	case r.ByTime != "" && !slices.Contains(info.Source.Columns.Names, r.ByTime):
		return nil, usage.Errorf("--by-time: got %q, want the column of the time of each row: one of %s%s", r.ByTime, few(info.Source.Columns.Names), usage.DidYouMean(r.ByTime, info.Source.Columns.Names))
	case r.Window > 0 && r.Groups+r.ByTime != "":
		return nil, usage.Errorf("--window: got it and --groups or --by-time, want it alone: of a series the last windows are held back, and none reaches into the others")
	case r.Window == 0 && r.Asked:
		return nil, usage.Errorf("--ahead: got %d and no --window, want how many rows of the series a sample sees, such as --window 14", r.Ahead)
	case r.Window == 0:
		return data, nil
	}
	return r.series(path, data)
}

// series cuts rows into windows. Numbers are foretold from what came before of all columns, the target's among them.
func (r *Reading) series(path string, data datasets.Data) (datasets.Data, error) {
	w := datasets.Window{Length: r.Window, Ahead: r.Ahead}
	target := data.Info().Targets[0]
	if !r.Asked && !target.IDs {
		w.Ahead = 1
	}
	if table, ok := data.(*datasets.Table); ok && !target.IDs && w.Ahead > 0 {
		c := r.Columns
		w.Target, c.Target = c.Target, nil
		c.Numbers = append(slices.Clone(c.Numbers), w.Target...)
		c.Ignore = table.Columns().Ignore
		var err error
		if data, err = open(path, "", c); err != nil {
			return nil, err
		}
	}
	return datasets.Windows(data, w)
}

// Look reads data as they come, to be looked at: a table without a target, and pictures without those that are damaged.
func Look(path string) (datasets.Data, error) {
	data, err := datasets.OpenFile(path, datasets.Columns{})
	if err != nil && isFolder(path, "") {
		if pictures, failed := datasets.WholeImages(path); failed == nil {
			return pictures, nil
		}
	}
	return data, err
}

func open(path, targets string, c datasets.Columns) (datasets.Data, error) {
	if targets != "" {
		return datasets.OpenPair(path, targets, c)
	}
	return datasets.OpenFile(path, c)
}

func text(path string, how datasets.Texts) (datasets.Data, error) {
	t, err := datasets.Text(path, how)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// known is a wrong command line where the flags name a column that the table lacks; nil where they do not.
func (r *Reading) known(path string) error {
	c := r.Columns
	data, err := datasets.OpenFile(path, datasets.Columns{})
	table, ok := data.(*datasets.Table)
	if err != nil || !ok {
		return nil
	}
	names := table.Columns().Names
	for _, of := range []struct {
		flag  string
		names []string
	}{{"--target", c.Target}, {"--groups", given(r.Groups)}, {"--by-time", given(r.ByTime)}, {"--ignore", c.Ignore}, {"--numbers", c.Numbers}, {"--categories", c.Categories}, {"--text", c.Texts}} {
		for _, name := range of.names {
			if !slices.Contains(names, name) {
				return usage.Errorf("%s: got %q, want a column of %s: one of %s%s", of.flag, name, path, few(names), usage.DidYouMean(name, names))
			}
		}
	}
	return nil
}

// given is a column that may not have been named.
func given(column string) []string {
	if column == "" {
		return nil
	}
	return []string{column}
}

// few joins a list that may be long.
func few(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" … (%d in all)", len(names))
	}
	return strings.Join(names, ", ")
}

// Again reads data as those that a model was trained on: by the names of their columns, or with pictures of their size and classes in their order. targets is the file that they are in, "" where that
// is the same one, or none.
func Again(path, targets string, source *datasets.Source) (datasets.Data, error) {
	return again(path, targets, source, false)
}

// Asked reads data that a model is asked about: of a series all windows that there are, though nobody knows yet what comes after the last.
func Asked(path string, source *datasets.Source) (datasets.Data, error) {
	return again(path, "", source, true)
}

func again(path, targets string, source *datasets.Source, asked bool) (data datasets.Data, err error) {
	if err := there(path, targets); err != nil {
		return nil, err
	}
	if source == nil {
		return open(path, targets, datasets.Columns{})
	}
	switch {
	case source.Pictures != nil && targets != "" && source.Columns != nil:
		return opened(datasets.ImagesWith(path, targets, *source.Pictures, *source.Columns))
	case source.Pictures != nil:
		how := *source.Pictures
		how.SkipDamaged = how.SkipDamaged && !asked
		return opened(datasets.Images(path, how))
	case source.Texts != nil:
		return text(path, *source.Texts)
	case source.Columns != nil:
		data, err = table(path, source, asked)
	default:
		data, err = open(path, targets, datasets.Columns{})
		if err == nil && !asked && source.Classes != nil && data.Info().Classes != nil {
			switch d := data.(type) {
			case *datasets.Arrays:
				data, err = opened(d.Numbered(source.Classes))
			case *datasets.Files:
				data, err = opened(d.Numbered(source.Classes))
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return cut(data, source, asked)
}

// cut makes windows of a series, where the model learnt from such.
func cut(data datasets.Data, source *datasets.Source, asked bool) (datasets.Data, error) {
	if source.Window == nil {
		return data, nil
	}
	w := *source.Window
	if asked {
		w.Target = nil
	}
	return datasets.Windows(data, w)
}

// columns are those of a table; where a model is asked about it, it is no matter what is known of the target.
func columns(source *datasets.Source, asked bool) datasets.Columns {
	c := *source.Columns
	c.Asked = asked
	return c
}

func table(path string, source *datasets.Source, asked bool) (datasets.Data, error) {
	c := columns(source, asked)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() && len(c.Texts) == 1 {
		return opened(datasets.Documents(path, c))
	}
	t, err := datasets.CSV(path, c)
	if err != nil && asked && len(c.Texts) == 1 && strings.EqualFold(filepath.Ext(path), ".txt") { // one text
		if d, failed := datasets.Documents(path, c); failed == nil {
			return d, nil
		}
	}
	return opened(t, err)
}

// opened is a Data, and nil where there is none.
func opened[D datasets.Data](d D, err error) (datasets.Data, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// A Parts is data in two: to learn from, and held back.
type Parts struct {
	All, Fit, Held  datasets.Data // prepared
	RawFit, RawHeld datasets.Data // as they came
	Prepare         *datasets.Preparation
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}

// A Division says which samples are held back: a share of them, by chance and each class alike, where no column says more.
type Division struct {
	Held   float64
	Seed   uint64
	Groups string // the column of which no cell is on both sides
	ByTime string // the column whose latest samples are held back
}

// Divide holds samples back, and fits the steps on the rest.
func Divide(data datasets.Data, how Division, steps ...datasets.Step) (p Parts, err error) {
	if p, err = divide(data, how, nil); err != nil {
		return p, err
	}
	if p.Prepare, err = datasets.Prepare(p.RawFit, steps...); err != nil {
		return p, err
	}
	return p.prepared(), nil
}

func divide(data datasets.Data, how Division, prepare *datasets.Preparation) (p Parts, err error) {
	p.All, p.RawFit, p.Prepare = data, data, prepare
	switch share := 1 - how.Held; {
	case how.Held == 0:
	case how.Groups != "":
		p.RawFit, p.RawHeld, err = datasets.SplitBy(data, how.Groups, share, how.Seed)
	case how.ByTime != "":
		p.RawFit, p.RawHeld, err = datasets.SplitAt(data, how.ByTime, share)
	default:
		p.RawFit, p.RawHeld, err = datasets.Split(data, share, how.Seed)
	}
	if err != nil {
		return p, err
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
	return Called(base)
}

// Called is a file's or folder's name as that of a training.
func Called(base string) string {
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
