package train

import (
	"cmp"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// AUC is the area under the receiver operating characteristic: how probable it is that what holds has a larger output than what does not, equal ones counting half (Hanley and McNeil
// 1982). It is exact, and keeps every output for that, 16 bytes a label or more. Of several labels, [batch,…,n], it is the mean of each label's; of two classes that of the second; of more
// classes the mean of each against the rest (scikit-learn's roc_auc_score, one-vs-rest). Rows of class −1 are left out. It is NaN where a label, or a class, holds always or
// never, and where an output is NaN.
type AUC struct{}

// Name is "auc".
func (AUC) Name() string { return "auc" }

// Check wants labels, floats of the output's shape, or classes.
func (m AUC) Check(output graph.OutputInfo, target graph.Input) error {
	return checkHits(m.Name(), 0, output, target)
}

// Add keeps how many scores a row has, and how many targets: then the rows. A row of one class has a score for each, and the class.
func (AUC) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	x, n := numbers(values), lastOf(values)
	if target == nil || target.Dtype() != tensor.Int32 {
		t := numbers(target)
		if sums == nil {
			sums = []float64{float64(n), float64(n)}
		}
		if sums[0] != float64(n) {
			return sums
		}
		for ; len(x) >= n && len(t) >= n; x, t = x[n:], t[n:] {
			sums = append(append(sums, x[:n]...), t[:n]...)
		}
		return sums
	}
	if sums == nil {
		if sums = []float64{float64(n), 1}; n == 2 {
			sums[0] = 1
		}
	}
	if sums[0] != float64(n) && n != 2 {
		return sums
	}
	log := make([]float64, n)
	for i, class := range target.Int32s() {
		if class == ops.Ignored || (i+1)*n > len(x) {
			continue
		}
		row := x[i*n : (i+1)*n]
		switch {
		case n == 2 && output.Linear:
			sums = append(sums, row[1]-row[0]) // rises with the probability
		case n == 2:
			sums = append(sums, row[1])
		case output.Linear:
			logProbabilities(log, row, true)
			sums = append(sums, log...)
		default:
			sums = append(sums, row...)
		}
		sums = append(sums, float64(class))
	}
	return sums
}

// Value sorts the scores.
func (AUC) Value(sums []float64) float64 {
	if len(sums) < 2 {
		return math.NaN()
	}
	scores, targets := int(sums[0]), int(sums[1])
	if scores < 1 || targets < 1 {
		return math.NaN()
	}
	rows := sums[2:]
	ranked := make([]scored, len(rows)/(scores+targets))
	total := 0.0
	for j := range scores {
		for i := range ranked {
			row := rows[i*(scores+targets):][:scores+targets]
			if targets == 1 && scores > 1 {
				ranked[i] = scored{row[j], int(row[scores]) == j}
			} else {
				ranked[i] = scored{row[j], row[scores+j] > .5}
			}
		}
		total += area(ranked)
	}
	return total / float64(scores)
}

// scored is one output, and whether its label holds.
type scored struct {
	score float64
	is    bool
}

// area counts the pairs of one that holds and one that does not in which the former has the larger score, and half of those with equal scores, over all pairs.
func area(all []scored) float64 {
	slices.SortFunc(all, func(a, b scored) int { return cmp.Compare(a.score, b.score) })
	if len(all) == 0 || math.IsNaN(all[0].score) {
		return math.NaN()
	}
	pairs, below, holding := 0.0, 0.0, 0.0
	for i := 0; i < len(all); {
		is, not := 0.0, 0.0
		for score := all[i].score; i < len(all) && all[i].score == score; i++ {
			if all[i].is {
				is++
			} else {
				not++
			}
		}
		pairs += is * (below + not/2)
		below += not
		holding += is
	}
	return pairs / (holding * below) // NaN where there is no pair
}
