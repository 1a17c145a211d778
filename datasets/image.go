package datasets

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
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
// 784 pixels, row by row, from 0 (background) to 255 (ink). The image may be a photograph: what most of it shows is taken for the background, so dark strokes
// on light paper are turned round, uneven light is taken out, lines of the paper that are paler or thinner than the strokes too, and strokes that are much thinner
// or thicker than MNIST's become like those.
//
// What is no such image, is larger than 64 MiB or 25 million pixels, or does not show one digit with some background around it is an error: nothing, strokes
// that are lost in noise, several things, one that the edge cuts, one too small. name stands in it.
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
	ink, err := strokes(img, img.Bounds())
	if err != nil {
		return nil, err
	}
	return centred(likeAPen(ink)), nil
}

// nearSize is the height of strokes, in pixels as they were looked at, below which they are looked at again, from nearer; leastSize that below which nobody reads them.
const (
	nearSize  = 80
	leastSize = 10
)

// strokes is the ink of the digit that part of an image shows, 0 to 1, with nothing around it.
func strokes(img image.Image, part image.Rectangle) (plane, error) {
	seen, step := inkOf(img, part)
	found, err := digitIn(seen)
	if err != nil {
		return plane{}, err
	}
	box := found.box
	side := max(box.Dx(), box.Dy())
	if step > 1 && side < nearSize {
		near := image.Rect(box.Min.X*step, box.Min.Y*step, box.Max.X*step, box.Max.Y*step).Add(part.Min).Inset(-side * step * 3 / 4).Intersect(part)
		if near.Dx() < part.Dx() || near.Dy() < part.Dy() {
			return strokes(img, near)
		}
	}
	if side < leastSize {
		return plane{}, fmt.Errorf("its digit is %d×%d pixels: want one at least %d high: take it from nearer", box.Dx(), box.Dy(), leastSize)
	}
	return found.ink, nil
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

func abs(n int) int { return max(n, -n) }

// centred scales the ink into the box and puts its centre of mass in the middle.
func centred(ink plane) []float32 {
	scale := boxSize / float64(max(ink.w, ink.h))
	w, h := max(1, int(math.Round(float64(ink.w)*scale))), max(1, int(math.Round(float64(ink.h)*scale)))
	small := ink.scaled(w, h)
	var sum, sumX, sumY, most float64
	for y := range h {
		for x := range w {
			v := float64(small.at(x, y))
			sum, sumX, sumY, most = sum+v, sumX+v*float64(x), sumY+v*float64(y), max(most, v)
		}
	}
	// MNIST's centres of mass lie at pixel 14, counted from 0. Strokes that weigh on one side must not leave the image.
	left := min(max(int(math.Round(digitSize/2-sumX/sum)), 0), digitSize-w)
	top := min(max(int(math.Round(digitSize/2-sumY/sum)), 0), digitSize-h)
	digit := make([]float32, digitSize*digitSize)
	for y := range h {
		for x := range w {
			digit[(top+y)*digitSize+left+x] = float32(math.Round(float64(small.at(x, y)) / most * 255))
		}
	}
	return digit
}
