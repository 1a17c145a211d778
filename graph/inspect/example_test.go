package inspect_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// corners are two classes of two features.
func corners() *datasets.Dataset {
	data, err := datasets.New("corners", []int{2}, []float32{0, 0, 1, 1, .1, .2, .8, .9, .2, 0, 1, .7}, []int{0, 1, 0, 1, 0, 1}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return data
}

// Where the gradient vanishes: in each layer of sigmoids that it comes back through.
func ExampleTake() {
	model, err := models.MLP{Inputs: 2, Hidden: []int{8, 8, 8, 8}, Activation: layers.Sigmoid, Classes: 2}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	batch, err := train.NewBatch(model, losses.CrossEntropy{}, corners(), []int{0, 1, 2, 3})
	if err != nil {
		log.Fatal(err)
	}
	snapshot, err := inspect.Take(model, losses.CrossEntropy{}, batch, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range snapshot.Layers {
		fmt.Printf("%s %.1e\n", l.Name, l.GradNorm())
	}
	// Output:
	// dense_1 2.6e-03
	// dense_2 1.1e-02
	// dense_3 6.8e-02
	// dense_4 4.4e-01
	// dense_5 1.0e+00
}

// A recorder at steps 0 and 10 of a run.
func ExampleRecorder() {
	model, err := models.MLP{Inputs: 2, Hidden: []int{4}, Activation: layers.Tanh, Classes: 2}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	recorder := &inspect.Recorder{At: []uint64{0, 10}}
	if _, err := train.Fit(context.Background(), model, corners(), train.Config{BatchSize: 3, Epochs: 10, Observers: []train.Observer{recorder}}); err != nil {
		log.Fatal(err)
	}
	for _, s := range recorder.Snapshots {
		p := s.Layer("dense_1").Params[0]
		fmt.Printf("step %d: %s of %v, moved by %.1e of its size\n", s.Step, p.Name, p.Shape, p.UpdateRatio())
	}
	// Output:
	// step 0: weight of (2, 4), moved by 7.1e-04 of its size
	// step 10: weight of (2, 4), moved by 1.6e-03 of its size
}

func ExampleCheckGradients() {
	model, err := models.MLP{Inputs: 2, Hidden: []int{4}, Activation: layers.Sigmoid, Classes: 2}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	batch, err := train.NewBatch(model, losses.CrossEntropy{}, corners(), []int{0, 1, 2})
	if err != nil {
		log.Fatal(err)
	}
	check, err := inspect.CheckGradients(model, losses.CrossEntropy{}, batch)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(check.OK())
	// Output: true
}

// What went wrong, in words: an experiment of the lecture, small enough for an example.
func ExampleDiagnose() {
	e, err := models.Find("mse")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{16}, 1000, 1
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	record, err := e.Record(context.Background(), digits, test, models.RunOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	findings, err := inspect.Diagnose(context.Background(), record)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range findings {
		if f.Severity == inspect.Error && f.Code != inspect.NotLearnt && f.Code != inspect.Collapsed { // a cause
			fmt.Println(f.Code)
			fmt.Println(f.Advice)
		}
	}
	// Output:
	// loss-starves
	// For classes take categorical cross-entropy: its gradient is largest where the network is most wrong, and this loss is flat there.
}

func ExampleDrawLayers() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(784)},
		layers.Dense{Units: 96, Activation: layers.ReLU},
		layers.Residual{layers.Dense{Units: 96, Activation: layers.Tanh}},
		layers.Dense{Units: 10, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	drawing, err := inspect.DrawLayers(model, losses.CrossEntropy{}, false)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(drawing.Text()) // or drawing.DOT(), or drawing.SVG(ctx)
	// Output:
	// layer                          from                          shape   parameters
	// input                                                          784
	// dense_1 (dense, relu)          input                            96       75,360
	// residual_1 (residual)          dense_1, dense_2                 96
	//   dense_2 (dense, tanh)        dense_1                          96        9,312
	// dense_3 (dense, softmax)       residual_1                       10          970
	// loss (cross-entropy)           dense_3                      scalar
	// total                                                                    85,642
}

// The expression graph of a small network, forward and backward.
func ExampleDrawOps() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(4)}, layers.Dense{Units: 3, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	drawing, err := inspect.DrawOps(model, losses.CrossEntropy{}, 8, true)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(drawing.Text())
	// Output:
	// node  op                                           shape
	// n0    x                                            8×4
	// n1    dense_1.weight                               4×3
	// n2    dense_1.bias                                 3
	// n3    dense+identity(n0, n1, n2)                   8×3
	// n4    softmax(n3)                                  8×3            output
	// n5    target                                       8
	// n6    cross-entropy(n3, n5)                        8
	// n7    weights                                      8
	// n8    weighted sum(n6, n7)                         scalar         loss
	// backward
	// n9    ∂cross-entropy(n3, n5, n7)                   8×3
	// n10   sum of rows(n9)                              3              gradient of dense_1.bias
	// n11   matmul(aᵀ,b)(n0, n9)                         4×3            gradient of dense_1.weight
}

func ExampleSummarize() {
	s := inspect.Summarize(tensor.New(tensor.WithBacking([]float32{3, 0, -4, float32(math.NaN())})))
	fmt.Printf("norm %v, mean %.2f, from %v to %v\n", s.Norm, s.Mean, s.Min, s.Max)
	fmt.Printf("%v of the elements are 0, %v are not finite\n", s.Zeros, s.NonFinite)
	// Output:
	// norm 5, mean -0.33, from -4 to 3
	// 0.25 of the elements are 0, 0.25 are not finite
}
