package graph

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// Orthogonal draws a matrix, [all but the last axis, last axis], whose rows are orthogonal and of length gain, or its columns where it has more rows than columns: every such
// matrix is as likely as another (Saxe, McClelland and Ganguli 2014; Keras' and PyTorch's). A vector is a column. In text it is orthogonal:1.4, and orthogonal where the gain is 1.
func Orthogonal(gain float64) Initializer {
	return Initializer{numbered("orthogonal", gain, 1), func(r *rand.Rand, w []float64, shape []int) {
		columns := shape[len(shape)-1]
		if len(shape) == 1 {
			columns = 1
		}
		rows := len(w) / columns
		basis := w // of the shorter side's vectors, one after another
		if rows > columns {
			basis = make([]float64, len(w))
		}
		n := max(rows, columns)
		for at := 0; at < len(basis); at += n {
			v := basis[at : at+n]
			for length := 0.0; length < 1e-8; { // one that lies within the others is drawn again
				for i := range v {
					v[i] = r.NormFloat64()
				}
				for range 2 { // once leaves what was rounded off
					for other := 0; other < at; other += n {
						u := basis[other : other+n]
						floats.AddScaled(v, -floats.Dot(u, v), u)
					}
				}
				length = floats.Norm(v, 2)
			}
			floats.Scale(1/floats.Norm(v, 2), v)
		}
		if rows > columns {
			for i := range rows {
				for j := range columns {
					w[i*columns+j] = basis[j*n+i]
				}
			}
		}
		floats.Scale(gain, w)
	}}
}

// Identity is c on the diagonal of a matrix, [all but the last axis, last axis], and 0 elsewhere: a Dense layer, or a recurrent one's own weights, that hand on what they are given
// (Le, Jaitly and Hinton 2015). It need not be square. A vector is a column. In text it is identity:0.5, and identity where c is 1.
func Identity(c float64) Initializer {
	return Initializer{numbered("identity", c, 1), func(_ *rand.Rand, w []float64, shape []int) {
		columns := shape[len(shape)-1]
		if len(shape) == 1 {
			columns = 1
		}
		clear(w)
		for i := 0; i < columns && i*columns+i < len(w); i++ {
			w[i*columns+i] = c
		}
	}}
}
