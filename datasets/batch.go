package datasets

import (
	"iter"
	"math/rand/v2"
)

// Row writes sample i, transformed, into dst[:d.Features()], row by row where a sample is an image.
func (d *Dataset) Row(dst []float32, i int) {
	_ = d.labels[i] // the storage of a slice may go on past its end; the labels do not
	lo, hi := i*d.features, (i+1)*d.features
	row := dst[:d.features]
	switch {
	case d.bytes != nil:
		scaleBytes(row, d.bytes[lo:hi], d.scale)
	case d.scale == 1:
		copy(row, d.floats[lo:hi])
	default:
		for j, v := range d.floats[lo:hi] {
			row[j] = v * d.scale
		}
	}
	for _, t := range d.transforms {
		t(row, d.first+i)
	}
}

// Fill writes the samples named by rows, transformed, one after the other: dst[k*Features():] gets sample rows[k].
// dst must hold len(rows)×Features() values. Nothing is allocated.
func (d *Dataset) Fill(dst []float32, rows []int) {
	for k, i := range rows {
		d.Row(dst[k*d.features:], i)
	}
}

// OneHot writes the labels of the samples named by rows as one-hot vectors, [len(rows), len(Classes)], one after the other. dst must hold
// len(rows)×len(Classes) values. Nothing is allocated.
func (d *Dataset) OneHot(dst []float32, rows []int) {
	k := len(d.Classes)
	clear(dst[:len(rows)*k])
	for r, i := range rows {
		dst[r*k+d.labels[i]] = 1
	}
}

// The streams drawn from one seed must not meet: each has its own constant.
const (
	streamShuffle = 0x73687566666c6500
	streamNoise   = 0x6e6f697365000000
)

// Shuffle is a random order of n samples: a function of n, seed and epoch alone, so that a run that was stopped goes on
// with the order it had. Every order is equally likely (PCG, Fisher–Yates). Of n below 1 it is empty.
func Shuffle(n int, seed uint64, epoch int) []int {
	n = max(n, 0)
	return rand.New(rand.NewPCG(seed, mix(streamShuffle+uint64(epoch)))).Perm(n)
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): it turns
// neighbouring numbers into unrelated ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Batches cuts an order into batches of size rows and yields each with its number; the last one may be smaller. A size
// below 1 stands for one batch of everything.
func Batches(order []int, size int) iter.Seq2[int, []int] {
	if size < 1 {
		size = max(len(order), 1)
	}
	return func(yield func(int, []int) bool) {
		for number, lo := 0, 0; lo < len(order); number, lo = number+1, lo+size {
			hi := lo + min(size, len(order)-lo)
			if !yield(number, order[lo:hi:hi]) {
				return
			}
		}
	}
}
