package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// A Metric judges a model's output by its target, and adds up over batches. It keeps nothing itself: what it has seen so far is a list of numbers that
// its caller keeps, so that one may serve any number of runs, and a run can be taken up again.
type Metric interface {
	// Name is what it is called: "accuracy".
	Name() string
	// Check is an error where it can't judge such an output by such a target.
	Check(output graph.OutputInfo, target graph.Input) error
	// Add returns the sums with those of a batch added: output is [batch,…], target what the loss takes, int32 classes or floats. No sums yet are nil.
	Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64
	// Value is the figure that the sums come to; NaN where there is none.
	Value(sums []float64) float64
}

var metrics = []Metric{Accuracy{}}

// MetricNames lists what ParseMetric understands.
func MetricNames() []string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Name()
	}
	return names
}

// ParseMetric is the metric of that name, such as accuracy; of another, an error that lists them.
func ParseMetric(name string) (Metric, error) {
	if i := slices.Index(MetricNames(), name); i >= 0 {
		return metrics[i], nil
	}
	return nil, fmt.Errorf("metric: got %q, want one of %s", name, strings.Join(MetricNames(), ", "))
}

// A Score is a metric's figure.
type Score struct {
	Name  string
	Value float64
}

// ratio is the first sum over the second.
func ratio(sums []float64) float64 {
	if len(sums) < 2 || sums[1] == 0 {
		return math.NaN()
	}
	return sums[0] / sums[1]
}
