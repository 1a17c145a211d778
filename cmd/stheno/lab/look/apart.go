package look

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// Apart is a step of training taken apart.
type Apart struct {
	Step     uint64     `json:"step"`  // steps that are over before it
	Epoch    int        `json:"epoch"` // epochs that are over
	Size     int        `json:"size"`  // samples
	Rows     []int      `json:"rows"`  // of the training samples, in the batch's order
	Batch    []*Sample  `json:"batch"` // the first of them, as they came
	Layers   []Forward  `json:"layers"`
	Loss     LossOf     `json:"loss"`
	Backward []Backward `json:"backward"` // the last layer first
	Update   []Update   `json:"update"`
}

// A Forward is what a layer puts out.
type Forward struct {
	Name    string `json:"name"`
	Label   string `json:"label"`
	Nested  int    `json:"nested"`
	Forward Hist   `json:"forward"` // for the whole batch
	Sample  any    `json:"sample"`  // for the first sample: a *Picture, or numbers
}

// A LossOf is the loss of a batch.
type LossOf struct {
	PerSample     []Number   `json:"per_sample"`    // of positions, the mean over a sample's
	Mean          Number     `json:"mean"`          // what the step makes smaller, penalties among it
	Probabilities [][]Number `json:"probabilities"` // of the classes, for the first samples; null where there are none
}

// A Backward is what comes back to a layer.
type Backward struct {
	Name     string          `json:"name"`
	GradNorm *Number         `json:"grad_norm"` // of all that it learns
	Gradient *Hist           `json:"gradient"`  // of the loss, with regard to its output
	Params   []ParamGradient `json:"params"`
}

// A ParamGradient is a parameter's.
type ParamGradient struct {
	Name       string  `json:"name"`
	GradNorm   *Number `json:"grad_norm"`
	WeightNorm *Number `json:"weight_norm"`
	Gradient   Hist    `json:"gradient"`
}

// An Update is what the optimizer does to a parameter.
type Update struct {
	Name       string  `json:"name"` // the layer's
	Param      string  `json:"param"`
	UpdateNorm *Number `json:"update_norm"` // ‖Δw‖
	Ratio      *Number `json:"ratio"`       // ‖Δw‖/‖w‖
	Rate       Number  `json:"rate"`        // the learning rate of the step
}

// shownOfBatch is how many samples of a batch are shown.
const shownOfBatch = 10

// TakeApart makes the step that comes next, on copies of the model and of the optimizer, and says what happens in it: neither is moved. The numbers are those of an inspect.Recorder. A step whose loss is not finite is an
// error, which says so.
func TakeApart(ctx context.Context, s *Subject) (*Apart, error) {
	snapshot, batch, rate, err := s.nextStep(ctx)
	if err != nil {
		return nil, err
	}
	a := &Apart{Step: snapshot.Step, Epoch: snapshot.Epoch, Size: batch.Len(), Rows: batch.Rows, Layers: []Forward{}, Backward: []Backward{}, Update: []Update{}}
	if a.Rows == nil {
		a.Rows = []int{}
	}
	raw := s.RawFit
	if raw == nil || raw.Len() != s.Fit.Len() {
		raw = s.Fit
	}
	if a.Batch, err = samples(s, raw, a.Rows[:min(shownOfBatch, len(a.Rows))]); err != nil {
		return nil, err
	}
	if a.Loss, err = s.losses(snapshot, batch); err != nil {
		return nil, err
	}
	for i, info := range s.Model.Layers() {
		l := &snapshot.Layers[i]
		a.Layers = append(a.Layers, Forward{info.Name, info.Label(), info.Nested, histOf(l.Output), s.firstOf(info, l.Output.Tensor)})
		back := Backward{Name: l.Name, GradNorm: gradNorm(l), Gradient: optional(l.Grad), Params: []ParamGradient{}}
		if l.Frozen {
			continue
		}
		for _, p := range l.Params {
			back.Params = append(back.Params, ParamGradient{p.Name, known(norm(p.Grad)), known(norm(p.Value)), histOf(p.Grad)})
			a.Update = append(a.Update, Update{l.Name, p.Name, known(p.Update), known(p.UpdateRatio()), Number(rate)})
		}
		if back.Gradient != nil || len(back.Params) > 0 {
			a.Backward = append(a.Backward, back)
		}
	}
	slices.Reverse(a.Backward)
	return a, nil
}

