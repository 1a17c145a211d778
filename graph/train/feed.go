package train

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// A Batch is samples as a model takes them, and what a loss takes for its target.
type Batch struct {
	Inputs  []*tensor.Dense // in the order of Model.Inputs, [rows,…] of the model's element type or int32
	Targets []*tensor.Dense // in the order of Model.Targets; none where nothing is to be learnt
	Weights []float64       // what each sample counts; nil: 1
	Rows    []int           // of the data
}

// NewBatch reads samples of a data set for a model and a loss, in tensors of their own; with a nil loss without targets. Data that fit neither, and rows that there are not, are errors.
func NewBatch(m *graph.Model, loss graph.Loss, data datasets.Data, rows []int) (*Batch, error) {
	if err := given(m, data); err != nil {
		return nil, err
	}
	f, err := newFeeder(m, data, loss, false)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("train: got no rows, want at least one sample of data set %q", f.info.Name)
	}
	for _, row := range rows {
		if row < 0 || row >= data.Len() {
			return nil, fmt.Errorf("train: got row %d, want 0 to %d, the samples of data set %q", row, data.Len()-1, f.info.Name)
		}
	}
	b := f.room(len(rows))
	if err := f.read(b, rows, datasets.Draw{}); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return b, nil
}

// Len is the number of samples.
func (b *Batch) Len() int { return b.Inputs[0].Shape()[0] }

// Feed copies the batch into a program of as many samples, in whatever of the two element types it is.
func (b *Batch) Feed(p *graph.Program) error {
	if err := b.feed(p); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if len(p.Targets()) > 0 {
		if _, err := p.Weigh(b.Weights, nil); err != nil {
			return fmt.Errorf("train: %w", err)
		}
	}
	return nil
}

func (b *Batch) feed(p *graph.Program) error {
	for _, pair := range []struct{ to, from []*tensor.Dense }{{p.Inputs(), b.Inputs}, {p.Targets(), b.Targets}} {
		if len(pair.from) < len(pair.to) {
			return fmt.Errorf("got a batch of %d inputs and %d targets for a program of %d and %d, want one for each", len(b.Inputs), len(b.Targets), len(p.Inputs()), len(p.Targets()))
		}
		for i, to := range pair.to {
			if err := convert(to, pair.from[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// part is the samples lo to hi, over the same storage.
func (b *Batch) part(lo, hi int) *Batch {
	cut := func(all []*tensor.Dense) []*tensor.Dense {
		parts := make([]*tensor.Dense, len(all))
		for i, t := range all {
			size := t.Shape().TotalSize() / b.Len()
			shape := append(tensor.Shape{hi - lo}, t.Shape()[1:]...)
			switch t.Dtype() {
			case tensor.Float64:
				parts[i] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Float64s()[lo*size:hi*size]))
			case tensor.Int32:
				parts[i] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Int32s()[lo*size:hi*size]))
			default:
				parts[i] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Float32s()[lo*size:hi*size]))
			}
		}
		return parts
	}
	p := &Batch{Inputs: cut(b.Inputs), Targets: cut(b.Targets)}
	if b.Weights != nil {
		p.Weights = b.Weights[lo:hi]
	}
	if b.Rows != nil {
		p.Rows = b.Rows[lo:hi]
	}
	return p
}

// convert copies from into to, of the same shape, whatever their element types.
func convert(to, from *tensor.Dense) error {
	if from == nil || !slices.Equal(to.Shape(), from.Shape()) || (to.Dtype() == tensor.Int32) != (from.Dtype() == tensor.Int32) || from.Dtype() != tensor.Int32 && from.Dtype() != tensor.Float32 && from.Dtype() != tensor.Float64 {
		got := "nothing"
		if from != nil {
			got = fmt.Sprintf("%v of %v", from.Shape(), from.Dtype())
		}
		return fmt.Errorf("batch: got a tensor of %s, want %v of %v", got, to.Shape(), to.Dtype())
	}
	switch {
	case to.Dtype() == tensor.Int32:
		copy(to.Int32s(), from.Int32s())
	case to.Dtype() == tensor.Float64 && from.Dtype() == tensor.Float64:
		copy(to.Float64s(), from.Float64s())
	case to.Dtype() == tensor.Float64:
		for i, v := range from.Float32s() {
			to.Float64s()[i] = float64(v)
		}
	case from.Dtype() == tensor.Float64:
		for i, v := range from.Float64s() {
			to.Float32s()[i] = float32(v)
		}
	default:
		copy(to.Float32s(), from.Float32s())
	}
	return nil
}

