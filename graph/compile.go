package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/memory"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Compile makes a program of the model: it builds the graph, differentiates the loss with regard to every parameter in Train, and
// hands it to a tape machine. Errors are a batch below 1, a missing loss, what a layer or the loss says of the shapes, an op of Gorgonia's that is wrong or
// would write over its operand, a parameter on which the loss does not depend, an output that does not depend on the input, more memory than there is, and
// whatever Gorgonia's compiler cannot do.
func (m *Model) Compile(s Spec) (p *Program, err error) {
	if m == nil || m.net == nil {
		return nil, errNoModel
	}
	for range 4 {
		if p, err = m.compile(s); !errors.Is(err, errCollision) {
			break
		}
	}
	return p, err
}

var errNoModel = errors.New("graph: got a model that is nil or empty, want one: look at the error of graph.NewModel")

func (m *Model) compile(s Spec) (p *Program, err error) {
	switch {
	case s.Batch < 1:
		return nil, fmt.Errorf("graph: got a batch of %d, want at least 1: set Spec.Batch", s.Batch)
	case s.Mode > Train:
		return nil, fmt.Errorf("graph: got mode %d, want graph.Predict, graph.Evaluate or graph.Train: set Spec.Mode", s.Mode)
	}
	if s.Mode == Predict && s.Loss != nil {
		return nil, fmt.Errorf("graph: got the loss %s in mode predict, which computes none: set Spec.Mode to graph.Train or graph.Evaluate, or leave the loss out", nameOf(s.Loss))
	}
	var targets []TargetInfo
	if s.Mode != Predict {
		if targets, err = m.Targets(s.Loss); err != nil {
			return nil, err
		}
		if err := m.suits(s, targets); err != nil {
			return nil, err
		}
	}
	readyGorgonia()
	defer func() {
		if r := recover(); r != nil { // Gorgonia's compiler panics on what it cannot do
			p, err = nil, fmt.Errorf("graph: compiling for a batch of %d: %v", s.Batch, r)
		}
	}()
	if err := m.fits(s.Batch); err != nil {
		return nil, err
	}
	b, inputs, outputs, err := m.build(s, false)
	if err != nil {
		return nil, err
	}
	p = &Program{model: m, spec: s, graph: b.graph, place: b.place}
	c := &compilation{Program: p, builder: b}
	for i, x := range inputs {
		p.inputs = append(p.inputs, zeros(m.net.inputs()[i].input.of(m.params.dtype), x.Shape()))
		c.let(x, p.inputs[i])
	}
	if err := c.losses(targets, outputs); err != nil {
		return nil, err
	}
	if err := checkOps(b.graph); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	derivs := map[*gorgonia.Node]*gorgonia.Node{}
	var also gorgonia.Nodes // inputs whose gradient is to be seen
	for i, x := range inputs {
		if s.Inspect && s.Inputs && !m.net.inputs()[i].input.IDs {
			also = append(also, x)
		}
	}
	switch {
	case s.Mode == Train && !s.Forward:
		var idle gorgonia.Nodes // outputs that the loss leaves out
		for i, o := range outputs {
			if !slices.ContainsFunc(targets, func(t TargetInfo) bool { return t.Output == m.outputs[i].Name }) {
				idle = append(idle, o)
			}
		}
		if derivs, err = c.differentiate(also, idle); err != nil {
			return nil, err
		}
	case s.Mode == Evaluate && len(also) > 0:
		if derivs, err = differentiate(c.graph, c.seeds, nil, also, nil); err != nil {
			return nil, err
		}
	}
	c.results(inputs, outputs, derivs)
	if c.err != nil {
		return nil, fmt.Errorf("graph: keeping the results: %w", c.err)
	}
	if err := c.machine(inputs); err != nil {
		return nil, err
	}
	return p, nil
}

// suits builds the network as it trains and asks the loss whether the output is what it wants: what it says must not depend on the mode, and an output that
// only rests in the others, such as Dropout's, is not seen there.
func (m *Model) suits(s Spec, targets []TargetInfo) error {
	if s.Mode == Train {
		return nil
	}
	b, _, outputs, err := m.build(Spec{Mode: Train, Batch: 2, Loss: s.Loss}, false)
	if err != nil {
		return err
	}
	_, _, err = m.targets(b, targets, outputs)
	return err
}

