package ops

import (
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestPanicInKernel: a machine runs ops in a goroutine of its own, where a panic would end the process. It must become
// an error of RunAll, and the machine must be fit to go on.
func TestPanicInKernel(t *testing.T) {
	g := gorgonia.NewGraph()
	v := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(2), gorgonia.WithName("x"), gorgonia.WithValue(v))
	ill := true
	y, err := apply(&op{
		name:  "ill",
		shape: tensor.Shape{2},
		run32: func(out []float32, in [][]float32) {
			if ill {
				_ = in[7]
			}
			copy(out, in[0])
		},
	}, x)
	if err != nil {
		t.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(g)
	want := "ill: runtime error: index out of range [7] with length 1"
	if err := machine.RunAll(); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s", err, want)
	}
	ill = false
	machine.Reset()
	if err := machine.RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := y.Value().Data().([]float32); got[0] != 1 || got[1] != 2 {
		t.Errorf("got %v after the error, want [1 2]", got)
	}
}

// TestOpsAreNeverMerged: two equal calls make two ops, for two nodes must not share one's buffer.
func TestOpsAreNeverMerged(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Ones()))
	a, err := Softmax(x)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Softmax(x)
	if err != nil {
		t.Fatal(err)
	}
	if a == b || a.Op().Hashcode() == b.Op().Hashcode() {
		t.Error("two softmaxes of one node are one")
	}
	machine := gorgonia.NewTapeMachine(g)
	for range 2 {
		machine.Reset()
		if err := machine.RunAll(); err != nil {
			t.Fatal(err)
		}
		if a.Value() == b.Value() {
			t.Error("two nodes have one value")
		}
	}
}

// TestBufferIsOwned: an op gives the same tensor at each run.
func TestBufferIsOwned(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Ones()))
	y, err := Softmax(x)
	if err != nil {
		t.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(g)
	var first gorgonia.Value
	for range 3 {
		machine.Reset()
		if err := machine.RunAll(); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = y.Value()
		}
		if y.Value() != first || y.Value() == x.Value() {
			t.Error("the value is not the op's own tensor")
		}
	}
}
