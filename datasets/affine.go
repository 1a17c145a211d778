package datasets

import (
	"fmt"
	"math"
	"slices"
)

// An affine step makes of each value v of an input (v − offset)·factor. The offsets are as many as the values along the last axis, or one for all: value j takes offset j mod
// their number.
type affine struct {
	Step   string               `json:"step"`
	Offset map[string][]float64 `json:"offset"` // by input
	Factor map[string][]float64 `json:"factor"`
}

func (a *affine) word() string { return "affine" }

func (a *affine) bind(in []Field) ([]Field, func(in, out []Values), error) {
	for _, f := range in {
		if _, ok := a.Offset[f.Name]; ok && !f.IDs {
			if err := a.valid(f.Name, f.Size()); err != nil {
				return nil, nil, err
			}
		}
	}
	return in, func(from, to []Values) {
		for i, v := range from {
			copy(to[i].IDs, v.IDs)
			if _, ok := a.Offset[in[i].Name]; ok && v.Floats != nil {
				a.on(in[i].Name, v.Floats, to[i].Floats)
			} else {
				copy(to[i].Floats, v.Floats)
			}
		}
	}, nil
}

// on writes an input's values.
func (a *affine) on(name string, from, to []float32) {
	offset, factor := a.Offset[name], a.Factor[name]
	if len(offset) == 1 {
		o, f := offset[0], factor[0]
		for j, v := range from {
			to[j] = float32((float64(v) - o) * f)
		}
		return
	}
	for lo := 0; lo < len(from); lo += len(offset) {
		for j, o := range offset[:min(len(offset), len(from)-lo)] {
			to[lo+j] = float32((float64(from[lo+j]) - o) * factor[j])
		}
	}
}

// valid is an error where the numbers do not fit an input of that size, 0: of any.
func (a *affine) valid(name string, size int) error {
	offset, factor := a.Offset[name], a.Factor[name]
	if n := len(offset); n == 0 || len(factor) != n || size%n != 0 {
		return fmt.Errorf("input %q has %d offsets and %d factors, want as many of each, and %d values a whole number of them", name, n, len(factor), size)
	}
	for i, o := range offset {
		if f := factor[i]; math.IsNaN(o) || math.IsInf(o, 0) || math.IsNaN(f) || math.IsInf(f, 0) || f == 0 {
			return fmt.Errorf("input %q has offset %v and factor %v, want finite numbers, and no factor of 0", name, o, f)
		}
	}
	return nil
}

// groups is how many offsets an input has: one for each column, one for each channel of a picture in colours, one for all values of another.
func groups(f Field) int {
	switch n := len(f.Shape); {
	case n == 0:
		return 1
	case n == 1, f.Names != nil, n == 3:
		return f.Shape[n-1]
	}
	return 1
}

// A spread is what is known of the values of one group.
type spread struct {
	n             float64
	mean, squares float64 // squares: the sum of squared distances from the mean
	min, max      float64
	other         bool // a value is neither 0 nor 1
}

func (s *spread) add(v float64) {
	if math.IsNaN(v) {
		return
	}
	if s.n == 0 {
		s.min, s.max = v, v
	}
	s.n++
	delta := v - s.mean
	s.mean += delta / s.n
	s.squares += delta * (v - s.mean)
	s.min, s.max = min(s.min, v), max(s.max, v)
	s.other = s.other || v != 0 && v != 1
}

// deviation is the population's.
func (s *spread) deviation() float64 { return math.Sqrt(s.squares / max(s.n, 1)) }

