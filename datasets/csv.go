package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// CSV reads a table from a text file, plain or gzipped: cells apart by commas, semicolons, tabs, bars or blanks; a header line or none; a decimal point or comma; quotes, with
// line ends within; UTF-8, UTF-16 or Latin-1. What the columns are is found, where c does not say: see [Columns]. A column of texts of which hardly two are the same, and one
// that counts the rows, is left out unless c names it: [Check] tells.
//
// With the columns of another table ([Table.Columns]) it is read as that one was: by the names of its header, in whatever order, or by place where it has none. The
// target may then lack, as it does where it is to be predicted. Rows whose target is missing are left out, which [Check] tells; [Columns.Asked] keeps them, to be predicted.
//
// An error names the line and the column, what is there and what is wanted.
func CSV(path string, c Columns) (*Table, error) {
	f, err := openFile(path, "a text file of a table")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadCSV(f, filepath.Base(path), c)
}

// ReadCSV is [CSV] of what a reader gives, to its end; name stands in the errors.
func ReadCSV(r io.Reader, name string, c Columns) (*Table, error) {
	if r == nil {
		return nil, fmt.Errorf("datasets: %s: got nothing to read from, want the text of a table", name)
	}
	text, err := readText(r)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", name, err)
	}
	t := &csvText{name: name, text: text}
	if err := t.separate(c.Separator); err != nil {
		return nil, err
	}
	if err := t.head(&c); err != nil {
		return nil, err
	}
	table, err := newTable(&records{name: name, names: t.names, each: t.each}, c)
	if err == nil && !t.header && c.Names == nil && len(t.names) > 1 {
		table.note("no-header", "", "the first line reads as a row and not as a header: columns are called by their numbers, \"1\" to \"%d\"; write a line with their names above it", len(t.names))
	}
	return table, err
}

// openFile opens a regular file.
func openFile(path, want string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("datasets: %s: %w", path, bare(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("datasets: %s: it is not a regular file, want %s", path, want)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, bare(err))
	}
	return f, nil
}

// A csvText is the text of a table.
type csvText struct {
	name   string
	text   []byte
	comma  rune
	names  []string // of the table's columns
	places []int    // of those in a line; nil: as they come
	header bool     // the first line is no row
	cells  int      // of a line
	row    []string
}

// reader reads the lines from the start.
func (t *csvText) reader(text []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord, r.TrimLeadingSpace = comma, -1, true, comma != '\t'
	return r
}

// separate finds what stands between cells, of the first lines.
func (t *csvText) separate(asked string) error {
	separators := map[string]rune{",": ',', ";": ';', "\t": '\t', "|": '|', " ": ' '}
	if first, _, _ := bytes.Cut(t.text, []byte("\n")); len(bytes.TrimRight(first, "\r")) == len("sep=;") && bytes.HasPrefix(first, []byte("sep=")) { // as spreadsheets write it
		if _, ok := separators[string(first[4:5])]; ok {
			t.text = t.text[5:] // the line stays, empty, so that others keep their numbers
			if asked == "" {
				asked = string(first[4:5])
			}
		}
	}
	switch comma, ok := separators[asked]; {
	case asked == "":
	case !ok:
		return fmt.Errorf(`datasets: %s: got separator %q, want one of "," ";" "\t" "|" " ", or none to have it found`, t.name, asked)
	case comma == ' ':
		t.text, t.comma = tabbed(t.text), '\t'
		return nil
	default:
		t.comma = comma
		return nil
	}
	const lines = 20
	best, most := ',', 1
	for _, comma := range []rune{',', ';', '\t', '|', ' '} {
		text := t.text[:min(len(t.text), 1<<20)]
		if comma == ' ' {
			if most > 1 {
				break
			}
			text = tabbed(text)
		}
		at := comma
		if comma == ' ' {
			at = '\t'
		}
		cells, same := 0, 0
		for r, n := t.reader(text, at), 0; n < lines; n++ {
			record, err := r.Read()
			if err != nil {
				break
			}
			if cells == 0 {
				cells = len(record)
			}
			if len(record) == cells {
				same++
			} else {
				same -= 2
			}
		}
		if cells > most && same > 0 && (comma != ' ' || cells > 1) {
			best, most = comma, cells
		}
	}
	t.comma = best
	if best == ' ' {
		t.text, t.comma = tabbed(t.text), '\t'
	}
	return nil
}

