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
	"github.com/stheno-ml/stheno/graph/ops"
)

// A Program is a model's expression graph for one Spec, ready to run. It works on the model's own parameters, so all programs of a
// model see what any of them learns. One program runs at a time on a model that trains.
type Program struct {
	model  *Model
	spec   Spec
	graph  *gorgonia.ExprGraph
	tape   *tape
	x, y   *tensor.Dense
	loss   *gorgonia.Node
	output *gorgonia.Node
	grads  []gorgonia.ValueGrad
	probes []probe
	step   *uint64
	runs   uint64
	nodes  Nodes
}

// A probe is a node whose value, and gradient where it has one, is kept for reading.
type probe struct {
	name        string
	layer       bool // a layer's output, rather than a watched node
	value, grad *gorgonia.Node
}

// Compile makes a program of the model: it builds the graph, differentiates the loss with regard to every parameter in Train, and
// hands it to a tape machine. Errors are a batch below 1, a missing loss, what a layer or the loss says of the shapes, a parameter on which the
// loss does not depend, an output that does not depend on the input, and whatever Gorgonia's compiler cannot do.
func (m *Model) Compile(s Spec) (p *Program, err error) {
	for range 4 {
		if p, err = m.compile(s); !errors.Is(err, errCollision) {
			break
		}
	}
	return p, err
}

