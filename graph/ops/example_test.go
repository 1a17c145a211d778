package ops_test

import (
	"fmt"
	"log"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A layer and a loss of each sample in an expression graph of Gorgonia's, with the gradient of its bias.
func Example() {
	g := gorgonia.NewGraph()
	matrix := func(name string, rows, cols int, data ...float32) *gorgonia.Node {
		value := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(data))
		return gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithName(name), gorgonia.WithValue(value))
	}
	x := matrix("x", 2, 2, 1, 0, 0, 1)
	w := matrix("w", 2, 2, 4, -1, -2, 3)
	b := gorgonia.NewVector(g, gorgonia.Float32, gorgonia.WithName("b"), gorgonia.WithValue(tensor.New(tensor.WithBacking([]float32{-1, 1}))))
	target := matrix("target", 2, 2, 0, 1, 0, 1)

	y, err := ops.Dense(x, w, b, ops.ReLU)
	if err != nil {
		log.Fatal(err)
	}
	loss, err := ops.MeanSquaredError(y, target)
	if err != nil {
		log.Fatal(err)
	}
	sum, err := ops.Total(loss)
	if err != nil {
		log.Fatal(err)
	}
	gradients, err := gorgonia.Grad(sum, b)
	if err != nil {
		log.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(g)
	defer machine.Close()
	if err := machine.RunAll(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("y:", y.Value().Data())
	fmt.Println("losses:", loss.Value().Data())
	fmt.Println("gradient of b:", gradients[0].Value().Data())
	// Output:
	// y: [3 0 0 4]
	// losses: [5 4.5]
	// gradient of b: [3 3]
}

// Shapes are checked when a node is made.
func ExampleMatMul() {
	g := gorgonia.NewGraph()
	a := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(100, 784), gorgonia.WithName("a"))
	b := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(633, 784), gorgonia.WithName("b"))

	_, err := ops.MatMul(a, b, false, false)
	fmt.Println(err)

	product, err := ops.MatMul(a, b, false, true)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(product.Shape())
	// Output:
	// matmul: got [100,784]·[633,784], want the inner sizes 784 and 633 to be equal
	// (100, 633)
}
