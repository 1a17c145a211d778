package vec

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// An elementwise function in one form for all: run works on slices of equal length, reads any and writes some.
type elementwise struct {
	name   string
	slices int
	run    func(s [][]float32)
}

const slope = 0.3

var adamTerms = AdamTerms[float32]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Rate: 0.01, Root: 3, Direct: 0.002, Epsilon: 1e-7}

var operations = []elementwise{
	{"AddLinear", 3, func(s [][]float32) { AddLinear(s[0], s[1], s[2]) }},
	{"AddSigmoid", 3, func(s [][]float32) { AddSigmoid(s[0], s[1], s[2]) }},
	{"AddTanh", 3, func(s [][]float32) { AddTanh(s[0], s[1], s[2]) }},
	{"AddReLU", 3, func(s [][]float32) { AddReLU(s[0], s[1], s[2]) }},
	{"AddLeakyReLU", 3, func(s [][]float32) { AddLeakyReLU(s[0], s[1], s[2], slope) }},
	{"AddSoftplus", 3, func(s [][]float32) { AddSoftplus(s[0], s[1], s[2]) }},
	{"Linear", 2, func(s [][]float32) { AddLinear(s[0], s[1], nil) }},
	{"Sigmoid", 2, func(s [][]float32) { AddSigmoid(s[0], s[1], nil) }},
	{"Tanh", 2, func(s [][]float32) { AddTanh(s[0], s[1], nil) }},
	{"ReLU", 2, func(s [][]float32) { AddReLU(s[0], s[1], nil) }},
	{"LeakyReLU", 2, func(s [][]float32) { AddLeakyReLU(s[0], s[1], nil, slope) }},
	{"Softplus", 2, func(s [][]float32) { AddSoftplus(s[0], s[1], nil) }},
	{"SigmoidGrad", 3, func(s [][]float32) { SigmoidGrad(s[0], s[1], s[2]) }},
	{"TanhGrad", 3, func(s [][]float32) { TanhGrad(s[0], s[1], s[2]) }},
	{"ReLUGrad", 3, func(s [][]float32) { ReLUGrad(s[0], s[1], s[2]) }},
	{"LeakyReLUGrad", 3, func(s [][]float32) { LeakyReLUGrad(s[0], s[1], s[2], slope) }},
	{"SoftplusGrad", 3, func(s [][]float32) { SoftplusGrad(s[0], s[1], s[2]) }},
	{"ELU", 3, func(s [][]float32) { AddELU(s[0], s[1], s[2]) }},
	{"SELU", 3, func(s [][]float32) { AddSELU(s[0], s[1], s[2]) }},
	{"GELU", 3, func(s [][]float32) { AddGELU(s[0], s[1], s[2]) }},
	{"GELUTanh", 3, func(s [][]float32) { AddGELUTanh(s[0], s[1], s[2]) }},
	{"SiLU", 3, func(s [][]float32) { AddSiLU(s[0], s[1], s[2]) }},
	{"Mish", 3, func(s [][]float32) { AddMish(s[0], s[1], s[2]) }},
	{"ELUGrad", 3, func(s [][]float32) { ELUGrad(s[0], s[1], s[2]) }},
	{"SELUGrad", 3, func(s [][]float32) { SELUGrad(s[0], s[1], s[2]) }},
	{"GELUGrad", 3, func(s [][]float32) { GELUGrad(s[0], s[1], s[2]) }},
	{"GELUTanhGrad", 3, func(s [][]float32) { GELUTanhGrad(s[0], s[1], s[2]) }},
	{"SiLUGrad", 3, func(s [][]float32) { SiLUGrad(s[0], s[1], s[2]) }},
	{"MishGrad", 3, func(s [][]float32) { MishGrad(s[0], s[1], s[2]) }},
	{"Standardize", 5, func(s [][]float32) { Standardize(s[0], s[1], s[2], s[3], s[4]) }},
	{"Exp", 2, func(s [][]float32) { Exp(s[0], s[1]) }},
	{"Add", 3, func(s [][]float32) { Add(s[0], s[1], s[2]) }},
	{"SumAccumulate", 2, func(s [][]float32) { SumAccumulate(s[0], s[1]) }},
	{"Mul", 3, func(s [][]float32) { Mul(s[0], s[1], s[2]) }},
	{"Axpy", 2, func(s [][]float32) { Axpy(0.7, s[1], s[0]) }},
	{"StandardizeGrad", 7, func(s [][]float32) { StandardizeGrad(s[0], s[1], s[2], s[3], s[4], s[5], s[6]) }},
	{"Normalize", 4, func(s [][]float32) { Normalize(s[0], s[1], s[2], s[3], .3, 1.7) }},
	{"NormalizeGrad", 6, func(s [][]float32) { NormalizeGrad(s[0], s[1], s[2], s[3], s[4], s[5], .3, 1.7, .6, -.2) }},
	{"Scale", 2, func(s [][]float32) { Scale(s[0], s[1], 0.7) }},
	{"Clamp", 2, func(s [][]float32) { Clamp(s[0], s[1], 0.5) }},
	{"Mix", 2, func(s [][]float32) { Mix(s[0], s[1], 0.9, 0.1) }},
	{"SoftmaxGrad", 2, func(s [][]float32) { SoftmaxGrad(s[0], s[1], 0.3, 0.7) }},
	{"SGD", 2, func(s [][]float32) { SGD(s[0], s[1], 0.1) }},
	{"Momentum", 3, func(s [][]float32) { Momentum(s[0], s[1], s[2], 0.1, 0.9, false) }},
	{"Nesterov", 3, func(s [][]float32) { Momentum(s[0], s[1], s[2], 0.1, 0.9, true) }},
	{"Adam", 4, func(s [][]float32) { Adam(s[0], s[1], s[2], s[3], adamTerms) }},
	{"AMSGrad", 5, func(s [][]float32) { AMSGrad(s[0], s[1], s[2], s[3], s[4], adamTerms) }},
	{"Nadam", 4, func(s [][]float32) { Nadam(s[0], s[1], s[2], s[3], adamTerms) }},
	{"Lion", 3, func(s [][]float32) { Lion(s[0], s[1], s[2], 0.1, 0.9, 0.1, 0.99, 0.01) }},
	{"RMSProp", 3, func(s [][]float32) { RMSProp(s[0], s[1], s[2], 0.01, 0.9, 0.1, 1e-7) }},
	{"AdaGrad", 3, func(s [][]float32) { AdaGrad(s[0], s[1], s[2], 0.01, 1e-7) }},
}

