package bench

import (
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/blas"
)

func TestPrintRates(t *testing.T) {
	rates := []blas.Rate{
		{BLAS: "openblas", Batch: 1, GFLOPS: 40}, {BLAS: "builtin", Batch: 1, GFLOPS: 41}, {BLAS: "gonum", Batch: 1, GFLOPS: 15},
		{BLAS: "openblas", Batch: 100, GFLOPS: 150}, {BLAS: "builtin", Batch: 100, GFLOPS: 120}, {BLAS: "gonum", Batch: 100, GFLOPS: 22},
	}
	for _, c := range []struct {
		used  string
		peak  float64
		want  []string
		never string
	}{
		{"builtin", 170, []string{
			"GFLOP/s         batch 1    batch 100\n", "openblas           40.0        150.0\n", "gonum              15.0         22.0\n", "The cores can do 170 at most",
			"At batch 100 openblas is 1.25 times as fast as builtin: --blas openblas",
		}, "At batch 1 "},
		{"openblas", 0, []string{"Nothing here is faster than openblas."}, "at most"},
	} {
		var out strings.Builder
		if err := PrintRates(&out, c.used, rates, c.peak); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: it lacks %q:\n%s", c.used, want, out.String())
			}
		}
		if strings.Contains(out.String(), c.never) {
			t.Errorf("%s: it has %q:\n%s", c.used, c.never, out.String())
		}
	}
}