// nextStep makes the step, and gives the snapshot of it, the samples, and the learning rate.
func (s *Subject) nextStep(ctx context.Context) (*inspect.Snapshot, *train.Batch, float64, error) {
	config, err := s.Experiment.Config(models.RunOptions{Seed: s.Seed, Start: s.At})
	if err != nil {
		return nil, nil, 0, err
	}
	if s.Optimizer != nil {
		words, err := optim.Format(s.Optimizer)
		if err != nil {
			return nil, nil, 0, err
		}
		if config.Optimizer, err = optim.New(words, 0); err == nil {
			err = config.Optimizer.SetState(s.Optimizer.State())
		}
		if err != nil {
			return nil, nil, 0, err
		}
	}
	next := s.At.Epoch
	if size := min(max(1, config.BatchSize), s.Fit.Len()); s.At.Batch*size >= s.Fit.Len() { // the last of its epoch is over
		next++
	}
	config.Epochs = max(config.Epochs, next+1)
	var batch *train.Batch
	var rate float64
	recorder := &inspect.Recorder{At: []uint64{s.At.Step}, Tensors: true}
	after := train.ObserverFunc("one step", func(e *train.Event) error {
		switch e.Moment {
		case train.Backward:
			whole, err := e.Whole()
			if err != nil {
				return err
			}
			batch = copied(whole)
		case train.Step:
			rate = e.Rate
			return train.Stop("one step is over")
		}
		return nil
	})
	config.Observers = []train.Observer{recorder, after}
	_, err = train.Fit(ctx, s.Model.Clone(), s.Fit, config)
	var diverged *train.DivergedError
	switch {
	case errors.As(err, &diverged):
		return nil, nil, 0, fmt.Errorf("the step that comes next cannot be taken apart: its loss is %v: go back to an earlier one", diverged.Loss)
	case err != nil:
		return nil, nil, 0, err
	case len(recorder.Snapshots) == 0 || batch == nil:
		return nil, nil, 0, errors.New("no step comes next")
	}
	return recorder.Snapshots[0], batch, rate, nil
}

// copied is a batch of its own, which the next step does not write over.
func copied(b *train.Batch) *train.Batch {
	c := &train.Batch{Weights: slices.Clone(b.Weights), Rows: slices.Clone(b.Rows)}
	for _, t := range b.Inputs {
		c.Inputs = append(c.Inputs, t.Clone().(*tensor.Dense))
	}
	for _, t := range b.Targets {
		c.Targets = append(c.Targets, t.Clone().(*tensor.Dense))
	}
	return c
}

// losses are those of the samples, as the step has them: what is random is drawn as there.
func (s *Subject) losses(of *inspect.Snapshot, b *train.Batch) (l LossOf, err error) {
	l.Mean = Number(of.Loss)
	p, err := s.Model.Compile(graph.Spec{Mode: graph.Train, Batch: b.Len(), Loss: s.Experiment.Loss})
	if err == nil {
		err = b.Feed(p)
	}
	if err != nil {
		return l, err
	}
	p.SetStep(of.Step)
	if err := p.Run(); err != nil {
		return l, err
	}
	values := wide(p.Losses())
	each := len(values) / b.Len()
	for i := range b.Len() {
		sum := 0.0
		for _, v := range values[i*each : (i+1)*each] {
			sum += v
		}
		l.PerSample = append(l.PerSample, Number(sum/float64(max(1, each))))
	}
	outputs := s.Model.Outputs()
	if len(outputs) != 1 || len(outputs[0].Shape) != 1 || outputs[0].Shape[0] != len(s.Fit.Info().Classes) {
		return l, nil
	}
	out := train.Probabilities(outputs[0], p.Output())
	for row := range slices.Chunk(out[:min(shownOfBatch, b.Len())*outputs[0].Shape[0]], outputs[0].Shape[0]) {
		l.Probabilities = append(l.Probabilities, numbers(row))
	}
	return l, nil
}

// numbersShown is how many numbers a layer's output for a sample shows.
const numbersShown = 1024

// firstOf is what a layer puts out for the first sample: a picture of channels, or the numbers.
func (s *Subject) firstOf(info graph.LayerInfo, t *tensor.Dense) any {
	if t == nil {
		return []Number{}
	}
	if o := info.Output; len(o) == 3 && o[0] > 1 && o[1] > 1 {
		if tiles, err := inspect.MapTiles(t, 0); err == nil {
			return mosaic(tiles[:min(16, len(tiles))], o[0], o[1])
		}
	}
	values := wide(t)
	values = values[:min(len(values), info.Output.TotalSize())]
	if h, w, channels, ok := picturesOf(datasets.Field{Shape: info.Output}); ok && channels == 1 && len(info.Output) == 2 {
		return pictureOf(values, h, w, 1)
	}
	return numbers(values[:min(numbersShown, len(values))])
}
