package inspect

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// The layers that networks from elsewhere are made of have the gradients that differences say.
func TestGradientsOfArithmetic(t *testing.T) {
	series := graph.Floats(3, 4)
	joined := func(l graph.Layer, units ...int) []graph.Layer {
		return []graph.Layer{netOf(func(n *graph.Net) {
			x := n.Input("x", series)
			var from []graph.Handle
			for _, u := range units {
				from = append(from, n.Add(dense(u, layers.Tanh), x))
			}
			n.Output("y", n.Add(dense(2, layers.Linear), n.Add(l, from...)))
		})}
	}
	for name, c := range map[string][]graph.Layer{
		"affine":    {dense(5, layers.Tanh), layers.Affine{Scale: graph.Constant(.7), Shift: graph.Constant(-.2)}, dense(3, layers.Linear)},
		"rescaling": {dense(5, layers.Tanh), layers.Rescaling{Scale: -2.5, Offset: .25}, layers.Tanh, dense(3, layers.Linear)},
		"lrn":       {dense(6, layers.Tanh), layers.LRN{Size: 4, Alpha: 2, Beta: .6, K: 1.5}, dense(3, layers.Linear)},
		"reverse":   {dense(3, layers.Tanh), layers.Reverse{}, layers.RNN{Units: 2}},
		"wide lrn":  {dense(3, layers.Tanh), layers.LRN{Size: 11, Alpha: 5}, dense(3, layers.Linear)},
	} {
		rightGradients(t, name, series, losses.MSE{}, c)
	}
	rightGradients(t, "product", graph.Input{}, losses.MSE{}, joined(layers.Product{}, 3, 3, 3))
	rightGradients(t, "dot", graph.Input{}, losses.MSE{}, joined(layers.Dot{}, 3, 4))
	rightGradients(t, "dot transposed", graph.Input{}, losses.MSE{}, joined(layers.Dot{Transposed: true}, 4, 4))
}
