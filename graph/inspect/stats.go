package inspect

import (
	"math"
	"slices"
	"sync"

	"gorgonia.org/tensor"
)

// Levels are the probabilities of Stats.Quantiles; the middle one is the median.
var Levels = [7]float64{.01, .05, .25, .5, .75, .95, .99}

// Bins is the number of bins of Stats.Histogram.
const Bins = 20

// Stats describe the elements of a tensor. Elements that are not finite are counted in NonFinite and left out of everything
// else, so every figure of a float32 tensor is a finite number.
type Stats struct {
	Count     int        `json:"count"` // elements
	Norm      float64    `json:"norm"`  // √Σx²
	Mean      float64    `json:"mean"`
	Std       float64    `json:"std"` // of the population: divided by the number of elements
	Min       float64    `json:"min"`
	Max       float64    `json:"max"`
	Zeros     float64    `json:"zeros"`      // share of elements that are exactly 0
	NonFinite float64    `json:"non_finite"` // share of elements that are NaN or ±Inf
	Quantiles [7]float64 `json:"quantiles"`  // at Levels: of n elements in order, number ⌊p·(n−1)+½⌋
	Histogram [Bins]int  `json:"histogram"`  // elements in each of Bins equal parts of [Min, Max]
}

// Summarize describes a tensor of any shape, of float32 or float64. The figures are computed in float64.
func Summarize(t *tensor.Dense) Stats {
	if t == nil {
		return Stats{}
	}
	if t.IsMaterializable() {
		t = t.Materialize().(*tensor.Dense)
	}
	if t.Dtype() == tensor.Float64 {
		return summarize(t.Float64s())
	}
	if t.Dtype() != tensor.Float32 { // ids say nothing by their statistics
		return Stats{Count: t.Shape().TotalSize()}
	}
	return summarize(t.Float32s())
}

type float interface{ float32 | float64 }

func summarize[T float](x []T) Stats {
	s := Stats{Count: len(x)}
	r := rankings.Get().(*ranking)
	defer rankings.Put(r)
	first := count(x, r)
	if !first.finite {
		r.clear()
		x = finiteOf(x)
		first = count(x, r)
	}
	defer r.clear()
	if s.Count > 0 {
		s.NonFinite = float64(s.Count-len(x)) / float64(s.Count)
	}
	if len(x) == 0 {
		return s
	}
	zeros, negative := sides(x, r)
	s.Zeros = float64(zeros) / float64(s.Count)
	n := float64(len(x))
	s.Mean, s.Norm = first.sum/n, math.Sqrt(first.squares)
	s.Min, s.Max = first.low, first.high
	bins := binning{s.Min, Bins / (s.Max - s.Min)}
	if math.IsInf(bins.scale, 0) { // one value, or as good as one: all in the first bin
		bins.scale = 0
	}
	r.counts[prefixOfZero] -= int32(zeros)
	s.Histogram[bins.of(0)] += zeros
	r.bin(bins, &s.Histogram)
	for i, p := range Levels {
		r.at[i] = ofZeros
		if rank := int(p*(n-1) + .5); rank < negative {
			r.at[i] = rank
		} else if rank >= negative+zeros {
			r.at[i] = rank - zeros
		}
	}
	r.seek()
	s.Std = math.Sqrt(second(x, s.Mean, zeros, r) / n)
	few := r.few[:0]
	for _, v := range r.few {
		why := r.sought[prefix(v)]
		if why&byBin != 0 {
			s.Histogram[bins.of(v)]++
		}
		if why&byRank != 0 {
			few = append(few, v)
		}
	}
	r.few = few
	r.find(&s.Quantiles)
	return s
}

// totals are what the first pass finds.
type totals struct {
	sum, squares, low, high float64
	finite                  bool // all may be
}

