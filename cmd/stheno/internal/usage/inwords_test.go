package usage

import "testing"

func TestInWords(t *testing.T) {
	for in, want := range map[string]string{
		"want one of them as the last layer: layers.Softmax or layers.LogSoftmax (then …), or a layers.Dense without activation; if the output is logits nevertheless, set Logits": "want one of them as the last layer: softmax or log-softmax (then …), or a layer dense without activation; if the output is logits nevertheless, say so: cross-entropy logits",
		"end in layers.Sigmoid, or take losses.CrossEntropy{}":                                                 "end in sigmoid, or take cross-entropy",
		"or take losses.BinaryCrossEntropy{}":                                                                  "or take binary-cross-entropy",
		"such as losses.MSE{} for numbers":                                                                     "such as mse for numbers",
		"put layers.Flatten{} before the first layer":                                                          "put flatten before the first layer",
		`want the step one-hot (OneHot{}) or categories (Categories{}), or the column in Ignore (--ignore)`:    "want the step one-hot or categories, or the column in --ignore",
		"name it in Numbers (--numbers) or Categories (--categories) if something can":                         "name it in --numbers or --categories if something can",
		"or leave it out (Ignore, --ignore)":                                                                   "or leave it out (--ignore)",
		"or have them left out (--skip-damaged, Pictures.SkipDamaged)":                                         "or have them left out (--skip-damaged)",
		"want 3×4 as the first; scale them to one size, or give Pictures.Height and Width to have them scaled": "want 3×4 as the first; scale them to one size",
		"no step A (B) and no f(X{})":                                                                          "no step A (B) and no f(X{})",
		"/home/me/layers.py and losses.csv":                                                                    "/home/me/layers.py and losses.csv",
	} {
		if got := InWords(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
