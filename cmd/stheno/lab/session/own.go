package session

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/models"
)

// suiting are flags of which none is given: what suits the data is taken.
func suiting(seed uint64) *flags.Own {
	f := &flags.Own{}
	f.Add(&cobra.Command{})
	f.Seed = seed
	return f
}

// own makes a run of data of one's own, as stheno train does, with what change changes of it, if it is not nil.
func (s *Session) own(path, targets string, f *flags.Own, change func(*models.Experiment) error) (*run, error) {
	data, err := own.Open(path, targets, f.Reading)
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
	if change != nil {
		if err := change(&e); err != nil {
			return nil, err
		}
	}
	return s.make(&source{name: filepath.Base(path), data: data, config: o.Config}, e, o.Config.Seed)
}
