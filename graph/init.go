package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/graph/text"
)

// An Initializer draws the first value of a parameter. The zero value is none: [Initializer.Or] gives a layer's default for it.
type Initializer struct {
	// Name is what it is called: "he-normal".
	Name string
	// Fill writes every element of w, a parameter of that shape, row-major, and draws on nothing but r.
	Fill func(r *rand.Rand, w []float64, shape []int)
}

// Or is the initialiser itself, or the other where it is the zero value.
func (i Initializer) Or(other Initializer) Initializer {
	if i.Fill == nil {
		return other
	}
	return i
}

// fill is Fill, which may be anybody's: a panic becomes an error.
func (i Initializer) fill(r *rand.Rand, w []float64, shape []int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its initializer %q panicked: %v", i.Name, r)
		}
	}()
	i.Fill(r, w, shape)
	return nil
}

// InitFunc makes an initialiser of a function that draws one element. fanIn and fanOut are the numbers of inputs and outputs that an element
// connects: the product of all sizes but the last, and that of all but the last but one, so of a matrix its two sizes; of a vector both are its length.
func InitFunc(name string, draw func(r *rand.Rand, fanIn, fanOut int) float64) Initializer {
	return Initializer{Name: name, Fill: func(r *rand.Rand, w []float64, shape []int) {
		fanOut := shape[len(shape)-1]
		fanIn := len(w) / fanOut
		if len(shape) == 1 {
			fanIn = fanOut
		} else {
			fanOut = len(w) / shape[len(shape)-2]
		}
		for i := range w {
			w[i] = draw(r, fanIn, fanOut)
		}
	}}
}

// The initialisers.
var (
	// GlorotUniform is U(−a, a) with a = √(6/(fanIn+fanOut)) (Glorot & Bengio 2010): Keras' default, and Dense's.
	GlorotUniform = InitFunc("glorot-uniform", func(r *rand.Rand, fanIn, fanOut int) float64 {
		return uniform(r, math.Sqrt(6/float64(fanIn+fanOut)))
	})
	// GlorotNormal is N(0, σ) with σ = √(2/(fanIn+fanOut)) (Glorot & Bengio 2010), not truncated.
	GlorotNormal = InitFunc("glorot-normal", func(r *rand.Rand, fanIn, fanOut int) float64 {
		return r.NormFloat64() * math.Sqrt(2/float64(fanIn+fanOut))
	})
	// HeUniform is U(−a, a) with a = √(6/fanIn) (He et al. 2015, Delving Deep into Rectifiers).
	HeUniform = InitFunc("he-uniform", func(r *rand.Rand, fanIn, _ int) float64 { return uniform(r, math.Sqrt(6/float64(fanIn))) })
	// HeNormal is N(0, σ) with σ = √(2/fanIn) (He et al. 2015), not truncated: made for relu, which halves the variance.
	HeNormal = InitFunc("he-normal", func(r *rand.Rand, fanIn, _ int) float64 {
		return r.NormFloat64() * math.Sqrt(2/float64(fanIn))
	})
	// LeCunUniform is U(−a, a) with a = √(3/fanIn) (LeCun et al. 1998, Efficient BackProp).
	LeCunUniform = InitFunc("lecun-uniform", func(r *rand.Rand, fanIn, _ int) float64 { return uniform(r, math.Sqrt(3/float64(fanIn))) })
	// LeCunNormal is N(0, σ) with σ = √(1/fanIn) (LeCun et al. 1998), not truncated: what SELU was made with.
	LeCunNormal = InitFunc("lecun-normal", func(r *rand.Rand, fanIn, _ int) float64 {
		return r.NormFloat64() * math.Sqrt(1/float64(fanIn))
	})
	// Zeros is 0 for every element.
	Zeros = Initializer{"zeros", func(_ *rand.Rand, w []float64, _ []int) { clear(w) }}
	// Ones is 1 for every element.
	Ones = Initializer{"ones", func(_ *rand.Rand, w []float64, _ []int) { copy(w, slices.Repeat([]float64{1}, len(w))) }}
)

