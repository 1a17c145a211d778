package session

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// suiting are flags of which none is given: what suits the data is taken.
func suiting(seed uint64) *flags.Own {
	f := &flags.Own{}
	f.Add(&cobra.Command{})
	f.Seed = seed
	return f
}

// own makes a run of data of one's own, as stheno train does, with what change changes of it, if it is not nil. It may be called from any goroutine.
func (s *Session) own(path, targets string, f *flags.Own, change func(*models.Experiment) error) (*run, error) {
	data, err := s.openOwn(path, targets, f.Reading)
	if err != nil {
		return nil, err
	}
	o, _, err := training.Plan(path, targets, "", data, f)
	if err != nil {
		return nil, err
	}
	e, err := models.OfRun(o.Config)
	if err != nil {
		return nil, err
	}
	unnamed(&e, o.Config)
	if change != nil {
		if err := change(&e); err != nil {
			return nil, err
		}
	}
	from := &source{name: filepath.Base(path), data: data, config: o.Config}
	m, err := from.material(e, o.Config.Seed)
	if err != nil {
		return nil, err
	}
	from.size = from.bytes()
	size, err := measured(e, m.info())
	if err != nil {
		return nil, err
	}
	return newRun(m, e, o.Config.Seed, size)
}

// unnamed leaves the input out of the layers of a run where they are a list that it is fed to, so that who changes them need not name it.
func unnamed(e *models.Experiment, c kept.Config) {
	words := own.OneLine(c.Experiment.Network)
	if e.Layers == nil || e.Input.Shape != nil || words == strings.ReplaceAll(c.Experiment.Network, "\n", ", ") {
		return
	}
	network, err := layers.Parse(words)
	model, failed := c.Model()
	if err == nil && failed == nil && (models.Experiment{Layers: network}).Open() && len(model.Inputs()) == 1 {
		in := model.Inputs()[0]
		e.Layers, e.Input = network, graph.Input{Shape: slices.Clone(in.Shape), IDs: in.IDs}
	}
}
