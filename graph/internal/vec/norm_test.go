package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestColumnSums: Moments and Cross against float64 loops, of every number of columns up to 40, and nothing outside their room is written.
func TestColumnSums(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(21, 22))
		for n := 1; n <= 40; n++ {
			for _, rows := range []int{1, 2, 3, 17} {
				s := randomSlices(r, 2, n*rows)
				x, dy, about := s[0], s[1], randomSlices(r, 1, n)[0]
				room := make([]float64, 2*Room(n)+2)
				room[Room(n)], room[2*Room(n)+1] = 7, 7
				sum, other := room[:Room(n)], room[Room(n)+1:2*Room(n)+1]
				for name, run := range map[string]func(){"Moments": func() { Moments(sum, other, x, about) }, "Cross": func() { Cross(sum, other, dy, x, about) }} {
					run()
					for j := range n {
						var wantSum, wantOther float64
						for i := j; i < len(x); i += n {
							d := float64(x[i] - about[j])
							if name == "Moments" {
								wantSum, wantOther = wantSum+d, wantOther+d*d
							} else {
								wantSum, wantOther = wantSum+float64(dy[i]), wantOther+float64(dy[i])*d
							}
						}
						if math.Abs(sum[j]-wantSum) > 1e-12 || math.Abs(other[j]-wantOther) > 1e-12*max(1, math.Abs(wantOther)) {
							t.Fatalf("%s, %d rows of %d, column %d: got %v and %v, want %v and %v", name, rows, n, j, sum[j], other[j], wantSum, wantOther)
						}
					}
					if room[Room(n)] != 7 || room[2*Room(n)+1] != 7 {
						t.Fatalf("%s of %d columns wrote outside", name, n)
					}
				}
			}
		}
	})
}

// TestRowSums: what masks off the end of a row must not count.
func TestRowSums(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(23, 24))
		for n := range 70 {
			s := randomSlices(r, 3, n)
			x, dy, scale := s[0], s[1], s[2]
			var squares, sum, dot float64
			for i, v := range x {
				d, g := float64(v-.7), float64(dy[i]*scale[i])
				squares, sum, dot = squares+d*d, sum+g, dot+g*d
			}
			if got := SumSquaresAbout(x, .7); math.Abs(got-squares) > 1e-12 {
				t.Errorf("SumSquaresAbout of %d elements: got %v, want %v", n, got, squares)
			}
			if a, b := NormalizeSums(dy, x, scale, .7); math.Abs(a-sum) > 1e-12 || math.Abs(b-dot) > 1e-12 {
				t.Errorf("NormalizeSums of %d elements: got %v and %v, want %v and %v", n, a, b, sum, dot)
			}
		}
	})
}
