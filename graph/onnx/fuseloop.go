package onnx

import (
	"slices"
	"strings"
)

// loops puts a GRU or an RNN in place of a Loop whose body is the cell of one, as tf2onnx writes those of Keras: a counter goes over the steps of a sequence, first axis, of which each is gathered, and a state is carried on.
// The condition must hold as long as the loop lasts.
func loops(nodes []*given, consts map[string]*constant) []*given {
	outer := newFinder(nodes, consts)
	var all []*given
	for _, n := range nodes {
		g, _ := n.attrs["body"].(*file)
		if n.op == "Loop" && n.domain == "" && g != nil {
			l := &loop{node: n, outer: outer, finder: newFinder(g.nodes, g.consts)}
			for _, in := range g.inputs {
				l.inputs = append(l.inputs, in.name)
			}
			for _, out := range g.outputs {
				l.outputs = append(l.outputs, out.name)
			}
			if cell := l.recurrent(); cell != nil {
				all = append(all, cell...)
				continue
			}
		}
		all = append(all, n)
	}
	return all
}

// A loop is a Loop with the nodes of its body. Its inputs are the number of the iteration, the condition and what is carried on; its outputs the condition, what is carried on, and what is put side by side.
type loop struct {
	*finder         // of the body
	node            *given
	outer           *finder
	inputs, outputs []string
	looked          int // how often for what makes a value: a file may lead round and round
}

// mostLooks are enough for a cell over some thousand steps.
const mostLooks = 1 << 18

// tired says that it was looked too often; from then on nothing is known.
func (l *loop) tired() bool {
	l.looked++
	return l.looked > mostLooks
}

// carried is which of the body's inputs a value is; 0 and 1 are the iteration and the condition, −1 is none.
func (l *loop) carried(value string) int { return slices.Index(l.inputs, value) }

// source is where a value comes from: identities are left out, and what is carried on unchanged is outside of the loop.
func (l *loop) source(value string) string {
	for range 100 {
		if n := l.is(value, "Identity", 1); n != nil {
			value = n.in[0]
			continue
		}
		k := l.carried(value)
		if k < 2 || k >= len(l.node.in) || k-1 >= len(l.outputs) {
			return value
		}
		if l.unnamed(l.outputs[k-1]) != value {
			return value
		}
		return l.node.in[k]
	}
	return value
}

// known is a value that is known, inside or out; of a matrix that is split, its rows.
func (l *loop) known(value string) *constant {
	if l.tired() {
		return nil
	}
	value = l.source(value)
	if c := l.constant(value); c != nil {
		return c
	}
	if c := l.outer.constant(value); c != nil && l.by[value] == nil {
		return c
	}
	n := l.by[value]
	switch {
	case n == nil || n.domain != "" || len(n.in) == 0:
	case n.op == "Squeeze":
		c := l.known(n.in[0])
		if c == nil {
			return nil
		}
		shape, err := squeezed(c.shape, nil, false)
		if err != nil || len(shape) != 1 {
			return nil
		}
		if c, err = c.reshaped(shape); err == nil {
			return c
		}
	case n.op == "Split" && n.int("axis", 0) == 0:
		c, part := l.known(n.in[0]), slices.Index(n.out, value)
		if c == nil || len(c.shape) < 1 || c.shape[0] != len(n.out) {
			return nil
		}
		if c, err := c.sliced(0, part, 1, 1); err == nil {
			return c
		}
	}
	return nil
}

// number computes what the counters and the condition are in an iteration; not ok of anything else.
func (l *loop) number(value string, i, depth int) (float64, bool) {
	if l.tired() || depth > 20 {
		return 0, false
	}
	if c := l.known(value); c != nil && c.length() == 1 && c.size() == 1 {
		return c.at(0), true
	}
	k := l.carried(value)
	switch {
	case k == 0:
		return float64(i), true
	case k > 1 && k < len(l.node.in) && k-1 < len(l.outputs):
		begin, add := l.outer.constant(l.node.in[k]), l.is(l.unnamed(l.outputs[k-1]), "Add", 2)
		if begin == nil || begin.length() != 1 || add == nil {
			return 0, false
		}
		for j := range 2 {
			if c := l.known(add.in[j]); c != nil && c.length() == 1 && add.in[1-j] == value {
				return begin.at(0) + float64(i)*c.at(0), true
			}
		}
		return 0, false
	}
	n := l.by[value]
	if n == nil {
		n = l.outer.by[value]
	}
	if n == nil || n.domain != "" || len(n.in) == 0 {
		return 0, false
	}
	a, ok := l.number(n.in[0], i, depth+1)
	if len(n.in) == 1 && (n.op == "Cast" || n.op == "Identity") {
		return a, ok
	}
	if !ok || len(n.in) != 2 {
		return 0, false
	}
	b, ok := l.number(n.in[1], i, depth+1)
	truth := map[bool]float64{true: 1}
	switch n.op {
	case "Less":
		return truth[a < b], ok
	case "And":
		return truth[a != 0 && b != 0], ok
	case "Add":
		return a + b, ok
	}
	return 0, false
}

