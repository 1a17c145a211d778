package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/optim"
)

// configFile is the configuration's name in a run's folder.
const configFile = "run.json"

// formatVersion goes up when an older stheno could not read the folder.
const formatVersion = 1

// Bounds of what a run.json may ask for: files are small, networks are not.
const (
	maxConfig = 1 << 20
	maxLayers = 1000
	maxParams = 1 << 28 // 1 GiB of weights
)

// Config is what a run was started with: all that repeats it.
type Config struct {
	Experiment Experiment        // what was trained, with the epochs that it is to have
	Seed       uint64            // of weights, order, masks and noise
	Dataset    string            // the name that datasets.Open takes; "" for files of one's own
	Shape      []int             // of a sample, [28 28]
	Classes    []string          // of the labels
	BLAS       blas.Info         // that multiplied
	Versions   map[string]string // of stheno, Go, Gorgonia; "platform" is operating system and processor
	Saving     Options           // as Create or Resume was given it
	Gradients  int               // every so many steps a snapshot of the gradients goes into the log "gradients"; 0 is where the program that runs it chooses
	Changes    []Change          // of what multiplied, by resumes elsewhere; none in a run that kept its machine

	id    string  // which run it is, in each of its checkpoints too; "" of one that was begun before they had one
	until *uint64 // while a resume removes what came after this step, nothing of which counts any more; else nil
}

// A Change is where in a run another BLAS began to multiply, or another version of a program that it depends on: the bits may be others from there on.
type Change struct {
	Step     uint64 // of the first checkpoint that was gone on from
	BLAS     blas.Info
	Versions map[string]string
}

// Engine is what multiplied last, and with which versions: the latest of Changes, or what the run began with.
func (c Config) Engine() (blas.Info, map[string]string) {
	if n := len(c.Changes); n > 0 {
		return c.Changes[n-1].BLAS, c.Changes[n-1].Versions
	}
	return c.BLAS, c.Versions
}

// goesOn records that a run goes on after a step with what multiplies now.
func (c *Config) goesOn(step uint64) {
	c.Changes = slices.Clone(c.Changes)
	for len(c.Changes) > 0 && c.Changes[len(c.Changes)-1].Step >= step { // nothing of what it made is left
		c.Changes = c.Changes[:len(c.Changes)-1]
	}
	was, versions := c.Engine()
	now := Change{step, blas.Current(), Versions()}
	switch {
	case recorded(was) == recorded(now.BLAS) && maps.Equal(versions, now.Versions):
	case step == 0:
		c.BLAS, c.Versions = now.BLAS, now.Versions
	default:
		c.Changes = append(c.Changes, now)
	}
}

// identity is the id of a run: a hash of all that determines its bits. It goes on with more epochs, so they are not part of it.
func (c Config) identity() (string, error) {
	c.Experiment.Epochs = 0
	text, err := json.Marshal([]any{c.Experiment, c.Seed, c.Dataset, c.Shape, c.Classes, recorded(c.BLAS), c.Versions})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}

var identityForm = regexp.MustCompile(`^[0-9a-f]{0,64}$`)

// An Experiment says in names and numbers what was trained, and how: a multilayer perceptron, as package models makes it. What the names mean is known
// to whoever makes the network of them; this package asks only that the sizes are within reason, and that optim.New knows the optimizer.
type Experiment struct {
	Name         string  `json:"name"`
	Hidden       []int   `json:"hidden"`        // widths of the layers between the samples and the classes
	Activation   string  `json:"activation"`    // of the hidden layers
	Dropout      float64 `json:"dropout"`       // rate after each hidden layer, in [0, 1)
	Loss         string  `json:"loss"`          // its name
	Optimizer    string  `json:"optimizer"`     // as optim.New takes it
	LearningRate float64 `json:"learning_rate"` // the optimizer's default if 0
	BatchSize    int     `json:"batch_size"`    // samples a step
	Epochs       int     `json:"epochs"`        // passes over the training samples
	TrainSamples int     `json:"train_samples"` // the first so many training samples; all if 0
	Scale        float32 `json:"scale"`         // what every value of a sample was multiplied by
	Noise        float64 `json:"noise"`         // σ of the normal noise on a second test set; no such set if 0
}

