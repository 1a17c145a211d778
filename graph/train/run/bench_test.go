package run

import (
	"path/filepath"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// BenchmarkCheckpoint takes checkpoints of the lecture's network, weights and running values.
func BenchmarkCheckpoint(b *testing.B) {
	set, _, err := datasets.MNIST()
	if err != nil {
		b.Fatal(err)
	}
	hundred, err := set.Slice(0, 100)
	if err != nil {
		b.Fatal(err)
	}
	for _, optimizer := range []string{"sgd", "adam"} {
		e := tiny(optimizer, 0)
		e.Hidden, e.Activation, e.BatchSize, e.Epochs = []int{633, 633, 633}, "relu", 100, 1
		b.Run(e.Optimizer, func(b *testing.B) {
			rec, err := Create(filepath.Join(b.TempDir(), "run"), e.config(b, 1, set), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer rec.Close()
			_, err = follow(b.Context(), rec.Folder().Config, rec.Start(), hundred, hundred, rec, train.ObserverFunc("bench", func(ev *train.Event) error {
				if ev.Moment == train.Epochal {
					for b.Loop() {
						if err := rec.save(ev); err != nil {
							return err
						}
					}
				}
				return nil
			}))
			if err != nil {
				b.Fatal(err)
			}
			all, err := rec.folder.Checkpoints()
			if err != nil {
				b.Fatal(err)
			}
			f, size, err := openPath(all[0].Path)
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
			b.SetBytes(size)
		})
	}
}
