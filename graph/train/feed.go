package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

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
	if err := given(context.Background(), m, data); err != nil {
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
func (b *Batch) Len() int {
	if b == nil || len(b.Inputs) == 0 || b.Inputs[0] == nil || b.Inputs[0].Dims() == 0 {
		return 0
	}
	return b.Inputs[0].Shape()[0]
}

// Feed copies the batch into a program of as many samples, in whatever of the two element types it is.
func (b *Batch) Feed(p *graph.Program) error {
	if b == nil || p == nil {
		return errors.New("train: got a nil batch or program, want both")
	}
	for _, t := range slices.Concat(b.Inputs, b.Targets) {
		if n := p.Spec().Batch; t != nil && t.Dims() > 0 && t.Shape()[0] != n {
			return fmt.Errorf("train: got a batch of %d samples for a program of %d, want as many", t.Shape()[0], n)
		}
	}
	if err := b.feed(p, 0); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if len(p.Targets()) > 0 {
		if _, err := p.Weigh(b.Weights, nil); err != nil {
			return fmt.Errorf("train: %w", err)
		}
	}
	return nil
}

// feed copies the samples from lo on, as many as the program takes.
func (b *Batch) feed(p *graph.Program, lo int) error {
	if err := copyRows(p.Inputs(), b.Inputs, "input", lo); err != nil {
		return err
	}
	return copyRows(p.Targets(), b.Targets, "target", lo)
}

// copyRows fills tensors with rows of others, from lo on.
func copyRows(to, from []*tensor.Dense, what string, lo int) error {
	if len(from) < len(to) {
		return fmt.Errorf("got a batch of %d %ss, want %d", len(from), what, len(to))
	}
	for i, t := range to {
		if err := convert(t, from[i], lo); err != nil {
			return fmt.Errorf("%s %d of the batch: %w", what, i+1, err)
		}
	}
	return nil
}

// convert copies rows of a tensor, from lo on, into one of fewer rows or as many, or of another of the two kinds of floats. Rows that from has not are copies of its last.
func convert(to, from *tensor.Dense, lo int) error {
	if from == nil || from.Dims() != to.Dims() || from.Dims() == 0 || !slices.Equal(to.Shape()[1:], from.Shape()[1:]) || (to.Dtype() == tensor.Int32) != (from.Dtype() == tensor.Int32) || from.Dtype() != tensor.Int32 && from.Dtype() != tensor.Float32 && from.Dtype() != tensor.Float64 {
		got := "nothing"
		if from != nil {
			got = fmt.Sprintf("%v of %v", from.Shape(), from.Dtype())
		}
		return fmt.Errorf("got %s, want %v of %v", got, to.Shape(), to.Dtype())
	}
	n, row := to.Shape()[0], to.Shape().TotalSize()/to.Shape()[0]
	switch wide := from.Dtype() == tensor.Float64; to.Dtype() {
	case tensor.Int32:
		fillRows(to.Int32s(), from.Int32s(), lo, n, row)
	case tensor.Float64:
		if wide {
			fillRows(to.Float64s(), from.Float64s(), lo, n, row)
		} else {
			fillRows(to.Float64s(), from.Float32s(), lo, n, row)
		}
	default:
		if wide {
			fillRows(to.Float32s(), from.Float64s(), lo, n, row)
		} else {
			fillRows(to.Float32s(), from.Float32s(), lo, n, row)
		}
	}
	return nil
}

func fillRows[T, F int32 | float32 | float64](to []T, from []F, lo, n, row int) {
	there := min(n, len(from)/row-lo)
	convertInto(to[:there*row], from[lo*row:])
	for i := there; i < n; i++ {
		copy(to[i*row:(i+1)*row], to[(there-1)*row:])
	}
}

func convertInto[T, F int32 | float32 | float64](to []T, from []F) {
	if same, ok := any(from).([]T); ok {
		copy(to, same)
		return
	}
	for i := range to {
		to[i] = T(from[i])
	}
}

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
			return fail("has no input %q (it has %s), the model takes it: name the data's inputs as the model's", in.Name, listed(f.info.Inputs))
		}
		got := f.info.Inputs[at]
		switch {
		case got.IDs != in.IDs:
			return fail("has %s as input %q, the model takes %s: %s", kindOf(got), in.Name, in.Input, f.declare(in.Name, got))
		case got.Size() != in.Size():
			return fail("has %d values a sample (shape %v), the model takes %d: %s", got.Size(), got.Shape, in.Size(), f.declare(in.Name, got))
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
			return fail("has no target %q (it has %s), the loss %s compares that output: name the data's targets as the model's outputs", t.Output, listed(f.info.Targets), loss.Name())
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
			return fail("has %d values a sample as target (shape %v), the loss %s takes %d (shape %v): give the model's last layer as many units as there are values", got.Size(), got.Shape, loss.Name(), t.Size(), []int(t.Shape))
		}
		if classes > 0 && (s.oneHot > 0 || t.IDs) {
			switch {
			case classes > width:
				return fail("has %d classes, the model %s: give its last layer %d units", classes, counted(width, "output"), classes)
			case classes < width && training:
				return fail("has %d classes, the model %s: give its last layer %d units, or name all classes where the data are made", classes, counted(width, "output"), classes)
			}
		}
		f.answers = append(f.answers, s)
	}
	return f, nil
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
	f.prepare(b, len(rows))
	size := 1
	for _, s := range f.inputs {
		size += s.input.Size()
	}
	var mu sync.Mutex
	var failed error
	parallel.For(len(rows), max(1, fillGrain/size), func(lo, hi int) {
		if err := f.data.Read(f.cut(lo, hi), rows[lo:hi], draw); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failed = err
		}
	})
	if failed != nil {
		return fmt.Errorf("reading data set %q: %w", f.info.Name, failed)
	}
	b.Weights = nil
	for i, w := range f.weights[:len(rows)] {
		if !(w >= 0 && w <= math.MaxFloat64) {
			return fmt.Errorf("reading data set %q: row %d has weight %v, want a finite number of at least 0", f.info.Name, rows[i], w)
		}
		if w != 1 {
			b.Weights = f.weights[:len(rows)]
		}
	}
	for i, s := range f.inputs {
		if err := f.finish(b.Inputs[i], s, i); err != nil {
			return err
		}
	}
	for i, s := range f.answers {
		if err := f.finish(b.Targets[i], s, len(f.inputs)+i); err != nil {
			return err
		}
	}
	return nil
}

