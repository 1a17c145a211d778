package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// RNN is a simple recurrent layer (Elman 1990), h' = f(x·wx + h·wh + b), f being Tanh or ReLU: x is [batch,time,in], wx [in,units], wh [units,units], b [units].
func RNN(x, wx, wh, b *gorgonia.Node, f Func, o Recurrent) (*gorgonia.Node, error) {
	if f != Tanh && f != ReLU {
		return nil, fmt.Errorf("rnn: got %v, want tanh or relu", f)
	}
	return recurrent(kind{name: "rnn", gates: 1, memory: 1, f32: rnnCell[float32]{f}, f64: rnnCell[float64]{f}}, o, x, wx, wh, b)
}

type rnnCell[T float] struct{ f Func }

func (c rnnCell[T]) forward(gates, _, _, h, _, _ []T) { forward(c.f, h, gates, nil) }

func (c rnnCell[T]) backward(dz, _, _, _, h, _, _, dh, _ []T) { backward(c.f, dz, dh, h) }

// LSTM is long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of Gers, Schmidhuber and Cummins 2000) with one bias: x is [batch,time,in],
// wx [in,4·units], wh [units,4·units], b [4·units]. The gates stand in the order i, f, g, o, as in Keras and PyTorch:
//
//	i, f, o = σ(x·wx + h·wh + b)    g = tanh(x·wx + h·wh + b)
//	c' = f∘c + i∘g    h' = o∘tanh(c')
//
// The first state is h and c.
func LSTM(x, wx, wh, b *gorgonia.Node, o Recurrent) (*gorgonia.Node, error) {
	return recurrent(kind{name: "lstm", gates: 4, kept: 1, memory: 2, f32: lstmCell[float32]{}, f64: lstmCell[float64]{}}, o, x, wx, wh, b)
}

type lstmCell[T float] struct{}

func (lstmCell[T]) forward(gates, _, _, h, c0, c []T) { vec.LSTM(gates, c0, c, h) }

func (lstmCell[T]) backward(dz, _, gates, _, _, c0, c, dh, dc []T) {
	vec.LSTMGrad(dz, gates, c0, c, dh, dc)
}

// GRU is a gated recurrent unit (Cho et al. 2014) whose reset gate acts on the state's product, as in PyTorch and in Keras' default, with a bias of the input's part, b, and one
// of the state's, bh, both [3·units]: x is [batch,time,in], wx [in,3·units], wh [units,3·units]. The gates stand in Keras' order z, r, n; PyTorch's is r, z, n:
//
//	z, r = σ(x·wx + b + h·wh + bh)    n = tanh(x·wx + b + r∘(h·wh + bh))
//	h' = z∘h + (1−z)∘n
func GRU(x, wx, wh, b, bh *gorgonia.Node, o Recurrent) (*gorgonia.Node, error) {
	return recurrent(kind{name: "gru", gates: 3, kept: 1, apart: true, memory: 1, f32: gruCell[float32]{}, f64: gruCell[float64]{}}, o, x, wx, wh, b, bh)
}

type gruCell[T float] struct{}

func (gruCell[T]) forward(gates, inner, h0, h, _, kept []T) { vec.GRU(gates, inner, h0, h, kept) }

func (gruCell[T]) backward(dz, inner, gates, h0, _, _, kept, dh, _ []T) {
	vec.GRUGrad(dz, inner, gates, kept, h0, dh)
}
