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
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"abc", "abc", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance of %q and %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
