package datasets

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
)

// A Finding is something about data that is worth a look before they are learnt from.
type Finding struct {
	Code    string `json:"code"`             // of its kind: see Check
	Column  string `json:"column,omitempty"` // of the table, where it is about one
	Message string `json:"message"`          // for people
}

// Check looks for what makes learning fail or its figures lie, in training data and those held back, which may be nil. What it finds, by code:
//
//   - ids, empty: a table's column that was left out, since it is different in each row, or is nothing;
//   - no-header: a table without a line of names; no-target: rows that were left out, since they have no target;
//   - damaged, empty-folder: pictures that were left out, or are not there;
//   - precision: a column of long whole numbers that float32 makes few of;
//   - constant: a column that is the same in each row; missing: one of which most cells are;
//   - leak: a column that is the target in other words;
//   - one-class: every sample is of one class; constant-target: the number to be foretold is the same in each; empty-class: a class without a sample; rare-class: one with fewer than five;
//   - alike-classes: classes whose names differ in capitals or blanks alone;
//   - like-classes: numbers to be foretold, in arrays, that are 0 and 1 alone, as classes are;
//   - imbalance: a class with ten times the samples of another, or more;
//   - stray-class: one of samples held back that the training samples do not have;
//   - duplicates: samples held back that are among the training samples; rows of a table with all their columns, more of them than few different values make.
func Check(fit, held Data) ([]Finding, error) {
	if err := given(fit); err != nil {
		return nil, err
	}
	c := &checking{info: fit.Info(), found: notesOf(fit), made: madeOf(fit), same: map[string]int{}}
	a, err := c.survey(fit, true)
	if err != nil {
		return nil, err
	}
	if targets := c.info.Targets; len(targets) > 0 && targets[0].IDs && targets[0].Size() == 1 {
		c.classes(a)
	} else if a.targets.n > 1 && a.targets.min == a.targets.max {
		c.add("constant-target", "", "the target is %v in every sample: whoever says that is right, and nothing can be learnt; take another target", a.targets.min)
	} else if len(targets) == 1 && !targets[0].IDs && c.info.Source != nil && c.info.Source.Arrays {
		if err := c.likeClasses(fit); err != nil {
			return nil, err
		}
	}
	if held == nil || isNil(held) {
		return c.found, nil
	}
	b, err := c.survey(held, false)
	if err != nil {
		return nil, err
	}
	twice, chance, table := copies(fit, held)
	if !table {
		twice = repeated(slices.Concat(a.hashes, b.hashes), len(a.hashes))
	}
	c.against(a, b)
	if twice > 2*chance {
		c.add("duplicates", "", "%d of %d samples held back are among the training samples too: their figures flatter; take copies out, or split by what they have in common", twice, b.samples)
	}
	return c.found, nil
}

// Notes are the findings of Check that come of reading data: what was left out.
func Notes(data Data) []Finding { return notesOf(data) }

// notesOf is what was said when the data were read.
func notesOf(data Data) []Finding {
	switch d := data.(type) {
	case *Table:
		return slices.Clone(d.notes)
	case *ImageFiles:
		return slices.Clone(d.notes)
	case *someRows:
		return notesOf(d.data)
	case *prepared:
		return notesOf(d.data)
	case *augmented:
		return notesOf(d.data)
	case *mixed:
		return notesOf(d.data)
	case *windows:
		return notesOf(d.data)
	}
	return nil
}

// checking is a Check under way.
type checking struct {
	info  Info
	found []Finding
	made  map[string]datePlace // columns that the file has not, but a date's parts
	same  map[string]int       // of dates, how many parts are the same in each row
}

// A datePlace is of a part of a date: its column in the file, which part it is, and of how many.
type datePlace struct {
	of          string
	part, parts int
}

func (c *checking) add(code, column, format string, args ...any) {
	c.found = append(c.found, Finding{code, column, fmt.Sprintf(format, args...)})
}

// leak adds one, but for a column of which one was told already: a date has several parts.
func (c *checking) leak(column, format string, args ...any) {
	if !slices.ContainsFunc(c.found, func(f Finding) bool { return f.Code == "leak" && f.Column == column }) {
		c.add("leak", column, format, args...)
	}
}

// A survey is what is known of data after one look at each sample.
type survey struct {
	samples int
	counts  []int  // of each class, where a sample has one
	targets spread // where one number is foretold
	hashes  []uint64
}

var hashSeed = maphash.MakeSeed()

// madeOf are the parts of a table's dates.
func madeOf(data Data) map[string]datePlace {
	rows := tableRows(data)
	if len(rows) == 0 {
		return nil
	}
	made, parts := map[string]datePlace{}, map[string]int{}
	columns := rows[0].table.columns
	for _, c := range columns {
		if _, date := rows[0].table.found.Dates[c.of]; date {
			parts[c.of]++
		}
	}
	part := map[string]int{}
	for _, c := range columns {
		if n := parts[c.of]; n > 0 {
			made[c.name] = datePlace{c.of, part[c.of], n}
			part[c.of]++
		}
	}
	return made
}

