package train

import (
	"fmt"
	"slices"
	"strconv"
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

var metrics = []Metric{
	Accuracy{}, TopK{}, Perplexity{}, // of classes
	BinaryAccuracy{},                   // of labels
	Precision{}, Recall{}, F1{}, AUC{}, // of labels or classes
	MAE{}, RMSE{}, R2{}, // of numbers
}

// MetricNames lists what ParseMetric understands.
func MetricNames() []string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Name()
	}
	return names
}

// ParseMetric is the metric of that name, such as accuracy, or top-3 as any other number; of another, an error that lists them.
func ParseMetric(name string) (Metric, error) {
	if i := slices.Index(MetricNames(), name); i >= 0 {
		return metrics[i], nil
	}
	if digits, ok := strings.CutPrefix(name, "top-"); ok {
		if k, err := strconv.Atoi(digits); err == nil && k > 0 {
			return TopK{K: k}, nil
		}
	}
	return nil, fmt.Errorf("metric: got %q, want one of %s", name, strings.Join(MetricNames(), ", "))
}

// A Score is a metric's figure.
type Score struct {
	Name  string
	Value float64
}
