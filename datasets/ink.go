package datasets

import (
	"image"
	"math"
)

// What a picture is looked at with: its longer side in pixels at most, and in squares, by which its background is known.
const (
	lookedAt = 640
	squares  = 24
)

// inkOf is how much each pixel of a part of an image differs from the background towards the colour of the ink, 0 where it does not, in steps of step×step pixels of the image.
func inkOf(img image.Image, part image.Rectangle) (ink plane, step int) {
	step = max(1, (max(part.Dx(), part.Dy())+lookedAt-1)/lookedAt)
	colours := reduced(img, part, step)
	size := max(1, (max(colours[0].w, colours[0].h)+squares-1)/squares)
	var differ [3]plane // from what lies around, by colour
	for i, c := range colours {
		cells := c.cells(size)
		differ[i] = c.minus(cells.medians(max(cells.w, cells.h)/4), size)
	}
	axis := inkAxis(differ)
	light := newPlane(colours[0].w, colours[0].h)
	for j := range light.v {
		for i, a := range axis {
			light.v[j] += a * colours[i].v[j]
		}
	}
	// Now ink is light. The background is an opening (Serra): what is left where the light is narrower than a third of the picture, so shadows are part of it, and strokes not.
	size = (size + 2) / 3
	cells := light.cells(size)
	n := max(1, max(cells.w, cells.h)/6)
	wide := cells.padded(2*n).extremes(n, -1).extremes(n, 1)
	ink = light.minus(wide.cut(image.Rect(0, 0, cells.w, cells.h).Add(image.Pt(2*n, 2*n))), size)
	middle := ink.median()
	for j, v := range ink.v {
		ink.v[j] = max(0, v-middle)
	}
	return ink, step
}

// reduced are red, green and blue, 0 to 1, of means over step×step pixels.
func reduced(img image.Image, part image.Rectangle, step int) [3]plane {
	w, h := (part.Dx()+step-1)/step, (part.Dy()+step-1)/step
	out := [3]plane{newPlane(w, h), newPlane(w, h), newPlane(w, h)}
	at := colours(img)
	paper := paperUnder(img, at)
	for cy := range h {
		for cx := range w {
			var sum [3]uint64
			n := 0
			for y := part.Min.Y + cy*step; y < min(part.Min.Y+(cy+1)*step, part.Max.Y); y++ {
				for x := part.Min.X + cx*step; x < min(part.Min.X+(cx+1)*step, part.Max.X); x++ {
					c := at(x, y)
					under := uint64(paper) * (65535 - uint64(c.A)) / 65535
					sum[0], sum[1], sum[2] = sum[0]+uint64(c.R)+under, sum[1]+uint64(c.G)+under, sum[2]+uint64(c.B)+under
					n++
				}
			}
			for i, s := range sum {
				out[i].v[cy*w+cx] = min(1, float32(s)/65535/float32(n))
			}
		}
	}
	return out
}

// inkAxis is the direction in which colours leave the background most, towards the ink: the first principal axis of the differences, the large ones counting more. A
// difference of greys keeps its size along it. Towards the ink is where the differences are large and few.
func inkAxis(differ [3]plane) [3]float32 {
	var m [3][3]float64
	for j := range differ[0].v {
		d := [3]float64{float64(differ[0].v[j]), float64(differ[1].v[j]), float64(differ[2].v[j])}
		weight := d[0]*d[0] + d[1]*d[1] + d[2]*d[2]
		for a := range 3 {
			for b := range 3 {
				m[a][b] += weight * d[a] * d[b]
			}
		}
	}
	axis := [3]float64{.5, .6, .4} // no colour's own, so that none is orthogonal to it
	for range 30 {                 // power iteration
		var next [3]float64
		for a := range 3 {
			for b := range 3 {
				next[a] += m[a][b] * axis[b]
			}
		}
		length := math.Sqrt(next[0]*next[0] + next[1]*next[1] + next[2]*next[2])
		if length == 0 {
			break
		}
		for a := range 3 {
			axis[a] = next[a] / length
		}
	}
	skew := 0.
	for j := range differ[0].v {
		d := axis[0]*float64(differ[0].v[j]) + axis[1]*float64(differ[1].v[j]) + axis[2]*float64(differ[2].v[j])
		skew += d * d * d
	}
	scale := math.Copysign(1/math.Sqrt(3), skew)
	return [3]float32{float32(axis[0] * scale), float32(axis[1] * scale), float32(axis[2] * scale)}
}
