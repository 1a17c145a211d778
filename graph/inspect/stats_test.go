package inspect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

func TestStatsByHand(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := []float64{3, 0, nan, -4, 0, inf, 1, 0}
	s := Summarize(tensor.New(tensor.WithShape(2, 4), tensor.WithBacking(x)))
	want := Stats{
		Count: 8, Norm: math.Sqrt(26), Mean: 0, Std: math.Sqrt(26. / 6), Min: -4, Max: 3, Zeros: 3. / 8, NonFinite: 2. / 8,
		Quantiles: [7]float64{-4, -4, 0, 0, 1, 3, 3},
	}
	want.Histogram[0], want.Histogram[11], want.Histogram[14], want.Histogram[19] = 1, 3, 1, 1
	if s != want {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if s := summarize([]float32{}); s != (Stats{}) {
		t.Errorf("of nothing: got %+v", s)
	}
	if s := summarize([]float64{nan, nan}); s != (Stats{Count: 2, NonFinite: 1}) {
		t.Errorf("of NaN alone: got %+v", s)
	}
	const tiny = 1e-300 // which has no place of its own among float32s
	if s := summarize([]float64{-tiny, 0, tiny, 0, -tiny}); s.Quantiles != [7]float64{-tiny, -tiny, -tiny, 0, 0, tiny, tiny} || s.Zeros != .4 {
		t.Errorf("beside 0: got %+v", s)
	}
	if s := summarize([]float32{2, 2, 2}); s.Std != 0 || s.Histogram[0] != 3 || s.Quantiles != [7]float64{2, 2, 2, 2, 2, 2, 2} {
		t.Errorf("of one value: got %+v", s)
	}
}

// What two passes over prefixes find is what sorting and looking at each element find, whatever the elements are: of two bins beside one another, of one float32 but not of one float64, or as large as any.
func TestStatsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for name, of := range map[string]func() float64{
		"normal":          r.NormFloat64,
		"relu":            func() float64 { return max(0, r.NormFloat64()) },
		"far apart":       func() float64 { return math.Copysign(math.Pow(10, 80*r.Float64()-40), r.Float64()-.5) },
		"beside 1":        func() float64 { return 1 + math.Ldexp(float64(r.IntN(1000)), -40) },
		"few":             func() float64 { return float64(r.IntN(3) - 1) },
		"on the edges":    func() float64 { return float64(r.IntN(41)-20) / 40 },
		"below an edge":   func() float64 { return []float64{-1, 1, .5, .5 - 0x1p-30}[r.IntN(4)] },
		"near 0":          func() float64 { return math.Ldexp(r.NormFloat64(), -140) },
		"nearer":          func() float64 { return math.Ldexp(float64(r.IntN(9)-4), -160) },
		"as large as any": func() float64 { return math.Copysign(math.MaxFloat32, r.Float64()-.5) },
		"not finite":      func() float64 { return []float64{math.NaN(), math.Inf(1), math.Inf(-1), r.NormFloat64()}[r.IntN(4)] },
		"larger":          func() float64 { return r.NormFloat64() * 1e150 },
	} {
		for _, n := range []int{1, 2, 3, 7, 100, 3001} {
			narrow, wide := make([]float32, n), make([]float64, n)
			for i := range wide {
				wide[i] = of()
				narrow[i] = float32(wide[i])
			}
			exactly(t, fmt.Sprintf("%d %s, float32", n, name), narrow)
			exactly(t, fmt.Sprintf("%d %s, float64", n, name), wide)
		}
	}
}

