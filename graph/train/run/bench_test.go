package run

import (
	"path/filepath"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// BenchmarkCheckpoint takes checkpoints of the lecture's network, weights and running values.
func BenchmarkCheckpoint(b *testing.B) {
	set, _, err := datasets.MNIST()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"relu", "adam"} {
		e, err := models.Find(name)
		if err != nil {
			b.Fatal(err)
		}
		e.TrainSamples, e.Epochs = 100, 1
		b.Run(e.Optimizer, func(b *testing.B) {
			rec, err := Create(filepath.Join(b.TempDir(), "run"), NewConfig(e, 1, "mnist", set), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer rec.Close()
			_, err = e.Run(b.Context(), set, set, models.RunOptions{Seed: 1, Observers: []train.Observer{rec, train.ObserverFunc("bench", func(ev *train.Event) error {
				if ev.Moment == train.Epochal {
					for b.Loop() {
						if err := rec.save(ev); err != nil {
							return err
						}
					}
				}
				return nil
			})}})
			if err != nil {
				b.Fatal(err)
			}
			all, err := rec.folder.Checkpoints()
			if err != nil {
				b.Fatal(err)
			}
			f, size, err := openRegular(all[0].Path)
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
			b.SetBytes(size)
		})
	}
}
