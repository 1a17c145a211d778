package layers_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A network for images: pictures of 28 by 28 have one channel where the first convolution meets them.
func ExampleConv() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1},
		layers.Conv{Filters: 32, Window: layers.Square(3), Activation: layers.ReLU},
		layers.MaxPool{Window: layers.Square(2)},
		layers.Conv{Filters: 64, Window: layers.Window{Size: []int{3}, Stride: []int{2}, Padding: layers.Same}, Activation: layers.ReLU},
		layers.Flatten{},
		layers.Dense{Units: 10, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(model.Summary())
	// Output:
	// Layer (type)                      Output Shape              Param #
	// ======================================================================
	// conv_1 (conv 3x3, relu)           (None, 26, 26, 32)        320
	// maxpool_1 (maxpool 2x2)           (None, 13, 13, 32)        0
	// conv_2 (conv 3x3, stride 2, relu) (None, 7, 7, 64)          18496
	// flatten_1 (flatten)               (None, 3136)              0
	// dense_1 (dense, softmax)          (None, 10)                31370
	// ======================================================================
	// Total params: 50186
}

// Sequences are convolved along their time.
func ExampleConv1D() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(100, 8), Seed: 1},
		layers.Conv1D{Filters: 16, Window: layers.Square(5), Activation: layers.ReLU},
		layers.MaxPool1D{},
		layers.GlobalAvgPool{},
		layers.Dense{Units: 1},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Name, l.Output, l.Params)
	}
	// Output:
	// conv1d_1 (96, 16) 656
	// maxpool1d_1 (48, 16) 0
	// globalavgpool_1 (16) 0
	// dense_1 (1) 17
}

// A separable convolution: each channel by itself, then all channels of each place.
func ExampleDepthwise() {
	all, err := layers.Parse("depthwise 3x3 same, conv 64 1 relu")
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(32, 32, 16), Seed: 1}, all...)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// depthwise_1.weight (3, 3, 1, 16)
	// depthwise_1.bias (16)
	// conv_1.weight (1, 1, 16, 64)
	// conv_1.bias (64)
}

// Half of an autoencoder for images makes them smaller, the other half as large as they were.
func ExampleConvTranspose() {
	all, err := layers.Parse(`
		conv 8 3 stride=2 same relu
		conv 4 3 stride=2 same relu
		convtranspose 8 3 stride=2 same relu
		upsample
		conv 1 3 same sigmoid`)
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1}, all...)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Label(), l.Output)
	}
	// Output:
	// conv 3x3, stride 2, relu (14, 14, 8)
	// conv 3x3, stride 2, relu (7, 7, 4)
	// convtranspose 3x3, stride 2, relu (14, 14, 8)
	// upsample (28, 28, 8)
	// conv 3x3, sigmoid (28, 28, 1)
}
