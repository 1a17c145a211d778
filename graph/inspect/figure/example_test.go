package figure_test

import (
	"fmt"
	"log"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// Two losses by epoch, on a log scale. The SVG is for a file, a page, or a notebook.
func ExampleCurves() {
	epochs := []float64{1, 2, 3, 4}
	svg := figure.Curves("Loss", "epoch", "loss, log scale", true,
		figure.Series{Name: "sgd", X: epochs, Y: []float64{2.3, 1.1, .6, .4}},
		figure.Series{Name: "adam", X: epochs, Y: []float64{.9, .2, .05, .02}, Dashed: true},
	)
	root, _, _ := strings.Cut(svg, " role=")
	fmt.Println(root)
	fmt.Println(strings.Count(svg, "<polyline"), "lines")
	// Output:
	// <svg xmlns="http://www.w3.org/2000/svg" width="400" height="281" viewBox="0 0 400 281"
	// 2 lines
}

// What trials came to over their learning rate, each the mean of some seeds with the range that these cover.
func ExamplePoints() {
	svg := figure.Points("Accuracy by learning rate", figure.Scale{Name: "learning rate", Log: true}, "accuracy", true,
		figure.Series{Name: "one layer", X: []float64{.01, .1, 1}, Y: []float64{.8, .9, .5}, Low: []float64{.79, .88, .2}, High: []float64{.81, .92, .8}},
		figure.Series{Name: "two layers", X: []float64{.01, .1, 1}, Y: []float64{.82, .93, .3}},
	)
	fmt.Println(strings.Count(svg, "<polyline"), "lines,", strings.Count(svg, "<circle"), "points with those of the legend")
	// Output: 2 lines, 8 points with those of the legend
}

// How far each layer's outputs spread, for two networks.
func ExampleBars() {
	svg := figure.Bars("Standard deviation of the outputs", []string{"dense_1", "dense_2", "dense_3"},
		figure.Series{Name: "sigmoid", Y: []float64{.2, .1, .1}},
		figure.Series{Name: "relu", Y: []float64{.4, .3, .2}},
	)
	fmt.Println(strings.Contains(svg, "<title>relu, dense_3: 0.2</title>"))
	// Output: true
}

// Two layers at three steps. What is 0 has no colour.
func ExampleHeat() {
	svg := figure.Heat("Update by layer", "step", []string{"dense_1", "dense_2"}, []string{"0", "100", "200"},
		[][]float64{{1e-3, 1e-4, 0}, {1e-2, 1e-3, 1e-4}})
	fmt.Println(strings.Count(svg, ", step "), "cells")
	// Output: 5 cells
}

// Ten cats, three of which were taken for dogs.
func ExampleConfusion() {
	svg := figure.Confusion("Test set", []string{"cat", "dog"}, [][]int{{7, 3}, {0, 8}})
	fmt.Println(strings.Contains(svg, "<title>3 of 10</title>"))
	// Output: true
}

// Pictures of numbers: one of values up to 1, one of both signs.
func ExampleImages() {
	svg := figure.Images("Two filters", 2, 2, 6, []figure.Image{
		{Values: []float64{0, .5, .5, 1}, Caption: [2]string{"ink"}},
		{Values: []float64{-1, 0, 0, 1}, Caption: [2]string{"weights"}},
	})
	fmt.Println(strings.Count(svg, "<image"), "images")
	// Output: 2 images
}

// How the gradient fades on its way back through sigmoids, and through relu.
func ExampleGradients() {
	data, err := datasets.New("corners", []int{2}, []float32{0, 0, 1, 1, .2, 0, .7, 1}, []int{0, 1, 0, 1}, nil)
	if err != nil {
		log.Fatal(err)
	}
	var names []string
	var snapshots []*inspect.Snapshot
	for _, activation := range []layers.Activation{layers.Sigmoid, layers.ReLU} {
		model, err := models.MLP{Inputs: 2, Hidden: []int{8, 8, 8}, Activation: activation, Classes: 2}.Build(1)
		if err != nil {
			log.Fatal(err)
		}
		s, err := inspect.TakeNext(model, losses.CrossEntropy{}, data, 4, 1, train.Position{})
		if err != nil {
			log.Fatal(err)
		}
		names, snapshots = append(names, activation.String()), append(snapshots, s)
	}
	svg := figure.Gradients("Gradient norm by layer", names, snapshots...)
	fmt.Println(strings.Count(svg, "<title>sigmoid, dense_"), "bars for sigmoid,", strings.Count(svg, "<title>relu, dense_"), "for relu")
	// Output: 4 bars for sigmoid, 4 for relu
}

// The same over a run: a row a layer, a column a step.
func ExampleGradientFlow() {
	layer := func(name string, norm float64) inspect.Layer {
		return inspect.Layer{Name: name, Params: []inspect.Param{{Name: "weight", Grad: inspect.Array{Stats: inspect.Stats{Norm: norm}}}}}
	}
	svg := figure.GradientFlow("Gradient norm by layer and step", // as a rule, recorder.Snapshots
		&inspect.Snapshot{Step: 0, Layers: []inspect.Layer{layer("dense_1", 1e-6), layer("dense_2", 1)}},
		&inspect.Snapshot{Step: 500, Layers: []inspect.Layer{layer("dense_1", 1e-8), layer("dense_2", .1)}},
	)
	fmt.Println(strings.Contains(svg, "<title>dense_1, step 500: 1e-08</title>"))
	// Output: true
}

// The first digits of MNIST, and what a network says of them.
func ExampleSamples() {
	digits, _, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	said := make([]int, digits.Len()) // as a rule, train.Classes of what train.Predict returned
	svg, err := figure.Samples("Ten digits", 10, digits, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, said)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(svg, "<image"), "images,", strings.Count(svg, ">says 0<"), "said to be a 0")
	// Output: 10 images, 10 said to be a 0
}

// What two units look for in images of 2×3: one for ink on the left, one for ink on the right.
func ExampleWeights() {
	weights := tensor.New(tensor.WithShape(6, 2), tensor.WithBacking([]float32{
		1, -1, 0, 0, -1, 1,
		1, -1, 0, 0, -1, 1,
	})) // as a rule, model.Params()[0].Value
	svg, err := figure.Weights("Weights of the first layer", 6, weights, []int{2, 3})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(svg, "<image"), "units")

	_, err = figure.Weights("Weights of the first layer", 6, weights, []int{28, 28})
	fmt.Println(err)
	// Output:
	// 2 units
	// figure: got weights of shape (6, 2) for samples of shape [28 28], want [features,units] for images of so many features
}
