package graph

import "gorgonia.org/tensor"

// A Recording is what a program kept of one node in the last Run, if its Spec had Inspect; the next Run writes over it.
type Recording struct {
	Name  string        // a layer, "dense_1", or a watched node, "gate_1.gate"
	Layer bool          // it is a layer's output
	Value *tensor.Dense // activation, [batch,…]
	// Grad is the loss's gradient with regard to Value; of a softmax or a sigmoid that the loss looked through, with regard to its logits.
	// It is nil where the loss does not depend on the node, and where the node depends on no parameter, as a layer before the first Dense; outside Train always, but in Evaluate with Spec.Inputs where the node depends
	// on an input of floats.
	Grad *tensor.Dense
	// Inputs are what went into a layer, and InputGrads the loss's gradients with regard to them, each nil where Grad would be, but of what does not depend on a parameter; none unless the Spec had
	// Inputs.
	Inputs, InputGrads []*tensor.Dense
}

// Recordings are the layers' activations in order, then the watched nodes; none unless the Spec had Inspect.
func (p *Program) Recordings() []Recording {
	all := make([]Recording, len(p.made().probes))
	for i, probe := range p.made().probes {
		all[i] = Recording{Name: probe.name, Layer: probe.layer, Value: dense(probe.value), Grad: dense(probe.grad)}
		for k, in := range probe.inputs {
			all[i].Inputs = append(all[i].Inputs, dense(in))
			all[i].InputGrads = append(all[i].InputGrads, dense(probe.inputGrads[k]))
		}
	}
	return all
}
