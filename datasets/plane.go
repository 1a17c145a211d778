package datasets

import (
	"image"
	"image/color"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

// A plane is one number a pixel, row by row.
type plane struct {
	w, h int
	v    []float32
}

func newPlane(w, h int) plane { return plane{w, h, make([]float32, w*h)} }

func (p plane) at(x, y int) float32 { return p.v[y*p.w+x] }

// most is the largest number.
func (p plane) most() float32 { return slices.Max(p.v) }

// median is that of the numbers, of some thousand of them where there are more.
func (p plane) median() float32 {
	var some []float32
	for i := 0; i < len(p.v); i += 1 + len(p.v)/5000 {
		some = append(some, p.v[i])
	}
	return medianOf(some)
}

// medianOf sorts v.
func medianOf(v []float32) float32 {
	slices.Sort(v)
	return v[len(v)/2]
}

// cut is a part.
func (p plane) cut(r image.Rectangle) plane {
	out := newPlane(r.Dx(), r.Dy())
	for y := range out.h {
		copy(out.v[y*out.w:(y+1)*out.w], p.v[(r.Min.Y+y)*p.w+r.Min.X:])
	}
	return out
}

// scaled is the plane, of numbers from 0 to 1, in another size: a tent over all pixels that come together, so nothing is skipped.
func (p plane) scaled(w, h int) plane {
	from, to := image.NewGray16(image.Rect(0, 0, p.w, p.h)), image.NewGray16(image.Rect(0, 0, w, h))
	for y := range p.h {
		for x := range p.w {
			from.SetGray16(x, y, color.Gray16{Y: uint16(math.Round(float64(p.at(x, y)) * 65535))})
		}
	}
	draw.BiLinear.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
	out := newPlane(w, h)
	for y := range h {
		for x := range w {
			out.v[y*w+x] = float32(to.Gray16At(x, y).Y) / 65535
		}
	}
	return out
}

// cells are the means of squares of size×size pixels, those at the right and the bottom of what is left.
func (p plane) cells(size int) plane {
	out := newPlane((p.w+size-1)/size, (p.h+size-1)/size)
	for cy := range out.h {
		for cx := range out.w {
			var sum float32
			n := 0
			for y := cy * size; y < min((cy+1)*size, p.h); y++ {
				for x := cx * size; x < min((cx+1)*size, p.w); x++ {
					sum += p.at(x, y)
					n++
				}
			}
			out.v[cy*out.w+cx] = sum / float32(n)
		}
	}
	return out
}

// minus takes away what cells of that size say, straight from the middle of one to the middle of the next, also at the rim.
func (p plane) minus(cells plane, size int) plane {
	out := newPlane(p.w, p.h)
	between := func(pixel, n int) (int, float32) { // the cell before, and how far the pixel lies on the way to the next
		at := (float64(pixel)+.5)/float64(size) - .5
		i := min(max(int(math.Floor(at)), 0), max(n-2, 0))
		return i, float32(at - float64(i))
	}
	for y := range p.h {
		cy, fy := between(y, cells.h)
		below := min(cy+1, cells.h-1)
		for x := range p.w {
			cx, fx := between(x, cells.w)
			right := min(cx+1, cells.w-1)
			above := cells.at(cx, cy) + fx*(cells.at(right, cy)-cells.at(cx, cy))
			under := cells.at(cx, below) + fx*(cells.at(right, below)-cells.at(cx, below))
			out.v[y*p.w+x] = p.at(x, y) - above - fy*(under-above)
		}
	}
	return out
}

// medians are those of the windows of 2·radius+1 around each number.
func (p plane) medians(radius int) plane {
	out := newPlane(p.w, p.h)
	var window []float32
	for y := range p.h {
		for x := range p.w {
			window = window[:0]
			for wy := max(0, y-radius); wy <= min(p.h-1, y+radius); wy++ {
				window = append(window, p.v[wy*p.w+max(0, x-radius):wy*p.w+min(p.w, x+radius+1)]...)
			}
			out.v[y*p.w+x] = medianOf(window)
		}
	}
	return out
}

// extremes are the largest numbers (the least, where sign is -1) of the windows of 2·radius+1 around each.
func (p plane) extremes(radius int, sign float32) plane {
	along := newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			best := p.at(x, y)
			for _, v := range p.v[y*p.w+max(0, x-radius) : y*p.w+min(p.w, x+radius+1)] {
				best = sign * max(sign*best, sign*v)
			}
			along.v[y*p.w+x] = best
		}
	}
	out := newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			best := along.at(x, y)
			for wy := max(0, y-radius); wy <= min(p.h-1, y+radius); wy++ {
				best = sign * max(sign*best, sign*along.at(x, wy))
			}
			out.v[y*p.w+x] = best
		}
	}
	return out
}

// padded goes on by n at every side as straight as it came: by the mirrored picture turned round at the rim.
func (p plane) padded(n int) plane {
	mirror := func(i, size int) (edge, inside int) {
		switch {
		case i < 0:
			return 0, min(-i, size-1)
		case i >= size:
			return size - 1, max(2*(size-1)-i, 0)
		}
		return i, i
	}
	out := newPlane(p.w+2*n, p.h+2*n)
	for y := range out.h {
		ey, iy := mirror(y-n, p.h)
		for x := range out.w {
			ex, ix := mirror(x-n, p.w)
			out.v[y*out.w+x] = 2*p.at(ex, ey) - p.at(ix, iy)
		}
	}
	return out
}

// blurred is the mean over windows of 2·radius+1.
func (p plane) blurred(radius int) plane {
	out, along := newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			row := p.v[y*p.w+max(0, x-radius) : y*p.w+min(p.w, x+radius+1)]
			var sum float32
			for _, v := range row {
				sum += v
			}
			along.v[y*p.w+x] = sum / float32(len(row))
		}
	}
	for y := range p.h {
		from, to := max(0, y-radius), min(p.h-1, y+radius)
		for x := range p.w {
			var sum float32
			for wy := from; wy <= to; wy++ {
				sum += along.at(x, wy)
			}
			out.v[y*p.w+x] = sum / float32(to-from+1)
		}
	}
	return out
}

// round are the largest numbers (the least, where sign is -1) within radius of each; outside it is 0.
func (p plane) round(radius float64, sign float32) plane {
	out := newPlane(p.w, p.h)
	n := int(radius)
	for y := range p.h {
		for x := range p.w {
			best := p.at(x, y)
			for dy := -n; dy <= n; dy++ {
				for dx := -n; dx <= n; dx++ {
					if float64(dx*dx+dy*dy) > radius*radius {
						continue
					}
					v := float32(0)
					if x+dx >= 0 && y+dy >= 0 && x+dx < p.w && y+dy < p.h {
						v = p.at(x+dx, y+dy)
					}
					best = sign * max(sign*best, sign*v)
				}
			}
			out.v[y*p.w+x] = best
		}
	}
	return out
}
