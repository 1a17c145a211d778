package main

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench"
	"github.com/stheno-ml/stheno/graph/blas"
)

// TestBench: what is printed of a regime fits together, whatever the machine's speed is.
func TestBench(t *testing.T) {
	out := ok(t, "bench", "--regime", "predict", "--epochs", "1", "--json")
	var r bench.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// 10,000 samples through 784-633-633-633-10.
	flop := 2e4 * (784*633 + 2*633*633 + 633*10)
	close := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }
	if r.Regime != "predict" || r.Spread < 0 || !close(r.GFLOPS, flop/r.SecondsPerEpoch/1e9) || !close(r.OverFloor, r.SecondsPerEpoch/r.FloorSeconds) {
		t.Errorf("got %+v, want %g operations in the seconds", r, flop)
	}
	if measured := blas.Peak() > 0; measured != (r.PeakGFLOPS > 0) || measured && !close(r.ShareOfPeak, r.GFLOPS/r.PeakGFLOPS) {
		t.Errorf("got %+v, a peak is measured: %v", r, measured)
	}
}
