package usage

import "testing"

func TestDidYouMean(t *testing.T) {
	names := []string{"relu", "deep-relu", "cross-entropy", "mse"}
	for typed, want := range map[string]string{
		"rel": "relu", "rleu": "relu", "RELU": "relu", "sigmoid": "", "deep": "deep-relu", "entropy": "cross-entropy", "dr": "deep-relu", "crossentropy": "cross-entropy", "deeprelu": "deep-relu", "msee": "mse",
		"": "", "banana": "", "relu": "relu",
	} {
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		if got := DidYouMean(typed, names); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
	for typed, want := range map[string]string{"--lr": "--learning-rate", "--epoch": "--epochs", "--rate": "--learning-rate", "my rum": "my run"} {
		if got := DidYouMean(typed, []string{"--epochs", "--learning-rate", "my run"}); got != `; did you mean "`+want+`"?` {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
