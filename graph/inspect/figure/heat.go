package figure

import (
	"fmt"
	"math"
)

// Heat draws values, values[row][column], as colours on a log scale; a cell that is not finite or not above 0 stays empty. rows and columns
// name them, and columnName says what the columns are. A row may be shorter than the others.
func Heat(title, columnName string, rows, columns []string, values [][]float64) string {
	const right, top = 12, 30
	left := 12.0
	for _, r := range rows {
		left = max(left, 10+6.2*float64(len([]rune(r))))
	}
	cell := min(24, max(12, 240/float64(max(1, len(rows)))))
	plot := cell * float64(len(rows))
	c := newCanvas(width, top+plot+74, title)
	c.bold(12, 18, 13, "start", title)
	scale := newAxis(true, func(yield func(float64)) {
		for _, row := range values {
			for _, v := range row {
				yield(v)
			}
		}
	})
	step := (width - right - left) / float64(max(1, len(columns)))
	for i, name := range rows {
		y := top + cell*float64(i)
		c.text(left-6, y+cell/2+4, 11, "end", name)
		if i >= len(values) {
			continue
		}
		for j, v := range values[i] {
			if j >= len(columns) || v-v != 0 || v <= 0 {
				continue
			}
			c.rect(left+step*float64(j), y, max(step-.6, .8), cell-.6, viridis((math.Log10(v)-math.Log10(scale.low))/(math.Log10(scale.high)-math.Log10(scale.low))),
				fmt.Sprintf("%s, %s %s: %.2g", name, columnName, columns[j], v))
		}
	}
	// As many names under the columns as there is room for.
	widest := 0
	for _, name := range columns {
		widest = max(widest, len([]rune(name)))
	}
	every := int(math.Ceil((6.2*float64(widest) + 8) / step))
	for j, name := range columns {
		if j%every == 0 {
			c.text(left+step*(float64(j)+.5), top+plot+14, 11, "middle", name)
		}
	}
	c.text(width-right, top+plot+30, 11, "end", columnName)
	const pieces = 40
	y := top + plot + 40
	bar := (width - right - left) / pieces
	for i := range pieces {
		c.rect(left+bar*float64(i), y, bar+.3, 10, viridis((float64(i)+.5)/pieces), "")
	}
	c.text(left, y+24, 11, "start", label(scale.low, true))
	c.text(width-right, y+24, 11, "end", label(scale.high, true))
	return c.close()
}

// viridisColors are eleven of the colours of matplotlib's map viridis, from dark to bright.
var viridisColors = [][3]float64{{68, 1, 84}, {72, 36, 117}, {65, 68, 135}, {53, 95, 141}, {42, 120, 142}, {33, 145, 140}, {34, 168, 132}, {68, 191, 112}, {122, 209, 81}, {189, 223, 38}, {253, 231, 37}}

// viridis is the colour at v, from 0 to 1.
func viridis(v float64) string {
	v = min(max(v, 0), 1) * float64(len(viridisColors)-1)
	i := min(int(v), len(viridisColors)-2)
	return mix(viridisColors[i], viridisColors[i+1], v-float64(i))
}

func mix(a, b [3]float64, t float64) string {
	return fmt.Sprintf("#%02x%02x%02x", int(a[0]+t*(b[0]-a[0])+.5), int(a[1]+t*(b[1]-a[1])+.5), int(a[2]+t*(b[2]-a[2])+.5))
}

// Confusion draws how often the samples of each class (a row) were taken for each class (a column): counts[actual][predicted], as
// train.Evaluation.Confusion has it. A cell is the darker, the larger its share of the row.
func Confusion(title string, classes []string, counts [][]int) string {
	const right, top = 8, 54
	left := 34.0
	for _, name := range classes {
		left = max(left, min(110, 28+6.2*float64(len([]rune(name)))))
	}
	n := float64(max(1, len(classes)))
	cell := min(40, (width-right-left)/n)
	height := min(cell, 30)
	longest := 0
	for _, name := range classes {
		longest = max(longest, len([]rune(name)))
	}
	foot := 16.0
	if float64(longest)*6.2 > cell { // names that do not fit stand on end
		foot = 10 + 6.2*float64(longest)
	}
	c := newCanvas(width, top+height*n+foot+8, title)
	c.bold(12, 18, 13, "start", title)
	c.text(12, 40, 11, "start", "row: what it is; column: what the network says")
	for i, row := range counts[:min(len(counts), len(classes))] {
		sum := 0
		for _, v := range row {
			sum += v
		}
		y := top + height*float64(i)
		c.text(left-6, y+height/2+4, 11, "end", classes[i])
		for j, v := range row[:min(len(row), len(classes))] {
			x := left + cell*float64(j)
			share := float64(v) / float64(max(1, sum))
			fill, ink := "#1fa37a", "currentColor"
			if i != j {
				fill = "#d1495b"
			}
			fmt.Fprintf(c, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s" fill-opacity="%s"><title>%d of %d</title></rect>`,
				num(x), num(y), num(cell-1), num(height-1), fill, num(.06+.94*math.Sqrt(share)), v, sum)
			if v > 0 {
				if share > .3 {
					ink = "#fff"
				}
				fmt.Fprintf(c, `<text x="%s" y="%s" font-size="%s" text-anchor="middle" fill="%s">%d</text>`, num(x+cell/2-.5), num(y+height/2+4), num(min(11, cell/3)), ink, v)
			}
		}
	}
	for j, name := range classes {
		x, y := left+cell*(float64(j)+.5), top+height*n
		if foot > 16 {
			c.upright(x+4, y+6, 11, "end", name)
			continue
		}
		c.text(x, y+14, 11, "middle", name)
	}
	return c.close()
}