// count is the first pass: it counts all elements by their prefixes. Four sums of each kind do not wait for one another.
func count[T float](x []T, r *ranking) totals {
	counts := &r.counts
	if len(x) == 0 {
		return totals{finite: true}
	}
	low, high := x[0], x[0]
	var sum, sumB, sumC, sumD, squares, squaresB, squaresC, squaresD float64
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := x[0], x[1], x[2], x[3]
		counts[prefix(a)]++
		counts[prefix(b)]++
		counts[prefix(c)]++
		counts[prefix(d)]++
		sum += float64(a)
		sumB += float64(b)
		sumC += float64(c)
		sumD += float64(d)
		squares += float64(a) * float64(a)
		squaresB += float64(b) * float64(b)
		squaresC += float64(c) * float64(c)
		squaresD += float64(d) * float64(d)
		low, high = wider(low, high, a)
		low, high = wider(low, high, b)
		low, high = wider(low, high, c)
		low, high = wider(low, high, d)
	}
	for _, v := range x {
		counts[prefix(v)]++
		sum += float64(v)
		squares += float64(v) * float64(v)
		low, high = wider(low, high, v)
	}
	for p := 0; p < len(counts); p += 8 {
		some := counts[p : p+8 : p+8]
		if some[0]|some[1]|some[2]|some[3]|some[4]|some[5]|some[6]|some[7] == 0 { // most have no element
			continue
		}
		for i, n := range some {
			if n > 0 {
				r.used = append(r.used, uint16(p+i))
			}
		}
	}
	finite := r.used[0] > prefix(T(math.Inf(-1))) && r.used[len(r.used)-1] < prefix(T(math.Inf(1)))
	return totals{sum + sumB + (sumC + sumD), squares + squaresB + (squaresC + squaresD), float64(low), float64(high), finite}
}

// wider is a range with one more number in it; the built-in min and max, which look for NaN, take half as long again.
func wider[T float](low, high, v T) (T, T) {
	if v < low {
		low = v
	}
	if v > high {
		high = v
	}
	return low, high
}

// sides are how many elements are 0, and how many are below. Half of what a relu puts out is 0: there are too many of them to be ranked one by one.
func sides[T float](x []T, r *ranking) (zeros, negative int) {
	for _, p := range r.used {
		if p >= prefixOfZero {
			break
		}
		negative += int(r.counts[p])
	}
	near := int(r.counts[prefixOfZero])
	if near == 0 {
		return 0, negative
	}
	for _, v := range x {
		zeros += one(v == 0)
	}
	if near == zeros {
		return zeros, negative
	}
	for _, v := range x { // that of a float64 may be 0 as a float32
		negative += one(v < 0 && prefix(v) == prefixOfZero)
	}
	return zeros, negative
}

// one is 1 where it is so: without a branch, which nobody could foretell.
func one(so bool) int {
	if so {
		return 1
	}
	return 0
}

// second is the second pass: it gathers the few elements that are looked at once more, and gives the sum of squares of what all are from the mean.
func second[T float](x []T, mean float64, zeros int, r *ranking) float64 {
	most := 4 // beyond the last, which are written over
	for _, p := range r.used {
		if r.sought[p] != 0 {
			most += int(r.counts[p])
		}
	}
	if r.sought[prefixOfZero] != 0 {
		most += zeros
	}
	few, m := slices.Grow(r.few[:0], most)[:most], 0
	var sum, sumB, sumC, sumD float64
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		few[m] = a // without a branch, which nobody could foretell
		m += int(r.sought[prefix(x[0])] & sought)
		few[m] = b
		m += int(r.sought[prefix(x[1])] & sought)
		few[m] = c
		m += int(r.sought[prefix(x[2])] & sought)
		few[m] = d
		m += int(r.sought[prefix(x[3])] & sought)
		a, b, c, d = a-mean, b-mean, c-mean, d-mean
		sum += a * a
		sumB += b * b
		sumC += c * c
		sumD += d * d
	}
	for _, v := range x {
		few[m] = float64(v)
		m += int(r.sought[prefix(v)] & sought)
		d := float64(v) - mean
		sum += d * d
	}
	if r.few = few[:m]; r.sought[prefixOfZero] != 0 {
		r.few = slices.DeleteFunc(r.few, func(v float64) bool { return v == 0 })
	}
	return sum + sumB + (sumC + sumD)
}

// A binning says in which bin of the histogram a number is.
type binning struct{ low, scale float64 }

func (b binning) of(v float64) int {
	at := (v - b.low) * b.scale
	if at >= Bins-1 {
		return Bins - 1
	}
	if !(at > 0) {
		return 0
	}
	return int(at)
}

// finiteOf are the finite elements of x: x itself where all are.
func finiteOf[T float](x []T) []T {
	for i, v := range x {
		if v-v != 0 { // NaN for NaN and ±Inf
			finite := slices.Clone(x[:i])
			for _, v := range x[i:] {
				if v-v == 0 {
					finite = append(finite, v)
				}
			}
			return finite
		}
	}
	return x
}

