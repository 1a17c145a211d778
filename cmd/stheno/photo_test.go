package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// A photo is a picture as a phone takes it, of what it shows.
type photo struct {
	kind  string
	digit int // -1: nothing that should be read as one
	file  []byte
}

// A scene is what a phone is held over: how much ink lies at each point, and what paper and ink look like.
type scene struct {
	w, h       int
	ink        []float64 // 0 to 1
	colour     [3]float64
	paper      [3]float64
	texture    float64 // how uneven the paper is
	lines      float64 // distance of ruled lines; 0: none
	squared    bool
	lineColour [3]float64
	light      func(x, y float64) float64 // x and y from 0 to 1
	blur       float64
	noise      float64
	quality    int
	held       int // Exif's orientation
}

// photos draws pictures of every kind: each of them as many times as given.
func photos(t testing.TB, seed uint64, each int) []photo {
	t.Helper()
	_, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 16))
	var all []photo
	next := 0
	for _, k := range photoKinds {
		for i := range each {
			s := &scene{w: 360, h: 270, colour: [3]float64{.16, .16, .2}, paper: [3]float64{.86, .85, .82}, texture: .015, noise: .012, blur: .6, quality: 85, held: 1}
			if r.IntN(2) == 0 {
				s.w, s.h = s.h, s.w
			}
			if light := r.Float64() * .15; true { // no room's light is even
				s.light = func(x, y float64) float64 { return 1 - light*(x+y)/2 }
			}
			s.ink = make([]float64, s.w*s.h)
			pen := &pen{scene: s, r: r, test: test, size: 125 + r.Float64()*50, thick: .1 + r.Float64()*.03, turn: (r.Float64()*2 - 1) * 5, x: .4 + r.Float64()*.2, y: .42 + r.Float64()*.16, drawn: i%2 == 1}
			digit := next % 10
			if !k.digit {
				digit = -1
			} else {
				next++
			}
			k.make(pen, i, digit)
			all = append(all, photo{k.name, digit, s.taken(t, r)})
		}
	}
	return all
}

