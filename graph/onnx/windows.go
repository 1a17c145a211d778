package onnx

import (
	"strconv"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/layers"
)

func init() {
	how(func(e *Exporter, l layers.Conv, xs []string) string { return e.conv(l, xs[0], 2) })
	how(func(e *Exporter, l layers.Conv1D, xs []string) string { return e.conv(layers.Conv(l), xs[0], 1) })
	how(func(e *Exporter, l layers.Depthwise, xs []string) string {
		w := e.Value("weight")
		if w == nil {
			return ""
		}
		filters := w.Shape()[3]
		return e.conv(layers.Conv{Filters: filters, Window: l.Window, Groups: filters / max(1, l.Multiplier), Activation: l.Activation}, xs[0], 2)
	})
	how(func(e *Exporter, l layers.ConvTranspose, xs []string) string { return e.convTranspose(l, xs[0], 2) })
	how(func(e *Exporter, l layers.ConvTranspose1D, xs []string) string {
		return e.convTranspose(layers.ConvTranspose(l), xs[0], 1)
	})
	how(func(e *Exporter, l layers.MaxPool, xs []string) string { return e.pool("MaxPool", l.Window, xs[0], 2) })
	how(func(e *Exporter, l layers.MaxPool1D, xs []string) string {
		return e.pool("MaxPool", l.Window, xs[0], 1)
	})
	how(func(e *Exporter, l layers.AvgPool, xs []string) string {
		return e.pool("AveragePool", l.Window, xs[0], 2)
	})
	how(func(e *Exporter, l layers.AvgPool1D, xs []string) string {
		return e.pool("AveragePool", l.Window, xs[0], 1)
	})
	how(func(e *Exporter, l layers.GlobalMaxPool, xs []string) string { return e.reduce("ReduceMax", xs[0]) })
	how(func(e *Exporter, l layers.GlobalAvgPool, xs []string) string { return e.reduce("ReduceMean", xs[0]) })
	how(func(e *Exporter, l layers.Upsample, xs []string) string { return e.upsample(l.Factor, xs[0], 2) })
	how(func(e *Exporter, l layers.Upsample1D, xs []string) string { return e.upsample(l.Factor, xs[0], 1) })
}

// first is an image or a sequence with the channels first, as ONNX wants it, and its places along so many axes.
func (e *Exporter) first(x string, axes int) (y string, places []int) {
	shape := e.Shape(x)
	switch {
	case e.err != nil:
		return "", make([]int, axes)
	case axes == 2 && len(shape) == 2: // an image without channels
		return e.Reshape(x, 1, shape[0], shape[1]), shape
	case axes == 2:
		return e.Transpose(x, 0, 3, 1, 2), shape[:2]
	}
	return e.Transpose(x, 0, 2, 1), shape[:1]
}

// last undoes first.
func (e *Exporter) last(x string, axes int) string {
	if axes == 2 {
		return e.Transpose(x, 0, 2, 3, 1)
	}
	return e.Transpose(x, 0, 2, 1)
}

// An over is how a window goes over an axis.
type over struct{ size, stride, dilation, before, after int }

func (o over) span() int { return (o.size-1)*o.dilation + 1 }

// windows are what the window is on each axis, as layers.Window says it: size is that of one which is not given, or of all where there are weights.
func (e *Exporter) windows(w layers.Window, places []int, size ...int) []over {
	all := make([]over, len(places))
	of := func(list []int, axis, otherwise int) int {
		switch len(list) {
		case 0:
			return otherwise
		case 1:
			return list[0]
		}
		return list[axis]
	}
	var pad []int
	said := w.Padding.String()
	if said != "same" && said != "valid" {
		for _, p := range strings.Split(said, "x") {
			n, err := strconv.Atoi(p)
			if err != nil {
				e.Errorf("got the padding %s, want same, valid, or numbers", said)
			}
			pad = append(pad, n)
		}
	}
	for i, n := range places {
		o := over{size: of(w.Size, i, size[min(i, len(size)-1)]), dilation: of(w.Dilation, i, 1)}
		o.stride = of(w.Stride, i, 1)
		if said == "same" {
			spare := max(0, ((n+o.stride-1)/o.stride-1)*o.stride+o.span()-n)
			o.before, o.after = spare/2, spare-spare/2
		} else if len(pad) > 0 {
			o.before = pad[max(0, len(pad)-len(places)+i)] // of two, a sequence has the second
			o.after = o.before
		}
		all[i] = o
	}
	return all
}