// NewConfig describes a run of e on data on this machine, with the BLAS that is in use. dataset is the name that datasets.Open took; "" where the
// files were the user's own, whose place is not recorded.
func NewConfig(e Experiment, seed uint64, dataset string, data *datasets.Dataset) Config {
	c := Config{Experiment: e, Seed: seed, Dataset: dataset, BLAS: blas.Current(), Versions: Versions()}
	if data != nil { // without, Create says that there is no shape
		c.Shape, c.Classes = slices.Clone(data.Shape), slices.Clone(data.Classes)
	}
	return c
}

// Inputs is how many values a sample has, the product of its shape.
func (c Config) Inputs() int {
	n := 1
	for _, d := range c.Shape {
		n *= d
	}
	return n
}

// Versions are those that a run depends on, by name.
func Versions() map[string]string {
	v := map[string]string{"go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH, "stheno": "(devel)"}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			v["stheno"] = info.Main.Version
		}
		for _, m := range info.Deps {
			switch m.Path {
			case "gorgonia.org/gorgonia", "gorgonia.org/tensor":
				v[filepath.Base(m.Path)] = m.Version
			}
		}
	}
	return v
}

// configJSON is run.json.
type configJSON struct {
	Format     int               `json:"format"`
	Experiment Experiment        `json:"experiment"`
	Seed       uint64            `json:"seed"`
	Dataset    string            `json:"dataset"`
	Shape      []int             `json:"shape"`
	Classes    []string          `json:"classes"`
	BLAS       blasJSON          `json:"blas"`
	Versions   map[string]string `json:"versions"`
	Every      string            `json:"checkpoint_every"` // beside the end of each epoch: steps, a time, or nothing
	Keep       int               `json:"keep"`
	Best       string            `json:"best,omitempty"`
	Gradients  int               `json:"gradients"`
	Changes    []changeJSON      `json:"changes,omitempty"`
	ID         string            `json:"id,omitempty"`
	Until      *uint64           `json:"until,omitempty"`
	SHA256     string            `json:"sha256"`
}

type blasJSON struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Kernel  string `json:"kernel"`
	Threads int    `json:"threads"`
}

type changeJSON struct {
	Step     uint64            `json:"step"`
	BLAS     blasJSON          `json:"blas"`
	Versions map[string]string `json:"versions"`
}

// recorded is what a run keeps of a BLAS.
func recorded(i blas.Info) blasJSON { return blasJSON{i.Name, i.Version, i.Kernel, i.Threads} }

func (b blasJSON) info() blas.Info {
	return blas.Info{Name: b.Name, Version: b.Version, Kernel: b.Kernel, Threads: b.Threads}
}

// save writes run.json.
func (c Config) save(d disk, root *os.Root) error {
	text, err := c.encode()
	if err != nil {
		return err
	}
	return writeFile(d, root, configFile, text)
}

// encode makes run.json.
func (c Config) encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	e := c.Experiment
	e.Hidden = append([]int{}, e.Hidden...) // [] for none, not null
	var changes []changeJSON
	for _, change := range c.Changes {
		changes = append(changes, changeJSON{change.Step, recorded(change.BLAS), change.Versions})
	}
	text, err := json.MarshalIndent(configJSON{
		Format:     formatVersion,
		Experiment: e,
		Seed:       c.Seed, Dataset: c.Dataset, Shape: c.Shape, Classes: c.Classes,
		BLAS:     recorded(c.BLAS),
		Versions: c.Versions, Every: c.Saving.Every.String(), Keep: c.Saving.Keep, Best: c.Saving.Best, Gradients: c.Gradients, Changes: changes, ID: c.id, Until: c.until, SHA256: string(unsealed),
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", configFile, err)
	}
	text = append(text, '\n')
	return text, seal(text)
}