// Constant is c for every element. In text it is constant:0.5.
func Constant(c float64) Initializer {
	return InitFunc(numbered("constant", c, math.NaN()), func(*rand.Rand, int, int) float64 { return c })
}

// Uniform is U(−a, a). In text it is uniform:0.1, and uniform where a is 0.05, as in Keras.
func Uniform(a float64) Initializer {
	return InitFunc(numbered("uniform", a, .05), func(r *rand.Rand, _, _ int) float64 { return uniform(r, a) })
}

// Normal is N(0, σ). In text it is normal:0.1, and normal where σ is 0.05, as in Keras.
func Normal(sigma float64) Initializer {
	return InitFunc(numbered("normal", sigma, .05), func(r *rand.Rand, _, _ int) float64 { return r.NormFloat64() * sigma })
}

// TruncatedNormal is N(0, σ) without what lies beyond 2σ, which is drawn again: its own deviation is 0.88·σ, as that of Keras' TruncatedNormal. In text it is
// truncated-normal:0.1, and truncated-normal where σ is 0.05, as in Keras.
func TruncatedNormal(sigma float64) Initializer {
	return InitFunc(numbered("truncated-normal", sigma, .05), func(r *rand.Rand, _, _ int) float64 {
		for {
			if x := r.NormFloat64(); math.Abs(x) <= 2 {
				return x * sigma
			}
		}
	})
}

func init() {
	for _, i := range []struct {
		Initializer
		about string
	}{
		{GlorotUniform, "U(−a, a), a = √(6/(fan-in + fan-out))"}, {GlorotNormal, "N(0, σ), σ = √(2/(fan-in + fan-out))"},
		{HeUniform, "U(−a, a), a = √(6/fan-in)"}, {HeNormal, "N(0, σ), σ = √(2/fan-in)"},
		{LeCunUniform, "U(−a, a), a = √(3/fan-in)"}, {LeCunNormal, "N(0, σ), σ = √(1/fan-in)"},
		{Orthogonal(1), "orthogonal columns, or rows, of length 1; orthogonal:1.4 of another"}, {Identity(1), "1 on the diagonal of a matrix, else 0; identity:0.5 another number"},
		{TruncatedNormal(.05), "N(0, 0.05) within two deviations; truncated-normal:0.02 with another"},
		{Normal(.05), "N(0, 0.05); normal:0.02 with another deviation"}, {Uniform(.05), "U(−0.05, 0.05); uniform:0.1 within other bounds"},
		{Zeros, "0 for every element"}, {Ones, "1 for every element"},
	} {
		text.Register(i.Name, i.about, i.Name, i.Initializer)
	}
}

// byNumber are the initialisers that are made with a number.
var byNumber = map[string]func(float64) Initializer{
	"constant": Constant, "uniform": Uniform, "normal": Normal, "truncated-normal": TruncatedNormal, "orthogonal": Orthogonal, "identity": Identity,
}

// numbered is the name of one: constant:0.5, and the word alone for the number that it stands for by itself.
func numbered(word string, c, alone float64) string {
	if c == alone {
		return word
	}
	return word + ":" + strconv.FormatFloat(c, 'g', -1, 64)
}

// MarshalText is the name: what package text writes for one that it knows no word for.
func (i Initializer) MarshalText() ([]byte, error) {
	word, _, numbered := strings.Cut(i.Name, ":")
	if !numbered || byNumber[word] == nil {
		return nil, fmt.Errorf("got the initializer %q, which has no word: register one, text.Register[graph.Initializer]", i.Name)
	}
	return []byte(i.Name), nil
}

// UnmarshalText makes the initialiser of such a name: constant:0.5.
func (i *Initializer) UnmarshalText(name []byte) error {
	word, number, _ := strings.Cut(string(name), ":")
	c, err := strconv.ParseFloat(number, 64)
	if byNumber[word] == nil || err != nil || math.IsNaN(c) || math.IsInf(c, 0) {
		return fmt.Errorf("got the initializer %q, want a word that is registered, or one with a number, constant:0.5", name)
	}
	*i = byNumber[word](c)
	return nil
}

func uniform(r *rand.Rand, a float64) float64 { return (2*r.Float64() - 1) * a }
