package train

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
)

// A feeder knows how a model and a loss are fed with a data set.
type feeder struct {
	data            datasets.Data
	info            datasets.Info
	model           *graph.Model
	targets         []graph.TargetInfo
	inputs, answers []source

	// Room that is kept from batch to batch.
	into    datasets.Batch
	weights []float64
	narrow  [][]float32 // by input, then target: to read through, for tensors in float64
	ids     [][]int32   // likewise, for classes as numbers

	single bool // it reads in one goroutine, beside a step that has the others
}

// A source is where an input or a target comes from.
type source struct {
	field  int
	input  graph.Input
	oneHot int // classes: the data's class is put there as a row of 0 and one 1; 0 where it is read as it is
}

// newFeeder finds for each input of the model, and each target that the loss wants, the data set's: by place where there is one, else by name. A nil loss wants none.
func newFeeder(m *graph.Model, data datasets.Data, loss graph.Loss, training bool) (*feeder, error) {
	f := &feeder{data: data, info: data.Info(), model: m}
	inputs := m.Inputs()
	for _, in := range inputs {
		s, err := f.input(in, len(inputs) == 1)
		if err != nil {
			return nil, f.fail(err)
		}
		f.inputs = append(f.inputs, s)
	}
	if loss == nil {
		return f, nil
	}
	if len(inputs) == 1 && len(f.info.Inputs) > 1 { // of several inputs the user has named those that are meant
		return nil, f.fail(fmt.Errorf("has the inputs %s, the model takes %q alone: make it a graph.Net with an input for each of them, or leave out of the data what it is not to learn from", listed(f.info.Inputs), inputs[0].Name))
	}
	var err error
	if f.targets, err = m.Targets(loss); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	for _, t := range f.targets {
		s, err := f.target(t, loss.Name(), training)
		if err != nil {
			return nil, f.fail(err)
		}
		f.answers = append(f.answers, s)
	}
	return f, nil
}

func (f *feeder) fail(err error) error {
	return fmt.Errorf("train: %w", fmt.Errorf("data set %q %w", f.info.Name, err))
}

// input finds what one of the model's inputs is read from.
func (f *feeder) input(in graph.InputInfo, only bool) (source, error) {
	at := fieldFor(f.info.Inputs, in.Name, only)
	if at < 0 {
		return source{}, fmt.Errorf("has no input %q (it has %s), the model takes it: name the data's inputs as the model's", in.Name, listed(f.info.Inputs))
	}
	got := f.info.Inputs[at]
	switch {
	case got.IDs != in.IDs:
		return source{}, fmt.Errorf("has %s as input %q, the model takes %s: %s", kindOf(got), in.Name, in.Input, f.declare(in.Name, got))
	case got.Size() != in.Size():
		return source{}, fmt.Errorf("has %d values a sample (shape %v), the model takes %d: %s", got.Size(), got.Shape, in.Size(), f.declare(in.Name, got))
	}
	return source{field: at, input: in.Input}, nil
}

