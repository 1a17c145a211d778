package session

import (
	"testing"
	"time"

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

// BenchmarkPause is what who pauses waits for: until it rests, until its layers are there, until what is found is; and who plays on meanwhile, until it plays.
func BenchmarkPause(b *testing.B) {
	for _, name := range []string{"mse", "relu", "deep-relu", "lenet"} {
		b.Run(name, func(b *testing.B) {
			l := serve(b, Options{Name: name, Seed: 1, Change: func(e *models.Experiment) error {
				e.Epochs = 1000
				return nil
			}})
			wait := func(kind string) {
				l.mu.Lock()
				from := len(l.told)
				l.mu.Unlock()
				for ; ; time.Sleep(time.Millisecond) {
					l.mu.Lock()
					for _, m := range l.told[from:] {
						if m.Kind == kind {
							l.mu.Unlock()
							return
						}
						from++
					}
					l.mu.Unlock()
				}
			}
			l.do(Command{Do: "play"})
			wait("points")
			var rests, layers, findings, plays time.Duration
			for b.Loop() {
				time.Sleep(200 * time.Millisecond)
				start := time.Now()
				l.do(Command{Do: "pause"})
				rests += time.Since(start)
				wait("layers")
				layers += time.Since(start)
				wait("findings")
				findings += time.Since(start)
				l.do(Command{Do: "play"})
				time.Sleep(100 * time.Millisecond)
				for at := range 5 { // in the midst of the diagnosis
					l.do(Command{Do: "pause"})
					time.Sleep(quiet + time.Duration(30+60*at)*time.Millisecond)
					start = time.Now()
					l.do(Command{Do: "play"})
					plays = max(plays, time.Since(start))
				}
			}
			n := float64(b.N)
			for what, took := range map[string]time.Duration{"rests": rests, "layers": layers, "findings": findings} {
				b.ReportMetric(took.Seconds()*1000/n, what+"-ms")
			}
			b.ReportMetric(plays.Seconds()*1000, "plays-ms(max)")
		})
	}
}
