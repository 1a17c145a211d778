package numeric

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func estimate(t *testing.T, f func(float64) float64, s Search) Estimate {
	t.Helper()
	e, err := Derivative(func(x float64) (float64, error) { return f(x), nil }, f(0), s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The error is less than what is estimated, and the estimate is good, whatever the scale of the function, of its argument and of the first step.
func TestDerivativeOfSmoothFunctions(t *testing.T) {
	for name, f := range map[string]struct {
		f      func(x float64) float64
		want   float64
		within float64 // of the derivative
	}{
		"constant":    {func(float64) float64 { return 3 }, 0, 1e-10},
		"line":        {func(x float64) float64 { return 2 - 5*x }, -5, 1e-12},
		"cubic":       {func(x float64) float64 { return 1 + x - 3*x*x + 7*x*x*x }, 1, 1e-10},
		"exp":         {func(x float64) float64 { return math.Exp(1 + 3*x) }, 3 * math.E, 1e-10},
		"sin(2000x)":  {func(x float64) float64 { return math.Sin(2000 * (x + .3)) }, 2000 * math.Cos(600), 1e-9},
		"sin(2e6x)":   {func(x float64) float64 { return math.Sin(2e6 * (x + .3)) }, 2e6 * math.Cos(6e5), 1e-5},
		"pole nearby": {func(x float64) float64 { return 1 / (x + 1e-3) }, -1e6, 1e-9},
		"log1p":       {func(x float64) float64 { return math.Log(1 + math.Exp(x)) }, .5, 1e-11},
	} {
		for _, scale := range []float64{1e-8, 1, 1e8} {
			for _, stretch := range []float64{1e-8, 1, 1e8} {
				for _, first := range []float64{0x1p-14, 0x1p-6, .5} {
					g := func(x float64) float64 { return scale * f.f(x*stretch) }
					s := Search{First: first / stretch, Largest: 1 / stretch, Noise: 0x1p-52 * scale * max(1, math.Abs(f.f(0)))}
					if name == "sin(2e6x)" { // its argument is rounded
						s.Noise *= 1e6
					}
					e := estimate(t, g, s)
					want := f.want * scale * stretch
					unit := max(math.Abs(want), scale*stretch)
					if off := math.Abs(e.Value - want); !(off <= e.Error) || !(e.Error <= f.within*unit) || !(math.Abs(e.Bend) <= 2*e.Error) {
						t.Errorf("%s, scale %g, stretch %g, first %g: %+v, want %g, off by %.1e of it", name, scale, stretch, first, e, want, off/unit)
					}
					if e.Moved != (name != "constant") {
						t.Errorf("%s: Moved is %v", name, e.Moved)
					}
				}
			}
		}
	}
}

// A kink beside 0 is stepped in front of, one at 0 is told by its bend.
func TestDerivativeAtKinks(t *testing.T) {
	for _, d := range []float64{1e-9, 1e-6, 1e-3, .1, -1e-9, -1e-6, -1e-3, -.1} {
		f := func(x float64) float64 { return math.Sin(x) + 5*max(0, x-d) }
		want := 1.0
		if d < 0 {
			want += 5
		}
		e := estimate(t, f, Search{First: 0x1p-6, Largest: 1, Noise: 0x1p-52})
		if off := math.Abs(e.Value - want); !(off <= e.Error) || !(e.Error <= max(1e-11, 1e-14/math.Abs(d))) {
			t.Errorf("kink at %g: %+v, want %v", d, e, want)
		}
	}
	for name, f := range map[string]struct {
		f           func(x float64) float64
		value, bend float64
	}{
		"abs":        {math.Abs, 0, 2},
		"relu":       {func(x float64) float64 { return 1 + max(0, x) }, .5, 1},
		"relu + exp": {func(x float64) float64 { return 3*max(0, x) + math.Exp(x) }, 2.5, 3},
		"small":      {func(x float64) float64 { return 1e-8 * math.Abs(x) }, 0, 2e-8},
		"large":      {func(x float64) float64 { return 1e8 * (x - math.Abs(x)) }, 1e8, -2e8},
	} {
		e := estimate(t, f.f, Search{First: 0x1p-6, Largest: 1, Noise: 0x1p-52 * math.Abs(f.bend)})
		if math.Abs(e.Value-f.value) > 1e-5*math.Abs(f.bend) || math.Abs(e.Bend-f.bend) > 1e-5*math.Abs(f.bend) || e.Error < math.Abs(f.bend)/3 {
			t.Errorf("%s: %+v, want value %v, bend %v and an error that says so", name, e, f.value, f.bend)
		}
	}
}

func TestDerivativeAtAKinkBesideAnother(t *testing.T) {
	for _, d := range []float64{1e-8, 1e-4, .1} {
		e := estimate(t, func(x float64) float64 { return math.Abs(x) + .5*max(0, x-d) }, Search{First: 0x1p-6, Largest: 1, Noise: 0x1p-52})
		if !(e.Bend > 1.5) || !(e.Error > .7) || !(math.Abs(e.Value) <= e.Error) {
			t.Errorf("%g beside: %+v, want value 0, bend 2, and an error that says so", d, e)
		}
	}
}

// A few hundred kinks on both sides, as a random direction of a relu network meets them.
func TestDerivativeAmongKinks(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		var at, jump [500]float64
		for i := range at {
			at[i], jump[i] = r.NormFloat64(), r.NormFloat64()
		}
		slope := 0.0
		for i := range at {
			if at[i] < 0 {
				slope += jump[i]
			}
		}
		f := func(x float64) float64 {
			sum := 0.0
			for i := range at {
				sum += jump[i] * (max(0, x-at[i]) - max(0, -at[i]))
			}
			return sum
		}
		e := estimate(t, f, Search{First: 0x1p-6, Largest: 1, Noise: 1e-14, Target: 1e-8})
		if !(math.Abs(e.Value-slope) <= e.Error) || e.Error > 1e-6 {
			t.Errorf("seed %d: %+v, want %v", seed, e, slope)
		}
	}
}

// What has no derivative, or drowns in noise, is not said to have one.
func TestDerivativeKnowsWhatItDoesNotKnow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range map[string]func(float64) float64{
		"step at 0":   func(x float64) float64 { return math.Copysign(1, x) },
		"noise":       func(x float64) float64 { return x + .1*r.Float64() },
		"NaN":         func(float64) float64 { return math.NaN() },
		"infinite":    func(x float64) float64 { return math.Copysign(math.Inf(1), x) },
		"square root": func(x float64) float64 { return math.Copysign(math.Sqrt(math.Abs(x)), x) },
	} {
		if e := estimate(t, f, Search{First: 0x1p-6, Largest: 1, Noise: 0x1p-52}); !(e.Error > .02) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	e := estimate(t, func(x float64) float64 { return max(0, x-.5) }, Search{First: 0x1p-6, Largest: 0x1p-2, Noise: 0x1p-52})
	if e.Value != 0 || e.Moved {
		t.Errorf("nothing moves: %+v", e)
	}
	broken := errors.New("broken")
	for after := range 8 {
		n := 0
		_, err := Derivative(func(x float64) (float64, error) {
			if n++; n > after {
				return 0, broken
			}
			return math.Abs(x), nil
		}, 0, Search{First: 1, Largest: 1})
		if err != broken {
			t.Errorf("an error at evaluation %d: got %v", after, err)
		}
	}
}

// An easy derivative costs few evaluations.
func TestDerivativeIsCheap(t *testing.T) {
	n := 0
	f := func(x float64) float64 { n++; return math.Exp(x) }
	if e := estimate(t, f, Search{First: 0x1p-8, Largest: 1, Noise: 0x1p-52, Target: 1e-9}); n > 10 || e.Error > 1e-9 {
		t.Errorf("%d evaluations, %+v", n, e)
	}
}
