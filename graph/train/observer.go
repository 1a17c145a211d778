package train

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
)

// Moment is when an Observer is told.
type Moment uint8

const (
	Begin    Moment = iota // before the first step
	Backward               // the gradients of a step are there, the weights have not moved
	Step                   // the weights have moved
	Epochal                // an epoch is over, and evaluated where the Config asks for it
	End                    // the run is over, for whatever reason; the last thing told
)

var moments = [...]string{"begin", "backward", "step", "epoch", "end"}

// String is "begin", "backward", "step", "epoch" or "end".
func (m Moment) String() string {
	if int(m) < len(moments) {
		return moments[m]
	}
	return fmt.Sprintf("moment(%d)", uint8(m))
}

// An Observer is told what happens in a run: it prints, records, saves, or stops the run. An error from it ends the run and
// comes out of Fit with the observer's name.
type Observer interface {
	// Name is what errors call it.
	Name() string
	// Observe is called at every Moment, in the goroutine of Fit; it looks at Event.Moment first.
	Observe(*Event) error
}

// ObserverFunc makes an observer of a function:
//
//	progress := train.ObserverFunc("progress", func(e *train.Event) error {
//		if e.Moment == train.Epochal {
//			fmt.Println(e.Position.Epoch, e.Running.Loss)
//		}
//		return nil
//	})
func ObserverFunc(name string, f func(*Event) error) Observer { return observerFunc{name, f} }

type observerFunc struct {
	name string
	f    func(*Event) error
}

func (o observerFunc) Name() string { return o.name }
func (o observerFunc) Observe(e *Event) error {
	if o.f == nil {
		return errors.New("got no function: give ObserverFunc one")
	}
	return o.f(e)
}

// An Event is what an observer is told. It is the loop's own: read it during the call, copy what is to be kept.
type Event struct {
	Moment   Moment        // which of them it is
	Model    *graph.Model  // that is trained
	Config   *Config       // as given, with the defaults filled in
	Data     datasets.Data // the training set
	Position Position      // steps and batches that are over: at Backward the step in hand is not
	Steps    int           // steps in an epoch
	History  *History      // the epochs that are over; the one just over is the last at Epochal

	Batch   *Batch  // at Backward and Step: the samples, their targets and weights; of several Ranks this one's own, nil where it has none: see Whole
	Loss    float64 // at Backward and Step: of the batch
	Running Metrics // the means over this epoch's samples so far

	Rate     float64         // at Step: the learning rate that it was made with
	Clipping *optim.Clipping // at Step: what the optimizer's optim.Clip found; nil where it has none
	Err      error           // at End: what ended the run; nil where its last epoch or an observer's Stop did

	grads []gorgonia.ValueGrad
	keep  []graph.Param
	whole func() (*Batch, error) // nil where Batch is all
}

// Whole is the batch in hand with the samples of every rank: one process's Batch, else they are read now. It is nil but at Backward and Step.
func (e *Event) Whole() (*Batch, error) {
	if e.whole == nil || e.Moment != Backward && e.Moment != Step {
		return e.Batch, nil
	}
	return e.whole()
}

// Weights are the model's parameters and states as they are when it is evaluated: its own tensors, but for the parameters whose averages an optim.EMA keeps, and at the End
// those that an observer Keeps. Copy what is to be kept.
func (e *Event) Weights() []graph.Param {
	all := e.Model.Tensors()
	if e.keep != nil {
		for i, p := range all {
			if at := slices.IndexFunc(e.keep, func(k graph.Param) bool { return k.Name == p.Name }); at >= 0 {
				all[i].Value = e.keep[at].Value
			}
		}
		return all
	}
	ema, ok := optim.Find[*optim.EMA](e.Config.Optimizer)
	if !ok {
		return all
	}
	averages := ema.Averages()
	for i, p := range e.Model.Trainable() {
		at := slices.IndexFunc(all, func(o graph.Param) bool { return o.Name == p.Name })
		if at >= 0 && i < len(averages) {
			all[at].Value = averages[i]
		}
	}
	return all
}

// Keep says with which weights the model is to leave Fit, once every observer has been told of the End. It copies nothing: they must stay as they are till then.
func (e *Event) Keep(weights []graph.Param) { e.keep = weights }

// Gradients are the parameters that are not frozen, in the model's order, with the gradients of the batch in hand, added up over its shards; nil but at Backward. They are
// the loop's own: the optimizer takes them next.
func (e *Event) Gradients() []gorgonia.ValueGrad {
	if e.Moment != Backward {
		return nil
	}
	return e.grads
}

// Stop is an error with which an observer ends the run in good order: Fit returns no error, and History.Stopped is the reason.
func Stop(reason string) error { return &stopError{reason} }

type stopError struct{ reason string }

func (e *stopError) Error() string { return e.reason }

// Stopped tells a stop from a failure, to who asks with errors.As.
func (e *stopError) Stopped() string { return e.reason }

// tell tells every observer of a moment. A Stop does not keep the others from being told.
func (e *Event) tell(m Moment) error {
	e.Moment = m
	var stop *stopError
	for _, o := range e.Config.Observers {
		if err := o.Observe(e); err != nil && !errors.As(err, &stop) {
			where := fmt.Sprintf("%v of epoch %d", m, e.Position.Epoch+1)
			if m == Epochal {
				where = fmt.Sprintf("the end of epoch %d", e.Position.Epoch)
			}
			return fmt.Errorf("train: observer %s at %s, step %d: %w", o.Name(), where, e.Position.Step, err)
		}
	}
	if stop != nil {
		return stop
	}
	return nil
}
