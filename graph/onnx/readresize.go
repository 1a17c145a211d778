package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

func init() { readAs((*reader).resize, "Resize", "Upsample") }

// resized are the axes that a Resize's scales or sizes are of: all, unless it says which.
func (r *reader) resized(n *given, rank int) (axes []int, ok bool) {
	_, has := n.attrs["axes"]
	list := n.list("axes")
	for i := range rank {
		if !has {
			axes = append(axes, i)
		}
	}
	for _, a := range list {
		if a < 0 {
			a += rank
		}
		if a < 0 || a >= rank || slices.Contains(axes, a) {
			r.fail("got axes %v of %d", list, rank)
			return nil, false
		}
		axes = append(axes, a)
	}
	return axes, true
}

// A resizing is what a Resize does to an axis: an element of those that come out is a sum over few of those that go in, with weights that depend on its place alone (docs/Operators.md, and onnx/reference/ops/op_resize.py, of the
// ONNX project).
type resizing struct {
	from, to              int
	scale                 float64
	mode, where, near     string
	cubic                 float64
	outside, antialiasing bool // what is outside does not count; a larger stretch is seen where it shrinks
}

// resize repeats rows and columns where that is all it does. Elsewhere it is a product with a fixed matrix along each axis, in a Dense that is frozen.
func (r *reader) resize(n *given) {
	v := r.input(n, 0)
	if r.err != nil {
		return
	}
	at := 2 // of the scales, among the inputs
	if n.op == "Upsample" || r.opset < 11 {
		at = 1
	}
	from := v.sizes()
	scales, sizes := r.constant(n, at), r.constant(n, 3)
	list, old := n.attrs["scales"].([]float32)
	axes, ok := r.resized(n, len(from))
	if !ok {
		return
	}
	all := make([]resizing, len(from))
	for i := range all {
		all[i] = resizing{
			from: from[i], to: from[i], scale: 1, mode: n.text("mode", "nearest"), where: n.text("coordinate_transformation_mode", "half_pixel"), near: n.text("nearest_mode", "round_prefer_floor"),
			cubic: n.float("cubic_coeff_a", -.75), outside: n.int("exclude_outside", 0) != 0, antialiasing: n.int("antialias", 0) != 0,
		}
		if n.op == "Upsample" || r.opset < 11 {
			all[i].where, all[i].near = "asymmetric", "floor"
		}
	}
	switch {
	case scales != nil && !scales.integer && scales.size() == len(axes):
		for i, a := range axes {
			all[a].scale = scales.at(i)
		}
	case old && len(list) == len(from):
		for i := range all {
			all[i].scale = float64(list[i])
		}
	case sizes != nil && sizes.integer && sizes.size() == len(axes):
		policy := n.text("keep_aspect_ratio_policy", "stretch")
		same := math.Inf(1)
		if policy == "not_smaller" {
			same = 0
		}
		for i, a := range axes {
			if all[a].scale = sizes.at(i) / float64(from[a]); a == v.batchAxis() && int(sizes.at(i)) == r.batch && r.batch > 0 {
				all[a].scale = 1
			}
			all[a].to = int(min(sizes.at(i), 1<<30))
			if policy == "not_smaller" {
				same = max(same, all[a].scale)
			} else {
				same = min(same, all[a].scale)
			}
		}
		for _, a := range axes {
			if policy != "stretch" {
				all[a].scale, all[a].to = same, int(math.Floor(min(same*float64(from[a]), 1<<30)+.5))
			}
		}
	default:
		r.fail("want scales or sizes for each axis of %s, known when the file is read", shown(from))
		return
	}
	repeats := len(from) > 2 && v.batchAxis() == 0
	for i := range all {
		a := &all[i]
		if !(a.scale > 0) || a.scale > 1<<20 || a.scale != 1 && i == v.batchAxis() {
			r.fail("got a scale of %v for axis %d of %s, want one above 0, and 1 for the batch", a.scale, i, shown(from))
			return
		}
		if i == v.batchAxis() {
			a.to = from[i]
			continue
		}
		if sizes == nil || scales != nil && scales.size() > 0 || old {
			a.to = int(math.Floor(float64(from[i])*a.scale + 1e-9)) // the scale is a float32
		}
		if a.to < 1 || a.to > mostFolded/from[i] {
			r.fail("got %d places out of %d, want at least one, and fewer", a.to, from[i])
			return
		}
		repeats = repeats && a.scale == math.Trunc(a.scale) && (i > 1 || a.scale == 1)
	}
	m := all[len(all)-1]
	// With whole factors these places are all the same row.
	if repeats && len(from) <= 4 && m.mode == "nearest" && (m.where == "asymmetric" && m.near == "floor" || (m.where == "half_pixel" || m.where == "pytorch_half_pixel") && (m.near == "round_prefer_floor" || m.near == "round_prefer_ceil")) {
		r.repeat(n, all[2:])
		return
	}
	v = r.opened(v)
	for i, a := range all {
		if i == v.batchAxis() || a.scale == 1 && a.to == a.from {
			continue
		}
		weights, err := a.matrix()
		if err != nil {
			r.fail("%v", err)
			return
		}
		v = r.last(v, i)
		if r.err != nil {
			return
		}
		h := r.add(layers.Dense{Units: a.to}, []*constant{{shape: []int{a.from, a.to}, floats: weights}, {shape: []int{a.to}, floats: []float32{0}}}, v.handle)
		r.frozen = append(r.frozen, fmt.Sprintf("dense_%d", r.count["dense"]))
		v = v.put(h, i, a.to)
	}
	r.views[n.out[0]] = v
}

