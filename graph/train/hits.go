package train

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// The metrics of hits, precision, recall and F1, count for labels, floats [batch,…,n], over all of them together: one holds where its target is above ½, and was said to hold
// where the output is above a threshold, a probability; an output without activation is taken for logits. For classes, [batch,…], they are the mean over the classes
// (macro), each against the rest, the class with the largest output being the one that was said; a class that neither is nor was said anywhere is left out, and so are
// rows of class −1. What would be 0/0, as precision where nothing was said to hold, is 0. All this is scikit-learn's.

// hits are the sums of these metrics: how many there were, and of each class, or of all labels, how often it was rightly said, wrongly said, and wrongly not said.
type hits []float64

func (h hits) add(threshold float64, output graph.OutputInfo, values, target *tensor.Dense) hits {
	if target == nil || values == nil {
		return h
	}
	if target.Dtype() != tensor.Int32 {
		if h == nil {
			h = make(hits, 1+3)
		}
		eachLabel(threshold, output, values, target, func(said, is bool) {
			h[0]++
			switch {
			case said && is:
				h[1]++
			case said:
				h[2]++
			case is:
				h[3]++
			}
		})
		return h
	}
	n := lastOf(values)
	if h == nil {
		h = make(hits, 1+3*n)
	}
	if len(h) != 1+3*n {
		return h
	}
	are := classesOf(target, n)
	for i, said := range Classes(values) {
		if i >= len(are) || are[i] == ops.Ignored {
			continue
		}
		h[0]++
		if said == are[i] {
			h[1+3*said]++
			continue
		}
		h[1+3*said+1]++
		if are[i] >= 0 && are[i] < n {
			h[1+3*are[i]+2]++
		}
	}
	return h
}

// mean is that of a figure over the classes that there are.
func (h hits) mean(figure func(right, wrong, missed float64) float64) float64 {
	if len(h) == 0 || h[0] == 0 {
		return math.NaN()
	}
	sum, n := 0.0, 0.0
	for c := h[1:]; len(c) >= 3; c = c[3:] {
		if c[0]+c[1]+c[2] > 0 {
			sum += figure(c[0], c[1], c[2])
			n++
		}
	}
	return over(sum, n)
}

// over is a/b, and 0 where b is 0.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func checkHits(metric string, threshold float64, output graph.OutputInfo, target graph.Input) error {
	if err := checkThreshold(metric, threshold); err != nil {
		return err
	}
	if target.IDs {
		return checkClasses(metric, output, target)
	}
	return checkNumbers(metric, output, target)
}
