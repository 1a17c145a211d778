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

// GradientTimes draws how large the gradient is with regard to what a recurrent layer is given at each time (inspect.Layer.Times), on a log scale, a line a snapshot: where it falls off to the left it vanishes through time. It
// is "" where the layer has none.
func GradientTimes(title, layer string, snapshots ...*inspect.Snapshot) string {
	var all []Series
	for _, s := range snapshots {
		if s == nil || s.Layer(layer) == nil || s.Layer(layer).Times == nil {
			continue
		}
		line := Series{Name: fmt.Sprintf("step %d", s.Step), Y: s.Layer(layer).Times}
		for t := range line.Y {
			line.X = append(line.X, float64(t+1))
		}
		all = append(all, line)
	}
	if all == nil {
		return ""
	}
	return Curves(title, "time step", "gradient norm, log scale", true, all...)
}

// printTimes draws the same with letters, a line a recurrent layer, all on one scale; nothing where there is none. flows have one snapshot each.
func printTimes(w io.Writer, flows []Flow, width int, unicode bool) {
	type line struct {
		name  string
		times []float64
	}
	var lines []line
	low, high := math.Inf(1), 0.0
	longest, names := 0, 0
	for _, f := range flows {
		for _, l := range f.Snapshots[0].Layers {
			if l.Times == nil {
				continue
			}
			name := l.Name
			if len(flows) > 1 {
				name = f.Name + " " + name
			}
			lines = append(lines, line{name, l.Times})
			longest, names = max(longest, len(l.Times)), max(names, utf8.RuneCountInString(name)+2)
			for _, v := range l.Times {
				if v > 0 {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	if lines == nil {
		return
	}
	title := []string{fmt.Sprintf("by time step, 1 to %d:", longest), "gradient norm of a layer's input,", "log scale"}
	if text := strings.Join(title, " "); utf8.RuneCountInString(text) <= width {
		title = []string{text}
	}
	fmt.Fprintln(w, "\n"+strings.Join(title, "\n"))
	names = min(names, width/3)
	for _, l := range lines {
		room := max(1, width-names-2*8-2)
		fmt.Fprintf(w, "%s%7.1e %s %7.1e\n", pad(l.name, names), l.times[0], heights(stretched(l.times, room), low, high, unicode), l.times[len(l.times)-1])
	}
}

// stretched are values in at most so many columns: of more the mean of the squares, of fewer each several times.
func stretched(values []float64, room int) []float64 {
	n := len(values)
	if n <= room {
		var all []float64
		for _, v := range values {
			all = append(all, slices.Repeat([]float64{v}, min(4, room/n))...)
		}
		return all
	}
	all := make([]float64, room)
	for i := range all {
		lo, hi := i*n/room, (i+1)*n/room
		for _, v := range values[lo:hi] {
			all[i] += v * v / float64(hi-lo)
		}
		all[i] = math.Sqrt(all[i])
	}
	return all
}

// heights are values on a log scale as letters of eight heights; a space for 0.
func heights(values []float64, low, high float64, unicode bool) string {
	letters := []rune("_.-~=+*#")
	if unicode {
		letters = []rune("▁▂▃▄▅▆▇█")
	}
	var s strings.Builder
	for _, v := range values {
		switch {
		case !(v > 0):
			s.WriteByte(' ')
		case high <= low:
			s.WriteRune(letters[len(letters)-1])
		default:
			at := math.Log(v/low) / math.Log(high/low) * float64(len(letters))
			s.WriteRune(letters[min(len(letters)-1, max(0, int(at)))])
		}
	}
	return s.String()
}
