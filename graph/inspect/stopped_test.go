package inspect_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/models"
)

// A fuse is a context that ends after it was asked so often.
type fuse struct {
	context.Context
	left atomic.Int64
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A diagnosis that is broken off ends soon, wherever it is.
func TestDiagnosisStops(t *testing.T) {
	trainSet, testSet, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if testSet, err = testSet.Slice(0, 500); err != nil {
		t.Fatal(err)
	}
	e, err := models.Find("mse")
	if err != nil {
		t.Fatal(err)
	}
	e.Hidden, e.Epochs, e.TrainSamples = []int{10}, 1, 1000
	record, err := e.Record(t.Context(), trainSet, testSet, models.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	whole := &fuse{Context: context.Background()}
	whole.left.Store(1 << 40)
	if _, err := inspect.Diagnose(whole, record); err != nil {
		t.Fatal(err)
	}
	asked := 1<<40 - whole.left.Load()
	if asked < 1000 { // of neighbours alone, of two sets
		t.Errorf("a diagnosis asks %d times whether it is to go on, want more", asked)
	}
	for _, after := range []int64{0, 1, 2, 5, 10, 20, 50, 100, asked / 4, asked / 2, asked - 5, asked - 2, asked - 1} {
		f := &fuse{Context: context.Background()}
		f.left.Store(after)
		if _, err := inspect.Diagnose(f, record); !errors.Is(err, context.Canceled) {
			t.Errorf("ended when asked %d times of %d: got %v", after, asked, err)
		}
		if more := -f.left.Load(); more > 20 {
			t.Errorf("ended when asked %d times of %d: it goes on, and asks %d times more", after, asked, more)
		}
	}
}
