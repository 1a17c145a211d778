package flags

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/models"
)

// A Network is another network in an experiment's place, in words.
type Network struct {
	Layers []graph.Layer // nil where the flags name none
	Input  graph.Input   // of a sample; its Shape is nil where the data say it
	text   string
	input  string
}

// add gives a command the flags.
func (n *Network) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&n.text, "layers", "", "another `NETWORK`: layers in words, as stheno layers lists them, or @FILE")
	cmd.Flags().StringVar(&n.input, "input", "", "the `SHAPE` of what --layers takes, such as 13 or 28x28, where not the data's")
	complete.Flag(cmd, "layers", complete.Layers)
}

// ReadNetwork reads what --layers and --input say.
func (f *Experiment) ReadNetwork() error {
	n := &f.Network
	if !f.flags.Changed("layers") {
		if f.flags.Changed("input") {
			return usage.Errorf("--input: got %s without --layers, want both: an experiment's own network takes what the data are", n.input)
		}
		return nil
	}
	for _, flag := range []string{"hidden", "activation", "dropout"} {
		if f.flags.Changed(flag) {
			return usage.Errorf("--layers: got --%s too, want one of them: the layers say it themselves", flag)
		}
	}
	where, s := "--layers", n.text
	if path, ok := strings.CutPrefix(s, "@"); ok {
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("--layers: %w", err)
		}
		where, s = "--layers @"+path, string(content)
	}
	var err error
	if n.Layers, err = layers.Parse(s); err != nil {
		return usage.Errorf("%s: %s", where, strings.TrimPrefix(err.Error(), "layers: "))
	}
	if f.flags.Changed("input") {
		if n.Input, err = text.Parse[graph.Input]("input " + n.input); err != nil || n.Input.Shape == nil {
			return usage.Errorf("--input: got %q, want sizes, such as 13 or 28x28", n.input)
		}
	}
	return nil
}

// apply puts the network in the place of the experiment's. Of a changed experiment the lecture shows nothing.
func (f *Experiment) apply(e *models.Experiment) error {
	err := f.ReadNetwork()
	if f.Network.Layers != nil {
		e.Layers, e.Input = f.Network.Layers, f.Network.Input
	}
	if err == nil && !e.Unchanged() {
		e.Lecture, e.Band = models.Figures{}, models.Band{}
	}
	return err
}