// survey reads every sample once; with columns it looks at those too.
func (c *checking) survey(data Data, columns bool) (*survey, error) {
	info := data.Info()
	s := &survey{samples: data.Len()}
	classed := len(info.Targets) > 0 && info.Targets[0].IDs && info.Targets[0].Size() == 1
	if classed {
		s.counts = make([]int, len(info.Classes))
	}
	var watched []*watch
	if columns {
		watched = c.watch(info)
	}
	for _, rows := range Batches(inOrder(data.Len()), 256) {
		b := roomFor(info.Inputs, len(rows))
		b.Targets = roomFor(info.Targets, len(rows)).Inputs
		if err := data.Read(b, rows, Draw{}); err != nil {
			return nil, err
		}
		for i := range rows {
			var h maphash.Hash
			h.SetSeed(hashSeed)
			for k, f := range info.Inputs {
				n := f.Size()
				if f.IDs {
					hashIDs(&h, b.Inputs[k].IDs[i*n:(i+1)*n])
				} else {
					hashFloats(&h, b.Inputs[k].Floats[i*n:(i+1)*n])
				}
			}
			s.hashes = append(s.hashes, h.Sum64())
			target := math.NaN()
			if classed {
				class := b.Targets[0].IDs[i]
				if class >= 0 && int(class) < len(s.counts) {
					s.counts[class]++
				}
				target = float64(class)
			} else if len(info.Targets) > 0 && !info.Targets[0].IDs && info.Targets[0].Size() == 1 {
				target = float64(b.Targets[0].Floats[i])
				s.targets.add(target)
			}
			for _, w := range watched {
				w.see(b.Inputs[w.field], i, target)
			}
		}
	}
	for _, w := range watched {
		w.tell(c, classed, s)
	}
	return s, nil
}

func hashFloats(h *maphash.Hash, values []float32) {
	var b [4]byte
	for _, v := range values {
		bits := math.Float32bits(v)
		b[0], b[1], b[2], b[3] = byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24)
		h.Write(b[:])
	}
}

func hashIDs(h *maphash.Hash, ids []int32) {
	var b [4]byte
	for _, v := range ids {
		b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		h.Write(b[:])
	}
}

// A watch is on one column.
type watch struct {
	name         string
	field, at    int // of the input, and of the value in it
	width        int
	missing      int
	values       spread
	targets      spread
	both         float64             // Σ (value − mean)·(target − mean)
	of           map[float64]float64 // the target that each value comes with
	many, unsure bool                // more values than are told apart; a value comes with two targets
}

// watch is one for each column.
func (c *checking) watch(info Info) []*watch {
	var all []*watch
	for k, f := range info.Inputs {
		switch {
		case f.Names != nil && len(f.Shape) == 1 && len(f.Names) == f.Shape[0]:
			for j, name := range f.Names {
				all = append(all, &watch{name: name, field: k, at: j, width: len(f.Names), of: map[float64]float64{}})
			}
		case f.IDs && len(f.Shape) == 0 && f.Values != nil:
			all = append(all, &watch{name: f.Name, field: k, width: 1, of: map[float64]float64{}})
		}
	}
	return all
}

func (w *watch) see(v Values, i int, target float64) {
	value := math.NaN()
	if v.IDs != nil {
		if id := v.IDs[i]; id >= 0 {
			value = float64(id)
		}
	} else {
		value = float64(v.Floats[i*w.width+w.at])
	}
	if math.IsNaN(value) {
		w.missing++
		return
	}
	before := value - w.values.mean
	w.values.add(value)
	w.targets.add(target)
	w.both += before * (target - w.targets.mean)
	if w.many || math.IsNaN(target) {
		return
	}
	if had, ok := w.of[value]; ok && had != target {
		w.unsure = true
	} else if w.of[value] = target; len(w.of) > 1000 {
		w.many = true
	}
}

