package figure

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// A Flow is the gradients of one network on their way back, at some steps of its training.
type Flow struct {
	Name      string
	Snapshots []*inspect.Snapshot
}

// GradientText draws the norm of each layer's gradient with letters: a table for each step, a layer a line, the flows side by side, as many
// as the width takes, in letters, which is at least 40; and below it that of each recurrent layer by time step. Bars are on a log scale; without unicode they, and all else, are ASCII. It is laid out by
// hand: the bars share the room that is left, and several tables with one scale stand side by side, for which the text needs no table library.
func GradientText(width int, unicode bool, flows ...Flow) string {
	var b strings.Builder
	for i, step := range Steps(flows...) {
		var at []Flow // with the one snapshot of this step
		for _, f := range flows {
			for _, s := range f.Snapshots {
				if s != nil && s.Step == step {
					at = append(at, Flow{f.Name, []*inspect.Snapshot{s}})
				}
			}
		}
		if i > 0 {
			b.WriteString("\n")
		}
		printStep(&b, step, at, max(width, 40), unicode)
	}
	return b.String()
}

// Steps are those of the flows' snapshots, each once, in order.
func Steps(flows ...Flow) []uint64 {
	var steps []uint64
	for _, f := range flows {
		for _, s := range f.Snapshots {
			if s == nil {
				continue
			}
			if !slices.Contains(steps, s.Step) {
				steps = append(steps, s.Step)
			}
		}
	}
	slices.Sort(steps)
	return steps
}

// leastColumn is the width of the narrowest column: a norm and a bar.
const leastColumn = 30

func printStep(w io.Writer, step uint64, flows []Flow, width int, unicode bool) {
	when := ""
	if step == 0 {
		when = ", before the first update"
	}
	low, high := decades(flows)
	title := []string{fmt.Sprintf("step %d%s:", step, when), "gradient norm by layer,", fmt.Sprintf("log scale 1e%d to 1e%d", low, high)}
	if line := strings.Join(title, " "); utf8.RuneCountInString(line) <= width {
		fmt.Fprintln(w, line)
	} else {
		fmt.Fprintln(w, strings.Join(title, "\n"))
	}
	label := 12
	rows := 0
	for _, f := range flows {
		layers := Learning(f.Snapshots[0])
		rows = max(rows, len(layers))
		for _, l := range layers {
			label = max(label, len(l.Name)+2)
		}
	}
	label = min(label, 20)
	columns := min(max(1, (width-label)/leastColumn), len(flows))
	column := min((width-label)/columns, 62) // of every block, so that bars can be compared
	for block := range slices.Chunk(flows, columns) {
		single := len(block) == 1 && len(flows) == 1 && width >= 70
		fmt.Fprintln(w)
		line := pad("", label)
		for _, f := range block {
			line += pad(f.Name, column)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		if single {
			head := "   norm    Δw/w  flat  dead"
			if !unicode {
				head = strings.ReplaceAll(head, "Δ", "d")
			}
			fmt.Fprintln(w, pad("", label)+head)
		}
		names := labels(block)
		for row := range rows {
			if row >= len(names) {
				break
			}
			line := pad(names[row], label)
			for _, f := range block {
				cell, room := "", column-2
				if layers := Learning(f.Snapshots[0]); row < len(layers) {
					l := layers[row]
					cell = fmt.Sprintf("%7.1e ", l.GradNorm())
					if single {
						cell += fmt.Sprintf("%7s %4.0f%% %4.0f%%  ", ratioCell(f.Snapshots[0], l, unicode), 100*l.Saturated, 100*l.Dead)
					}
					cell += textBar(l.GradNorm(), low, high, room-utf8.RuneCountInString(cell), unicode)
					switch {
					case l.Frozen:
						cell = "frozen"
					case nonFinite(l) > 0:
						cell = "not finite"
					}
				}
				line += pad(cell, column)
			}
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
		line = pad("first/last", label)
		for _, f := range block {
			cell := "-"
			layers := slices.DeleteFunc(Learning(f.Snapshots[0]), func(l *inspect.Layer) bool { return l.Frozen })
			if len(layers) > 1 && layers[len(layers)-1].GradNorm() > 0 {
				cell = fmt.Sprintf("%7.1e", layers[0].GradNorm()/layers[len(layers)-1].GradNorm())
			}
			line += pad(cell, column)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	printTimes(w, flows, width, unicode)
}

// labels name the rows: by the layers' own names, of the experiment that has the most.
func labels(flows []Flow) []string {
	var names []string
	for _, f := range flows {
		if layers := Learning(f.Snapshots[0]); len(layers) > len(names) {
			names = nil
			for _, l := range layers {
				names = append(names, l.Name)
			}
		}
	}
	return names
}

// ratio is how far the step moved the layer's parameters, measured by their own size.
func ratio(s *inspect.Snapshot, l *inspect.Layer) float64 {
	var moved, size float64
	for _, p := range l.Params {
		moved += p.Update * p.Update
		size += p.Value.Norm * p.Value.Norm
	}
	if !s.Stepped || size == 0 {
		return math.NaN()
	}
	return math.Sqrt(moved / size)
}

// ratioCell is a dash where no update was seen, as of a checkpoint.
func ratioCell(s *inspect.Snapshot, l *inspect.Layer, unicode bool) string {
	switch r := ratio(s, l); {
	case !math.IsNaN(r):
		return fmt.Sprintf("%.1e", r)
	case unicode:
		return "–"
	}
	return "-"
}

func nonFinite(l *inspect.Layer) float64 {
	share := 0.0
	for _, p := range l.Params {
		share = max(share, p.Grad.NonFinite)
	}
	return share
}

// decades are the powers of ten around all the norms.
func decades(flows []Flow) (low, high int) {
	least, most := math.Inf(1), 0.0
	for _, f := range flows {
		for _, l := range Learning(f.Snapshots[0]) {
			if n := l.GradNorm(); n > 0 {
				least, most = min(least, n), max(most, n)
			}
		}
	}
	if most == 0 {
		return -1, 0
	}
	low, high = int(math.Floor(math.Log10(least))), int(math.Ceil(math.Log10(most)))
	return min(low, high-1), high
}

// textBar is a value on a log scale of so many characters; an eighth of one at the least.
func textBar(v float64, low, high, room int, unicode bool) string {
	if !(v > 0) || room < 1 {
		return ""
	}
	eighths := int(math.Round((math.Log10(v) - float64(low)) / float64(high-low) * float64(8*room)))
	eighths = min(max(eighths, 1), 8*room)
	if !unicode {
		return strings.Repeat("#", max(1, (eighths+4)/8))
	}
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s
}

// pad fills s with spaces, or cuts it, to a width.
func pad(s string, width int) string {
	n := utf8.RuneCountInString(s)
	if n >= width {
		return string([]rune(s)[:max(0, width-1)]) + " "
	}
	return s + strings.Repeat(" ", width-n)
}
