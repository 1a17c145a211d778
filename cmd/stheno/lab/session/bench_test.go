package session

import (
	"testing"

	"github.com/stheno-ml/stheno/models"
)

// BenchmarkStep is what who asks for one step, again and again, waits for each time but the first.
func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"relu", "deep-relu", "lenet"} {
		b.Run(name, func(b *testing.B) {
			l := serve(b, Options{Name: name, Seed: 1, Change: func(e *models.Experiment) error {
				e.Epochs = 1000
				return nil
			}})
			l.do(Command{Do: "step"})
			for b.Loop() {
				l.do(Command{Do: "step"})
			}
		})
	}
}
