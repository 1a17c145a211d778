package datasets

import (
	"fmt"
	"slices"
)

// A Window says how a series is cut.
type Window struct {
	Length int      // rows that a sample sees
	Ahead  int      // how many rows after the last of them the target is; 0: at the last
	Target []string // the columns to be foretold, of the input "x"; nil: the data's own target
}

// Windows are data over a series: rows in the order of time, such as a [Table]'s. A sample is Length rows after each other, input "x" [length, columns], and its target is that
// of the row Ahead behind the last one: of its own columns, or of the data's target. Divide a series before it is cut, by [SplitInOrder] or [Table.SplitAt], so that no window
// reaches across; prepare it before too, and the targets are prepared with it.
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
	n := data.Len() - w.Length - w.Ahead + 1
	switch {
	case w.Length < 1 || w.Ahead < 0:
		return fail("got length %d and %d rows ahead, want at least 1 and 0", w.Length, w.Ahead)
	case w.Length > data.Len() || w.Ahead > data.Len() || n < 1:
		return fail("got %d rows, want at least %d for one window of %d and its target %d ahead", data.Len(), w.Length+w.Ahead, w.Length, w.Ahead)
	}
	if len(info.Inputs) != 1 || info.Inputs[0].IDs || len(info.Inputs[0].Shape) != 1 {
		return fail("it has %d inputs, or one that is no row of numbers; prepare the columns of texts first, with OneHot, or ignore them", len(info.Inputs))
	}
	d := &windows{data: data, window: w, n: n, info: info, width: info.Inputs[0].Size()}
	x := info.Inputs[0]
	d.info.Inputs = []Field{{Name: x.Name, Shape: []int{w.Length, d.width}, Names: x.Names}}
	d.info.Source = nil
	if w.Target == nil {
		if len(info.Targets) == 0 {
			return fail("the data have no target, want Window.Target: columns to be foretold, of %s", short(quoted(x.Names)))
		}
		return d, nil
	}
	for _, name := range w.Target {
		at := slices.Index(x.Names, name)
		if at < 0 {
			return fail("got target %q, want one of %s", name, short(quoted(x.Names)))
		}
		d.columns = append(d.columns, at)
	}
	d.info.Targets = []Field{{Name: "next", Shape: []int{len(d.columns)}, Names: slices.Clone(w.Target)}}
	d.info.Classes = nil
	return d, nil
}

// windows is data cut into windows.
type windows struct {
	data    Data
	window  Window
	n       int
	info    Info
	width   int
	columns []int // of the input, to be foretold; nil: the data's target
}

func (d *windows) Len() int   { return d.n }
func (d *windows) Info() Info { return d.info }
func (d *windows) Slow() bool { return isSlow(d.data) }

func (d *windows) Read(b Batch, rows []int, draw Draw) error {
	if err := d.info.check(b, rows, d.n); err != nil {
		return err
	}
	if len(b.Inputs) > 0 && b.Inputs[0].Floats != nil {
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
	at := make([]int, len(rows))
	for i, row := range rows {
		at[i] = row + d.window.Length - 1 + d.window.Ahead
	}
	if d.columns == nil {
		return d.data.Read(Batch{Targets: b.Targets, Weights: b.Weights}, at, draw)
	}
	x := make([]float32, len(rows)*d.width)
	if err := d.data.Read(Batch{Inputs: []Values{{Floats: x}}, Weights: b.Weights}, at, draw); err != nil {
		return err
	}
	if len(b.Targets) > 0 && b.Targets[0].Floats != nil {
		for i := range rows {
			for k, column := range d.columns {
				b.Targets[0].Floats[i*len(d.columns)+k] = x[i*d.width+column]
			}
		}
	}
	return nil
}