// fits is an error where a batch's inputs, and the network's layers for it, are more than the machine's memory.
func (m *Model) fits(batch int) error {
	perSample := uint64(0)
	for _, in := range m.net.inputs() {
		perSample += uint64(in.input.Size())
	}
	for _, l := range m.infos {
		perSample += uint64(l.Output.TotalSize())
	}
	perSample *= uint64(m.params.dtype.Size())
	if perSample > math.MaxUint64/uint64(batch) {
		return fmt.Errorf("graph: a batch of %d samples of %s each cannot be counted: make it smaller", batch, memory.Size(perSample))
	}
	if err := memory.Check(perSample*uint64(batch)+m.params.bytes, fmt.Sprintf("a batch of %d with every layer's output", batch)); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	return nil
}

// targets makes the target nodes and the values of the losses.
func (m *Model) targets(b *Builder, targets []TargetInfo, outputs []*gorgonia.Node) (nodes, values []*gorgonia.Node, err error) {
	for _, t := range targets {
		at := slices.IndexFunc(m.outputs, func(o OutputInfo) bool { return o.Name == t.Output })
		node := b.variable(m.named("target", t), t.of(m.params.dtype), t.batched(b.spec.Batch))
		n, err := b.loss(t, outputs[at], node)
		if err != nil {
			return nil, nil, err
		}
		nodes, values = append(nodes, node), append(values, n)
	}
	return nodes, values, nil
}

// named is what a node that belongs to an output is called: with the output's name where there are several.
func (m *Model) named(what string, t TargetInfo) string {
	if len(m.outputs) > 1 {
		what += " of " + t.Output
	}
	return what
}

// A compilation is a program in the making.
type compilation struct {
	*Program
	builder *Builder
	outs    gorgonia.Nodes                    // what the machine must compute
	seeds   map[*gorgonia.Node]*gorgonia.Node // the derivatives that the loss begins with
	err     error
}

func (c *compilation) let(n *gorgonia.Node, t *tensor.Dense) {
	if err := gorgonia.Let(n, t); err != nil && c.err == nil {
		c.err = fmt.Errorf("binding %s: %w", n.Name(), err)
	}
}

// keep makes a node's value one that is read after the run.
func (c *compilation) keep(n *gorgonia.Node) *gorgonia.Node {
	if c.err != nil || n == nil {
		return nil
	}
	kept, err := ops.Keep(n)
	if err != nil {
		c.err = err
		return nil
	}
	c.outs = append(c.outs, kept)
	return kept
}

// losses adds the losses of the targets: Σ wᵢ·lᵢ of each, and the penalties. The derivative of a value is its weight, so that nothing of the sum is differentiated.
func (c *compilation) losses(targets []TargetInfo, outputs []*gorgonia.Node) error {
	m, b := c.model, c.builder
	nodes, values, err := m.targets(b, targets, outputs)
	if err != nil || len(targets) == 0 {
		return err
	}
	c.seeds = map[*gorgonia.Node]*gorgonia.Node{}
	seed := func(n, s *gorgonia.Node) {
		if other := c.seeds[n]; other != nil {
			s = b.Node(ops.Add(other, s))
		}
		c.seeds[n] = s
	}
	add := func(n *gorgonia.Node) {
		if c.loss == nil {
			c.loss = n
		} else {
			c.loss = b.Node(ops.Add(c.loss, n))
		}
	}
	for i, info := range targets {
		t := &term{TargetInfo: info, target: zeros(info.of(m.params.dtype), nodes[i].Shape()), weights: zeros(m.params.dtype, values[i].Shape())}
		t.counts = make([]float64, values[i].Shape().TotalSize())
		weights := b.variable(m.named("weights", info), m.params.dtype, values[i].Shape())
		c.let(nodes[i], t.target)
		c.let(weights, t.weights)
		t.values = values[i]
		c.terms = append(c.terms, t)
		add(b.Node(ops.WeightedSum(values[i], weights)))
		seed(values[i], weights)
	}
	if len(b.penalty) > 0 {
		c.share = zeros(m.params.dtype, tensor.Shape{1})
		share := b.variable("share", m.params.dtype, c.share.Shape())
		c.let(share, c.share)
		one := b.Node(ops.Total(share))
		for _, p := range b.penalty {
			add(b.Node(ops.Times(p, one)))
			seed(p, one)
		}
		c.SetShare(1)
	}
	return b.err
}

