// Package chart draws lines with letters.
package chart

import (
	"fmt"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Series is values over their index. What is not finite is left out.
type Series struct {
	Values    []float64
	Low, High []float64 // ends of a band around them, where not nil
	Mark      rune
}

// Lines draws series of about the same length in so many columns and rows, with an axis to the left and below, whose ends are first and last; the last column is the last value. Of several values in a
// column it takes the mean of those that are finite; between two of a few it draws a line.
func Lines(series []Series, columns, rows int, first, last string) string {
	const left = 11
	most := 1
	for _, s := range series {
		most = max(most, len(s.Values))
	}
	columns, rows = max(10, columns-left-1), max(3, rows)
	if len(series) == 1 && most >= columns/4 {
		columns = min(columns, most)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range series {
		for _, values := range [][]float64{s.Values, s.Low, s.High} {
			for _, v := range values {
				if v-v == 0 {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	if low > high {
		low, high = 0, 1
	}
	if low > 0 && low < high/2 {
		low = 0
	}
	if low == high {
		low = min(0, low)
	}
	if low == high {
		high = low + 1
	}
	grid := make([][]rune, rows)
	for r := range grid {
		grid[r] = []rune(strings.Repeat(" ", columns))
	}
	row := func(v float64) int {
		return rows - 1 - min(max(int(math.Round((v-low)/(high-low)*float64(rows-1))), 0), rows-1)
	}
	shade := '.'
	if term.Unicode() {
		shade = '░'
	}
	for _, s := range series { // below all lines
		for c := range columns {
			if lo, hi := at(s.Low, c, columns, most), at(s.High, c, columns, most); lo-lo == 0 && hi-hi == 0 {
				for r := row(hi); r <= row(lo); r++ {
					grid[r][c] = shade
				}
			}
		}
	}
	for _, s := range series {
		for c := range columns {
			if v := at(s.Values, c, columns, most); v-v == 0 {
				grid[row(v)][c] = s.Mark
			}
		}
	}
	var b strings.Builder
	for r, row := range grid {
		label := ""
		if r == 0 || r == rows-1 || rows > 4 && r == rows/2 {
			label = train.FormatFigure(high-(high-low)*float64(r)/float64(rows-1), 4)
		}
		fmt.Fprintf(&b, "%*s |%s\n", left-2, label, strings.TrimRight(string(row), " "))
	}
	fmt.Fprintf(&b, "%*s +%s\n", left-2, "", strings.Repeat("-", columns))
	fmt.Fprintf(&b, "%*s%-*s%s\n", left, "", max(len(first)+1, columns-len(last)), first, last)
	return b.String()
}

// at is what stands in a column: the mean of the values that fall into it, or what lies between two where there are fewer than columns; NaN where there is none.
func at(values []float64, column, columns, most int) float64 {
	lo, hi := column*most/columns, (column+1)*most/columns
	if most < columns {
		place := float64(column*(most-1)) / float64(columns-1)
		lo = int(place)
		if part := place - float64(lo); part > 0 && lo+1 < len(values) {
			return values[lo] + part*(values[lo+1]-values[lo])
		} else if part > 0 {
			return math.NaN()
		}
		hi = lo + 1
	}
	sum, n := 0.0, 0
	for i := lo; i < hi && i < len(values); i++ {
		if v := values[i]; v-v == 0 {
			sum, n = sum+v, n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}
