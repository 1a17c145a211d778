package session

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
)

// A Message is what every reader is told.
type Message struct {
	Kind string // "state", "points", "epoch", "layers", "findings", "seek" or "said"
	Data any    // a State, Points, Epoch, Seek or Said, or what package look makes of layers and findings; nothing changes in it afterwards
}

// A State is all but the curves: what a new reader needs first. The server fills in what is its own.
type State struct {
	Server       string      `json:"server"`                  // the server's: of this start of it
	Told         uint64      `json:"told"`                    // counts the states; an answer names the one that has what was asked
	Version      string      `json:"version"`                 // the server's
	Readers      int         `json:"readers"`                 // the server's
	UploadLimit  int64       `json:"upload_limit"`            // the server's: bytes
	LanguageHint string      `json:"language_hint,omitempty"` // the server's
	Dataset      string      `json:"dataset"`                 // of the current run
	Out          string      `json:"out"`                     // what the folder is called that the runs are kept in; "" where they are not
	Current      string      `json:"current"`                 // the run that commands mean which name none
	Playing      bool        `json:"playing"`                 // the current run is trained
	Speed        float64     `json:"speed"`                   // steps a second; 0 for as many as can be
	Runs         []Run       `json:"runs"`
	Ladder       []look.Step `json:"ladder"`
	Others       []look.Step `json:"others"` // experiments that are no step of the lecture's
	Words        Words       `json:"words"`
}

// Words are those that settings may be made of.
type Words struct {
	Optimizers  []string `json:"optimizers"`
	Losses      []string `json:"losses"`
	Activations []string `json:"activations"`
}

// The conditions of a run.
const (
	Ready    = "ready"    // no step is made
	Playing  = "playing"  // it is trained
	Paused   = "paused"   // somewhere on its way
	Done     = "done"     // to its last epoch, or to where it stopped by itself
	Diverged = "diverged" // its loss is not finite
	Failed   = "failed"   // by a fault; Why says by which
)

// A Run is one run by its settings and how far it is.
type Run struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Parent        string        `json:"parent"`      // the run that it branched off, or was changed from; "" if none
	ParentStep    uint64        `json:"parent_step"` // up to which the two are one
	Color         int           `json:"color"`       // 0 to 59
	Experiment    string        `json:"experiment"`  // that it began as
	Dataset       string        `json:"dataset"`
	OwnData       bool          `json:"own_data"` // how they were read can be asked
	Short         bool          `json:"short"`    // of fewer epochs than the experiment, to show how it goes: no band is of it
	Folder        string        `json:"folder"`   // of its own, in Out; "" as long as it has none
	OnDisk        bool          `json:"on_disk"`  // a run that was kept: it stays as it is, and goes on as a branch
	Settings      look.Settings `json:"settings"` // where it is now
	Segments      []Segment     `json:"segments"`
	Condition     string        `json:"condition"`
	Why           look.Text     `json:"why"`             // why it is over, where it is not its last epoch
	KeptEpoch     int           `json:"kept_epoch"`      // of a run that is over, the epoch whose weights it has, and is judged by; 0 where these are the last
	Step          uint64        `json:"step"`            // where it is
	Head          uint64        `json:"head"`            // how far it was trained
	StepsPerEpoch int           `json:"steps_per_epoch"` // where it is
	Epoch         int           `json:"epoch"`           // epochs that are over, where it is
	Epochs        int           `json:"epochs"`          // that it is to have
	Samples       int           `json:"samples"`         // that it learns from
	TestSamples   int           `json:"test_samples"`    // that it is tested on: which of them to show
	Params        int           `json:"params"`
	Metric        string        `json:"metric"`      // what result, lecture and band are in: accuracy, or another metric's name
	Lecture       look.Figures  `json:"lecture"`     // of the experiment that these settings are
	Band          look.Band     `json:"band"`        // likewise
	Result        *look.Figures `json:"result"`      // at the end, with the weights at rest
	InBand        *bool         `json:"in_band"`     // of a result that there is a band for
	Matches       string        `json:"matches"`     // the experiment of the ladder whose settings these are from the beginning; "" if none
	Checkpoints   []uint64      `json:"checkpoints"` // steps
	Kind          string        `json:"kind"`        // "classes", "regression", "labels" or "text"
	Classes       []string      `json:"classes"`
	Input         Input         `json:"input"`
}

