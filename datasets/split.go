package datasets

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

const streamSplit = 0x73706c6974000000

// Split divides samples in two by chance: a share for the first, the rest for the second; equal seeds divide alike. Where the target is one class a sample, each class is
// divided in that share, so that both parts have all of them; of a class of one sample the first part has it. Both keep the order of the data. Those that come in the order of time, [Windows] and
// stretches of a [Text], are divided by [SplitInOrder].
func Split(data Data, share float64, seed uint64) (first, second Data, err error) {
	if !isNil(data) && data.Info().Reach > 0 {
		return SplitInOrder(data, share)
	}
	n, classes, err := divided(data, share)
	if err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(seed, mix(streamSplit)))
	var in []int
	for _, group := range byClass(classes, n) {
		rng.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		in = append(in, group[:portion(len(group), share)]...)
	}
	return parted(data, in)
}

// portion is how many of n a share is: the nearest, and not none.
func portion(n int, share float64) int {
	return min(n, max(1, int(math.Round(share*float64(n)))))
}

// divided checks what is to be divided, and is the number of samples and the class of each; nil where they have none.
func divided(data Data, share float64) (n int, classes []int32, err error) {
	if err := given(data); err != nil {
		return 0, nil, err
	}
	name := data.Info().Name
	switch n = data.Len(); {
	case !(share > 0 && share < 1):
		return 0, nil, fmt.Errorf("datasets: %s: got a share of %v, want one between 0 and 1, such as 0.8", name, share)
	case n < 2:
		return 0, nil, fmt.Errorf("datasets: %s: got %d sample to divide, want at least 2", name, n)
	}
	classes, err = classesOf(data)
	return n, classes, err
}

// classesOf is the class of each sample; nil where it has not one.
func classesOf(data Data) ([]int32, error) {
	info := data.Info()
	if len(info.Targets) == 0 || !info.Targets[0].IDs || info.Targets[0].Size() != 1 {
		return nil, nil
	}
	classes := make([]int32, data.Len())
	for number, rows := range Batches(inOrder(data.Len()), 4096) {
		b := Batch{Targets: []Values{{IDs: classes[number*4096:][:len(rows)]}}}
		if err := data.Read(b, rows, Draw{}); err != nil {
			return nil, err
		}
	}
	return classes, nil
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// byClass are the rows of each class, all in one where there are none.
func byClass(classes []int32, n int) [][]int {
	if classes == nil {
		return [][]int{inOrder(n)}
	}
	at := map[int32]int{}
	var groups [][]int
	for row, class := range classes {
		k, ok := at[class]
		if !ok {
			k = len(groups)
			at[class] = k
			groups = append(groups, nil)
		}
		groups[k] = append(groups[k], row)
	}
	return groups
}

// parted are the rows that are in, and the rest. Neither is empty.
func parted(data Data, in []int) (first, second Data, err error) {
	slices.Sort(in)
	if len(in) == data.Len() {
		in = in[:len(in)-1]
	}
	var out []int
	for row, k := 0, 0; row < data.Len(); row++ {
		if k < len(in) && in[k] == row {
			k++
		} else {
			out = append(out, row)
		}
	}
	if first, err = Rows(data, in); err != nil {
		return nil, nil, err
	}
	second, err = Rows(data, out)
	return first, second, err
}

// SplitInOrder divides samples in two: the first of them, and the rest, as suits those that come in the order of time. Windows that would reach from the one part into the other are left out.
func SplitInOrder(data Data, share float64) (first, second Data, err error) {
	n, _, err := divided(data, share)
	if err != nil {
		return nil, nil, err
	}
	cut := min(portion(n, share), n-1)
	from := cut + max(0, data.Info().Reach-1)
	if from >= n {
		return nil, nil, fmt.Errorf("datasets: %s: got %d windows, of which the last %d reach into the first part: want a longer series, shorter windows, or a smaller share", data.Info().Name, n, n-cut)
	}
	order := inOrder(n)
	if first, err = Rows(data, order[:cut]); err != nil {
		return nil, nil, err
	}
	second, err = Rows(data, order[from:])
	return first, second, err
}

// A Fold is one way of dividing samples of several.
type Fold struct{ Fit, Held Data }

// Folds divide samples k times, so that each is held back once: by chance, and each class alike where the target is one class a sample.
func Folds(data Data, k int, seed uint64) ([]Fold, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	if n := data.Len(); k < 2 || k > n {
		return nil, fmt.Errorf("datasets: %s: got %d folds, want 2 to %d, the number of samples", data.Info().Name, k, n)
	}
	classes, err := classesOf(data)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, mix(streamSplit)))
	held := make([][]int, k)
	next := 0
	for _, group := range byClass(classes, data.Len()) {
		rng.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		for _, row := range group {
			held[next%k] = append(held[next%k], row)
			next++
		}
	}
	folds := make([]Fold, k)
	for i, rows := range held {
		if folds[i].Held, folds[i].Fit, err = parted(data, rows); err != nil {
			return nil, err
		}
	}
	return folds, nil
}