// prepare says where each field goes.
func (f *feeder) prepare(b *Batch, samples int) {
	if f.into.Inputs == nil {
		f.into = datasets.Batch{Inputs: make([]datasets.Values, len(f.info.Inputs)), Targets: make([]datasets.Values, len(f.info.Targets))}
		f.narrow, f.ids = make([][]float32, len(f.inputs)+len(f.answers)), make([][]int32, len(f.inputs)+len(f.answers))
	}
	for i, s := range f.inputs {
		f.into.Inputs[s.field] = f.values(b.Inputs[i], f.info.Inputs[s.field], s, samples, i)
	}
	for i, s := range f.answers {
		f.into.Targets[s.field] = f.values(b.Targets[i], f.info.Targets[s.field], s, samples, len(f.inputs)+i)
	}
	if len(f.weights) < samples {
		f.weights = make([]float64, samples)
	}
	for i := range samples {
		f.weights[i] = 1
	}
	f.into.Weights = f.weights[:samples]
}

// values is where a field is read to: the tensor's own storage, where it is of the data's element type, else room of the feeder's.
func (f *feeder) values(t *tensor.Dense, field datasets.Field, s source, samples, slot int) datasets.Values {
	size := samples * field.Size()
	switch {
	case field.IDs && s.input.IDs:
		return datasets.Values{IDs: t.Int32s()}
	case field.IDs:
		if cap(f.ids[slot]) < size {
			f.ids[slot] = make([]int32, size)
		}
		f.ids[slot] = f.ids[slot][:size]
		return datasets.Values{IDs: f.ids[slot]}
	case t.Dtype() == tensor.Float32:
		return datasets.Values{Floats: t.Float32s()}
	}
	if cap(f.narrow[slot]) < size {
		f.narrow[slot] = make([]float32, size)
	}
	f.narrow[slot] = f.narrow[slot][:size]
	return datasets.Values{Floats: f.narrow[slot]}
}

// finish writes what was read into the feeder's room as the tensor has it.
func (f *feeder) finish(t *tensor.Dense, s source, slot int) error {
	if narrow := f.narrow[slot]; len(narrow) > 0 {
		convertInto(t.Float64s(), narrow)
	}
	ids := f.ids[slot]
	for _, id := range ids {
		switch {
		case id < 0:
			return fmt.Errorf("data set %q has class %d as target, and the loss takes numbers: to leave a place out, by -1, take a loss of classes, such as losses.CrossEntropy{}; numbers to be predicted are floats", f.info.Name, id)
		case s.oneHot > 0 && int(id) >= s.oneHot:
			return fmt.Errorf("data set %q has class %d as target, want 0 to %d, the model's outputs", f.info.Name, id, s.oneHot-1)
		}
	}
	switch {
	case len(ids) == 0:
		return nil
	case s.oneHot == 0 && t.Dtype() == tensor.Float64:
		convertInto(t.Float64s(), ids)
		return nil
	case s.oneHot == 0:
		convertInto(t.Float32s(), ids)
		return nil
	}
	t.Zero()
	for i, id := range ids {
		if at := i*s.oneHot + int(id); t.Dtype() == tensor.Float64 {
			t.Float64s()[at] = 1
		} else {
			t.Float32s()[at] = 1
		}
	}
	return nil
}

// cut is the part of the samples lo to hi.
func (f *feeder) cut(lo, hi int) datasets.Batch {
	if lo == 0 && hi == len(f.into.Weights) {
		return f.into
	}
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
	return datasets.Batch{Inputs: cut(f.into.Inputs, f.info.Inputs), Targets: cut(f.into.Targets, f.info.Targets), Weights: f.into.Weights[lo:hi]}
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
