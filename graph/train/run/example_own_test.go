package run_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// plane is 40 points of z = 2x − y, as a table of numbers with a number to be told.
func plane() datasets.Data {
	var x, z []float32
	for i := range 40 {
		a, b := float32(i%8)/4-1, float32(i/8)/2-1
		x, z = append(x, a, b), append(z, 2*a-b)
	}
	data, err := datasets.NewArrays("plane", []datasets.Array{{Name: "x", Shape: []int{2}, Floats: x}}, []datasets.Array{{Name: "z", Shape: []int{1}, Floats: z}})
	if err != nil {
		log.Fatal(err)
	}
	return data
}

// A run of one's own model and data: a regression, judged by two metrics, stopped after two epochs, and gone on with by a program that knows its folder alone.
func ExampleNewConfig() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "plane")
	ctx, data := context.Background(), plane()

	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, layers.Dense{Units: 8, Activation: layers.Tanh}, layers.Dense{Units: 1})
	if err != nil {
		log.Fatal(err)
	}
	how := train.Config{Loss: losses.Huber{Delta: .5}, Optimizer: &optim.Adam{LearningRate: .05}, BatchSize: 8, Epochs: 2, Seed: 1, Metrics: []train.Metric{train.MAE{}, train.R2{}}}
	config, err := run.NewConfig("plane", model, data, how)
	if err != nil {
		log.Fatal(err)
	}
	rec, err := run.Create(dir, config, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	how.Observers = []train.Observer{rec}
	if _, err := train.Fit(ctx, model, data, how); err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	rec, err = run.Resume(dir, "", 60, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	config = rec.Folder().Config
	fmt.Println(config.Experiment.Network)
	fmt.Println(config.Experiment.Loss, "by", config.Experiment.Optimizer)
	if model, err = config.Model(); err != nil {
		log.Fatal(err)
	}
	if how, err = config.Training(); err != nil {
		log.Fatal(err)
	}
	how.Start, how.Observers = rec.Start(), []train.Observer{rec}
	if _, err := train.Fit(ctx, model, data, how); err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, data, how)
	if err != nil {
		log.Fatal(err)
	}
	if err := rec.Finish(run.Result{Train: &result.Metrics}); err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rec.Epochs()), "epochs, R² above 0.99:", result.Score("r2") > .99)

	folder, err := run.Open(dir) // whoever opens it: weights, predictions, the gradient of the next batch
	if err != nil {
		log.Fatal(err)
	}
	best, err := folder.Checkpoint("best")
	if err != nil {
		log.Fatal(err)
	}
	model, at, err := folder.Model(best, nil)
	if err != nil {
		log.Fatal(err)
	}
	predictor, err := train.NewPredictor(model)
	if err != nil {
		log.Fatal(err)
	}
	z, err := predictor.One([]float32{.5, -.5})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("2·½ + ½ is about %.0f halves\n", z[0]*2)
	snapshot, err := inspect.TakeNext(model, how.Loss, data, how.BatchSize, how.Seed, at)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(snapshot.Layers), "layers have gradients")
	// Output:
	// x = input 2
	// dense 8 tanh
	// dense 1
	// huber 0.5 by adam 0.05
	// 60 epochs, R² above 0.99: true
	// 2·½ + ½ is about 3 halves
	// 2 layers have gradients
}

// A layer without words: only the program that has it can go on with its run, and gives it to train.Fit; others are told so.
func ExampleResume_ownLayer() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "plane")
	ctx, data := context.Background(), plane()

	build := func(c run.Config) (*graph.Model, error) {
		swish := graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			return b.Node(gorgonia.HadamardProd(x, b.Node(gorgonia.Sigmoid(x))))
		})
		return graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: c.ModelSeed}, layers.Dense{Units: 8}, swish, layers.Dense{Units: 1})
	}
	model, err := build(run.Config{ModelSeed: 3})
	if err != nil {
		log.Fatal(err)
	}
	how := train.Config{Loss: losses.MSE{}, Epochs: 2}
	config, err := run.NewConfig("swish on a plane", model, data, how)
	if err != nil {
		log.Fatal(err)
	}
	rec, err := run.Create(dir, config, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	how.Observers = []train.Observer{rec}
	if _, err := train.Fit(ctx, model, data, how); err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	_, err = config.Model()
	fmt.Println(err)

	rec, err = run.Resume(dir, "", 3, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer rec.Close()
	if model, err = build(rec.Folder().Config); err != nil {
		log.Fatal(err)
	}
	if how, err = rec.Folder().Config.Training(); err != nil {
		log.Fatal(err)
	}
	how.Start, how.Observers = rec.Start(), []train.Observer{rec}
	history, err := train.Fit(ctx, model, data, how)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("goes on to epoch", history.Position.Epoch)
	model, err = run.Load(dir, build)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.ParamCount(), "weights")
	// Output:
	// swish on a plane has no words for its network, which only the program that trained it can make: have that program go on with it, or register the type of it (text.Register) and train it anew
	// goes on to epoch 3
	// 33 weights
}
