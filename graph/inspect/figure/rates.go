package figure

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph/train"
)

// LearningRates draws what train.FindRate saw: the losses, their running mean, and a dot at the suggestion, over the logarithm of the learning rate. Of nil it draws an empty chart.
func LearningRates(c *train.RateCurve) string {
	if c == nil {
		c = &train.RateCurve{}
	}
	n := min(len(c.Rates), len(c.Losses), len(c.Smoothed))
	x := make([]float64, n)
	at := -1
	for i := range x {
		if x[i] = math.Log10(c.Rates[i]); at < 0 && c.Rates[i] >= c.Suggestion {
			at = i
		}
	}
	series := []Series{{Name: "loss of a batch", X: x, Y: c.Losses[:n]}, {Name: "running mean", X: x, Y: c.Smoothed[:n]}}
	if at >= 0 {
		series = append(series, Series{Name: fmt.Sprintf("falls fastest: %.2g", c.Suggestion), X: x[at : at+1], Y: c.Smoothed[at : at+1]})
	}
	return Curves("Loss by learning rate", "learning rate, power of ten", "loss, log scale", true, series...)
}
