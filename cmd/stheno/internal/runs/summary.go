package runs

import (
	"math"
	"path/filepath"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Summary is what runs prints of a run.
type Summary struct {
	Name       string         `json:"name"`
	Dir        string         `json:"dir"`
	Experiment string         `json:"experiment"`
	Seed       uint64         `json:"seed"`
	Epoch      int            `json:"epoch"` // that are over
	Epochs     int            `json:"epochs"`
	Loss       *float64       `json:"loss"`    // running, of the last epoch; null before the first is over
	Test       *float64       `json:"test"`    // accuracy; null before the end, and where none was measured
	Metrics    *train.Metrics `json:"metrics"` // all that was measured on the test set, with the loss; null before the end
	State      string         `json:"state"`   // running, stopped, finished, diverged or damaged; sweep of one, whose epochs are not told
	Remark     string         `json:"remark"`  // who runs it, or what is wrong
	About      string         `json:"about"`   // what tells it from others, in a line
	Config     *run.Config    `json:"config"`  // all that repeats it; null of a damaged one
}

// Summarize reads what runs says of a run.
func Summarize(dir string) Summary {
	s := Summary{Name: filepath.Base(dir), Dir: dir}
	damaged := func(err error) Summary {
		s.State, s.Remark = "damaged", usage.OneLine(err)
		return s
	}
	if run.IsSweep(dir) {
		return s.ofSweep()
	}
	folder, err := run.Open(dir)
	if err != nil {
		return damaged(err)
	}
	s.About, s.Config = Describe(folder.Config), &folder.Config
	s.Experiment, s.Seed, s.Epochs = folder.Config.Experiment.Name, folder.Config.Seed, folder.Config.Experiment.Epochs
	epochs, err := folder.Epochs()
	if err != nil {
		return damaged(err)
	}
	if s.Epoch = len(epochs); s.Epoch > 0 {
		loss := epochs[s.Epoch-1].Running.Loss
		if !math.IsNaN(loss) && !math.IsInf(loss, 0) {
			s.Loss = &loss
		}
	}
	result, err := folder.Result()
	if err != nil {
		return damaged(err)
	}
	switch who := run.InUse(dir); {
	case who != "":
		s.State, s.Remark = "running", who
	case result == nil:
		s.State = "stopped"
	case result.Diverged != nil:
		s.State = "diverged"
	default:
		s.State = "finished"
	}
	if result != nil && result.Test != nil {
		s.Metrics = result.Test
		if accuracy := result.Test.Accuracy(); !math.IsNaN(accuracy) {
			s.Test = &accuracy
		}
	}
	return s
}
