package train

import (
	"math"
	"testing"
)

// A figure is written as the lab's page writes it, in plain digits as far as people read them, and as short as they let it be.
func TestFormatFigure(t *testing.T) {
	for _, c := range []struct {
		v             float64
		figure, score string
	}{
		{10341.67, "10340", "10340"}, {-10341.67, "-10340", "-10340"}, {1234567, "1235000", "1235000"}, {9999999, "10000000", "10000000"}, {12345678, "1.235e+07", "1.235e+07"},
		{12.3456, "12.35", "12.35"}, {9.87654, "9.877", "9.8765"}, {.5, "0.5", "0.5000"}, {.00098765, "0.0009877", "0.0010"}, {.00001234, "1.234e-05", "0.0000"},
		{0, "0", "0.0000"}, {100, "100", "100"}, {math.NaN(), "NaN", "NaN"}, {math.Inf(1), "+Inf", "+Inf"},
	} {
		if f, s := FormatFigure(c.v, 4), FormatScore(c.v); f != c.figure || s != c.score {
			t.Errorf("%v: got %s and %s, want %s and %s", c.v, f, s, c.figure, c.score)
		}
	}
	if got := (Metrics{Loss: 20682.5, Scores: []Score{{"rmse", 10341.67}, {"r2", .5}}}).String(); got != "  loss 20680  rmse 10340  r2 0.5000" {
		t.Errorf("got %q", got)
	}
}