func (m *Model) compile(s Spec) (p *Program, err error) {
	if s.Batch < 1 {
		return nil, fmt.Errorf("graph: got a batch of %d, want at least 1: set Spec.Batch", s.Batch)
	}
	if s.Loss == nil && s.Mode != Predict {
		return nil, fmt.Errorf("graph: got no loss, want one to train or evaluate with: set Spec.Loss, such as losses.CrossEntropy{}")
	}
	readyGorgonia()
	defer func() {
		if r := recover(); r != nil { // Gorgonia's compiler panics on what it cannot do
			p, err = nil, fmt.Errorf("graph: compiling for a batch of %d: %v", s.Batch, r)
		}
	}()
	b, x, output, err := m.build(s, false)
	if err != nil {
		return nil, err
	}
	p = &Program{model: m, spec: s, graph: b.graph, step: b.step, x: m.zeros(s.Batch, m.config.Inputs)}
	if err := gorgonia.Let(x, p.x); err != nil {
		return nil, fmt.Errorf("graph: binding the input: %w", err)
	}
	var outs gorgonia.Nodes
	keep := func(n *gorgonia.Node) *gorgonia.Node {
		if err == nil && n != nil {
			if n, err = ops.Keep(n); err == nil {
				outs = append(outs, n)
			}
		}
		return n
	}
	if s.Mode != Predict {
		p.y = m.zeros(s.Batch, m.Outputs())
		target := gorgonia.NewMatrix(b.graph, m.params.dtype, gorgonia.WithShape(p.y.Shape()...), gorgonia.WithName("target"), gorgonia.WithValue(p.y))
		loss, err := b.loss(s.Loss, output, target)
		if err != nil {
			return nil, err
		}
		if s.Mode == Train {
			derivs, err := differentiate(loss, b.params)
			if err != nil {
				return nil, err
			}
			deferred := onlyOurOps(b.graph)
			for i, d := range derivs {
				g := &gradient{runs: &p.runs, value: m.params.all[i].Value}
				left, right, ok := ops.Factors(d)
				// A parameter may have been stepped by the time that the product is asked for.
				if ok && deferred && !slices.Contains(b.params, left) && !slices.Contains(b.params, right) {
					g.left, g.right = left, right
					outs = append(outs, right)
				} else {
					g.node = keep(d)
				}
				p.grads = append(p.grads, g)
			}
		}
		p.loss = keep(loss)
		p.nodes.Loss = loss
	}
	p.output = keep(output)
	p.nodes.Input, p.nodes.Output, p.nodes.Params = x, output, b.params
	for _, l := range b.layers {
		p.nodes.Layers = append(p.nodes.Layers, LayerNodes{l.LayerInfo, l.input, l.node})
	}
	if s.Inspect {
		for _, l := range b.layers {
			p.probes = append(p.probes, probe{l.Name, true, keep(l.node), keep(derivative(l.node))})
		}
		for _, w := range b.watched {
			if w.node == nil {
				return nil, fmt.Errorf("graph: watched node %s is nil: look at the error of the function that made it", w.name)
			}
			p.probes = append(p.probes, probe{w.name, false, keep(w.node), keep(derivative(w.node))})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("graph: keeping the results: %w", err)
	}
	if err := checkHashes(b.graph); err != nil {
		return nil, err
	}
	// Compiling towards the results leaves out what nobody reads: the gradient of the input, first of all. A parameter or the
	// target may be unread in a mode; the input may not, so it alone is named here.
	compiled, registers, err := gorgonia.CompileFunction(b.graph, gorgonia.Nodes{x}, outs)
	if err != nil {
		return nil, fmt.Errorf("graph: compiling for a batch of %d (does the output depend on the input, x?): %w", s.Batch, err)
	}
	p.tape = newTape(gorgonia.NewTapeMachine(b.graph, gorgonia.WithPrecompiled(compiled, registers)))
	return p, nil
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

// derivative is the gradient node of n; of a softmax that the loss looked through, that of its logits.
func derivative(n *gorgonia.Node) *gorgonia.Node {
	if d := n.Deriv(); d != nil {
		return d
	}
	return ops.Logits(n).Deriv()
}

func (m *Model) zeros(shape ...int) *tensor.Dense {
	return tensor.New(tensor.Of(m.params.dtype), tensor.WithShape(shape...))
}

// Spec returns what the program was compiled for.
func (p *Program) Spec() Spec { return p.spec }

// X is the input, [batch,inputs] in the model's element type, to be filled before each Run.
func (p *Program) X() *tensor.Dense { return p.x }

// Y is the target, [batch,outputs], rows one-hot or any other distribution, to be filled before each Run; nil in Predict.
func (p *Program) Y() *tensor.Dense { return p.y }

// SetStep says which step of training the next Run is: dropout draws its masks by it.
func (p *Program) SetStep(step uint64) { *p.step = step }

// Run computes everything once, from X, Y and the parameters as they are; it changes no parameter. An error is one of an op, which it names, or says
// where one panicked.
func (p *Program) Run() error {
	p.runs++
	if err := p.tape.run(); err != nil {
		return fmt.Errorf("graph: running a batch of %d: %w", p.spec.Batch, err)
	}
	return nil
}

// Loss is the loss of the last Run, a mean over the batch; NaN before it and in Predict.
func (p *Program) Loss() float64 {
	if p.loss != nil {
		switch v := p.loss.Value().(type) {
		case *gorgonia.F32:
			return float64(*v)
		case *gorgonia.F64:
			return float64(*v)
		}
	}
	return math.NaN()
}

// Output is the model's output of the last Run, [batch,outputs]; nil before it. The next Run writes over it.
func (p *Program) Output() *tensor.Dense { return dense(p.output) }

// Grads are the parameters with their gradients of the last Run, in the model's order, as a gorgonia.Solver takes them; nil
// unless the mode is Train. The next Run writes over the gradients. One that is a product with X is multiplied out when it
// is first asked for: do that before X is filled anew.
func (p *Program) Grads() []gorgonia.ValueGrad { return p.grads }

// A Recording is what a program kept of one node in the last Run, if its Spec had Inspect; the next Run writes over it.
type Recording struct {
	Name  string        // a layer, "dense_1", or a watched node, "gate_1.gate"
	Layer bool          // it is a layer's output
	Value *tensor.Dense // activation, [batch,…]
	// Grad is the loss's gradient with regard to Value; of a Softmax that CrossEntropy looked through, with regard to its logits.
	// It is nil outside Train, where the loss does not depend on the node, and where the node depends on no parameter, as
	// a layer before the first Dense.
	Grad *tensor.Dense
}

// Recordings are the layers' activations in order, then the watched nodes; none unless the Spec had Inspect.
func (p *Program) Recordings() []Recording {
	all := make([]Recording, len(p.probes))
	for i, probe := range p.probes {
		all[i] = Recording{probe.name, probe.layer, dense(probe.value), dense(probe.grad)}
	}
	return all
}

// Nodes finds the program's ends in its Graph.
func (p *Program) Nodes() Nodes { return p.nodes }

// Graph is the expression graph, forward and backward, for drawing.
func (p *Program) Graph() *gorgonia.ExprGraph { return p.graph }
