package onnx_test

import (
	"bytes"
	"fmt"
	"log"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/onnx"
)

// Swish is x·σ(x), and knows how ONNX has it.
type Swish struct{}

func (Swish) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(gorgonia.HadamardProd(x, b.Node(gorgonia.Sigmoid(x))))
}

func (Swish) ONNX(e *onnx.Exporter, xs ...string) string {
	return e.Node("Mul", []string{xs[0], e.Node("Sigmoid", xs)})
}

func ExampleWrite() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1},
		layers.Conv{Filters: 8, Window: layers.Square(3)}, Swish{}, layers.GlobalAvgPool{}, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer // os.Create("digits.onnx") in earnest
	err = onnx.Write(&file, model, onnx.Options{Name: "digits"})
	fmt.Println(err, file.Len() > 4*model.ParamCount())
	// Output: <nil> true
}
