package graph_test

import (
	"fmt"
	"log"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Two inputs are read by one layer, whose parameters they share, and a second output says something else of the left one.
func ExampleNet() {
	var net graph.Net
	tower := net.Share(layers.Dense{Units: 4, Activation: layers.Tanh})
	left := net.Add(tower, net.Input("left", graph.Floats(3)))
	right := net.Add(tower, net.Input("right", graph.Floats(3)))
	net.Output("same", net.Add(layers.Dense{Units: 1, Activation: layers.Sigmoid}, net.Add(layers.AbsDiff{}, left, right)))
	net.Output("kind", net.Add(layers.Dense{Units: 5, Activation: layers.Softmax}, left))
	model, err := graph.NewModel(graph.Config{Seed: 1}, &net)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}

	loss := losses.Each{"same": {Loss: losses.BinaryCrossEntropy{}}, "kind": {Loss: losses.CrossEntropy{}, Weight: 0.5}}
	program, err := model.Compile(graph.Spec{Mode: graph.Predict, Batch: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, x := range program.Inputs() { // the same in both
		copy(x.Float32s(), []float32{1, 2, 3, 3, 2, 1})
	}
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("same:", program.Outputs()[0].Data())
	targets, err := model.Targets(loss)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range targets {
		fmt.Println(t.Output, "learns from", t.Loss.Name(), "with", t.Input)
	}
	// Output:
	// dense_1.weight (3, 4)
	// dense_1.bias (4)
	// dense_2.weight (4, 1)
	// dense_2.bias (1)
	// dense_3.weight (4, 5)
	// dense_3.bias (5)
	// same: [0.5 0.5]
	// same learns from binary-cross-entropy with graph.Floats(1)
	// kind learns from cross-entropy with graph.Ints()
}

// A layer that subtracts the mean of what it has seen. The mean is no parameter: it is not learnt by its gradient, it is counted, in steps of a tenth.
func ExampleBuilder_State() {
	centre := graph.LayerFunc("centre", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		mean := b.State("mean", graph.Zeros, graph.Features(x))
		if b.Training() {
			batch := b.Node(ops.MeanRows(x))
			b.Update(mean, b.Node(ops.Lerp(mean, batch, 0.1))) // mean + 0.1·(batch − mean)
		}
		return b.Node(ops.SubRow(x, mean))
	})
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, centre, layers.Dense{Units: 1})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{10, 0, 30, 40}) // means 20 and 20
	for range 2 {
		if err := program.Run(); err != nil { // changes no state
			log.Fatal(err)
		}
		if err := program.Commit(); err != nil { // this does; train.Fit does so at each step
			log.Fatal(err)
		}
		fmt.Println(model.States()[0].Name, model.States()[0].Value.Data())
	}
	// Output:
	// centre_1.mean [2 2]
	// centre_1.mean [3.8 3.8]
}
