package train

import (
	"cmp"

	"gorgonia.org/tensor"
)

// Classes is what a model says: of each row of its output, [samples,…,classes] as Predict returns it, the class with the largest value. Of equal
// ones the first counts, and NaN is below all numbers.
func Classes(output *tensor.Dense) []int {
	if output == nil || output.Dims() == 0 {
		return nil
	}
	said := make([]int, 0, output.Shape().TotalSize()/output.Shape()[output.Dims()-1])
	eachRow(output, func(_ int, row []float64) { said = append(said, argmax(row)) })
	return said
}

// classesOf is the class of each row of a target: as it stands where it is int32, else the largest of n numbers.
func classesOf(target *tensor.Dense, n int) []int {
	if target.Dtype() != tensor.Int32 {
		return Classes(target)
	}
	classes := make([]int, len(target.Int32s()))
	for i, class := range target.Int32s() {
		classes[i] = int(class)
	}
	return classes
}

// argmax is the first index of the largest element, NaN being the smallest: the class whose rank is 0.
func argmax(x []float64) int {
	at := 0
	for i, v := range x {
		if cmp.Less(x[at], v) {
			at = i
		}
	}
	return at
}
