package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/stheno-ml/stheno/graph/train"
)

const resultFile = "result.json"

// Result is what came of a run that has ended.
type Result struct {
	Train, Test, NoisyTest *train.Metrics       // evaluated at the end; NoisyTest is nil where there was no noise
	Validation             *train.Metrics       // likewise, of the samples that were held out; nil where there were none
	PredictedClasses       int                  // how many different classes it says on the test set
	Stopped                string               // why it stopped before its last epoch; "" if it did not
	Diverged               *train.DivergedError // nil where the loss stayed finite
}

type resultJSON struct {
	Train            *train.Metrics `json:"train"`
	Test             *train.Metrics `json:"test"`
	NoisyTest        *train.Metrics `json:"noisy_test,omitempty"`
	Validation       *train.Metrics `json:"validation,omitempty"`
	PredictedClasses int            `json:"predicted_classes"`
	Stopped          string         `json:"stopped"`
	Diverged         *divergedJSON  `json:"diverged,omitempty"`
	SHA256           string         `json:"sha256"`
}

type divergedJSON struct {
	Epoch int    `json:"epoch"`
	Step  uint64 `json:"step"`
	Loss  string `json:"loss"`
	Layer string `json:"layer"`
	What  string `json:"what"`
}

// Finish records what came of the run, in result.json. Without it the run is not finished, and may be resumed.
func (r *Recorder) Finish(of Result) error {
	if err := r.ready(); err != nil {
		return err
	}
	if r.begun { // a kill after the last checkpoint, before those that it made old were removed, left them
		if err := r.prune(); err != nil {
			return err
		}
	}
	out := resultJSON{
		Train: of.Train, Test: of.Test, NoisyTest: of.NoisyTest, Validation: of.Validation, PredictedClasses: of.PredictedClasses,
		Stopped: of.Stopped, SHA256: string(unsealed),
	}
	if d := of.Diverged; d != nil {
		out.Diverged = &divergedJSON{d.Epoch, d.Step, fmt.Sprint(d.Loss), d.Layer, d.What}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("run: %s: %w", resultFile, err)
	}
	text = append(text, '\n')
	if err := seal(text); err != nil {
		return err
	}
	return writeFile(r.options.disk, r.root, resultFile, text)
}

// Result reads what came of the run; nil if it has not ended.
func (f *Folder) Result() (r *Result, err error) {
	err = within(f.Dir, func(root *os.Root) error {
		text, err := readSmall(root, resultFile, maxConfig)
		if errors.Is(err, fs.ErrNotExist) || f.Config.until != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if r, err = parseResult(text); err != nil {
			return fmt.Errorf("run: %s: %w: --resume the run to have it made again", at(root, resultFile), err)
		}
		return nil
	})
	return r, err
}

func parseResult(text []byte) (*Result, error) {
	var in resultJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if !intact(text) {
		return nil, errors.New("the checksum does not fit: it was changed or damaged since it was written")
	}
	r := &Result{Train: in.Train, Test: in.Test, NoisyTest: in.NoisyTest, Validation: in.Validation, PredictedClasses: in.PredictedClasses, Stopped: in.Stopped}
	if d := in.Diverged; d != nil {
		r.Diverged = &train.DivergedError{Epoch: d.Epoch, Step: d.Step, Loss: parseFloat(d.Loss), Layer: d.Layer, What: d.What}
	}
	return r, nil
}

// parseFloat is the number that fmt.Sprint wrote; NaN for anything else.
func parseFloat(s string) float64 {
	var v float64
	if _, err := fmt.Sscan(s, &v); err != nil {
		return math.NaN()
	}
	return v
}