// attributes are a window's, as Conv and the pools have them.
func attributes(all []over) []Attr {
	var kernel, strides, dilations, before, after []int
	for _, o := range all {
		kernel, strides, dilations = append(kernel, o.size), append(strides, o.stride), append(dilations, o.dilation)
		before, after = append(before, o.before), append(after, o.after)
	}
	return []Attr{{"kernel_shape", kernel}, {"strides", strides}, {"dilations", dilations}, {"pads", append(before, after...)}}
}

// kernel is a kernel, [window's axes…, in, out], with those two axes first, in the order that is asked for.
func (e *Exporter) kernel(outFirst bool) (name string, size []int) {
	w := e.Value("weight")
	if w == nil {
		return "", []int{1, 1}
	}
	shape := w.Shape()
	n := len(shape)
	size = shape[:n-2]
	taps, in, out := tensor.Shape(size).TotalSize(), shape[n-2], shape[n-1]
	full := e.of("weight")
	if e.made[full] != "" { // of a shared layer
		return e.made[full], size
	}
	from := w.Float32s()
	v := make([]float32, len(from))
	to := append([]int{in, out}, size...)
	if outFirst {
		to[0], to[1] = out, in
	}
	for t := range taps {
		for i := range in {
			for o := range out {
				at := (i*out+o)*taps + t
				if outFirst {
					at = (o*in+i)*taps + t
				}
				v[at] = from[(t*in+i)*out+o]
			}
		}
	}
	e.made[full] = e.keep(full, to, v)
	return e.made[full], size
}

// finish is the activation and the way back to channels last: functions of an element come before, so that transpositions meet.
func (e *Exporter) finish(a layers.Activation, y string, axes int) string {
	if a == layers.Softmax || a == layers.LogSoftmax {
		return e.activate(a, e.last(y, axes))
	}
	return e.last(e.activate(a, y), axes)
}

func (e *Exporter) conv(l layers.Conv, x string, axes int) string {
	x, places := e.first(x, axes)
	w, size := e.kernel(true)
	attrs := append(attributes(e.windows(layers.Window{Stride: l.Stride, Padding: l.Padding, Dilation: l.Dilation}, places, size...)), Attr{"group", max(1, l.Groups)})
	return e.finish(l.Activation, e.Node("Conv", []string{x, w, e.Param("bias")}, attrs...), axes)
}

func (e *Exporter) convTranspose(l layers.ConvTranspose, x string, axes int) string {
	x, places := e.first(x, axes)
	w, size := e.kernel(false)
	all := e.windows(layers.Window{Stride: l.Stride, Padding: l.Padding, Dilation: l.Dilation}, places, size...)
	more := make([]int, axes) // places behind the last window
	for i := range all {
		o := &all[i]
		switch l.Padding.String() {
		case "same":
			cut := max(0, o.span()-o.stride)
			o.before, o.after, more[i] = cut/2, cut-cut/2, max(0, o.stride-o.span())
		case "valid":
			more[i] = max(0, o.stride-o.span())
		}
	}
	y := e.Node("ConvTranspose", []string{x, w, e.Param("bias")}, append(attributes(all), Attr{"output_padding", more})...)
	return e.finish(l.Activation, y, axes)
}

func (e *Exporter) pool(op string, w layers.Window, x string, axes int) string {
	x, places := e.first(x, axes)
	if len(w.Stride) == 0 {
		w.Stride = w.Size
		if len(w.Size) == 0 {
			w.Stride = []int{2}
		}
	}
	return e.last(e.Node(op, []string{x}, attributes(e.windows(w, places, 2))...), axes)
}

// reduce is over all axes between the batch and the channels.
func (e *Exporter) reduce(op, x string) string {
	var axes []int
	for i := range len(e.Shape(x)) - 1 {
		axes = append(axes, i+1)
	}
	return e.Node(op, []string{x, e.Ints("axes", axes...)}, Attr{"keepdims", 0})
}

func (e *Exporter) upsample(factor []int, x string, axes int) string {
	x, _ = e.first(x, axes)
	scales := []float32{1, 1}
	for i := range axes {
		switch len(factor) {
		case 0:
			scales = append(scales, 2)
		case 1:
			scales = append(scales, float32(factor[0]))
		default:
			scales = append(scales, float32(factor[i]))
		}
	}
	in := []string{x, "", e.Floats("scales", []int{len(scales)}, scales...)}
	return e.last(e.Node("Resize", in, Attr{"mode", "nearest"}, Attr{"coordinate_transformation_mode", "asymmetric"}, Attr{"nearest_mode", "floor"}), axes)
}
