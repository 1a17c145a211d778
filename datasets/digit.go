package datasets

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
)

// Of the strongest ink: what is a stroke, and what is background though paper is not even. Below leastInk, of 1, there is no ink.
const (
	strokeInk = .45
	paperInk  = .125
	leastInk  = .1
)

// A piece is ink that hangs together.
type piece struct {
	box   image.Rectangle
	area  int
	label int32
	edge  bool // it reaches the edge of the picture
}

// A found digit is its ink, 0 to 1, cut out, and where that lay.
type found struct {
	box image.Rectangle
	ink plane
}

// digitIn finds the one digit in a picture's ink.
func digitIn(ink plane) (found, error) {
	noise := ink.noise()
	for radius := 1; noise > ink.most()/12 && radius <= max(ink.w, ink.h)/100; radius++ {
		ink = ink.blurred(1)
		noise = ink.noise()
	}
	rest := ink
	for range 4 { // what reaches the edge may be stronger than the digit: a table, a shadow
		most := rest.most()
		switch {
		case most < leastInk:
			return found{}, errors.New("it shows nothing: no pixel differs much from the background: want a digit with some background around it")
		case most < 6*noise:
			return found{}, errors.New("its strokes are lost in noise: take it in better light")
		}
		labels, pieces := unruled(rest, most*strokeInk)
		inner := slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.edge })
		if len(inner) == 0 || largest(pieces).edge && largest(pieces).area > 20*largest(inner).area {
			rest = rest.without(labels, pieces)
			if rest.most() < most/3 {
				return found{}, errors.New("what it shows reaches its edge: want a digit with some background around it")
			}
			continue
		}
		parts, err := oneDigit(labels, inner, max(ink.w, ink.h))
		if err != nil {
			return found{}, err
		}
		return rest.digit(labels, parts, most), nil
	}
	return found{}, errors.New("what it shows reaches its edge: want a digit with some background around it")
}

// noise is the deviation of a pixel, by the differences of neighbours, of which most show nothing else.
func (p plane) noise() float32 {
	var steps []float32
	few := 1 + p.w*p.h/20000 // some thousand are enough
	for y := range p.h {
		for x := 2 + y%few; x < p.w; x += few {
			steps = append(steps, float32(math.Abs(float64(p.at(x, y)-p.at(x-2, y)))))
		}
	}
	if len(steps) == 0 {
		return 0
	}
	return medianOf(steps) / (.6745 * math.Sqrt2)
}

func largest(pieces []piece) piece {
	return slices.MaxFunc(pieces, func(a, b piece) int { return a.area - b.area })
}

// unruled are the pieces of ink above a threshold, and which pixel is of which, counted from 1. Lines of the paper go from edge to edge: where one does, the ink is opened by
// squares that it is too thin for, and strokes are not.
func unruled(ink plane, above float32) ([]int32, []piece) {
	mask := make([]bool, len(ink.v))
	for i, v := range ink.v {
		mask[i] = v > above
	}
	labels, pieces := piecesOf(mask, ink.w, ink.h)
	for n := 1; n <= max(ink.w, ink.h)/80 && slices.ContainsFunc(pieces, func(p piece) bool { return p.across(ink.w, ink.h) }); n++ {
		opened := newPlane(ink.w, ink.h)
		for i, in := range mask {
			if in {
				opened.v[i] = 1
			}
		}
		opened = opened.extremes(n, -1).extremes(n+1, 1) // a pixel more, so that strokes keep their corners
		some := make([]bool, len(mask))
		for i, v := range opened.v {
			some[i] = v > 0 && mask[i]
		}
		l, p := piecesOf(some, ink.w, ink.h)
		if len(p) == 0 {
			break
		}
		labels, pieces = l, p
	}
	return labels, pieces
}

// across: it goes from edge to edge.
func (p piece) across(w, h int) bool {
	return p.box.Dx() == w || p.box.Dy() == h || p.edge && (p.box.Dx() > w*3/4 || p.box.Dy() > h*3/4)
}

// piecesOf finds what hangs together, also by corners.
func piecesOf(mask []bool, w, h int) ([]int32, []piece) {
	labels := make([]int32, len(mask))
	var all []piece
	var stack []int
	for start := range mask {
		if !mask[start] || labels[start] != 0 {
			continue
		}
		p := piece{label: int32(len(all) + 1), box: image.Rect(start%w, start/w, start%w+1, start/w+1)}
		labels[start] = p.label
		for stack = append(stack[:0], start); len(stack) > 0; {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%w, i/w
			p.area++
			p.box = p.box.Union(image.Rect(x, y, x+1, y+1))
			p.edge = p.edge || x == 0 || y == 0 || x == w-1 || y == h-1
			for ny := max(0, y-1); ny <= min(h-1, y+1); ny++ {
				for nx := max(0, x-1); nx <= min(w-1, x+1); nx++ {
					if j := ny*w + nx; mask[j] && labels[j] == 0 {
						labels[j] = p.label
						stack = append(stack, j)
					}
				}
			}
		}
		all = append(all, p)
	}
	return labels, all
}

