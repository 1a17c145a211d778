package datasets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// with is d with one more step; the copy's list is its own, so that two sets made of one do not share a tail.
func (d *Dataset) with(t transform) *Dataset {
	c := *d
	c.transforms = append(slices.Clip(d.transforms), t)
	return &c
}

// Scaled multiplies every value by factor: Scaled(1.0/255) brings pixels into [0, 1].
func (d *Dataset) Scaled(factor float32) *Dataset {
	if len(d.transforms) == 0 && d.scale == 1 { // joined with the conversion from bytes; the product is the same
		c := *d
		c.scale = factor
		return &c
	}
	return d.with(func(row []float32, _ int) {
		for j := range row {
			row[j] *= factor
		}
	})
}

// WithNoise adds a draw from N(0, sigma) to every value, without clipping; sigma is the standard deviation, in units of the values as they are
// after the transforms before. The noise of a sample is a function of seed and
// of the sample's index in the data as they were read: the same at every pass, in every batch, in every subset.
func (d *Dataset) WithNoise(sigma float64, seed uint64) *Dataset {
	return d.with(func(row []float32, sample int) {
		g := normals.Get().(*normal)
		g.pcg.Seed(seed, mix(streamNoise+uint64(sample)))
		for j := range row {
			row[j] += float32(sigma * g.rand.NormFloat64())
		}
		normals.Put(g)
	})
}

// Mislabelled gives a share of the samples a wrong label: one of the other classes, each as likely. Which samples, and which labels, is a function of seed and of the samples' indices in the data as
// they were read. A share of 0 or less, or data of one class, are left as they are.
func (d *Dataset) Mislabelled(share float64, seed uint64) *Dataset {
	c := *d
	c.labels = slices.Clone(d.labels)
	if others := len(d.Classes) - 1; others > 0 {
		for i, right := range d.labels {
			g := rand.New(rand.NewPCG(seed, mix(streamLabels+uint64(d.origin(i)))))
			if !(g.Float64() < share) {
				continue
			}
			if c.labels[i] = g.IntN(others); c.labels[i] >= right {
				c.labels[i]++
			}
		}
	}
	return &c
}

// normal is a source of normal draws that can be seeded anew; kept in a pool, since one made for each row would be garbage
// in each step.
type normal struct {
	pcg  rand.PCG
	rand *rand.Rand
}

var normals = sync.Pool{New: func() any {
	g := new(normal)
	g.rand = rand.New(&g.pcg)
	return g
}}

// Slice is the samples lo ≤ i < hi: Slice(0, 1000) is the first thousand. A range that is empty, or leaves the data, is an error.
func (d *Dataset) Slice(lo, hi int) (*Dataset, error) {
	if lo < 0 || hi > d.Len() || lo >= hi {
		return nil, fmt.Errorf("datasets: %s: cannot take samples %d to %d of %d; want 0 ≤ from < to ≤ %d", d.Name, lo, hi, d.Len(), d.Len())
	}
	c := *d
	c.labels = d.labels[lo:hi]
	if c.first += lo; d.origins != nil {
		c.origins = d.origins[lo:hi]
	}
	if d.bytes != nil {
		c.bytes = d.bytes[lo*d.features : hi*d.features]
	} else {
		c.floats = d.floats[lo*d.features : hi*d.features]
	}
	return &c, nil
}

// Split is [Split] of the samples, into parts that are data sets, too.
func (d *Dataset) Split(share float64, seed uint64) (first, second *Dataset, err error) {
	a, b, err := Split(d.data(), share, seed)
	if err != nil {
		return nil, nil, err
	}
	return d.some(a.(*someRows).rows), d.some(b.(*someRows).rows), nil
}

// data is d, or nil.
func (d *Dataset) data() Data {
	if d == nil {
		return nil
	}
	return d
}

// some copies samples.
func (d *Dataset) some(rows []int) *Dataset {
	c := *d
	c.bytes, c.floats, c.labels, c.origins = nil, nil, nil, nil
	for _, i := range rows {
		lo, hi := i*d.features, (i+1)*d.features
		if d.bytes != nil {
			c.bytes = append(c.bytes, d.bytes[lo:hi]...)
		} else {
			c.floats = append(c.floats, d.floats[lo:hi]...)
		}
		c.labels, c.origins = append(c.labels, d.labels[i]), append(c.origins, d.origin(i))
	}
	return &c
}
