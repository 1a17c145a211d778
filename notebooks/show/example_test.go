package show_test

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
	"github.com/stheno-ml/stheno/notebooks/show"
)

// A table is Markdown, which a notebook shows as one.
func ExampleTable() {
	show.Connect(func(mime, content, id string) { fmt.Print(content) })
	show.Table([]any{"loss", "test accuracy"},
		[]any{"mse", .1135},
		[]any{"cross-entropy", .8582})
	// Output:
	// | loss | test accuracy |
	// |---|---|
	// | mse | 0.1135 |
	// | cross-entropy | 0.8582 |
}

// A stand-in for a notebook that counts what it is given to show.
func ExampleConnect() {
	pictures, texts := 0, 0
	show.Connect(func(mime, content, id string) {
		if mime == "text/markdown" {
			texts++
		} else {
			pictures++
		}
	})
	digits, _, err := datasets.MNIST()
	show.Check(err)
	show.Digits("Three digits", digits, []int{0, 1, 2}, nil)
	show.Markdown("Three *digits*.")
	fmt.Println(pictures, "picture,", texts, "text")
	// Output: 1 picture, 1 text
}

// A plot that grows while a network trains is one picture, which is shown anew.
func ExamplePlot() {
	shown := map[string]bool{}
	show.Connect(func(mime, content, id string) { shown[id] = true })
	data, err := datasets.New("corners", []int{2}, []float32{0, 0, 1, 1, .2, 0, .7, 1}, []int{0, 1, 0, 1}, nil)
	show.Check(err)
	curves := show.NewPlot("Two activations")
	for _, activation := range []layers.Activation{layers.Sigmoid, layers.ReLU} {
		model, err := models.MLP{Inputs: 2, Hidden: []int{8}, Activation: activation, Classes: 2}.Build(1)
		show.Check(err)
		_, err = train.Fit(context.Background(), model, data, train.Config{BatchSize: 2, Epochs: 10, Observers: []train.Observer{curves.Run(activation.String())}})
		show.Check(err)
	}
	fmt.Println(len(shown), "picture of both runs")
	// Output: 1 picture of both runs
}
