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

// A Program is a model's expression graph for one Spec, ready to run. It works on the model's own parameters, so all programs of a
// model see what any of them learns. A program is one goroutine's at a time; several programs of a model may run at once while nobody trains it.
//
// A run changes nothing that outlives it: it is the optimizer's step, and Commit, that move the model.
type Program struct {
	model   *Model
	spec    Spec
	graph   *gorgonia.ExprGraph
	tape    *tape
	inputs  []*tensor.Dense
	outputs gorgonia.Nodes
	terms   []*term
	loss    *gorgonia.Node // Σ over the terms, and the penalties
	samples []float64      // as Weigh was given them
	total   []float64
	share   *tensor.Dense // by which penalties are multiplied; nil if there are none
	grads   []gorgonia.ValueGrad
	updates []update
	probes  []probe
	place   *ops.Place
	runs    uint64
	nodes   Nodes
	first   *guard // until the first run is over, where an op of Gorgonia's might write into what it must not
}

// A term is one output's part of the loss, Σ wᵢ·lᵢ.
type term struct {
	TargetInfo
	target, weights *tensor.Dense
	values          *gorgonia.Node
	weighed         bool // Weigh was called since the last run
	counts          []float64
}

// A probe is a node whose value, and gradient where it has one, is kept for reading.
type probe struct {
	name        string
	layer       bool // a layer's output, rather than a watched node
	value, grad *gorgonia.Node
}