// Split is [Split] of the rows.
func (t *Table) Split(share float64, seed uint64) (first, second Data, err error) {
	return Split(t.data(), share, seed)
}

// data is t, or nil.
func (t *Table) data() Data {
	if t == nil {
		return nil
	}
	return t
}

// SplitBy divides samples so that those with the same cell in a column of their table, such as the patient's number, are in the same part: groups by chance, until the first part has its share. The table is
// the data, or says what the pictures are ([ImagesWith]). Rows whose cell is missing are a group.
func SplitBy(data Data, column string, share float64, seed uint64) (first, second Data, err error) {
	c, at, err := columnOf(data, column, share)
	if err != nil {
		return nil, nil, err
	}
	groups := map[string][]int{}
	var names []string
	for sample, row := range at {
		key := c.cell(row)
		if groups[key] == nil {
			names = append(names, key)
		}
		groups[key] = append(groups[key], sample)
	}
	if len(names) < 2 {
		return nil, nil, fmt.Errorf("datasets: %s: column %q has the same cell in each row, want at least two groups", data.Info().Name, column)
	}
	rng := rand.New(rand.NewPCG(seed, mix(streamSplit)))
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	off := func(n int) float64 { return math.Abs(float64(n) - share*float64(len(at))) }
	var in []string
	n, last := 0, groups[names[len(names)-1]]
	for _, name := range names[:len(names)-1] {
		if size := len(groups[name]); len(in) == 0 || off(n+size) <= off(n) {
			in, n = append(in, name), n+size
		}
	}
	switch first := len(groups[names[0]]); {
	case len(in) < len(names)-1 && off(n+len(last)) <= off(n):
		in = append(in, names[len(names)-1])
	case len(in) == len(names)-1 && off(n-first+len(last)) < off(n): // neither part is empty: another is left out for the last
		in = append(in[1:], names[len(names)-1])
	}
	var rows []int
	for _, name := range in {
		rows = append(rows, groups[name]...)
	}
	return parted(data, rows)
}

// columnOf is a column of the table that data are, or that says what they are, and the row of it that each sample has.
func columnOf(data Data, column string, share float64) (*tableColumn, []int, error) {
	if _, _, err := divided(data, share); err != nil {
		return nil, nil, err
	}
	rows := rowsWith(data, true)
	if rows == nil {
		return nil, nil, fmt.Errorf("datasets: %s: got column %q to divide by, and data without columns, want a table", data.Info().Name, column)
	}
	c, err := rows[0].table.column(column)
	at := make([]int, len(rows))
	for i, r := range rows {
		at[i] = r.row
	}
	return c, at, err
}

// SplitAt divides samples by time: those with the earliest dates, or the smallest numbers, in a column of their table are the first part, the others the second; texts that begin with the year count as dates. Samples
// of one time are in the same part, and those whose cell is missing come first.
func SplitAt(data Data, column string, share float64) (first, second Data, err error) {
	c, at, err := columnOf(data, column, share)
	if err != nil {
		return nil, nil, err
	}
	if c.ids != nil {
		for _, row := range at {
			if cell := c.cell(row); cell != "" && !yearFirst(cell) {
				return nil, nil, fmt.Errorf("datasets: %s: column %q has texts, such as %q, want dates or numbers to tell what was earlier", data.Info().Name, column, cell)
			}
		}
	}
	n := len(at)
	order := inOrder(n)
	slices.SortStableFunc(order, func(a, b int) int { return c.compare(at[a], at[b]) })
	same := func(i int) bool { return c.compare(at[order[i-1]], at[order[i]]) == 0 }
	cut := portion(n, share)
	for cut < n && same(cut) {
		cut++
	}
	if cut == n {
		for cut = portion(n, share); cut > 0 && (cut == n || same(cut)); {
			cut--
		}
	}
	if cut == 0 {
		return nil, nil, fmt.Errorf("datasets: %s: column %q has the same cell in each row, want times that differ", data.Info().Name, column)
	}
	return parted(data, order[:cut])
}

// yearFirst says whether a text begins with four digits, so that texts of its kind are in the order of time.
func yearFirst(cell string) bool {
	return len(cell) >= 4 && strings.Trim(cell[:4], "0123456789") == "" && (len(cell) == 4 || cell[4] < '0' || cell[4] > '9')
}

// SplitBy is [SplitBy] of the rows.
func (t *Table) SplitBy(column string, share float64, seed uint64) (first, second Data, err error) {
	return SplitBy(t.data(), column, share, seed)
}

// SplitAt is [SplitAt] of the rows.
func (t *Table) SplitAt(column string, share float64) (first, second Data, err error) {
	return SplitAt(t.data(), column, share)
}

// compare orders the cells of two rows; missing ones come first.
func (c *tableColumn) compare(a, b int) int {
	switch {
	case c.when != nil:
		return cmp.Compare(c.when[a], c.when[b])
	case c.ids == nil:
		return cmp.Compare(c.number(a), c.number(b)) // NaN first
	}
	return strings.Compare(c.cell(a), c.cell(b))
}
