package layers_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
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

// A batch is normalised by its own moments, and the moving ones go a part of the way towards them at each step that is committed.
func ExampleBatchNorm() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1), Seed: 1},
		layers.BatchNorm{Momentum: .75},
		layers.Dense{Units: 1, Weights: graph.Ones},
	)
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: 4, Loss: losses.MSE{}})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 3, 5, 7}) // mean 4, variance 5
	for range 2 {
		if err := program.Run(); err != nil {
			log.Fatal(err)
		}
		if err := program.Commit(); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.3f", program.Output().Float32s())
		for _, s := range model.States() {
			fmt.Print("  ", s.Name, " ", s.Value.Float32s())
		}
		fmt.Println()
	}
	// Output:
	// [-1.342 -0.447 0.447 1.342]  batchnorm_1.mean [1]  batchnorm_1.variance [2]
	// [-1.342 -0.447 0.447 1.342]  batchnorm_1.mean [1.75]  batchnorm_1.variance [2.75]
}

// The mean of the vectors of a few words, of which 0 stands for none.
func ExampleEmbedding() {
	model, err := graph.NewModel(graph.Config{Input: graph.Ints(3), Seed: 1},
		layers.Embedding{IDs: 4, Units: 2, Bag: layers.BagMean, Padding: graph.Zero},
	)
	if err != nil {
		log.Fatal(err)
	}
	copy(model.Params()[0].Value.Float32s(), []float32{9, 9, 1, 2, 3, 4, 5, 6})
	program, err := model.Compile(graph.Spec{Batch: 3})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Int32s(), []int32{1, 2, 3, 1, 2, 0, 0, 0, 0})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(program.Output().Float32s())
	// Output: [3 4 2 3 0 0]
}

// Each row of a picture is looked at by the same layers.
func ExampleTimeDistributed() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1},
		layers.TimeDistributed{layers.Dense{Units: 8, Activation: layers.GELU}, layers.LayerNorm{}},
		layers.Step{At: -1},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Nested, l.Name, l.Output, l.Params)
	}
	// Output:
	// 0 timedistributed_1 (28, 8) 248
	// 1 dense_1 (8) 232
	// 1 layernorm_1 (8) 16
	// 0 step_1 (8) 0
}
