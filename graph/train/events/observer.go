package events

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// An Observer writes what happens in a run into event files. All curves are over the steps made. Curves of a step have a point each Every steps, those of an epoch one at its
// end. Weights and gradients are counted after epochs 1, 2, 3, 4, 6, 8, 12, 16 and so on, from the batch that was the epoch's last; layers' outputs, for which the batch is run once more,
// and the first layer's pictures, after 1, 2, 4, 8 and so on. What is judged in the end is 2000 samples at most, evenly among all. The training goes on in the same bits as without it.
//
// A run that goes on after a stop goes on in the same folder: what had been written beyond the step at which it takes up is left out by TensorBoard.
//
// It serves one run at a time.
type Observer struct {
	Dir   string // the folder, made where it is not there
	Every int    // steps between points, 10 if 0
	Run   string // its name, in the table of hyperparameters; the folder's if ""

	Settings map[string]string // more columns of that table, such as what a trial of a sweep is about
	Test     datasets.Data     // of which the end shows the confusion and what is most wrong, as the model takes them; the validation set if nil, and of a run without one the training set

	training, held *Writer
	outputs        inspect.Recorder
	grads          []histogram // of the last batch of an epoch
	norms          map[string]float64
	since          time.Time // of the last point
	steps          int       // since then
}

// Name is "events".
func (o *Observer) Name() string { return "events" }

// Observe writes what is to be written at each moment, and ends the run with an error where it cannot.
func (o *Observer) Observe(e *train.Event) error {
	switch {
	case o == nil || e == nil:
		return errors.New("events: got a nil observer or event: an observer is told by train.Fit")
	case o.Every < 0:
		return fmt.Errorf("events: got a point each %d steps, want at least 1, or 0 for 10", o.Every)
	}
	var err error
	switch e.Moment {
	case train.Begin:
		err = o.begin(e)
	case train.Backward:
		err = o.backward(e)
	case train.Step:
		err = o.step(e)
	case train.Epochal:
		err = o.epoch(e)
	case train.End:
		err = o.end(e)
	}
	return err
}

func (o *Observer) begin(e *train.Event) (err error) {
	o.close() // of a run before
	if o.training, err = Create(o.Dir); err != nil {
		return err
	}
	if e.Config.Validation != nil {
		if o.held, err = Create(filepath.Join(o.Dir, validation)); err != nil {
			return err
		}
	}
	if at := int64(e.Position.Step); at > 0 {
		o.training.began(at + 1)
		if o.held != nil {
			o.held.began(at + 1)
		}
	}
	o.outputs = inspect.Recorder{Each: o.layers}
	if err := o.outputs.Observe(e); err != nil {
		return err
	}
	o.since, o.steps, o.grads = time.Now(), 0, nil
	w := o.training
	text := configuration(e)
	var lines strings.Builder
	for _, l := range text {
		fmt.Fprintf(&lines, "    %-14s %s\n", l[0], strings.ReplaceAll(l[1], "\n", "\n"+strings.Repeat(" ", 19)))
	}
	w.Text(e.Position.Step, "configuration", lines.String())
	o.settings(e)
	if err := w.network(e.Model, e.Config.Loss); err != nil {
		return err
	}
	return w.Flush()
}

// validation is the folder within of what is evaluated.
const validation = "validation"

func (o *Observer) every() int { return max(1, cmp.Or(o.Every, 10)) }

// due: the step in hand has a point.
func (o *Observer) due(step uint64) bool { return step%uint64(o.every()) == 0 }

func (o *Observer) backward(e *train.Event) error {
	next := e.Position.Step + 1
	last := e.Position.Batch+1 >= e.Steps
	if o.due(next) || last {
		o.norms = norms(e)
	}
	if last && counted(e.Position.Epoch+1) {
		for _, g := range e.Gradients() {
			h := histogram{}
			if t, ok := gradient(g); ok {
				h = of(t)
			}
			o.grads = append(o.grads, h)
		}
	}
	if last && doubling(e.Position.Epoch+1) {
		o.outputs.At = []uint64{e.Position.Step}
		return o.outputs.Observe(e)
	}
	return nil
}

// counted is 1, 2, 3, 4, 6, 8, 12, 16, …
func counted(n int) bool {
	return n > 0 && n>>max(0, bits.Len(uint(n))-2)<<max(0, bits.Len(uint(n))-2) == n
}

// doubling is 1, 2, 4, 8, …
func doubling(n int) bool { return n > 0 && bits.OnesCount(uint(n)) == 1 }

func gradient(g gorgonia.ValueGrad) (*tensor.Dense, bool) {
	v, err := g.Grad()
	t, ok := v.(*tensor.Dense)
	return t, err == nil && ok
}

// norms are those of the layers' gradients: of all that a layer learns.
func norms(e *train.Event) map[string]float64 {
	all := map[string]float64{}
	params := e.Model.Trainable()
	for i, g := range e.Gradients() {
		if t, ok := gradient(g); ok && i < len(params) {
			layer, _, _ := strings.Cut(params[i].Name, ".")
			all[layer] += squares(t)
		}
	}
	for layer, sum := range all {
		all[layer] = math.Sqrt(sum)
	}
	return all
}

func squares(t *tensor.Dense) float64 {
	if t.Dtype() == tensor.Float64 {
		return vec.SumSquares(t.Float64s())
	}
	return vec.SumSquares(t.Float32s())
}

