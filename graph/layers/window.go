package layers

import (
	"fmt"
	"strconv"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// A Window is how a convolution or a pooling goes over an image or a sequence. Of its sizes, strides and dilations one is for all axes, two are for rows and columns. Along an axis of n places a window spans
// s = (size−1)·dilation + 1, and the output has
//
//	valid, or padding p    ⌊(n + 2p − s) / stride⌋ + 1 places (Dumoulin and Visin 2016)
//	same                   ⌈n / stride⌉, with as much padding as that takes, the odd one of it behind (Keras; PyTorch has it for a stride of 1)
type Window struct {
	Size     []int   `takes:"whole numbers, 3x3; 3 if left out, in a pooling 2"`
	Stride   []int   `takes:"whole numbers, 3x3; 1 if left out, in a pooling the size"`
	Padding  Padding `takes:"same, valid, a number or 1x2; valid if left out"`
	Dilation []int   `default:"1"` // places from one tap of the window to the next
}

// Square is a window of n taps along each axis.
func Square(n int) Window { return Window{Size: []int{n}} }

// Padding is how many places that are not there a window may reach over the edges of its input. A convolution takes them for zeros; a pooling leaves them out. The zero value is Valid.
type Padding struct {
	same bool
	n    [2]int // at both ends of the rows, and of the columns or the sequence
	bad  bool
}

// Valid is no padding, Same as much as it takes for an output of the input's size over the stride.
var (
	Valid = Padding{}
	Same  = Padding{same: true}
)

// Pad is n places at both ends of each axis, or so many at those of the rows and those of the columns.
func Pad(n ...int) Padding {
	switch len(n) {
	case 1:
		return Padding{n: [2]int{n[0], n[0]}}
	case 2:
		return Padding{n: [2]int(n)}
	}
	return Padding{bad: true}
}

// MarshalText is the padding as UnmarshalText takes it.
func (p Padding) MarshalText() ([]byte, error) {
	switch {
	case p.bad:
		return nil, fmt.Errorf("got layers.Pad of other than one or two numbers, want one or two")
	case p.same:
		return []byte("same"), nil
	case p.n == [2]int{}:
		return []byte("valid"), nil
	case p.n[0] == p.n[1]:
		return []byte(strconv.Itoa(p.n[0])), nil
	}
	return fmt.Appendf(nil, "%dx%d", p.n[0], p.n[1]), nil
}

// UnmarshalText reads "same", "valid", a number, or one for rows and one for columns, "1x2".
func (p *Padding) UnmarshalText(s []byte) error {
	switch string(s) {
	case "same":
		*p = Same
		return nil
	case "valid":
		*p = Valid
		return nil
	}
	var n []int
	for _, part := range strings.Split(string(s), "x") {
		i, err := strconv.Atoi(part)
		if err != nil || i < 0 || len(n) == 2 {
			return fmt.Errorf("got %q, want same, valid, a number, or two as 1x2", s)
		}
		n = append(n, i)
	}
	*p = Pad(n...)
	return nil
}

// String is the padding's text.
func (p Padding) String() string {
	s, err := p.MarshalText()
	if err != nil {
		return "padding(?)"
	}
	return string(s)
}

// sizes are a list's numbers for so many axes: one may be for all.
func sizes(b *graph.Builder, what string, list []int, axes, otherwise int) []int {
	all := make([]int, axes)
	if len(list) > axes || axes == 2 && len(list) > 2 {
		b.Errorf("got %s %v, want one number%s", what, list, map[bool]string{true: ", or one for rows and one for columns"}[axes == 2])
		return nil
	}
	for i := range all {
		switch len(list) {
		case 0:
			all[i] = otherwise
		case 1:
			all[i] = list[0]
		default:
			all[i] = list[i]
		}
		if all[i] < 1 {
			b.Errorf("got %s %v, want at least 1", what, list)
			return nil
		}
	}
	return all
}

// over is the window on axes of that many places. A size that is not given is otherwise; a pooling's stride its size. Nil after an error.
func (w Window) over(b *graph.Builder, places []int, otherwise int, pooling bool) []ops.Axis {
	size := sizes(b, "Size", w.Size, len(places), otherwise)
	stride := sizes(b, "Stride", w.Stride, len(places), 1)
	dilation := sizes(b, "Dilation", w.Dilation, len(places), 1)
	if w.Padding.bad || min(w.Padding.n[0], w.Padding.n[1]) < 0 {
		b.Errorf("got Padding %v, want layers.Same, layers.Valid, or layers.Pad of one or two numbers of at least 0", w.Padding)
	}
	if b.Err() != nil {
		return nil
	}
	if pooling && len(w.Stride) == 0 {
		stride = size
	}
	axes := make([]ops.Axis, len(places))
	for i, n := range places {
		a := ops.Axis{Size: size[i], Stride: stride[i], Dilation: dilation[i]}
		a.Before = w.Padding.n[2-len(places)+i]
		a.After = a.Before
		if w.Padding.same {
			out := (n + a.Stride - 1) / a.Stride
			all := max(0, (out-1)*a.Stride+(a.Size-1)*a.Dilation+1-n)
			a.Before, a.After = all/2, all-all/2
		}
		axes[i] = a
	}
	return axes
}

// label is the window in a drawing: "3x3, stride 2".
func (w Window) label(axes, otherwise int) string {
	size := w.Size
	if len(size) == 0 {
		size = []int{otherwise}
	}
	if axes == 2 && len(size) == 1 {
		size = []int{size[0], size[0]}
	}
	s := text.Sizes(size)
	if len(w.Stride) > 0 {
		s += ", stride " + text.Sizes(w.Stride)
	}
	return s
}

// image is x as an image with channels, and its rows and columns; [batch,rows,columns] becomes one channel.
func image(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, []int) {
	if x.Dims() == 3 {
		x = b.Node(ops.Reshape(x, append(x.Shape().Clone(), 1)...))
	}
	if x == nil || x.Dims() != 4 {
		b.Errorf("want an image, [batch,rows,columns] or [batch,rows,columns,channels], such as graph.Floats(28, 28) is")
		return nil, nil
	}
	return x, x.Shape()[1:3]
}

// sequence is x, and its length.
func sequence(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, []int) {
	if x.Dims() != 3 {
		b.Errorf("want a sequence, [batch,time,features]")
		return nil, nil
	}
	return x, x.Shape()[1:2]
}
