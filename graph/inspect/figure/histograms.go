package figure

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// Histograms draws how the elements of each layer's gradient are distributed, step by step: a panel a layer, from the input on, with a hill a snapshot, the first at the top. The values go from
// the 1st to the 99th percentile of what the snapshots have; a hill is as high as the root of the share of the elements there, so that what is rare is still seen, and the highest of each
// step is as high as any. Flows follow one another.
func Histograms(flows ...Flow) string {
	const left, top, row, hill, gap, columns, points = 52, 46, 13, 24, 14, 2, 48
	wide := (width - left - 8 - gap*(columns-1)) / float64(columns)
	type block struct {
		name   string
		layers []*layerOverTime
		steps  []string
	}
	var blocks []block
	height := 0.0
	for _, f := range flows {
		b := block{f.Name, overTime(f.Snapshots), nil}
		for _, s := range f.Snapshots {
			b.steps = append(b.steps, fmt.Sprint(s.Step))
		}
		blocks = append(blocks, b)
		panels := (len(b.layers) + columns - 1) / columns
		height += top + float64(panels)*(hill+float64(row*len(b.steps))+38)
	}
	c := newCanvas(width, max(height, 60), "Distribution of the gradient by layer and step")
	y := 0.0
	for _, b := range blocks {
		title := "Distribution of the gradient by layer and step"
		if len(blocks) > 1 {
			title = b.name + ": distribution of the gradient"
		}
		c.bold(12, y+18, 13, "start", title)
		c.text(12, y+34, 11, "start", "across: values; down: steps; height: root of how many")
		y += top
		tall := hill + float64(row*len(b.steps)) + 38
		for i, l := range b.layers {
			x := left + float64(i%columns)*(wide+gap)
			c.text(x, y+14, 11, "start", l.name)
			for j, at := range l.at {
				base := y + 18 + hill + float64(row*j)
				if i%columns == 0 {
					name := b.steps[j]
					if j == 0 {
						name = "step " + name
					}
					c.text(left-6, base, 10, "end", name)
				}
				c.line(x, base, x+wide, base, .2)
				shares := at.shares(l.low, l.high, points)
				most := slices.Max(shares)
				if most == 0 {
					continue
				}
				var line strings.Builder
				fmt.Fprintf(&line, "%s,%s", num(x), num(base))
				for k, v := range shares {
					fmt.Fprintf(&line, " %s,%s", num(x+(float64(k)+.5)*wide/points), num(base-hill*.9*math.Sqrt(v/most)))
				}
				fmt.Fprintf(&line, " %s,%s", num(x+wide), num(base))
				color := viridis(.85 * float64(j) / float64(max(1, len(l.at)-1)))
				fmt.Fprintf(c, `<polygon points="%s" fill="%s" fill-opacity=".55" stroke="%s"><title>%s, step %s</title></polygon>`, line.String(), color, color, html.EscapeString(l.name), b.steps[j])
			}
			foot := y + 18 + hill + float64(row*len(l.at)) + 2
			c.text(x, foot, 10, "start", fmt.Sprintf("%.1e", l.low))
			c.text(x+wide, foot, 10, "end", fmt.Sprintf("%.1e", l.high))
			if i%columns == columns-1 || i == len(b.layers)-1 {
				y += tall
			}
		}
	}
	return c.close()
}

// HistogramText draws what Histograms draws with letters: for each flow and layer a line a step.
func HistogramText(width int, unicode bool, flows ...Flow) string {
	width = max(width, 40)
	levels := []rune(" ▁▂▃▄▅▆▇█")
	if !unicode {
		levels = []rune(" .:-=+*#@")
	}
	var b strings.Builder
	for i, f := range flows {
		if i > 0 {
			b.WriteString("\n")
		}
		for _, line := range []string{f.Name, "the gradient's elements by layer and", "step; height: the root of how many"} {
			b.WriteString(strings.TrimRight(pad(line, width), " ") + "\n")
		}
		label := 0
		for _, s := range f.Snapshots {
			label = max(label, len(fmt.Sprint("  step ", s.Step, "  ")))
		}
		room := min(width-label, 64)
		for _, l := range overTime(f.Snapshots) {
			ends := fmt.Sprintf("%.1e", l.low)
			ends += fmt.Sprintf("%*s", room-len(ends), fmt.Sprintf("%.1e", l.high))
			if utf8.RuneCountInString(l.name)+2 > label { // it does not stand before the ends
				fmt.Fprintf(&b, "\n%s\n%s%s\n", strings.TrimRight(pad(l.name, width), " "), pad("", label), ends)
			} else {
				fmt.Fprintf(&b, "\n%s%s\n", pad(l.name, label), ends)
			}
			for j, at := range l.at {
				shares := at.shares(l.low, l.high, room)
				most := slices.Max(shares)
				line := pad(fmt.Sprint("  step ", f.Snapshots[j].Step), label)
				switch {
				case at.count == 0:
					line += "no finite value"
				case most == 0:
					line += "beyond these values"
				default:
					for _, v := range shares {
						level := int(math.Ceil(math.Sqrt(v/most) * float64(len(levels)-1)))
						if v < 1e-6 { // less than an element of a million
							level = 0
						}
						line += string(levels[level])
					}
				}
				b.WriteString(strings.TrimRight(line, " ") + "\n")
			}
		}
	}
	return b.String()
}

