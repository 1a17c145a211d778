package train_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// BenchmarkSamples says what a sample costs in a data set of a thousand to a million of them, an epoch of each at least, of ten thousand samples at least. It wants 2 GB:
//
//	go test ./graph/train -run - -bench Samples -benchtime 1x
func BenchmarkSamples(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := digitsOf(b, n)
			model := perceptron(b, 633)
			for b.Loop() {
				var seconds []time.Duration
				var at time.Time
				watch := train.ObserverFunc("watch", func(e *train.Event) error {
					switch now := time.Now(); e.Moment {
					case train.Begin:
						at = now
					case train.Epochal:
						seconds, at = append(seconds, now.Sub(at)), now
					}
					return nil
				})
				epochs := max(2, 20_000/n) // of which the first compiles
				if _, err := train.Fit(context.Background(), model, data, train.Config{BatchSize: 100, Epochs: epochs, Observers: []train.Observer{watch}}); err != nil {
					b.Fatal(err)
				}
				var sum time.Duration
				for _, s := range seconds[1:] {
					sum += s
				}
				b.ReportMetric(sum.Seconds()*1e6/float64(n*(epochs-1)), "µs/sample")
			}
		})
	}
}

// BenchmarkParameters says what a parameter costs in a step of a batch of 100 by SGD, in networks of a hundred thousand to a hundred million of them: beyond the caches it is the
// memory that is waited for, which reads each weight three times and writes it once. It wants 2 GB:
//
//	go test ./graph/train -run - -bench Parameters -benchtime 1x
func BenchmarkParameters(b *testing.B) {
	data := digitsOf(b, 10_000)
	for _, width := range []int{120, 350, 600, 2_050, 6_900} {
		model := perceptron(b, width)
		params := model.ParamCount()
		b.Run(fmt.Sprint(params), func(b *testing.B) {
			for b.Loop() {
				var begin time.Time
				steps := max(5, min(100, 50_000_000/params))
				watch := train.ObserverFunc("watch", func(e *train.Event) error {
					switch {
					case e.Moment == train.Step && e.Position.Step == 2:
						begin = time.Now()
					case e.Moment == train.Step && e.Position.Step == uint64(2+steps):
						took := time.Since(begin).Seconds() / float64(steps)
						b.ReportMetric(took*1e3, "ms/step")
						b.ReportMetric(took*1e9/float64(params), "ns/parameter")
						b.ReportMetric(6*100*float64(params)/took/1e9, "GFLOP/s")
						return train.Stop("it is measured")
					}
					return nil
				})
				if _, err := train.Fit(context.Background(), model, data, train.Config{BatchSize: 100, Epochs: 2, Observers: []train.Observer{watch}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// perceptron has three hidden layers of one width on digits.
func perceptron(b *testing.B, width int) *graph.Model {
	hidden := layers.Dense{Units: width, Activation: layers.ReLU}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1}, hidden, hidden, hidden, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// digitsOf are n digits, those of MNIST again and again, each in its own place in memory.
func digitsOf(b *testing.B, n int) datasets.Data {
	digits, test, err := datasets.MNIST()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for name, set := range map[string]*datasets.Dataset{"train": digits, "t10k": test} {
		count := n
		if set == test {
			count = 1
		}
		images, labels := idx(b, dir, name+"-images-idx3-ubyte", 3, count, 28, 28), idx(b, dir, name+"-labels-idx1-ubyte", 1, count)
		row, pixels := make([]float32, 784), make([]byte, 784)
		for i := range count {
			set.Row(row, i%set.Len())
			for k, v := range row {
				pixels[k] = byte(v)
			}
			images(pixels)
			labels([]byte{byte(set.Label(i % set.Len()))})
		}
		images(nil)
		labels(nil)
	}
	all, _, err := datasets.Load(dir)
	if err != nil {
		b.Fatal(err)
	}
	return all.Scaled(1. / 255)
}

// idx makes an IDX file of bytes: what it returns writes on, and closes the file with nil.
func idx(b *testing.B, dir, name string, rank int, shape ...int) func([]byte) {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	head := []byte{0, 0, 8, byte(rank)}
	for _, n := range shape {
		head = binary.BigEndian.AppendUint32(head, uint32(n))
	}
	write := func(p []byte) {
		if _, err := w.Write(p); err != nil {
			b.Fatal(err)
		}
		if p == nil {
			if err := errors.Join(w.Flush(), f.Close()); err != nil {
				b.Fatal(err)
			}
		}
	}
	write(head)
	return write
}