// unnamed is a value behind identities.
func (l *loop) unnamed(value string) string {
	for n := l.is(value, "Identity", 1); n != nil && !l.tired(); n = l.is(value, "Identity", 1) {
		value = n.in[0]
	}
	return value
}

// terms are those of a sum.
func (l *loop) terms(value string, depth int) []string {
	value = l.unnamed(value)
	if n := l.is(value, "Add", 2); n != nil && depth < 8 {
		return append(l.terms(n.in[0], depth+1), l.terms(n.in[1], depth+1)...)
	}
	return []string{value}
}

// A linear is Σ x·w + b, of what a cell reads: its state, or a step of a sequence.
type linear struct {
	state, step *constant // weights, [in,out]; nil where it does not read it
	sequence    string
	bias        []*constant
}

// linear tells the products and biases of a sum; not ok where there is something else in it.
func (l *loop) linear(value, state string) (a linear, ok bool) {
	for _, term := range l.terms(value, 0) {
		if c := l.known(term); c != nil && !c.integer && len(c.shape) == 1 {
			a.bias = append(a.bias, c)
			continue
		}
		n := l.is(term, "MatMul", 2)
		if n == nil {
			return a, false
		}
		w, x := l.known(n.in[1]), l.unnamed(n.in[0])
		if w == nil || w.integer || len(w.shape) != 2 {
			return a, false
		}
		at := l.is(x, "Gather", 2)
		switch {
		case x == state && a.state == nil:
			a.state = w
		case at != nil && at.int("axis", 0) == 0 && a.step == nil && l.by[l.source(at.in[0])] == nil && l.counts(at.in[1]):
			a.step, a.sequence = w, l.source(at.in[0])
		default:
			return a, false
		}
	}
	return a, true
}

// steps are how many the loop has; 0 where that is not known.
func (l *loop) steps() int {
	m, ok := l.outer.whole(l.node.in[0])
	if !ok || m < 1 || m > 1<<13 {
		return 0
	}
	return m
}

// counts says that a value is the number of the step, from 0 on.
func (l *loop) counts(value string) bool {
	for i := range l.steps() {
		if v, ok := l.number(value, i, 0); !ok || v != float64(i) {
			return false
		}
	}
	return true
}

// lasts says that the condition holds up to the last step.
func (l *loop) lasts() bool {
	if first := l.node.in[1]; first != "" {
		if v, ok := l.number(first, 0, 0); !ok || v == 0 {
			return false
		}
	}
	for i := range l.steps() - 1 {
		if v, ok := l.number(l.outputs[0], i, 0); !ok || v == 0 {
			return false
		}
	}
	return true
}

// recurrent are the nodes that take the place of the loop; nil where it is no cell that is known.
func (l *loop) recurrent() []*given {
	n := l.node
	if len(n.in) < 3 || len(l.inputs) != len(n.in) || len(l.outputs) < len(l.inputs)-1 || l.steps() == 0 {
		return nil
	}
	at := 0 // the state among the inputs
	for k := 2; k < len(l.inputs); k++ {
		if l.source(l.inputs[k]) != l.inputs[k] {
			continue
		}
		if _, ok := l.number(l.inputs[k], 0, 0); ok {
			continue
		}
		if at > 0 {
			return nil
		}
		at = k
	}
	if at == 0 || !l.lasts() {
		return nil
	}
	state, next := l.inputs[at], l.unnamed(l.outputs[at-1])
	for _, out := range l.outputs[len(l.inputs)-1:] {
		if l.unnamed(out) != next {
			return nil
		}
	}
	op, attrs := "RNN", map[string]any{"steps": int64(l.steps())}
	var x, h linear
	for _, f := range []string{"Tanh", "Relu"} {
		if a := l.is(next, f, 1); a != nil {
			both, ok := l.linear(a.in[0], state)
			if !ok || both.step == nil || both.state == nil {
				return nil
			}
			attrs["activations"] = []string{f}
			x, h = linear{step: both.step, sequence: both.sequence, bias: both.bias}, linear{state: both.state}
		}
	}
	if x.step == nil {
		var ok bool
		if x, h, ok = l.gru(next, state); !ok {
			return nil
		}
		op = "GRU"
		attrs["linear_before_reset"] = int64(1)
	}
	return l.put(op, attrs, at, x, h)
}

