package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// EarlyStopping is an observer that stops a run whose loss, or another figure, has not got better for Patience epochs: the evaluated one where the Config
// has Validation data, else the running one. The weights stay those of the last epoch, unless Restore puts those of the best one back.
//
// It looks at the epochs that Fit has ended so far and, but for the weights to restore, keeps nothing itself, so it may serve several runs, one after the other.
// A run that is taken up again stops where it would have stopped if it is told the epochs before: with run.Resume,
//
//	&train.EarlyStopping{Patience: 3, Before: recorder.Epochs()}
type EarlyStopping struct {
	Patience int           // epochs to wait, 1 if 0
	MinDelta float64       // what counts as better; any amount if 0
	Of       string        // the figure, "loss" if "", else a metric's by its name, such as "accuracy"
	Restore  bool          // at the end of the run, however it ends but by an error, the model gets the weights of the best epoch
	Before   []Epoch       // of the same run, ended before Config.Start
	Weights  []graph.Param // of the best of Before, for Restore

	kept   []graph.Param
	keptOf int // the epoch
}

// Name is "early stopping".
func (s *EarlyStopping) Name() string { return "early stopping" }

// Observe returns a Stop at the end of the epoch in which the patience ends, at the beginning where it had ended before, and an error at the beginning where a setting is out of its range, a figure is not measured,
// or the weights are missing that may have to be restored.
func (s *EarlyStopping) Observe(e *Event) error {
	if e == nil || e.Moment == Epochal && e.History == nil {
		return errors.New("got no event: an observer is told by Fit")
	}
	var metrics []Metric
	if e.Config != nil {
		metrics = e.Config.Metrics
	}
	more := moreIsBetter(metrics, s.Of)
	switch e.Moment {
	case Begin:
		s.kept, s.keptOf = nil, 0
		switch at, _ := best(s.Before, s.Of, more, s.MinDelta); {
		case s.Patience < 0:
			return fmt.Errorf("got Patience %d, want at least 1, or 0 for 1", s.Patience)
		case !(s.MinDelta >= 0 && s.MinDelta <= math.MaxFloat64):
			return fmt.Errorf("got MinDelta %v, want a finite number of at least 0", s.MinDelta)
		case s.Restore && at >= 0 && s.Weights == nil:
			return fmt.Errorf("got no Weights of epoch %d, the best of those before, want them since Restore is set: run.Recorder's BestWeights gives them", s.Before[at].Epoch)
		case s.Restore && at >= 0:
			s.kept, s.keptOf = s.Weights, s.Before[at].Epoch
		}
		if err := measured(metrics, s.Of); err != nil {
			return err
		}
		return s.judge(s.Before, more) // it may have been stopped before anybody could tell
	case End:
		if s.Restore && e.Err == nil && s.kept != nil {
			e.Keep(s.kept)
		}
	case Epochal:
		all := slices.Concat(s.Before, e.History.Epochs)
		if at, _ := best(all, s.Of, more, s.MinDelta); s.Restore && at >= 0 && at == len(all)-1 && s.keptOf != all[at].Epoch {
			s.kept, s.keptOf = copied(e.Weights()), all[at].Epoch
		}
		return s.judge(all, more)
	}
	return nil
}

// judge is a Stop where the patience has ended.
func (s *EarlyStopping) judge(epochs []Epoch, more bool) error {
	at, since := best(epochs, s.Of, more, s.MinDelta)
	if since < max(1, s.Patience) {
		return nil
	}
	figure, down := math.NaN(), "gone down"
	if at >= 0 {
		figure = epochs[at].figure(s.Of)
	}
	if more {
		down = "gone up"
	}
	return Stop(fmt.Sprintf("the %s has not %s for %d epochs, from %s", orLoss(s.Of), down, since, FormatFigure(figure, 4)))
}

// copied are tensors of their own.
func copied(params []graph.Param) []graph.Param {
	all := slices.Clone(params)
	for i, p := range all {
		all[i].Value = p.Value.Clone().(*tensor.Dense)
	}
	return all
}
