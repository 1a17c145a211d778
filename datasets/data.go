package datasets

import (
	"fmt"
	"reflect"
)

// Data is samples with what is to be said of them, however they are kept: what package train learns from. A [Dataset] is one. Data that also have a method
//
//	Slow() bool // reading takes long enough to be worth doing ahead
//
// that is true are read ahead of the steps, in other goroutines.
type Data interface {
	// Len is the number of samples, at least 1.
	Len() int
	// Info describes a sample.
	Info() Info
	// Read writes the samples named by rows, in that order, into b, which has room for them. It is called by many goroutines at once, and equal arguments give
	// equal bits. A row that there is not, and a batch that does not fit, are errors.
	Read(b Batch, rows []int, draw Draw) error
}

// Info describes the samples of a Data.
type Info struct {
	Name    string   // for messages: "mnist/train"
	Inputs  []Field  // of a sample
	Targets []Field  // of a sample; none where there is nothing to learn
	Classes []string // what each class means, where the first target is a class; else nil
	Source  *Source  // how more of the same is read, where a file says it; else nil

	Preparation *Preparation // what was done to the samples, where that is part of a model that learns from them; else nil

	// Reach is, of samples that come in the order of time, how many rows of the series one spans with its target: samples that are as far apart have none in common. It is 0 where they are in no order.
	Reach int
}

// Shape is that of the first input, without the batch.
func (i Info) Shape() []int {
	if len(i.Inputs) == 0 {
		return nil
	}
	return i.Inputs[0].Shape
}

// A Field is one input or target.
type Field struct {
	Name  string
	Shape []int // of one sample; empty for a single number
	IDs   bool  // int32: ids or classes; else float32

	Names  []string // of the values along the last axis, such as the columns of a table; nil where they have none
	Values []string // what each id means; −1 is a missing one. nil where nobody says it
	Text   bool     `json:",omitempty"` // what the ids mean are texts to be read, of which Words makes ids of words
}

// Size is the number of elements of one sample.
func (f Field) Size() int {
	n := 1
	for _, d := range f.Shape {
		n *= d
	}
	return n
}

// A Batch is room for samples: for each field of Info a slice, one sample after the other, as long as the samples take. A field with neither slice is not wanted.
type Batch struct {
	Inputs, Targets []Values
	Weights         []float64 // what each sample counts, 1 before Read; nil if not wanted
}

// Values are the elements of a field.
type Values struct {
	Floats []float32
	IDs    []int32
}

// check is an error where rows of that many samples, or the batch that they go to, do not fit.
func (i *Info) check(b Batch, rows []int, samples int) error {
	for _, row := range rows {
		if row < 0 || row >= samples {
			return fmt.Errorf("datasets: %s: got row %d, want 0 to %d", i.Name, row, samples-1)
		}
	}
	if len(b.Inputs) > len(i.Inputs) || len(b.Targets) > len(i.Targets) || b.Weights != nil && len(b.Weights) < len(rows) {
		return fmt.Errorf("datasets: %s: got room for %d inputs, %d targets and %d weights of %d samples, want at most %d inputs and %d targets, as in Info",
			i.Name, len(b.Inputs), len(b.Targets), len(b.Weights), len(rows), len(i.Inputs), len(i.Targets))
	}
	for k, v := range b.Inputs {
		if err := v.check(&i.Inputs[k], len(rows)); err != nil {
			return fmt.Errorf("datasets: %s: %w", i.Name, err)
		}
	}
	for k, v := range b.Targets {
		if err := v.check(&i.Targets[k], len(rows)); err != nil {
			return fmt.Errorf("datasets: %s: %w", i.Name, err)
		}
	}
	return nil
}

// check is an error where a field of so many samples has no room.
func (v Values) check(f *Field, samples int) error {
	if v.Floats == nil && v.IDs == nil {
		return nil
	}
	n, other, kind := len(v.Floats), v.IDs != nil, "floats"
	if f.IDs {
		n, other, kind = len(v.IDs), v.Floats != nil, "ids"
	}
	if other || n < samples*f.Size() {
		return fmt.Errorf("field %q: got room for %d floats and %d ids, want %d %s: %d samples of shape %v", f.Name, len(v.Floats), len(v.IDs), samples*f.Size(), kind, samples, f.Shape)
	}
	return nil
}

// A Draw says which random numbers a reading is to draw, where the data are augmented: each epoch has its own.
type Draw struct {
	Seed     uint64
	Epoch    int
	Training bool // else nothing is random
}

// Info describes the samples: one input, "x", and the class.
func (d *Dataset) Info() Info {
	names := d.Names
	if len(d.Shape) == 0 || len(names) != d.Shape[len(d.Shape)-1] {
		names = nil
	}
	return Info{Name: d.Name, Inputs: []Field{{Name: "x", Shape: d.Shape, Names: names}}, Targets: []Field{{Name: "class", IDs: true}}, Classes: d.Classes}
}

// Read writes samples, transformed, and their classes. Nothing is random.
func (d *Dataset) Read(b Batch, rows []int, _ Draw) error {
	info := d.Info()
	if err := info.check(b, rows, d.Len()); err != nil {
		return err
	}
	if len(b.Inputs) > 0 && b.Inputs[0].Floats != nil {
		d.Fill(b.Inputs[0].Floats, rows)
	}
	if len(b.Targets) > 0 && b.Targets[0].IDs != nil {
		for i, row := range rows {
			b.Targets[0].IDs[i] = int32(d.labels[row])
		}
	}
	return nil
}

// isNil sees through an interface that holds a nil pointer, as one has after an error that was not looked at.
func isNil(data Data) bool {
	v := reflect.ValueOf(data)
	return data == nil || v.Kind() == reflect.Pointer && v.IsNil()
}