// Few are at most n of a run's snapshots, from the first to the last.
func Few(n int, snapshots []*inspect.Snapshot) []*inspect.Snapshot {
	if len(snapshots) <= n || n < 2 {
		return snapshots
	}
	var few []*inspect.Snapshot
	for i := range n {
		few = append(few, snapshots[i*(len(snapshots)-1)/(n-1)])
	}
	return few
}

// layerOverTime is how a layer's gradient is distributed at each of some steps, and the values between which that is drawn.
type layerOverTime struct {
	name      string
	low, high float64
	at        []distribution
}

// overTime are the layers that learn.
func overTime(snapshots []*inspect.Snapshot) []*layerOverTime {
	var all []*layerOverTime
	for j, s := range snapshots {
		for i, l := range Learning(s) {
			if j == 0 {
				all = append(all, &layerOverTime{name: rowName(l), low: math.Inf(1), high: math.Inf(-1)})
			}
			if i >= len(all) {
				continue
			}
			var d distribution
			for _, p := range l.Params {
				if n := d.add(p.Grad.Stats); n > 0 {
					all[i].low, all[i].high = min(all[i].low, p.Grad.Quantiles[0]), max(all[i].high, p.Grad.Quantiles[len(inspect.Levels)-1])
				}
			}
			all[i].at = append(all[i].at, d)
		}
	}
	for _, l := range all {
		if l.low > l.high {
			l.low, l.high = 0, 0
		}
		if l.low == l.high { // one value, in the middle
			half := max(math.Abs(l.low)/2, 1e-12)
			l.low, l.high = l.low-half, l.high+half
		}
	}
	return all
}

// A distribution is the share of elements up to a value, of some tensors together.
type distribution struct {
	count float64
	parts []cumulative
}

// cumulative is a tensor's: so many of its elements are at most x.
type cumulative struct {
	count float64
	at    [][2]float64 // x, and the share up to it, in order
}

// add takes a tensor's statistics in, and returns how many finite elements it has. Its histogram and its quantiles are both exact where they stand: together they show a narrow middle between far ends.
func (d *distribution) add(s inspect.Stats) float64 {
	n := 0
	for _, c := range s.Histogram {
		n += c
	}
	if n == 0 {
		return 0
	}
	part := cumulative{count: float64(n), at: [][2]float64{{s.Min, 0}}}
	sum := 0
	if s.Max > s.Min {
		for i, c := range s.Histogram[:inspect.Bins-1] {
			sum += c
			part.at = append(part.at, [2]float64{s.Min + (s.Max-s.Min)*float64(i+1)/inspect.Bins, float64(sum) / float64(n)})
		}
	}
	for i, q := range s.Quantiles {
		part.at = append(part.at, [2]float64{q, inspect.Levels[i]})
	}
	part.at = append(part.at, [2]float64{s.Max, 1})
	slices.SortFunc(part.at, func(a, b [2]float64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for i := 1; i < len(part.at); i++ {
		part.at[i][1] = max(part.at[i][1], part.at[i-1][1])
	}
	d.count += part.count
	d.parts = append(d.parts, part)
	return part.count
}

// upTo is the share of the elements that are at most x.
func (d *distribution) upTo(x float64) float64 {
	sum := 0.0
	for _, p := range d.parts {
		i, _ := slices.BinarySearchFunc(p.at, x, func(at [2]float64, x float64) int { // the first that lies beyond
			if at[0] <= x {
				return -1
			}
			return 1
		})
		switch {
		case i == 0:
		case i == len(p.at):
			sum += p.count
		default:
			a, b := p.at[i-1], p.at[i]
			sum += p.count * (a[1] + (b[1]-a[1])*(x-a[0])/(b[0]-a[0]))
		}
	}
	return sum / max(d.count, 1)
}

// shares are those of n equal parts of low to high, each with its upper end.
func (d *distribution) shares(low, high float64, n int) []float64 {
	all := make([]float64, n)
	before := 0.0
	for i := range all {
		now := d.upTo(low + (high-low)*float64(i+1)/float64(n))
		if i == 0 {
			before = d.upTo(math.Nextafter(low, math.Inf(-1))) // so that what lies at the end itself is in it
		}
		all[i], before = max(0, now-before), now
	}
	return all
}