func (o *Observer) step(e *train.Event) error {
	if err := o.outputs.Observe(e); err != nil {
		return err
	}
	o.steps++
	at := e.Position.Step
	if !o.due(at) {
		return nil
	}
	w := o.training
	w.Number(at, "loss/batch", e.Loss)
	w.Number(at, "learning_rate", e.Config.Optimizer.Rate())
	w.Number(at, "step_milliseconds", float64(time.Since(o.since).Microseconds())/1e3/float64(o.steps))
	o.since, o.steps = time.Now(), 0
	o.gradients(at)
	return w.Flush()
}

func (o *Observer) gradients(at uint64) {
	for layer, norm := range o.norms {
		o.training.Number(at, "gradient_norm/"+layer, norm)
	}
	o.norms = nil
}

func (o *Observer) epoch(e *train.Event) error {
	at := e.Position.Step
	over := e.History.Epochs[len(e.History.Epochs)-1]
	w := o.training
	if o.norms != nil {
		o.gradients(at)
	}
	figures(w, at, over.Running)
	if over.Evaluated != nil && o.held != nil {
		figures(o.held, at, *over.Evaluated)
		if err := o.held.Flush(); err != nil {
			return err
		}
	}
	if counted(over.Epoch) {
		for _, p := range e.Model.Params() {
			w.histogram(at, "weights/"+p.Name, of(p.Value))
		}
	}
	for i, p := range e.Model.Trainable() { // frozen ones have no gradient
		if i < len(o.grads) && o.grads[i].counts != nil {
			w.histogram(at, "gradients/"+p.Name, o.grads[i])
		}
	}
	o.grads = o.grads[:0]
	if doubling(over.Epoch) {
		if img := filters(e.Model); img != nil {
			w.Picture(at, "first_layer", img)
		}
	}
	o.since, o.steps = time.Now(), 0
	return w.Flush()
}

// figures are the curves of an epoch.
func figures(w *Writer, at uint64, m train.Metrics) {
	w.Number(at, "loss/epoch", m.Loss)
	for _, s := range m.Scores {
		w.Number(at, s.Name+"/epoch", s.Value)
	}
}

// layers writes how each layer's outputs are distributed.
func (o *Observer) layers(s *inspect.Snapshot) error {
	for _, l := range s.Layers {
		o.training.histogram(s.Step+1, "outputs/"+l.Name, summarized(l.Output.Stats))
	}
	o.outputs.Snapshots = nil
	return nil
}

func (o *Observer) end(e *train.Event) error {
	if o.training == nil {
		return nil
	}
	err := o.outputs.Observe(e)
	if err == nil && e.Err == nil && len(e.History.Epochs) > 0 {
		err = o.judged(e)
	}
	var diverged *train.DivergedError
	if well := e.Err == nil; well || errors.As(e.Err, &diverged) { // what was stopped goes on, or not
		o.training.ended(well)
	}
	return errors.Join(err, o.close())
}

// judged shows what the network makes of samples in the end, with the weights with which it is left.
func (o *Observer) judged(e *train.Event) error {
	data, w := e.Config.Validation, o.held
	switch {
	case o.Test != nil:
		data, w = o.Test, o.training
	case data == nil:
		data, w = e.Data, o.training
	}
	left := e.Weights()
	for i, p := range e.Model.Tensors() {
		if own := p.Value; own != left[i].Value {
			was := own.Clone().(*tensor.Dense)
			defer func() { _ = tensor.Copy(own, was) }()
			if err := tensor.Copy(own, left[i].Value); err != nil {
				return fmt.Errorf("events: %s: %w", p.Name, err)
			}
		}
	}
	return w.judged(e.Position.Step, e.Model, data)
}

func (o *Observer) close() error {
	err := errors.Join(o.training.Close(), o.held.Close())
	o.training, o.held = nil, nil
	return err
}

// configuration is what the run was started with, in lines of a name and a text.
func configuration(e *train.Event) [][2]string {
	c := e.Config
	or := func(s string, err error, else_ string) string {
		if err != nil {
			return else_
		}
		return s
	}
	net, err := layers.Format(e.Model.Net())
	lines := [][2]string{{"data", e.Data.Info().Name}, {"network", or(net, err, "of layers that have no text")}}
	loss, err := losses.Format(c.Loss)
	lines = append(lines, [2]string{"loss", or(loss, err, c.Loss.Name())})
	optimizer, err := optim.Format(c.Optimizer)
	return append(lines, [2]string{"optimizer", or(optimizer, err, c.Optimizer.Name())},
		[2]string{"batch size", fmt.Sprint(c.BatchSize)}, [2]string{"epochs", fmt.Sprint(c.Epochs)}, [2]string{"seed", fmt.Sprint(c.Seed)},
		[2]string{"parameters", fmt.Sprint(e.Model.ParamCount())})
}

// settings are the run's row in the table of hyperparameters.
func (o *Observer) settings(e *train.Event) {
	c := e.Config
	all := map[string]setting{
		"batch_size":    {number: float64(c.BatchSize)},
		"epochs":        {number: float64(c.Epochs)},
		"seed":          {number: float64(c.Seed)},
		"learning_rate": {number: c.Optimizer.Rate()},
		"parameters":    {number: float64(e.Model.ParamCount())},
	}
	for _, l := range configuration(e) {
		switch l[0] {
		case "network", "loss", "optimizer":
			all[l[0]] = setting{text: l[1]}
		}
	}
	for name, text := range o.Settings {
		all[name] = setting{text: text}
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			all[name] = setting{number: number}
		}
	}
	group := ""
	if o.held != nil {
		group = validation
	}
	columns := [][2]string{{group, "loss/epoch"}}
	for _, m := range c.Metrics {
		columns = append(columns, [2]string{group, m.Name() + "/epoch"})
	}
	o.training.settings(cmp.Or(o.Run, filepath.Base(o.Dir)), all, columns)
}
