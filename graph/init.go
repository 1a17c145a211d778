package graph

import (
	"math"
	"math/rand/v2"
)

// An Initializer draws one element of a new parameter. fanIn and fanOut are the numbers of inputs and outputs that an
// element of the parameter connects: the rows and columns of a weight matrix, both the length of a vector.
type Initializer func(r *rand.Rand, fanIn, fanOut int) float64

// GlorotUniform is U(−a, a) with a = √(6/(fanIn+fanOut)) (Glorot & Bengio 2010): Keras' default, and Dense's.
func GlorotUniform(r *rand.Rand, fanIn, fanOut int) float64 {
	return uniform(r, math.Sqrt(6/float64(fanIn+fanOut)))
}

// GlorotNormal is N(0, σ) with σ = √(2/(fanIn+fanOut)) (Glorot & Bengio 2010), not truncated.
func GlorotNormal(r *rand.Rand, fanIn, fanOut int) float64 {
	return r.NormFloat64() * math.Sqrt(2/float64(fanIn+fanOut))
}

// HeUniform is U(−a, a) with a = √(6/fanIn) (He et al. 2015, Delving Deep into Rectifiers).
func HeUniform(r *rand.Rand, fanIn, _ int) float64 { return uniform(r, math.Sqrt(6/float64(fanIn))) }

// HeNormal is N(0, σ) with σ = √(2/fanIn) (He et al. 2015), not truncated: made for relu, which halves the variance.
func HeNormal(r *rand.Rand, fanIn, _ int) float64 {
	return r.NormFloat64() * math.Sqrt(2/float64(fanIn))
}

// Zeros is 0 for every element.
func Zeros(*rand.Rand, int, int) float64 { return 0 }

// Constant is c for every element.
func Constant(c float64) Initializer { return func(*rand.Rand, int, int) float64 { return c } }

func uniform(r *rand.Rand, a float64) float64 { return (2*r.Float64() - 1) * a }
