package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A regime is a way of training, or predicting, whose speed is measured.
type regime struct {
	name       string
	experiment string
	samples    int // of an epoch; the time is scaled to 10,000
	predict    bool
}

var regimes = []regime{
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

func regimeNames() []string {
	var names []string
	for _, r := range regimes {
		names = append(names, r.name)
	}
	return names
}

// benchReport is what bench prints of a regime.
type benchReport struct {
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

func benchCommand() *cobra.Command {
	var (
		names  []string
		epochs int
		asJSON bool
		engine blasFlags
	)
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this machine trains",
		Long: `Measure how fast this machine trains, beside what its matrix products alone
take. That lasts some minutes: --regime measures less.

An epoch is 10,000 samples of MNIST through the same loop that run uses. The
floor is exactly the matrix products of such an epoch, by the same BLAS and
threads, with nothing between them; it is timed after every epoch. The GFLOP/s
are those products over an epoch's whole time. The peak is what the same
threads do where they only multiply and add in registers, timed after every
epoch too. All are medians, after a warm-up.`,
		Example: `  stheno bench
  stheno bench --regime sgd-100 --blas builtin
  stheno bench --threads 1 --json`,
		Args: arguments(0, 0, noArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range names {
				if err := known("--regime", name, regimeNames()); err != nil {
					return err
				}
			}
			if epochs < 1 {
				return fmt.Errorf("--epochs: got %d, want at least 1", epochs)
			}
			info, err := engine.use()
			if err != nil {
				return err
			}
			images, _, err := datasets.MNIST()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if !asJSON {
				fmt.Fprintf(out, "BLAS %s, %d threads\n", info.Name, info.Threads)
			}
			results := &table{out: out, columns: []column{
				{"", "regime", 11}, {"", "s/epoch", 8}, {"", "floor", 8}, {"", "over", 5}, {"", "GFLOP/s", 8}, {"", "peak", 6}, {"", "share", 6}, {"", "bytes/step", 11}, {"", "allocs", 7},
			}}
			for _, r := range regimes {
				if len(names) > 0 && !slices.Contains(names, r.name) {
					continue
				}
				report, err := r.measure(cmd.Context(), images, epochs)
				if err != nil {
					return fmt.Errorf("bench: regime %s: %w", r.name, err)
				}
				report.BLAS, report.Threads = info.Name, info.Threads
				if asJSON {
					err = json.NewEncoder(out).Encode(report)
				} else {
					peak, share := dash, dash
					if report.PeakGFLOPS > 0 {
						peak, share = fmt.Sprintf("%.0f", report.PeakGFLOPS), fmt.Sprintf("%.2f", report.ShareOfPeak)
					}
					err = results.row(report.Regime, fmt.Sprintf("%.4f", report.SecondsPerEpoch), fmt.Sprintf("%.4f", report.FloorSeconds), fmt.Sprintf("%.2f", report.OverFloor),
						fmt.Sprintf("%.1f", report.GFLOPS), peak, share, fmt.Sprint(report.AllocBytes), fmt.Sprint(report.Allocs))
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&names, "regime", nil, "measure these only, of "+strings.Join(regimeNames(), ", "))
	cmd.Flags().IntVar(&epochs, "epochs", 5, "epochs to measure, after one to warm up")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a regime")
	completeWith(cmd, "regime", regimeNames())
	engine.add(cmd)
	return cmd
}

// measure times epochs and floors in turn.
func (r regime) measure(ctx context.Context, images *datasets.Dataset, epochs int) (benchReport, error) {
	report := benchReport{Regime: r.name}
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
func (r regime) predictions(ctx context.Context, m *graph.Model, data *datasets.Dataset, passes int, epoch func(float64)) error {
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

// floor is the matrix products of a step: for each weight matrix x·W, and in training xᵀ·dz and, but for the first, dz·Wᵀ.
type floor struct {
	batch    int
	backward bool
	layers   []floorLayer
}

type floorLayer struct {
	in, out         int
	x, w, y, dx, dw []float32
}

func newFloor(m *graph.Model, batch int, backward bool) *floor {
	f := &floor{batch: batch, backward: backward}
	x := ones(batch * m.Config().Inputs)
	for _, p := range m.Params() {
		if s := p.Value.Shape(); len(s) == 2 {
			l := floorLayer{in: s[0], out: s[1], x: x, w: p.Value.Float32s(), y: ones(batch * s[1]), dx: ones(batch * s[0]), dw: ones(s[0] * s[1])}
			f.layers = append(f.layers, l)
			x = l.y
		}
	}
	// A copy, so that the products write over no weight and read the same sizes from memory.
	for i := range f.layers {
		f.layers[i].w = slices.Clone(f.layers[i].w)
	}
	return f
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// flop counts the operations of a step.
func (f *floor) flop() float64 {
	sum := 0
	for i, l := range f.layers {
		products := 1
		if f.backward {
			products = 2 + min(i, 1)
		}
		sum += products * 2 * f.batch * l.in * l.out
	}
	return float64(sum)
}

func (f *floor) step() {
	for _, l := range f.layers {
		blas.Gemm32(false, false, f.batch, l.out, l.in, 1, l.x, l.in, l.w, l.out, 0, l.y, l.out)
	}
	if !f.backward {
		return
	}
	for i := len(f.layers) - 1; i >= 0; i-- {
		l := f.layers[i]
		blas.Gemm32(true, false, l.in, l.out, f.batch, 1, l.x, l.in, l.y, l.out, 0, l.dw, l.out)
		if i > 0 {
			blas.Gemm32(false, true, f.batch, l.in, l.out, 1, l.y, l.out, l.w, l.out, 0, l.dx, l.in)
		}
	}
}
