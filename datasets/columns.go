package datasets

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Columns say what the columns of a table are. What is left out is found by looking at the whole file; [Table.Columns] tells what was found, complete, so that another
// file is read in the same way. Columns are named by the header line, or by numbers from 1 where there is none.
type Columns struct {
	Names      []string             `json:"names,omitempty"`      // of all columns; nil: the file's first line, if it reads as a header
	Target     []string             `json:"target,omitempty"`     // what is to be learnt: one column of classes, or any number of columns of numbers
	Ignore     []string             `json:"ignore,omitempty"`     // not to be learnt from; a split may group by them
	Numbers    []string             `json:"numbers,omitempty"`    // columns of numbers; yes and no, true and false are 1 and 0
	Categories []string             `json:"categories,omitempty"` // columns whose cells are names of something, though they look like numbers or like no two are the same
	Texts      []string             `json:"texts,omitempty"`      // columns of texts to be read, of which the step Words makes ids; a table that has nothing else to learn from has its longest texts among them
	Dates      map[string]string    `json:"dates,omitempty"`      // columns of dates, with the layout as package time writes it: {"sold": "02.01.2006"}
	Answers    map[string][2]string `json:"answers,omitempty"`    // how the columns of numbers that are of yes and no write these, 0 first, to show them so; all ways are read
	Classes    []string             `json:"classes,omitempty"`    // of a target of classes, in order; nil: those in the file
	Missing    []string             `json:"missing,omitempty"`    // how a missing cell is written, beside the usual ways: "", NA, N/A, NaN, null, None, ?, -
	Asked      bool                 `json:"-"`                    // the rows are to be predicted: what is in their target's columns, if these are there, is not looked at
	literal    bool                 // cells are what they say, and none but an empty one is missing
	Separator  string               `json:"separator,omitempty"` // of cells: "," ";" "\t" "|" or " " for any number of blanks; "": found
}