// repeat repeats rows and columns.
func (r *reader) repeat(n *given, all []resizing) {
	v, ok := r.channelsLast(r.input(n, 0), 4)
	if !ok {
		return
	}
	var whole, out []int
	for i, a := range all {
		whole, out = append(whole, int(a.scale)), append(out, v.shape[i]*int(a.scale))
	}
	var l graph.Layer = layers.Upsample1D{Factor: short(whole, 0)}
	if len(whole) == 2 {
		l = layers.Upsample{Factor: short(whole, 0)}
	}
	r.finish(n, layers.Linear, spatial(r.add(l, nil, v.handle), out, v.shape[len(v.shape)-1], v.dims[0]))
}

// place is where an element that comes out lies among those that go in.
func (a *resizing) place(i int) (float64, error) {
	x, width := float64(i), a.scale*float64(a.from)
	switch a.where {
	case "half_pixel":
		return (x+.5)/a.scale - .5, nil
	case "pytorch_half_pixel":
		if width == 1 {
			return -.5, nil
		}
		return (x+.5)/a.scale - .5, nil
	case "half_pixel_symmetric":
		return float64(a.from)/2*(1-float64(a.to)/width) + (x+.5)/a.scale - .5, nil
	case "align_corners":
		if width == 1 {
			return 0, nil
		}
		return x * float64(a.from-1) / (width - 1), nil
	case "asymmetric":
		return x / a.scale, nil
	}
	return 0, fmt.Errorf("got the places %q, which no layer has", a.where)
}

// matrix is [from,to].
func (a *resizing) matrix() ([]float32, error) {
	m := make([]float32, a.from*a.to)
	for i := range a.to {
		x, err := a.place(i)
		if err != nil {
			return nil, err
		}
		first, weights, err := a.taps(x)
		if err != nil {
			return nil, err
		}
		sum := 0.
		for k, w := range weights {
			if at := first + k; a.outside && a.mode != "nearest" && (at < 0 || at >= a.from) {
				weights[k] = 0
				continue
			}
			sum += w
		}
		for k, w := range weights {
			if a.outside && a.mode != "nearest" {
				w /= sum
			}
			m[min(max(first+k, 0), a.from-1)*a.to+i] += float32(w)
		}
	}
	return m, nil
}

// taps are the weights of the elements around a place, from the first on.
func (a *resizing) taps(x float64) (first int, weights []float64, err error) {
	floor := math.Floor(x)
	ratio := x - floor
	stretch := 1.0 // along which a filter goes
	if a.antialiasing {
		stretch = min(a.scale, 1)
	}
	filter, reach := func(d float64) float64 { return max(0, 1-math.Abs(d)) }, 1.0
	switch a.mode {
	case "nearest":
		at := map[string]float64{"floor": floor, "ceil": math.Ceil(x), "round_prefer_floor": math.Ceil(x - .5), "round_prefer_ceil": math.Floor(x + .5)}
		near, ok := at[a.near]
		if !ok {
			err = fmt.Errorf("got the rounding %q, which there is not", a.near)
		}
		return int(near), []float64{1}, err
	case "linear":
	case "cubic":
		reach = 2
		filter = func(d float64) float64 {
			d = math.Abs(d)
			switch {
			case d <= 1:
				return ((a.cubic+2)*d-(a.cubic+3))*d*d + 1
			case d < 2:
				return a.cubic * (((d-5)*d+8)*d - 4)
			}
			return 0
		}
	default:
		return 0, nil, fmt.Errorf("got the mode %q, want nearest, linear or cubic", a.mode)
	}
	begin := int(math.Floor(-reach/stretch)) + 1
	sum := 0.
	for k := begin; k < 2-begin; k++ {
		w := filter((float64(k) - ratio) * stretch)
		weights = append(weights, w)
		sum += w
	}
	for k := range weights {
		weights[k] /= sum
	}
	return int(floor) + begin, weights, nil
}