// A feeder knows how a model and a loss are fed with a data set.
type feeder struct {
	data            datasets.Data
	info            datasets.Info
	model           *graph.Model
	targets         []graph.TargetInfo
	inputs, answers []source
	narrow          [][]float32 // room to read through, for tensors in float64
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
	fail := func(format string, args ...any) (*feeder, error) {
		return nil, fmt.Errorf("train: %w", fmt.Errorf("data set %q "+format, append([]any{f.info.Name}, args...)...))
	}
	inputs := m.Inputs()
	for _, in := range inputs {
		at := fieldFor(f.info.Inputs, in.Name, len(inputs) == 1)
		if at < 0 {
			return fail("has no input %q, want one for each of the model's: name the data's as the model's", in.Name)
		}
		got := f.info.Inputs[at]
		switch {
		case got.IDs != in.IDs:
			return fail("has %s as input %q, the model takes %s: set graph.Config.Input to %v", kindOf(got), in.Name, in.Input, inputOf(got))
		case got.Size() != in.Size():
			return fail("has %d values a sample (shape %v), the model takes %d: set graph.Config.Input to %v", got.Size(), got.Shape, in.Size(), inputOf(got))
		}
		f.inputs = append(f.inputs, source{field: at, input: in.Input})
	}
	if loss == nil {
		return f, nil
	}
	var err error
	if f.targets, err = m.Targets(loss); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	for _, t := range f.targets {
		at := fieldFor(f.info.Targets, t.Output, len(f.targets) == 1)
		if at < 0 {
			return fail("has no target %q, want one for each output that the loss %s is of: name the data's as the model's", t.Output, loss.Name())
		}
		s := source{field: at, input: t.Input}
		output := m.Outputs()[slices.IndexFunc(m.Outputs(), func(o graph.OutputInfo) bool { return o.Name == t.Output })]
		got := f.info.Targets[at]
		classes := 0
		if at == 0 {
			classes = len(f.info.Classes)
		}
		width := 1
		if n := len(output.Shape); n > 0 {
			width = output.Shape[n-1]
		}
		switch {
		case got.IDs && !t.IDs && t.Size() == got.Size()*width && (width > 1 || classes > 2): // a class for a row of numbers
			s.oneHot = width
		case got.IDs && !t.IDs && t.Size() == got.Size(): // 0 or 1 for a single number
		case got.IDs != t.IDs:
			return fail("has %s as target, the loss %s takes %s for an output of shape %v: take a loss for what the data have, such as losses.MSE{} for numbers and losses.CrossEntropy{} for classes", kindOf(got), loss.Name(), kindOf(datasets.Field{Shape: t.Shape, IDs: t.IDs}), output.Shape)
		case got.Size() != t.Size():
			return fail("has %d values a sample as target (shape %v), the loss %s takes %d (shape %v): give the model's last layer as many units as there are values", got.Size(), got.Shape, loss.Name(), t.Size(), t.Shape)
		}
		if classes > 0 && (s.oneHot > 0 || t.IDs) {
			switch {
			case classes > width:
				return fail("has %d classes, the model %d outputs: give its last layer %d units", classes, width, classes)
			case classes < width && training:
				return fail("has %d classes, the model %d outputs: give its last layer %d units, or name all classes where the data are made", classes, width, classes)
			}
		}
		f.answers = append(f.answers, s)
	}
	return f, nil
}

// fieldFor is the index of the field of that name; 0 where there is but one of each.
func fieldFor(fields []datasets.Field, name string, only bool) int {
	if only && len(fields) > 0 {
		if at := slices.IndexFunc(fields, func(f datasets.Field) bool { return f.Name == name }); at >= 0 {
			return at
		}
		return 0
	}
	return slices.IndexFunc(fields, func(f datasets.Field) bool { return f.Name == name })
}

func kindOf(f datasets.Field) string {
	if f.IDs {
		return fmt.Sprintf("ids or classes (int32, shape %v)", f.Shape)
	}
	return fmt.Sprintf("numbers (float32, shape %v)", f.Shape)
}

func inputOf(f datasets.Field) graph.Input {
	return graph.Input{Shape: slices.Clone(tensor.Shape(f.Shape)), IDs: f.IDs}
}

// room is a batch of so many samples, to be read into.
func (f *feeder) room(n int) *Batch {
	make := func(sources []source) []*tensor.Dense {
		var all []*tensor.Dense
		for _, s := range sources {
			dt := tensor.Float32
			switch {
			case s.input.IDs:
				dt = tensor.Int32
			case f.model.Config().Float64:
				dt = tensor.Float64
			}
			all = append(all, tensor.New(tensor.Of(dt), tensor.WithShape(append([]int{n}, s.input.Shape...)...)))
		}
		return all
	}
	return &Batch{Inputs: make(f.inputs), Targets: make(f.answers)}
}

