package graph_test

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/scalar"
)

// The normalisations, and the layers that move elements, as random networks draw them and as the reference computes them.

// normalization is a random one that suits a shape.
func (d *drawing) normalization(shape tensor.Shape) (l archLayer, ok bool) {
	last := shape[len(shape)-1]
	plain := []string{"", " plain"}[d.r.IntN(2)]
	l.Number = .25 // ε
	switch d.r.IntN(5) {
	case 0:
		l.Kind, l.Text = "batchnorm", "batchnorm 0.75 0.25"+plain
		ok = d.a.Batch*shape.TotalSize() > last
	case 1:
		l.Kind, l.Text, ok = "layernorm", "layernorm 0.25"+plain, true
	case 2:
		l.Kind, l.Text, ok = "rmsnorm", "rmsnorm 0.25"+plain, true
	case 3:
		for l.Units = 1 + d.r.IntN(last); last%l.Units != 0; l.Units-- {
		}
		l.Kind, l.Text, ok = "groupnorm", fmt.Sprintf("groupnorm %d 0.25%s", l.Units, plain), true
	default:
		return archLayer{Kind: "prelu", Text: "prelu"}, true
	}
	if plain != "" {
		l.Words = 1
	}
	return l, ok
}

// moved is a random layer that moves a sample's elements, or works at each time.
func (d *drawing) moved(shape tensor.Shape, deep int, penalties bool) (l archLayer, ok bool) {
	x3 := func(sizes []int) (s string) {
		for i, n := range sizes {
			s += fmt.Sprint([]string{"", "x"}[min(i, 1)], n)
		}
		return s
	}
	switch d.r.IntN(6) {
	case 0:
		l.Sizes = []int{1, shape.TotalSize(), 1}[d.r.IntN(2):]
		return archLayer{Kind: "reshape", Text: "reshape " + x3(l.Sizes), Sizes: l.Sizes}, true
	case 1:
		if len(shape) > 1 {
			for _, axis := range d.r.Perm(len(shape)) {
				l.Sizes = append(l.Sizes, axis+1)
			}
			return archLayer{Kind: "permute", Text: "permute " + x3(l.Sizes), Sizes: l.Sizes}, true
		}
	case 2, 3:
		kind := []string{"pad", "crop"}[d.r.IntN(2)]
		before, after := make([]int, len(shape)), make([]int, len(shape))
		for i, n := range shape {
			room := 2
			if kind == "crop" {
				room = n
			}
			before[i] = d.r.IntN(room)
			after[i] = d.r.IntN(2)
			if kind == "crop" {
				after[i] = d.r.IntN(n - before[i])
			}
		}
		text := fmt.Sprintf("%s before=%s after=%s", kind, x3(before), x3(after))
		return archLayer{Kind: kind, Text: text, Sizes: append(before, after...)}, slices.Max(after) > 0
	case 4:
		if len(shape) > 1 {
			at := d.r.IntN(shape[0])
			return archLayer{Kind: "step", Text: fmt.Sprint("step ", at-[]int{0, shape[0]}[d.r.IntN(2)]), Sizes: []int{at}}, true
		}
	case 5:
		if len(shape) > 1 && deep < 2 {
			// The layer within is drawn for a time, of which there are more than samples.
			return archLayer{Kind: "timedistributed", Layers: []archLayer{d.layer(shape[1:], deep+1, false)}}, true
		}
	}
	return l, false
}

// rsqrt is 1/√x.
func rsqrt(x number) number { return scalar.Exp(scalar.Scale(-.5, scalar.Log(x))) }

func mean(of []number) number { return scalar.Scale(1/float64(len(of)), scalar.Add(of...)) }

