package datasets

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Table is rows of columns in memory: numbers, categories, dates as their parts. As a [Data] it has
//
//   - an input "x" of all columns of numbers, [columns], in their order, where there are any;
//   - an input of ids for each column of categories, or of texts, of the column's name ("column x" for one called x): Field.Values says what each id means, −1 is a missing one;
//   - one target: the class, or [columns] of numbers.
//
// A network wants what [Prepare] makes of it: one input of numbers alone, none missing. A Table never changes after it was made.
type Table struct {
	info    Info
	rows    int
	columns []tableColumn // every column, in the file's order; a date's parts in its place
	numbers []int         // of columns, those in input x
	ids     []int         // and those with an input of their own
	targets []int
	found   Columns
	notes   []Finding
	first   []string // cell of each column that is not missing, as the file has it
	gap     string   // where the first row was that had no target, and was left out
	lines   []int32  // of the file, where each row begins; nil where there is no such file
	files   []string // of each row that is a file of its own; nil of others
}

// A tableColumn is one of numbers, NaN where they are missing, or of categories, −1 where they are.
type tableColumn struct {
	name   string
	of     string // the column of the file; its name, but for a date's parts
	floats []float32
	exact  []float64 // the numbers, where float32 makes one of two whole ones, such as times in seconds or long ids; else nil
	ids    []int32
	values []string
	counts bool    // the rows, and is left out
	text   bool    // the values are texts to be read
	when   []int64 // of the first part of a date: seconds since 1970, to be ordered by
}

// mostColumns are those of a table whose columns are looked at one by one, at some kilobytes each.
const mostColumns = 100_000