// without is the ink without those pieces and what is close to them.
func (p plane) without(labels []int32, pieces []piece) plane {
	of := newPlane(p.w, p.h)
	for i, l := range labels {
		if l > 0 && pieces[l-1].edge {
			of.v[i] = 1
		}
	}
	of = of.extremes(max(2, max(p.w, p.h)/100), 1)
	out := newPlane(p.w, p.h)
	for i, v := range p.v {
		out.v[i] = v * (1 - of.v[i])
	}
	return out
}

// oneDigit are the pieces of the digit; an error where there is not one. Specks are none; what is close to the largest piece is part of it, as the bar of a 5 is.
func oneDigit(labels []int32, pieces []piece, side int) ([]piece, error) {
	main := largest(pieces)
	digit := []piece{main}
	box := main.box
	var others []piece
	for _, p := range pieces {
		if p.area*50 >= main.area && p.label != main.label {
			others = append(others, p)
		}
	}
	for again := true; again; {
		again = false
		for i, p := range others {
			if apart(p.box, box) <= max(box.Dx(), box.Dy())/12 {
				digit, box = append(digit, p), box.Union(p.box)
				others = slices.Delete(others, i, i+1)
				again = true
				break
			}
		}
	}
	others = slices.DeleteFunc(others, func(p piece) bool { return p.area*12 < main.area })
	switch tall := max(box.Dx(), box.Dy()); {
	case len(others) >= 5:
		return nil, fmt.Errorf("it shows %d things: want one digit on an even background", len(others)+1)
	case len(others) > 0:
		return nil, fmt.Errorf("it shows %d things, %.1f of their height apart: want one digit: cut one out", len(others)+1, float64(apart(others[0].box, box))/float64(tall))
	case box.Dx()*2 > box.Dy()*3:
		return nil, fmt.Errorf("what it shows is %d wide and %d high, no digit is: cut one out", box.Dx(), box.Dy())
	case len(digit) > 4:
		return nil, fmt.Errorf("what it shows is in %d pieces, no digit is", len(digit))
	}
	return digit, nil
}

// apart is how far two boxes are from each other.
func apart(a, b image.Rectangle) int {
	dx := max(a.Min.X-b.Max.X, b.Min.X-a.Max.X, 0)
	dy := max(a.Min.Y-b.Max.Y, b.Min.Y-a.Max.Y, 0)
	return int(math.Hypot(float64(dx), float64(dy)))
}

// digit is the ink of those pieces with what is faint around them, cut out.
func (p plane) digit(labels []int32, parts []piece, most float32) found {
	of := newPlane(p.w, p.h)
	for i, l := range labels {
		if slices.ContainsFunc(parts, func(p piece) bool { return p.label == l }) {
			of.v[i] = 1
		}
	}
	near := of.extremes(max(2, max(p.w, p.h)/200), 1)
	var box image.Rectangle
	for i := range near.v {
		near.v[i] *= min(1, p.v[i]/most)
		if near.v[i] < paperInk {
			near.v[i] = 0
		} else {
			box = box.Union(image.Rect(i%p.w, i/p.w, i%p.w+1, i/p.w+1))
		}
	}
	return found{box: box, ink: near.cut(box)}
}

// Strokes of MNIST, as parts of the digit's longer side: all but a hundredth are not thinner or thicker.
const (
	thinnest = .08
	thickest = .22
	thinned  = 4 * boxSize // the side at which strokes are made thinner or thicker
)

// likeAPen makes strokes thicker or thinner that are much unlike MNIST's.
func likeAPen(ink plane) plane {
	side := max(ink.w, ink.h)
	if side <= 2*boxSize { // too few pixels to tell
		return ink
	}
	scale := float64(thinned) / float64(side)
	w, h := max(1, int(math.Round(float64(ink.w)*scale))), max(1, int(math.Round(float64(ink.h)*scale)))
	same := ink.scaled(w, h)
	switch thick := same.thickness() / thinned; {
	case thick > thickest:
		return same.round((thick-thickest)/2*thinned, -1)
	case thick < thinnest:
		radius := (thinnest - thick) / 2 * thinned
		margin := int(math.Ceil(radius))
		wide := newPlane(w+2*margin, h+2*margin)
		for y := range h {
			copy(wide.v[(y+margin)*wide.w+margin:], same.v[y*w:(y+1)*w])
		}
		return wide.round(radius, 1)
	}
	return ink
}

// thickness is the width of strokes in pixels: twice their area by their outline.
func (p plane) thickness() float64 {
	area, outline := 0., 0.
	in := func(x, y int) bool { return x >= 0 && y >= 0 && x < p.w && y < p.h && p.at(x, y) > strokeInk }
	for y := range p.h {
		for x := range p.w {
			if !in(x, y) {
				continue
			}
			area++
			for _, d := range [4]image.Point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				if !in(x+d.X, y+d.Y) {
					outline += math.Pi / 4 // an outline in all directions by its steps along two
				}
			}
		}
	}
	return 2 * area / max(outline, 1)
}