var photoKinds = []struct {
	name  string
	digit bool
	make  func(p *pen, i, digit int)
}{
	{"dark ink on white paper", true, func(p *pen, _, digit int) { p.write(digit) }},
	{"chalk on a board", true, func(p *pen, i, digit int) {
		p.scene.paper = [][3]float64{{.13, .2, .16}, {.1, .1, .11}, {.2, .22, .25}}[i%3]
		p.scene.colour, p.scene.texture, p.chalk = [3]float64{.85, .86, .82}, .05, .5
		p.write(digit)
	}},
	{"uneven light and shadow", true, func(p *pen, i, digit int) {
		angle, edge, soft, dark := p.r.Float64()*6.28, .3+p.r.Float64()*.4, .01+p.r.Float64()*.08, .4+p.r.Float64()*.25
		p.scene.light = func(x, y float64) float64 {
			d := (x-.5)*math.Cos(angle) + (y-.5)*math.Sin(angle) + .5
			if i%3 == 0 { // a lamp at one side
				return 1 - (1-dark)*1.2*math.Min(1, math.Max(0, d))
			}
			return 1 - (1-dark)/(1+math.Exp(-(d-edge)/soft)) // the shadow of a hand
		}
		p.write(digit)
	}},
	{"noise of a dark room", true, func(p *pen, _, digit int) {
		p.scene.noise, p.scene.light = .05+p.r.Float64()*.05, func(x, y float64) float64 { return .45 - .1*x }
		p.write(digit)
	}},
	{"blur", true, func(p *pen, _, digit int) { p.scene.blur = 2.5 + p.r.Float64()*3; p.write(digit) }},
	{"turned by 10 to 20 degrees", true, func(p *pen, i, digit int) {
		p.turn = (10 + p.r.Float64()*10) * float64(1-2*(i%2))
		p.drawn = p.r.IntN(2) == 0
		p.write(digit)
	}},
	{"ruled and squared paper", true, func(p *pen, i, digit int) {
		p.scene.lines, p.scene.squared = 28+p.r.Float64()*16, i%2 == 0
		p.scene.lineColour = [][3]float64{{.55, .65, .82}, {.6, .6, .6}, {.3, .35, .5}}[i%3]
		p.write(digit)
	}},
	{"small and off the middle", true, func(p *pen, _, digit int) {
		p.scene.w, p.scene.h = p.scene.w*5/2, p.scene.h*5/2
		p.scene.ink = make([]float64, p.scene.w*p.scene.h)
		p.size, p.x, p.y = 45+p.r.Float64()*30, .1+p.r.Float64()*.8, .1+p.r.Float64()*.8
		p.write(digit)
	}},
	{"very thin or thick strokes", true, func(p *pen, i, digit int) {
		p.thick = []float64{.025, .26}[i/2%2] * (.9 + p.r.Float64()*.2)
		p.write(digit)
	}},
	{"colour on coloured paper", true, func(p *pen, i, digit int) {
		c := [][2][3]float64{{{.8, .15, .15}, {.95, .85, .4}}, {{.15, .2, .75}, {.95, .6, .65}}, {{.1, .5, .2}, {.8, .45, .3}}, {{.95, .9, .3}, {.25, .3, .75}}, {{.75, .2, .6}, {.55, .8, .55}}, {{.9, .5, .1}, {.6, .8, .95}}}[i%6]
		p.scene.colour, p.scene.paper = c[0], c[1]
		p.write(digit)
	}},
	{"JPEG of low quality", true, func(p *pen, _, digit int) { p.scene.quality = 5 + p.r.IntN(10); p.write(digit) }},
	{"held on its side (Exif)", true, func(p *pen, i, digit int) { p.scene.held = []int{6, 3, 8, 6, 8, 3}[i%6]; p.write(digit) }},
	{"several digits", false, func(p *pen, i, _ int) {
		p.size *= .6
		p.x, p.y = .25+p.r.Float64()*.1, .45
		p.write(p.r.IntN(10))
		p.x += (.7 + p.r.Float64()*.3) * p.size / float64(p.scene.w)
		if i%3 == 0 {
			p.x += .5 * p.size / float64(p.scene.w)
		}
		p.write(p.r.IntN(10))
		if i%3 == 1 {
			p.x += p.size / float64(p.scene.w)
			p.write(p.r.IntN(10))
		}
	}},
	{"no digit", false, func(p *pen, i, _ int) {
		switch i % 6 {
		case 0: // blank paper
		case 1: // blank paper, half in shadow
			p.scene.light = func(x, y float64) float64 { return 1 - .5/(1+math.Exp(-(x-.5)*40)) }
		case 2: // a rough wall
			p.scene.texture = .3
		case 3: // leaves, stones
			for range 160 {
				p.dot(p.r.Float64()*float64(p.scene.w), p.r.Float64()*float64(p.scene.h), 4+p.r.Float64()*14)
			}
		case 4: // ruled paper with nothing on it
			p.scene.lines, p.scene.lineColour = 30, [3]float64{.4, .5, .75}
		case 5: // the edge of a table
			for y := range p.scene.h {
				for x := range p.scene.w {
					if float64(x)+.3*float64(y) > .7*float64(p.scene.w) {
						p.scene.ink[y*p.scene.w+x] = 1
					}
				}
			}
		}
	}},
	{"letters and scribbles", false, func(p *pen, i, _ int) {
		if i%6 == 5 {
			var line [][2]float64
			for range 14 {
				line = append(line, [2]float64{p.r.Float64(), p.r.Float64()})
			}
			p.strokes([][][2]float64{curve(line)})
			return
		}
		p.strokes(letters["AEHKMX"[(i+p.r.IntN(6))%6]])
	}},
}

// A pen writes on a scene.
type pen struct {
	scene *scene
	r     *rand.Rand
	test  *datasets.Dataset
	size  float64 // of a digit's height, in pixels
	thick float64 // of a stroke, as a part of that
	turn  float64 // degrees
	x, y  float64 // of the middle, as parts of the scene
	chalk float64 // how much is left out
	drawn bool    // by strokes of its own, rather than one of MNIST's test digits
}

