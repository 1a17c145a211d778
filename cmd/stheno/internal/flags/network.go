package flags

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
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

// Add gives a command the flags.
func (n *Network) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&n.text, "layers", "", "another `NETWORK`: layers in words, as stheno layers lists them, or @FILE")
	cmd.Flags().StringVar(&n.input, "input", "", "the `SHAPE` of what --layers takes, such as 13 or 28x28, where not the experiment's: for most a row of the data's values, 784, or an image where the layers begin as for images")
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
	return n.Read(f.flags)
}

// Read reads what --layers and --input say, the first of which is there.
func (n *Network) Read(given *pflag.FlagSet) error {
	if err := n.read(); err != nil {
		return err
	}
	if given.Changed("input") {
		var err error
		if n.Input, err = text.Parse[graph.Input]("input " + n.input); err != nil || n.Input.Shape == nil {
			return usage.Errorf("--input: got %q, want sizes, such as 13 or 28x28", n.input)
		}
		if !(models.Experiment{Layers: n.Layers}).Open() {
			return usage.Errorf("--input: got %s, and --layers names its inputs itself, want one of them", n.input)
		}
	}
	return nil
}

// Model makes an experiment's network for the data, nil where it says itself what it takes. Layers of --layers that do not fit one another or the data are a wrong command line.
func (f *Experiment) Model(e models.Experiment, data datasets.Data) (*graph.Model, error) {
	var info datasets.Info
	if data != nil {
		info = data.Info()
	}
	m, err := e.Model(info, f.Seed)
	if err != nil && f.flags.Changed("layers") {
		return nil, usage.Errorf("--layers: %s", strings.TrimPrefix(err.Error(), "graph: "))
	}
	return m, err
}

// read reads the layers' words.
func (n *Network) read() error {
	where, s := "--layers", n.text
	if path, ok := strings.CutPrefix(s, "@"); ok {
		if path == "" {
			return usage.Errorf("--layers: got @ alone, want @FILE, or layers in words")
		}
		content, err := readText(path)
		if missing := files.Missing(path, "a file with a network in words"); missing != nil {
			err = missing
		}
		if err != nil {
			return fmt.Errorf("--layers: %w", err)
		}
		where, s = "--layers @"+path, content
	}
	var err error
	if n.Layers, err = layers.Parse(s); err != nil {
		return usage.Errorf("%s: %s", where, strings.TrimPrefix(err.Error(), "layers: "))
	}
	return nil
}

// maxText is the most bytes of a network's words, as a model file has them.
const maxText = 1 << 19

// readText reads a small file, or a pipe.
func readText(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err == nil && len(content) > maxText {
		err = fmt.Errorf("%s: it has more than %d bytes, want a network in words", path, maxText)
	}
	return string(content), err
}

// apply puts the network in the place of the experiment's. Of a changed experiment the lecture shows nothing.
func (f *Experiment) apply(e *models.Experiment) error {
	err := f.ReadNetwork()
	if f.Network.Layers != nil {
		e.Layers = f.Network.Layers
		if f.Network.Input.Shape != nil || !e.Open() { // else what the experiment sees
			e.Input = f.Network.Input
		}
	}
	if err == nil && !e.Unchanged() {
		e.Lecture, e.Band = models.Figures{}, models.Band{}
	}
	return err
}
