package train

import (
	"cmp"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// TopK is the share of rows, [batch,…,classes], whose class is among the K largest outputs; of equal ones the lower class comes first, and NaN is below all
// numbers. A target of distributions has the class that is largest there; a class of −1 is left out.
type TopK struct {
	K int `default:"5"` // 5 if 0
}

func (m TopK) k() int {
	if m.K == 0 {
		return 5
	}
	return m.K
}

// Name is "top-5", with K for 5.
func (m TopK) Name() string { return fmt.Sprintf("top-%d", m.k()) }

// Check wants more classes than K.
func (m TopK) Check(output graph.OutputInfo, target graph.Input) error {
	if err := checkClasses(m.Name(), output, target); err != nil {
		return err
	}
	if classes := output.Shape[len(output.Shape)-1]; m.k() < 1 || m.k() >= classes {
		return fmt.Errorf("%s: got K %d for %d classes, want from 1 to %d: of all it is always 1", m.Name(), m.k(), classes, classes-1)
	}
	return nil
}

// Add counts the rows that are right, and all.
func (m TopK) Add(sums []float64, _ graph.OutputInfo, values, target *tensor.Dense) []float64 {
	if sums == nil {
		sums = make([]float64, 2)
	}
	x, n := numbers(values), lastOf(values)
	for i, class := range classesOf(target, n) {
		if class == ops.Ignored || (i+1)*n > len(x) {
			continue
		}
		if place(x[i*n:(i+1)*n], class) < m.k() {
			sums[0]++
		}
		sums[1]++
	}
	return sums
}

// Value is right over all.
func (TopK) Value(sums []float64) float64 { return ratio(sums) }

// place is how many classes come before one by their outputs; that of a class that there is not is behind all.
func place(row []float64, class int) int {
	if class < 0 || class >= len(row) {
		return len(row)
	}
	n := 0
	for c, v := range row {
		if d := cmp.Compare(v, row[class]); d > 0 || (d == 0 && c < class) {
			n++
		}
	}
	return n
}