func exactly[T float](t *testing.T, name string, x []T) {
	t.Helper()
	var all []float64
	sum, squares, zeros := 0.0, 0.0, 0
	for _, v := range x {
		if v := float64(v); v-v == 0 {
			all = append(all, v+0)
			sum, squares = sum+v, squares+v*v
			if v == 0 {
				zeros++
			}
		}
	}
	got, n := summarize(x), float64(len(all))
	want := Stats{Count: len(x), NonFinite: float64(len(x)-len(all)) / float64(len(x)), Zeros: float64(zeros) / float64(len(x))}
	if n > 0 {
		slices.Sort(all)
		want.Mean, want.Norm, want.Min, want.Max = sum/n, math.Sqrt(squares), all[0], all[len(all)-1]
		deviations := 0.0
		for _, v := range all {
			deviations += (v - want.Mean) * (v - want.Mean)
			bin := 0
			if scale := Bins / (want.Max - want.Min); !math.IsInf(scale, 0) {
				bin = min(Bins-1, int((v-want.Min)*scale))
			}
			want.Histogram[bin]++
		}
		want.Std = math.Sqrt(deviations / n)
		for i, p := range Levels {
			want.Quantiles[i] = all[int(p*(n-1)+.5)]
		}
	}
	close := func(a, b, beside float64) bool { return a == b || math.Abs(a-b) <= 1e-12*beside }
	if !close(got.Mean, want.Mean, want.Norm) || !close(got.Norm, want.Norm, want.Norm) || !close(got.Std, want.Std, want.Norm) {
		t.Errorf("%s: got mean %v, norm %v, deviation %v, want %v, %v, %v", name, got.Mean, got.Norm, got.Std, want.Mean, want.Norm, want.Std)
	}
	want.Mean, want.Norm, want.Std = got.Mean, got.Norm, got.Std // their sums are in another order
	if got != want {
		t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, want)
	}
}

func TestStatsOfAView(t *testing.T) {
	m := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	column, err := m.Slice(nil, tensor.S(1))
	if err != nil {
		t.Fatal(err)
	}
	if s := Summarize(column.(*tensor.Dense)); s.Count != 2 || s.Min != 2 || s.Max != 5 {
		t.Errorf("column 1 of %v: got %+v", m, s)
	}
}

// Quickselect must agree with sorting, whatever the order and however many equal elements there are.
//
// Without the last flag Go's minimisation starves it: go test ./graph/inspect -run - -fuzz '^FuzzQuantiles$' -fuzzminimizetime 1x
func FuzzQuantiles(f *testing.F) {
	f.Add(uint64(1), 1, 5)
	f.Add(uint64(2), 16, 3)
	f.Add(uint64(3), 1000, 1)
	f.Add(uint64(4), 5000, 1<<20)
	f.Fuzz(func(t *testing.T, seed uint64, n, values int) {
		if n < 1 || n > 20000 || values < 1 {
			t.Skip()
		}
		r := rand.New(rand.NewPCG(seed, 0))
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(r.IntN(values)) - float64(values)/2
		}
		s := summarize(x)
		slices.Sort(x)
		for i, p := range Levels {
			if want := x[int(p*float64(n-1)+.5)]; s.Quantiles[i] != want {
				t.Fatalf("quantile %v of %d elements: got %v, want %v", p, n, s.Quantiles[i], want)
			}
		}
		sum := 0
		for _, c := range s.Histogram {
			sum += c
		}
		if sum != n || s.Min != x[0] || s.Max != x[n-1] {
			t.Fatalf("histogram of %d elements holds %d, range %v to %v, want %v to %v", n, sum, s.Min, s.Max, x[0], x[n-1])
		}
	})
}

func BenchmarkSummarize(b *testing.B) {
	for _, of := range []struct {
		name string
		n    int
	}{{"normal", 633 * 633}, {"relu", 633 * 633}, {"relu", 633 * 100}, {"normal", 633}} {
		b.Run(fmt.Sprintf("%s-%d", of.name, of.n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			x := make([]float32, of.n)
			for i := range x {
				if x[i] = float32(r.NormFloat64()) * .05; of.name == "relu" {
					x[i] = max(0, x[i])
				}
			}
			for b.Loop() {
				summarize(x)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/element")
		})
	}
}
