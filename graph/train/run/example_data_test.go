package run_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A classifier of a CSV file: prepared, divided, trained until it gets no better, kept, and asked about a row that it has not seen.
func Example_table() {
	dir, err := os.MkdirTemp("", "stheno")
	check(err)
	defer os.RemoveAll(dir)
	ctx, file := context.Background(), filepath.Join(dir, "iris.safetensors")

	table, err := datasets.CSV("../../../datasets/testdata/iris.csv", datasets.Columns{Target: []string{"species"}})
	check(err)
	fit, held, err := table.Split(.8, 1)
	check(err)
	prepare, err := datasets.Prepare(fit, datasets.Standardize{})
	check(err)
	fit, held = prepare.On(fit), prepare.On(held)
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(fit.Info().Shape()...), Seed: 1}, layers.Dense{Units: 16, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
	check(err)
	history, err := train.Fit(ctx, model, fit, train.Config{Optimizer: &optim.Adam{LearningRate: .01}, BatchSize: 16, Epochs: 200, Validation: held,
		Observers: []train.Observer{&train.EarlyStopping{Patience: 10, Restore: true}}})
	check(err)
	fmt.Println("stopped early:", len(history.Epochs) < 200)
	check(run.SaveModel(file, model, prepare))

	model, prepare, err = run.LoadModel(file) // in another program, say
	check(err)
	flowers, err := datasets.ReadCSV(strings.NewReader("petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n2.3,6.1,3.0,7.7\n"), "new", *prepare.Source().Columns)
	check(err)
	shares, err := train.Predict(ctx, model, prepare.On(flowers))
	check(err)
	for i := range flowers.Len() {
		best := 0
		for class, share := range shares.Float32s()[3*i : 3*i+3] {
			if share > shares.Float32s()[3*i+best] {
				best = class
			}
		}
		fmt.Println(model.About().Classes[best])
	}
	// Output:
	// stopped early: true
	// setosa
	// virginica
}

// A folder of pictures, one folder a class, through a convolution.
func Example_pictures() {
	dir, err := os.MkdirTemp("", "stheno")
	check(err)
	defer os.RemoveAll(dir)
	draw(dir)

	pictures, err := datasets.Images(dir, datasets.Pictures{Height: 16, Width: 16, Grey: true})
	check(err)
	fit, held, err := datasets.Split(pictures, .75, 1)
	check(err)
	prepare, err := datasets.Prepare(fit, datasets.Scale{Factor: 1.0 / 255})
	check(err)
	augmented, err := datasets.Augment(prepare.On(fit), datasets.Shift{Pixels: 2})
	check(err)
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(fit.Info().Shape()...), Seed: 1},
		layers.Conv{Filters: 8, Window: layers.Square(3), Activation: layers.ReLU}, layers.MaxPool{Window: layers.Square(2)},
		layers.Flatten{}, layers.Dense{Units: 2, Activation: layers.Softmax})
	check(err)
	_, err = train.Fit(context.Background(), model, augmented, train.Config{Optimizer: &optim.Adam{LearningRate: .01}, BatchSize: 10, Epochs: 15})
	check(err)
	result, err := train.Evaluate(context.Background(), model, prepare.On(held), train.Config{})
	check(err)
	fmt.Println(fit.Info().Classes, held.Len(), "pictures that it has not seen")
	fmt.Printf("accuracy above 0.9: %v\n", result.Accuracy() > .9)
	// Output:
	// [disc ring] 20 pictures that it has not seen
	// accuracy above 0.9: true
}

// draw makes 40 discs and as many rings, of several sizes at several places.
func draw(dir string) {
	for i := range 80 {
		class := [...]string{"disc", "ring"}[i%2]
		img := image.NewGray(image.Rect(0, 0, 32, 32))
		r := 5 + i/2%5
		cx, cy := 16+i/10%5-2, 16+i%7-3
		for y := range 32 {
			for x := range 32 {
				if d := (x-cx)*(x-cx) + (y-cy)*(y-cy); d <= r*r && (class == "disc" || d >= (r-2)*(r-2)) {
					img.SetGray(x, y, color.Gray{Y: 220})
				}
			}
		}
		check(os.MkdirAll(filepath.Join(dir, class), 0o755))
		f, err := os.Create(filepath.Join(dir, class, fmt.Sprint(i, ".png")))
		check(err)
		check(png.Encode(f, img))
		check(f.Close())
	}
}
