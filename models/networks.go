package models

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// Networks lists experiments of other architectures than the lecture's, on the same digits, each with the band that five seeds showed, with room. A digit is a sequence of 28 rows
// to those whose name begins with "row".
func Networks() []Experiment {
	lstm := Experiment{
		Name: "row-lstm", Changes: "LSTM of 128 units over the rows of a digit, Adam, batch 100",
		Input: graph.Floats(28, 28), Layers: []graph.Layer{layers.LSTM{Units: 128}, layers.Dense{Units: 10, Activation: layers.Softmax}},
		Loss: losses.CrossEntropy{}, Optimizer: "adam", LearningRate: .001, BatchSize: 100, Epochs: 12, Scale: MNISTScale,
	}
	transformer := lstm
	transformer.Name, transformer.Changes = "row-transformer", "two blocks of attention, 4 heads of width 64, over the rows of a digit, Adam, batch 100"
	block := layers.Sequence{
		layers.Residual{layers.LayerNorm{Epsilon: 1e-5}, layers.Attention{Heads: 4}},
		layers.Residual{layers.LayerNorm{Epsilon: 1e-5}, layers.Dense{Units: 128, Activation: layers.GELU}, layers.Dense{Units: 64}},
	}
	transformer.Layers = []graph.Layer{layers.Dense{Units: 64}, layers.Positions{}, block, block, layers.GlobalAvgPool{}, layers.Dense{Units: 10, Activation: layers.Softmax}}
	return []Experiment{lstm, transformer}
}
