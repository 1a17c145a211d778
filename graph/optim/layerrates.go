package optim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorgonia.org/gorgonia"
)

// LayerRates gives layers a learning rate of their own, a factor times that of the optimizer which it wraps: 0 keeps a layer as it is. Its weight decay
// goes by that rate, too. It goes by the names of the parameters, as a model's have them.
type LayerRates struct {
	Optimizer Optimizer // SGD if nil
	Factors   Factors

	wishes wishes
}

// Factors are by the name of a layer, "dense_1", which stands for what is within it, too, or of a parameter, "dense_1.bias"; the longest name that fits counts. As text they
// are dense_1:0.1, or several in quotes: layer-rates adam "dense_1:0.1 dense_2:0".
type Factors map[string]float64

// MarshalText writes the factors in the order of the names.
func (f Factors) MarshalText() ([]byte, error) {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		words = append(words, name+":"+strconv.FormatFloat(f[name], 'g', -1, 64))
	}
	return []byte(strings.Join(words, " ")), nil
}

// UnmarshalText reads what MarshalText writes.
func (f *Factors) UnmarshalText(s []byte) error {
	*f = Factors{}
	for _, word := range strings.Fields(string(s)) {
		colon := strings.LastIndexByte(word, ':')
		if colon < 1 {
			return fmt.Errorf("got %q, want a layer and a factor, dense_1:0.1", word)
		}
		x, err := strconv.ParseFloat(word[colon+1:], 64)
		if err != nil {
			return fmt.Errorf("got %q, want a factor behind the colon, dense_1:0.1", word)
		}
		(*f)[word[:colon]] = x
	}
	if len(*f) == 0 {
		return errors.New("got nothing, want a layer and a factor, dense_1:0.1")
	}
	return nil
}

// of is the factor of a parameter, 1 where no name fits.
func (f Factors) of(param string) (factor float64, by string) {
	factor = 1
	for name, x := range f {
		if (param == name || strings.HasPrefix(param, name+".")) && len(name) > len(by) {
			factor, by = x, name
		}
	}
	return factor, by
}

// Name returns "layer-rates".
func (l *LayerRates) Name() string { return "layer-rates" }

// Unwrap returns the optimizer that it wraps.
func (l *LayerRates) Unwrap() Optimizer { return wrapped(&l.Optimizer) }

// Rate returns the learning rate where no factor is.
func (l *LayerRates) Rate() float64 { return l.Unwrap().Rate() }

// SetRate sets the learning rate; 0 trains nothing.
func (l *LayerRates) SetRate(lr float64) { l.Unwrap().SetRate(lr) }

// State returns a copy of the running values, those of the optimizer within: there are no others.
func (l *LayerRates) State() State { return l.Unwrap().State() }

// SetState replaces the running values by a copy of s.
func (l *LayerRates) SetState(s State) error { return l.Unwrap().SetState(s) }

// Validate refuses factors out of range, and an optimizer that is none of this package's.
func (l *LayerRates) Validate() error {
	for _, name := range slices.Sorted(maps.Keys(l.Factors)) {
		if x := l.Factors[name]; !(x >= 0 && x < infinity) {
			return fmt.Errorf("optim: layer-rates: the factor of %s is %v, want a finite number, 0 or more", name, x)
		}
	}
	if len(l.Factors) == 0 {
		return errors.New("optim: layer-rates: got no Factors, want a layer and a factor of the learning rate, such as layer-rates adam dense_1:0.1")
	}
	if err := checkWrapped(l); err != nil {
		return err
	}
	if !fulfils(l.Unwrap()) {
		return fmt.Errorf("optim: layer-rates: got %s, of type %T, want an optimizer of this package: another knows one learning rate alone", l.Unwrap().Name(), l.Unwrap())
	}
	return nil
}

// Step makes a step of the optimizer within; a factor for what is not there is an error, and nothing has changed.
func (l *LayerRates) Step(model []gorgonia.ValueGrad) error {
	if err := l.Validate(); err != nil {
		return err
	}
	to := l.wishes.of(model)
	used := map[string]bool{}
	for i, p := range to {
		if p == nil {
			return fmt.Errorf("optim: layer-rates: parameter %d: it is nil", i)
		}
		factor, by := l.Factors.of(nameOf(p))
		used[by] = true
		l.wishes.all[i].factor *= factor
	}
	for _, name := range slices.Sorted(maps.Keys(l.Factors)) {
		if used[name] {
			continue
		}
		var names []string
		for _, p := range to {
			if nameOf(p) != "" {
				names = append(names, nameOf(p))
			}
		}
		if slices.ContainsFunc(names, func(n string) bool { return n == name || strings.HasPrefix(n, name+".") }) {
			continue // longer names say it all
		}
		there := "none of them has a name"
		if names != nil {
			there = "there are " + strings.Join(names, ", ")
		}
		return fmt.Errorf("optim: layer-rates: got a factor for %s, which is no layer or parameter of the model: %s", name, there)
	}
	return l.Optimizer.Step(to)
}
