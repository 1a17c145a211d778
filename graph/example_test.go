package graph_test

import (
	"fmt"
	"log"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// The lecture's network with dropout, for images of 28×28 pixels.
func ExampleNewModel() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(28 * 28), Seed: 1},
		layers.Dense{Units: 633, Activation: layers.ReLU},
		layers.Dropout{Rate: 0.5},
		layers.Dense{Units: 10, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(model.Summary())
	// Output:
	// Layer (type)                 Output Shape              Param #
	// =================================================================
	// dense_1 (dense, relu)        (None, 633)               496905
	// dropout_1 (dropout)          (None, 633)               0
	// dense_2 (dense, softmax)     (None, 10)                6340
	// =================================================================
	// Total params: 503245
}

// A layer that does not fit is refused when the model is made.
func ExampleNewModel_error() {
	_, err := graph.NewModel(graph.Config{Input: graph.Floats(4)},
		layers.Dense{Units: 8, Activation: layers.Tanh},
		layers.Residual{layers.Dense{Units: 6}},
	)
	fmt.Println(err)
	// Output:
	// graph: layer residual_1, input of shape (2, 8): its layers end in shape (2, 6), want that of the input, (2, 8): change the last layer's width
}

// A new layer is a function on Gorgonia's nodes. This one scales each feature by a number that is learnt.
func ExampleLayerFunc() {
	scale := graph.LayerFunc("scale", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		s := b.Param("scale", graph.Constant(2), graph.Features(x))
		return b.Node(gorgonia.BroadcastHadamardProd(x, s, nil, []byte{0}))
	})
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, scale)
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Predict, Batch: 1})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 10, 100})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Params()[0].Name, program.Output().Float32s())
	// Output:
	// scale_1.scale [2 20 200]
}

// Training by hand: a network learns the exclusive or. Package train does this for data sets.
func ExampleModel_Compile() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1},
		layers.Dense{Units: 8, Activation: layers.Tanh},
		layers.Dense{Units: 2, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: 4, Loss: losses.CrossEntropy{}})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{0, 0, 0, 1, 1, 0, 1, 1}) // a sample a row
	copy(program.Y().Int32s(), []int32{0, 1, 1, 0})                 // its class
	optimizer := &optim.Adam{LearningRate: 0.05}
	for range 200 {
		if err := program.Run(); err != nil {
			log.Fatal(err)
		}
		if err := optimizer.Step(program.Grads()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("loss below 0.01: %v\n", program.Loss() < 0.01)
	for i := range 4 {
		x, p := program.X().Float32s()[2*i:], program.Output().Float32s()[2*i:]
		fmt.Printf("%.0f xor %.0f = 1 with probability %.1f\n", x[0], x[1], p[1])
	}
	// Output:
	// loss below 0.01: true
	// 0 xor 0 = 1 with probability 0.0
	// 0 xor 1 = 1 with probability 1.0
	// 1 xor 0 = 1 with probability 1.0
	// 1 xor 1 = 1 with probability 0.0
}

// With Inspect, a program keeps what each layer gave and the loss's gradient with regard to it.
func ExampleProgram_Recordings() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1)},
		layers.Dense{Units: 1, Weights: graph.Constant(3)},
		layers.ReLU,
	)
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}, Inspect: true})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, -1})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	for _, r := range program.Recordings() {
		fmt.Println(r.Name, r.Value.Float32s(), r.Grad.Float32s())
	}
	// Output:
	// dense_1 [3 -3] [3 0]
	// relu_1 [3 0] [3 0]
}
