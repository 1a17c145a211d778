package session

import (
	"encoding/json"
	"fmt"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A source is where samples come from: one of the data sets that have a name, or data of one's own.
type source struct {
	name        string        // as datasets.Open takes it; of data of one's own that of their file
	train, test datasets.Data // of a data set
	data        datasets.Data // of one's own, as they came; else nil
	config      kept.Config   // of one's own: where they are, and how they are divided and prepared
	again       bool          // opened as a run has them, which does not say who left a column out
	brought     string        // what who brought it, to a place that is nobody's to name, calls the file; "" of one that lies where it says
	ours        bool          // a page brought it, to this lab or one before that kept its runs here, and nobody has named it
	size        int64         // bytes of the samples in memory
	dir         string        // of IDX files in the place of a data set
}

// A material is what a run learns from and is tested on: samples of a source as its settings take them.
type material struct {
	*source
	train, test             datasets.Data         // as models.Experiment's Model and Record take them; of one's own without what is held back
	rawFit, rawHeld         datasets.Data         // of one's own, as they came; else nil
	prepare                 *datasets.Preparation // of one's own, and of a text; else nil
	prepared                datasets.Data         // of one's own: what is learnt from, as a run on disk takes it
	read                    *look.Read            // of one's own, once somebody asked how they were read
	fingerprint             string                // of what a run on disk takes, once one was written
	fit, tests, noisy, held datasets.Data         // as the model takes them; the last two nil where there are none
}

// material is what an experiment makes of the source.
func (s *source) material(e models.Experiment, seed uint64) (m *material, err error) {
	m = &material{source: s, train: s.train, test: s.test}
	if s.data != nil {
		return m, m.divide(e, seed)
	}
	m.prepare = m.train.Info().Preparation
	if m.fit, m.tests, m.noisy, err = e.Data(m.train, m.test, seed); err != nil {
		return nil, err
	}
	m.held, err = e.Held(m.train, seed)
	return m, err
}

// divide holds data of one's own back and prepares them, as training them does: how they are prepared is learnt from the samples that are learnt from, so that another seed, or share, prepares otherwise.
func (m *material) divide(e models.Experiment, seed uint64) (err error) {
	c := m.config
	var parts own.Parts
	switch {
	case e.TrainSamples != 0 || e.Noise != 0 || e.Mislabelled != 0 || e.Scale != 1 && e.Scale != 0:
		return fmt.Errorf("train_samples %d, scale %v: %s is learnt from whole, as its preparation has it: want 0 and 1", e.TrainSamples, e.Scale, m.name)
	case c.Seed == seed && c.Experiment.Validation == e.Validation:
		parts, err = own.OfData(c, m.data)
	default:
		var steps []datasets.Step
		if c.Preparation != nil {
			if steps, err = datasets.ParseSteps(c.Preparation.String()); err != nil {
				return err
			}
		}
		parts, err = own.Divide(m.data, own.Division{Held: e.Validation, Seed: seed, Groups: c.Experiment.Groups, ByTime: c.Experiment.ByTime}, steps...)
	}
	if err != nil {
		return err
	}
	m.rawFit, m.rawHeld, m.prepare, m.prepared = parts.RawFit, parts.RawHeld, parts.Prepare, parts.Fit
	if m.fit, err = own.Labelled(parts.Fit); err != nil {
		return err
	}
	if m.tests = m.fit; parts.Held != nil {
		m.tests, err = own.Labelled(parts.Held)
		m.held = m.tests
	}
	m.train, m.test = m.fit, m.tests
	return err
}

// about is what a model keeps of how its samples are prepared.
func (m *material) about() (a graph.About, err error) {
	if m.prepare != nil {
		var text []byte
		text, err = json.Marshal(m.prepare)
		a.Preparation = string(text)
	}
	return a, err
}

// sameSamples says whether other settings take the same samples.
func sameSamples(a, b models.Experiment, seedA, seedB uint64) bool {
	return seedA == seedB && a.TrainSamples == b.TrainSamples && a.Validation == b.Validation && a.Scale == b.Scale && a.Noise == b.Noise && a.Mislabelled == b.Mislabelled && a.Reconstruct == b.Reconstruct
}

// info describes a sample as the experiment's network is made for it.
func (m *material) info() datasets.Info { return m.train.Info() }
