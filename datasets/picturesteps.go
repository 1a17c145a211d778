package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// isPicture says whether an input is one: [height, width], or [height, width, channels] of at most four channels, of numbers.
func isPicture(f Field) bool {
	n := len(f.Shape)
	return !f.IDs && f.Names == nil && (n == 2 || n == 3 && f.Shape[2] <= 4)
}

// onPictures says what becomes of the pictures among inputs, and leaves the others as they are.
func onPictures(in []Field, shape func([]int) []int, draw func(from, to []float32, shape []int)) ([]Field, func(in, out []Values), error) {
	if !slices.ContainsFunc(in, isPicture) {
		return nil, nil, errors.New("there is no input of pictures, [height, width] or [height, width, channels]")
	}
	out := slices.Clone(in)
	for i, f := range in {
		if isPicture(f) {
			out[i].Shape = shape(f.Shape)
		}
	}
	return out, func(from, to []Values) {
		for i, v := range from {
			copy(to[i].IDs, v.IDs)
			if isPicture(in[i]) {
				draw(v.Floats, to[i].Floats, in[i].Shape)
			} else {
				copy(to[i].Floats, v.Floats)
			}
		}
	}, nil
}

// Resize makes pictures of that height and width: each pixel is the mean of those that come together in it, weighted by a tent, so that none is skipped; where the picture
// grows, what lies between is drawn straight.
type Resize struct{ Height, Width int }

func (r Resize) String() string { return fmt.Sprintf("resize %dx%d", r.Height, r.Width) }

// resizing is Resize, as kept.
type resizing struct {
	Height int `json:"height"`
	Width  int `json:"width"`
}

// maxSide is the most pixels of a side that Resize makes.
const maxSide = 4096

func (r Resize) fit(*fitting) (operation, error) { return &resizing{r.Height, r.Width}, nil }

func (*resizing) word() string { return "resize" }

func (r *resizing) bind(in []Field) ([]Field, func(in, out []Values), error) {
	if r.Height < 1 || r.Width < 1 || r.Height > maxSide || r.Width > maxSide {
		return nil, nil, fmt.Errorf("got %d×%d pixels, want 1 to %d each", r.Height, r.Width, maxSide)
	}
	type axes struct{ rows, columns [][]share }
	taps := map[[2]int]axes{}
	for _, f := range in {
		if isPicture(f) {
			taps[[2]int{f.Shape[0], f.Shape[1]}] = axes{tents(f.Shape[0], r.Height), tents(f.Shape[1], r.Width)}
		}
	}
	return onPictures(in, func(shape []int) []int {
		return append([]int{r.Height, r.Width}, shape[2:]...)
	}, func(from, to []float32, shape []int) {
		channels := 1
		if len(shape) == 3 {
			channels = shape[2]
		}
		t := taps[[2]int{shape[0], shape[1]}]
		for y, rows := range t.rows {
			for x, columns := range t.columns {
				for c := range channels {
					sum := 0.0
					for _, v := range rows {
						for _, h := range columns {
							sum += v.weight * h.weight * float64(from[(v.at*shape[1]+h.at)*channels+c])
						}
					}
					to[(y*r.Width+x)*channels+c] = float32(sum)
				}
			}
		}
	})
}

// A share is what a pixel counts in one of another size.
type share struct {
	at     int
	weight float64
}

// tents are, for each of to pixels, the shares of from pixels in it.
func tents(from, to int) [][]share {
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	all := make([][]share, to)
	for i := range all {
		centre := (float64(i)+.5)*scale - .5
		sum := 0.0
		for at := int(math.Floor(centre - reach)); at <= int(math.Ceil(centre+reach)); at++ {
			w := 1 - math.Abs(float64(at)-centre)/reach
			if w <= 0 || at < 0 || at >= from {
				continue
			}
			all[i] = append(all[i], share{at, w})
			sum += w
		}
		for k := range all[i] {
			all[i][k].weight /= sum
		}
	}
	return all
}

// Grey makes pictures in colours grey, [height, width], as bright as they look: .299 red + .587 green + .114 blue (ITU-R BT.601).
type Grey struct{}

func (Grey) String() string { return "grey" }

type greying struct{}

func (Grey) fit(*fitting) (operation, error) { return &greying{}, nil }

func (*greying) word() string { return "grey" }

func (*greying) bind(in []Field) ([]Field, func(in, out []Values), error) {
	return onPictures(in, func(shape []int) []int { return slices.Clone(shape[:2]) }, func(from, to []float32, shape []int) {
		channels := 1
		if len(shape) == 3 {
			channels = shape[2]
		}
		if channels < 3 {
			for i := range to {
				to[i] = from[i*channels]
			}
			return
		}
		for i := range to {
			p := from[i*channels:]
			to[i] = .299*p[0] + .587*p[1] + .114*p[2]
		}
	})
}

// Transpose swaps the rows and columns of pictures: those of EMNIST come lying on their side.
type Transpose struct{}

func (Transpose) String() string { return "transpose" }

type transposing struct{}

func (Transpose) fit(*fitting) (operation, error) { return &transposing{}, nil }

func (*transposing) word() string { return "transpose" }

func (*transposing) bind(in []Field) ([]Field, func(in, out []Values), error) {
	return onPictures(in, func(shape []int) []int {
		return append([]int{shape[1], shape[0]}, shape[2:]...)
	}, func(from, to []float32, shape []int) {
		channels := 1
		if len(shape) == 3 {
			channels = shape[2]
		}
		for y := range shape[0] {
			for x := range shape[1] {
				copy(to[(x*shape[0]+y)*channels:][:channels], from[(y*shape[1]+x)*channels:])
			}
		}
	})
}
