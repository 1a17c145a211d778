package session

import (
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/models"
)

// TestRefusedChanges: what is wrong with a change is said once, in the shapes of a sample, and with the word that was meant.
func TestRefusedChanges(t *testing.T) {
	l := serve(t, Options{Name: "relu", Seed: 1, Dataset: "tiny", Open: func(models.Experiment) (datasets.Data, datasets.Data, error) { return tiny(t, 60), tiny(t, 30), nil }})
	network := func(s string) look.Change { return look.Change{Layers: &s} }
	loss := func(s string) look.Change { return look.Change{Loss: &s} }
	optimizer := func(s string) look.Change { return look.Change{Optimizer: &s} }
	activation := func(s string) look.Change { return look.Change{Activation: &s} }
	for _, c := range []struct {
		change look.Change
		want   string
	}{
		{network("dense relu"), "layer dense_1, input of shape (16): got Units 0, want at least 1: where the number of units was left out, say it, as in dense 64"},
		{network("dropout 2"), "layer dropout_1, input of shape (16): got Rate 2, want at least 0 and below 1"},
		{network("dense 3 relu, dropout 2, dense 10 softmax"), "layer dropout_1, input of shape (3): got Rate 2, want at least 0 and below 1"},
		{network(`Dense(300, activation="relu")`), "line 1, column 7: got a call as other frameworks have it, want it without brackets and commas: dense 300 relu"},
		{network("dense 300 ReLU"), `line 1, column 11: dense: got ReLU, want activation, weights, bias; did you mean "relu"?`},
		{network("residual(dense 3)"), "of a sample as a row, and of shape [4 4], neither suits the layers: layer residual_1, input of shape (16): its layers end in shape (3), want that of the input, (16): change the last layer's width; layer residual_1, input of shape (4, 4): its layers end in shape (4, 3), want that of the input, (4, 4): change the last layer's width"},
		{activation("swish"), `activation: got "swish", want one of linear, sigmoid, tanh, relu, leaky-relu, softplus, softmax, log-softmax, elu, selu, gelu, gelu-tanh, silu, mish; did you mean "silu"?`},
		{loss("mean squared error"), `loss: line 1, column 1: got "mean squared error", want a loss: one of cross-entropy, clipped-cross-entropy, binary-cross-entropy, kl, mse, mae, huber, cosine, hinge, multi-margin, each; did you mean "mse"?`},
		{optimizer("Adam(learning_rate=0.001)"), "line 1, column 20: got a call as other frameworks have it, want it without brackets and commas: adam 0.001"},
		{optimizer("sgd 0,1"), "line 1, column 5: got 0,1, want a point in a number: 0.1"},
	} {
		if _, err := l.Do(t.Context(), Command{Do: "check", Change: &c.change}); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	words := "cross-entropy smoothing=0.1"
	if _, err := l.Do(t.Context(), Command{Do: "check", Change: &look.Change{Loss: &words}}); err != nil {
		t.Errorf("what is right is refused: %v", err)
	}
}