// newTable reads the rows of r twice: to see what the columns are, and to keep them.
func newTable(r *records, c Columns) (*Table, error) {
	if len(r.names) == 0 {
		return nil, fmt.Errorf("datasets: %s: got no columns, want at least one", r.name)
	}
	if len(r.names) > mostColumns {
		return nil, fmt.Errorf("datasets: %s: got %d columns, want at most %d: a row is a sample; turn the table where its columns are, or keep it as NPY files", r.name, len(r.names), mostColumns)
	}
	first := make(map[string]int, len(r.names))
	for i, name := range r.names {
		if at, twice := first[name]; twice {
			return nil, fmt.Errorf("datasets: %s: columns %d and %d are both called %q, want names of their own; change the header", r.name, at+1, i+1, name)
		}
		first[name] = i
	}
	if c.Asked {
		c = c.unasked()
	}
	if err := c.check(r.name, r.names); err != nil {
		return nil, err
	}
	r, without, line, said, err := r.answered(&c)
	if err != nil {
		return nil, err
	}
	guesses, comma, err := c.look(r)
	if err != nil {
		return nil, err
	}
	c.read(r.names, guesses)
	rows := guesses[0].rows
	if size := float64(rows) * float64(len(r.names)) * 4; size > 4*DefaultLimit {
		return nil, fmt.Errorf("datasets: %s: got %d rows of %d columns, which would take %.1f GB, want at most %d GB; keep it as NPY files, which are read from disk", r.name, rows, len(r.names), size/1e9, 4*DefaultLimit/1_000_000_000)
	}
	t := &Table{info: Info{Name: r.name}, rows: rows, found: Columns{
		Names: slices.Clone(r.names), Target: slices.Clone(c.Target), Ignore: slices.Clone(c.Ignore), Dates: map[string]string{}, Missing: slices.Clone(c.Missing),
	}}
	fill, err := t.layOut(r, &c, guesses, comma)
	if err != nil {
		return nil, err
	}
	if without > 0 {
		have, are := "have", "are"
		if without == 1 {
			have, are = "has", "is"
		}
		t.note("no-target", strings.Join(c.Target, " "), "%d of %d rows %s no %s and %s left out", without, rows+without, have, strings.Join(c.Target, " or "), are)
		if said != "" {
			n := len(t.notes) - 1
			t.notes[n].Message += fmt.Sprintf("; %q stands for none: write it otherwise if it is a class", said)
		}
		t.gap = fmt.Sprintf("line %d", line)
	}
	t.files = r.files
	row := 0
	t.first = make([]string, len(r.names))
	err = r.each(func(line int, cells []string) error {
		if line > 0 {
			t.lines = append(t.lines, int32(line))
		}
		for i, cell := range cells {
			if i < len(t.first) && t.first[i] == "" && !c.missing(cell) {
				t.first[i] = strings.Clone(cell)
			}
			if fill[i] != nil {
				if err := fill[i](row, line, cell); err != nil {
					return err
				}
			}
		}
		row++
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.precise()
	return t, t.describe()
}

// precise notes columns of whole numbers that float32 makes few of, such as long ids and times in nanoseconds.
func (t *Table) precise() {
	for _, at := range t.numbers {
		c := &t.columns[at]
		if c.exact == nil {
			continue
		}
		exact, kept := map[float64]bool{}, map[float32]bool{}
		for row, v := range c.floats {
			if n := c.number(row); !math.IsNaN(n) {
				exact[n], kept[v] = true, true
			}
		}
		if len(exact) >= 2*len(kept) {
			t.note("precision", c.of, "column %q: its numbers are kept to seven digits, which makes %d of %d different ones; take off what they have in common, or leave it out (Ignore, --ignore)", c.of, len(kept), len(exact))
		}
	}
}

// layOut makes room for the columns, and says how a cell of each is kept.
func (t *Table) layOut(r *records, c *Columns, guesses []guess, comma bool) ([]func(row, line int, cell string) error, error) {
	fill := make([]func(row, line int, cell string) error, len(r.names))
	for i, name := range r.names {
		g := &guesses[i]
		asked := slices.Contains(c.Numbers, name) || slices.Contains(c.Categories, name) || g.kind == texts
		counter := false
		if why := g.idLike(); why != "" && !g.target && !g.ignored && !asked {
			meant := "Categories (--categories) if each is a category, or in Texts (--text) if its words are to be read"
			if g.kind == numbers {
				meant = "Numbers (--numbers) or Categories (--categories) if something can"
			}
			g.ignored, counter = true, g.kind == numbers
			t.found.Ignore = append(t.found.Ignore, name)
			t.note("ids", name, "column %q is left out: it has %s and looks like an id, of which nothing can be learnt; name it in %s", name, why, meant)
		}
		if g.kind == nothing {
			if !g.ignored {
				t.found.Ignore = append(t.found.Ignore, name)
				t.note("empty", name, "column %q is left out: every cell of it is missing", name)
			}
			continue
		}
		at := len(t.columns)
		switch g.kind {
		case numbers:
			t.found.Numbers = append(t.found.Numbers, name)
			if words, ok := g.answers(); ok {
				if t.found.Answers == nil {
					t.found.Answers = map[string][2]string{}
				}
				t.found.Answers[name] = words
			}
			t.columns = append(t.columns, tableColumn{name: name, of: name, floats: make([]float32, t.rows), counts: counter})
			fill[i] = t.fillNumber(r, c, i, at, comma)
		case categories:
			if !g.target {
				t.found.Categories = append(t.found.Categories, name)
			}
			values, given := sortedValues(g.distinct), g.target && c.Classes != nil
			if given {
				values = slices.Clone(c.Classes)
			}
			if len(values) >= maxClasses && !g.ignored {
				return nil, fmt.Errorf("datasets: %s: column %q has %d different texts or more, want fewer than %d; name it in Ignore (--ignore)", r.name, name, len(values), maxClasses)
			}
			t.columns = append(t.columns, tableColumn{name: name, of: name, ids: make([]int32, t.rows), values: values})
			fill[i] = t.fillCategory(r, c, i, at, g)
		case texts:
			if g.target {
				return nil, fmt.Errorf("datasets: %s: column %q is the target and in Texts (--text), want it in one of them", r.name, name)
			}
			t.found.Texts = append(t.found.Texts, name)
			t.columns = append(t.columns, tableColumn{name: name, of: name, ids: make([]int32, t.rows), text: true})
			fill[i] = t.fillText(c, at)
		case dates:
			layout := g.layouts
			if len(layout) == 0 || c.Dates[name] != "" {
				layout = []string{c.Dates[name]}
			}
			t.found.Dates[name] = layout[0]
			parts := dateParts(layout[0])
			for k, part := range parts {
				column := tableColumn{name: name + " " + part, of: name, floats: make([]float32, t.rows)}
				if k == 0 {
					column.when = make([]int64, t.rows)
				}
				t.columns = append(t.columns, column)
			}
			fill[i] = t.fillDate(r, c, i, at, layout[0], parts)
		}
		for k := at; k < len(t.columns); k++ {
			switch {
			case g.target:
				t.targets = append(t.targets, k)
			case g.ignored:
			case g.kind == categories, g.kind == texts:
				t.ids = append(t.ids, k)
			default:
				t.numbers = append(t.numbers, k)
			}
		}
	}
	return fill, nil
}

// fillNumber keeps cells of a column of numbers.
func (t *Table) fillNumber(r *records, c *Columns, i, at int, comma bool) func(row, line int, cell string) error {
	to := t.columns[at].floats
	return func(row, line int, cell string) error {
		if c.missing(cell) {
			to[row] = float32(math.NaN())
			return nil
		}
		v, ok := parseNumber(cell, comma)
		if yes, word := parseBool(cell); !ok && word {
			v, ok = 0, true
			if yes {
				v = 1
			}
		}
		if words, answers := c.Answers[r.names[i]]; !ok && answers {
			return fmt.Errorf("%s: got %q, want %q or %q", r.at(line, i), cell, words[1], words[0])
		}
		if !ok {
			return fmt.Errorf("%s: got %q, want a number", r.at(line, i), cell)
		}
		to[row] = float32(v)
		t.columns[at].keep(row, v) // not of a pointer: the columns were still being laid out
		return nil
	}
}

// keep keeps a number that float32 cannot tell from its neighbours.
func (c *tableColumn) keep(row int, v float64) {
	switch {
	case c.exact != nil:
	case v == math.Trunc(v) && float64(float32(v)) != v:
		c.exact = make([]float64, len(c.floats))
		for i, f := range c.floats[:row] {
			c.exact[i] = float64(f)
		}
	default:
		return
	}
	c.exact[row] = v
}

// number is the number in a row, as exactly as it is known; NaN where it is missing.
func (c *tableColumn) number(row int) float64 {
	if c.exact == nil || math.IsNaN(float64(c.floats[row])) {
		return float64(c.floats[row])
	}
	return c.exact[row]
}

// fillCategory keeps cells of a column of categories.
func (t *Table) fillCategory(r *records, c *Columns, i, at int, g *guess) func(row, line int, cell string) error {
	to, values := t.columns[at].ids, t.columns[at].values
	ids := make(map[string]int32, len(values))
	for id, v := range values {
		ids[v] = int32(id)
	}
	return func(row, line int, cell string) error {
		id, ok := ids[cell]
		switch {
		case ok:
			to[row] = id
		case g.target:
			return fmt.Errorf("%s: got class %q, want one of %s", r.at(line, i), cell, short(quoted(values)))
		case g.more && g.ignored && !c.missing(cell): // no model sees it, and a split may go by it
			values = append(values, strings.Clone(cell))
			ids[values[len(values)-1]] = int32(len(values) - 1)
			to[row] = int32(len(values) - 1)
			t.columns[at].values = values
		default:
			to[row] = -1
		}
		return nil
	}
}

// fillText keeps texts, each once.
func (t *Table) fillText(c *Columns, at int) func(row, line int, cell string) error {
	column := &t.columns[at]
	known := map[string]int32{}
	return func(row, _ int, cell string) error {
		if column = &t.columns[at]; c.missing(cell) {
			column.ids[row] = -1
			return nil
		}
		id, ok := known[cell]
		if !ok {
			id = int32(len(column.values))
			cell = strings.Clone(cell)
			known[cell], column.values = id, append(column.values, cell)
		}
		column.ids[row] = id
		return nil
	}
}

// read takes the longest texts in where there is nothing else to learn from.
func (c *Columns) read(names []string, guesses []guess) {
	longest := -1
	for i := range guesses {
		g := &guesses[i]
		switch {
		case g.target, g.ignored, g.kind == nothing:
		case g.prose() && !slices.Contains(c.Categories, names[i]):
			if longest < 0 || g.words > guesses[longest].words {
				longest = i
			}
		case g.idLike() == "" || slices.Contains(c.Numbers, names[i]) || slices.Contains(c.Categories, names[i]):
			return
		}
	}
	if longest >= 0 && len(c.Texts) == 0 {
		guesses[longest].kind = texts
	}
}

// fillDate keeps the parts of dates.
func (t *Table) fillDate(r *records, c *Columns, i, at int, layout string, parts []string) func(row, line int, cell string) error {
	to := t.columns[at : at+len(parts)]
	return func(row, line int, cell string) error {
		if c.missing(cell) {
			for k := range to {
				to[k].floats[row] = float32(math.NaN())
			}
			to[0].when[row] = math.MinInt64
			return nil
		}
		when, err := time.Parse(layout, cell)
		if err != nil {
			return fmt.Errorf("%s: got %q, want a date such as %q", r.at(line, i), cell, layout)
		}
		for k, part := range parts {
			to[k].floats[row] = datePart(when, part)
		}
		to[0].when[row] = when.Unix()
		return nil
	}
}

// sortedValues are the different cells of a column in order: as numbers where they are all numbers, no before yes, else as texts.
func sortedValues(distinct map[string]int) []string {
	values := slices.AppendSeq(make([]string, 0, len(distinct)), maps.Keys(distinct))
	slices.Sort(values)
	slices.SortStableFunc(values, func(a, b string) int {
		x, ok := plainNumber(a)
		y, both := plainNumber(b)
		if ok && both && x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return 0
	})
	return values
}

// describe fills in what the table says of itself.
func (t *Table) describe() error {
	if len(t.targets) > 0 {
		first := &t.columns[t.targets[0]]
		target := Field{Name: first.name}
		switch {
		case len(t.targets) == 1 && first.ids != nil:
			target.IDs, target.Values = true, first.values
			t.info.Classes, t.found.Classes = first.values, slices.Clone(first.values)
		default:
			var names []string
			for _, at := range t.targets {
				if t.columns[at].ids != nil {
					return fmt.Errorf("datasets: %s: column %q, one of %d targets, is of texts, want numbers; several targets are numbers, or classes each in a table of its own", t.info.Name, t.columns[at].name, len(t.targets))
				}
				names = append(names, t.columns[at].name)
			}
			target.Name, target.Shape, target.Names = strings.Join(names, " "), []int{len(names)}, names
		}
		t.info.Targets = []Field{target}
	}
	if len(t.numbers) > 0 {
		x := Field{Name: "x", Shape: []int{len(t.numbers)}}
		for _, at := range t.numbers {
			x.Names = append(x.Names, t.columns[at].name)
		}
		t.info.Inputs = append(t.info.Inputs, x)
	}
	for _, at := range t.ids {
		name := t.columns[at].name
		for name == "x" || name != t.columns[at].name && slices.Contains(t.found.Names, name) { // that is the numbers'
			name = "column " + name
		}
		t.info.Inputs = append(t.info.Inputs, Field{Name: name, IDs: true, Values: t.columns[at].values, Text: t.columns[at].text})
	}
	if len(t.info.Inputs) == 0 {
		return fmt.Errorf("datasets: %s: no column is left to learn from: %s", t.info.Name, t.without())
	}
	t.info.Source = &Source{Columns: &t.found}
	return nil
}

// without says why columns are not inputs.
func (t *Table) without() string {
	var why []string
	for _, n := range t.notes {
		why = append(why, n.Message)
	}
	if len(why) == 0 {
		return "the target and the ignored columns are all there are; want at least one more"
	}
	return short(why)
}

func (t *Table) note(code, column, format string, args ...any) {
	t.notes = append(t.notes, Finding{Code: code, Column: column, Message: fmt.Sprintf(format, args...)})
}

// Example is the first cell of a column that is not missing, as the file has it; "" where there is none, or no such column.
func (t *Table) Example(column string) string {
	if i := slices.Index(t.found.Names, column); i >= 0 && i < len(t.first) {
		return t.first[i]
	}
	return ""
}

// Len is the number of rows.
func (t *Table) Len() int { return t.rows }

// Info describes a row.
func (t *Table) Info() Info { return t.info }

// Columns are the columns as they were found, complete: another file read with them has the same inputs and classes.
func (t *Table) Columns() Columns { return *(&Source{Columns: &t.found}).clone().Columns }

// Read copies rows. A missing number is NaN, a missing category −1; a network takes neither: [Prepare] fills them.
func (t *Table) Read(b Batch, rows []int, _ Draw) error {
	if err := t.info.check(b, rows, t.rows); err != nil {
		return err
	}
	for i, v := range b.Inputs {
		if v.Floats != nil {
			t.floats(v.Floats, t.numbers, rows)
		} else if v.IDs != nil {
			at := i
			if len(t.numbers) > 0 {
				at--
			}
			t.copyIDs(v.IDs, t.ids[at], rows)
		}
	}
	for _, v := range b.Targets {
		if v.Floats != nil {
			t.floats(v.Floats, t.targets, rows)
		} else if v.IDs != nil {
			t.copyIDs(v.IDs, t.targets[0], rows)
		}
	}
	return nil
}

func (t *Table) floats(to []float32, columns, rows []int) {
	for j, at := range columns {
		from := t.columns[at].floats
		for i, row := range rows {
			to[i*len(columns)+j] = from[row]
		}
	}
}

func (t *Table) copyIDs(to []int32, column int, rows []int) {
	from := t.columns[column].ids
	for i, row := range rows {
		to[i] = from[row]
	}
}

// column is the one of that name in the file: of a date its first part.
func (t *Table) column(name string) (*tableColumn, error) {
	var names []string
	for i := range t.columns {
		if c := &t.columns[i]; c.of == name {
			return c, nil
		}
		if n := len(names); n == 0 || names[n-1] != t.columns[i].of {
			names = append(names, t.columns[i].of)
		}
	}
	return nil, fmt.Errorf("datasets: %s: got column %q, want one of %s", t.info.Name, name, short(quoted(names)))
}

// cell is a cell as text, to be compared with others of its column.
func (c *tableColumn) cell(row int) string {
	switch {
	case c.when != nil:
		return strconv.FormatInt(c.when[row], 10)
	case c.ids == nil:
		if c.exact != nil {
			return strconv.FormatFloat(c.number(row), 'g', -1, 64)
		}
		return strconv.FormatFloat(float64(c.floats[row]), 'g', -1, 32)
	case c.ids[row] < 0:
		return ""
	}
	return c.values[c.ids[row]]
}
