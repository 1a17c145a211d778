package layers_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// show prints a model's layers and the shapes of its parameters.
func show(in graph.Input, all ...graph.Layer) {
	model, err := graph.NewModel(graph.Config{Input: in, Seed: 1}, all...)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Name, l.Output, l.Params)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
}

// A digit read row by row.
func ExampleRNN() {
	show(graph.Floats(28, 28), layers.RNN{Units: 16}, layers.Dense{Units: 10, Activation: layers.Softmax})
	// Output:
	// rnn_1 (16) 720
	// dense_1 (10) 170
	// rnn_1.weight (28, 16)
	// rnn_1.recurrent (16, 16)
	// rnn_1.bias (16)
	// dense_1.weight (16, 10)
	// dense_1.bias (10)
}

// Two layers, the first of which gives the second each step, with dropout between.
func ExampleLSTM() {
	show(graph.Floats(28, 28), layers.LSTM{Units: 16, Sequence: true}, layers.Dropout{Rate: .2}, layers.LSTM{Units: 8})
	// Output:
	// lstm_1 (28, 16) 2880
	// dropout_1 (28, 16) 0
	// lstm_2 (8) 800
	// lstm_1.weight (28, 64)
	// lstm_1.recurrent (16, 64)
	// lstm_1.bias (64)
	// lstm_2.weight (16, 32)
	// lstm_2.recurrent (8, 32)
	// lstm_2.bias (32)
}

// Sequences of unequal length are padded, and their lengths are a second input.
func ExampleGRU() {
	var n graph.Net
	rows := n.Input("rows", graph.Floats(28, 28))
	lengths := n.Input("lengths", graph.Ints())
	n.Output("digit", n.Add(layers.Dense{Units: 10, Activation: layers.Softmax}, n.Add(layers.GRU{Units: 16}, rows, lengths)))
	show(graph.Input{}, &n)
	// Output:
	// gru_1 (16) 2208
	// dense_1 (10) 170
	// gru_1.weight (28, 48)
	// gru_1.recurrent (16, 48)
	// gru_1.bias (48)
	// gru_1.recurrent_bias (48)
	// dense_1.weight (16, 10)
	// dense_1.bias (10)
}

func ExampleBidirectional() {
	show(graph.Floats(28, 28), layers.Bidirectional{Layer: layers.LSTM{Units: 16, Sequence: true}})
	// Output:
	// bidirectional_1 (28, 32) 5760
	// lstm_1 (28, 16) 2880
	// lstm_2 (28, 16) 2880
	// lstm_1.weight (28, 64)
	// lstm_1.recurrent (16, 64)
	// lstm_1.bias (64)
	// lstm_2.weight (28, 64)
	// lstm_2.recurrent (16, 64)
	// lstm_2.bias (64)
}

// A decoder that attends to an encoder's sequence, of which each sample has a length of its own.
func ExampleAttention() {
	var n graph.Net
	written := n.Input("written", graph.Floats(7, 16))
	read := n.Input("read", graph.Floats(9, 12))
	lengths := n.Input("lengths", graph.Ints())
	h := n.Add(layers.Attention{Heads: 4, Causal: true}, written)
	n.Output("next", n.Add(layers.Attention{Heads: 4}, h, read, lengths))
	show(graph.Input{}, &n)
	// Output:
	// attention_1 (7, 16) 1088
	// attention_2 (7, 16) 960
	// attention_1.weight (16, 48)
	// attention_1.bias (48)
	// attention_1.output (16, 16)
	// attention_1.output_bias (16)
	// attention_2.query (16, 16)
	// attention_2.query_bias (16)
	// attention_2.memory (12, 32)
	// attention_2.memory_bias (32)
	// attention_2.output (16, 16)
	// attention_2.output_bias (16)
}

// Attention by itself does not know in which order it sees the places.
func ExamplePositions() {
	show(graph.Floats(28, 28), layers.Positions{}, layers.Attention{Heads: 4})
	// Output:
	// positions_1 (28, 28) 784
	// attention_1 (28, 28) 3248
	// positions_1.weight (28, 28)
	// attention_1.weight (28, 84)
	// attention_1.bias (84)
	// attention_1.output (28, 28)
	// attention_1.output_bias (28)
}

func ExampleSinusoidal() {
	show(graph.Floats(28, 28), layers.Sinusoidal{}, layers.Attention{Heads: 2, Size: 8})
	// Output:
	// sinusoidal_1 (28, 28) 0
	// attention_1 (28, 28) 1868
	// attention_1.weight (28, 48)
	// attention_1.bias (48)
	// attention_1.output (16, 28)
	// attention_1.output_bias (28)
}
