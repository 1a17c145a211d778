package inspect_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// shapes are pictures of a disc, a square or a triangle of any size, place and grey: what they show is told by no pixel, and so hardly by neighbours.
func shapes(n, size int, wrong float64, seed uint64, held bool) *part {
	r := stream(seed, fmt.Sprint("samples", held))
	p := &part{shape: []int{size, size, 1}, names: 3}
	for range n {
		class, radius := r.IntN(3), 3+r.IntN(size/5)
		a, b := radius+r.IntN(size-2*radius), radius+r.IntN(size-2*radius)
		ground, colour := .7+.3*r.Float32(), .5*r.Float32()
		for i := range size {
			for j := range size {
				y, x := i-a, j-b
				inside := max(y, -y, x, -x) <= radius
				switch class {
				case 0:
					inside = x*x+y*y <= radius*radius
				case 2:
					inside = inside && 2*max(x, -x) <= y+radius
				}
				v := ground
				if inside {
					v = colour
				}
				p.x = append(p.x, v)
			}
		}
		p.class = append(p.class, mislabelled(r, class, 3, wrong))
	}
	return p
}

func mislabelled(r *rand.Rand, class, classes int, share float64) int {
	if r.Float64() < share {
		return (class + 1 + r.IntN(classes-1)) % classes
	}
	return class
}

// dots are tables of a few rows: classes that overlap a little, told by two of the columns.
func dots(n, columns, classes int, wrong float64, seed uint64, held bool) *part {
	r := stream(seed, fmt.Sprint("samples", held))
	p := &part{shape: []int{columns}, names: classes}
	for range n {
		class := r.IntN(classes)
		for j := range columns {
			v := r.NormFloat64()
			if j < 2 {
				v += 1.6 * float64((class>>j)&1*2-1)
			}
			p.x = append(p.x, float32(v))
		}
		p.class = append(p.class, mislabelled(r, class, classes, wrong))
	}
	return p
}

// TestSmallClean: that a network knows few samples by heart, or learns little of them, is no sign that their labels are wrong; that some are is still found where neighbours and network know better.
func TestSmallClean(t *testing.T) {
	const (
		dense = "flatten, dense 64 relu, dense 3 softmax"
		conv  = "conv 8 3 relu, maxpool, conv 8 3 relu, maxpool, flatten, dense 32 relu, dense 3 softmax"
	)
	type made func(seed uint64, held bool) *part
	pick := func(n, m int, held bool) int {
		if held {
			return m
		}
		return n
	}
	shaped := func(n, m int, wrong float64) made {
		return func(seed uint64, held bool) *part { return shapes(pick(n, m, held), 20, wrong, seed, held) }
	}
	dotted := func(n, m, columns int, wrong float64) made {
		return func(seed uint64, held bool) *part { return dots(pick(n, m, held), columns, 4, wrong, seed, held) }
	}
	for name, c := range map[string]struct {
		of      made
		network string
		epochs  int
		wrong   bool
	}{
		"shapes 144, conv":   {shaped(144, 36, 0), conv, 30, false},
		"shapes 144, dense":  {shaped(144, 36, 0), dense, 30, false},
		"shapes 60, dense":   {shaped(60, 20, 0), dense, 40, false},
		"shapes 600, dense":  {shaped(600, 150, 0), dense, 20, false},
		"dots 80":            {dotted(80, 20, 30, 0), "dense 64 relu, dense 4 softmax", 60, false},
		"dots 300":           {dotted(300, 75, 30, 0), "dense 64 relu, dense 4 softmax", 40, false},
		"dots 40":            {dotted(40, 12, 10, 0), "dense 64 relu, dense 4 softmax", 60, false},
		"dots 300, wrong .3": {dotted(300, 75, 3, .3), "dense 16 relu, dense 4 softmax", 40, true},
		"dots 800, wrong .3": {dotted(800, 200, 6, .3), "dense 16 relu, dense 4 softmax", 20, true},
	} {
		for seed := uint64(1); seed <= 3; seed++ {
			run := trial{line: name, kind: name, network: c.network, loss: "cross-entropy", optimizer: "adam 0.003", batch: 20, epochs: c.epochs}
			r := run.recordOn(t, seed, c.of(seed, false).data(t, "train", c.network, "cross-entropy"), c.of(seed, true).data(t, "test", c.network, "cross-entropy"))
			findings, err := inspect.Diagnose(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, f := range findings {
				codes = append(codes, string(f.Severity)+" "+string(f.Code))
			}
			doubted := slices.ContainsFunc(findings, func(f inspect.Finding) bool {
				return (f.Code == inspect.WrongLabels || f.Code == inspect.NoisyLabels) && f.Severity != inspect.Note
			})
			if doubted != c.wrong {
				t.Errorf("%s, seed %d: got %v, want labels doubted: %v\n%s", name, seed, codes, c.wrong, inspect.Facts(r))
			}
			if slices.Contains(codes, "note labels-wrong") && !slices.Contains(codes, "warning overfitting") {
				t.Errorf("%s, seed %d: got %v, want it said behind overfitting", name, seed, codes)
			}
		}
	}
}