// tabbed puts one tab in place of each run of blanks that is not in quotes.
func tabbed(text []byte) []byte {
	out := make([]byte, 0, len(text))
	quoted, gap := false, false
	for _, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case !quoted && (b == ' ' || b == '\t'):
			gap = true
			continue
		case b == '\n' || b == '\r':
			gap = false
		}
		if gap && len(out) > 0 && out[len(out)-1] != '\n' {
			out = append(out, '\t')
		}
		gap = false
		out = append(out, b)
	}
	return out
}

// head finds the names of the columns, and whether the first line has them.
func (t *csvText) head(c *Columns) error {
	r := t.reader(t.text, t.comma)
	first, err := r.Read()
	if err == io.EOF {
		return fmt.Errorf("datasets: %s: it is empty, want a line for each row", t.name)
	}
	if err != nil {
		return t.wrong(err)
	}
	first = trimmed(slices.Clone(first))
	t.cells = len(first)
	if c.Names != nil {
		return t.match(first, c)
	}
	if t.header, err = t.isHeader(first, c); err != nil {
		return err
	}
	t.names = numbered(len(first))
	for i := range first {
		if t.header && first[i] != "" {
			t.names[i] = first[i]
		} else if t.header {
			t.names[i] = "column " + t.names[i] // as programs write the numbers of rows
		}
	}
	return nil
}

// numbered are the names of columns that have none.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i + 1)
	}
	return names
}

// isHeader says whether the first line has names: where the caller names one of them, or where a text stands over numbers; where all are texts, if none comes again below.
func (t *csvText) isHeader(first []string, c *Columns) (bool, error) {
	for _, list := range [][]string{c.Target, c.Ignore, c.Numbers, c.Categories, c.Texts} {
		for _, name := range list {
			if slices.Contains(first, name) {
				if _, number := parseNumber(name, false); !number {
					return true, nil
				}
			}
		}
	}
	number := make([]bool, len(first)) // the cells of the first line that are
	any := false
	for i, cell := range first {
		_, dot := parseNumber(cell, false)
		_, comma := parseNumber(cell, true)
		number[i] = dot || comma
		any = any || number[i]
	}
	over, again := slices.Clone(number), false // over: not a text over numbers alone
	there := make([]bool, len(first))
	rows := 0
	t.header = true // so that each leaves it out
	defer func() { t.header = false }()
	err := t.each(func(_ int, cells []string) error {
		rows++
		for i, cell := range cells {
			if c.missing(cell) {
				continue
			}
			again = again || cell == first[i]
			_, dot := parseNumber(cell, false)
			_, comma := parseNumber(cell, true)
			there[i] = there[i] || dot || comma
			over[i] = over[i] || !dot && !comma
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for i := range first {
		if !over[i] && there[i] && !c.missing(first[i]) {
			return true, nil
		}
	}
	if any || again || rows == 0 && len(first) == 1 {
		return false, nil
	}
	seen := map[string]bool{}
	for _, cell := range first {
		if cell == "" || seen[cell] {
			return false, nil
		}
		seen[cell] = true
	}
	return true, nil
}

// match finds the columns that are wanted: by the names in the first line, or, where it has none, by their places. The target's may lack, and those that are ignored.
func (t *csvText) match(first []string, c *Columns) error {
	optional := func(name string) bool { return slices.Contains(c.Target, name) || slices.Contains(c.Ignore, name) }
	for i, cell := range first {
		if cell == "" { // as head calls it
			first[i] = "column " + strconv.Itoa(i+1)
		}
	}
	var wanted, found, lacking []string
	for _, name := range c.Names {
		if slices.Contains(first, name) {
			found = append(found, name)
		} else if !optional(name) {
			lacking = append(lacking, name)
		}
		if !optional(name) {
			wanted = append(wanted, name)
		}
	}
	named := !slices.Equal(c.Names, numbered(len(c.Names)))
	t.header = len(found) > 0 && named
	for _, cell := range first {
		if _, number := parseNumber(cell, false); number && !slices.Equal(first, c.Names) {
			t.header = t.header && len(lacking) == 0 && slices.Contains(c.Names, cell)
		}
	}
	switch {
	case t.header && len(lacking) > 0, !t.header && named && len(found) == 0 && t.foreign(first, c):
		return fmt.Errorf("datasets: %s: line 1: the header lacks %s, want each column that the others of its kind have; it has %s", t.name, short(quoted(lacking)), short(quoted(first)))
	case t.header:
		t.names = found
		for _, name := range found {
			t.places = append(t.places, slices.Index(first, name))
		}
	case len(first) == len(c.Names):
		t.names = slices.Clone(c.Names)
	case len(first) == len(c.Names)-len(c.Target):
		t.names = slices.DeleteFunc(slices.Clone(c.Names), func(name string) bool { return slices.Contains(c.Target, name) })
	case len(first) == len(wanted):
		t.names = wanted
	default:
		return fmt.Errorf("datasets: %s: line 1: got %d cells and no header, want %d: %s", t.name, len(first), len(wanted), short(quoted(wanted)))
	}
	there := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(t.names, name) && slices.Contains(c.Names, name) })
	}
	c.Target, c.Ignore = there(c.Target), there(c.Ignore)
	c.Numbers, c.Categories = there(c.Numbers), there(c.Categories)
	c.Texts = there(c.Texts)
	if len(c.Target) == 0 {
		c.Classes = nil
	}
	return nil
}