// eachPath runs f with all assembly that the processor can run, and with plain Go.
func eachPath(t *testing.T, f func(t *testing.T)) {
	have := asm
	defer func() { asm = have }()
	for _, asm = range runnable {
		t.Run(asm.name, f)
	}
	asm = kernels{}
	t.Run("go", f)
}

// randomSlices returns slices of n elements; the last two are positive, as second moments and outputs of softplus are.
func randomSlices(r *rand.Rand, count, n int) [][]float32 {
	s := make([][]float32, count)
	for i := range s {
		s[i] = make([]float32, n)
		for k := range s[i] {
			s[i][k] = float32(r.NormFloat64())
			if i >= 2 {
				s[i][k] = float32(math.Abs(float64(s[i][k])))
			}
		}
	}
	return s
}

func clone(s [][]float32) [][]float32 {
	c := make([][]float32, len(s))
	for i := range s {
		c[i] = append([]float32(nil), s[i]...)
	}
	return c
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

// Every length, at every start within a vector, with canaries on both sides: no element gets other bits than in one
// long run, and none outside is written.
func TestCutsAndBounds(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		const total, margin, canary = 96, 9, 12345.678
		for _, op := range operations {
			r := rand.New(rand.NewPCG(1, 2))
			before := randomSlices(r, op.slices, total)
			want := clone(before)
			op.run(want)
			for n := 0; n <= 70; n++ {
				for start := range 9 {
					whole := clone(before)
					part := make([][]float32, op.slices)
					for i := range whole {
						guarded := make([]float32, margin+n+margin)
						for k := range guarded {
							guarded[k] = canary
						}
						copy(guarded[margin:], whole[i][start:start+n])
						whole[i] = guarded
						part[i] = guarded[margin : margin+n : margin+n]
					}
					op.run(part)
					for i := range whole {
						for k, v := range whole[i] {
							inside := k >= margin && k < margin+n
							if !inside && v != canary {
								t.Fatalf("%s: length %d: slice %d: wrote %g at %d", op.name, n, i, v, k-margin)
							}
							if inside && !sameBits(v, want[i][start+k-margin]) {
								t.Fatalf("%s: elements %d to %d: slice %d, element %d: got %g, want %g as in one run",
									op.name, start, start+n, i, start+k-margin, v, want[i][start+k-margin])
							}
						}
					}
				}
			}
		}
	})
}

