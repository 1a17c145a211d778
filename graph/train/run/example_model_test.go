package run_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// A model is trained on prepared samples, and saved with the preparation; another program answers by the file alone.
func ExampleSaveModel() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	raw, err := datasets.New("sides", []int{2}, []float32{200, 10, 20, 180, 250, 5, 3, 220}, []int{0, 1, 0, 1}, []string{"left", "right"})
	if err != nil {
		log.Fatal(err)
	}
	prepare, err := datasets.Prepare(raw, datasets.Standardize{})
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := train.Fit(ctx, model, prepare.On(raw), train.Config{Epochs: 200}); err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "sides.safetensors")
	if err := run.SaveModel(path, model, prepare); err != nil {
		log.Fatal(err)
	}

	answering, prepare, err := run.LoadModel(path)
	if err != nil {
		log.Fatal(err)
	}
	asked, err := datasets.New("asked", []int{2}, []float32{190, 30}, []int{0}, answering.About().Classes)
	if err != nil {
		log.Fatal(err)
	}
	said, err := train.Predict(ctx, answering, prepare.On(asked))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answering.About().Loss)
	fmt.Println(answering.About().Classes[slices.Index(said.Float32s(), slices.Max(said.Float32s()))])
	// Output:
	// cross-entropy
	// left
}

// What a model has learnt serves another task: it is cut behind a layer, frozen, and trained with another head.
func ExampleLoadModel_head() {
	ctx := context.Background()
	body, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, // or run.LoadModel's
		layers.Dense{Units: 8, Activation: layers.Tanh}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	if body, err = body.Until("dense_1"); err != nil {
		log.Fatal(err)
	}
	features, err := train.NewPredictor(body)
	if err != nil {
		log.Fatal(err)
	}
	x, err := features.One([]float32{1, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(x), "features")

	if err := body.Freeze(); err != nil {
		log.Fatal(err)
	}
	model, err := body.Then(layers.Dense{Units: 3, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	was, err := model.Weights("dense_1")
	if err != nil {
		log.Fatal(err)
	}
	thirds, err := datasets.New("thirds", []int{2}, []float32{1, 0, -1, 1, -1, -1}, []int{0, 1, 2}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := train.Fit(ctx, model, thirds, train.Config{Epochs: 500}); err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, thirds, train.Config{})
	if err != nil {
		log.Fatal(err)
	}
	now, err := model.Weights("dense_1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("accuracy", result.Accuracy(), "with the body as it was:", slices.Equal(was[0].Value.Float32s(), now[0].Value.Float32s()))
	// Output:
	// 8 features
	// accuracy 1 with the body as it was: true
}
