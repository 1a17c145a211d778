package train

import (
	"math"
	"strconv"
)

// FormatFigure writes a loss, a metric or another figure as people read it: so many digits that count, and a power of ten below 1e-4 and from 1e7 on alone.
func FormatFigure(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'g', digits, 64)
	if a := math.Abs(v); a < 1e-4 || !(a < 1e7) {
		return s
	}
	rounded, _ := strconv.ParseFloat(s, 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// FormatScore writes a metric's figure as it stands in a line or table of them: with four places, as shares have, or four digits where it is 10 or more.
func FormatScore(v float64) string {
	if math.Abs(v) >= 10 {
		return FormatFigure(v, 4)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}
