package usage

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		line  string
		width int
		want  string
	}{
		{"", 10, ""}, {"one two", 7, "one two"}, {"one two", 6, "one\ntwo"}, {"a /very/long/path b", 6, "a\n/very/long/path\nb"}, {"ääää öö", 7, "ääää öö"}, {"one two three", 1, "one\ntwo\nthree"},
	} {
		if got := broken(c.line, c.width); got != c.want {
			t.Errorf("%q within %d: got %q, want %q", c.line, c.width, got, c.want)
		}
	}
}

// What a terminal would obey, or what forges a line, comes out as text.
func TestSayIsHarmless(t *testing.T) {
	var b strings.Builder
	Say(&b, "%v: %s", errors.New("name\x1b[2J\r\nstheno: all is well\u202e\u009b\x9b"), "σ – 訓練")
	if got, want := b.String(), `stheno: name\x1b[2J stheno: all is well\u202e\u009b\x9b: σ – 訓練`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOfSample: shapes are those of a sample, once, wherever in an error they are said, and what has no shape stays as it is.
func TestOfSample(t *testing.T) {
	for said, want := range map[string]string{
		"graph: layer dense_1, input of shape (2, 3): got Units 0, want at least 1":                                              "layer dense_1, input of shape (3): got Units 0, want at least 1",
		"graph: layer lstm_1, input of shape (2, 28): want [batch,time,features]: such as graph.Floats(28, 28)":                  "layer lstm_1, input of shape (28): want [time,features]: such as graph.Floats(28, 28)",
		"train: a.csv: graph: layer sum_1, input of shape (2, 5) and (2, 6): add: got shapes (2, 5) and (2, 6), want them equal": "train: a.csv: layer sum_1, input of shape (5) and (6): add: got shapes (5) and (6), want them equal",
		"neither suits: graph: layer a_1, input of shape (2, 784): no; graph: layer a_1, input of shape (56, 28): (2, 28)":       "neither suits: layer a_1, input of shape (784): no; layer a_1, input of shape (28): (2, 28)",
		"graph: loss mse on an output of shape (8, 10): got shapes (8, 10) and (8, 1)":                                           "loss mse on an output of shape (10): got shapes (10) and (1)",
		"graph: layer dense_1, input of shape (2): want [batch,…,features]":                                                      "layer dense_1, input of shape (): want […,features]",
		"graph: loss mse on an output of shape [2 10]: no (2, 3)":                                                                "graph: loss mse on an output of shape [2 10]: no (2, 3)",
		"run: a (2, 3) is no run: want [batch,time]":                                                                             "run: a (2, 3) is no run: want [batch,time]",
	} {
		err := errors.New(said)
		once := OfSample(err)
		if once.Error() != want || !errors.Is(once, err) {
			t.Errorf("%s: got\n\t%v, want\n\t%s", said, once, want)
		}
		if twice := OfSample(fmt.Errorf("again: %w", once)); twice.Error() != "again: "+want && want != said {
			t.Errorf("%s: said twice: got\n\t%v", said, twice)
		}
		var b strings.Builder
		if Say(&b, "%v", err); b.String() != "stheno: "+want+"\n" || OneLine(err) != want {
			t.Errorf("%s: got %q and %q", said, b.String(), OneLine(err))
		}
	}
	if OfSample(nil) != nil {
		t.Error("there is an error of none")
	}
}
