package figure

import (
	"fmt"
	"math"
	"strconv"
)

// Bars draws values on a log scale as bars that lie, a name a row: one bar for each series, whose Y has a value for each name and whose X
// is not looked at. A value that is not finite or not above 0 has no bar.
func Bars(title string, names []string, series ...Series) string {
	const right, top = 16, 30
	left := 20.0
	for _, n := range names {
		left = max(left, 10+6.2*float64(len([]rune(n))))
	}
	legend, labels, rows := layLegend(series, width-left-right)
	bar := 9.0
	if len(series) == 1 {
		bar = 13
	}
	group := bar*float64(len(series)) + 5
	plot := group * float64(len(names))
	c := newCanvas(width, top+plot+26+17*float64(rows)+6, title)
	c.bold(12, 18, 13, "start", title)
	scale := newAxis(true, func(yield func(float64)) {
		for _, s := range series {
			for _, v := range s.Y {
				yield(v)
			}
		}
	})
	scale.from, scale.to = left, width-right
	for _, v := range scale.ticks() {
		c.line(scale.at(v), top, scale.at(v), top+plot, .15)
		c.text(scale.at(v), top+plot+15, 11, "middle", label(v, true))
	}
	for i, name := range names {
		y := top + group*float64(i)
		c.text(left-6, y+group/2+2, 11, "end", name)
		for j, s := range series {
			if i < len(s.Y) && s.Y[i] > 0 && !math.IsInf(s.Y[i], 0) {
				c.rect(left, y+bar*float64(j), max(1, scale.at(s.Y[i])-left), bar-1, barColor(s, j), fmt.Sprintf("%s, %s: %.2g", s.Name, name, s.Y[i]))
			}
		}
	}
	for i, s := range series {
		x, y := left+legend[i][0], top+plot+36+17*legend[i][1]
		c.rect(x, y-9, 18, 9, barColor(s, i), "")
		c.text(x+25, y, 11, "start", labels[i])
	}
	return c.close()
}

// barColor is the series' own or that of its place: of those beyond the palette, one that is lighter each time around.
func barColor(s Series, i int) string {
	if s.Color != "" {
		return s.Color
	}
	color, mark := Style(i)
	var rgb [3]float64
	for j := range rgb {
		v, _ := strconv.ParseUint(color[1+2*j:3+2*j], 16, 8)
		rgb[j] = float64(v)
	}
	return mix(rgb, [3]float64{255, 255, 255}, .8*float64(mark)/float64(marks))
}
