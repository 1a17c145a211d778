package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
)

// sweepFile is the plan's name in a sweep's folder.
const sweepFile = "sweep.json"

// sweepVersion goes up when an older stheno could not read the plan.
const sweepVersion = 1

// maxPlan is the most bytes that a sweep.json may have.
const maxPlan = 64 << 20

// MaxTrials is the most runs that a sweep may have.
const MaxTrials = 10_000

// A Sweep is a folder of runs that were planned together. Its plan, sweep.json, is written before the first of them and never changed: what came of a run stands in the run's own folder.
type Sweep struct {
	Dir  string
	Plan Plan

	root *os.Root // these two are nil where it was opened for reading
	lock *lock
}

// A Plan says what the runs of a sweep are, and how they are compared.
type Plan struct {
	Trials  []Trial
	Figure  string // of the samples that are held out, by which trials are compared: "loss", or a metric's name
	Halving bool   // the worse half of the settings is dropped at an eighth, a quarter, a half of the epochs

	data string // fingerprint of all training samples, as they come
}

// A Trial is one run of a sweep.
type Trial struct {
	Name     string    // of its folder within the sweep's
	Settings []Setting // in which it differs from others; trials of the same settings differ in their seeds
	Config   Config
}

// A Setting is a setting's name and value, in words.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// planJSON is sweep.json.
type planJSON struct {
	Format   int               `json:"format"`
	Figure   string            `json:"figure"`
	Halving  bool              `json:"halving"`
	Dataset  string            `json:"dataset"`
	Shape    []int             `json:"shape"`
	Classes  []string          `json:"classes"`
	Data     string            `json:"data"`
	BLAS     blasJSON          `json:"blas"`
	Versions map[string]string `json:"versions"`
	File     string            `json:"file,omitempty"`    // of data of one's own, as Config has it
	Targets  string            `json:"targets,omitempty"` // likewise

	Preparations []*datasets.Preparation `json:"preparations,omitempty"` // each once

	Trials []trialJSON `json:"trials"`
	SHA256 string      `json:"sha256"`
}

type trialJSON struct {
	Name       string     `json:"name"`
	Settings   []Setting  `json:"settings"`
	Seed       uint64     `json:"seed"`
	ModelSeed  uint64     `json:"model_seed"`
	Experiment Experiment `json:"experiment"`

	Shape       []int `json:"shape,omitempty"`       // where it is not the first one's
	Preparation int   `json:"preparation,omitempty"` // its number, from 1; 0 for none
}

// TrialName is what a trial of a variant is called: its number, of so many from 0, and its seed.
func TrialName(variant, variants int, seed uint64) string {
	return fmt.Sprintf("%0*d-seed%d", len(fmt.Sprint(variants)), variant+1, seed)
}

// CreateSweep makes the folder of a new sweep, with its plan, and locks it until Close. data are all training samples, by which a later ResumeSweep knows them again. A folder that holds anything is
// refused, so is a plan with which no run could train; an error leaves nothing behind that was not there.
func CreateSweep(dir string, p Plan, data datasets.Data) (s *Sweep, err error) {
	if dir == "" {
		return nil, errNoFolder
	}
	if data == nil {
		return nil, errors.New("run: got nil data for a sweep, want the training samples")
	}
	if p.data, err = Fingerprint(data); err != nil {
		return nil, err
	}
	p.Trials = slices.Clone(p.Trials)
	for i := range p.Trials {
		p.Trials[i].Config.Saving = saving
	}
	text, err := p.encode()
	if err != nil {
		return nil, fmt.Errorf("run: the sweep: %w", err)
	}
	if err := Fresh(dir); err != nil && InUse(dir) == "" { // of one in use, the lock says so
		return nil, err
	}
	made := missing(dir)
	defer func() {
		if err != nil {
			removeEmpty(made)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("run: making the folder %s: %w: give another with --out", dir, bare(err))
	}
	if p, err = parsePlan(text); err != nil { // as whoever reads it has it
		return nil, fmt.Errorf("run: the sweep: %w", err)
	}
	s = &Sweep{Dir: dir, Plan: p}
	if err := s.open(); err != nil {
		return nil, err
	}
	if err = Fresh(dir); err == nil { // again: another may have come before the lock
		err = writeFile(osDisk{}, s.root, sweepFile, text)
	}
	if err != nil {
		s.lock.undo()
		s.root.Close()
		return nil, err
	}
	return s, nil
}

// OpenSweep reads the plan of the sweep in dir. Its runs may go on meanwhile.
func OpenSweep(dir string) (*Sweep, error) {
	if dir == "" {
		return nil, errNoFolder
	}
	s := &Sweep{Dir: dir}
	return s, within(dir, func(root *os.Root) (err error) {
		s.Plan, err = loadPlan(root)
		return err
	})
}

// ResumeSweep opens a sweep to go on with it, and locks it until Close. Other training samples than those that it was planned for are refused.
func ResumeSweep(dir string, data datasets.Data) (*Sweep, error) {
	s, err := OpenSweep(dir)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, errors.New("run: got nil data for a sweep, want the training samples")
	}
	switch now, err := Fingerprint(data); {
	case err != nil:
		return nil, err
	case now != s.Plan.data:
		return nil, fmt.Errorf("run: %s was planned for other samples than these (%q, %d of them): give it its own with --dataset or --data-dir", dir, data.Info().Name, data.Len())
	}
	return s, s.open()
}

