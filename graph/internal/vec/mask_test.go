package vec

import (
	"math"
	"slices"
	"testing"
)

// maskOfOnes is a mask by itself.
func maskOfOnes[T Float](dst []T, seed, offset uint64, keep, scale T) {
	for i := range dst {
		dst[i] = 1
	}
	Mask(dst, dst, seed, offset, keep, scale)
}

// What is masked is multiplied, so that its NaN and its sign stay, in a place of its own as well.
func TestMaskMultiplies(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for n := range 40 {
			by, src, dst := make([]float32, n), make([]float32, n), make([]float32, n)
			maskOfOnes(by, 5, 9, 0.6, 2)
			for i := range src {
				src[i] = []float32{-3, 0.1, nan, inf, -inf, 7}[i%6]
			}
			Mask(dst, src, 5, 9, 0.6, 2)
			for i, got := range dst {
				if want := src[i] * by[i]; !sameBits(got, want) && (got == got || want == want) {
					t.Errorf("n %d: %g masked by %g is %g, want %g", n, src[i], by[i], got, want)
				}
			}
		}
	})
}

// Assembly and Go, in one piece and in many, give the same mask, across the carry into the counter's upper half too.
func TestMaskIsOneFunctionOfSeedAndPosition(t *testing.T) {
	const n = 300
	for _, offset := range []uint64{0, 1, 12345, 1<<32 - 150, 1<<63 + 1<<32 - 1, math.MaxUint64 - 100} {
		var first []float32
		eachPath(t, func(t *testing.T) {
			whole := make([]float32, n)
			maskOfOnes(whole, 42, offset, 0.6, 2)
			if first == nil {
				first = whole
			}
			if !slices.Equal(whole, first) {
				t.Fatalf("offset %d: assembly and Go differ", offset)
			}
			for size := 1; size < 40; size++ {
				pieces := make([]float32, n)
				for lo := 0; lo < n; lo += size {
					maskOfOnes(pieces[lo:min(lo+size, n)], 42, offset+uint64(lo), 0.6, 2)
				}
				if !slices.Equal(pieces, whole) {
					t.Fatalf("offset %d: pieces of %d differ from the whole", offset, size)
				}
			}
		})
	}
}

func TestMaskGolden(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		got := make([]float64, 24)
		maskOfOnes(got, 1, 0, 0.5, 1)
		want := []float64{0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v: another hash changes every training run", got, want)
		}
	})
}

func TestMaskLimits(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		dst := make([]float32, 100_000)
		for _, c := range []struct{ keep, share float32 }{{1, 1}, {1.5, 1}, {0, 0}, {-1, 0}, {nan, 0}} {
			maskOfOnes(dst, 3, 0, c.keep, 1)
			if got := Sum(dst); got != float64(c.share)*float64(len(dst)) {
				t.Errorf("keep %g kept %g of %d", c.keep, got, len(dst))
			}
		}
		for i := range dst[:70] {
			guarded := filled(7, 80)
			maskOfOnes(guarded[5:5+i], 3, 0, 0.5, 1)
			for k, v := range guarded {
				if (k < 5 || k >= 5+i) != (v == 7) {
					t.Fatalf("length %d: element %d is %g", i, k-5, v)
				}
			}
		}
	})
}

// The statistics of many masks, each a sum of n independent terms of mean 0 and variance 1 if the mask is sound, stay within
// five standard deviations: the share kept, and the products of an element with those at a distance in position or
// seed.
func TestMaskStatistics(t *testing.T) {
	const n = 1 << 16
	for _, keep := range []float32{0.1, 0.5, 0.7, 0.97} {
		mean, deviation := float64(keep), math.Sqrt(float64(keep)*float64(1-keep))
		standard := func(seed, offset uint64) []float32 {
			m := make([]float32, n)
			maskOfOnes(m, seed, offset, keep, 1)
			for i := range m {
				m[i] = float32((float64(m[i]) - mean) / deviation)
			}
			return m
		}
		check := func(what string, seed, with uint64, sum float64) {
			if z := sum / math.Sqrt(n); !(math.Abs(z) < 5) {
				t.Errorf("keep %g, seed %#x: %s %d: %.1f standard deviations", keep, seed, what, with, z)
			}
		}
		for _, seed := range []uint64{0, 1, 2, 0x8000000000000000, 0xffffffffffffffff, 0x123456789abcdef} {
			m := standard(seed, 0)
			check("share kept at", seed, 0, Sum(m))
			for _, lag := range []uint64{1, 2, 3, 7, 8, 64, 100, 633, 1024, 63300, 1 << 16, 1 << 31, 1 << 32, 1 << 40} {
				check("lag", seed, lag, Dot(m, standard(seed, lag)))
			}
			for _, bit := range []uint64{1, 2, 1 << 10, 1 << 31, 1 << 32, 1 << 63} {
				check("seed differing by", seed, bit, Dot(m, standard(seed^bit, 0)))
			}
		}
	}
}
