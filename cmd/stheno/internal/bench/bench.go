// Package bench measures how fast a machine trains, beside what its matrix products alone take.
package bench

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A Regime is a way of training, or predicting, whose speed is measured.
type Regime struct {
	Name       string
	experiment string
	samples    int // of an epoch; the time is scaled to 10,000
	predict    bool
}

// Regimes are those that there are.
var Regimes = []Regime{
	{"sgd-100", "cross-entropy", 10000, false},
	{"adam-100", "adam", 10000, false},
	{"dropout-100", "dropout", 10000, false},
	{"batch-10000", "batch-10000", 10000, false},
	{"batch-1", "batch-1", 1000, false},
	{"deep-100", "deep-sigmoid", 10000, false},
	{"predict", "cross-entropy", 10000, true},
}

// predictBatch is the batch of the predict regime.
const predictBatch = 1000

// Names are the regimes'.
func Names() []string {
	var names []string
	for _, r := range Regimes {
		names = append(names, r.Name)
	}
	return names
}

// Report is what bench prints of a regime.
type Report struct {
	Regime          string  `json:"regime"`
	SecondsPerEpoch float64 `json:"seconds_per_epoch"`
	FloorSeconds    float64 `json:"floor_seconds"`
	OverFloor       float64 `json:"over_floor"`
	GFLOPS          float64 `json:"gflops"`                  // of the matrix products in the whole time
	PeakGFLOPS      float64 `json:"peak_gflops,omitempty"`   // blas.Peak; none where it cannot be measured
	ShareOfPeak     float64 `json:"share_of_peak,omitempty"` // gflops over peak_gflops
	ImagesPerSecond float64 `json:"images_per_second,omitempty"`
	AllocBytes      int64   `json:"alloc_bytes_per_step"`
	Allocs          int64   `json:"allocs_per_step"`
	BLAS            string  `json:"blas"`
	Threads         int     `json:"threads"`
}

// Measure times epochs and floors in turn.
func (r Regime) Measure(ctx context.Context, images *datasets.Dataset, epochs int) (Report, error) {
	report := Report{Regime: r.Name}
	e, err := models.Find(r.experiment)
	if err != nil {
		return report, err
	}
	e.TrainSamples, e.Epochs = r.samples, epochs+1
	data, _, _, err := e.Data(images, images, 0)
	if err != nil {
		return report, err
	}
	model, err := e.Model(data.Features(), len(data.Classes), 1)
	if err != nil {
		return report, err
	}
	steps := (r.samples + e.BatchSize - 1) / e.BatchSize
	floor := newFloor(model, e.BatchSize, !r.predict)
	if r.predict {
		steps = r.samples / predictBatch
		floor = newFloor(model, predictBatch, false)
	}
	var seconds, floors, peaks []float64
	var before, after runtime.MemStats
	warm := false
	epoch := func(took float64) {
		runtime.ReadMemStats(&after)
		start := time.Now()
		for range steps {
			floor.step()
		}
		if warm {
			seconds, floors = append(seconds, took), append(floors, time.Since(start).Seconds())
			for range 3 {
				peaks = append(peaks, blas.Peak())
			}
			report.AllocBytes = int64(after.TotalAlloc-before.TotalAlloc) / int64(steps)
			report.Allocs = int64(after.Mallocs-before.Mallocs) / int64(steps)
		}
		warm = true
		runtime.ReadMemStats(&before)
	}
	if r.predict {
		err = r.predictions(ctx, model, data, epochs+1, epoch)
	} else {
		var config train.Config
		if config, err = e.Config(models.RunOptions{}); err != nil {
			return report, err
		}
		config.Observers = []train.Observer{train.ObserverFunc("bench", func(ev *train.Event) error {
			if ev.Moment == train.Epochal {
				epoch(ev.History.Epochs[len(ev.History.Epochs)-1].Seconds)
			}
			return nil
		})}
		_, err = train.Fit(ctx, model, data, config)
	}
	if err != nil {
		return report, err
	}
	scale := 10000 / float64(r.samples)
	report.SecondsPerEpoch, report.FloorSeconds = median(seconds)*scale, median(floors)*scale
	report.OverFloor = report.SecondsPerEpoch / report.FloorSeconds
	report.GFLOPS, report.PeakGFLOPS = floor.flop()*float64(steps)/median(seconds)/1e9, median(peaks)
	if report.PeakGFLOPS > 0 {
		report.ShareOfPeak = report.GFLOPS / report.PeakGFLOPS
	}
	if r.predict {
		report.ImagesPerSecond = 10000 / report.SecondsPerEpoch
	}
	return report, nil
}

// predictions times passes over the data with one program, as a server would keep it.
func (r Regime) predictions(ctx context.Context, m *graph.Model, data *datasets.Dataset, passes int, epoch func(float64)) error {
	program, err := m.Compile(graph.Spec{Mode: graph.Predict, Batch: predictBatch})
	if err != nil {
		return err
	}
	rows := make([]int, predictBatch)
	for range passes {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		start := time.Now()
		for at := 0; at < r.samples; at += predictBatch {
			for i := range rows {
				rows[i] = at + i
			}
			data.Fill(program.X().Float32s(), rows)
			if err := program.Run(); err != nil {
				return err
			}
		}
		epoch(time.Since(start).Seconds())
	}
	return nil
}

func median(x []float64) float64 {
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
