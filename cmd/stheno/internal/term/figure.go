package term

import (
	"fmt"
	"math"
)

// Figure prints a figure; a dash for none.
func Figure(v float64) string {
	if math.IsNaN(v) {
		return Dash
	}
	return fmt.Sprintf("%.4f", v)
}
