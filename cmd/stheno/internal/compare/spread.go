package compare

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A Difference is that of two groups' means, against the spread of their seeds.
type Difference struct {
	By     float64 // the mean of the one less that of the other
	Std    float64 // of the seeds, pooled: √(((n−1)s² + (m−1)t²) / (n+m−2)); NaN where one of them has a single seed
	Chance float64 // how likely seeds alone make such a difference, or a larger one, if nothing else differs: Student's two-sided p, with n+m−2 degrees of freedom; NaN likewise
	N      [2]int  // seeds
}

// likely is what chance alone does often enough that it tells nothing.
const likely = .05

// difference is that of values, a seed each.
func difference(of, from []float64) Difference {
	a, b := models.SpreadOf(of), models.SpreadOf(from)
	d := Difference{By: a.Mean - b.Mean, Std: math.NaN(), Chance: math.NaN(), N: [2]int{a.N, b.N}}
	if a.N < 2 || b.N < 2 {
		return d
	}
	n, m := float64(a.N), float64(b.N)
	d.Std = math.Sqrt(((n-1)*a.Std*a.Std + (m-1)*b.Std*b.Std) / (n + m - 2))
	switch {
	case d.By == 0:
		d.Chance = 1
	case d.Std == 0:
		d.Chance = 0
	default:
		t := math.Abs(d.By) / (d.Std * math.Sqrt(1/n+1/m))
		d.Chance = 2 * distuv.StudentsT{Sigma: 1, Nu: n + m - 2}.Survival(t)
	}
	return d
}

// told says whether there are seeds enough to tell anything.
func (d Difference) told() bool { return d.Chance == d.Chance }

// exceeds says whether it is more than the seeds' spread makes.
func (d Difference) exceeds() bool { return d.Chance < likely }

// sentence says what a figure of one group is beside another's.
func (d Difference) sentence(of, from, figure string) string {
	line := of + ": " + figure
	if math.IsNaN(d.By) {
		return line + " is not known of both it and " + from
	}
	if d.By == 0 {
		return line + " is that of " + from
	}
	way := "higher"
	if d.By < 0 {
		way = "lower"
	}
	line += fmt.Sprintf(" %s %s than of %s: ", number(math.Abs(d.By)), way, from)
	seeds := fmt.Sprintf("%d and %s", d.N[0], count(d.N[1], "seed"))
	switch {
	case !d.told() && d.N == [2]int{1, 1}:
		return line + "one seed of each cannot tell whether that is more than seeds make: train each with two or more (--seed)"
	case !d.told():
		return line + fmt.Sprintf("%s of one of them and %d of the other cannot tell whether that is more than seeds make: train each with two or more (--seed)", count(min(d.N[0], d.N[1]), "seed"), max(d.N[0], d.N[1]))
	case d.Std == 0:
		return line + fmt.Sprintf("more than seeds make, which do not differ at all (%s)", seeds)
	case d.exceeds():
		line += "more than seeds make"
	default:
		line += "no more than seeds make"
	}
	return line + fmt.Sprintf(" (%.2g times their standard deviation of %s, pooled of %s; by chance in %s)", math.Abs(d.By)/d.Std, number(d.Std), seeds, share(d.Chance))
}

// share is a probability in words.
func share(p float64) string {
	if p < .001 {
		return "fewer than 1 of 1000 cases"
	}
	return fmt.Sprintf("%.2g of 100 cases", 100*p)
}

// number is a figure with four places, or three digits where it is small.
func number(v float64) string {
	if v != 0 && math.Abs(v) < .001 {
		return fmt.Sprintf("%.3g", v)
	}
	return train.FormatScore(v)
}

// count is "1 seed", "2 seeds".
func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprint(n, " ", of)
}

// An Apart is where the curves of two groups are further apart than their seeds make.
type Apart struct {
	From, Until int // epochs, the first and the last of them; 0 where they never are
	Last        int // epoch that all have
}

// apart compares groups epoch by epoch: of several stretches at which they differ by more than their seeds make it is the last, if that goes on to the end, else the first. nil where nothing can be told.
func apart(of, from [][]float64) *Apart {
	a := &Apart{Last: min(len(of), len(from))}
	var stretches [][2]int
	for i := range a.Last {
		epoch := i + 1
		switch d := difference(of[i], from[i]); {
		case !d.told():
			return nil
		case !d.exceeds():
		case len(stretches) > 0 && stretches[len(stretches)-1][1] == i:
			stretches[len(stretches)-1][1] = epoch
		default:
			stretches = append(stretches, [2]int{epoch, epoch})
		}
	}
	if n := len(stretches); n > 0 {
		a.From, a.Until = stretches[0][0], stretches[0][1]
		if last := stretches[n-1]; last[1] == a.Last {
			a.From, a.Until = last[0], last[1]
		}
	}
	if a.Last == 0 {
		return nil
	}
	return a
}

// sentence says where curves part.
func (a *Apart) sentence(figure string) string {
	switch {
	case a.From == 0:
		return fmt.Sprintf("their %s is at no epoch further apart than seeds make", figure)
	case a.Until == a.Last:
		return fmt.Sprintf("their %s is further apart than seeds make from epoch %d on", figure, a.From)
	case a.From == a.Until:
		return fmt.Sprintf("their %s is further apart than seeds make at epoch %d, but not in the end", figure, a.From)
	}
	return fmt.Sprintf("their %s is further apart than seeds make from epoch %d to %d, but not in the end", figure, a.From, a.Until)
}
