package graph

import (
	"errors"
	"fmt"
	"math"
)

// A Size is how much there is of a network.
type Size struct {
	Layers int // wherever they stand
	Params int // elements of the parameters
	States int // elements of what is kept and not learnt
	Values int // elements that the layers put out for one sample, what a layer hands on unchanged counted once
}

// Measure is the size of the model that NewModel makes of the same, without a parameter being drawn, or room taken for one: it goes by the shapes. It breaks off with an [ErrLarge], which
// names the layer, as soon as there is more of something than most has; a 0 there is no bound. Other errors are NewModel's.
func Measure(c Config, most Size, layers ...Layer) (Size, error) {
	m := &Model{}
	net, err := netOf(c, layers)
	if err == nil {
		err = net.check()
	}
	if err != nil {
		return Size{}, err
	}
	m.config, m.net = c, net
	m.params, m.states = kept{what: "parameter", dtype: c.dtype()}, kept{what: "state", dtype: c.dtype()}
	b := newBuilder(m, false, Spec{Mode: Train, Batch: 2})
	b.measured = &measured{most: most}
	_, _, err = m.built(b)
	return b.measured.size, err
}

// ErrLarge is of a network of which there is more than may be.
var ErrLarge = errors.New("too large")

// largeError says of what.
type largeError struct {
	what      string
	got, most int
}

func (e *largeError) Error() string {
	return fmt.Sprintf("with it the network has %d %s, want at most %d", e.got, e.what, e.most)
}

func (e *largeError) Is(target error) bool { return target == ErrLarge }

// measured is what a Builder has counted, where it only counts.
type measured struct{ size, most Size }

// grow adds to a count, and says in words where there is more than there may be.
func grow(count *int, by, most int, what string) error {
	if *count > math.MaxInt-by {
		*count = math.MaxInt
	} else {
		*count += by
	}
	if most > 0 && *count > most {
		return &largeError{what, *count, most}
	}
	return nil
}

// tensor counts a parameter's or a state's elements.
func (m *measured) tensor(learnt bool, full string, shape []int) error {
	n, ok := elements(shape)
	if !ok {
		return fmt.Errorf("%s: got shape %v, want sizes of at least 1, and no more elements than can be counted", full, shape)
	}
	count, most, what := &m.size.States, m.most.States, "elements of states"
	if learnt {
		count, most, what = &m.size.Params, m.most.Params, "parameters"
	}
	if err := grow(count, n, most, what); err != nil {
		return fmt.Errorf("%s of shape %v: %w", full, shape, err)
	}
	return nil
}

// output counts what a layer puts out for a sample.
func (m *measured) output(shape []int) error {
	if len(shape) == 0 { // of one number
		shape = []int{1}
	}
	n, ok := elements(shape)
	if !ok {
		n = math.MaxInt
	}
	return grow(&m.size.Values, n, m.most.Values, "values of a sample between its layers")
}
