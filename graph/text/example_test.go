package text_test

import (
	"fmt"
	"log"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

// Swish is x·σ(βx), of any shape (Ramachandran et al. 2017).
type Swish struct {
	Beta float64 `default:"1"`
}

func (s Swish) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	beta := b.Constant(text.Value(s.Beta, 1))
	return b.Node(gorgonia.HadamardProd(x, b.Node(gorgonia.Sigmoid(b.Node(gorgonia.Mul(beta, x))))))
}

func init() { text.Register[graph.Layer]("swish", "x·σ(βx) of any shape", "swish 1.5", Swish{}) }

// A layer of one's own, in words like any other.
func ExampleRegister() {
	network, err := layers.Parse("dense 8, swish 1.5, residual(swish, dense 8)")
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 1}, network...)
	if err != nil {
		log.Fatal(err)
	}
	s, err := layers.Format(network...)
	fmt.Println(s, err)
	fmt.Println(model.ParamCount(), "parameters")

	_, err = text.Parse[graph.Layer]("swish bta=2")
	fmt.Println(err)
	// Output:
	// dense 8, swish 1.5, residual(swish, dense 8) <nil>
	// 104 parameters
	// line 1, column 11: swish: got bta=2, want beta (a number); did you mean "beta"?
}
