package datasets

import (
	"fmt"
	"slices"
	"testing"
)

func TestShuffle(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 1000} {
		order := Shuffle(n, 3, 4)
		if !slices.Equal(order, Shuffle(n, 3, 4)) {
			t.Errorf("n %d: the same arguments give another order", n)
		}
		sorted := slices.Sorted(slices.Values(order))
		for i, v := range sorted {
			if i != v {
				t.Fatalf("n %d: not a permutation: %v", n, order)
			}
		}
		if len(order) != n {
			t.Errorf("n %d: %d entries", n, len(order))
		}
	}
	if slices.Equal(Shuffle(100, 3, 4), Shuffle(100, 3, 5)) || slices.Equal(Shuffle(100, 3, 4), Shuffle(100, 4, 4)) {
		t.Error("another epoch or seed gives the same order")
	}
	// A resumed run depends on these very orders, in every version of Go.
	if got := fmt.Sprint(Shuffle(10, 1, 0), Shuffle(10, 1, 1), Shuffle(10, 2, 0)); got != shuffleGolden {
		t.Errorf("got %s, want %s", got, shuffleGolden)
	}
}

const shuffleGolden = "[4 3 7 8 2 1 0 5 9 6] [4 8 7 1 2 5 6 9 3 0] [3 1 5 2 7 9 8 4 6 0]"

// Over many seeds and epochs, every row comes equally often to every place (9/10 of the sum
// is χ² with 81 degrees of freedom; 150 is far beyond its 0.9999 quantile).
func TestShuffleIsFair(t *testing.T) {
	const n, runs = 10, 4000
	var seen [n][n]float64
	for k := range runs {
		for place, r := range Shuffle(n, uint64(k/20), k%20) {
			seen[place][r]++
		}
	}
	var chi2 float64
	for _, places := range seen {
		for _, got := range places {
			chi2 += (got - runs/n) * (got - runs/n) / (runs / n)
		}
	}
	if chi2 > 150 {
		t.Errorf("the sum is %.1f, want about 90", chi2)
	}
}

func TestBatches(t *testing.T) {
	for _, n := range []int{0, 1, 5, 10, 11} {
		for _, size := range []int{-1, 0, 1, 3, 5, 10, 100, int(^uint(0) >> 1)} {
			order := Shuffle(n, 1, 1)
			var all []int
			want := 0
			for number, rows := range Batches(order, size) {
				if number != want {
					t.Errorf("n %d, size %d: batch %d came as number %d", n, size, want, number)
				}
				want++
				full := size >= 1 && len(rows) == size
				if last := len(all)+len(rows) == n; len(rows) == 0 || !full && !last {
					t.Errorf("n %d, size %d: batch %d has %d rows", n, size, number, len(rows))
				}
				all = append(all, rows...)
			}
			if !slices.Equal(all, order) {
				t.Errorf("n %d, size %d: got %v, want %v", n, size, all, order)
			}
		}
	}
	for number := range Batches([]int{1, 2, 3}, 1) { // a consumer may stop
		if number == 1 {
			break
		}
	}
}