func (p *pen) write(digit int) {
	if p.drawn {
		p.strokes(digitStrokes[digit])
		return
	}
	i := p.r.IntN(p.test.Len())
	for p.test.Label(i) != digit {
		i = (i + 1) % p.test.Len()
	}
	row := make([]float32, 784)
	p.test.Row(row, i)
	p.blot(row)
}

// blot puts a digit of MNIST on the scene, grown to the pen's size, with smooth outlines, its strokes made thinner or thicker where the pen is much so.
func (p *pen) blot(row []float32) {
	sin, cos := math.Sincos(p.turn * math.Pi / 180)
	scale := p.size / 20
	level := .5
	switch {
	case p.thick < .05:
		level = .85
	case p.thick > .2:
		level = .12
	}
	p.each(p.size*1.1, func(dx, dy float64) float64 {
		x, y := (cos*dx+sin*dy)/scale+14, (-sin*dx+cos*dy)/scale+14
		return 1 / (1 + math.Exp(-(smooth(row, x, y)/255-level)*scale*2.5))
	})
}

// smooth is a cubic interpolation (B-spline) of a 28×28 image.
func smooth(row []float32, x, y float64) float64 {
	x0, y0 := math.Floor(x-.5), math.Floor(y-.5)
	weights := func(f float64) [4]float64 {
		return [4]float64{(1 - f) * (1 - f) * (1 - f) / 6, (3*f*f*f - 6*f*f + 4) / 6, (-3*f*f*f + 3*f*f + 3*f + 1) / 6, f * f * f / 6}
	}
	wx, wy := weights(x-.5-x0), weights(y-.5-y0)
	sum := 0.
	for j := range 4 {
		for i := range 4 {
			if ix, iy := int(x0)+i-1, int(y0)+j-1; ix >= 0 && iy >= 0 && ix < 28 && iy < 28 {
				sum += wx[i] * wy[j] * float64(row[iy*28+ix])
			}
		}
	}
	return sum
}

// strokes draws lines through points of a box of 1×1, a little differently each time.
func (p *pen) strokes(lines [][][2]float64) {
	sin, cos := math.Sincos(p.turn * math.Pi / 180)
	slant, wide := (p.r.Float64()*2-1)*.15, .6+p.r.Float64()*.15
	var of [][][2]float64
	for _, line := range lines {
		var at [][2]float64
		sx, sy := (p.r.Float64()*2-1)*.015, (p.r.Float64()*2-1)*.015
		for _, q := range line {
			x, y := (q[0]-.5+sx)*wide-slant*(q[1]-.5), q[1]-.5+sy
			at = append(at, [2]float64{(cos*x - sin*y) * p.size, (sin*x + cos*y) * p.size})
		}
		of = append(of, at)
	}
	half := p.thick * p.size / 2
	p.each(p.size, func(dx, dy float64) float64 {
		nearest := math.Inf(1)
		for _, line := range of {
			for i := 1; i < len(line); i++ {
				nearest = min(nearest, distance(dx, dy, line[i-1], line[i]))
			}
		}
		return math.Min(1, math.Max(0, half-math.Sqrt(nearest)+.5))
	})
}

// distance is that of a point from a line between two, squared.
func distance(x, y float64, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	f := 0.
	if l := dx*dx + dy*dy; l > 0 {
		f = min(1, max(0, ((x-a[0])*dx+(y-a[1])*dy)/l))
	}
	x, y = x-a[0]-f*dx, y-a[1]-f*dy
	return x*x + y*y
}

func (p *pen) dot(x, y, radius float64) {
	for py := max(0, int(y-radius)); py < min(p.scene.h, int(y+radius)); py++ {
		for px := max(0, int(x-radius)); px < min(p.scene.w, int(x+radius)); px++ {
			if math.Hypot(float64(px)-x, float64(py)-y) < radius {
				p.scene.ink[py*p.scene.w+px] = .7
			}
		}
	}
}

