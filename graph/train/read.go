package train

import (
	"fmt"
	"math"
	"sync"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

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
	share := parallel.For
	if f.single {
		share = func(n, _ int, read func(lo, hi int)) { read(0, n) }
	}
	share(len(rows), max(1, fillGrain/size), func(lo, hi int) {
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