// missingWords are cells that hold nothing, in lower case.
var missingWords = []string{"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "nil", "?", "-", "--", "."}

func (c *Columns) missing(cell string) bool {
	if len(cell) > 4 && len(c.Missing) == 0 || c.literal && cell != "" {
		return false
	}
	return slices.Contains(missingWords, strings.ToLower(cell)) || slices.Contains(c.Missing, cell)
}

// A columnKind is what the cells of a column are.
type columnKind uint8

const (
	numbers columnKind = iota
	categories
	dates
	texts
	nothing // every cell is missing
)

// A records gives the rows of a table as text, as often as they are asked for. line is where a row begins in its file, 0 where there is no file.
type records struct {
	name  string
	names []string // of the columns
	each  func(yield func(line int, cells []string) error) error
	files []string // of each row, where it is a file of its own; else nil
}

// at is a place, for messages.
func (r *records) at(line, column int) string {
	switch {
	case line == 0:
		return fmt.Sprintf("datasets: %s: column %q", r.name, r.names[column])
	default:
		return fmt.Sprintf("datasets: %s: line %d, column %q", r.name, line, r.names[column])
	}
}

// A guess is what was seen of a column.
type guess struct {
	kind         columnKind
	target       bool
	ignored      bool
	rows         int
	missing      int
	dots         int // numbers with a decimal point, with a decimal comma, yes and no
	commas       int
	bools        int
	words        int  // in all cells that are no numbers
	whole        bool // all numbers are, by the decimal point; by the comma
	wholeByComma bool
	steps        bool // each number is one more than the one before
	last         float64
	distinct     map[string]int // the cells, as far as they matter
	more         bool           // and there are more
	may          []layoutGuess  // those of dates that all cells fit so far, or nearly all
	layouts      []string       // that every cell fits, when all were seen
	odd          string         // the first cell that is no number
	oddLine      int
}

// A layoutGuess is a way of writing dates, and the cells that do not fit it.
type layoutGuess struct {
	layout  string
	misses  int
	odd     string // the first of them
	oddLine int
}

// fewNumbers is how many different numbers are told apart: more are no classes.
const fewNumbers = 64

func (g *guess) see(c *Columns, line int, cell string) {
	g.rows++
	if c.missing(cell) {
		g.missing++
		g.steps = false
		return
	}
	dot, isDot := parseNumber(cell, false)
	withComma, isComma := parseNumber(cell, true)
	if isDot {
		g.dots++
		g.whole = g.whole && dot == float64(int64(dot))
		g.steps = g.steps && (g.dots == 1 || dot == g.last+1)
		g.last = dot
	}
	if isComma {
		g.commas++
		g.wholeByComma = g.wholeByComma && withComma == float64(int64(withComma))
	}
	_, isBool := parseBool(cell)
	if isBool {
		g.bools++
	}
	if !isDot && !isComma {
		g.words += len(strings.Fields(cell))
		if g.odd == "" {
			g.odd, g.oddLine = cell, line
		}
		g.steps = false
	}
	if n, ok := g.distinct[cell]; ok {
		g.distinct[cell] = n + 1
	} else if len(g.distinct) < fewNumbers || !isDot && len(g.distinct) < maxClasses {
		g.distinct[strings.Clone(cell)] = 1
	} else {
		g.more = true
	}
	for i := range g.may {
		if l := &g.may[i]; !fitsDate(l.layout, cell) {
			if l.misses++; l.misses == 1 {
				l.odd, l.oddLine = strings.Clone(cell), line
			}
		}
	}
	g.may = slices.DeleteFunc(g.may, func(l layoutGuess) bool { return l.misses > 1+g.there()/10 })
}

// there is how many cells are not missing.
func (g *guess) there() int { return g.rows - g.missing }

// look reads all rows once and says what each column is.
func (c *Columns) look(r *records) ([]guess, bool, error) {
	guesses := make([]guess, len(r.names))
	for i, name := range r.names {
		g := &guesses[i]
		*g = guess{whole: true, wholeByComma: true, steps: true, distinct: map[string]int{}, target: slices.Contains(c.Target, name), ignored: slices.Contains(c.Ignore, name)}
		layouts := dateLayouts
		if layout, ok := c.Dates[name]; ok {
			layouts = []string{layout}
		}
		for _, layout := range layouts {
			g.may = append(g.may, layoutGuess{layout: layout})
		}
	}
	err := r.each(func(line int, cells []string) error {
		for i, cell := range cells {
			guesses[i].see(c, line, cell)
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	if guesses[0].rows == 0 {
		return nil, false, fmt.Errorf("datasets: %s: got no rows, want at least one below the header", r.name)
	}
	// One way of writing numbers for the whole file.
	comma := false
	for _, g := range guesses {
		comma = comma || g.commas > g.dots && g.commas == g.there()
	}
	for i := range guesses {
		if comma {
			guesses[i].whole = guesses[i].wholeByComma
		}
		if err := guesses[i].decide(c, r, i, comma); err != nil {
			return nil, false, err
		}
	}
	return guesses, comma, nil
}

// decide says what a column is, of what was seen and what was asked for.
func (g *guess) decide(c *Columns, r *records, i int, comma bool) error {
	name := r.names[i]
	for _, l := range g.may {
		if l.misses == 0 {
			g.layouts = append(g.layouts, l.layout)
		}
	}
	there, nums := g.there(), g.dots
	if comma {
		nums = g.commas
	}
	_, dated := c.Dates[name]
	switch {
	case slices.Contains(c.Numbers, name):
		g.kind = numbers
	case slices.Contains(c.Categories, name):
		g.kind = categories
	case slices.Contains(c.Texts, name):
		g.kind = texts
	case dated:
		g.kind = dates
	case g.target && c.Classes != nil:
		g.kind = categories
	case there == 0:
		g.kind = nothing
	case g.target && len(c.Target) == 1 && g.classes(nums == there):
		g.kind = categories
	case nums == there, g.bools == there && !g.target:
		g.kind = numbers
	case nums*10 >= there*9 && there >= 10 && !g.ignored:
		return fmt.Errorf("%s: got %q, want a number, as in %d of the column's %d cells; mend it; a missing one is an empty cell; or read the column as names of something (--categories)",
			r.at(g.oddLine, i), g.odd, nums, there)
	case len(g.layouts) > 1 && !g.target && !g.ignored:
		return fmt.Errorf("datasets: %s: column %q: got dates that could be read as %s, such as %q; write them as 2006-01-02, or leave the column out (--ignore)", r.name, name, strings.Join(quoted(g.layouts), " or "), firstKey(g.distinct))
	case len(g.layouts) == 1 && !g.target:
		g.kind = dates
	case len(g.may) > 0 && there >= 10 && 10*g.may[0].misses <= there && !g.target && !g.ignored:
		l := g.may[0]
		return fmt.Errorf("%s: got %q, want a date such as %q, as in %d of the column's %d cells; mend it; a missing one is an empty cell; or read the column as names of something (--categories)",
			r.at(l.oddLine, i), l.odd, l.layout, there-l.misses, there)
	default:
		g.kind = categories
	}
	return nil
}

// classes says whether a target column is of classes: texts, or few whole numbers that come often.
func (g *guess) classes(number bool) bool {
	if !number {
		return true
	}
	return g.whole && !g.more && len(g.distinct) <= 20 && g.there() >= 5*len(g.distinct)
}

// idLike says why a column that nobody named is not to be learnt from; "" where it may be.
func (g *guess) idLike() string {
	const few = 20
	switch {
	case g.rows <= few:
		return ""
	case g.kind == categories && len(g.distinct) > few && (g.more || 2*len(g.distinct) > g.there()):
		return fmt.Sprintf("%d different texts in %d cells", len(g.distinct), g.there())
	case g.kind == numbers && g.whole && g.steps && g.missing == 0:
		return "whole numbers that count the rows"
	}
	return ""
}

// prose says whether the cells are sentences rather than names.
func (g *guess) prose() bool {
	return g.kind == categories && !g.target && !g.ignored && g.idLike() != "" && g.words >= 3*g.there()
}

// firstKey is one of the keys: the first in order.
func firstKey(m map[string]int) string {
	first := ""
	for k := range m {
		if first == "" || k < first {
			first = k
		}
	}
	return first
}

// answers are the words for no and for yes in a column of nothing else, those that come most often; not ok where one of them does not come.
func (g *guess) answers() (words [2]string, ok bool) {
	if g.bools == 0 || g.bools != g.there() {
		return words, false
	}
	var most [2]int
	for _, cell := range slices.Sorted(maps.Keys(g.distinct)) {
		at := 0
		if yes, _ := parseBool(cell); yes {
			at = 1
		}
		if n := g.distinct[cell]; n > most[at] {
			most[at], words[at] = n, cell
		}
	}
	return words, most[0] > 0 && most[1] > 0
}

func quoted(list []string) []string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = strconv.Quote(s)
	}
	return q
}

// unasked are the columns of a file whose rows are to be predicted: its target is one that is ignored.
func (c Columns) unasked() Columns {
	target := c.Target
	without := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(target, name) })
	}
	c.Numbers, c.Categories, c.Texts = without(c.Numbers), without(c.Categories), without(c.Texts)
	c.Ignore, c.Target, c.Classes = append(without(c.Ignore), target...), nil, nil
	return c
}