// more builds what build has no case for.
func (s *slow) more(l archLayer, x value) value {
	n := x.last()
	switch l.Kind {
	case "batchnorm":
		if s.training {
			y, means, variances := s.normalize(l, x, true, func(at int) int { return at % n })
			for i, v := range [][]number{means, variances} {
				name := []string{"mean", "variance"}[i]
				s.next[s.path[len(s.path)-1]+"."+name] = s.moment(name, n).each(func(j int, m number) number {
					return scalar.Add(scalar.Scale(.75, m), scalar.Scale(.25, v[j]))
				})
			}
			return s.affine(l, y, 2)
		}
		m, v := s.moment("mean", n), s.moment("variance", n)
		return s.affine(l, x.each(func(i int, x number) number {
			return scalar.Mul(minus(x, m.v[i%n]), rsqrt(scalar.Add(v.v[i%n], scalar.Of(l.Number))))
		}), 2)
	case "layernorm":
		y, _, _ := s.normalize(l, x, true, func(at int) int { return at / n })
		return s.affine(l, y, 2)
	case "rmsnorm":
		y, _, _ := s.normalize(l, x, false, func(at int) int { return at / n })
		return s.affine(l, y, 1)
	case "groupnorm":
		size := len(x.v) / x.shape[0]
		y, _, _ := s.normalize(l, x, true, func(at int) int { return at/size*l.Units + at%n/(n/l.Units) })
		return s.affine(l, y, 2)
	case "prelu":
		slope := s.param("slope", n)
		return x.each(func(i int, x number) number {
			if s.kink(x).X > 0 {
				return x
			}
			return scalar.Mul(slope.v[i%n], x)
		})
	case "embedding":
		table := s.param("table", l.Words, l.Units).rows()
		y := value{shape: append(slices.Clone(x.shape[:len(x.shape)-1]), l.Units)}
		for bag := range slices.Chunk(x.v, n) {
			var found scalar.Rows
			for _, id := range bag {
				if id.X != 0 {
					found = append(found, table[int(id.X)])
				}
			}
			for j := range l.Units {
				var terms []number
				for _, row := range found {
					terms = append(terms, row[j])
				}
				sum := scalar.Add(terms...)
				if l.Number == 1 {
					sum = scalar.Scale(1/math.Max(1, float64(len(found))), sum)
				}
				y.v = append(y.v, sum)
			}
		}
		return y
	case "reshape":
		return value{shape: append(tensor.Shape{x.shape[0]}, l.Sizes...), v: x.v}
	case "permute":
		axes := append([]int{0}, l.Sizes...)
		y := value{}
		for _, axis := range axes {
			y.shape = append(y.shape, x.shape[axis])
		}
		places(y.shape, func(at []int) {
			from := make([]int, len(at))
			for i, axis := range axes {
				from[axis] = at[i]
			}
			y.v = append(y.v, x.at(from))
		})
		return y
	case "crop", "pad":
		axes := len(x.shape) - 1
		sign := map[string]int{"crop": 1, "pad": -1}[l.Kind]
		y := value{shape: slices.Clone(x.shape)}
		for i := range axes {
			y.shape[i+1] -= sign * (l.Sizes[i] + l.Sizes[axes+i])
		}
		places(y.shape, func(at []int) {
			from := slices.Clone(at)
			for i := range axes {
				from[i+1] += sign * l.Sizes[i]
			}
			y.v = append(y.v, x.at(from))
		})
		return y
	case "step":
		y := value{shape: slices.Delete(slices.Clone(x.shape), 1, 2)}
		places(y.shape, func(at []int) { y.v = append(y.v, x.at(slices.Insert(slices.Clone(at), 1, l.Sizes[0]))) })
		return y
	case "timedistributed":
		y := value{shape: append(tensor.Shape{x.shape[0] * x.shape[1]}, x.shape[2:]...), v: x.v}
		for _, l := range l.Layers {
			y = s.apply(l, y)
		}
		return value{shape: append(slices.Clone(x.shape[:2]), y.shape[1:]...), v: y.v}
	}
	panic("the reference has no " + l.Kind)
}

// places calls f for every place of a shape, in order.
func places(shape tensor.Shape, f func(at []int)) {
	for i := range shape.TotalSize() {
		at := make([]int, len(shape))
		for axis := len(shape) - 1; axis >= 0; axis-- {
			at[axis] = i % shape[axis]
			i /= shape[axis]
		}
		f(at)
	}
}

// at is the number at a place, 0 outside.
func (v value) at(place []int) number {
	at := 0
	for i, p := range place {
		if p < 0 || p >= v.shape[i] {
			return scalar.Of(0)
		}
		at = at*v.shape[i] + p
	}
	return v.v[at]
}

// moment is a state of batch normalisation.
func (s *slow) moment(name string, n int) value {
	before := len(s.a.States)
	v := s.kept(&s.a.States, name, n)
	if name == "variance" && len(s.a.States) > before {
		for j := range v.v {
			s.a.States[before].Value[j] = math.Abs(v.v[j].X) + .5
			v.v[j].X = s.a.States[before].Value[j]
		}
	}
	return v
}

// normalize takes the mean from those that belong together, where they are centred, and divides by the root of their mean square.
func (s *slow) normalize(l archLayer, x value, centred bool, set func(at int) int) (y value, means, variances []number) {
	var sets [][]number
	for i, v := range x.v {
		for len(sets) <= set(i) {
			sets = append(sets, nil)
		}
		sets[set(i)] = append(sets[set(i)], v)
	}
	var roots []number
	for _, all := range sets {
		m := scalar.Of(0)
		if centred {
			m = mean(all)
		}
		var squares []number
		for _, v := range all {
			squares = append(squares, square(minus(v, m)))
		}
		means, variances = append(means, m), append(variances, mean(squares))
		roots = append(roots, rsqrt(scalar.Add(mean(squares), scalar.Of(l.Number))))
	}
	return x.each(func(i int, x number) number { return scalar.Mul(minus(x, means[set(i)]), roots[set(i)]) }), means, variances
}

// affine is scale and shift, unless the layer is plain.
func (s *slow) affine(l archLayer, y value, vectors int) value {
	if l.Words == 1 {
		return y
	}
	scale := s.param("scale", y.last())
	y = y.each(func(i int, y number) number { return scalar.Mul(y, scale.v[i%len(scale.v)]) })
	if vectors == 1 {
		return y
	}
	shift := s.param("shift", y.last())
	return y.each(func(i int, y number) number { return scalar.Add(y, shift.v[i%len(shift.v)]) })
}
