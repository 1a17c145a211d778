package graph_test

import (
	"fmt"
	"log"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/ops"
)

// A new loss is a function on Gorgonia's nodes, to one value a sample: here the mean absolute error, whose gradient is a sign.
func ExampleLossFunc() {
	absolute := graph.LossFunc("mean absolute error", func(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
		return b.Node(gorgonia.Mean(b.Node(gorgonia.Abs(b.Node(gorgonia.Sub(output, target)))), 1))
	})
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1)}, layers.Dense{Units: 1, Weights: graph.Constant(2)})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: absolute})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 3})
	copy(program.Y().Float32s(), []float32{5, 5})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("loss", program.Loss())
	for i, p := range program.Grads() {
		gradient, err := p.Grad()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(model.Params()[i].Name, gradient.Data())
	}
	// Output:
	// loss 2
	// dense_1.weight [1]
	// dense_1.bias [0]
}

// A layer of one's own that drops a tenth of its input while training, and names a node for looking at.
func ExampleBuilder() {
	noisy := graph.LayerFunc("noisy", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		w := b.Param("weight", graph.HeNormal, graph.Features(x), 3)
		if b.Training() {
			x = b.Node(ops.Dropout(x, .1, b.Stream()))
		}
		sum := b.Node(ops.MatMul(x, w, false, false))
		b.Watch("sum", sum)
		return b.Node(ops.Activate(sum, ops.ReLU))
	})
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(5), Seed: 1}, noisy, noisy)
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Predict, Batch: 4, Inspect: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	for _, r := range program.Recordings() {
		fmt.Println(r.Name, r.Value.Shape())
	}
	// Output:
	// noisy_1 (4, 3)
	// noisy_2 (4, 3)
	// noisy_1.sum (4, 3)
	// noisy_2.sum (4, 3)
}
