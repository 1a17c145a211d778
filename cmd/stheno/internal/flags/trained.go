package flags

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A Trained is a model that was trained, with what is known of it: of a run's checkpoint, or of a model file.
type Trained struct {
	Name       string            // the run's folder, or the file
	Folder     *run.Folder       // nil of a file
	Model      *graph.Model      // as it was trained
	At         train.Position    // in the run; the beginning where that is not known
	Experiment models.Experiment // of a file what it says: the loss, nil if it says none
	Seed       uint64
	Classes    []string
	Prepare    *datasets.Preparation // of its samples; nil where nothing is done to them, or the experiment's scale alone
}

// fileBatch is the batch in which a file's model is looked at, which does not say in which it was trained: the lecture's.
const fileBatch = 100

// IsFile says whether a user means a file: it ends like one, or is there. An experiment or a run of that name comes first.
func IsFile(name string) bool {
	if _, err := models.Find(name); err == nil || run.Locate(name) != name {
		return false
	}
	info, err := os.Stat(name)
	if err != nil {
		return runs.IsFileName(name) && filepath.Base(name) == name || isModelName(name)
	}
	return !info.IsDir()
}

func isModelName(name string) bool { return strings.HasSuffix(name, ".safetensors") }

// modelFile is an error where there is no model file, but perhaps another one.
func modelFile(name string) error {
	want := "a run, of those that `stheno runs` lists, or a model file"
	if isModelName(name) {
		want = "a model file"
	}
	if err := files.Missing(name, want); err != nil || isModelName(name) || run.IsModel(name) {
		return err
	}
	if strings.HasSuffix(name, ".onnx") {
		return fmt.Errorf("%s is no model file yet: `stheno import` makes one of it", name)
	}
	return fmt.Errorf("%s is neither a run nor a model file: want a run, of those that `stheno runs` lists, or a file that `stheno save` wrote; data are learnt from by `stheno train`", name)
}

