package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A regression on a CSV file: some cells are missing, the town is a text, and the prices are far from 0.
func ExampleFit_table() {
	ctx := context.Background()
	table, err := datasets.CSV("../../datasets/testdata/houses.csv", datasets.Columns{Target: []string{"price"}})
	if err != nil {
		log.Fatal(err)
	}
	fit, held, err := table.Split(.8, 1)
	if err != nil {
		log.Fatal(err)
	}
	prepare, err := datasets.Prepare(fit, datasets.FillMissing{}, datasets.OneHot{}, datasets.Standardize{}, datasets.StandardizeTarget{})
	if err != nil {
		log.Fatal(err)
	}
	fit, held = prepare.On(fit), prepare.On(held)
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(fit.Info().Shape()...), Seed: 1}, layers.Dense{Units: 64, Activation: layers.ReLU}, layers.Dense{Units: 1})
	if err != nil {
		log.Fatal(err)
	}
	config := train.Config{Loss: losses.MSE{}, Optimizer: &optim.Adam{LearningRate: .003}, Epochs: 60, Metrics: []train.Metric{train.R2{}}, Validation: held}
	if _, err := train.Fit(ctx, model, fit, config); err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, held, config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fit.Info().Inputs[0].Names)
	fmt.Printf("R² %.2f on %d houses that it had not seen\n", result.Score("r2"), held.Len())

	answers, err := train.Predict(ctx, model, held)
	if err != nil {
		log.Fatal(err)
	}
	prices := answers.Float32s()
	prepare.Restore(prices)
	fmt.Printf("the first of them: %.0f\n", prices[0])
	// Output:
	// [size rooms built garden town=Bonn town=Köln town=Trier town=Ulm town=(missing)]
	// R² 0.98 on 80 houses that it had not seen
	// the first of them: 526
}
