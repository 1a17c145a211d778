package datasets

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Dataset is a list of samples, each with a label: the number of its class.
//
// Name, Shape and Classes are for reading; the rest of the project takes them as they stand.
type Dataset struct {
	Name    string   // for messages: "mnist/train"
	Shape   []int    // of one sample: [28 28]
	Classes []string // what each label means; len(Classes) is the number of classes
	Names   []string // of the values along the last axis, such as the columns of a table; nil where they have none

	bytes    []uint8   // the values, one sample after the other; nil when floats holds them
	floats   []float32 // the values, where they are not bytes
	labels   []int     // one a sample, each in [0, len(Classes))
	features int       // values a sample: the product of Shape
	first    int       // index of sample 0 in the data that this Dataset is a slice of
	origins  []int     // of each sample, where they are no slice of it; else nil

	scale      float32     // factor of the first step, from storage to float32
	transforms []transform // the steps after it
}

// transform changes one row in place; sample is the row's index in the data as they were read.
type transform func(row []float32, sample int)

// maxClasses bounds what one stray label can cost: every class has a name, and a column in one-hot rows.
const maxClasses = 1 << 16

// New makes a Dataset of the caller's own arrays: rows holds len(labels) samples of the given shape, one after the other.
// With nil classes the classes are named "0", "1", … up to the largest label. New keeps rows (it must not change
// afterwards) and copies the rest. It refuses a shape that does not fit, labels outside the classes, and values that are
// not finite.
func New(name string, shape []int, rows []float32, labels []int, classes []string) (*Dataset, error) {
	if len(labels) == 0 {
		return nil, fmt.Errorf("datasets: %s: got no labels, want at least one sample", name)
	}
	if classes == nil {
		k := slices.Max(labels) + 1
		if k > maxClasses {
			return nil, fmt.Errorf("datasets: %s: label %d makes more than %d classes; number the classes from 0", name, k-1, maxClasses)
		}
		classes = numberNames(k)
	}
	for i, label := range labels {
		if label < 0 || label >= len(classes) {
			return nil, fmt.Errorf("datasets: %s: sample %d has label %d, want 0 to %d (%d classes); number the classes from 0",
				name, i, label, len(classes)-1, len(classes))
		}
	}
	features, ok := product(shape, len(rows))
	if !ok || len(rows)/features != len(labels) || len(rows)%features != 0 {
		return nil, fmt.Errorf("datasets: %s: got %d values for %d labels of shape %v; want every dimension at least 1 and as many values as labels × shape",
			name, len(rows), len(labels), shape)
	}
	for i, v := range rows {
		if !finite(v) {
			return nil, fmt.Errorf("datasets: %s: value %d of sample %d is %v, want finite numbers; clean the data first",
				name, i%features, i/features, v)
		}
	}
	return &Dataset{
		Name: name, Shape: slices.Clone(shape), Classes: slices.Clone(classes),
		floats: rows, labels: slices.Clone(labels), features: features, scale: 1,
	}, nil
}

// Len is the number of samples, at least 1.
func (d *Dataset) Len() int { return len(d.labels) }

// Features is the number of values of one sample: the product of Shape.
func (d *Dataset) Features() int { return d.features }

// Label is the class of sample i, from 0 to len(Classes)−1; i must be below Len.
func (d *Dataset) Label(i int) int { return d.labels[i] }

// numberNames is "0", "1", …: the names of k classes that nobody named.
func numberNames(k int) []string {
	names := make([]string, max(k, 0))
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// product multiplies dimensions and reports whether each is at least 1 and the product at most limit.
func product(dims []int, limit int) (int, bool) {
	p := 1
	for _, n := range dims {
		if n < 1 || n > limit/p {
			return 0, false
		}
		p *= n
	}
	return p, len(dims) > 0
}

func finite(v float32) bool { return !math.IsInf(float64(v), 0) && v == v }
