package term

import (
	"math"

	"github.com/stheno-ml/stheno/graph/train"
)

// Figure prints a figure: four places, or four digits of what is large; a dash for none.
func Figure(v float64) string {
	if math.IsNaN(v) {
		return Dash
	}
	return train.FormatScore(v)
}