// each adds ink around the pen's place. What would leave the scene is moved in.
func (p *pen) each(reach float64, ink func(dx, dy float64) float64) {
	w, h := float64(p.scene.w), float64(p.scene.h)
	room := .62 * p.size
	mx, my := math.Min(math.Max(p.x*w, room), w-room), math.Min(math.Max(p.y*h, room), h-room)
	for y := max(0, int(my-reach)); y < min(p.scene.h, int(my+reach)); y++ {
		for x := max(0, int(mx-reach)); x < min(p.scene.w, int(mx+reach)); x++ {
			v := ink(float64(x)-mx, float64(y)-my)
			if p.chalk > 0 {
				v *= 1 - p.chalk*p.r.Float64()
			}
			i := y*p.scene.w + x
			p.scene.ink[i] = math.Max(p.scene.ink[i], v)
		}
	}
}

// curve goes smoothly through points (Catmull-Rom).
func curve(points [][2]float64) [][2]float64 {
	var out [][2]float64
	at := func(i int) [2]float64 { return points[min(max(i, 0), len(points)-1)] }
	for i := range len(points) - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		for s := range 4 {
			f := float64(s) / 4
			var q [2]float64
			for k := range 2 {
				q[k] = .5 * (2*b[k] + (c[k]-a[k])*f + (2*a[k]-5*b[k]+4*c[k]-d[k])*f*f + (3*b[k]-a[k]-3*c[k]+d[k])*f*f*f)
			}
			out = append(out, q)
		}
	}
	return append(out, points[len(points)-1])
}

func oval(cx, cy, rx, ry float64) [][2]float64 {
	var out [][2]float64
	for i := range 25 {
		s, c := math.Sincos(float64(i)/24*2*math.Pi - math.Pi/2)
		out = append(out, [2]float64{cx + rx*c, cy + ry*s})
	}
	return out
}

// digitStrokes are digits as a hand draws them, in a box of 1×1.
var digitStrokes = [10][][][2]float64{
	{oval(.5, .5, .42, .48)},
	{{{.5, .02}, {.5, .98}}},
	{curve([][2]float64{{.1, .25}, {.25, .06}, {.55, .02}, {.82, .16}, {.8, .38}, {.5, .68}, {.1, .97}}), {{.1, .97}, {.92, .95}}},
	{curve([][2]float64{{.12, .12}, {.45, .02}, {.8, .14}, {.76, .36}, {.42, .48}}), curve([][2]float64{{.42, .48}, {.82, .6}, {.86, .82}, {.5, .98}, {.1, .88}})},
	{{{.25, .03}, {.1, .58}, {.92, .58}}, {{.68, .25}, {.66, .98}}},
	{{{.85, .03}, {.25, .03}, {.2, .45}}, curve([][2]float64{{.2, .45}, {.55, .38}, {.86, .56}, {.84, .82}, {.5, .98}, {.1, .9}})},
	{curve([][2]float64{{.72, .02}, {.35, .25}, {.14, .6}, {.24, .9}, {.55, .98}, {.84, .82}, {.8, .58}, {.5, .48}, {.2, .62}})},
	{{{.08, .05}, {.9, .04}}, curve([][2]float64{{.9, .04}, {.6, .45}, {.4, .98}})},
	{oval(.5, .26, .3, .24), oval(.5, .74, .36, .24)},
	{oval(.48, .29, .34, .27), curve([][2]float64{{.82, .29}, {.8, .6}, {.7, .98}})},
}

