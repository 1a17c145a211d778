// Package datainfo shows people what is in data.
package datainfo

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// Print says what data are: how many samples, each column with its range and a histogram, the classes, the first picture of some, and what is worth a look.
func Print(out io.Writer, data datasets.Data) error {
	info := data.Info()
	d := &description{out: out, data: data, info: info}
	if err := d.look(); err != nil {
		return err
	}
	d.printf("%s: %s\n", info.Name, counted(data.Len(), "sample"))
	for _, f := range info.Inputs {
		if f.Names == nil && !(f.IDs && len(f.Shape) == 0) {
			d.printf("input %s: %s\n", f.Name, kind(f))
		}
	}
	d.printf("\n")
	d.table()
	d.classes()
	if err := d.pictures(); err != nil {
		return err
	}
	if d.err != nil {
		return d.err
	}
	return Findings(out, data, nil)
}

// Findings prints what is worth a look before samples are learnt from, and those held back tested, which may be nil.
func Findings(out io.Writer, fit, held datasets.Data) error {
	found, err := datasets.Check(fit, held)
	for i, f := range found {
		if i == 0 {
			_, err = io.WriteString(out, "\nWorth a look:\n")
		}
		if err == nil {
			_, err = io.WriteString(out, term.Indent(term.Plain("- "+f.Message), 2, term.Width(out)))
		}
	}
	return err
}

// description is under way.
type description struct {
	out     io.Writer
	data    datasets.Data
	info    datasets.Info
	columns []*column
	counts  []int // of the classes
	err     error
}

func (d *description) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format, args...)
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func kind(f datasets.Field) string {
	sizes := make([]string, len(f.Shape))
	for i, n := range f.Shape {
		sizes[i] = fmt.Sprint(n)
	}
	what := "numbers"
	if f.IDs {
		what = "ids"
	}
	if len(sizes) == 0 {
		return what
	}
	return strings.Join(sizes, "×") + " " + what
}

// A column is one of a table, or all the values of another input.
type column struct {
	name       string
	target     bool
	field      datasets.Field
	at, stride int // the places of its values in a sample
	missing, n int
	min, max   float64
	mean       float64
	bins       [bins]int
	counts     []int    // of categories
	answers    []string // how no and yes are written, where it is of these alone
}

const bins = 12

// look reads every sample twice: for the ranges, and for what lies where in them.
func (d *description) look() error {
	d.counts = make([]int, len(d.info.Classes))
	add := func(f datasets.Field, target bool) {
		switch {
		case f.IDs && f.Values != nil:
			d.columns = append(d.columns, &column{name: f.Name, target: target, field: f, stride: 1, counts: make([]int, len(f.Values))})
		case f.Names != nil:
			for j, name := range f.Names {
				d.columns = append(d.columns, &column{name: name, target: target, field: f, at: j, stride: len(f.Names)})
			}
		default:
			d.columns = append(d.columns, &column{name: f.Name, target: target, field: f, stride: 1})
		}
	}
	for _, f := range d.info.Inputs {
		add(f, false)
	}
	for i, f := range d.info.Targets {
		if i == 0 && f.IDs && f.Values == nil {
			f.Values = d.info.Classes
		}
		add(f, true)
	}
	if err := d.pass((*column).see); err != nil {
		return err
	}
	if s := d.info.Source; s != nil && s.Columns != nil {
		for _, c := range d.columns {
			if words, ok := s.Columns.Answers[c.name]; ok && !c.target && c.min >= 0 && c.max <= 1 {
				c.answers = words[:]
			}
		}
	}
	return d.pass((*column).bin)
}

