package optim_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// fit trains a small network on four samples, by that optimizer, and returns the loss before and after.
func fit(optimizer optim.Optimizer) (before, after float64) {
	data, err := datasets.New("and", []int{2}, []float32{0, 0, 0, 1, 1, 0, 1, 1}, []int{0, 0, 0, 1}, nil)
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1},
		layers.Dense{Units: 8, Activation: layers.Tanh},
		layers.Dense{Units: 2, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	history, err := train.Fit(context.Background(), model, data, train.Config{Optimizer: optimizer, BatchSize: 4, Epochs: 50})
	if err != nil {
		log.Fatal(err)
	}
	return history.Epochs[0].Running.Loss, history.Epochs[49].Running.Loss
}

// Each optimizer, with its default settings but for the rate of SGD, trains a network.
func ExampleOptimizer() {
	for _, o := range []optim.Optimizer{
		&optim.SGD{LearningRate: 0.1},
		&optim.SGD{LearningRate: 0.1, Momentum: 0.9},
		&optim.SGD{LearningRate: 0.1, Momentum: 0.9, Nesterov: true},
		&optim.Adam{},
		&optim.AdamW{},
		&optim.RMSProp{},
		&optim.AdaGrad{},
	} {
		before, after := fit(o)
		fmt.Println(o.Name(), o.Rate(), "the loss fell:", after < before)
	}
	// Output:
	// sgd 0.1 the loss fell: true
	// momentum 0.1 the loss fell: true
	// nesterov 0.1 the loss fell: true
	// adam 0.001 the loss fell: true
	// adamw 0.001 the loss fell: true
	// rmsprop 0.001 the loss fell: true
	// adagrad 0.01 the loss fell: true
}

// What a resumed run needs of its optimizer. Package train/run keeps it in a checkpoint.
func ExampleState() {
	first := &optim.Adam{}
	fit(first)
	state := first.State()
	fmt.Println(state.Steps, "steps;", slices.Sorted(maps.Keys(state.Slots)), "of", len(state.Slots["m"]), "parameters")

	second := &optim.Adam{} // goes on where the first one was
	if err := second.SetState(state); err != nil {
		log.Fatal(err)
	}
	fmt.Println(second.State().Steps, "steps")

	fmt.Println(new(optim.RMSProp).SetState(state))
	// Output:
	// 50 steps; [m v] of 4 parameters
	// 50 steps
	// optim: rmsprop: the state has a slot "m", want ["v"] alone: it is another optimizer's, or of other settings
}

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
	// optim: line 1, column 1: got "adamax", want an optimizer: one of sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad, nadam, lion, clip, ema, layer-rates, scheduled; did you mean "adam"?
}
