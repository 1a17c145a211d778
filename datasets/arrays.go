package datasets

import (
	"fmt"
	"slices"
)

// Arrays are samples in memory with any inputs and targets: numbers to be predicted, several labels, a value for each time step.
//
//	houses, err := datasets.NewArrays("houses",
//		[]datasets.Array{{Name: "x", Shape: []int{13}, Floats: columns}},
//		[]datasets.Array{{Name: "price", Shape: []int{1}, Floats: prices}})
//
// A model with one input takes the data's one whatever it is called; where there are several, they are found by their names, and targets by those of the outputs. Arrays
// never change after they were made, so any number of goroutines may read them at once.
type Arrays struct {
	info            Info
	samples         int
	inputs, targets []Array
	weights         []float64
}

// An Array is one field of every sample, one sample after the other: in Floats, or in IDs.
type Array struct {
	Name   string
	Shape  []int // of one sample; empty for a single number
	Floats []float32
	IDs    []int32
}

// NewArrays keeps the arrays, which must not change afterwards. It refuses arrays of unequal numbers of samples, two inputs or two targets of one name, shapes that do not
// fit, and values that are not finite. Without targets there is nothing to learn, but a model can be asked.
func NewArrays(name string, inputs, targets []Array) (*Arrays, error) {
	return newArrays(name, inputs, targets, false)
}

// newArrays is NewArrays, where missing of inputs in which NaN stands for a missing number, as in files.
func newArrays(name string, inputs, targets []Array, missing bool) (*Arrays, error) {
	a := &Arrays{info: Info{Name: name}, inputs: slices.Clone(inputs), targets: slices.Clone(targets)}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("datasets: %s: got no inputs, want at least one array", name)
	}
	for _, list := range []struct {
		what   string
		arrays []Array
		into   *[]Field
	}{{"input", inputs, &a.info.Inputs}, {"target", targets, &a.info.Targets}} {
		for _, array := range list.arrays {
			n, err := array.samples(missing && list.what == "input")
			if err == nil && slices.ContainsFunc(*list.into, func(f Field) bool { return f.Name == array.Name }) {
				err = fmt.Errorf("got the name of another %s, want one of its own: models find them by name", list.what)
			}
			if err == nil && a.samples > 0 && n != a.samples {
				err = fmt.Errorf("got %d samples, want %d as in the first array", n, a.samples)
			}
			if err != nil {
				return nil, fmt.Errorf("datasets: %s: array %q: %w", name, array.Name, err)
			}
			a.samples = n
			*list.into = append(*list.into, Field{Name: array.Name, Shape: slices.Clone(array.Shape), IDs: array.IDs != nil})
		}
	}
	return a, nil
}

// samples is how many there are.
func (a Array) samples(missing bool) (int, error) {
	elements := len(a.Floats) + len(a.IDs)
	if (a.Floats == nil) == (a.IDs == nil) || elements == 0 {
		return 0, fmt.Errorf("got %d floats and %d ids, want one of them, and at least one sample", len(a.Floats), len(a.IDs))
	}
	size := 1
	if len(a.Shape) > 0 {
		var ok bool
		if size, ok = product(a.Shape, elements); !ok {
			return 0, fmt.Errorf("got %d values of shape %v, want every dimension at least 1 and at least one sample", elements, a.Shape)
		}
	}
	if elements%size != 0 {
		return 0, fmt.Errorf("got %d values of shape %v, want a whole number of samples of %d values", elements, a.Shape, size)
	}
	for i, v := range a.Floats {
		if !finite(v) && !(missing && v != v) {
			return 0, fmt.Errorf("value %d of sample %d is %v, want finite numbers; clean the data first", i%size, i/size, v)
		}
	}
	return elements / size, nil
}

// Weighted are the same samples with weights: what each counts in the loss. They must be finite and at least 0, one for each sample, and not all 0.
func (a *Arrays) Weighted(weights []float64) (*Arrays, error) {
	if len(weights) != a.samples {
		return nil, fmt.Errorf("datasets: %s: got %d weights for %d samples, want one for each", a.info.Name, len(weights), a.samples)
	}
	sum := 0.0
	for i, w := range weights {
		if !(w >= 0) || !finite(float32(w)) {
			return nil, fmt.Errorf("datasets: %s: weight %d is %v, want a finite number of at least 0", a.info.Name, i, w)
		}
		sum += w
	}
	if sum == 0 {
		return nil, fmt.Errorf("datasets: %s: every weight is 0, want some samples to count", a.info.Name)
	}
	c := *a
	c.weights = slices.Clone(weights)
	return &c, nil
}

// WithClasses are the same samples, with names for the classes of the first target, which must be of ids, one a sample or position, each below their number; −1 is a position to be ignored.
func (a *Arrays) WithClasses(names []string) (*Arrays, error) {
	if len(a.targets) == 0 || a.targets[0].IDs == nil {
		return nil, fmt.Errorf("datasets: %s: got class names for a first target that is not of ids, want ids: Array.IDs", a.info.Name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("datasets: %s: got no class names, want one for each class", a.info.Name)
	}
	for i, id := range a.targets[0].IDs {
		if id < -1 || int(id) >= len(names) {
			return nil, fmt.Errorf("datasets: %s: class %d at place %d, want 0 to %d, or -1 to ignore the place; number the classes from 0", a.info.Name, id, i, len(names)-1)
		}
	}
	c := *a
	c.info.Classes = slices.Clone(names)
	return &c, nil
}

// Len is the number of samples.
func (a *Arrays) Len() int { return a.samples }

// Info describes the samples.
func (a *Arrays) Info() Info { return a.info }

// Read copies the samples.
func (a *Arrays) Read(b Batch, rows []int, _ Draw) error {
	if err := a.info.check(b, rows, a.samples); err != nil {
		return err
	}
	for i, v := range b.Inputs {
		a.inputs[i].read(v, rows, a.samples)
	}
	for i, v := range b.Targets {
		a.targets[i].read(v, rows, a.samples)
	}
	if a.weights != nil && b.Weights != nil {
		for i, row := range rows {
			b.Weights[i] = a.weights[row]
		}
	}
	return nil
}

func (a Array) read(v Values, rows []int, samples int) {
	if size := len(a.Floats) / samples; v.Floats != nil {
		for i, row := range rows {
			copy(v.Floats[i*size:(i+1)*size], a.Floats[row*size:])
		}
	}
	if size := len(a.IDs) / samples; v.IDs != nil {
		for i, row := range rows {
			copy(v.IDs[i*size:(i+1)*size], a.IDs[row*size:])
		}
	}
}