// open locks the folder.
func (s *Sweep) open() (err error) {
	if s.root, err = os.OpenRoot(s.Dir); err != nil {
		return fmt.Errorf("run: %s: %w", s.Dir, bare(err))
	}
	if s.lock, err = lockFolder(s.root); err != nil {
		s.root.Close()
		return err
	}
	names, err := namesIn(s.root, ".")
	for _, name := range names {
		if ownTemporary.MatchString(name) { // left by a crash
			_ = s.root.Remove(name)
		}
	}
	return err
}

// Close gives the folder free.
func (s *Sweep) Close() {
	if s == nil || s.lock == nil {
		return
	}
	s.lock.release()
	s.root.Close()
	s.lock = nil
}

// IsSweep says whether dir is the folder of a sweep.
func IsSweep(dir string) bool {
	return dir != "" && within(dir, func(root *os.Root) error {
		_, err := regular(root, sweepFile)
		return err
	}) == nil
}

// Folder is that of a trial. A symbolic link in its place is an error: what it leads to is not the sweep's.
func (s *Sweep) Folder(t Trial) (string, error) {
	dir := filepath.Join(s.Dir, t.Name)
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() {
		return dir, fmt.Errorf("run: %s is %s, want a trial's folder: put it back, or take it away to have the trial made again", dir, kind(info))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // not begun yet
	}
	return dir, bare(err)
}

// Open opens a trial's folder for reading; nil where it has not begun.
func (s *Sweep) Open(t Trial) (*Folder, error) {
	dir, err := s.Folder(t)
	if err != nil {
		return nil, err
	}
	f, err := Open(dir)
	if err != nil && !exists(filepath.Join(dir, configFile)) { // a kill may have left a folder without
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if f.Config.Seed != t.Config.Seed || f.Config.ModelSeed != t.Config.ModelSeed || !reflect.DeepEqual(f.Config.Experiment, t.Config.Experiment) {
		return nil, fmt.Errorf("run: %s is another run than the one that was planned: put the trial's own back, or take it away to have it made again", dir)
	}
	return f, nil
}

// Recorder opens a trial for training: of a new run where it has not begun, else to go on. Its error is ErrFinished where there is nothing left to do.
func (s *Sweep) Recorder(t Trial) (*Recorder, error) {
	dir, err := s.Folder(t)
	if err != nil {
		return nil, err
	}
	f, err := s.Open(t)
	if err != nil {
		return nil, err
	}
	if f == nil {
		t.Config.BLAS, t.Config.Versions = blas.Current(), Versions()
		return Create(dir, t.Config, saving)
	}
	if r, err := f.Result(); err == nil && r != nil {
		return nil, fmt.Errorf("run: %s %w", dir, ErrFinished)
	}
	return Resume(dir, "", 0, Options{})
}

// saving is how trials are saved: there may be thousands of them.
var saving = Options{Keep: 1}

// encode makes sweep.json.
func (p Plan) encode() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	first := p.Trials[0].Config
	out := planJSON{
		Format: sweepVersion, Figure: p.Figure, Halving: p.Halving, Dataset: first.Dataset, Shape: first.Shape, Classes: first.Classes, Data: p.data,
		BLAS: recorded(first.BLAS), Versions: first.Versions, File: first.File, Targets: first.Targets, SHA256: string(unsealed),
	}
	number := map[string]int{} // of preparations, by their text
	for _, t := range p.Trials {
		c := t.Config
		trial := trialJSON{Name: t.Name, Settings: t.Settings, Seed: c.Seed, ModelSeed: c.ModelSeed, Experiment: c.Experiment}
		if !slices.Equal(c.Shape, first.Shape) {
			trial.Shape = c.Shape
		}
		if c.Preparation != nil {
			text, err := json.Marshal(c.Preparation)
			if err != nil {
				return nil, fmt.Errorf("trial %s: its preparation: %w", t.Name, err)
			}
			if number[string(text)] == 0 {
				out.Preparations = append(out.Preparations, c.Preparation)
				number[string(text)] = len(out.Preparations)
			}
			trial.Preparation = number[string(text)]
		}
		out.Trials = append(out.Trials, trial)
	}
	var text bytes.Buffer
	encoder := plainJSON(&text)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(out); err != nil {
		return nil, err
	}
	if text.Len() > maxPlan {
		return nil, fmt.Errorf("its plan takes %d bytes, want at most %d: plan fewer trials", text.Len(), maxPlan)
	}
	return text.Bytes(), seal(text.Bytes())
}