// dst may be a source.
func TestInPlace(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for _, op := range operations[:34] { // up to Mul: those with a dst
			for source := 1; source < op.slices; source++ {
				s := randomSlices(rand.New(rand.NewPCG(3, 4)), op.slices, 75)
				if op.name == "SumAccumulate" {
					copy(s[0], s[1])
				}
				want := clone(s)
				op.run(want)
				s[0] = s[source]
				op.run(s)
				for k, v := range s[0] {
					if !sameBits(v, want[0][k]) {
						t.Fatalf("%s onto source %d: element %d: got %g, want %g", op.name, source, k, v, want[0][k])
					}
				}
			}
		}
	})
}

// Assembly and Go give nearly the same numbers. The functions with an exponential have a test of their own accuracy.
func TestPathsAgree(t *testing.T) {
	if asm.add == nil {
		t.Log("this processor has no assembly here: Go is compared with itself")
	}
	have := asm
	defer func() { asm = have }()
	for _, op := range operations {
		before := randomSlices(rand.New(rand.NewPCG(5, 6)), op.slices, 1003)
		got, want := clone(before), clone(before)
		asm = have
		op.run(got)
		asm = kernels{}
		op.run(want)
		for i := range got {
			for k, v := range got[i] {
				w := want[i][k]
				if d := math.Abs(float64(v) - float64(w)); d > 3e-7*(1+math.Abs(float64(w))) {
					t.Errorf("%s: slice %d, element %d: assembly %g, Go %g", op.name, i, k, v, w)
				}
			}
		}
	}
}

// No path lacks a pass that another has.
func TestPathsAreWhole(t *testing.T) {
	for _, k := range runnable {
		v := reflect.ValueOf(k)
		for i := range v.NumField() {
			if v.Field(i).IsZero() != reflect.ValueOf(runnable[0]).Field(i).IsZero() {
				t.Errorf("of %s and %s only one has %s", k.name, runnable[0].name, v.Type().Field(i).Name)
			}
		}
	}
}

// All assembly gives the same bits, of any length.
func TestSameBits(t *testing.T) {
	have := asm
	defer func() { asm = have }()
	reduce := func(s [][]float32) []float64 {
		a, b := s[0], s[1]
		e := make([]float32, len(a))
		return []float64{Sum(a), SumSquares(a), Dot(a, b), float64(Max(a)), SumExp(e, a, 1), SumExp(nil, a, 2), Sum(e)}
	}
	for _, n := range []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 47, 48, 49, 63, 64, 65, 100, 1003} {
		for _, op := range operations {
			before := randomSlices(rand.New(rand.NewPCG(uint64(n), 6)), op.slices, n)
			var first [][]float32
			for _, asm = range runnable {
				got := clone(before)
				op.run(got)
				if first == nil {
					first = got
				}
				for i := range got {
					for k, v := range got[i] {
						if !sameBits(v, first[i][k]) {
							t.Fatalf("%s of %d: slice %d, element %d: %s gives %g, %s %g", op.name, n, i, k, asm.name, v, runnable[0].name, first[i][k])
						}
					}
				}
			}
		}
		before := randomSlices(rand.New(rand.NewPCG(uint64(n), 8)), 2, n)
		var sums []float64
		for _, asm = range runnable {
			got := reduce(clone(before))
			if sums == nil {
				sums = got
			}
			if !slices.Equal(got, sums) {
				t.Errorf("sums of %d: %s gives %v, %s %v", n, asm.name, got, runnable[0].name, sums)
			}
		}
	}
	x := samples()
	for _, op := range operations {
		if op.slices != 2 {
			continue
		}
		var first []float32
		for _, asm = range runnable {
			got := make([]float32, len(x))
			op.run([][]float32{got, x})
			if first == nil {
				first = got
			}
			for i, v := range got {
				if !sameBits(v, first[i]) && (v == v || first[i] == first[i]) {
					t.Fatalf("%s of %g: %s gives %g, %s %g", op.name, x[i], asm.name, v, runnable[0].name, first[i])
				}
			}
		}
	}
}

func TestUnequalLengthsPanic(t *testing.T) {
	for _, op := range operations {
		for short := range op.slices {
			s := randomSlices(rand.New(rand.NewPCG(7, 8)), op.slices, 5)
			s[short] = s[short][:4]
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: slice %d too short: no panic", op.name, short)
					}
				}()
				op.run(s)
			}()
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for _, op := range operations {
		s := randomSlices(rand.New(rand.NewPCG(9, 10)), op.slices, 100)
		if n := testing.AllocsPerRun(10, func() { op.run(s) }); n != 0 {
			t.Errorf("%s: %g allocations a call, want none", op.name, n)
		}
	}
}