// pass shows every value to its column.
func (d *description) pass(see func(c *column, v float64)) error {
	const batch = 256
	order := make([]int, d.data.Len())
	for i := range order {
		order[i] = i
	}
	room := func(fields []datasets.Field, n int) []datasets.Values {
		all := make([]datasets.Values, len(fields))
		for i, f := range fields {
			if f.IDs {
				all[i].IDs = make([]int32, n*f.Size())
			} else {
				all[i].Floats = make([]float32, n*f.Size())
			}
		}
		return all
	}
	for _, rows := range datasets.Batches(order, batch) {
		b := datasets.Batch{Inputs: room(d.info.Inputs, len(rows)), Targets: room(d.info.Targets, len(rows))}
		if err := d.data.Read(b, rows, datasets.Draw{}); err != nil {
			return err
		}
		k := 0
		for i, list := range [][]datasets.Values{b.Inputs, b.Targets} {
			fields := [][]datasets.Field{d.info.Inputs, d.info.Targets}[i]
			for j, f := range fields {
				n := 1
				if !f.IDs && f.Names != nil {
					n = len(f.Names)
				}
				for _, c := range d.columns[k : k+n] {
					for at := c.at; at < len(list[j].Floats); at += c.stride {
						see(c, float64(list[j].Floats[at]))
					}
					for _, id := range list[j].IDs {
						see(c, float64(id))
					}
				}
				k += n
			}
		}
	}
	return nil
}

func (c *column) see(v float64) {
	if math.IsNaN(v) || c.field.IDs && v < 0 {
		c.missing++
		return
	}
	if c.counts != nil && int(v) < len(c.counts) {
		c.counts[int(v)]++
	}
	if c.n == 0 {
		c.min, c.max = v, v
	}
	c.n++
	c.mean += (v - c.mean) / float64(c.n)
	c.min, c.max = min(c.min, v), max(c.max, v)
}

func (c *column) bin(v float64) {
	if math.IsNaN(v) || c.counts != nil || v < c.min {
		return
	}
	at := 0
	if c.max > c.min {
		at = min(bins-1, int((v-c.min)/(c.max-c.min)*bins))
	}
	c.bins[at]++
}

