package inspect

import (
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
	for _, of := range []string{"normal", "relu"} {
		b.Run(of, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			x := make([]float32, 633*633)
			for i := range x {
				if x[i] = float32(r.NormFloat64()) * .05; of == "relu" {
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
