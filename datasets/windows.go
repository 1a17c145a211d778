package datasets

import (
	"fmt"
	"slices"
)

// A Window says how a series is cut.
type Window struct {
	Length int      `json:"length"`           // rows that a sample sees
	Ahead  int      `json:"ahead,omitempty"`  // how many rows after the last of them the target is; 0: at the last
	Target []string `json:"target,omitempty"` // the columns to be foretold, of the input "x"; nil: the data's own target
}

// Windows are data over a series: rows in the order of time, such as a [Table]'s. A sample is Length rows after each other, input "x" [length, columns] and ids [length] for each column of categories,
// and its target is that of the row Ahead behind the last one: of its own columns, or of the data's target. Where the data have none, there is none: the last window is then that of the last rows,
// which a model can be asked about. [Split] divides them so that no window reaches across; a series that was prepared before it is cut has its targets prepared with it.
//
//	days, err := datasets.Windows(table, datasets.Window{Length: 14, Ahead: 1, Target: []string{"temperature"}})
func Windows(data Data, w Window) (Data, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	info := data.Info()
	fail := func(format string, args ...any) (Data, error) {
		return nil, fmt.Errorf("datasets: %s: windows: %w", info.Name, fmt.Errorf(format, args...))
	}
	if w.Target == nil && len(info.Targets) == 0 {
		w.Ahead = 0
	}
	if t, ok := data.(*Table); ok {
		if err := t.inOrderOfTime(); err != nil {
			return nil, err
		}
		if t.gap != "" { // rows that were apart would look like neighbours
			return fail("%s: the target is missing, want one in each row of a series: fill the gap or cut the series there", t.gap)
		}
	}
	n := data.Len() - w.Length - w.Ahead + 1
	switch {
	case w.Length < 1 || w.Ahead < 0:
		return fail("got length %d and %d rows ahead, want at least 1 and 0", w.Length, w.Ahead)
	case w.Length > data.Len() || w.Ahead > data.Len() || n < 1:
		return fail("got %d rows, want at least %d for one window of %d and its target %d ahead", data.Len(), w.Length+w.Ahead, w.Length, w.Ahead)
	}
	d := &windows{data: data, window: w, n: n, info: info}
	d.info.Inputs = slices.Clone(info.Inputs)
	var names []string // of the numbers
	for i, f := range info.Inputs {
		switch {
		case f.IDs && len(f.Shape) == 0:
			d.info.Inputs[i].Shape = []int{w.Length}
		case !f.IDs && len(f.Shape) == 1:
			d.info.Inputs[i].Shape = []int{w.Length, f.Shape[0]}
			names = append(names, f.Names...)
		default:
			return fail("input %q has shape %v, want rows of columns: numbers, or a category each", f.Name, f.Shape)
		}
		if _, ok := product(d.info.Inputs[i].Shape, maxSample); !ok {
			return fail("got windows of %d rows, input %q, want at most %d values in one", w.Length, f.Name, maxSample)
		}
	}
	d.info.Reach = w.Length + w.Ahead
	if d.info.Source = info.Source.clone(); d.info.Source == nil {
		d.info.Source = &Source{}
	}
	d.info.Source.Window = &Window{w.Length, w.Ahead, slices.Clone(w.Target)}
	if w.Target == nil {
		return d, nil
	}
	for _, name := range w.Target {
		at := slices.Index(names, name)
		if at < 0 {
			return fail("got target %q, want a column of numbers: one of %s", name, short(quoted(names)))
		}
		d.columns = append(d.columns, at)
	}
	d.numbers = slices.IndexFunc(info.Inputs, func(f Field) bool { return !f.IDs })
	d.info.Targets = []Field{{Name: "next", Shape: []int{len(d.columns)}, Names: slices.Clone(w.Target)}}
	d.info.Classes = nil
	return d, d.whole()
}

// windows is data cut into windows.
type windows struct {
	data    Data
	window  Window
	n       int
	info    Info
	numbers int   // of the inputs, what the columns are of
	columns []int // of it, to be foretold; nil: the data's target
}

func (d *windows) Len() int   { return d.n }
func (d *windows) Info() Info { return d.info }
func (d *windows) Slow() bool { return isSlow(d.data) }

// whole is an error where a target is missing.
func (d *windows) whole() error {
	for _, rows := range Batches(inOrder(d.n), 4096) {
		to := make([]float32, len(rows)*len(d.columns))
		if err := d.foretold(to, nil, rows, Draw{}); err != nil {
			return err
		}
		if at := slices.IndexFunc(to, func(v float32) bool { return !finite(v) }); at >= 0 {
			k := len(d.columns)
			return fmt.Errorf("datasets: %s: windows: %s, column %q: the target is missing, want a number: fill the gap or cut the series there", d.info.Name, PlaceOf(d, rows[at/k]), d.window.Target[at%k])
		}
	}
	return nil
}

// at is the row of a window's target.
func (d *windows) at(window int) int { return window + d.window.Length - 1 + d.window.Ahead }

// Row is the row of the series, from 0, that a sample's target is of, or would be: the last that it sees, or one ahead.
func (d *windows) Row(sample int) int { return d.at(sample) }

func (d *windows) Read(b Batch, rows []int, draw Draw) error {
	if err := d.info.check(b, rows, d.n); err != nil {
		return err
	}
	if slices.ContainsFunc(b.Inputs, func(v Values) bool { return v.Floats != nil || v.IDs != nil }) {
		all := make([]int, 0, len(rows)*d.window.Length)
		for _, row := range rows {
			for k := range d.window.Length {
				all = append(all, row+k)
			}
		}
		if err := d.data.Read(Batch{Inputs: b.Inputs}, all, draw); err != nil {
			return err
		}
	}
	if len(b.Targets) == 0 && b.Weights == nil {
		return nil
	}
	if d.columns != nil {
		var to []float32
		if len(b.Targets) > 0 {
			to = b.Targets[0].Floats
		}
		return d.foretold(to, b.Weights, rows, draw)
	}
	at := make([]int, len(rows))
	for i, row := range rows {
		at[i] = d.at(row)
	}
	return d.data.Read(Batch{Targets: b.Targets, Weights: b.Weights}, at, draw)
}

// foretold reads the columns that are to be foretold, where to is not nil.
func (d *windows) foretold(to []float32, weights []float64, rows []int, draw Draw) error {
	at := make([]int, len(rows))
	for i, row := range rows {
		at[i] = d.at(row)
	}
	width := d.data.Info().Inputs[d.numbers].Size()
	inputs := make([]Values, d.numbers+1)
	inputs[d.numbers].Floats = make([]float32, len(rows)*width)
	if err := d.data.Read(Batch{Inputs: inputs, Weights: weights}, at, draw); err != nil || to == nil {
		return err
	}
	for i := range rows {
		for k, column := range d.columns {
			to[i*len(d.columns)+k] = inputs[d.numbers].Floats[i*width+column]
		}
	}
	return nil
}

// inOrderOfTime is an error where the first column of dates goes back.
func (t *Table) inOrderOfTime() error {
	for i := range t.columns {
		c := &t.columns[i]
		if c.when == nil {
			continue
		}
		for row := 1; row < t.rows; row++ {
			if c.when[row] < c.when[row-1] {
				return fmt.Errorf("datasets: %s: windows: column %q goes back in %s, want its rows in the order of time, the oldest first: sort them; several series in one file, want a file each", t.info.Name, c.of, PlaceOf(t, row))
			}
		}
		return nil
	}
	return nil
}
