package optim_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph/optim"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Σ(w − c)² is smallest at w = c.
func Example() {
	g := gorgonia.NewGraph()
	vector := func(name string, data ...float32) *gorgonia.Node {
		value := tensor.New(tensor.WithBacking(data))
		return gorgonia.NewVector(g, gorgonia.Float32, gorgonia.WithName(name), gorgonia.WithValue(value))
	}
	c, w := vector("c", 3, -1), vector("w", 0, 0)
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(w, c))))))
	if _, err := gorgonia.Grad(loss, w); err != nil {
		log.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w))
	defer machine.Close()

	optimizer := &optim.SGD{LearningRate: 0.05, Momentum: 0.5}
	for range 40 {
		if err := machine.RunAll(); err != nil {
			log.Fatal(err)
		}
		if err := optimizer.Step([]gorgonia.ValueGrad{w}); err != nil {
			log.Fatal(err)
		}
		gradient, _ := w.Grad()
		gradient.(*tensor.Dense).Zero() // BindDualValues adds to it
		machine.Reset()
	}
	fmt.Printf("%.2f after %d steps\n", w.Value(), optimizer.State().Steps)
	// Output: [ 3.00  -1.00] after 40 steps
}

// A name, from a command line say, and the rate halved on the way.
func ExampleNew() {
	optimizer, err := optim.New("adam", 0)
	if err != nil {
		log.Fatal(err)
	}
	optimizer.SetRate(optimizer.Rate() / 2)
	fmt.Println(optimizer.Name(), optimizer.Rate())

	_, err = optim.New("adamax", 0)
	fmt.Println(err)
	// Output:
	// adam 0.0005
	// optim: no optimizer is named "adamax", want one of sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad
}