// OpenFile reads a model file.
func OpenFile(name string) (*Trained, error) {
	if err := modelFile(name); err != nil {
		return nil, err
	}
	m, prepare, err := run.LoadModel(name)
	if err != nil {
		return nil, err
	}
	about := m.About()
	t := &Trained{Name: name, Model: m, Seed: m.Config().Seed, Classes: about.Classes, Prepare: prepare}
	t.Experiment = models.Experiment{Name: strings.TrimSuffix(filepath.Base(name), ".safetensors"), BatchSize: fileBatch, Epochs: 1, Scale: 1, Optimizer: "sgd"}
	if about.Loss != "" {
		if t.Experiment.Loss, err = losses.Parse(about.Loss); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	out, in := m.Outputs()[0].Shape, m.Inputs()[0]
	t.Experiment.Reconstruct = t.Classes == nil && !in.IDs && slices.Equal(out, in.Shape) // for a sample it makes one
	classes := t.Experiment.Loss == nil                                                   // where nobody says otherwise
	if !classes {
		targets, err := m.Targets(t.Experiment.Loss)
		classes = err == nil && len(targets) > 0 && targets[0].IDs
	}
	if t.Classes == nil && classes && len(out) == 1 && !t.Experiment.Reconstruct {
		for i := range out[0] {
			t.Classes = append(t.Classes, strconv.Itoa(i))
		}
	}
	return t, nil
}

// Own says whether it learnt of data of one's own, which its preparation knows how to read, rather than of one of the data sets that have a name.
func (t *Trained) Own() bool {
	if t.Folder != nil && (t.Folder.Config.File != "" || t.Folder.Config.Dataset != "") {
		return t.Folder.Config.File != ""
	}
	return t.Prepare.Source() != nil
}

// Texts say how the text was read that it learnt from; nil where it learnt something else.
func (t *Trained) Texts() *datasets.Texts {
	if source := t.Prepare.Source(); source != nil {
		return source.Texts
	}
	return nil
}

// Loss is what it was trained by; an error where a file does not say it.
func (t *Trained) Loss() (graph.Loss, error) {
	if t.Experiment.Loss == nil {
		return nil, fmt.Errorf("%s does not say in words by what loss its model was trained, so it cannot be looked at by one", t.Name)
	}
	return t.Experiment.Loss, nil
}

// Open opens the data that it is looked at on, as its Experiment takes them: a run's own, unless the flags name others; of a file those of the flags, prepared as the file says.
func (t *Trained) Open(cmd *cobra.Command, data Data) (trainSet, testSet datasets.Data, err error) {
	if t.Folder != nil {
		return data.OpenFor(cmd, t.Folder)
	}
	if trainSet, testSet, err = data.Open(); err != nil {
		return nil, nil, err
	}
	for _, set := range []*datasets.Data{&trainSet, &testSet} {
		labelled, ok := named(*set, t.Classes).(*datasets.Dataset)
		if !ok {
			continue
		}
		if *set, err = t.Prepared(labelled); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	in, info := t.Model.Inputs(), trainSet.Info()
	if len(in) != 1 || in[0].IDs != info.Inputs[0].IDs || in[0].Size() != info.Inputs[0].Size() || !t.Experiment.Reconstruct && len(t.Classes) != len(info.Classes) {
		return nil, nil, fmt.Errorf("%s takes samples of %v in %d classes, %s has %v in %d: give other data with --dataset or --data-dir",
			t.Name, in[0].Shape, len(t.Classes), info.Name, info.Shape(), len(info.Classes))
	}
	return trainSet, testSet, nil
}

// Prepared is a data set as the model of a file takes it.
func (t *Trained) Prepared(set *datasets.Dataset) (*datasets.Dataset, error) {
	if t.Prepare == nil {
		return set, nil
	}
	prepared := t.Prepare.On(set)
	inputs := prepared.Info().Inputs
	if len(inputs) != 1 || inputs[0].IDs {
		return nil, fmt.Errorf("its samples are prepared to %d inputs, or to ids, want one of numbers", len(inputs))
	}
	rows := make([]float32, set.Len()*inputs[0].Size())
	labels := make([]int, set.Len())
	order := make([]int, set.Len())
	for i := range order {
		order[i], labels[i] = i, set.Label(i)
	}
	for lo, at := range slices.Collect(slices.Chunk(order, 1000)) {
		n := inputs[0].Size()
		from := lo * 1000 * n
		if err := prepared.Read(datasets.Batch{Inputs: []datasets.Values{{Floats: rows[from : from+len(at)*n]}}}, at, datasets.Draw{}); err != nil {
			return nil, err
		}
	}
	return datasets.New(set.Name, inputs[0].Shape, rows, labels, set.Classes)
}

// Of is the model that was trained where a command takes an experiment, a run or a model file: of a run that of its latest checkpoint, nil where the name is an experiment's. What was trained
// stays as it was: flags that would change it are refused.
func (f *Experiment) Of(name string) (*Trained, error) {
	file := IsFile(name)
	if !file && !runs.Is(name) {
		if filepath.Base(name) != name { // a folder that is not there
			_, err := runs.Open(name)
			return nil, err
		}
		if _, err := models.Find(name); err != nil {
			return nil, usage.Errorf("there is no experiment and no run %s: see `stheno list` and `stheno runs`%s", name, usage.DidYouMean(name, append(models.Names(), runs.Names()...)))
		}
		return nil, nil
	}
	if file {
		if err := modelFile(name); err != nil {
			return nil, err
		}
	}
	if err := f.Unchanged(name); err != nil {
		return nil, err
	}
	if file {
		return OpenFile(name)
	}
	return (&Weights{}).Load(name)
}

// Unchanged is an error where flags would change what was trained.
func (f *Experiment) Unchanged(name string) error {
	changed := f.Changed()
	if f.flags.Changed("seed") {
		changed = append(changed, "--seed")
	}
	if len(changed) == 0 {
		return nil
	}
	if IsFile(name) {
		return usage.Errorf("%s is a model file, which stays as it was: leave out %s", name, strings.Join(changed, ", "))
	}
	return usage.Errorf("%s is a run, whose settings stay as they were: leave out %s", name, strings.Join(changed, ", "))
}

// Data are those that it was trained and tested on, as its model takes them.
func (t *Trained) Data(cmd *cobra.Command, data Data) (trainSet, testSet datasets.Data, err error) {
	samples, tests, err := t.Open(cmd, data)
	if err != nil {
		return nil, nil, err
	}
	e := t.Experiment
	if e.TrainSamples > samples.Len() { // of other data
		e.TrainSamples = 0
	}
	trainSet, testSet, _, err = e.Data(samples, tests, t.Seed)
	return trainSet, testSet, err
}