// fillGrain is the number of values that are worth another thread.
const fillGrain = 8 << 10

// read fills a batch with samples.
func (f *feeder) read(b *Batch, rows []int, draw datasets.Draw) error {
	b.Rows = rows
	into := datasets.Batch{Inputs: make([]datasets.Values, len(f.info.Inputs)), Targets: make([]datasets.Values, len(f.info.Targets))}
	var after []func() // what is left to do when all is read
	size := 1
	for i, s := range f.inputs {
		into.Inputs[s.field] = f.values(b.Inputs[i], f.info.Inputs[s.field], s, len(rows), i, &after)
		size += s.input.Size()
	}
	for i, s := range f.answers {
		into.Targets[s.field] = f.values(b.Targets[i], f.info.Targets[s.field], s, len(rows), len(f.inputs)+i, &after)
	}
	into.Weights = slices.Repeat([]float64{1}, len(rows))
	errs := make(chan error, 1)
	parallel.For(len(rows), max(1, fillGrain/size), func(lo, hi int) {
		if err := f.data.Read(f.cut(into, lo, hi), rows[lo:hi], draw); err != nil {
			select {
			case errs <- err:
			default:
			}
		}
	})
	select {
	case err := <-errs:
		return fmt.Errorf("reading data set %q: %w", f.info.Name, err)
	default:
	}
	b.Weights = nil
	if slices.ContainsFunc(into.Weights, func(w float64) bool { return w != 1 }) {
		b.Weights = into.Weights
	}
	for _, do := range after {
		do()
	}
	return nil
}

// values is where a field is read to: the tensor's own storage, where it is of the data's element type.
func (f *feeder) values(t *tensor.Dense, field datasets.Field, s source, rows, slot int, after *[]func()) datasets.Values {
	if field.IDs {
		if s.input.IDs {
			return datasets.Values{IDs: t.Int32s()}
		}
		ids := make([]int32, rows*field.Size())
		*after = append(*after, func() { spread(t, ids, s.oneHot) })
		return datasets.Values{IDs: ids}
	}
	if t.Dtype() == tensor.Float32 {
		return datasets.Values{Floats: t.Float32s()}
	}
	for len(f.narrow) <= slot {
		f.narrow = append(f.narrow, nil)
	}
	wide := t.Float64s()
	if len(f.narrow[slot]) < len(wide) {
		f.narrow[slot] = make([]float32, len(wide))
	}
	narrow := f.narrow[slot][:len(wide)]
	*after = append(*after, func() {
		for i, v := range narrow {
			wide[i] = float64(v)
		}
	})
	return datasets.Values{Floats: narrow}
}

// spread writes ids as numbers, or each as a row of 0 with a 1 at its place; one that is ignored as zeros.
func spread(t *tensor.Dense, ids []int32, oneHot int) {
	put := func(at int, v float64) {
		if t.Dtype() == tensor.Float64 {
			t.Float64s()[at] = v
		} else {
			t.Float32s()[at] = float32(v)
		}
	}
	if oneHot == 0 {
		for i, id := range ids {
			put(i, float64(id))
		}
		return
	}
	t.Zero()
	for i, id := range ids {
		if id >= 0 && int(id) < oneHot {
			put(i*oneHot+int(id), 1)
		}
	}
}

// cut is the part of the samples lo to hi.
func (f *feeder) cut(b datasets.Batch, lo, hi int) datasets.Batch {
	cut := func(all []datasets.Values, fields []datasets.Field) []datasets.Values {
		parts := make([]datasets.Values, len(all))
		for i, v := range all {
			size := fields[i].Size()
			if v.Floats != nil {
				parts[i].Floats = v.Floats[lo*size : hi*size]
			}
			if v.IDs != nil {
				parts[i].IDs = v.IDs[lo*size : hi*size]
			}
		}
		return parts
	}
	return datasets.Batch{Inputs: cut(b.Inputs, f.info.Inputs), Targets: cut(b.Targets, f.info.Targets), Weights: b.Weights[lo:hi]}
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
		if m == nil {
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
	outputs := f.model.Outputs()
	output := outputs[slices.IndexFunc(outputs, func(o graph.OutputInfo) bool { return o.Name == f.targets[0].Output })]
	return judged(f.targets[0].Loss, output), f.targets[0].Input
}

// suiting are the metrics that the loss names; accuracy where a loss of numbers is given classes.
func (f *feeder) suiting() ([]Metric, error) {
	if f.answers[0].oneHot > 0 {
		return []Metric{Accuracy{}}, nil
	}
	return MetricsOf(f.targets[0].Loss)
}
