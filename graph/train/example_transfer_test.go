package train_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// Transfer: a network that has learnt five kinds of clothes learns the five others, in ten steps, from 25 pictures. What it has before its dense layers (Until) gets others behind it
// (Then), which are trained alone while the rest is frozen; then all of it is trained, with a smaller learning rate. The clothes are those of Fashion-MNIST, where
// "stheno data fetch fashion-mnist" has brought its files; where they are not there, MNIST's digits stand in for them.
func Example_transfer() {
	ctx := context.Background()
	all, test, err := datasets.Open("fashion-mnist", "")
	if err != nil {
		if all, test, err = datasets.Open("mnist", ""); err != nil {
			log.Fatal(err)
		}
	}
	known := ofClasses(all.(*datasets.Dataset), 0, 5, 3000) // as all of pictures are
	few, others := ofClasses(all.(*datasets.Dataset), 5, 10, 25), ofClasses(test.(*datasets.Dataset), 5, 10, 1000)

	network := func() *graph.Model {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1},
			layers.Conv{Filters: 8, Window: layers.Square(3), Activation: layers.ReLU}, layers.MaxPool{Window: layers.Square(2)},
			layers.Conv{Filters: 16, Window: layers.Square(3), Activation: layers.ReLU}, layers.MaxPool{Window: layers.Square(2)},
			layers.Flatten{}, layers.Dense{Units: 64, Activation: layers.ReLU}, layers.Dense{Units: 5, Activation: layers.Softmax})
		if err != nil {
			log.Fatal(err)
		}
		return m
	}
	fit := func(m *graph.Model, data *datasets.Dataset, rate float64, epochs int) {
		if _, err := train.Fit(ctx, m, data, train.Config{Optimizer: &optim.Adam{LearningRate: rate}, BatchSize: 25, Epochs: epochs, Seed: 1}); err != nil {
			log.Fatal(err)
		}
	}
	accuracy := func(m *graph.Model) float64 {
		result, err := train.Evaluate(ctx, m, others, train.Config{})
		if err != nil {
			log.Fatal(err)
		}
		return result.Accuracy()
	}

	scratch := network() // to compare with
	fit(scratch, few, .003, 10)

	old := network()
	fit(old, known, .001, 5)
	body, err := old.Until("flatten_1")
	if err != nil {
		log.Fatal(err)
	}
	if err := body.Freeze(); err != nil {
		log.Fatal(err)
	}
	model, err := body.Then(layers.Dense{Units: 64, Activation: layers.ReLU}, layers.Dense{Units: 5, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	kernels := func() []float32 { return slices.Clone(model.Params()[0].Value.Float32s()) }
	was := kernels()
	fit(model, few, .003, 5) // the head alone
	head, stayed := accuracy(model), slices.Equal(was, kernels())

	if err := model.Unfreeze(); err != nil {
		log.Fatal(err)
	}
	fit(model, few, .001, 5)
	tuned, moved := accuracy(model), !slices.Equal(was, kernels())

	fmt.Println("frozen, the kernels stay:", stayed)
	fmt.Println("unfrozen, they move:", moved)
	fmt.Println("better than as many steps from scratch:", tuned > accuracy(scratch))
	fmt.Println("better than with the head alone:", tuned > head)
	// Output:
	// frozen, the kernels stay: true
	// unfrozen, they move: true
	// better than as many steps from scratch: true
	// better than with the head alone: true
}

// ofClasses are the first samples of some classes, at most so many, scaled to [0, 1].
func ofClasses(all *datasets.Dataset, from, to, most int) *datasets.Dataset {
	var values []float32
	var labels []int
	row := make([]float32, all.Features())
	for i := 0; i < all.Len() && len(labels) < most; i++ {
		if label := all.Label(i); label >= from && label < to {
			all.Row(row, i)
			values, labels = append(values, row...), append(labels, label-from)
		}
	}
	d, err := datasets.New(all.Name, all.Shape, values, labels, all.Classes[from:to])
	if err != nil {
		log.Fatal(err)
	}
	return d.Scaled(1.0 / 255)
}