// spreads looks at all values of the inputs of floats.
func (f *fitting) spreads() (map[string][]spread, error) {
	all := map[string][]spread{}
	for _, field := range f.fields {
		if !field.IDs {
			all[field.Name] = make([]spread, groups(field))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no inputs of numbers; put the step one-hot (OneHot{}) before it")
	}
	err := f.each(func(sample []Values) {
		for i, field := range f.fields {
			of := all[field.Name]
			for j, v := range sample[i].Floats {
				of[j%len(of)].add(float64(v))
			}
		}
	})
	return all, err
}

// fitAffine is an affine step of what each group's values show.
func (f *fitting) fitAffine(step string, of func(s spread, column bool) (offset, factor float64)) (operation, error) {
	all, err := f.spreads()
	if err != nil {
		return nil, err
	}
	a := &affine{Step: step, Offset: map[string][]float64{}, Factor: map[string][]float64{}}
	for _, field := range f.fields {
		for _, s := range all[field.Name] {
			o, k := of(s, field.Names != nil)
			a.Offset[field.Name], a.Factor[field.Name] = append(a.Offset[field.Name], o), append(a.Factor[field.Name], k)
		}
	}
	return a, nil
}

// Standardize takes from every number the mean of its column, and divides by the column's standard deviation (the population's), as they are in the training samples: for
// pictures in colours by channel, for others over all pixels. A column that is constant becomes 0; one of 0 and 1 alone, as OneHot makes, stays as it is.
type Standardize struct{}

func (Standardize) String() string { return "standardize" }

func (s Standardize) fit(f *fitting) (operation, error) {
	return f.fitAffine(s.String(), func(s spread, column bool) (float64, float64) {
		if column && !s.other {
			return 0, 1
		}
		return s.mean, reciprocal(s.deviation(), s.mean)
	})
}

// reciprocal is 1/width; 1 where the width is nothing but rounding.
func reciprocal(width, at float64) float64 {
	if width <= 1e-12*math.Abs(at) || width < 1e-30 {
		return 1
	}
	return 1 / width
}

// MinMax brings every column into 0 to 1, by its least and largest number in the training samples; others may go beyond. A constant column becomes 0.
type MinMax struct{}

func (MinMax) String() string { return "min-max" }

func (s MinMax) fit(f *fitting) (operation, error) {
	return f.fitAffine(s.String(), func(s spread, _ bool) (float64, float64) { return s.min, reciprocal(s.max-s.min, s.min) })
}

// Scale multiplies every number by Factor: 1.0/255 brings bytes into 0 to 1.
type Scale struct{ Factor float64 }

func (s Scale) String() string { return "scale " + shortFloat(s.Factor) }

func (s Scale) fit(f *fitting) (operation, error) {
	if s.Factor == 0 || math.IsNaN(s.Factor) || math.IsInf(s.Factor, 0) {
		return nil, fmt.Errorf("got a factor of %v, want a finite number that is not 0", s.Factor)
	}
	a := &affine{Step: s.String(), Offset: map[string][]float64{}, Factor: map[string][]float64{}}
	for _, field := range f.fields {
		if !field.IDs {
			a.Offset[field.Name], a.Factor[field.Name] = []float64{0}, []float64{s.Factor}
		}
	}
	return a, nil
}

// Invert turns light into dark: v becomes least + largest − v, by the least and largest of the training samples, 0 and 255 for bytes.
type Invert struct{}

func (Invert) String() string { return "invert" }

func (s Invert) fit(f *fitting) (operation, error) {
	all, err := f.spreads()
	if err != nil {
		return nil, err
	}
	a := &affine{Step: s.String(), Offset: map[string][]float64{}, Factor: map[string][]float64{}}
	for name, of := range all {
		least := slices.MinFunc(of, func(a, b spread) int { return compareFloats(a.min, b.min) }).min
		most := slices.MaxFunc(of, func(a, b spread) int { return compareFloats(a.max, b.max) }).max
		a.Offset[name], a.Factor[name] = []float64{least + most}, []float64{-1}
	}
	return a, nil
}

func compareFloats(a, b float64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// StandardizeTarget does to targets that are numbers what Standardize does to inputs: a network starts near 0, and prices are not. What it answers is then in those units:
// [Preparation.Restore] brings it back. Losses and metrics in units of the target, such as rmse, are of the standardised ones.
type StandardizeTarget struct{}

func (StandardizeTarget) String() string { return "standardize-target" }

// targetKey is the name of the targets in an affine step of theirs.
const targetKey = "target"

// targetAffine is one on the targets.
type targetAffine struct{ affine }

func (s StandardizeTarget) fit(f *fitting) (operation, error) {
	info := f.data.Info()
	if len(info.Targets) == 0 || info.Targets[0].IDs {
		return nil, fmt.Errorf("the target is not of numbers, want one of numbers in Target (--target); leave the step out for classes")
	}
	of := make([]spread, info.Targets[0].Size())
	for _, rows := range Batches(inOrder(f.data.Len()), 4096) {
		b := Batch{Targets: []Values{{Floats: make([]float32, len(rows)*len(of))}}}
		if err := f.data.Read(b, rows, Draw{}); err != nil {
			return nil, err
		}
		for j, v := range b.Targets[0].Floats {
			of[j%len(of)].add(float64(v))
		}
	}
	a := affine{Step: s.String(), Offset: map[string][]float64{}, Factor: map[string][]float64{}}
	for _, s := range of {
		a.Offset[targetKey], a.Factor[targetKey] = append(a.Offset[targetKey], s.mean), append(a.Factor[targetKey], reciprocal(s.deviation(), s.mean))
	}
	return &targetAffine{a}, nil
}
