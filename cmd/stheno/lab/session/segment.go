package session

import (
	"fmt"
	"reflect"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/models"
)

// A segment is settings that hold from a step on. Nothing in it changes, so that branches share it, and a checkpoint knows which were in force.
type segment struct {
	from       uint64            // the first step that is made with them
	asked      uint64            // where the run was when they were asked for: a branch from before does not have them
	experiment models.Experiment // all of the settings
	what       string            // what they change
}

// settingsOf are an experiment's in words. What no words are for was refused when it was opened.
func settingsOf(e models.Experiment, seed uint64, m *material) look.Settings {
	s, err := look.SettingsOf(e, seed, m.info())
	if err != nil {
		s.Layers = err.Error()
	}
	return s
}

// difference says what is changed, setting by setting.
func difference(a, b look.Settings) string {
	var all []string
	for _, c := range differences(a, b) {
		all = append(all, fmt.Sprintf("%s %s → %s", strings.ReplaceAll(c.Name, "_", " "), c.From, c.To))
	}
	return strings.Join(all, ", ")
}

func differences(a, b look.Settings) []Changed {
	all := []Changed{}
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		name, _, _ := strings.Cut(x.Type().Field(i).Tag.Get("json"), ",")
		v, w := x.Field(i), y.Field(i)
		if v.Kind() == reflect.Pointer {
			if v.IsNil() || w.IsNil() {
				continue // the layers say it
			}
			v, w = v.Elem(), w.Elem()
		}
		if name == "layers" && a.Activation != nil && b.Activation != nil && onlyWords(a, b) {
			continue // activation and dropout say it
		}
		if !v.Equal(w) {
			all = append(all, Changed{name, fmt.Sprint(v.Interface()), fmt.Sprint(w.Interface())})
		}
	}
	return all
}

// onlyWords says whether two perceptrons have the same hidden layers but for activation and dropout.
func onlyWords(a, b look.Settings) bool {
	of := func(s look.Settings) []int {
		network, err := layers.Parse(s.Layers)
		if err != nil {
			return nil
		}
		n, ok := models.AsMLP(network)
		if !ok {
			return nil
		}
		return n.Hidden
	}
	return reflect.DeepEqual(of(a), of(b))
}

// sameNetwork says whether two experiments have the same layers.
func sameNetwork(a, b models.Experiment) bool {
	if a.Layers == nil && b.Layers == nil {
		return reflect.DeepEqual(a.Hidden, b.Hidden) && a.Activation == b.Activation && a.Dropout == b.Dropout
	}
	if a.Layers == nil || b.Layers == nil || !reflect.DeepEqual(a.Input, b.Input) {
		return false
	}
	x, err := layers.Format(a.Layers...)
	y, err2 := layers.Format(b.Layers...)
	return err == nil && err2 == nil && x == y
}

func sameLoss(a, b graph.Loss) bool {
	x, err := losses.Format(a)
	y, err2 := losses.Format(b)
	return err == nil && err2 == nil && x == y
}

// enter brings the run from the settings that were in force to a segment's, as if it had been changed in the midst of its training: the same whenever the run comes here, so that its bits are, too.
func (r *run) enter(s *segment) error {
	was, now := r.in.experiment, s.experiment
	r.working()
	model := r.model
	if !sameNetwork(was, now) { // by activation or dropout, which keep nothing
		var err error
		if model, err = r.build(now); err != nil {
			return err
		}
		if err := take(model, r.model); err != nil {
			return err
		}
	}
	optimizer := r.optimizer
	if was.Optimizer != now.Optimizer || was.LearningRate != now.LearningRate || model != r.model {
		var err error
		if optimizer, err = optim.New(now.Optimizer, now.LearningRate); err != nil {
			return err
		}
		rate := setRate(optimizer)
		if sameKind(optimizer, r.optimizer) {
			if err := optimizer.SetState(r.optimizer.State()); err != nil { // of other settings, such as a momentum where there was none
				if optimizer, err = optim.New(now.Optimizer, now.LearningRate); err != nil {
					return err
				}
			}
		}
		if was.Optimizer != now.Optimizer || was.LearningRate != now.LearningRate { // a schedule's state has the old one
			optimizer.SetRate(rate)
		}
	}
	if !sameLoss(was.Loss, now.Loss) { // the epoch's mean is of the new one from here on
		r.at.Loss, r.at.Mass, r.at.More = 0, 0, nil
		if !reflect.DeepEqual(was.Metrics, now.Metrics) {
			r.at.Sums = nil
		}
	}
	if now.BatchSize != was.BatchSize { // which is between two epochs: train.Position counts its steps by the batches of an epoch
		step := r.step()
		r.at.Step = uint64(r.at.Epoch * steps(r.material.fit.Len(), now.BatchSize))
		r.offset = int64(step) - int64(r.at.Step)
	}
	r.model, r.optimizer, r.in, r.recorder = model, optimizer, s, nil
	return nil
}

// setRate is the learning rate as it was set: of a schedule that which it begins with.
func setRate(o optim.Optimizer) float64 {
	for w, ok := o.(optim.Wrapper); ok; w, ok = o.(optim.Wrapper) {
		o = w.Unwrap()
	}
	return o.Rate()
}

// sameKind says whether two optimizers are of one kind, with those that they wrap, so that one may go on with the other's running values.
func sameKind(a, b optim.Optimizer) bool {
	for {
		if a.Name() != b.Name() {
			return false
		}
		x, ok := a.(optim.Wrapper)
		y, ok2 := b.(optim.Wrapper)
		if !ok || !ok2 {
			return ok == ok2
		}
		a, b = x.Unwrap(), y.Unwrap()
	}
}

// take copies all that a model keeps from another of the same tensors.
func take(to, from *graph.Model) error { return put(to, tensorsOf(from)) }

func tensorsOf(m *graph.Model) []*tensor.Dense {
	var all []*tensor.Dense
	for _, p := range m.Tensors() {
		all = append(all, p.Value)
	}
	return all
}

// put copies values into what a model keeps.
func put(m *graph.Model, values []*tensor.Dense) error {
	all := m.Tensors()
	if len(all) != len(values) {
		return fmt.Errorf("the network keeps %d tensors and got %d: it is another one", len(all), len(values))
	}
	for i, p := range all {
		if v := values[i]; p.Value.Dtype() != v.Dtype() || !p.Value.Shape().Eq(v.Shape()) {
			return fmt.Errorf("%s: got %v of %v, want %v of %v: it is another network's", p.Name, v.Shape(), v.Dtype(), p.Value.Shape(), p.Value.Dtype())
		}
	}
	for i, p := range all {
		copyTo(p.Value, values[i])
	}
	return nil
}

// copyTo copies elements between tensors of one form.
func copyTo(to, from *tensor.Dense) {
	if to.Dtype() == tensor.Float64 {
		copy(to.Float64s(), from.Float64s())
	} else {
		copy(to.Float32s(), from.Float32s())
	}
}

// steps is how many batches an epoch has.
func steps(samples, batch int) int { return (samples-1)/min(batch, samples) + 1 }