// gru is z∘h + (1 − z)∘tanh(x₂ + r∘h₂), of z = σ(x₀ + h₀) and r = σ(x₁ + h₁), whose x and h are thirds of linears of the step and of the state.
func (l *loop) gru(next, state string) (x, h linear, ok bool) {
	var xs, hs string // the linears
	third := func(value string, k int, whole *string) bool {
		value = l.unnamed(value)
		n := l.by[value]
		if n == nil || n.domain != "" || len(n.in) == 0 || *whole != "" && *whole != n.in[0] {
			return false
		}
		switch n.op {
		case "Split":
			if len(n.out) != 3 || len(n.in) != 1 || n.out[k] != value || n.int("axis", 0) != -1 && n.int("axis", 0) != 1 {
				return false
			}
		case "Slice":
			if len(n.in) != 4 || !l.cutsThird(n, k) {
				return false
			}
		default:
			return false
		}
		*whole = n.in[0]
		return true
	}
	gate := func(value string, k int) bool {
		s := l.is(l.unnamed(value), "Sigmoid", 1)
		if s == nil {
			return false
		}
		sum := l.is(l.unnamed(s.in[0]), "Add", 2)
		return sum != nil && third(sum.in[0], k, &xs) && third(sum.in[1], k, &hs)
	}
	sum := l.is(next, "Add", 2)
	if sum == nil {
		return x, h, false
	}
	for i := range 2 {
		keep, fresh := l.is(l.unnamed(sum.in[i]), "Mul", 2), l.is(l.unnamed(sum.in[1-i]), "Mul", 2)
		if keep == nil || fresh == nil || !slices.Contains(keep.in, state) {
			continue
		}
		z := keep.in[0]
		if z == state {
			z = keep.in[1]
		}
		for j := range 2 {
			rest, candidate := l.is(l.unnamed(fresh.in[j]), "Sub", 2), l.is(l.unnamed(fresh.in[1-j]), "Tanh", 1)
			if rest == nil || candidate == nil || rest.in[1] != z {
				continue
			}
			one := l.known(rest.in[0])
			inner := l.is(l.unnamed(candidate.in[0]), "Add", 2)
			if one == nil || one.length() != 1 || one.at(0) != 1 || inner == nil || !gate(z, 0) || !third(inner.in[0], 2, &xs) {
				continue
			}
			reset := l.is(l.unnamed(inner.in[1]), "Mul", 2)
			if reset == nil || !(gate(reset.in[0], 1) && third(reset.in[1], 2, &hs) || gate(reset.in[1], 1) && third(reset.in[0], 2, &hs)) {
				continue
			}
			x, okX := l.linear(xs, state)
			h, okH := l.linear(hs, state)
			return x, h, okX && okH && x.step != nil && x.state == nil && h.state != nil && h.step == nil
		}
	}
	return x, h, false
}

// cutsThird says that a Slice takes the k-th third of the last axis of [batch,3·units], where the weights of what it takes it of are that wide.
func (l *loop) cutsThird(n *given, k int) bool {
	var width int
	for _, term := range l.terms(n.in[0], 0) {
		if m := l.is(term, "MatMul", 2); m != nil {
			if w := l.known(m.in[1]); w != nil && len(w.shape) == 2 {
				width = w.shape[1]
			}
		}
	}
	starts, ends, axes := l.known(n.in[1]), l.known(n.in[2]), l.known(n.in[3])
	if width == 0 || starts == nil || ends == nil || axes == nil || starts.size() != axes.size() || ends.size() != axes.size() || axes.size() > 2 {
		return false
	}
	cut := false
	for i := range axes.size() {
		begin, end := int(starts.at(i)), int(ends.at(i))
		switch axes.at(i) {
		case 0:
			if begin != 0 || end < 1<<30 {
				return false
			}
		case 1, -1:
			if begin != k*width/3 || min(end, width) != (k+1)*width/3 {
				return false
			}
			cut = true
		default:
			return false
		}
	}
	return cut
}

// put is the recurrent op, with its weights and biases as ONNX has them, and what makes the loop's outputs of its.
func (l *loop) put(op string, attrs map[string]any, at int, x, h linear) []*given {
	n, width := l.node, x.step.shape[1]
	if h.state.shape[1] != width || x.sequence == "" {
		return nil
	}
	base := strings.Join(n.out, " ") // which nothing else is called
	consts := l.outer.consts
	turned := func(name string, c *constant) bool {
		t, err := c.transposed([]int{1, 0})
		if err == nil {
			t, err = t.reshaped([]int{1, width, c.shape[0]})
		}
		consts[base+name] = t
		return err == nil
	}
	bias := make([]float32, 2*width)
	for i, all := range [][]*constant{x.bias, h.bias} {
		for _, c := range all {
			if c.size() != width {
				return nil
			}
			for j := range width {
				bias[i*width+j] += float32(c.at(j))
			}
		}
	}
	if !turned(" weights", x.step) || !turned(" recurrent", h.state) {
		return nil
	}
	consts[base+" biases"] = &constant{shape: []int{1, 2 * width}, floats: bias}
	consts[base+" 0"], consts[base+" 1"] = whole(0), whole(1)
	steps, last := base+" steps", base+" last"
	made := []*given{{op: op, name: n.name, attrs: attrs, in: []string{x.sequence, base + " weights", base + " recurrent", base + " biases", "", n.in[at]}, out: []string{steps, last}}}
	squeeze := func(of, axis, to string) {
		if to != "" {
			made = append(made, &given{op: "Squeeze", name: n.name, in: []string{of, base + axis}, out: []string{to}})
		}
	}
	for i, out := range n.out {
		switch {
		case i == at-2:
			squeeze(last, " 0", out)
		case i >= len(l.inputs)-2:
			squeeze(steps, " 1", out)
		}
	}
	return made
}
