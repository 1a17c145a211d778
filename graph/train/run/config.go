package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
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
)

// configFile is the configuration's name in a run's folder.
const configFile = "run.json"

// formatVersion goes up when an older stheno could not read the folder.
const formatVersion = 2

// maxConfig is the most bytes that a run.json may have.
const maxConfig = 1 << 20

// Config is what a run was started with: all that repeats it.
type Config struct {
	Experiment Experiment        // what was trained, with the epochs that it is to have
	Seed       uint64            // of the samples' order, and of noise
	ModelSeed  uint64            // of first weights and dropout masks, graph.Config.Seed
	Dataset    string            // the name that datasets.Open takes; "" for data of one's own, whose place is not recorded
	Shape      []int             // of a sample's first input, [28 28]; empty for a single number
	Classes    []string          // of the labels; none where the target is no class
	BLAS       blas.Info         // that multiplied
	Versions   map[string]string // of stheno, Go, Gorgonia; "platform" is operating system and processor
	Saving     Options           // as Create or Resume was given it
	Gradients  int               // every so many steps a snapshot of the gradients goes into the log "gradients"; 0 is where the program that runs it chooses
	Changes    []Change          // of what multiplied, by resumes elsewhere; none in a run that kept its machine

	// Of data of one's own, where the program that runs it says so: a run may then be looked at and gone on with without them being given again.
	File        string                // or folder that they were read from; "" where that is not recorded
	Targets     string                // the file that their targets were read from, where that is another; else ""
	Preparation *datasets.Preparation // what is done to samples before the model sees them; nil for nothing

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
	all := []any{c.Experiment, c.Seed, c.ModelSeed, c.Dataset, c.Shape, c.Classes, recorded(c.BLAS), c.Versions}
	if c.Preparation != nil {
		all = append(all, c.Preparation)
	}
	text, err := json.Marshal(all)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}

var identityForm = regexp.MustCompile(`^[0-9a-f]{0,64}$`)

// Inputs is how many values a sample has, the product of its shape.
func (c Config) Inputs() int {
	n := 1
	for _, d := range c.Shape {
		n *= d
	}
	return n
}

// Info describes a sample as it is recorded: the first input and the classes.
func (c Config) Info() datasets.Info {
	return datasets.Info{Inputs: []datasets.Field{{Name: "x", Shape: c.Shape}}, Classes: c.Classes}
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
	Experiment json.RawMessage   `json:"experiment"`
	Seed       uint64            `json:"seed"`
	ModelSeed  uint64            `json:"model_seed"`
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

	File        string                `json:"file,omitempty"`
	Targets     string                `json:"targets,omitempty"`
	Preparation *datasets.Preparation `json:"preparation,omitempty"`

	SHA256 string `json:"sha256,omitempty"`
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
	so, err := c.json()
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", configFile, err)
	}
	so.Until, so.SHA256 = c.until, string(unsealed)
	var text bytes.Buffer
	encoder := plainJSON(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(so); err != nil {
		return nil, fmt.Errorf("run: %s: %w", configFile, err)
	}
	if text.Len() > maxConfig {
		return nil, fmt.Errorf("run: %s: it would have %d bytes, want at most %d: the preparation, or the network, says too much, such as thousands of categories", configFile, text.Len(), maxConfig)
	}
	return text.Bytes(), seal(text.Bytes())
}

// MarshalJSON writes what run.json has, without its checksum.
func (c Config) MarshalJSON() ([]byte, error) {
	so, err := c.json()
	if err != nil {
		return nil, err
	}
	return json.Marshal(so)
}

func (c Config) json() (configJSON, error) {
	var experiment bytes.Buffer // in which a < stands as it is
	if err := plainJSON(&experiment).Encode(c.Experiment); err != nil {
		return configJSON{}, err
	}
	var changes []changeJSON
	for _, change := range c.Changes {
		changes = append(changes, changeJSON{change.Step, recorded(change.BLAS), change.Versions})
	}
	return configJSON{
		Format:     formatVersion,
		Experiment: experiment.Bytes(),
		Seed:       c.Seed, ModelSeed: c.ModelSeed, Dataset: c.Dataset, Shape: c.Shape, Classes: c.Classes,
		BLAS:     recorded(c.BLAS),
		Versions: c.Versions, Every: c.Saving.Every.String(), Keep: c.Saving.Keep, Best: c.Saving.Best, Gradients: c.Gradients, Changes: changes, ID: c.id,
		File: c.File, Targets: c.Targets, Preparation: c.Preparation,
	}, nil
}

func plainJSON(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
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
	err := json.Unmarshal(text, &in)
	if err != nil {
		return Config{}, fmt.Errorf("%w", err)
	}
	c := Config{
		Seed: in.Seed, ModelSeed: in.ModelSeed, Dataset: in.Dataset, Shape: in.Shape, Classes: in.Classes,
		BLAS:     in.BLAS.info(),
		Versions: in.Versions,
		Saving:   Options{Keep: in.Keep, Best: in.Best}, Gradients: in.Gradients,
		File: in.File, Targets: in.Targets, Preparation: in.Preparation,
		id: in.ID, until: in.Until,
	}
	if format.Format == 1 {
		err = c.readFormat1(in.Experiment)
	} else {
		err = json.Unmarshal(in.Experiment, &c.Experiment)
	}
	if err != nil {
		return Config{}, err
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

// check refuses what no run could have been started with.
func (c Config) check() error {
	width := 1
	for _, d := range c.Shape {
		if d < 1 || width > math.MaxInt32/d {
			return fmt.Errorf("shape %v: want sizes of at least 1 and a product of at most %d", c.Shape, math.MaxInt32)
		}
		width *= d
	}
	switch {
	case !identityForm.MatchString(c.id):
		return fmt.Errorf("its id is %q, want hexadecimal digits, at most 64", c.id)
	case c.Saving.Keep < 1:
		return fmt.Errorf("got %d checkpoints to keep, want at least 1", c.Saving.Keep)
	case c.Gradients < 0:
		return fmt.Errorf("got gradients every %d steps, want at least 0", c.Gradients)
	}
	return c.Experiment.check()
}
