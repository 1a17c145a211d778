// Package chart draws a line with letters.
package chart

import (
	"fmt"
	"math"
	"strings"
)

// Line draws values over their index in so many columns and rows, with an axis to the left and below; the last column is the last value. Of several values in a column it
// takes the mean. What is not finite is left out.
func Line(values []float64, columns, rows int, below string, mark rune) string {
	const left = 11
	columns, rows = max(10, columns-left-1), max(3, rows)
	columns = min(columns, max(1, len(values)))
	low, high := math.Inf(1), math.Inf(-1)
	means := make([]float64, columns)
	for c := range means {
		lo, hi := c*len(values)/columns, (c+1)*len(values)/columns
		sum := 0.0
		for _, v := range values[lo:max(hi, lo)] {
			sum += v
			if v-v == 0 {
				low, high = min(low, v), max(high, v)
			}
		}
		means[c] = sum / float64(hi-lo)
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
	for c, v := range means {
		if v-v != 0 {
			continue
		}
		r := int(math.Round((v - low) / (high - low) * float64(rows-1)))
		grid[rows-1-min(max(r, 0), rows-1)][c] = mark
	}
	var b strings.Builder
	for r, row := range grid {
		label := ""
		if r == 0 || r == rows-1 || rows > 4 && r == rows/2 {
			label = fmt.Sprintf("%.4g", high-(high-low)*float64(r)/float64(rows-1))
		}
		fmt.Fprintf(&b, "%*s |%s\n", left-2, label, strings.TrimRight(string(row), " "))
	}
	fmt.Fprintf(&b, "%*s +%s\n", left-2, "", strings.Repeat("-", columns))
	ends := fmt.Sprint(len(values)) + " " + below
	fmt.Fprintf(&b, "%*s%-*s%s\n", left, "", max(2, columns-len(ends)), "1", ends)
	return b.String()
}
