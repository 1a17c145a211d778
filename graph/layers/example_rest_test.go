package layers_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// Windows of three places that overlap by one, and then the largest of each channel.
func ExampleMaxPool() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(9, 9, 4), Seed: 1},
		layers.MaxPool{Window: layers.Window{Size: []int{3}, Stride: []int{2}}},
		layers.GlobalMaxPool{},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Label(), l.Output)
	}
	// Output:
	// maxpool 3x3, stride 2 (4, 4, 4)
	// globalmaxpool (4)
}

// Padding does not count: a corner's mean is that of the four places that are there.
func ExampleAvgPool() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2, 2), Seed: 1},
		layers.AvgPool{Window: layers.Window{Size: []int{3}, Stride: []int{1}, Padding: layers.Same}},
	)
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 1})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 2, 3, 6})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(program.Output().Float32s())
	// Output: [3 3 3 3]
}

// Each row is brought to the mean 0 and the variance 1, in every mode alike.
func ExampleLayerNorm() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 1}, layers.LayerNorm{})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 2})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 2, 3, 100, 200, 300})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", program.Output().Float32s())
	// Output: [-1.22 0.00 1.22 -1.22 0.00 1.22]
}

// Channels are normalised in groups, here the first two and the last two of a sample, whatever else is in the batch.
func ExampleGroupNorm() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: 1}, layers.GroupNorm{Groups: 2})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 1})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 3, 100, 300})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", program.Output().Float32s())
	// Output: [-1.00 1.00 -1.00 1.00]
}

// Each row is divided by its root mean square; no mean is taken away.
func ExampleRMSNorm() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, layers.RMSNorm{})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 2})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 7, 5, 5})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", program.Output().Float32s())
	// Output: [0.20 1.40 1.00 1.00]
}

// Each channel begins with the slope 0.25 below zero, and learns its own.
func ExamplePReLU() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 1}, layers.PReLU{})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 1})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{-4, 0, 4})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(program.Output().Float32s())
	// Output: [-1 0 4]
}

// Rows and columns are repeated, three rows and two columns of each here.
func ExampleUpsample() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1, 2), Seed: 1}, layers.Upsample{Factor: []int{3, 2}})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 1})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{1, 2})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(program.Output().Float32s())
	// Output: [1 1 2 2 1 1 2 2 1 1 2 2]
}

// The elements stay; the shape of a sample is another. A 0 is what is left.
func ExampleReshape() {
	all, err := layers.Parse("pad 1x0, crop 0x2 after=0x1, permute 2x1, reshape 2x0x5, step -1, flatten")
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(8, 7), Seed: 1}, all...)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Name, l.Output)
	}
	// Output:
	// pad_1 (10, 7)
	// crop_1 (10, 4)
	// permute_1 (4, 10)
	// reshape_1 (2, 4, 5)
	// step_1 (4, 5)
	// flatten_1 (20)
}

// Noise is there while training alone.
func ExampleNoise() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, layers.Noise{Deviation: .5})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Batch: 1})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.X().Float32s(), []float32{3, 4})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(program.Output().Float32s())
	// Output: [3 4]
}
