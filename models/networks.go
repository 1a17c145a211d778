package models

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// Networks lists the experiments that are not the lecture's: networks of other kinds, each with Adam, on the same digits but for char-lm, which is of a text. Their bands are what five seeds showed on the digits that come with the program, with room.
func Networks() []Experiment {
	return []Experiment{
		network("lenet", "LeNet-5 (LeCun et al. 1998): two convolutions with tanh and average pooling, three dense layers, Adam", 12, `
			conv 6 5 same tanh, avgpool
			conv 16 5 tanh, avgpool
			flatten, dense 120 tanh, dense 84 tanh, dense 10 softmax`,
			Band{Train: Range{.985, 1}, Test: Range{.957, .972}}), // seen .992 to .996, and .964 to .967

		network("convnet", "two convolutions with relu and max pooling, dropout 0.5 and one dense layer (Keras' example), Adam", 12, `
			conv 32 3 relu, maxpool
			conv 64 3 relu, maxpool
			flatten, dropout 0.5, dense 10 softmax`,
			Band{Train: Range{.985, .997}, Test: Range{.975, .986}}), // seen .990 to .992, and .980 to .982

		network("resnet", "a residual network (He et al. 2016): three stages of two blocks with batch normalisation, of 16, 32 and 64 channels, Adam", 6, `
			conv 16 3 same, batchnorm, relu
			sequence(residual(conv 16 3 same, batchnorm, relu, conv 16 3 same, batchnorm), relu) * 2
			net(short = conv 32 1 stride=2 < x, conv 32 3 stride=2 same < x, batchnorm, relu, h = conv 32 3 same, sum < h + short), batchnorm, relu
			residual(conv 32 3 same, batchnorm, relu, conv 32 3 same, batchnorm), relu
			net(way = conv 64 1 stride=2 < x, conv 64 3 stride=2 same < x, batchnorm, relu, g = conv 64 3 same, sum < g + way), batchnorm, relu
			residual(conv 64 3 same, batchnorm, relu, conv 64 3 same, batchnorm), relu
			globalavgpool, dense 10 softmax`,
			Band{Train: Range{.89, .98}, Test: Range{.88, .96}}), // seen .918 to .967, and .903 to .947: the moving moments lag behind weights that still move

		network("row-lstm", "LSTM of 128 units over the rows of a digit, Adam", 12, "lstm 128, dense 10 softmax",
			Band{Train: Range{.972, .992}, Test: Range{.942, .965}}), // seen .978 to .986, and .948 to .958

		network("row-transformer", "two blocks of attention over the rows of a digit, 4 heads of width 64, Adam", 12, `
			dense 64, positions
			sequence(residual(layernorm 1e-5, attention 4), residual(layernorm 1e-5, dense 128 gelu, dense 64)) * 2
			globalavgpool, dense 10 softmax`,
			Band{Train: Range{.975, .994}, Test: Range{.938, .96}}), // seen .982 to .989, and .945 to .953

		autoencoder(),
		charLM(),
	}
}

// autoencoder squeezes a digit through 32 numbers and makes it anew (Hinton and Salakhutdinov 2006).
func autoencoder() Experiment {
	e := network("autoencoder", "a digit through 32 numbers and back: binary cross-entropy of the pixels, which are input and target, Adam", 12,
		"dense 256 relu, dense 32, dense 256 relu, dense 784 sigmoid",
		Band{Train: Range{.09, .099}, Test: Range{.094, .104}}) // of the rmse: seen .0940 to .0951, and .0982 to .0994
	e.Input, e.Reconstruct, e.Loss, e.Metrics = graph.Input{}, true, losses.BinaryCrossEntropy{}, []train.Metric{train.RMSE{}, train.MAE{}}
	return e
}

// charLM says of each character of a text which comes next (Karpathy, The Unreasonable Effectiveness of Recurrent Neural Networks, 2015). Its ids and classes are the characters of datasets.Alice.
func charLM() Experiment {
	e := network("char-lm", "a novel, character by character: LSTM of 128 units that foretells the next one, Adam; stheno sample has it write", 20,
		"embedding 71 32, lstm 128 sequence, dense 71 softmax",
		Band{Train: Range{.58, .625}, Test: Range{.538, .562}}) // of each character: seen .596 to .610, and .549 to .551
	e.Dataset, e.Input, e.Metrics = "alice", graph.Ints(64), []train.Metric{train.Accuracy{}, train.Perplexity{}}
	e.BatchSize, e.LearningRate, e.Scale = 20, .005, 1
	return e
}

// network is an experiment on images of 28 by 28. Its last layer is made for the ten digits.
func network(name, what string, epochs int, text string, band Band) Experiment {
	return Experiment{
		Name: name, Changes: what, Layers: words(name, text), Input: graph.Floats(28, 28), Loss: losses.CrossEntropy{},
		Optimizer: "adam", LearningRate: 0.001, BatchSize: 100, Epochs: epochs, Scale: MNISTScale, Band: band,
	}
}

// words are the layers of an experiment's network.
func words(name, text string) []graph.Layer {
	all, err := layers.Parse(text)
	if err != nil {
		panic(fmt.Sprintf("models: %s: %v", name, err)) // a bug
	}
	return all
}

// everything is the lecture's experiments, and the others.
func everything() []Experiment { return slices.Concat(Experiments(), Mends(), Networks()) }
