package ops_test

import (
	"math"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// TestKeep keeps what Gorgonia writes over, and adds no copy to what it does not.
func TestKeep(t *testing.T) {
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float64, tensor.Shape{2, 2}, []float64{1, 2, 3, 4})
	w, _ := input(g, "w", tensor.Float64, tensor.Shape{2, 2}, []float64{1, 0, 0, 1})
	z := must(ops.MatMul(x, w, false, false))
	y := must(gorgonia.Sigmoid(z))    // in z's buffer
	e := must(gorgonia.Exp(y))        // and again
	cost := must(gorgonia.Sum(e))     // e^σ(xw)
	v := must(gorgonia.Square(cost))  // something on the scalar
	grads, err := gorgonia.Grad(v, w) // ours: a product
	if err != nil {
		t.Fatal(err)
	}
	keptZ, keptY, keptCost, keptGrad := must(ops.Keep(z)), must(ops.Keep(y)), must(ops.Keep(cost)), must(ops.Keep(grads[0]))
	if keptZ == z || keptY == y || keptCost == cost {
		t.Error("an activation was kept without a copy")
	}
	if keptGrad != grads[0] {
		t.Error("the gradient of an input was copied though it is safe")
	}
	machine := gorgonia.NewTapeMachine(g)
	for range 2 {
		machine.Reset()
		if err := machine.RunAll(); err != nil {
			t.Fatal(err)
		}
		logits := []float64{1, 2, 3, 4}
		sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
		near(t, "z", floats(keptZ.Value()), logits, 1e-15)
		near(t, "y", floats(keptY.Value()), each(logits, sigmoid), 1e-15)
		sum := 0.0
		for _, x := range logits {
			sum += math.Exp(sigmoid(x))
		}
		near(t, "cost", floats(keptCost.Value()), []float64{sum}, 1e-15)
		dz := each(logits, func(x float64) float64 {
			s := sigmoid(x)
			return 2 * sum * math.Exp(s) * s * (1 - s)
		})
		near(t, "gradient", floats(keptGrad.Value()), product(transposed([]float64{1, 2, 3, 4}, 2, 2), dz, 2, 2, 2), 1e-14)
	}
}

// TestLogits looks through Softmax, and through nothing else.
func TestLogits(t *testing.T) {
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2, 2}, []float64{1, 2, 3, 4})
	y := must(ops.Softmax(x))
	for _, c := range []struct {
		node, logits *gorgonia.Node
		softmax      bool
	}{{x, x, false}, {y, x, true}} {
		if ops.Logits(c.node) != c.logits || ops.IsSoftmax(c.node) != c.softmax {
			t.Errorf("%v: logits %v, softmax %v", c.node, ops.Logits(c.node), ops.IsSoftmax(c.node))
		}
	}
	for _, n := range []*gorgonia.Node{must(ops.Copy(y)), must(ops.Activate(x, ops.Sigmoid)), must(gorgonia.Sigmoid(x)), must(gorgonia.SoftMax(x, 1))} {
		if ops.Logits(n) != n || ops.IsSoftmax(n) {
			t.Errorf("%v is taken for a softmax of ours", n)
		}
	}
}

// TestNames are what a drawing of the graph shows.
func TestNames(t *testing.T) {
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2, 2}, []float64{1, 2, 3, 4})
	b, _ := input(g, "b", tensor.Float32, tensor.Shape{2}, []float64{1, 2})
	for want, n := range map[string]*gorgonia.Node{
		"dense+leaky relu": must(ops.Dense(x, x, b, ops.LeakyReLU)),
		"matmul(a,b)":      must(ops.MatMul(x, x, false, false)), "matmul(aᵀ,b)": must(ops.MatMul(x, x, true, false)),
		"matmul(a,bᵀ)": must(ops.MatMul(x, x, false, true)), "matmul(aᵀ,bᵀ)": must(ops.MatMul(x, x, true, true)),
		"columns 0:1": must(ops.Columns(x, 0, 1)), "reshape [4]": must(ops.Reshape(x, 4)), "softmax": must(ops.Softmax(x)),
	} {
		if got := n.Op().String(); got != want {
			t.Errorf("got the name %q, want %q", got, want)
		}
	}
}
