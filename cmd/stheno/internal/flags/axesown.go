package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// A passed flag says how data of one's own are read: it is train's, and the same for all that a sweep tries.
type passed struct {
	pflag.Value
	name  string
	texts []string
}

// Set keeps the text too.
func (p *passed) Set(text string) error {
	err := p.Value.Set(text)
	if err == nil {
		p.texts = append(p.texts, text)
	}
	return err
}

// addOwn gives a command the flags that only train has.
func (f *Axes) addOwn(cmd *cobra.Command) {
	scratch := &cobra.Command{}
	(&Own{}).Add(scratch)
	scratch.Flags().VisitAll(func(flag *pflag.Flag) {
		if slices.Contains(apart, flag.Name) || cmd.Flags().Lookup(flag.Name) != nil {
			return
		}
		p := &passed{Value: flag.Value, name: flag.Name}
		flag.Value = p
		f.own = append(f.own, p)
		cmd.Flags().AddFlag(flag)
	})
}

// ofOwn lists the flags that were given and are of data of one's own alone.
func (f *Axes) ofOwn() (names []string) {
	for _, p := range f.own {
		if len(p.texts) > 0 {
			names = append(names, "--"+p.name)
		}
	}
	return names
}

// hidden are the flags that make the hidden layers of a perceptron.
var hidden = []string{"hidden", "activation", "dropout"}

// Own is a training on data of one's own with settings of the axes, and with what all have that was given once. suited is the network that suits the data, whose last layer stands where --hidden and the
// like say which are before it.
func (f *Axes) Own(settings []run.Setting, seed uint64, suited string) (*Own, error) {
	o, scratch := &Own{}, &cobra.Command{}
	o.Add(scratch)
	set := func(name, value string) error {
		if scratch.Flags().Lookup(name) == nil {
			return usage.Errorf("--%s: it is of the experiments that come with the program: leave it out with data of your own", name)
		}
		if err := scratch.Flags().Set(name, value); err != nil {
			return usage.Errorf("%w", err)
		}
		return nil
	}
	for _, p := range f.own {
		for _, text := range p.texts {
			if err := set(p.name, text); err != nil {
				return nil, err
			}
		}
	}
	layers := map[string]string{}
	for _, s := range f.with(settings) {
		if slices.Contains(hidden, s.Name) {
			layers[s.Name] = s.Value
			continue
		}
		if err := set(s.Name, s.Value); err != nil {
			return nil, err
		}
	}
	if err := set("seed", fmt.Sprint(seed)); err != nil {
		return nil, err
	}
	if len(layers) > 0 {
		if scratch.Flags().Changed("layers") {
			return nil, usage.Errorf("--layers: got --hidden, --activation or --dropout too, want one of them: the layers say it themselves")
		}
		if _, err := f.perceptron(layers); err != nil {
			return nil, err
		}
		if suited != "" {
			words, _ := f.perceptron(layers)
			text, err := network(suited, words)
			if err == nil {
				err = set("layers", text)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return o, o.Check()
}

// perceptron are the hidden layers that the flags say, in words.
func (f *Axes) perceptron(values map[string]string) ([]string, error) {
	v := newVariant()
	for name, value := range values {
		if err := v.cmd.Flags().Set(name, value); err != nil {
			return nil, usage.Errorf("%w", err)
		}
	}
	e, err := v.experiment.Find("relu") // which checks what they say
	if err != nil {
		return nil, err
	}
	if values["hidden"] == "" {
		e.Hidden = []int{64, 64} // as suits data of one's own
	}
	var words []string
	for _, width := range e.Hidden {
		words = append(words, fmt.Sprintf("dense %d %s", width, e.Activation))
		if e.Dropout > 0 {
			words = append(words, fmt.Sprintf("dropout %v", e.Dropout))
		}
	}
	return words, nil
}

// network has hidden layers before the last one of a network in words, and its flattening where it does that. One of other layers than a perceptron's, or convolutions, is no place for them.
func network(suited string, hidden []string) (string, error) {
	lines := strings.Split(suited, "\n")
	for _, line := range lines {
		word, _, _ := strings.Cut(line, " ")
		if !strings.Contains(line, " = input ") && !slices.Contains([]string{"dense", "flatten", "conv", "maxpool"}, word) {
			return "", usage.Errorf("--hidden, --activation, --dropout: got one of them, and the network that suits these data (%s) is no perceptron: say all of its layers with --layers", strings.Join(lines, ", "))
		}
	}
	all := slices.Concat(hidden, lines[len(lines)-1:])
	if slices.Contains(lines, "flatten") {
		all = slices.Insert(all, 0, "flatten")
	}
	return strings.Join(all, ", "), nil
}
