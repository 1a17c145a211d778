package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// The answer about an image is sure where in each view the network finds the same class the likeliest, with the probability sureOfEach, and sureOfAll on average.
const (
	sureOfEach = .85
	sureOfAll  = .95
)

// views are the ways in which an image is shown to a network: as it is, and a little turned, smaller, larger, slanted. A digit stays the digit that it was.
var views = func() []view {
	turned := func(degrees float64) view {
		s, c := math.Sincos(degrees * math.Pi / 180)
		return view{c, -s, s, c}
	}
	return []view{{1, 0, 0, 1}, turned(-8), turned(8), {1.12, 0, 0, 1.12}, {.92, 0, 0, .92}, {1, .15, 0, 1}, {1, -.15, 0, 1}}
}()

// A view is where the pixel at x, y from the middle comes from: at ax+by, cx+dy.
type view [4]float64

// of is the image, 28×28, as it is looked at.
func (l view) of(image []float32) []float32 {
	const side, middle = 28, 13.5
	out := make([]float32, side*side)
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= side || y >= side {
			return 0
		}
		return float64(image[y*side+x])
	}
	for i := range out {
		x, y := float64(i%side)-middle, float64(i/side)-middle
		fx, fy := l[0]*x+l[1]*y+middle, l[2]*x+l[3]*y+middle
		x0, y0 := math.Floor(fx), math.Floor(fy)
		wx, wy := fx-x0, fy-y0
		ix, iy := int(x0), int(y0)
		out[i] = float32((1-wy)*((1-wx)*at(ix, iy)+wx*at(ix+1, iy)) + wy*((1-wx)*at(ix, iy+1)+wx*at(ix+1, iy+1)))
	}
	return out
}

// penned is the image, 28×28, as of a broader pen, or, where sign is -1, a finer one: half way to the most, or the least, that a pixel and its neighbours have.
func penned(image []float32, sign float32) []float32 {
	const side = 28
	out := make([]float32, len(image))
	for i, v := range image {
		best := v
		for _, d := range [4]int{-side, -1, 1, side} {
			if j := i + d; j >= 0 && j < len(image) && (d*d > 1 || j/side == i/side) {
				best = sign * max(sign*best, sign*image[j])
			}
		}
		out[i] = (v + best) / 2
	}
	return out
}

// A saying is what a network says of an image.
type saying struct {
	said  []float64 // the probability of each class, on average over the views
	likes []int     // the classes that a look finds the likeliest, the likeliest of all first
	sure  bool
}

// ask shows images of digits to a network, in all views.
func ask(ctx context.Context, t *flags.Trained, rows []float32) ([]saying, error) {
	const size = 28 * 28
	var shown []float32
	for lo := 0; lo < len(rows); lo += size {
		image := rows[lo : lo+size]
		for _, v := range views {
			shown = append(shown, v.of(image)...)
		}
		shown = append(append(shown, penned(image, 1)...), penned(image, -1)...)
	}
	images, err := datasets.New("images", []int{28, 28}, shown, make([]int, len(shown)/size), t.Classes) // the labels mean nothing
	if err != nil {
		return nil, err
	}
	if images, err = t.Prepared(images); err != nil {
		return nil, fmt.Errorf("predict: %s: %w", t.Name, err)
	}
	all, err := train.Predict(ctx, t.Model, images.Scaled(t.Experiment.Scale))
	if err != nil {
		return nil, err
	}
	width, probabilities := len(t.Classes), train.Probabilities(t.Model.Outputs()[0], all)
	out := make([]saying, len(rows)/size)
	each := len(shown) / size / len(out) * width
	for i := range out {
		out[i] = heard(probabilities[i*each:(i+1)*each], width)
		if name := t.Classes[out[i].likes[0]]; (name == "0" || name == "8") && !closed(rows[i*size:(i+1)*size]) {
			out[i].sure = false // networks take letters without a loop for an 8
		}
	}
	return out, nil
}

// heard sums up what was said in all views at one image.
func heard(said []float64, width int) saying {
	s := saying{said: make([]float64, width)}
	votes := make([]bool, width)
	for in := range slices.Chunk(said, width) {
		best := 0
		for c, p := range in {
			s.said[c] += p / float64(len(said)/width)
			if p > in[best] {
				best = c
			}
		}
		votes[best] = true
	}
	for c, likes := range votes {
		if likes {
			s.likes = append(s.likes, c)
		}
	}
	slices.SortStableFunc(s.likes, func(a, b int) int { return cmp.Compare(s.said[b], s.said[a]) })
	best := s.likes[0]
	s.sure = s.said[best] >= sureOfAll
	for in := range slices.Chunk(said, width) {
		s.sure = s.sure && in[best] >= sureOfEach
	}
	return s
}

// closed says whether there is background in an image, 28×28, that ink shuts off from its edge.
func closed(image []float32) bool {
	const side, ink = 28, 150
	outside := make([]bool, len(image))
	var queue []int
	for i := range side {
		queue = append(queue, i, side*(side-1)+i, side*i, side*i+side-1)
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if outside[i] || image[i] >= ink {
			continue
		}
		outside[i] = true
		for _, d := range [4]int{-side, -1, 1, side} {
			if j := i + d; j >= 0 && j < len(image) && (d*d > 1 || j/side == i/side) {
				queue = append(queue, j)
			}
		}
	}
	for i, v := range image {
		if v < ink && !outside[i] {
			return true
		}
	}
	return false
}
