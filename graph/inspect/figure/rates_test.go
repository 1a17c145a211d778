package figure_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

func TestLearningRates(t *testing.T) {
	curve := &train.RateCurve{Rates: []float64{1e-3, 1e-2, 1e-1, 1}, Losses: []float64{2, 1.9, 1, 7}, Smoothed: []float64{2, 1.95, 1.4, 4}, Suggestion: 1e-2}
	svg := figure.LearningRates(curve)
	if !strings.Contains(svg, "falls fastest: 0.01") || strings.Count(svg, "<polyline") != 2 || !strings.Contains(svg, "<circle") {
		t.Errorf("got %s", svg)
	}
	curve.Suggestion = math.NaN()
	if svg := figure.LearningRates(curve); strings.Contains(svg, "fastest") {
		t.Errorf("without a suggestion: %s", svg)
	}
	if svg := figure.LearningRates(nil); !strings.HasSuffix(svg, "</svg>") {
		t.Errorf("of nil: %s", svg)
	}
}
