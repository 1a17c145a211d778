package graph

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/stheno-ml/stheno/graph/text"
)

// Orthogonal is a matrix whose rows, or where these are more than its columns, whose columns are orthonormal, drawn evenly from all such (Saxe et al. 2014): the Q of a normal matrix'
// QR decomposition, with the signs of R's diagonal. A tensor counts as a matrix of all axes but the last, and the last. It is Keras' default for what a recurrent layer's state is multiplied by.
var Orthogonal = Initializer{"orthogonal", func(r *rand.Rand, w []float64, shape []int) {
	cols := shape[len(shape)-1]
	rows := len(w) / cols
	long, short := max(rows, cols), min(rows, cols)
	q := blas64.General{Rows: long, Cols: short, Stride: short, Data: make([]float64, len(w))}
	for i := range q.Data {
		q.Data[i] = r.NormFloat64()
	}
	tau, work := make([]float64, short), make([]float64, 64*short) // as many as the blocked way takes
	lapack64.Geqrf(q, tau, work, len(work))
	negative := make([]bool, short)
	for j := range negative {
		negative[j] = q.Data[j*short+j] < 0
	}
	lapack64.Orgqr(q, tau, work, len(work))
	for i := range long {
		for j := range short {
			v := q.Data[i*short+j]
			if negative[j] {
				v = -v
			}
			if rows < cols {
				w[j*cols+i] = v
			} else {
				w[i*cols+j] = v
			}
		}
	}
}}

func init() {
	text.Register("orthogonal", "orthonormal rows or columns, whichever are fewer", "orthogonal", Orthogonal)
}
