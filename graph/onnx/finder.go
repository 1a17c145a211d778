package onnx

// A finder looks for several nodes that are one layer.
type finder struct {
	by      map[string]*given // what makes a value
	readers map[string]int
	consts  map[string]*constant
}

func newFinder(nodes []*given, consts map[string]*constant) *finder {
	f := &finder{by: map[string]*given{}, readers: map[string]int{}, consts: consts}
	for _, n := range nodes {
		for _, out := range n.out {
			f.by[out] = n
		}
		for _, in := range n.in {
			f.readers[in]++
		}
	}
	return f
}

// is the node that makes a value, if it is of that op with so many inputs.
func (f *finder) is(value, op string, inputs int) *given {
	if n := f.by[value]; n != nil && n.op == op && n.domain == "" && len(n.in) == inputs {
		return n
	}
	return nil
}

// once says that a value is read by one node, and no more than once.
func (f *finder) once(value string) bool { return f.readers[value] == 1 }

// constant is a value that is known, of the file or of a Constant node; nil of any other.
func (f *finder) constant(value string) *constant {
	c := f.consts[value]
	if n := f.is(value, "Constant", 0); c == nil && n != nil {
		c, _ = n.attrs["value"].(*constant)
	}
	return c
}

// scalar is a float that is known.
func (f *finder) scalar(value string) (float64, bool) {
	c := f.constant(value)
	if c == nil || c.integer || c.length() != 1 || c.size() != 1 {
		return 0, false
	}
	return float64(c.floats[0]), true
}

// whole is one whole number that is known.
func (f *finder) whole(value string) (int, bool) {
	c := f.constant(value)
	if c == nil || !c.integer || c.length() != 1 || c.size() != 1 {
		return 0, false
	}
	return int(c.ints[0]), true
}

// with tells a float that is known and what it is put together with by a node of two inputs.
func (f *finder) with(n *given) (x string, c float64, ok bool) {
	if n == nil {
		return "", 0, false
	}
	for i := range 2 {
		if c, ok := f.scalar(n.in[i]); ok {
			return n.in[1-i], c, true
		}
	}
	return "", 0, false
}
