package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
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
	if from.RequiresIterator() || from.DataOrder().IsColMajor() {
		return errors.New("got a view with gaps, a transposed or a column-major tensor, want contiguous and row-major: take its Materialize, or build it anew")
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
