// Package figure draws what one wants to see of a run, as SVG: curves, bars, heat maps, a confusion matrix, grids of images.
//
//	svg := figure.Curves("Loss", "epoch", "loss, log scale", true,
//		figure.Series{Name: "sgd", X: epochs, Y: losses},
//		figure.Series{Name: "adam", X: epochs, Y: others})
//	err := os.WriteFile("loss.svg", []byte(svg), 0o644)
//
// [Curves], [Bars], [Heat], [Confusion] and [Images] draw plain numbers. [Gradients], [GradientFlow], [Samples] and [Weights] draw
// what the other packages measured: gradients by layer, samples of a data set with what a model says of them, and weights as images. The
// report and the notebooks are drawn by this package. [GradientText] draws the gradients with letters, for a terminal or a page without pictures.
//
// Every other function returns one svg element that stands by itself: no script, no style sheet, nothing to fetch. Its width and height, in
// pixels, are attributes; the CSS svg { max-width: 100%; height: auto } lets it shrink on a narrow page. Lines and letters take the
// colour of the text around them (currentColor), so a figure suits a light and a dark page. Numbers that cannot be drawn are left out. The same
// arguments give the same bytes.
package figure

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// Palette is of colours that people with every kind of sight can tell apart, after Okabe and Ito's (2008), and that show on white and on black.
var Palette = []string{"#2b8cc4", "#e07b39", "#1fa37a", "#c76aa3", "#c9a227", "#7a7fd6", "#d1495b"}

// Style is how the thing number i of many is drawn: a colour of Palette, and from the eighth on a mark on its lines too, so that 42 can be told apart.
func Style(i int) (color string, mark Mark) {
	i = max(i, 0)
	return Palette[i%len(Palette)], Mark(i / len(Palette) % int(marks))
}

// A Mark is a shape on the points of a line.
type Mark int

// The marks.
const (
	NoMark Mark = iota
	Disc
	Square
	Triangle
	Diamond
	Cross
	marks
)

// mark draws one.
func (c *canvas) mark(m Mark, x, y float64, color string) {
	const r = 3.5
	path := ""
	switch m {
	case Disc:
		fmt.Fprintf(c, `<circle cx="%s" cy="%s" r="3.5" fill="%s"/>`, num(x), num(y), color)
		return
	case Square:
		path = fmt.Sprintf("M%s %sh7v7h-7z", num(x-r), num(y-r))
	case Triangle:
		path = fmt.Sprintf("M%s %sl4.5 8h-9z", num(x), num(y-5))
	case Diamond:
		path = fmt.Sprintf("M%s %sl5 5l-5 5l-5 -5z", num(x), num(y-5))
	case Cross:
		fmt.Fprintf(c, `<path d="M%s %sl8 8m0 -8l-8 8" stroke="%s" stroke-width="2"/>`, num(x-4), num(y-4), color)
		return
	default:
		return
	}
	fmt.Fprintf(c, `<path d="%s" fill="%s"/>`, path, color)
}

// width of the charts: on a phone, whose page is about so wide, their letters stay large enough to read.
const width = 400

// canvas is an svg element that is being written.
type canvas struct {
	strings.Builder
	width, height float64
}

func newCanvas(width, height float64, title string) *canvas {
	c := &canvas{width: width, height: height}
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="img" aria-label="%[3]s" font-family="Liberation Sans, Helvetica, Arial, sans-serif" fill="currentColor">`,
		num(width), num(height), html.EscapeString(title))
	fmt.Fprintf(c, "<title>%s</title>", html.EscapeString(title))
	return c
}

func (c *canvas) close() string {
	c.WriteString("</svg>")
	return c.String()
}

// text writes a line; anchor is start, middle or end.
func (c *canvas) text(x, y, size float64, anchor, s string) {
	fmt.Fprintf(c, `<text x="%s" y="%s" font-size="%s" text-anchor="%s">%s</text>`, num(x), num(y), num(size), anchor, html.EscapeString(s))
}

func (c *canvas) bold(x, y, size float64, anchor, s string) {
	fmt.Fprintf(c, `<text x="%s" y="%s" font-size="%s" text-anchor="%s" font-weight="bold">%s</text>`, num(x), num(y), num(size), anchor, html.EscapeString(s))
}

// upright writes a line that reads from below to above.
func (c *canvas) upright(x, y, size float64, anchor, s string) {
	fmt.Fprintf(c, `<text transform="translate(%s %s) rotate(-90)" font-size="%s" text-anchor="%s">%s</text>`, num(x), num(y), num(size), anchor, html.EscapeString(s))
}

func (c *canvas) line(x1, y1, x2, y2, opacity float64) {
	fmt.Fprintf(c, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="currentColor" stroke-opacity="%s"/>`, num(x1), num(y1), num(x2), num(y2), num(opacity))
}

func (c *canvas) rect(x, y, w, h float64, fill, title string) {
	fmt.Fprintf(c, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s">`, num(x), num(y), num(w), num(h), fill)
	if title != "" {
		fmt.Fprintf(c, "<title>%s</title>", html.EscapeString(title))
	}
	c.WriteString("</rect>")
}

// num is a coordinate to a hundredth.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

// axis maps values to a length, in equal steps or by powers of ten.
type axis struct {
	low, high float64
	log       bool
	from, to  float64 // where low and high lie
}

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(v)
	}
	return a.from + (v-low)/(high-low)*(a.to-a.from)
}

// newAxis takes all of the values in, with round ends; of a log axis only those above 0.
func newAxis(log bool, values func(yield func(float64))) axis {
	a := axis{math.Inf(1), math.Inf(-1), log, 0, 1}
	values(func(v float64) {
		if v-v == 0 && (!log || v > 0) {
			a.low, a.high = min(a.low, v), max(a.high, v)
		}
	})
	switch {
	case a.low > a.high:
		a.low, a.high = 1, 10
	case log:
		a.low, a.high = math.Pow(10, math.Floor(math.Log10(a.low)+1e-9)), math.Pow(10, math.Ceil(math.Log10(a.high)-1e-9))
		if a.low == a.high {
			a.high *= 10
		}
	default:
		if a.low == a.high {
			a.low, a.high = a.low-.5, a.high+.5
		}
		step := niceStep(a.high - a.low)
		a.low, a.high = math.Floor(a.low/step+1e-9)*step, math.Ceil(a.high/step-1e-9)*step
	}
	return a
}

// niceStep is 1, 2 or 5 times a power of ten, about a fifth of the range.
func niceStep(span float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(span/5)))
	for _, f := range []float64{1, 2, 5} {
		if span/(f*power) <= 6 {
			return f * power
		}
	}
	return 10 * power
}

// ticks are the values to mark.
func (a axis) ticks() []float64 {
	var all []float64
	if a.log {
		first, last := int(math.Round(math.Log10(a.low))), int(math.Round(math.Log10(a.high)))
		every := (last-first)/7 + 1
		for p := first; p <= last; p += every {
			all = append(all, math.Pow(10, float64(p)))
		}
		return all
	}
	step := niceStep(a.high - a.low)
	for i := math.Ceil(a.low/step - 1e-9); i*step <= a.high+1e-9*step; i++ {
		all = append(all, i*step)
	}
	return all
}

// label is a tick's value in few letters.
func label(v float64, log bool) string {
	if log && (v < .01 || v > 999) {
		return fmt.Sprintf("1e%d", int(math.Round(math.Log10(v))))
	}
	return strconv.FormatFloat(math.Round(v*1e6)/1e6+0, 'g', 6, 64) // −0 + 0 is 0
}