// table prints the columns.
func (d *description) table() {
	var rows [][]string
	for _, c := range d.columns {
		name := term.Plain(c.name)
		if c.target {
			name += " (target)"
		}
		missing := term.Dash
		if c.missing > 0 {
			missing = fmt.Sprint(c.missing)
		}
		if c.counts != nil {
			rows = append(rows, []string{name, missing, counted(len(c.counts), map[bool]string{true: "text", false: "category"}[c.field.Text]), "", c.frequent()})
			continue
		}
		if c.answers != nil {
			often := fmt.Sprintf("%s %d, %s %d", term.Plain(c.answers[0]), c.bins[0], term.Plain(c.answers[1]), c.bins[bins-1])
			rows = append(rows, []string{name, missing, "yes or no", "", often})
			continue
		}
		rows = append(rows, []string{name, missing, train.FormatFigure(c.min, 4) + " to " + train.FormatFigure(c.max, 4), train.FormatFigure(c.mean, 4), histogram(c.bins[:])})
	}
	t := &term.Table{Out: d.out, Columns: []term.Column{{Head: "column"}, {Head: "missing"}, {Head: "values", Text: true}, {Head: "mean"}, {Head: "how often", Text: true}}}
	for i := range t.Columns {
		t.Columns[i].Width = len(t.Columns[i].Head)
		for _, row := range rows {
			t.Columns[i].Width = max(t.Columns[i].Width, utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range rows {
		if d.err == nil {
			d.err = t.Row(row...)
		}
	}
}

// frequent are the commonest categories.
func (c *column) frequent() string {
	order := make([]int, len(c.counts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return c.counts[b] - c.counts[a] })
	const room = 32
	all := ""
	for i, id := range order {
		value := []rune(c.field.Values[id])
		if len(value) > 12 {
			value = append(value[:11], '…')
		}
		name := string(value)
		if strings.TrimSpace(name) == "" {
			name = strconv.Quote(name)
		}
		next := fmt.Sprintf("%s %d", name, c.counts[id])
		if i > 0 {
			next = ", " + next
		}
		if utf8.RuneCountInString(all+next) > room-3 {
			all += ", …"
			break
		}
		all += next
	}
	return term.Plain(all)
}

// histogram is how often values lie where, from the least to the largest, as blocks.
func histogram(bins []int) string {
	most := slices.Max(bins)
	var s strings.Builder
	for _, n := range bins {
		if n == 0 || most == 0 {
			s.WriteRune(' ')
			continue
		}
		s.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(7, n*8/most)])
	}
	return strings.TrimRight(s.String(), " ")
}

// classes prints how many samples each has.
func (d *description) classes() {
	if len(d.info.Targets) == 0 || !d.info.Targets[0].IDs || d.info.Targets[0].Size() != 1 || len(d.info.Classes) == 0 {
		return
	}
	counts := d.columns[len(d.columns)-len(d.info.Targets)].counts
	d.printf("\n")
	width := 0
	for _, name := range d.info.Classes {
		width = max(width, utf8.RuneCountInString(term.Plain(name)))
	}
	const most = 50
	for class, name := range d.info.Classes {
		if class == most {
			d.printf("and %d classes more\n", len(d.info.Classes)-most)
			break
		}
		share := float64(counts[class]) / float64(d.data.Len())
		d.printf("class %-*s %7d  %5.1f %% %s\n", width, term.Plain(name), counts[class], 100*share, strings.Repeat("█", int(math.Round(share*30))))
	}
}

// pictures prints the first few as blocks, one of each class.
func (d *description) pictures() error {
	if len(d.info.Inputs) != 1 || d.info.Inputs[0].IDs || d.info.Inputs[0].Names != nil {
		return nil
	}
	f := d.info.Inputs[0]
	if n := len(f.Shape); n != 2 && (n != 3 || f.Shape[2] > 4) {
		return nil
	}
	c := d.columns[0]
	if c.max <= c.min {
		return nil
	}
	const most, width = 3, 24
	seen := map[int32]bool{}
	var lines []string
	for row, shown := 0, 0; row < d.data.Len() && shown < most; row++ {
		b := datasets.Batch{Inputs: []datasets.Values{{Floats: make([]float32, f.Size())}}}
		if len(d.info.Targets) > 0 && d.info.Targets[0].IDs && d.info.Targets[0].Size() == 1 {
			b.Targets = []datasets.Values{{IDs: make([]int32, 1)}}
			if err := d.data.Read(datasets.Batch{Targets: b.Targets}, []int{row}, datasets.Draw{}); err != nil {
				return err
			}
			if seen[b.Targets[0].IDs[0]] {
				continue
			}
			seen[b.Targets[0].IDs[0]] = true
		}
		if err := d.data.Read(b, []int{row}, datasets.Draw{}); err != nil {
			return err
		}
		for i, line := range blocks(b.Inputs[0].Floats, f.Shape, width, c.min, c.max) {
			if shown == 0 {
				lines = append(lines, line)
			} else {
				lines[i] += "  " + line
			}
		}
		shown++
	}
	d.printf("\n%s\n", strings.Join(lines, "\n"))
	return nil
}

// blocks is a picture as lines of shades, at most so wide; a character is twice as high as it is wide.
func blocks(pixels []float32, shape []int, width int, low, high float64) []string {
	h, w, channels := shape[0], shape[1], 1
	if len(shape) == 3 {
		channels = shape[2]
	}
	step := max(1, float64(w)/float64(width))
	var lines []string
	for y := 0.0; y < float64(h); y += 2 * step {
		var line strings.Builder
		for x := 0.0; x < float64(w); x += step {
			sum, n := 0.0, 0
			for py := int(y); py < min(h, max(int(y)+1, int(y+2*step))); py++ {
				for px := int(x); px < min(w, max(int(x)+1, int(x+step))); px++ {
					for c := range channels {
						sum += float64(pixels[(py*w+px)*channels+c])
						n++
					}
				}
			}
			line.WriteRune([]rune(" ░▒▓█")[min(4, int((sum/float64(n)-low)/(high-low)*5))])
		}
		lines = append(lines, line.String())
	}
	return lines
}
