package usage

import "testing"

func TestDidYouMean(t *testing.T) {
	experiments := []string{"relu", "deep-relu", "cross-entropy", "mse"}
	losses := []string{"cross-entropy", "clipped-cross-entropy", "binary-cross-entropy", "kl", "mse", "mae", "huber"}
	flags := []string{"--epochs", "--learning-rate", "--at"}
	for _, c := range []struct {
		typed string
		names []string
		want  string
	}{
		{"rel", experiments, "relu"}, {"rleu", experiments, "relu"}, {"RELU", experiments, "relu"}, {"relu", experiments, "relu"},
		{"deep", experiments, "deep-relu"}, {"dr", experiments, "deep-relu"}, {"deeprelu", experiments, "deep-relu"}, {"deep_relu", experiments, "deep-relu"},
		{"entropy", experiments, "cross-entropy"}, {"crossentropy", experiments, "cross-entropy"}, {"msee", experiments, "mse"},
		{"bce", losses, "binary-cross-entropy"}, {"ce", losses, "cross-entropy"}, {"binary", losses, "binary-cross-entropy"}, {"cce", losses, "clipped-cross-entropy"},
		{"mean-squared-error", losses, "mse"}, {"mean_absolute_error", losses, "mae"}, {"categorical_cross-entropy", losses, "cross-entropy"},
		{"--lr", flags, "--learning-rate"}, {"--epoch", flags, "--epochs"}, {"--rate", flags, "--learning-rate"}, {"-epochs", flags, "--epochs"}, {"--a", flags, "--at"},
		{"fasion-mnist", []string{"mnist", "mnist-full", "fashion-mnist"}, "fashion-mnist"}, {"minst", []string{"mnist", "mnist-full"}, "mnist"},
		{"my rum", []string{"my run"}, "my run"},
		// What is not near: as many letters may be wrong as one in three.
		{"bce", experiments, ""}, {"tcsh", []string{"bash", "zsh"}, ""}, {"sigmoid", experiments, ""}, {"banana", experiments, ""}, {"", experiments, ""}, {"-", flags, ""},
		{"me", experiments, ""}, {"x", flags, ""}, {"nll", losses, ""}, {"relu", nil, ""}, {"é", experiments, ""}, {"a--b", []string{"", "-", "--"}, ""},
	} {
		want := c.want
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		if got := DidYouMean(c.typed, c.names); got != want {
			t.Errorf("%q of %q: got %q, want %q", c.typed, c.names, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"ca", "abc", 3}, {"kitten", "sitting", 3}, {"rleu", "relu", 1}, {"bce", "mse", 2}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
