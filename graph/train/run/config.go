package run

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
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
}

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
	Gradients  int               `json:"gradients"`
	SHA256     string            `json:"sha256"`
}

type blasJSON struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Kernel  string `json:"kernel"`
	Threads int    `json:"threads"`
}

// save writes run.json.
func (c Config) save(d disk, dir string) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	e := c.Experiment
	e.Hidden = append([]int{}, e.Hidden...) // [] for none, not null
	text, err := json.MarshalIndent(configJSON{
		Format:     formatVersion,
		Experiment: e,
		Seed:       c.Seed, Dataset: c.Dataset, Shape: c.Shape, Classes: c.Classes,
		BLAS:     blasJSON{c.BLAS.Name, c.BLAS.Version, c.BLAS.Kernel, c.BLAS.Threads},
		Versions: c.Versions, Every: c.Saving.Every.String(), Keep: c.Saving.Keep, Gradients: c.Gradients, SHA256: string(unsealed),
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("run: %s: %w", configFile, err)
	}
	text = append(text, '\n')
	if err := seal(text); err != nil {
		return err
	}
	return writeFile(d, filepath.Join(dir, configFile), text)
}

// loadConfig reads run.json.
func loadConfig(dir string) (Config, error) {
	path := filepath.Join(dir, configFile)
	text, err := readSmall(path, maxConfig)
	if err != nil {
		return Config{}, err
	}
	c, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("run: %s: %w", path, err)
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
		BLAS:     blas.Info{Name: in.BLAS.Name, Version: in.BLAS.Version, Kernel: in.BLAS.Kernel, Threads: in.BLAS.Threads},
		Versions: in.Versions,
		Saving:   Options{Keep: in.Keep}, Gradients: in.Gradients,
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
