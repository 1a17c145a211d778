package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Series is a line of a chart, through (X[i], Y[i]). Points that are not finite, or not above 0 on a log scale, are left out, and break
// the line; a point by itself is a dot.
type Series struct {
	Name   string    // for the legend
	X, Y   []float64 // a point each
	Dashed bool      // a broken line
	Color  string    // of CSS, such as "#2b8cc4"; Style's of its place if empty, with the mark
	Mark   Mark      // on its points

	// Low and High, if not nil, are the ends of a band around Y, such as the least and the most of several seeds, of whose mean the line is. Both must be finite where a point is to have one.
	Low, High []float64
}

// Curves draws lines over a common x axis; with log, y is on a log scale. xName and yName say what the axes are.
func Curves(title, xName, yName string, log bool, series ...Series) string {
	const right, top, plot = 20, 30, 190
	y := newAxis(log, func(yield func(float64)) {
		for _, s := range series {
			for _, v := range slices.Concat(s.Y, s.Low, s.High) {
				yield(v)
			}
		}
	})
	left := 60.0 // or more, so that the axis' name does not lie over its numbers
	for _, v := range y.ticks() {
		left = max(left, 26+6.1*float64(utf8.RuneCountInString(label(v, log))))
	}
	legend, names, rows := layLegend(series, width-left-right)
	height := float64(top + plot + 40 + 17*rows + 4)
	c := newCanvas(width, height, title)
	x := newAxis(false, func(yield func(float64)) {
		for _, s := range series {
			for _, v := range s.X {
				yield(v)
			}
		}
	})
	x.low, x.high = tight(series)
	x.from, x.to, y.from, y.to = left, width-right, top+plot, top
	c.bold(left, 18, 13, "start", title)
	for _, v := range y.ticks() {
		at := y.at(v)
		c.line(left, at, width-right, at, .15)
		c.text(left-6, at+4, 11, "end", label(v, log))
	}
	for _, v := range x.ticks() {
		if v >= x.low && v <= x.high {
			c.text(x.at(v), top+plot+16, 11, "middle", label(v, false))
		}
	}
	c.line(left, top+plot, width-right, top+plot, .5)
	c.text((left+width-right)/2, top+plot+31, 11, "middle", xName)
	c.upright(12, top+plot/2, 11, "middle", yName)
	for i, s := range series {
		if s.Low != nil && s.High != nil {
			color, _ := seriesStyle(s, i)
			for _, band := range bands(s, x, y) {
				fmt.Fprintf(c, `<polygon points="%s" fill="%s" fill-opacity=".2"/>`, band, color)
			}
		}
	}
	for i, s := range series {
		color, mark := seriesStyle(s, i)
		dash := ""
		if s.Dashed {
			dash = ` stroke-dasharray="5 4"`
		}
		for _, run := range runs(s, x, y) {
			if len(run) == 1 {
				c.mark(max(mark, Disc), run[0][0], run[0][1], color)
				continue
			}
			points := make([]string, len(run))
			for j, p := range run {
				points[j] = num(p[0]) + "," + num(p[1])
			}
			fmt.Fprintf(c, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round"%s/>`, strings.Join(points, " "), color, dash)
			for j := (i * 3) % markEvery(len(run)); mark != NoMark && j < len(run); j += markEvery(len(run)) {
				c.mark(mark, run[j][0], run[j][1], color)
			}
		}
		at := legend[i]
		lx, ly := left+at[0], float64(top+plot+50)+17*at[1]
		if len(s.X) == 1 {
			c.mark(max(mark, Disc), lx+10, ly-4, color)
		} else {
			fmt.Fprintf(c, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" stroke-width="2"%s/>`, num(lx), num(ly-4), num(lx+20), num(ly-4), color, dash)
			c.mark(mark, lx+10, ly-4, color)
		}
		c.text(lx+25, ly, 11, "start", names[i])
	}
	return c.close()
}

func seriesStyle(s Series, i int) (color string, mark Mark) {
	if s.Color != "" {
		return s.Color, s.Mark
	}
	color, mark = Style(i)
	return color, max(mark, s.Mark)
}

// markEvery leaves room between the marks of a line of so many points.
func markEvery(points int) int { return max(1, points/8) }

// bands are the pieces of a band without a gap, as the points of a polygon.
func bands(s Series, x, y axis) []string {
	low, high := s, s
	low.Y, high.Y = slices.Clone(s.Low), slices.Clone(s.High)
	for i := range min(len(low.Y), len(high.Y)) { // a gap in one is a gap in both
		if l, h := low.Y[i], high.Y[i]; l-l != 0 || h-h != 0 || y.log && l <= 0 {
			low.Y[i], high.Y[i] = math.NaN(), math.NaN()
		}
	}
	below, above := runs(low, x, y), runs(high, x, y)
	var all []string
	for i := range min(len(below), len(above)) {
		var points []string
		for _, p := range below[i] {
			points = append(points, num(p[0])+","+num(p[1]))
		}
		for _, p := range slices.Backward(above[i]) {
			points = append(points, num(p[0])+","+num(p[1]))
		}
		all = append(all, strings.Join(points, " "))
	}
	return all
}

// tight are the ends of x: those of the data, so that a line goes from edge to edge.
func tight(series []Series) (low, high float64) {
	first := true
	for _, s := range series {
		for _, v := range s.X {
			if v-v != 0 {
				continue
			}
			if first {
				low, high, first = v, v, false
			}
			low, high = min(low, v), max(high, v)
		}
	}
	if low == high {
		low, high = low-.5, high+.5
	}
	return low, high
}

// runs are the pieces of a line without a gap, in coordinates.
func runs(s Series, x, y axis) [][][2]float64 {
	var all [][][2]float64
	broken := true
	for i := range min(len(s.X), len(s.Y)) {
		if vx, vy := s.X[i], s.Y[i]; vx-vx != 0 || vy-vy != 0 || y.log && vy <= 0 {
			broken = true
			continue
		}
		if broken {
			all, broken = append(all, nil), false
		}
		last := len(all) - 1
		all[last] = append(all[last], [2]float64{x.at(s.X[i]), y.at(s.Y[i])})
	}
	return all
}

// layLegend places the names in rows: x, and the row's number. What is too long for a row loses its middle.
func layLegend(series []Series, room float64) (places [][2]float64, names []string, rows int) {
	const letter = 6.1
	x, row := 0.0, 0.0
	for _, s := range series {
		name := []rune(s.Name)
		if most := int((room - 25) / letter); len(name) > most && most > 2 {
			name = slices.Concat(name[:most/2], []rune{'…'}, name[len(name)-(most-most/2-1):])
		}
		need := 25 + letter*float64(len(name)) + 16
		if x > 0 && x+need > room {
			x, row = 0, row+1
		}
		places, names = append(places, [2]float64{x, row}), append(names, string(name))
		x += need
	}
	return places, names, int(row) + 1
}
