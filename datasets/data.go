package datasets

// Data is samples with what is to be said of them, however they are kept: what package train learns from. A [Dataset] is one.
type Data interface {
	// Len is the number of samples, at least 1.
	Len() int
	// Info describes a sample.
	Info() Info
	// Read writes the samples named by rows, in that order, into b, which has room for them. It is called by many goroutines at once, and equal arguments give
	// equal bits.
	Read(b Batch, rows []int, draw Draw) error
}

// Info describes the samples of a Data.
type Info struct {
	Name    string   // for messages: "mnist/train"
	Inputs  []Field  // of a sample
	Targets []Field  // of a sample; none where there is nothing to learn
	Classes []string // what each class means, where the first target is a class; else nil
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

// A Draw says which random numbers a reading is to draw, where the data are augmented: each epoch has its own.
type Draw struct {
	Seed     uint64
	Epoch    int
	Training bool // else nothing is random
}

// Info describes the samples: one input, "x", and the class.
func (d *Dataset) Info() Info {
	return Info{Name: d.Name, Inputs: []Field{{Name: "x", Shape: d.Shape}}, Targets: []Field{{Name: "class", IDs: true}}, Classes: d.Classes}
}

// Read writes samples, transformed, and their classes. Nothing is allocated, and nothing can go wrong.
func (d *Dataset) Read(b Batch, rows []int, _ Draw) error {
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
