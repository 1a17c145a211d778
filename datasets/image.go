package datasets

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

// Limits of an image: a file that claims more than its bytes can hold, or more than 25 million pixels (as a camera takes; they need 10 bytes each, so that
// one image takes a quarter of a GB at most), is refused before a pixel is decoded. Deflate packs at most 1032 bytes into one, and a byte is at most 8 pixels.
const (
	maxImageBytes  = 64 << 20
	maxImagePixels = 25_000_000
	maxPacking     = 1032 * 8
)

// digitSize is the side of MNIST's images, and boxSize that of the box which a digit's strokes are scaled to fit.
const (
	digitSize = 28
	boxSize   = 20
)

// ReadDigit reads a PNG, JPEG, GIF, BMP, TIFF or WebP image of one digit, of any size and colour, as MNIST's were made (LeCun, Cortes, Burges): its strokes
// scaled into a box of 20×20, keeping their proportions, and placed in 28×28 so that their centre of mass is in the middle. It returns the
// 784 pixels, row by row, from 0 (background) to 255 (ink). What the border of the image shows is taken for the background, so dark strokes on
// light paper are turned round. What is no such image, is larger than 64 MiB or 25 million pixels, or shows nothing is an error; name stands in it.
func ReadDigit(r io.Reader, name string) ([]float32, error) {
	if r == nil {
		return nil, fmt.Errorf("datasets: %s: got nothing to read from, want an image", name)
	}
	digit, err := readDigit(r)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", name, err)
	}
	return digit, nil
}

func readDigit(r io.Reader) ([]float32, error) {
	img, err := readPicture(r)
	if err != nil {
		return nil, err
	}
	ink, err := strokes(img)
	if err != nil {
		return nil, err
	}
	return centred(ink), nil
}

// strokes is the ink of an image: how far each pixel is from the background, 65535 at most.
func strokes(img image.Image) (*image.Gray16, error) {
	b := img.Bounds()
	gray := image.NewGray16(image.Rect(0, 0, b.Dx(), b.Dy()))
	at := colours(img)
	paper := paperUnder(img, at)
	for y := range b.Dy() {
		for x := range b.Dx() {
			gray.SetGray16(x, y, color.Gray16{Y: over(at(b.Min.X+x, b.Min.Y+y), paper)})
		}
	}
	background := int(median(border(gray)))
	most := 0
	for y := range b.Dy() {
		for x := range b.Dx() {
			most = max(most, abs(int(gray.Gray16At(x, y).Y)-background))
		}
	}
	if most < 65535/10 {
		return nil, fmt.Errorf("it shows nothing: no pixel differs much from the border: want a digit with some background around it")
	}
	// Paper is not even: what differs by less than an eighth of the strongest ink is background.
	for y := range b.Dy() {
		for x := range b.Dx() {
			v := abs(int(gray.Gray16At(x, y).Y) - background)
			if v < most/8 {
				v = 0
			}
			gray.SetGray16(x, y, color.Gray16{Y: uint16(v * 65535 / most)})
		}
	}
	return gray, nil
}

// paperUnder is what shows through transparent pixels: white under dark strokes, black under light ones.
func paperUnder(img image.Image, at func(x, y int) color.RGBA64) uint32 {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return 0
	}
	var light, alpha float64
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			light += float64(grey(c)) // times alpha already
			alpha += float64(c.A)
		}
	}
	if light < alpha/2 {
		return 65535
	}
	return 0
}

// over is the grey of a colour over paper.
func over(c color.RGBA64, paper uint32) uint16 {
	return uint16(min(65535, grey(c)+paper*(65535-uint32(c.A))/65535))
}

// grey is color.Gray16Model's, without making a color.Color of each pixel.
func grey(c color.RGBA64) uint32 {
	return (19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16
}

// colours reads an image's pixels.
func colours(img image.Image) func(x, y int) color.RGBA64 {
	if fast, ok := img.(image.RGBA64Image); ok {
		return fast.RGBA64At
	}
	return func(x, y int) color.RGBA64 {
		r, g, b, a := img.At(x, y).RGBA()
		return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
	}
}

func border(g *image.Gray16) []uint16 {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	var edge []uint16
	for x := range w {
		edge = append(edge, g.Gray16At(x, 0).Y, g.Gray16At(x, h-1).Y)
	}
	for y := range h {
		edge = append(edge, g.Gray16At(0, y).Y, g.Gray16At(w-1, y).Y)
	}
	return edge
}

func median(v []uint16) uint16 {
	slices.Sort(v)
	return v[len(v)/2]
}

func abs(n int) int { return max(n, -n) }

// centred scales the ink into the box and puts its centre of mass in the middle.
func centred(ink *image.Gray16) []float32 {
	box := bounds(ink)
	scale := boxSize / float64(max(box.Dx(), box.Dy()))
	w, h := max(1, int(math.Round(float64(box.Dx())*scale))), max(1, int(math.Round(float64(box.Dy())*scale)))
	small := image.NewGray16(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(small, small.Rect, ink, box, draw.Src, nil) // a tent over all pixels that come together, so nothing is skipped
	var sum, sumX, sumY, most float64
	for y := range h {
		for x := range w {
			v := float64(small.Gray16At(x, y).Y)
			sum, sumX, sumY, most = sum+v, sumX+v*float64(x), sumY+v*float64(y), max(most, v)
		}
	}
	// MNIST's centres of mass lie at pixel 14, counted from 0. Strokes that weigh on one side must not leave the image.
	left := min(max(int(math.Round(digitSize/2-sumX/sum)), 0), digitSize-w)
	top := min(max(int(math.Round(digitSize/2-sumY/sum)), 0), digitSize-h)
	digit := make([]float32, digitSize*digitSize)
	for y := range h {
		for x := range w {
			digit[(top+y)*digitSize+left+x] = float32(math.Round(float64(small.Gray16At(x, y).Y) / most * 255))
		}
	}
	return digit
}

// bounds is the smallest rectangle around all ink.
func bounds(ink *image.Gray16) image.Rectangle {
	var box image.Rectangle
	for y := range ink.Rect.Dy() {
		for x := range ink.Rect.Dx() {
			if ink.Gray16At(x, y).Y > 0 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}
