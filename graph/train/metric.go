package train

import (
	"fmt"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// A Metric judges a model's output by its target, and adds up over batches. It keeps nothing itself: what it has seen so far is a list of numbers that
// its caller keeps, so that one may serve any number of runs, and a run can be taken up again. One of which less is better says so in a method LessIsBetter() bool.
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

func init() {
	add := text.Register[Metric]
	add("accuracy", "the share of classes that are right", "accuracy", Accuracy{})
	add("top-k", "the share of classes that are among the k largest outputs", "top-k 3", TopK{})
	add("perplexity", "e to the mean cross-entropy of the classes", "perplexity", Perplexity{})
	add("binary-accuracy", "the share of labels that are right", "binary-accuracy 0.4", BinaryAccuracy{})
	add("precision", "right / (right + wrong), of labels, or the mean over classes", "precision 0.4", Precision{})
	add("recall", "right / (right + missed), of labels, or the mean over classes", "recall 0.4", Recall{})
	add("f1", "the harmonic mean of precision and recall", "f1 0.4", F1{})
	add("auc", "the area under the receiver operating characteristic", "auc", AUC{})
	add("mae", "the mean of |p−t|", "mae", MAE{})
	add("rmse", "the root of the mean of (p−t)²", "rmse", RMSE{})
	add("r2", "1 − Σ(p−t)² / Σ(t−mean t)²", "r2", R2{})
}

// MetricNames lists the metrics that ParseMetric understands, by their names: top-5 of top-k.
func MetricNames() []string {
	names := text.Words[Metric]()
	for i, word := range names {
		if m, err := text.Parse[Metric](word); err == nil {
			names[i] = m.Name()
		}
	}
	return names
}

// ParseMetric is the metric that a text describes, such as accuracy, or precision 0.4; see package text. The name top-3 stands for top-k 3. Of an unknown one, an error that
// lists them.
func ParseMetric(s string) (Metric, error) {
	if digits, ok := strings.CutPrefix(s, "top-"); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
		s = "top-k " + digits
	}
	m, err := text.Parse[Metric](s)
	if err != nil {
		return nil, fmt.Errorf("metric: %w", err)
	}
	return m, nil
}

// FormatMetric is the text of a metric.
func FormatMetric(m Metric) (string, error) { return text.Format(m) }

// A Score is a metric's figure.
type Score struct {
	Name  string
	Value float64
}
