package train

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// MetricsOf are the metrics that a loss names, in a method Metrics() []string, as those of package losses do: accuracy for cross-entropy, mae for mse. None of a loss that names
// none. A name that there is not is an error.
func MetricsOf(loss graph.Loss) ([]Metric, error) {
	named, ok := loss.(interface{ Metrics() []string })
	if !ok {
		return nil, nil
	}
	var all []Metric
	for _, name := range named.Metrics() {
		m, err := ParseMetric(name)
		if err != nil {
			return nil, fmt.Errorf("loss %s: %w", loss.Name(), err)
		}
		all = append(all, m)
	}
	return all, nil
}

// judged is an output as a metric is to see it: it is logits where the loss was told so, in a method FromLogits() bool, whatever layer made it.
func judged(loss graph.Loss, output graph.OutputInfo) graph.OutputInfo {
	if told, ok := loss.(interface{ FromLogits() bool }); ok && told.FromLogits() {
		output.Linear = true
	}
	return output
}