// differentiate adds the gradients.
func (c *compilation) differentiate(also, idle gorgonia.Nodes) (map[*gorgonia.Node]*gorgonia.Node, error) {
	params, trainable := c.builder.nodes.params, c.model.Trainable()
	if len(trainable) == 0 && len(params) > 0 {
		return nil, errors.New("graph: got a model of which every layer is frozen, want one to train: Model.Unfreeze")
	}
	learnt := make(gorgonia.Nodes, 0, len(trainable))
	for i, param := range params {
		if !c.model.frozen[c.model.params.layers[i]] {
			learnt = append(learnt, param)
		}
	}
	derivs, err := differentiate(c.graph, c.seeds, learnt, also, idle)
	if err != nil {
		return nil, err
	}
	for i, param := range learnt {
		g := &gradient{name: trainable[i].Name, runs: &c.runs, value: trainable[i].Value}
		if derivs[param] == nil { // it serves an output that is idle: its gradient stays zero
			c.grads = append(c.grads, g)
			continue
		}
		// A parameter may have been stepped by the time that the product is asked for.
		if f := ops.FactorsOf(derivs[param]); f != nil && !ops.Overwritten(f.Right) && !c.moves(f.Left) && !c.moves(f.Right) {
			g.left, g.right, g.rows = f.Left, f.Right, f.Rows
			c.outs = append(c.outs, f.Right)
			if f.Left.Op() != nil {
				c.outs = append(c.outs, f.Left)
			}
		} else {
			g.node = c.keep(derivs[param])
		}
		c.grads = append(c.grads, g)
	}
	for _, u := range c.builder.updates {
		c.updates = append(c.updates, update{u.state, c.keep(u.next)})
	}
	return derivs, nil
}

// moves says whether a node's value may be another when the gradient is asked for: a parameter's, or one that an op of Gorgonia's may write over.
func (c *compilation) moves(n *gorgonia.Node) bool {
	if n.Op() == nil {
		return slices.Contains(c.builder.nodes.params, n)
	}
	return ops.Overwritten(n)
}

// results keeps what is to be read.
func (c *compilation) results(inputs, outputs []*gorgonia.Node, derivs map[*gorgonia.Node]*gorgonia.Node) {
	p, b := c.Program, c.builder
	p.nodes = Nodes{Inputs: inputs, Outputs: outputs, Loss: p.loss, Params: b.nodes.params, Derivs: derivs}
	for _, l := range b.layers {
		p.nodes.Layers = append(p.nodes.Layers, LayerNodes{l.LayerInfo, l.inputs, l.node})
	}
	p.loss = c.keep(p.loss)
	for _, t := range p.terms {
		t.values = c.keep(t.values)
	}
	for _, o := range outputs {
		p.outputs = append(p.outputs, c.keep(o))
	}
	if p.spec.Inspect {
		// Where the loss looked through a softmax or a sigmoid, its own derivative is that of its logits.
		derivative := func(n *gorgonia.Node) *gorgonia.Node {
			if d := derivs[n]; d != nil {
				return d
			}
			return derivs[ops.Logits(n)]
		}
		for _, l := range b.layers {
			probe := probe{name: l.Name, layer: true, value: c.keep(l.node), grad: c.keep(derivative(l.node))}
			if p.spec.Inputs {
				for _, in := range l.inputs {
					kept := in
					if in.Op() != nil { // the model's own keeps its value
						kept = c.keep(in)
					}
					probe.inputs, probe.inputGrads = append(probe.inputs, kept), append(probe.inputGrads, c.keep(derivs[in]))
				}
			}
			p.probes = append(p.probes, probe)
		}
		for _, w := range b.watched {
			p.probes = append(p.probes, probe{name: w.name, value: c.keep(w.node), grad: c.keep(derivative(w.node))})
		}
	}
}

// machine compiles the graph towards the results, which leaves out what nobody reads: the gradient of the input, first of all.
func (c *compilation) machine(inputs gorgonia.Nodes) error {
	if err := checkHashes(c.graph); err != nil {
		return err
	}
	if err := checkAliases(c.graph, c.outs); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	// A parameter or the target may be unread in a mode; an input may not, so they alone are named here.
	compiled, registers, err := gorgonia.CompileFunction(c.graph, inputs, c.outs)
	if err != nil {
		return fmt.Errorf("graph: compiling for a batch of %d (does the output depend on every input?): %w", c.spec.Batch, err)
	}
	c.tape = newTape(gorgonia.NewTapeMachine(c.graph, gorgonia.WithPrecompiled(compiled, registers)))
	c.first = newGuard(c.graph)
	return nil
}

// readyGorgonia does once what else the first graphs would do while others may be running: choosing the BLAS, which writes
// a global that machines read, and hashing the constants that all graphs share.
var readyGorgonia = sync.OnceFunc(func() {
	blas.Current()
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		x := gorgonia.NewScalar(gorgonia.NewGraph(), dt, gorgonia.WithName("x"))
		gorgonia.Must(gorgonia.Rectify(x))
		if _, err := gorgonia.Grad(gorgonia.Must(gorgonia.Square(x)), x); err != nil {
			panic(err)
		}
	}
})
