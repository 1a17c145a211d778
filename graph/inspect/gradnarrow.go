package inspect

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// narrow is what float32 makes of one parameter's gradient.
type narrow struct {
	distance float64 // |g32−g64| / |g64|; NaN where it is not judged
	off      string  // how it is off; "" if it is not
	mute     string  // why it is not judged; "" if it is
}

// narrowly compares the symbolic gradients in float32 with those in float64, at the weights as they are. How much rounding to
// float32 may do is measured: by what rounding the weights alone would do to float64's.
func (c *checker) narrowly(given, symbolic [][]float64, r *rand.Rand) ([]narrow, error) {
	all := make([]narrow, len(given))
	if c.float32 == nil {
		for i := range all {
			all[i].distance = math.NaN()
		}
		return all, nil
	}
	for i, w := range given {
		for j, x := range w {
			c.narrow[i][j] = float32(x)
		}
	}
	if err := c.float32.Run(); err != nil {
		return nil, err
	}
	single, err := c.gradients(c.float32)
	if err != nil {
		return nil, err
	}
	response, err := c.response(given, symbolic, 0x1p-23, r)
	if err != nil {
		return nil, err
	}
	depth := math.Sqrt(float64(len(given)))
	for i, g := range symbolic {
		all[i] = compareNarrow(single[i], g, response[i], depth, c.float32.Loss())
	}
	return all, nil
}

const (
	tiny = 0x1p-100 // gradients below it have lost digits in float32, whose smallest number with all of them is 2^-126
	ulp  = 0x1p-24  // half of it, of 1 in float32
)

func compareNarrow(single, double, response []float64, depth, loss float64) narrow {
	n := narrow{distance: math.NaN()}
	difference := make([]float64, len(double))
	largest := 0.0
	for j, g := range double {
		difference[j] = single[j] - g
		largest = max(largest, math.Abs(g))
	}
	size := norm(double)
	switch d := norm(difference); {
	case !finite(size):
		n.mute = "float64 overflows"
		return n
	case !finite(loss) || !finite(d):
		n.mute = "float32 overflows, float64 is judged"
		return n
	case largest > 0 && largest < tiny:
		n.mute = "float32 underflows, float64 is judged"
		return n
	case size == 0 && d == 0:
		n.distance = 0
		return n
	case size == 0:
		n.distance = math.Inf(1)
	default:
		n.distance = d / size
	}
	if allowed := 32 * (norm(response) + ulp*depth*size); allowed > .1*size && size > 0 {
		n.mute = "float32 is too coarse to tell, float64 is judged"
		return n
	} else if norm(difference) > allowed {
		n.off = fmt.Sprintf("off by %.1e of the gradient in float64, where rounding explains %.1e", n.distance, allowed/size)
		return n
	}
	spread, typical := rms(response), rms(double)
	for j, d := range difference {
		if allowed := 64 * (response[j] + spread + ulp*depth*(math.Abs(double[j])+typical)); !(math.Abs(d) <= allowed) {
			n.off = fmt.Sprintf("element %d of it is %.6g, %.6g in float64", j, single[j], double[j])
			return n
		}
	}
	return n
}
