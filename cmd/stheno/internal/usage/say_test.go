package usage

import (
	"errors"
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
	if got, want := b.String(), `stheno: name\x1b[2J stheno: all is well\u202e\u009b�: σ – 訓練`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
