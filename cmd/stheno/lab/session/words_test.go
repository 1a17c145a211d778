package session

import (
	"regexp"
	"strings"
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

// TestMistakesInChinese: what is wrong with words of networks, optimizers and losses is said in Chinese too, to the end: words of English alone are those that one writes.
func TestMistakesInChinese(t *testing.T) {
	l := serve(t, Options{Name: "relu", Seed: 1, Dataset: "tiny", Open: func(models.Experiment) (datasets.Data, datasets.Data, error) { return tiny(t, 60), tiny(t, 30), nil }})
	english := regexp.MustCompile(`\b(want|got|give|the|of|is|and|which|leave|such as|number|shape|items)\b`)
	quoted := regexp.MustCompile(`「[^」]*」|"[^"]*"`)
	for _, c := range []struct {
		change   func(string) look.Change
		mistakes string
	}{
		{func(s string) look.Change { return look.Change{Layers: &s} }, `
			lstm 4
			conv 8 3, lstm 4
			conv 8 30 relu, flatten
			concat(dense 3 | conv 3 3)
			dense 4, attention 3
			attention 0
			attention 2 rotary size=3
			timedistributed(conv 3 3)
			maxpool 40
			embedding 10 4
			batchnorm 1
			layernorm -1
			groupnorm 3
			net(a = dense 5 < x, b = dense 6 < x, sum < a + b)
			reshape 7 7
			reshape 7x7
			conv 8 3 groups=3
			conv 8 3 stride=0
			conv 8 3 padding=foo
			conv 8 3x3x3
			depthwise 3 multiplier=0
			convtranspose 4 3 padding=9
			pad -1
			globalavgpool, globalavgpool
			dense 10 relux
			dense 10 units=3
			dense x
			dense -3
			dense 1.5
			dens 10
			unpool 10
			dense 10 activation=3
			dense 10 )
			residual(dense 10
			residual
			residual(dense 3)
			noise -1
			permute 3x1
			bidirectional
			rescaling inf
			regularized(dense 3) l2=-1
			absdiff
			dense 10 * 0
			dense 10 * x
			a = dense 3 * 2
			h = dense 10, h = dense 10
			h = dense 10 < y
			relu = dense 10
			input 5, dense 10
			input 5
			dense 10 "abc
			dense 10; relu
			linear 3
			avgpool 5x5x5
			dense units=
			sequence(dense 3 * 999) * 999
			dense 3, dense 999999999, dense 10
			dense 10 relu`},
		{func(s string) look.Change { return look.Change{Optimizer: &s} }, `
			sgd -1
			sgd x
			sgd 0.1 nesterov momentum=1
			adam 0.001 beta1=1
			adam beta3=1
			adamm
			adam, sgd
			clip adam -1
			clip adam 1 value=2
			clip (clip adam 1) 1
			ema adam 2
			layer-rates adam
			layer-rates adam dense_1:-1
			scheduled adam foo
			scheduled adam (cosin)
			scheduled adam (step)
			scheduled adam (exponential -1)
			scheduled adam (cosine growth=2)
			scheduled adam (cosine length=x)
			scheduled adam (warmup)
			scheduled adam (plateau patience=-1)
			scheduled adam (cosine, cosine)
			scheduled adam (sequence)`},
		{func(s string) look.Change { return look.Change{Loss: &s} }, `
			mse 3
			msee
			cross-entropy smoothing=2
			cross-entropy weights=1
			cross-entropy logits
			huber -1
			binary-cross-entropy
			hinge
			each
			each(mse)`},
		{func(s string) look.Change { return look.Change{Activation: &s} }, `
			swish`},
	} {
		for mistake := range strings.SplitSeq(strings.TrimSpace(c.mistakes), "\n") {
			change := c.change(strings.TrimSpace(mistake))
			_, err := l.Do(t.Context(), Command{Do: "check", Change: &change})
			if err == nil {
				t.Errorf("%s is right", mistake)
				continue
			}
			if said := look.Said(err.Error()); said.ZH == said.EN || english.MatchString(quoted.ReplaceAllString(said.ZH, "")) {
				t.Errorf("%s: got\n\t%s for\n\t%s", mistake, said.ZH, said.EN)
			}
		}
	}
}