var letters = map[byte][][][2]float64{
	'A': {{{.05, .98}, {.5, .02}, {.95, .98}}, {{.25, .62}, {.75, .62}}},
	'E': {{{.9, .03}, {.1, .03}, {.1, .97}, {.9, .97}}, {{.1, .5}, {.7, .5}}},
	'H': {{{.1, .02}, {.1, .98}}, {{.9, .02}, {.9, .98}}, {{.1, .5}, {.9, .5}}},
	'K': {{{.1, .02}, {.1, .98}}, {{.9, .02}, {.1, .55}}, {{.3, .45}, {.9, .98}}},
	'M': {{{.05, .98}, {.1, .02}, {.5, .6}, {.9, .02}, {.95, .98}}},
	'X': {{{.08, .02}, {.92, .98}}, {{.92, .02}, {.08, .98}}},
}

// taken is the scene as a phone keeps it: lit, blurred, noisy, in a JPEG that says how the phone was held.
func (s *scene) taken(t testing.TB, r *rand.Rand) []byte {
	var light [3][]float64
	coarse := make([]float64, 64*64)
	for i := range coarse {
		coarse[i] = r.NormFloat64()
	}
	tilt := (r.Float64()*2 - 1) * .1
	for c := range light {
		light[c] = make([]float64, s.w*s.h)
		for y := range s.h {
			for x := range s.w {
				i := y*s.w + x
				paper := s.paper[c] * (1 + s.texture*coarse[y/9%64*64+x/9%64])
				if s.lines > 0 {
					d := math.Mod(float64(y)+tilt*float64(x)+1000, s.lines)
					if e := math.Mod(float64(x)-tilt*float64(y)+1000, s.lines); s.squared {
						d = math.Min(d, e)
					}
					if d < 1.6 {
						paper = s.lineColour[c]
					}
				}
				v := paper + (s.colour[c]-paper)*s.ink[i]
				light[c][i] = v * s.light(float64(x)/float64(s.w), float64(y)/float64(s.h))
			}
		}
		for range 2 {
			light[c] = boxBlur(light[c], s.w, s.h, s.blur)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
	for i := range s.w * s.h {
		var v [3]uint8
		for c := range v {
			v[c] = uint8(math.Min(255, math.Max(0, 255*(light[c][i]+s.noise*r.NormFloat64()))))
		}
		img.SetRGBA(i%s.w, i/s.w, color.RGBA{v[0], v[1], v[2], 255})
	}
	return heldJPEG(t, img, s.held, s.quality)
}

// boxBlur is a mean over a square whose half side may be a fraction.
func boxBlur(v []float64, w, h int, radius float64) []float64 {
	n := int(math.Ceil(radius))
	weight := make([]float64, 2*n+1)
	sum := 0.
	for i := range weight {
		weight[i] = math.Min(1, math.Max(0, radius+1-math.Abs(float64(i-n))))
		sum += weight[i]
	}
	along, out := make([]float64, len(v)), make([]float64, len(v))
	for y := range h {
		for x := range w {
			for i, k := range weight {
				along[y*w+x] += k / sum * v[y*w+min(max(x+i-n, 0), w-1)]
			}
		}
	}
	for y := range h {
		for x := range w {
			for i, k := range weight {
				out[y*w+x] += k / sum * along[min(max(y+i-n, 0), h-1)*w+x]
			}
		}
	}
	return out
}

// heldJPEG stores an upright picture as a camera does that was turned (6: by a quarter to the left, 8: to the right, 3: upside down), and says so.
func heldJPEG(t testing.TB, upright *image.RGBA, held, quality int) []byte {
	w, h := upright.Rect.Dx(), upright.Rect.Dy()
	stored := upright
	if held != 1 {
		sw, sh := w, h
		if held != 3 {
			sw, sh = h, w
		}
		stored = image.NewRGBA(image.Rect(0, 0, sw, sh))
		for y := range h {
			for x := range w {
				switch at := upright.RGBAAt(x, y); held {
				case 3:
					stored.SetRGBA(w-1-x, h-1-y, at)
				case 6:
					stored.SetRGBA(y, w-1-x, at)
				case 8:
					stored.SetRGBA(h-1-y, x, at)
				}
			}
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, stored, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	tiff = append(tiff, byte(held), 0, 0, 0, 0, 0, 0)
	part := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
	return slices.Concat(head, part, file.Bytes()[2:])
}