// A ranking counts elements by the first 16 bits of their order, their prefix. Those of most prefixes are in one bin, and of no rank that is sought: only the few others are looked at one by one, so that all is
// exact in two passes.
type ranking struct {
	counts [1 << 16]int32
	sought [1 << 16]seeking
	used   []uint16         // the prefixes that elements have, in their order
	at     [len(Levels)]int // the ranks, zeros left out, or ofZeros
	place  [len(Levels)]int // of each rank among the few
	few    []float64
}

// seeking says that elements of a prefix are looked at, and why.
type seeking uint8

const (
	sought seeking = 1 << iota // where one of the others is
	byRank
	byBin
)

var rankings = sync.Pool{New: func() any { return new(ranking) }}

// ofZeros is a rank that a zero has.
const ofZeros = -1

// clear makes it ready for others.
func (r *ranking) clear() {
	for _, p := range r.used {
		r.counts[p], r.sought[p] = 0, 0
	}
	r.used = r.used[:0]
}

// bin puts the elements of each prefix into their bin, and marks those that may be of two.
func (r *ranking) bin(bins binning, histogram *[Bins]int) {
	for _, p := range r.used {
		// What rounds to a float32 of this prefix is between those beside them.
		low, high := bins.of(float64(math.Nextafter32(least(p), float32(math.Inf(-1))))), bins.of(float64(least(p+1)))
		if p == prefix(math.Inf(1)) { // a float64 beyond them all
			high = Bins - 1
		}
		if low == high {
			histogram[low] += int(r.counts[p])
		} else {
			r.sought[p] = sought | byBin
		}
	}
}

// seek says which prefixes are sought, once all elements but zeros are counted, by the ranks, in rising order.
func (r *ranking) seek() {
	below, before, used := 0, 0, r.used
	for i, rank := range r.at {
		if rank == ofZeros {
			continue
		}
		for ; below+int(r.counts[used[0]]) <= rank; used = used[1:] {
			below += int(r.counts[used[0]])
			if r.sought[used[0]]&byRank != 0 {
				before += int(r.counts[used[0]])
			}
		}
		r.sought[used[0]] |= sought | byRank
		r.place[i] = before + rank - below
	}
}

// find gives the element of each rank.
func (r *ranking) find(q *[len(Levels)]float64) {
	var places []int
	for i, rank := range r.at {
		if rank != ofZeros {
			places = append(places, r.place[i])
		}
	}
	settle(r.few, 0, places)
	for i, rank := range r.at {
		if rank != ofZeros {
			q[i] = r.few[r.place[i]]
		}
	}
}

// settle puts into each of these places, which rise, what would be there if all were sorted; x is what is from the one on.
func settle(x []float64, from int, places []int) {
	for len(places) > 0 {
		if len(x) < 50 {
			slices.Sort(x)
			return
		}
		low, middle, high := x[0], x[len(x)/2], x[len(x)-1]
		pivot := max(min(low, middle), min(max(low, middle), high))
		left, right := 0, len(x)-1 // Hoare's partition: equal elements are divided, too
		for left <= right {
			for x[left] < pivot {
				left++
			}
			for pivot < x[right] {
				right--
			}
			if left <= right {
				x[left], x[right] = x[right], x[left]
				left, right = left+1, right-1
			}
		}
		less := 0 // places up to right; what is between right and left is in its own
		for less < len(places) && places[less] <= from+right {
			less++
		}
		settle(x[:right+1], from, places[:less])
		for less < len(places) && places[less] < from+left {
			less++
		}
		x, from, places = x[left:], from+left, places[less:]
	}
}

// prefix are the first bits of a number that order float32s as integers: all bits of a negative one are turned over, the sign
// of the others. Rounding a float64 does not change the order.
func prefix[T float](v T) uint16 {
	bits := int32(math.Float32bits(float32(v) + 0)) // −0 is 0
	return uint16(uint32(bits^(bits>>31|math.MinInt32)) >> 16)
}

const prefixOfZero = 1 << 15

// least is the least float32 of a prefix.
func least(p uint16) float32 {
	bits := int32(uint32(p) << 16)
	return math.Float32frombits(uint32(bits ^ (^bits>>31 | math.MinInt32)))
}
