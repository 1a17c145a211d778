package datasets

import (
	"fmt"
	"math"
	"slices"
)

// FillMissing puts the median of a column of numbers, as it is in the training samples, where its cell is missing; 0 where all are. Columns of texts want none: a missing one
// is a category like others.
type FillMissing struct{}

func (FillMissing) String() string { return "fill-missing" }

// filling is FillMissing, fitted.
type filling struct {
	Fill map[string][]float32 `json:"fill"` // by input, a value for each along its last axis
}

func (FillMissing) fit(f *fitting) (operation, error) {
	all := map[string][][]float32{}
	for _, field := range f.fields {
		if !field.IDs {
			all[field.Name] = make([][]float32, groups(field))
		}
	}
	err := f.each(func(sample []Values) {
		for i, field := range f.fields {
			of := all[field.Name]
			for j, v := range sample[i].Floats {
				if finite(v) {
					of[j%len(of)] = append(of[j%len(of)], v)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	fill := &filling{Fill: map[string][]float32{}}
	for name, columns := range all {
		for _, values := range columns {
			fill.Fill[name] = append(fill.Fill[name], middle(values))
		}
	}
	return fill, nil
}

// Filled are what missing cells become, by column: the values that [FillMissing] found; nil where the preparation fills none.
func (p *Preparation) Filled() map[string]float32 {
	if p == nil {
		return nil
	}
	var all map[string]float32
	for _, op := range p.steps {
		fill, ok := op.(*filling)
		if !ok {
			continue
		}
		all = map[string]float32{}
		for _, f := range p.inputs {
			values := fill.Fill[f.Name]
			for k, name := range f.Names {
				if len(values) == len(f.Names) {
					all[name] = values[k]
				}
			}
		}
	}
	return all
}

// middle is the median; of an even number the mean of the middle two.
func middle(values []float32) float32 {
	n := len(values)
	if n == 0 {
		return 0
	}
	slices.Sort(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return float32((float64(values[n/2-1]) + float64(values[n/2])) / 2)
}

func (*filling) word() string { return "fill-missing" }

func (s *filling) bind(in []Field) ([]Field, func(in, out []Values), error) {
	for _, f := range in {
		if fill, ok := s.Fill[f.Name]; ok && !f.IDs && (len(fill) == 0 || f.Size()%len(fill) != 0 || slices.ContainsFunc(fill, func(v float32) bool { return !finite(v) })) {
			return nil, nil, fmt.Errorf("input %q of shape %v has %d values to fill with, want a finite one for each along its last axis", f.Name, f.Shape, len(fill))
		}
	}
	return in, func(from, to []Values) {
		for i, v := range from {
			copy(to[i].IDs, v.IDs)
			copy(to[i].Floats, v.Floats)
			if fill := s.Fill[in[i].Name]; len(fill) > 0 {
				for j, value := range to[i].Floats {
					if math.IsNaN(float64(value)) {
						to[i].Floats[j] = fill[j%len(fill)]
					}
				}
			}
		}
	}, nil
}