// Compile makes a program of the model: it builds the graph, differentiates the loss with regard to every parameter in Train, and
// hands it to a tape machine. Errors are a batch below 1, a missing loss, what a layer or the loss says of the shapes, an op of Gorgonia's that is wrong or
// would write over its operand, a parameter on which the loss does not depend, an output that does not depend on the input, more memory than there is, and
// whatever Gorgonia's compiler cannot do.
func (m *Model) Compile(s Spec) (p *Program, err error) {
	if m == nil || m.net == nil {
		return nil, errors.New("graph: got a model that is nil or empty, want one: look at the error of graph.NewModel")
	}
	for range 4 {
		if p, err = m.compile(s); !errors.Is(err, errCollision) {
			break
		}
	}
	return p, err
}

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
	if s.Mode == Train {
		var idle gorgonia.Nodes // outputs that the loss leaves out
		for i, o := range outputs {
			if !slices.ContainsFunc(targets, func(t TargetInfo) bool { return t.Output == m.outputs[i].Name }) {
				idle = append(idle, o)
			}
		}
		if derivs, err = c.differentiate(idle); err != nil {
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
func (c *compilation) differentiate(idle gorgonia.Nodes) (map[*gorgonia.Node]*gorgonia.Node, error) {
	derivs, err := differentiate(c.graph, c.seeds, c.builder.nodes.params, idle)
	if err != nil {
		return nil, err
	}
	for i, param := range c.builder.nodes.params {
		g := &gradient{runs: &c.runs, value: c.model.params.all[i].Value}
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
			p.probes = append(p.probes, probe{l.Name, true, c.keep(l.node), c.keep(derivative(l.node))})
		}
		for _, w := range b.watched {
			p.probes = append(p.probes, probe{w.name, false, c.keep(w.node), c.keep(derivative(w.node))})
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

var errNoProgram = errors.New("graph: got a program that is nil or empty, want what Model.Compile returned: look at its error")

// made is the program itself, or an empty one in place of nil.
func (p *Program) made() *Program {
	if p == nil {
		return &Program{}
	}
	return p
}

// Spec returns what the program was compiled for.
func (p *Program) Spec() Spec { return p.made().spec }

// X is the first input, [batch,…] in the model's element type or int32, to be filled before each Run.
func (p *Program) X() *tensor.Dense {
	if len(p.made().inputs) == 0 {
		return nil
	}
	return p.inputs[0]
}

// Inputs are the inputs, in the order of Model.Inputs.
func (p *Program) Inputs() []*tensor.Dense { return slices.Clone(p.made().inputs) }

// Y is the first target, as the loss wants it: int32 classes, [batch,…], or floats; to be filled before each Run; nil in Predict.
func (p *Program) Y() *tensor.Dense {
	if len(p.made().terms) == 0 {
		return nil
	}
	return p.terms[0].target
}

// Targets are the targets, in the order of Model.Targets; none in Predict.
func (p *Program) Targets() []*tensor.Dense {
	var all []*tensor.Dense
	for _, t := range p.made().terms {
		all = append(all, t.target)
	}
	return all
}

// Weigh sets what each sample counts in the next Run: wᵢ = sᵢ·cᵢ/total, where s are the samples' weights, 1 if nil, c what the loss says of each position of the targets as
// they are now (1; 0 for one to be ignored), and total, one for each target, the sum of c over the whole batch of which this may be a part; nil is this
// batch's own sum. It returns these sums. It holds until it is called again: Run weighs anew, by the targets as they are then. Where it was never called,
// that is Weigh(nil, nil).
func (p *Program) Weigh(samples []float64, total []float64) ([]float64, error) {
	if p.made().tape == nil {
		return nil, errNoProgram
	}
	if samples != nil && len(samples) != p.spec.Batch {
		return nil, fmt.Errorf("graph: got %d sample weights for a batch of %d, want one for each sample", len(samples), p.spec.Batch)
	}
	if total != nil && len(total) != len(p.terms) {
		return nil, fmt.Errorf("graph: got %d sums for %d targets, want one for each", len(total), len(p.terms))
	}
	for i, w := range samples {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("graph: got sample weight %v at %d, want a finite number", w, i)
		}
	}
	for k, sum := range total {
		if !(sum >= 0 && sum <= math.MaxFloat64) {
			return nil, fmt.Errorf("graph: got sum %v for the target of %s, want a finite number of at least 0", sum, p.terms[k].Output)
		}
	}
	p.samples, p.total = slices.Clone(samples), slices.Clone(total)
	sums := make([]float64, len(p.terms))
	for k, t := range p.terms {
		var err error
		if sums[k], err = t.weigh(t.target, t.counts); err != nil {
			return nil, err
		}
		whole := sums[k]
		if total != nil {
			whole = total[k]
		}
		scale := 0.0
		if whole > 0 {
			scale = t.weight / whole
		}
		positions := len(t.counts) / p.spec.Batch
		for i, c := range t.counts {
			w := c * scale
			if samples != nil {
				w *= samples[i/positions]
			}
			set(t.weights, i, w)
		}
		t.weighed = true
	}
	return sums, nil
}

func set(t *tensor.Dense, i int, v float64) {
	if t.Dtype() == tensor.Float64 {
		t.Float64s()[i] = v
	} else {
		t.Float32s()[i] = float32(v)
	}
}

// SetShare says which part of the whole batch this program's is: penalties are multiplied by it, so that they count once. 1 if it was never called.
func (p *Program) SetShare(share float64) {
	if p.made().share != nil {
		set(p.share, 0, share)
	}
}

// SetStep says which step of training the next Run is: what is random is drawn by it.
func (p *Program) SetStep(step uint64) {
	if p.made().place != nil {
		p.place.Step = step
	}
}

// SetRow says which row of the whole batch the first sample of the next Run is: what is random is drawn by it.
func (p *Program) SetRow(row int) {
	if p.made().place != nil {
		p.place.Row = row
	}
}

// Run computes everything once, from the inputs, the targets and the parameters as they are; it changes none of them. An error is one of an op, which it names.
func (p *Program) Run() error {
	if p.made().tape == nil {
		return errNoProgram
	}
	for _, t := range p.terms {
		if !t.weighed {
			if _, err := p.Weigh(p.samples, p.total); err != nil {
				return err
			}
			break
		}
	}
	for _, t := range p.terms {
		t.weighed = false
	}
	p.runs++
	p.first.before()
	err := p.tape.run()
	if err != nil {
		err = fmt.Errorf("graph: running a batch of %d: %w", p.spec.Batch, err)
	}
	if wrote := p.first.after(); wrote != nil {
		return wrote
	}
	if err == nil {
		p.first = nil
	}
	return err
}

// Commit writes the states' next values, which the layers gave in Builder.Update, as they came out of the last Run. A step of training commits once, beside the
// optimizer's step; Fit does.
func (p *Program) Commit() error {
	if p.made().runs == 0 {
		return errors.New("graph: got a Commit before the first Run, want a Run first")
	}
	for _, u := range p.updates {
		to := p.model.states.all[u.state]
		if err := assign(to.Value, dense(u.next)); err != nil {
			return fmt.Errorf("graph: state %s: %w", to.Name, err)
		}
	}
	return nil
}

// Updates are the states with the next values that came out of the last Run, in the order of Model.States; the others, which no layer updates, are left out.
func (p *Program) Updates() []Param {
	var all []Param
	for i, s := range p.made().model.made().states.all {
		for _, u := range p.updates {
			if u.state == i {
				all = append(all, Param{s.Name, dense(u.next)})
			}
		}
	}
	return all
}

func assign(to, from *tensor.Dense) error {
	if from == nil || !slices.Equal(to.Shape(), from.Shape()) || to.Dtype() != from.Dtype() {
		return errors.New("its next value is not of its shape and element type")
	}
	if to.Dtype() == tensor.Float64 {
		copy(to.Float64s(), from.Float64s())
	} else {
		copy(to.Float32s(), from.Float32s())
	}
	return nil
}

// Loss is the loss of the last Run, the weighted sum over the batch, and the penalties; NaN before it and in Predict.
func (p *Program) Loss() float64 {
	if p.made().loss != nil {
		switch v := p.loss.Value().(type) {
		case *gorgonia.F32:
			return float64(*v)
		case *gorgonia.F64:
			return float64(*v)
		}
	}
	return math.NaN()
}

// Terms are the parts of the loss of the last Run, Σ wᵢ·lᵢ for each target in the order of Model.Targets; what is left of Loss are the penalties. None before it and in
// Predict.
func (p *Program) Terms() []float64 {
	if p.made().runs == 0 {
		return nil
	}
	all := make([]float64, len(p.terms))
	for k, t := range p.terms {
		if values := dense(t.values); t.weights.Dtype() == tensor.Float64 {
			all[k] = dot(t.weights.Float64s(), values.Float64s())
		} else {
			all[k] = dot(t.weights.Float32s(), values.Float32s())
		}
	}
	return all
}

func dot[T float32 | float64](a, b []T) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// Losses are the values of the loss of the first target in the last Run, [batch], or [batch,…] for each position; nil before it and in Predict.
func (p *Program) Losses() *tensor.Dense {
	if len(p.made().terms) == 0 {
		return nil
	}
	return dense(p.terms[0].values)
}

// Output is the model's first output of the last Run, [batch,…]; nil before it. The next Run writes over it.
func (p *Program) Output() *tensor.Dense {
	if len(p.made().outputs) == 0 {
		return nil
	}
	return dense(p.outputs[0])
}

// Outputs are the outputs of the last Run, in the order of Model.Outputs.
func (p *Program) Outputs() []*tensor.Dense {
	var all []*tensor.Dense
	for _, o := range p.made().outputs {
		all = append(all, dense(o))
	}
	return all
}

// Grads are the parameters with their gradients of the last Run, in the model's order, as a gorgonia.Solver takes them; nil
// unless the mode is Train. The next Run writes over the gradients. One that is a product with an input is multiplied out when it
// is first asked for: do that before the input is filled anew.
func (p *Program) Grads() []gorgonia.ValueGrad { return p.made().grads }

// A Recording is what a program kept of one node in the last Run, if its Spec had Inspect; the next Run writes over it.
type Recording struct {
	Name  string        // a layer, "dense_1", or a watched node, "gate_1.gate"
	Layer bool          // it is a layer's output
	Value *tensor.Dense // activation, [batch,…]
	// Grad is the loss's gradient with regard to Value; of a softmax or a sigmoid that the loss looked through, with regard to its logits.
	// It is nil outside Train, where the loss does not depend on the node, and where the node depends on no parameter, as
	// a layer before the first Dense.
	Grad *tensor.Dense
}

// Recordings are the layers' activations in order, then the watched nodes; none unless the Spec had Inspect.
func (p *Program) Recordings() []Recording {
	all := make([]Recording, len(p.made().probes))
	for i, probe := range p.made().probes {
		all[i] = Recording{probe.name, probe.layer, dense(probe.value), dense(probe.grad)}
	}
	return all
}

// Nodes finds the program's ends in its Graph.
func (p *Program) Nodes() Nodes { return p.made().nodes }

// Graph is the expression graph, forward and backward, for drawing.
func (p *Program) Graph() *gorgonia.ExprGraph { return p.made().graph }
