package layers_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A block of a residual network: its two layers learn what to add to their input.
func ExampleResidual() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(16), Seed: 1},
		layers.Residual{
			layers.Dense{Units: 8, Activation: layers.ReLU},
			layers.Dense{Units: 16},
		},
		layers.Dense{Units: 2, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Nested, l.Name, l.Output, l.Params)
	}
	// Output:
	// 0 residual_1 (16) 280
	// 1 dense_1 (8) 136
	// 1 dense_2 (16) 144
	// 0 dense_3 (2) 34
}

// Two branches see the same input; one of them has two layers. Their outputs stand side by side.
func ExampleConcat() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: 1},
		layers.Concat{
			layers.Dense{Units: 3, Activation: layers.Tanh},
			layers.Sequence{layers.Dense{Units: 8, Activation: layers.ReLU}, layers.Dense{Units: 5}},
		},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Outputs()[0].Shape, "outputs")
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// [8] outputs
	// dense_1.weight (4, 3)
	// dense_1.bias (3)
	// dense_2.weight (4, 8)
	// dense_2.bias (8)
	// dense_3.weight (8, 5)
	// dense_3.bias (5)
}