// answered are the rows that have a target, and how many have none; line is the first of these, and said is what one of them has in its place, if it is not empty.
func (r *records) answered(c *Columns) (some *records, without, line int, said string, err error) {
	var targets []int
	for i, name := range r.names {
		if slices.Contains(c.Target, name) {
			targets = append(targets, i)
		}
	}
	if len(targets) == 0 {
		return r, 0, 0, "", nil
	}
	lacks := func(cells []string) bool {
		return slices.ContainsFunc(targets, func(i int) bool { return c.missing(cells[i]) })
	}
	rows := 0
	err = r.each(func(at int, cells []string) error {
		if rows++; lacks(cells) {
			if without++; without == 1 {
				line = at
			}
			for _, i := range targets {
				if said == "" && c.missing(cells[i]) {
					said = strings.Clone(cells[i])
				}
			}
		}
		return nil
	})
	if err == nil && rows > 0 && without == rows {
		err = fmt.Errorf("datasets: %s: no row of %d has the target %s, want something to learn; rows without one can be predicted", r.name, rows, short(quoted(c.Target)))
	}
	if err != nil || without == 0 {
		return r, without, line, said, err
	}
	return &records{name: r.name, names: r.names, each: func(yield func(line int, cells []string) error) error {
		return r.each(func(line int, cells []string) error {
			if lacks(cells) {
				return nil
			}
			return yield(line, cells)
		})
	}}, without, line, said, nil
}

// check is an error where a column is named that there is not.
func (c *Columns) check(name string, names []string) error {
	for _, list := range []struct {
		field string
		names []string
	}{{"Target", c.Target}, {"Ignore", c.Ignore}, {"Numbers", c.Numbers}, {"Categories", c.Categories}, {"Texts", c.Texts}} {
		for _, column := range list.names {
			if !slices.Contains(names, column) {
				return fmt.Errorf("datasets: %s: got column %q in %s, want one of %s", name, column, list.field, short(quoted(names)))
			}
		}
	}
	for column := range c.Dates {
		if !slices.Contains(names, column) {
			return fmt.Errorf("datasets: %s: got column %q in Dates, want one of %s", name, column, short(quoted(names)))
		}
	}
	for _, column := range c.Target {
		if slices.Contains(c.Ignore, column) {
			return fmt.Errorf("datasets: %s: got column %q in Target (--target) and in Ignore (--ignore), want it in one of them", name, column)
		}
	}
	return nil
}

// short joins a list that may be long.
func short(list []string) string {
	const most = 12
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" … (%d in all)", len(list))
	}
	return strings.Join(list, ", ")
}

// A Source says how the data were read: what reads more of the same. It is kept with the preparation in a model's file.
type Source struct {
	Columns  *Columns  `json:"columns,omitempty"`  // a table's
	Pictures *Pictures `json:"pictures,omitempty"` // of files
	Texts    *Texts    `json:"texts,omitempty"`    // a text
	Arrays   bool      `json:"arrays,omitempty"`   // arrays, NPY, NPZ or IDX
	Classes  []string  `json:"classes,omitempty"`  // of arrays whose labels are texts
	Window   *Window   `json:"window,omitempty"`   // a series, which the rows of a table are, and how it is cut
}

// clone is a copy that shares nothing.
func (s *Source) clone() *Source {
	if s == nil {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil { // strings and numbers alone
		return nil
	}
	c := new(Source)
	if json.Unmarshal(text, c) != nil {
		return nil
	}
	return c
}
