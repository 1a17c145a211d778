package train

import (
	"cmp"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// Classes is what a model says: of each row of its output, [batch,…,classes] in row-major order, the class with the largest value. Of equal ones the first
// counts, and NaN is below all numbers. Of no output it is nil.
func Classes(output *tensor.Dense) []int {
	switch n := lastOf(output); {
	case output == nil:
	case output.Dtype() == tensor.Float64:
		return largest(output.Float64s(), n)
	case output.Dtype() == tensor.Float32:
		return largest(output.Float32s(), n)
	}
	return nil
}

// Probabilities are those of the classes that a model says, row by row as Classes has them: the softmax of an output that is Linear; any other is taken for probabilities. Of no output they are nil.
func Probabilities(output graph.OutputInfo, values *tensor.Dense) []float64 {
	all, n := slices.Clone(numbers(values)), lastOf(values)
	if !output.Linear || n == 0 {
		return all
	}
	for row := range slices.Chunk(all, n) {
		logProbabilities(row, row, true)
		for c, l := range row {
			row[c] = math.Exp(l)
		}
	}
	return all
}

// largest is the argmax of every row of n.
func largest[T float32 | float64](x []T, n int) []int {
	said := make([]int, 0, len(x)/n)
	for ; len(x) >= n; x = x[n:] {
		said = append(said, argmax(x[:n]))
	}
	return said
}

// classesOf are the classes that a target is of: int32 as they are, or the largest of each row of a distribution over n classes.
func classesOf(target *tensor.Dense, n int) []int {
	if target == nil || target.Dtype() != tensor.Int32 {
		if lastOf(target) != n {
			return nil
		}
		return Classes(target)
	}
	ids := target.Int32s()
	classes := make([]int, len(ids))
	for i, id := range ids {
		classes[i] = int(id)
	}
	return classes
}

// argmax is the first index of the largest element, NaN being the smallest.
func argmax[T float32 | float64](x []T) int {
	at := 0
	for i, v := range x {
		if cmp.Less(x[at], v) {
			at = i
		}
	}
	return at
}

// numbers are a tensor's elements in float64, row by row; none of nil, and of another kind than floats.
func numbers(t *tensor.Dense) []float64 {
	if t == nil {
		return nil
	}
	switch t.Dtype() {
	case tensor.Float64:
		return t.Float64s()
	case tensor.Float32:
		all := make([]float64, t.Shape().TotalSize())
		for i, v := range t.Float32s() {
			all[i] = float64(v)
		}
		return all
	}
	return nil
}

// lastOf is the size of the last axis, 1 where there is none.
func lastOf(t *tensor.Dense) int {
	if t == nil || t.Dims() == 0 {
		return 1
	}
	return t.Shape()[t.Dims()-1]
}

// ratio is the first sum over the second; NaN where there is none.
func ratio(sums []float64) float64 {
	if len(sums) < 2 || sums[1] == 0 {
		return math.NaN()
	}
	return sums[0] / sums[1]
}