func loadPlan(root *os.Root) (Plan, error) {
	text, err := readSmall(root, sweepFile, maxPlan)
	if errors.Is(err, fs.ErrNotExist) {
		return Plan{}, fmt.Errorf("run: %s has no %s: want the folder of a sweep", root.Name(), sweepFile)
	}
	if err != nil {
		return Plan{}, err
	}
	p, err := parsePlan(text)
	if err != nil {
		return Plan{}, fmt.Errorf("run: %s: %w", at(root, sweepFile), err)
	}
	return p, nil
}

func parsePlan(text []byte) (p Plan, err error) {
	var format struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &format); err != nil {
		return p, fmt.Errorf("it is not JSON: %w: it was cut short, or is damaged", err)
	}
	if format.Format > sweepVersion {
		return p, fmt.Errorf("it is of format %d, this stheno reads %d: it was written by a newer one, update", format.Format, sweepVersion)
	}
	if format.Format < 1 || !intact(text) {
		return p, errors.New("the checksum does not fit: it was changed or damaged since it was written: put the file back, or start a new sweep; its runs are good by themselves")
	}
	var in planJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return p, fmt.Errorf("%w", err)
	}
	p = Plan{Figure: in.Figure, Halving: in.Halving, data: in.Data}
	for _, t := range in.Trials {
		c := Config{
			Experiment: t.Experiment, Seed: t.Seed, ModelSeed: t.ModelSeed, Dataset: in.Dataset, Shape: in.Shape, Classes: in.Classes, BLAS: in.BLAS.info(), Versions: in.Versions, Saving: saving, File: in.File, Targets: in.Targets,
		}
		if t.Shape != nil {
			c.Shape = t.Shape
		}
		if n := t.Preparation; n < 0 || n > len(in.Preparations) {
			return p, fmt.Errorf("trial %s has preparation %d, of %d that there are", t.Name, n, len(in.Preparations))
		} else if n > 0 {
			c.Preparation = in.Preparations[n-1]
		}
		p.Trials = append(p.Trials, Trial{t.Name, t.Settings, c})
	}
	return p, p.check()
}

// trialName are the names that a trial's folder may have, none of which leads out of the sweep's.
var trialName = regexp.MustCompile(`^[0-9]{1,9}-seed[0-9]{1,20}$`)

// check refuses what no sweep could have been planned with.
func (p Plan) check() error {
	switch {
	case len(p.Trials) == 0 || len(p.Trials) > MaxTrials:
		return fmt.Errorf("it has %d trials, want 1 to %d", len(p.Trials), MaxTrials)
	case p.Figure == "":
		return errors.New("it has no figure to compare trials by, want loss, or a metric's name")
	}
	seen := map[string]bool{}
	for _, t := range p.Trials {
		if !trialName.MatchString(t.Name) || seen[t.Name] {
			return fmt.Errorf("a trial is named %q, want a name of its own, such as 01-seed1", t.Name)
		}
		seen[t.Name] = true
		if err := t.Config.check(); err != nil {
			return fmt.Errorf("trial %s: %w", t.Name, err)
		}
		e, first := t.Config.Experiment, p.Trials[0].Config.Experiment
		switch {
		case e.Validation == 0:
			return fmt.Errorf("trial %s holds no samples out to be compared by, want a share of the training samples, such as 0.2", t.Name)
		case e.Validation != first.Validation || e.TrainSamples != first.TrainSamples:
			return fmt.Errorf("trial %s holds out a share of %v of %d training samples, the first %v of %d: want the same of all, on which they are compared", t.Name, e.Validation, e.TrainSamples, first.Validation, first.TrainSamples)
		case p.Figure == "loss" && e.Loss != first.Loss:
			return fmt.Errorf("trial %s has the loss %s, the first %s, whose figures are no measure of each other: compare by another figure, such as accuracy", t.Name, e.Loss, first.Loss)
		case p.Halving && e.Epochs != first.Epochs:
			return fmt.Errorf("trial %s has %d epochs, the first %d: with halving, which compares them on the way, want the same of all", t.Name, e.Epochs, first.Epochs)
		}
	}
	return nil
}
