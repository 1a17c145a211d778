package inspect

import (
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
)

// A run that learnt for epochs and then became NaN: no step in the snapshots was large, but the weights had grown.
func TestThrownOff(t *testing.T) {
	at := func(norm float64) *Snapshot {
		return &Snapshot{Layers: []Layer{{Name: "dense_1"}, {Name: "dense_2", Dead: 1, Params: []Param{{Name: "weight", Value: Array{Stats: Stats{Norm: norm}}}}}}}
	}
	for norm, want := range map[float64]string{3: "", 300: "the weights of dense_2 were 100 times as large"} {
		f := &facts{Record: &Record{Diverged: &train.DivergedError{}, Snapshots: []*Snapshot{at(3), at(norm)}}, update: []float64{.01}, names: []string{"dense_2"}}
		got := f.rateTooHigh()
		if len(got) != min(1, len(want)) || len(got) == 1 && (got[0].Code != RateTooHigh || !strings.HasPrefix(got[0].Evidence, want)) {
			t.Errorf("from norm 3 to %v: got %v, want %q", norm, got, want)
		}
		if dead := f.dead(); dead != nil {
			t.Errorf("of weights that blew up: got %v, want nothing said of units", dead)
		}
	}
}
