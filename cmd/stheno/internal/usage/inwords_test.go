package usage

import "testing"

func TestInWords(t *testing.T) {
	for in, want := range map[string]string{
		"want one of them as the last layer: layers.Softmax or layers.LogSoftmax (then …), or a layers.Dense without activation; if the output is logits nevertheless, set Logits": "want one of them as the last layer: softmax or log-softmax (then …), or a layer dense without activation; if the output is logits nevertheless, say so: cross-entropy logits",
		"end in layers.Sigmoid, or take losses.CrossEntropy{}": "end in sigmoid, or take cross-entropy",
		"or take losses.BinaryCrossEntropy{}":                  "or take binary-cross-entropy",
		"such as losses.MSE{} for numbers":                     "such as mse for numbers",
		"put layers.Flatten{} before the first layer":          "put flatten before the first layer",
		"/home/me/layers.py and losses.csv":                    "/home/me/layers.py and losses.csv",
	} {
		if got := InWords(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
