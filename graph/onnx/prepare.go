package onnx

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
)

// ErrPreparation is of a preparation that ONNX can't do as a part of the network: samples are to be prepared before they come to it, and Options.Prepared left out.
var ErrPreparation = errors.New("onnx: the preparation of samples can't be part of the file")

// prepare puts what the preparation does to a sample behind the model's input.
func (e *Exporter) prepare(m *graph.Model, p *datasets.Preparation) error {
	factor, shift, err := p.Affine()
	in := m.Inputs()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrPreparation, err)
	case len(in) != 1:
		return fmt.Errorf("%w: got one of one input for a model of %d", ErrPreparation, len(in))
	}
	e.layer.Name = "preparation"
	x := e.affinely(in[0].Name, in[0].Shape, factor, shift)
	e.prepared[in[0].Name], e.shapes[x] = x, in[0].Shape
	return e.err
}

// restore brings the first output back to the units of the targets.
func (e *Exporter) restore(m *graph.Model, p *datasets.Preparation, y string) string {
	shape := m.Outputs()[0].Shape
	n := 1
	for _, d := range shape {
		n *= d
	}
	zero, one := make([]float32, n), make([]float32, n)
	for i := range one {
		one[i] = 1
	}
	p.Restore(zero) // it multiplies and adds, so two answers say it all
	p.Restore(one)
	factor, shift := make([]float64, n), make([]float64, n)
	same := true
	for i := range one {
		factor[i], shift[i] = float64(one[i])-float64(zero[i]), float64(zero[i])
		same = same && zero[i] == 0 && one[i] == 1
	}
	if same {
		return y
	}
	e.layer.Name = "restored"
	return e.affinely(y, shape, factor, shift)
}

// affinely is x·factor + shift, with as many numbers as x has values of a sample, or a part of them that repeats.
func (e *Exporter) affinely(x string, shape []int, factor, shift []float64) string {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if len(factor) == 1 {
		shape, n = nil, 1
	}
	by, plus := make([]float32, n), make([]float32, n)
	for i := range n {
		by[i], plus[i] = float32(factor[i%len(factor)]), float32(shift[i%len(shift)])
	}
	x = e.Node("Mul", []string{x, e.Floats("factor", shape, by...)})
	for _, v := range plus {
		if v != 0 {
			return e.Node("Add", []string{x, e.Floats("shift", shape, plus...)})
		}
	}
	return x
}
