package bench

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench/peers"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A course is the measuring of one regime, which rests between its epochs.
type course struct {
	regime Regime
	steps  int     // of an epoch
	flop   float64 // of the matrix products of a step
	floor  *floor  // nil where there is more to them than rows of the weights
	next   func() (epoch, error, bool)
	stop   func()

	epochs        []epoch
	floors, peaks []float64
	asked         peers.Regime
	against       []*rival
}

// An epoch of ours, and what it allocated.
type epoch struct {
	seconds       float64
	bytes, allocs uint64
	mpi, beside   float64 // seconds in it, and those in which gradients were multiplied out meanwhile
}

// A rival is a peer in one regime.
type rival struct {
	*peers.Peer
	seconds, ratios []float64
	err             error // it is asked no more
}

func newCourse(ctx context.Context, r Regime, images *datasets.Dataset, epochs int, against []*peers.Peer) (*course, error) {
	e, err := models.Find(r.experiment)
	if err != nil {
		return nil, err
	}
	e.TrainSamples, e.Epochs = r.samples, epochs
	data, _, _, err := e.Data(images, images, 0)
	if err != nil {
		return nil, err
	}
	if r.data != nil {
		if data, err = r.data(images, r.samples); err != nil {
			return nil, err
		}
	}
	if r.network != "" {
		if e.Layers, err = layers.Parse(r.network); err != nil {
			return nil, err
		}
		in := data.Info().Inputs[0]
		e.Input = graph.Input{Shape: in.Shape, IDs: in.IDs}
	}
	model, err := e.Model(images.Info(), 1)
	if err != nil {
		return nil, err
	}
	batch := e.BatchSize
	if r.predict {
		batch = predictBatch
	}
	c := &course{regime: r, steps: (r.samples + batch - 1) / batch, flop: r.flop * float64(batch), asked: peers.Regime{
		Name: r.Name, Samples: r.samples, Batch: batch, Hidden: e.Hidden, Classes: len(images.Classes), Activation: e.Activation.String(), Dropout: e.Dropout,
		Optimizer: e.Optimizer, LearningRate: e.LearningRate, Predict: r.predict, Net: e.Layers != nil, Words: r.data != nil,
	}}
	if r.flop == 0 {
		c.floor = newFloor(model, batch, !r.predict)
		c.flop = c.floor.flop()
	}
	for _, p := range against {
		c.against = append(c.against, &rival{Peer: p})
	}
	run := func(done func(seconds, beside float64) error) error {
		return r.predictions(ctx, model, data, epochs, done)
	}
	if !r.predict {
		config, err := e.Config(models.RunOptions{Ranks: ranks.World()})
		if err != nil {
			return nil, err
		}
		run = func(done func(seconds, beside float64) error) error {
			beside := time.Duration(0)
			config.Observers = []train.Observer{train.ObserverFunc("bench", func(ev *train.Event) error {
				if ev.Moment != train.Epochal {
					return nil
				}
				before := beside
				beside = ev.History.Beside
				return done(ev.History.Epochs[len(ev.History.Epochs)-1].Seconds, (beside - before).Seconds())
			})}
			_, err := train.Fit(ctx, model, data, config)
			return err
		}
	}
	c.next, c.stop = iter.Pull2(resting(run))
	return c, nil
}

// resting makes of what runs epochs one after another a sequence: it rests while nobody asks for the next.
func resting(run func(done func(seconds, beside float64) error) error) iter.Seq2[epoch, error] {
	return func(yield func(epoch, error) bool) {
		var before, after runtime.MemStats
		enough := errors.New("no more epochs are asked for")
		runtime.ReadMemStats(&before)
		spent := ranks.Spent()
		err := run(func(seconds, beside float64) error {
			runtime.ReadMemStats(&after)
			if !yield(epoch{seconds, after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs, (ranks.Spent() - spent).Seconds(), beside}, nil) {
				return enough
			}
			runtime.ReadMemStats(&before)
			spent = ranks.Spent()
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(epoch{}, err)
		}
	}
}

// settled is how long a peer's threads, or ours, may still look for work after an epoch.
const settled = 300 * time.Millisecond

// turn is an epoch of ours, and of all that is compared with it.
func (c *course) turn(ctx context.Context, warmUp bool) error {
	if len(c.against) > 0 {
		time.Sleep(settled)
	}
	if err := ranks.Wait(); err != nil {
		return err
	}
	own, err, ok := c.next()
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("the training ended early")
	}
	start := time.Now()
	for range c.steps {
		c.floor.step()
	}
	if !warmUp {
		c.epochs = append(c.epochs, own)
		if c.floor != nil {
			c.floors = append(c.floors, time.Since(start).Seconds())
		}
		for range 3 {
			c.peaks = append(c.peaks, blas.Peak())
		}
	}
	for _, r := range c.against {
		if r.err != nil {
			continue
		}
		time.Sleep(settled)
		seconds, err := r.Epoch(c.asked)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if r.err = err; err == nil && !warmUp {
			r.seconds, r.ratios = append(r.seconds, seconds), append(r.ratios, own.seconds/seconds)
		}
	}
	return nil
}

func (c *course) report() Report {
	scale := 10000 / float64(c.regime.samples)
	var seconds, shares, besides []float64
	for _, e := range c.epochs {
		seconds, shares, besides = append(seconds, e.seconds), append(shares, e.mpi/e.seconds), append(besides, e.beside/e.seconds)
	}
	last := c.epochs[len(c.epochs)-1]
	r := Report{
		Regime: c.regime.Name, SecondsPerEpoch: median(seconds) * scale, Spread: slices.Max(seconds)/slices.Min(seconds) - 1,
		GFLOPS: c.flop * float64(c.steps) / median(seconds) / 1e9, PeakGFLOPS: median(c.peaks),
		AllocBytes: int64(last.bytes) / int64(c.steps), Allocs: int64(last.allocs) / int64(c.steps),
	}
	if ranks.Size() > 1 {
		r.Ranks, r.MPIShare, r.Beside = ranks.Size(), median(shares), median(besides)
	}
	if c.floor != nil {
		r.FloorSeconds = median(c.floors) * scale
		r.OverFloor = r.SecondsPerEpoch / r.FloorSeconds
	}
	if r.PeakGFLOPS > 0 {
		r.ShareOfPeak = r.GFLOPS / r.PeakGFLOPS
	}
	if c.regime.predict {
		r.ImagesPerSecond = 10000 / r.SecondsPerEpoch
	}
	for _, a := range c.against {
		v := Versus{Peer: a.Name}
		if a.err != nil {
			v.Error = a.err.Error()
		} else {
			v.SecondsPerEpoch, v.Ratio, v.Lowest, v.Highest = median(a.seconds)*scale, median(a.ratios), slices.Min(a.ratios), slices.Max(a.ratios)
		}
		r.Against = append(r.Against, v)
	}
	return r
}

// predictions times passes over the data with one program, as a server would keep it.
func (r Regime) predictions(ctx context.Context, m *graph.Model, data datasets.Data, passes int, done func(seconds, beside float64) error) error {
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
			if err := data.Read(datasets.Batch{Inputs: []datasets.Values{{Floats: program.X().Float32s()}}}, rows, datasets.Draw{}); err != nil {
				return err
			}
			if err := program.Run(); err != nil {
				return err
			}
		}
		if err := done(time.Since(start).Seconds(), 0); err != nil {
			return err
		}
	}
	return nil
}
