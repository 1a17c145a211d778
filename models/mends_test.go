package models_test

import (
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// TestMends: each is found, and is none of the others; nothing of it is the lecture's; a band, where it is measured, is narrow enough to say something.
func TestMends(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range models.Names() {
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	for _, e := range models.Mends() {
		found, err := models.Find(e.Name)
		if err != nil || !alike(found, e) || e.Changes == "" || e.Lecture != (models.Figures{}) {
			t.Errorf("%s: found %+v, %v", e.Name, found, err)
		}
		if e.Band == (models.Band{}) { // not measured yet
			continue
		}
		for _, band := range []models.Range{e.Band.Train, e.Band.Test} {
			if !(.5 < band.Low && band.Low < band.High && band.High <= 1 && band.High-band.Low < .2) {
				t.Errorf("%s: the band %v", e.Name, band)
			}
		}
	}
	clipped, err := models.Find("deep-clipped")
	if err != nil {
		t.Fatal(err)
	}
	for _, band := range []models.Range{clipped.Band.Train, clipped.Band.Test} { // once they are measured
		if band.High-band.Low > .03+1e-12 {
			t.Errorf("deep-clipped: the band %v is wider than ±1.5 %%", band)
		}
	}
}

// TestDeepMends: before the first step, the first layer's gradient is as large as the last's in the mended networks, where the lecture's sigmoids have lost it.
func TestDeepMends(t *testing.T) {
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][2]float64{"deep-sigmoid": {0, 1e-6}, "deep-batchnorm": {.1, 10}, "deep-residual": {.1, 10}} {
		e, err := models.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Model(digits.Info(), 1)
		if err != nil {
			t.Fatal(err)
		}
		data, _, _, err := e.Data(digits, digits, 1)
		if err != nil {
			t.Fatal(err)
		}
		s, err := inspect.TakeNext(m, e.Loss, data, e.BatchSize, 1, train.Position{})
		if err != nil {
			t.Fatal(err)
		}
		var norms []float64
		for _, l := range s.Layers {
			if l.Kind == "dense" {
				norms = append(norms, l.GradNorm())
			}
		}
		if ratio := norms[0] / norms[len(norms)-1]; len(norms) != 14 || !(ratio >= wants[0] && ratio <= wants[1]) {
			t.Errorf("%s: of %d dense layers the first's gradient is %v of the last's, want %v to %v", name, len(norms), ratio, wants[0], wants[1])
		}
	}
}

// TestDeepClipped: no step is longer than the learning rate, which warms up, and the bits are those of any number of threads.
func TestDeepClipped(t *testing.T) {
	was := blas.Current()
	defer func() {
		if _, err := blas.Use(was.Name, was.Threads); err != nil {
			t.Error(err)
		}
	}()
	e, trainSet, testSet := short(t, "deep-clipped")
	e.Epochs = 20
	var weights [2][]float32
	for i, threads := range []int{1, 2} {
		if _, err := blas.Use("", threads); err != nil {
			t.Fatal(err)
		}
		rates, cut := []float64{}, 0
		r, err := e.Run(t.Context(), trainSet, testSet, models.RunOptions{Seed: 1, Observers: []train.Observer{train.ObserverFunc("watch", func(ev *train.Event) error {
			if ev.Moment == train.Step {
				rates = append(rates, ev.Rate)
				if ev.Clipping != nil && ev.Clipping.Clipped {
					cut++
				}
			}
			return nil
		})}})
		if err != nil {
			t.Fatal(err)
		}
		if len(rates) != 120 || !slices.IsSorted(rates) || rates[0] > .001 || rates[119] < .055 || cut == 0 {
			t.Errorf("%d threads: %d steps, of which %d were cut, rates %v", threads, len(rates), cut, rates)
		}
		for _, p := range r.Model.Params() {
			weights[i] = append(weights[i], p.Value.Float32s()...)
		}
	}
	if !slices.Equal(weights[0], weights[1]) {
		t.Error("1 and 2 threads came to other weights")
	}
}

// TestMislabelled: of the training samples, and of those held out, a share has a wrong label, always the same for a seed; the test set has none.
func TestMislabelled(t *testing.T) {
	e, raw, rawTest := short(t, "early-stopping")
	e.TrainSamples, e.Mislabelled = 2000, .3
	labels := func(e models.Experiment, seed uint64) (all [3][]int) {
		fit, test, _, err := e.Data(raw, rawTest, seed)
		if err != nil {
			t.Fatal(err)
		}
		held, err := e.Held(raw, seed)
		if err != nil {
			t.Fatal(err)
		}
		for i, set := range []datasets.Data{fit, held, test} {
			d := set.(*datasets.Dataset)
			for k := range d.Len() {
				all[i] = append(all[i], d.Label(k))
			}
		}
		return all
	}
	right := e
	right.Mislabelled = 0
	e.Validation, right.Validation = .5, .5
	got, clean := labels(e, 1), labels(right, 1)
	if !slices.Equal(got[2], clean[2]) {
		t.Error("a label of the test set is wrong")
	}
	raw0, err := raw.Slice(0, 2000)
	if err != nil {
		t.Fatal(err)
	}
	count := func(d *datasets.Dataset) (n int) {
		for i := range d.Len() {
			if d.Label(i) != raw0.Label(i) {
				n++
			}
		}
		return n
	}
	if n := count(raw0.Mislabelled(.3, 1)); n < 540 || n > 660 { // three deviations
		t.Errorf("%d of 2000 labels are wrong, want some 600", n)
	}
	again, other := labels(e, 1), labels(e, 2)
	if !slices.Equal(got[0], again[0]) || !slices.Equal(got[1], again[1]) || slices.Equal(got[0], other[0]) {
		t.Error("the labels are no function of the seed")
	}
	for _, share := range []float64{-1, 1.5} {
		e.Mislabelled = share
		if _, _, _, err := e.Data(raw, rawTest, 1); err == nil {
			t.Errorf("a share of %v was taken", share)
		}
	}
}
