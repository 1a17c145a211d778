package graph

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"
)

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
