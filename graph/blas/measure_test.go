package blas

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
)

func TestMeasure(t *testing.T) {
	useFor(t, "gonum", 2)
	before := Current()
	batches := []int{1, 2, 9}
	rates, peak, err := measure(t.Context(), batches)
	if err != nil {
		t.Fatal(err)
	}
	if (peak > 0) != (openPeak() != nil) || math.IsInf(peak, 0) {
		t.Errorf("peak %v", peak)
	}
	var got []string
	for i, r := range rates {
		if !(r.GFLOPS > 0) || math.IsInf(r.GFLOPS, 0) {
			t.Errorf("%+v: want a rate", r)
		}
		if batch := batches[i*3/len(rates)]; r.Batch != batch {
			t.Errorf("rate %d is of batch %d, want %d", i, r.Batch, batch)
		}
		if r.Batch == 1 {
			got = append(got, r.BLAS)
		}
	}
	if want := available(); !slices.Equal(got, want) {
		t.Errorf("measured %v, want %v", got, want)
	}
	if after := Current(); after.Name != before.Name || after.Threads != before.Threads {
		t.Errorf("measuring changed %+v to %+v", before, after)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	cancel(stop)
	if rates, peak, err := Measure(ctx); !errors.Is(err, stop) || rates != nil || peak != 0 {
		t.Errorf("cancelled: %v, %v, %v", rates, peak, err)
	}
}

// The products of a step, against the sizes of its network: 2·2·in·out a sample for the first layer, 3·2 for the others.
func TestStepFlop(t *testing.T) {
	s := newStep([]int{3, 5, 2}, 7)
	if want := 7.0 * (4*3*5 + 6*5*2); s.flop() != want {
		t.Errorf("%v operations, want %v", s.flop(), want)
	}
	s.run(openGonum())
	for i, dw := range s.dw {
		for _, v := range dw {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("gradient %d: %v", i, dw)
			}
		}
	}
}

// No product can be faster than the peak; a busy machine may slow either down, so only what no machine does is wrong.
func TestPeak(t *testing.T) {
	_, err := openBuiltin()
	if p := Peak(); (p > 0) != (err == nil) || math.IsInf(p, 0) {
		t.Errorf("Peak is %v, the built-in kernel's error %v", p, err)
	}
}
