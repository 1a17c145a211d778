package events

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
)

// Sizes of pictures, in pixels, and how many there are in one.
const (
	tile     = 56 // the side of an image in a grid
	gap      = 6
	columns  = 8
	most     = 24
	line     = 13 // of letters
	cell     = 34 // of a confusion matrix
	heading  = 60
	classMax = 30 // more classes than that are no table to read
)

// A panel is one image of a grid.
type panel struct {
	picture image.Image
	caption []string
}

// grid puts panels side by side, each stretched to a tile, with its caption under it.
func grid(panels []panel) image.Image {
	lines := 0
	for _, p := range panels {
		lines = max(lines, len(p.caption))
	}
	wide, high := min(columns, len(panels)), (len(panels)+columns-1)/columns
	height := tile + gap + lines*line
	img := canvas(wide*(tile+gap)+gap, high*height+gap)
	for i, p := range panels {
		x, y := gap+i%columns*(tile+gap), gap+i/columns*height
		draw.NearestNeighbor.Scale(img, image.Rect(x, y, x+tile, y+tile), p.picture, p.picture.Bounds(), draw.Src, nil)
		for k, s := range p.caption {
			letters(img, x+tile/2, y+tile+(k+1)*line-2, s)
		}
	}
	return img
}

func canvas(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	return img
}

// letters writes around x on the line y.
func letters(img draw.Image, x, y int, s string) {
	if r := []rune(s); len(r) > 8 {
		s = string(r[:7]) + "."
	}
	d := font.Drawer{Dst: img, Src: image.Black, Face: basicfont.Face7x13}
	d.Dot = fixed.P(x, y).Sub(fixed.Point26_6{X: d.MeasureString(s) / 2})
	d.DrawString(s)
}

// filters draws what the first layer that learns looks for: the units of a dense layer on images, or the filters of a convolution; those of the largest norm first. nil where
// its weights are no pictures.
func filters(m *graph.Model) image.Image {
	in := m.Inputs()[0].Shape
	params := m.Params()
	if len(params) == 0 {
		return nil
	}
	w := params[0].Value
	shape := w.Shape()
	var height, width, channels, units int
	switch {
	case len(shape) == 4: // [height, width, in, out]
		height, width, channels, units = shape[0], shape[1], shape[2], shape[3]
	case len(shape) == 2 && (len(in) == 2 || len(in) == 3) && in.TotalSize() == shape[0]: // [features, units]
		height, width, channels, units = in[0], in[1], in.TotalSize()/(in[0]*in[1]), shape[1]
	default:
		return nil
	}
	at := func(i int) float64 { return float64(w.Float32s()[i]) }
	if w.Dtype() == tensor.Float64 {
		at = func(i int) float64 { return w.Float64s()[i] }
	}
	panels, norms, order := make([]panel, units), make([]float64, units), make([]int, units)
	for u := range units {
		values := make([]float64, height*width) // a mean over the channels
		for i := range values {
			for c := range channels {
				v := at((i*channels+c)*units + u)
				values[i] += v / float64(channels)
				norms[u] += v * v
			}
		}
		order[u] = u
		panels[u] = panel{figure.Picture(values, height, width), []string{fmt.Sprint(u + 1)}}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	largest := make([]panel, min(most, units))
	for i := range largest {
		largest[i] = panels[order[i]]
	}
	return grid(largest)
}

// confusion draws a confusion matrix: a row an actual class, a column a predicted one, darker the larger its share of the row; nil of more classes than can be read.
func confusion(counts [][]int, classes []string) image.Image {
	n := len(counts)
	if n < 2 || n > classMax {
		return nil
	}
	img := canvas(heading+n*cell+gap, heading/2+n*cell+gap)
	name := func(c int) string {
		if c < len(classes) {
			return classes[c]
		}
		return fmt.Sprint(c)
	}
	for actual, row := range counts {
		all := 0
		for _, k := range row {
			all += k
		}
		letters(img, heading/2, heading/2+actual*cell+cell/2+4, name(actual))
		letters(img, heading+actual*cell+cell/2, heading/2-6, name(actual))
		for predicted, k := range row {
			share := float64(k) / float64(max(1, all))
			shade := color.RGBA{255, 255, 255, 255}
			fade := uint8(200 * math.Sqrt(share))
			if actual == predicted {
				shade.R, shade.B = 255-fade, 255-fade/2
			} else {
				shade.G, shade.B = 255-fade, 255-fade
			}
			x, y := heading+predicted*cell, heading/2+actual*cell
			draw.Draw(img, image.Rect(x, y, x+cell-1, y+cell-1), image.NewUniform(shade), image.Point{}, draw.Src)
			if k > 0 {
				letters(img, x+cell/2, y+cell/2+4, short(k))
			}
		}
	}
	return img
}

// short is a number in four letters.
func short(n int) string {
	switch {
	case n < 10_000:
		return fmt.Sprint(n)
	case n < 1_000_000:
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprintf("%dM", n/1_000_000)
}