// target finds what one of the loss's targets is read from. Data to train on have a class for each output; others may lack some.
func (f *feeder) target(t graph.TargetInfo, loss string, training bool) (source, error) {
	at := fieldFor(f.info.Targets, t.Output, len(f.targets) == 1)
	if at < 0 {
		return source{}, fmt.Errorf("has no target %q (it has %s), the loss %s compares that output: name the data's targets as the model's outputs", t.Output, listed(f.info.Targets), loss)
	}
	s, got, output := source{field: at, input: t.Input}, f.info.Targets[at], f.output(t)
	classes, width := 0, 1
	if at == 0 {
		classes = len(f.info.Classes)
	}
	if n := len(output.Shape); n > 0 {
		width = output.Shape[n-1]
	}
	switch {
	case got.IDs && !t.IDs && t.Size() == got.Size()*width && (width > 1 || classes > 2): // a class for a row of numbers
		s.oneHot = width
	case got.IDs && !t.IDs && t.Size() == got.Size(): // 0 or 1 for a single number
	case got.IDs != t.IDs:
		return source{}, fmt.Errorf("has %s as target, the loss %s takes %s for an output of shape %v: take a loss for what the data have, such as losses.MSE{} for numbers and losses.CrossEntropy{} for classes", kindOf(got), loss, kindOf(datasets.Field{Shape: t.Shape, IDs: t.IDs}), output.Shape)
	case got.Size() != t.Size() && len(output.Shape) > len(got.Shape)+1 && got.IDs:
		return source{}, fmt.Errorf("has one class a sample as target, the model an output of shape %v, a class for each place: put layers.Flatten{} before the first layer that is to see the whole sample", output.Shape)
	case got.Size() != t.Size():
		return source{}, fmt.Errorf("has %d values a sample as target (shape %v), the loss %s takes %d (shape %v): give the model's last layer as many units as there are values", got.Size(), got.Shape, loss, t.Size(), []int(t.Shape))
	}
	if classes > 0 && (s.oneHot > 0 || t.IDs) {
		switch {
		case classes > width:
			return source{}, fmt.Errorf("has %d classes, the model %s: give its last layer %d units", classes, counted(width, "output"), classes)
		case classes < width && training:
			return source{}, fmt.Errorf("has %d classes, the model %s: give its last layer %d units, or name all classes where the data are made", classes, counted(width, "output"), classes)
		}
	}
	return s, nil
}

// output is the one that a target is of.
func (f *feeder) output(t graph.TargetInfo) graph.OutputInfo {
	outputs := f.model.Outputs()
	return outputs[slices.IndexFunc(outputs, func(o graph.OutputInfo) bool { return o.Name == t.Output })]
}

// fieldFor is the index of the field of that name, or of the only one where there is but one of each.
func fieldFor(fields []datasets.Field, name string, only bool) int {
	if at := slices.IndexFunc(fields, func(f datasets.Field) bool { return f.Name == name }); at >= 0 || !only || len(fields) != 1 {
		return at
	}
	return 0
}

func listed(fields []datasets.Field) string {
	if len(fields) == 0 {
		return "none"
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = strconv.Quote(f.Name)
	}
	return strings.Join(names, ", ")
}

func kindOf(f datasets.Field) string {
	if f.IDs {
		return fmt.Sprintf("ids or classes (int32, shape %v)", f.Shape)
	}
	return fmt.Sprintf("numbers (float32, shape %v)", f.Shape)
}

// declare says how a model is made to take such an input.
func (f *feeder) declare(name string, field datasets.Field) string {
	in := graph.Input{Shape: slices.Clone(tensor.Shape(field.Shape)), IDs: field.IDs}
	if f.model.Config().Input.Shape == nil { // a Net
		return fmt.Sprintf("make it graph.Net.Input(%q, %v)", name, in)
	}
	return fmt.Sprintf("set graph.Config.Input to %v", in)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// metrics are those asked for, each fit for the first output; of nil those that suit.
func (f *feeder) metrics(asked []Metric) ([]Metric, error) {
	if len(f.targets) == 0 {
		return nil, nil
	}
	output, target := f.judged()
	if asked == nil {
		suiting, err := f.suiting()
		if err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		for _, m := range suiting {
			if m.Check(output, target) == nil {
				asked = append(asked, m)
			}
		}
		return asked, nil
	}
	for i, m := range asked {
		if isNil(m) {
			return nil, fmt.Errorf("train: got nil as metric %d of %d, want a metric, such as train.Accuracy{}", i+1, len(asked))
		}
		if err := m.Check(output, target); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	return asked, nil
}

// judged is the output that metrics look at, the first that the loss is of, and its target.
func (f *feeder) judged() (graph.OutputInfo, graph.Input) {
	return judged(f.targets[0].Loss, f.output(f.targets[0])), f.targets[0].Input
}

// suiting are the metrics that the loss names; accuracy where a loss of numbers is given classes.
func (f *feeder) suiting() ([]Metric, error) {
	if f.answers[0].oneHot > 0 {
		return []Metric{Accuracy{}}, nil
	}
	return MetricsOf(f.targets[0].Loss)
}