// loadConfig reads run.json.
func loadConfig(root *os.Root) (Config, error) {
	text, err := readSmall(root, configFile, maxConfig)
	if err != nil {
		return Config{}, err
	}
	c, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("run: %s: %w", at(root, configFile), err)
	}
	return c, nil
}

func parseConfig(text []byte) (Config, error) {
	var format struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &format); err != nil {
		return Config{}, fmt.Errorf("it is not JSON: %w: it was cut short, or is damaged", err)
	}
	if format.Format > formatVersion {
		return Config{}, fmt.Errorf("it is of format %d, this stheno reads %d: it was written by a newer one, update", format.Format, formatVersion)
	}
	if format.Format < 1 || !intact(text) {
		return Config{}, fmt.Errorf("the checksum does not fit: it was changed or damaged since it was written: put the file back, or start a new run")
	}
	var in configJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return Config{}, fmt.Errorf("%w", err)
	}
	c := Config{
		Experiment: in.Experiment,
		Seed:       in.Seed, Dataset: in.Dataset, Shape: in.Shape, Classes: in.Classes,
		BLAS:     in.BLAS.info(),
		Versions: in.Versions,
		Saving:   Options{Keep: in.Keep, Best: in.Best}, Gradients: in.Gradients,
		id: in.ID, until: in.Until,
	}
	for _, change := range in.Changes {
		c.Changes = append(c.Changes, Change{change.Step, change.BLAS.info(), change.Versions})
	}
	if in.Every != "" {
		every, err := ParseEvery(in.Every)
		if err != nil {
			return Config{}, err
		}
		c.Saving.Every = every
	}
	return c, c.check()
}

// check refuses what no run could have been started with, before memory is taken for it.
func (c Config) check() error {
	e := c.Experiment
	if len(c.Shape) == 0 {
		return fmt.Errorf("it has no shape of a sample, want one such as [28 28]")
	}
	params, width := 0, 1
	for _, d := range c.Shape {
		if d < 1 || width > maxParams/d {
			return fmt.Errorf("shape %v: want sizes of at least 1 and a product of at most %d", c.Shape, maxParams)
		}
		width *= d
	}
	for _, n := range append(slices.Clone(e.Hidden), len(c.Classes)) {
		if n < 1 || width >= maxParams/n || params > maxParams-(width+1)*n {
			return fmt.Errorf("hidden layers %v between %v inputs and %d classes: want widths of at least 1 and at most %d weights in all", e.Hidden, c.Shape, len(c.Classes), maxParams)
		}
		params += (width + 1) * n
		width = n
	}
	switch {
	case len(e.Hidden) > maxLayers:
		return fmt.Errorf("it has %d hidden layers, want at most %d", len(e.Hidden), maxLayers)
	case !identityForm.MatchString(c.id):
		return fmt.Errorf("its id is %q, want hexadecimal digits, at most 64", c.id)
	case e.Loss == "":
		return fmt.Errorf("it has no loss, want its name, such as cross-entropy")
	case c.Saving.Keep < 1:
		return fmt.Errorf("got %d checkpoints to keep, want at least 1", c.Saving.Keep)
	case c.Gradients < 0:
		return fmt.Errorf("got gradients every %d steps, want at least 0", c.Gradients)
	case e.Epochs < 1 || e.BatchSize < 1 || e.TrainSamples < 0:
		return fmt.Errorf("epochs %d, batch size %d, training samples %d: want at least 1, 1 and 0", e.Epochs, e.BatchSize, e.TrainSamples)
	case !(e.Dropout >= 0 && e.Dropout < 1) || !(e.Noise >= 0 && e.Noise <= math.MaxFloat64) || !(e.Scale > -math.MaxFloat32 && e.Scale < math.MaxFloat32):
		return fmt.Errorf("dropout %v, noise %v, scale %v: want a rate of at least 0 and below 1, and finite numbers", e.Dropout, e.Noise, e.Scale)
	}
	_, err := optim.New(e.Optimizer, e.LearningRate)
	return err
}