// tell says what is wrong with the column.
func (w *watch) tell(c *checking, classed bool, s *survey) {
	all := s.samples
	column, part, first, last := w.name, "", true, true // of a date nobody can leave a part out, nor need: the date is told of, once
	if at, made := c.made[w.name]; made {
		column, part, first = at.of, ", by its "+strings.TrimPrefix(w.name, at.of+" ")+",", at.part == 0
		if all > 1 && w.missing == 0 && w.values.min == w.values.max {
			c.same[column]++
		}
		last = c.same[column] == at.parts
	}
	if 2*w.missing > all && first {
		c.add("missing", column, "column %q: %d of %d cells are missing", column, w.missing, all)
	}
	if all > 1 && w.missing == 0 && w.values.min == w.values.max {
		if last && !slices.ContainsFunc(c.found, func(f Finding) bool { return f.Code == "precision" && f.Column == column }) {
			c.add("constant", column, "column %q is the same in each row: nothing can be learnt of it; leave it out", column)
		}
		return
	}
	if w.values.n < 10 || w.targets.n < 10 {
		return
	}
	if classed {
		targets := map[float64]bool{}
		for _, t := range w.of {
			targets[t] = true
		}
		if !w.many && !w.unsure && len(targets) > 1 && len(w.of) == len(targets) {
			c.leak(column, "column %q%s says the class outright: each of its %d values comes with one class alone; leave it out if it is not known when the model is asked", column, part, len(w.of))
		}
		return
	}
	if r := w.both / math.Sqrt(w.values.squares*w.targets.squares); math.Abs(r) > .99999 {
		c.leak(column, "column %q%s is the target in another unit (correlation %.6f); leave it out if it is not known when the model is asked", column, part, r)
	}
}

// classes says what is wrong with their numbers.
func (c *checking) classes(s *survey) {
	if len(s.counts) == 0 {
		return
	}
	there, least, most := 0, -1, -1
	var empty, rare, alike []string
	plain := map[string]string{} // the first class of a name without capitals
	for class, n := range s.counts {
		if n == 0 {
			empty = append(empty, c.info.Classes[class])
			continue
		}
		there++
		name := c.info.Classes[class]
		key := strings.ToLower(strings.Join(strings.Fields(name), " "))
		if first, ok := plain[key]; ok {
			alike = append(alike, fmt.Sprintf("%q and %q", first, name))
		} else {
			plain[key] = name
		}
		if n < 5 {
			rare = append(rare, c.info.Classes[class])
		}
		if least < 0 || n < s.counts[least] {
			least = class
		}
		if most < 0 || n > s.counts[most] {
			most = class
		}
	}
	switch {
	case there <= 1:
		c.add("one-class", "", "every sample is of the class %q: whatever the model says, it is right; take data with at least two classes", c.info.Classes[max(most, 0)])
	case s.counts[most] >= 10*s.counts[least]:
		c.add("imbalance", "", "class %q has %d of the samples, class %q %d: a model that never says the latter looks good; look at the confusion table, or weigh the classes", c.info.Classes[most], s.counts[most], c.info.Classes[least], s.counts[least])
	}
	if len(alike) > 0 {
		c.add("alike-classes", "", "classes differ in capitals or blanks alone: %s; write them alike if they are the same", short(alike))
	}
	if len(empty) > 0 && there > 1 {
		c.add("empty-class", "", "%d of %d classes have no sample: %s; number the classes from 0 without gaps, or take their samples in", len(empty), len(s.counts), short(quoted(empty)))
	}
	if len(rare) > 0 && there > 1 {
		c.add("rare-class", "", "%d classes have fewer than five samples: %s", len(rare), short(quoted(rare)))
	}
}

// likeClasses says whether numbers in an array are rather classes: 0 and 1, or a row with a single 1 for each sample.
func (c *checking) likeClasses(data Data) error {
	size := c.info.Targets[0].Size()
	rows := inOrder(data.Len())[:min(data.Len(), 4096)]
	if len(rows) < 10 {
		return nil
	}
	values := make([]float32, len(rows)*size)
	if err := data.Read(Batch{Targets: []Values{{Floats: values}}}, rows, Draw{}); err != nil {
		return err
	}
	hot, most := true, 0
	for sample := range slices.Chunk(values, size) {
		ones := 0
		for _, v := range sample {
			if v != 0 && v != 1 {
				return nil
			}
			ones += int(v)
		}
		hot, most = hot && ones == 1, max(most, ones)
	}
	switch {
	case size == 1 && most == 1:
		c.add("like-classes", "", "the target is 0 and 1 alone, and of floats, so that it is learnt as a number; if these are classes, save them as integers")
	case size > 1 && hot:
		c.add("like-classes", "", "each target has one 1 among %d numbers, which are learnt as numbers; if these are classes, save the place of the 1 as an integer (argmax)", size)
	}
	return nil
}

// against says what is wrong with samples held back.
func (c *checking) against(fit, held *survey) {
	var stray []string
	if len(fit.counts) == len(held.counts) {
		for class, n := range held.counts {
			if n > 0 && fit.counts[class] == 0 {
				stray = append(stray, c.info.Classes[class])
			}
		}
	}
	if len(stray) > 0 {
		c.add("stray-class", "", "the samples held back have classes that the training samples do not: %s; split so that both have all (Split does), or mend the labels", short(quoted(stray)))
	}
}
