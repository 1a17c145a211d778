package graph

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/text"
)

// An Input says what a model takes of a sample, or a loss of a target: the shape without the batch, and the kind of its elements.
type Input struct {
	Shape tensor.Shape // of one sample: (28, 28); empty for a single number
	IDs   bool         // int32: ids, classes, lengths; else floats of the model's element type
}

// Floats is an input of real numbers, such as Floats(28, 28) for a picture, [batch,28,28], or Floats(13) for thirteen columns, [batch,13].
func Floats(shape ...int) Input { return Input{Shape: append(tensor.Shape{}, shape...)} }

// Ints is an input of int32, such as Ints(100) for a hundred word ids, [batch,100], or Ints() for one class or length a sample, [batch].
func Ints(shape ...int) Input { return Input{Shape: append(tensor.Shape{}, shape...), IDs: true} }

func init() {
	text.Register("input", "floats of that shape a sample; with ids int32", "input 28x28", Input{})
}

// Size is the number of elements of a sample.
func (in Input) Size() int { return in.Shape.TotalSize() }

// String is the input as it is written in Go: "graph.Floats(28, 28)".
func (in Input) String() string {
	name := "graph.Floats("
	if in.IDs {
		name = "graph.Ints("
	}
	for i, d := range in.Shape {
		if i > 0 {
			name += ", "
		}
		name += fmt.Sprint(d)
	}
	return name + ")"
}

func (in Input) check() error {
	if len(in.Shape) > 7 {
		return fmt.Errorf("got %d axes, %v, want at most 7", len(in.Shape), in.Shape)
	}
	if _, ok := elements(in.Shape); !ok {
		return fmt.Errorf("got shape %v, want sizes of at least 1, and no more elements than can be counted", in.Shape)
	}
	return nil
}

// of is the element type in a model of floats of type dt.
func (in Input) of(dt tensor.Dtype) tensor.Dtype {
	if in.IDs {
		return tensor.Int32
	}
	return dt
}

// batched is the shape of a batch.
func (in Input) batched(batch int) tensor.Shape { return append(tensor.Shape{batch}, in.Shape...) }

// elements multiplies sizes; not ok where one is below 1, or the product beyond 2⁵⁶.
func elements(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 1 || n > 1<<56/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}
