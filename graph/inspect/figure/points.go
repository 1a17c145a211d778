package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Scale is what stands below a chart of points: numbers, or names.
type Scale struct {
	Name  string
	Log   bool     // numbers by powers of ten
	Names []string // where they are no numbers: X is an index of them
}

// Points draws series as points over a scale, such as what trials came to over a setting that was tried, each with a bar from its Low to its High if it has them. With lines, the points of a series are
// joined in their order.
func Points(title string, x Scale, yName string, lines bool, series ...Series) string {
	const right, top, plot = 20, 30, 190
	y := newAxis(false, func(yield func(float64)) {
		for _, s := range series {
			for _, values := range [][]float64{s.Y, s.Low, s.High} {
				for _, v := range values {
					yield(v)
				}
			}
		}
	})
	left := 60.0
	for _, v := range y.ticks() {
		left = max(left, 26+6.1*float64(utf8.RuneCountInString(label(v, false))))
	}
	across := newAxis(x.Log, func(yield func(float64)) {
		for _, s := range series {
			for _, v := range s.X {
				yield(v)
			}
		}
	})
	under := 40.0
	if x.Names != nil {
		across = axis{low: -.5, high: float64(len(x.Names)) - .5}
		under += 13 * float64(nameRows(x.Names, (width-left-right)/float64(max(1, len(x.Names))))-1)
	}
	across.from, across.to, y.from, y.to = left, width-right, top+plot, top
	legend, names, rows := layLegend(series, width-left-right)
	if len(series) == 1 {
		rows = 0
	}
	c := newCanvas(width, top+plot+under+17*float64(rows)+4, title)
	c.bold(left, 18, 13, "start", title)
	for _, v := range y.ticks() {
		c.line(left, y.at(v), width-right, y.at(v), .15)
		c.text(left-6, y.at(v)+4, 11, "end", label(v, false))
	}
	if x.Names == nil {
		for _, v := range across.ticks() {
			c.text(across.at(v), top+plot+16, 11, "middle", label(v, x.Log))
		}
	}
	for i, name := range x.Names {
		at, room := across.at(float64(i)), (across.to-across.from)/float64(len(x.Names))
		for row, part := range broken(name, room) {
			c.text(at, top+plot+16+13*float64(row), 11, "middle", part)
		}
	}
	c.line(left, top+plot, width-right, top+plot, .5)
	c.text((left+width-right)/2, top+plot+under-9, 11, "middle", x.Name)
	c.upright(12, top+plot/2, 11, "middle", yName)
	for i, s := range series {
		color, mark := seriesStyle(s, i)
		mark = max(mark, Disc)
		s.X = slices.Clone(s.X)
		for j, v := range s.X {
			if x.Log && v <= 0 { // which has no place
				s.X[j] = math.NaN()
			}
		}
		for _, run := range runs(s, across, y) {
			if lines && len(run) > 1 {
				points := make([]string, len(run))
				for j, p := range run {
					points[j] = num(p[0]) + "," + num(p[1])
				}
				fmt.Fprintf(c, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5" stroke-opacity=".7"/>`, strings.Join(points, " "), color)
			}
			for _, p := range run {
				c.mark(mark, p[0], p[1], color)
			}
		}
		for j := range min(len(s.X), len(s.Low), len(s.High)) {
			if lo, hi := s.Low[j], s.High[j]; lo-lo == 0 && hi-hi == 0 && s.X[j]-s.X[j] == 0 {
				at := num(across.at(s.X[j]))
				fmt.Fprintf(c, `<line x1="%s" y1="%s" x2="%[1]s" y2="%[3]s" stroke="%[4]s" stroke-width="1.5" stroke-opacity=".7"/>`, at, num(y.at(lo)), num(y.at(hi)), color)
			}
		}
		if rows > 0 {
			lx, ly := left+legend[i][0], top+plot+under+10+17*legend[i][1]
			c.mark(mark, lx+10, ly-4, color)
			c.text(lx+25, ly, 11, "start", names[i])
		}
	}
	return c.close()
}

// broken is a name in parts of a width, at its commas and spaces where it has some; the rest of what takes more than three is left out.
func broken(name string, room float64) []string {
	most := max(3, int(room/6.1))
	var parts []string
	rest := []rune(name)
	for len(rest) > most && len(parts) < 2 {
		at := most
		for i := most; i > most/3; i-- {
			if rest[i-1] == ',' || rest[i-1] == ' ' {
				at = i
				break
			}
		}
		parts, rest = append(parts, strings.TrimSpace(string(rest[:at]))), rest[at:]
	}
	if len(rest) > most {
		rest = append(rest[:most-1:most-1], '…')
	}
	return append(parts, strings.TrimSpace(string(rest)))
}

// nameRows is in how many rows names stand.
func nameRows(names []string, room float64) int {
	rows := 1
	for _, name := range names {
		rows = max(rows, len(broken(name, room)))
	}
	return rows
}
