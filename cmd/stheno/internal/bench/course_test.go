package bench

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// A training rests until its next epoch is asked for, ends when no more are, and hands on its error.
func TestResting(t *testing.T) {
	broken := errors.New("broken")
	at, ended := 0, false
	run := func(done func(seconds, beside float64) error) error {
		defer func() { ended = true }()
		for at = 1; at < 4; at++ {
			if err := done(float64(at), float64(at)/2); err != nil {
				return err
			}
		}
		return broken
	}
	next, stop := iter.Pull2(resting(run))
	if e, err, ok := next(); e.seconds != 1 || e.beside != .5 || err != nil || !ok || at != 1 {
		t.Errorf("got %v, %v, %v at %d", e, err, ok, at)
	}
	stop()
	if !ended || at != 1 {
		t.Errorf("stopped at %d, ended: %v", at, ended)
	}
	var seconds []float64
	var last error
	for e, err := range resting(run) {
		if last = err; err == nil {
			seconds = append(seconds, e.seconds)
		}
	}
	if !slices.Equal(seconds, []float64{1, 2, 3}) || last != broken {
		t.Errorf("got %v, %v", seconds, last)
	}
}

func TestPrint(t *testing.T) {
	r := Report{Regime: "sgd-100", SecondsPerEpoch: .5, Spread: .125, FloorSeconds: .4, OverFloor: 1.25, GFLOPS: 136, PeakGFLOPS: 170, ShareOfPeak: .8, AllocBytes: 7000, Allocs: 130}
	var out strings.Builder
	if err := Print(&out, []Report{r}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "peer") || !strings.Contains(out.String(), "sgd-100      0.5000    12%") {
		t.Errorf("without peers:\n%s", out.String())
	}
	if strings.Contains(out.String(), "MPI") {
		t.Errorf("one process:\n%s", out.String())
	}
	out.Reset()
	r.Ranks, r.MPIShare, r.Beside = 2, .25, .125
	if err := Print(&out, []Report{r}); err != nil || !strings.Contains(out.String(), "\nsgd-100: 2 ranks, 25% of the time in MPI; 12% of it both there and multiplying gradients out\n") {
		t.Errorf("two ranks: %v\n%s", err, out.String())
	}
	out.Reset()
	r.Against = []Versus{{Peer: "JAX 1", SecondsPerEpoch: .75, Ratio: .667, Lowest: .6, Highest: .7}, {Peer: "Keras 3", Error: "Keras 3: no memory"}}
	if err := Print(&out, []Report{r}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"JAX 1 ", "0.7500", "0.67", "0.60–0.70", "sgd-100: left out: Keras 3: no memory"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}

// An epoch of each regime as Go times it, to compare two commits with .ci/compare.
func BenchmarkEpoch(b *testing.B) {
	images, _, err := datasets.MNIST()
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range Regimes {
		b.Run(r.Name, func(b *testing.B) {
			c, err := newCourse(b.Context(), r, images, 1<<20, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer c.stop()
			epoch := func() {
				if _, err, _ := c.next(); err != nil {
					b.Fatal(err)
				}
			}
			for epoch(); b.Loop(); {
				epoch()
			}
		})
	}
}