// foreign says whether a first line with none of the names that are wanted is the header of another table all the same: it has texts alone, and one of them stands over a number.
func (t *csvText) foreign(first []string, c *Columns) bool {
	number := func(cell string) bool {
		_, dot := parseNumber(cell, false)
		_, comma := parseNumber(cell, true)
		return dot || comma
	}
	if slices.ContainsFunc(first, number) || slices.ContainsFunc(first, func(cell string) bool { return c.missing(cell) || strings.HasPrefix(cell, "column ") }) { // as match calls one that is empty
		return false
	}
	over := false
	t.header = true // so that it is left out
	defer func() { t.header = false }()
	_ = t.each(func(_ int, cells []string) error { // what is wrong with it is told by who reads it
		over = slices.ContainsFunc(cells, number)
		return io.EOF // one row is enough
	})
	return over
}

// each yields the rows.
func (t *csvText) each(yield func(line int, cells []string) error) error {
	r := t.reader(t.text, t.comma)
	for n := 0; ; n++ {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return t.wrong(err)
		}
		line, _ := r.FieldPos(0)
		if len(cells) != t.cells {
			return fmt.Errorf("datasets: %s: line %d: got %d cells, want %d as in the first line; a separator within a cell wants quotes around it", t.name, line, len(cells), t.cells)
		}
		if n == 0 && t.header {
			continue
		}
		cells = trimmed(cells)
		if t.places != nil {
			t.row = t.row[:0]
			for _, at := range t.places {
				t.row = append(t.row, cells[at])
			}
			cells = t.row
		}
		if err := yield(line, cells); err != nil {
			return err
		}
	}
}

func trimmed(cells []string) []string {
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
	}
	return cells
}

// wrong words an error of the reader.
func (t *csvText) wrong(err error) error {
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		return fmt.Errorf("datasets: %s: %w", t.name, err)
	}
	switch pe.Err {
	case csv.ErrQuote:
		if pe.StartLine < pe.Line {
			return fmt.Errorf("datasets: %s: line %d: got a cell whose quotes do not end there, nor well in line %d; want them closed, and quotes within a cell doubled", t.name, pe.StartLine, pe.Line)
		}
		return fmt.Errorf("datasets: %s: line %d: got text after the quotes that end at character %d, or quotes in a cell that begins without; want a cell in quotes whole, and quotes within it doubled", t.name, pe.Line, pe.Column)
	case csv.ErrBareQuote:
		return fmt.Errorf(`datasets: %s: line %d: got a " at character %d in a cell that does not begin with one; want the cell in quotes, and quotes within it doubled`, t.name, pe.Line, pe.Column)
	}
	return fmt.Errorf("datasets: %s: line %d: %w", t.name, pe.Line, pe.Err)
}