// A Segment says which settings hold from a step on.
type Segment struct {
	Step     uint64        `json:"step"`
	Settings look.Settings `json:"settings"`
	Changes  []Changed     `json:"changes"`
	What     string        `json:"what"` // what they change: "rate 0.1 → 0.01"; "" of the first
}

// A Changed is a setting, as JSON calls it, that a segment has otherwise than the one before.
type Changed struct {
	Name string `json:"name"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Input says what a sample is, and how a user gives one.
type Input struct {
	Shape   []int    `json:"shape"`
	Kind    string   `json:"kind"` // "image", "row", "sequence" or "text"
	Columns []Column `json:"columns,omitempty"`
}

// A Column is one of a table that a user is asked for.
type Column struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"` // "number", "category", "date" or "text"; in a description also "answer", of the two categories no and yes, and "left out"
	Categories []string `json:"categories,omitempty"`
	Example    string   `json:"example"`
}

// Points are new ones of a run's curves, at most ten messages of them a second.
type Points struct {
	Run    string  `json:"run"`
	Step   uint64  `json:"step"` // where the run is, be there points or not: one that goes its way again has none
	Points []Point `json:"points"`
}

// A Point is a step. As JSON it is an array: step, epoch, loss, running accuracy, rate, seconds; null where a number is not finite.
type Point struct {
	Step     uint64  // from 1
	Epoch    float64 // epochs that are over, with the part of the one under way
	Loss     float64 // of the batch
	Accuracy float64 // means over the epoch so far; NaN where it is not measured
	Rate     float64 // the learning rate of the step
	Seconds  float64 // of training, up to and with this step
}

// MarshalJSON writes the array.
func (p Point) MarshalJSON() ([]byte, error) {
	b := strconv.AppendUint([]byte{'['}, p.Step, 10)
	for _, v := range []float64{p.Epoch, p.Loss, p.Accuracy, p.Rate, p.Seconds} {
		b = appendFloat(append(b, ','), v)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads the array.
func (p *Point) UnmarshalJSON(text []byte) error {
	var all []*float64
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	if len(all) != 6 || all[0] == nil || !(*all[0] >= 0) {
		return fmt.Errorf("got %.60s for a point, want its step and five numbers", text)
	}
	for i, to := range []*float64{&p.Epoch, &p.Loss, &p.Accuracy, &p.Rate, &p.Seconds} {
		if *to = math.NaN(); all[i+1] != nil {
			*to = *all[i+1]
		}
	}
	p.Step = uint64(*all[0])
	return nil
}

// Epoch is one that is over.
type Epoch struct {
	Run        string  `json:"run"`
	Epoch      int     `json:"epoch"`      // from 1
	Step       uint64  `json:"step"`       // after it
	Running    any     `json:"running"`    // train.Metrics: means while the weights moved
	Validation any     `json:"validation"` // of what is held out, nil where nothing is
	Seconds    float64 `json:"seconds"`
}

// Seek is how far a run has come on its way to a step, where that takes long. All but a pause and another goto wait meanwhile.
type Seek struct {
	Run  string `json:"run"` // of a branch that is not there yet the one that it is of
	Step uint64 `json:"step"`
	To   uint64 `json:"to"`
	Over bool   `json:"over"` // it goes no further, be it there or not
}

// Said is for the user.
type Said struct {
	Level string    `json:"level"` // "info" or "error"
	Text  look.Text `json:"text"`
}

// appendFloat appends null where a number is not finite.
func appendFloat(b []byte, v float64) []byte {
	if v-v != 0 {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
