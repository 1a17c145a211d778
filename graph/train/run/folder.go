package run

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

const checkpointFolder = "checkpoints"

// A Folder is a run on disk, for reading. It may be read while the run goes on.
type Folder struct {
	Dir    string
	Config Config // as it was when the folder was opened
}

// A Checkpoint is one file of a run: the weights, and all that the run needs to go on from there.
type Checkpoint struct {
	Step uint64 // steps of the run that were over
	Path string // of the file, within the folder
}

// Open reads the configuration of the run in dir. A folder that is none of a run, a newer format, and a checksum that does not fit are errors that say
// so; so they are for everything that reads a run.
func Open(dir string) (*Folder, error) {
	if dir == "" {
		return nil, errNoFolder
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, fmt.Errorf("run: %s: %w: want the folder of a run", dir, bare(err))
	case !info.IsDir():
		return nil, fmt.Errorf("run: %s is a file, want the folder of a run", dir)
	}
	f := &Folder{Dir: dir}
	return f, within(dir, f.load)
}

// load reads the configuration.
func (f *Folder) load(root *os.Root) (err error) {
	f.Config, err = loadConfig(root)
	if errors.Is(err, fs.ErrNotExist) && isThere(root, sweepFile) {
		return fmt.Errorf("run: %s is the folder of a sweep: want one of the runs in it", f.Dir)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run: %s has no %s: want the folder of a run", f.Dir, configFile)
	}
	return err
}

// Load is the model of the run in dir with the weights that it ended with, ready for train.Predict: samples must be prepared as
// those that it was trained on, an experiment's by Config.Experiment.Scale. build is nil, but for a network without words: see Folder.Model.
func Load(dir string, build func(Config) (*graph.Model, error)) (*graph.Model, error) {
	f, err := Open(dir)
	if err != nil {
		return nil, err
	}
	c, err := f.Checkpoint("")
	if err != nil {
		return nil, err
	}
	m, _, err := f.Model(c, build)
	return m, err
}

// Epochs are the epochs that are over; none before the first has ended. Seconds that cannot be read are 0.
func (f *Folder) Epochs() (epochs []train.Epoch, err error) {
	epochs, _, err = f.epochs()
	return epochs, err
}

// epochs are also the steps that were over after each.
func (f *Folder) epochs() ([]train.Epoch, []uint64, error) {
	epochs, steps, err := readEpochs(f.Dir)
	if until := f.Config.until; until != nil {
		n := 0
		for n < len(steps) && steps[n] <= *until {
			n++
		}
		epochs, steps = epochs[:n], steps[:n]
	}
	return epochs, steps, err
}

// Log yields the lines that Recorder.Append wrote to a log, such as "gradients"; none if there is no such log. A line that
// is being written, or was torn by a crash, is left out.
func (f *Folder) Log(name string) iter.Seq2[json.RawMessage, error] {
	return readLog(f.Dir, name+logSuffix)
}

var checkpointName = regexp.MustCompile(`^step-([0-9]{9,19})\.safetensors$`)

// checkpointAt is a checkpoint's name within the folder.
func checkpointAt(step uint64) string {
	return path.Join(checkpointFolder, fmt.Sprintf("step-%09d.safetensors", step))
}

// Checkpoints lists the run's checkpoints, oldest first.
func (f *Folder) Checkpoints() (all []Checkpoint, err error) {
	err = within(f.Dir, func(root *os.Root) error {
		all, err = f.checkpoints(root)
		return err
	})
	return all, err
}

func (f *Folder) checkpoints(root *os.Root) ([]Checkpoint, error) {
	names, err := namesIn(root, checkpointFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Checkpoint
	for _, name := range names {
		m := checkpointName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		step, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil || checkpointAt(step) != path.Join(checkpointFolder, name) || f.Config.until != nil && step > *f.Config.until {
			continue
		}
		all = append(all, Checkpoint{step, filepath.Join(f.Dir, checkpointFolder, name)})
	}
	slices.SortFunc(all, func(a, b Checkpoint) int { return cmp.Compare(a.Step, b.Step) })
	return all, nil
}

// namesIn lists a folder in order of names. One that lies elsewhere, by a symbolic link, is not the run's.
func namesIn(root *os.Root, dir string) ([]string, error) {
	info, err := root.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("it is no folder but a file or a symbolic link, which is not followed: put the run's own folder there")
	}
	var entries []fs.DirEntry
	if err == nil {
		entries, err = fs.ReadDir(root.FS(), dir)
	}
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", at(root, dir), bare(err))
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// Checkpoint picks one: "latest", "previous" (the one before it), "best" (taken after the epoch that is best by Options.Best,
// the smallest loss: the evaluated one where the run evaluates, else the running one), or the number of a step. "" is that with whose weights the run ends: the best of one that has a
// Patience, else the latest.
func (f *Folder) Checkpoint(which string) (Checkpoint, error) {
	all, err := f.Checkpoints()
	if err != nil {
		return Checkpoint{}, err
	}
	if len(all) == 0 {
		if err := f.lost(); err != nil {
			return Checkpoint{}, err
		}
		return Checkpoint{}, fmt.Errorf("run: %s has no checkpoint yet: go on with the run (--resume) until its first", f.Dir)
	}
	step := all[len(all)-1].Step
	if epochs, _, err := f.epochs(); which == "" && f.Config.Experiment.Patience > 0 && err == nil && train.Best(epochs, f.Config.Saving.Best) >= 0 {
		which = "best"
	}
	switch which {
	case "":
	case "latest":
	case "previous":
		if len(all) < 2 {
			return Checkpoint{}, fmt.Errorf("run: %s has one checkpoint, of step %d, and none before it", f.Dir, step)
		}
		step = all[len(all)-2].Step
	case "best":
		epochs, steps, err := f.epochs()
		if err != nil {
			return Checkpoint{}, err
		}
		at := train.Best(epochs, f.Config.Saving.Best)
		if at < 0 {
			return Checkpoint{}, fmt.Errorf("run: %s has ended no epoch, so none is the best", f.Dir)
		}
		step = steps[at]
	default:
		if step, err = strconv.ParseUint(which, 10, 64); err != nil {
			return Checkpoint{}, fmt.Errorf("run: checkpoint %q: want latest, previous, best or the number of a step: there are %s", which, stepsOf(all))
		}
	}
	for _, c := range all {
		if c.Step == step {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("run: %s has no checkpoint of step %d: there are %s", f.Dir, step, stepsOf(all))
}

// lost is an error where a run without checkpoints had some: the weights are gone, and to begin again would only take what is left of it. A run that
// was stopped within its first epoch has none yet, nor has one that was stopped while it took the first, or that diverged before it.
func (f *Folder) lost() error {
	epochs, err := f.Epochs()
	if err != nil {
		return err
	}
	result, err := f.Result()
	if err == nil && (result == nil || result.Diverged != nil) && len(epochs) < 2 {
		return nil
	}
	return fmt.Errorf("run: %s has %d epochs in %s%s and no checkpoint: its weights are gone, so it can neither be used nor gone on with: put %s back, or train it anew in another folder",
		f.Dir, len(epochs), metricsLog, logSuffix, filepath.Join(f.Dir, checkpointFolder))
}

func stepsOf(all []Checkpoint) string {
	var steps []uint64
	for _, c := range all {
		steps = append(steps, c.Step)
	}
	return fmt.Sprint(steps)
}

// Model is the run's network with the weights of a checkpoint, and where in the run that was. The network is made of its words; build makes one that has none, and is nil
// otherwise. All that the file has must fit the network by name, shape and type, and one that is made of words takes no more memory than the file has.
func (f *Folder) Model(c Checkpoint, build func(Config) (*graph.Model, error)) (m *graph.Model, at train.Position, err error) {
	err = f.open(c, func(file *tensorFile) error {
		m, at, err = f.model(file, build)
		return err
	})
	return m, at, err
}

// open reads the header of a checkpoint.
func (f *Folder) open(c Checkpoint, use func(*tensorFile) error) error {
	name, err := filepath.Rel(f.Dir, c.Path)
	if err != nil || !filepath.IsLocal(name) {
		return fmt.Errorf("run: %s: it lies outside the run's folder %s, want one of its checkpoints, as Folder.Checkpoint gives them", c.Path, f.Dir)
	}
	return within(f.Dir, func(root *os.Root) error {
		r, size, err := openRegular(root, name)
		if err != nil {
			return err
		}
		return withTensors(c.Path, r, size, use)
	})
}

func (f *Folder) model(file *tensorFile, build func(Config) (*graph.Model, error)) (*graph.Model, train.Position, error) {
	var none train.Position
	described, err := file.describe()
	if err != nil {
		return nil, none, err
	}
	if err := f.owns(file, described); err != nil {
		return nil, none, err
	}
	var lacks error // which says more than that the network could not be made
	if build == nil {
		build = func(c Config) (*graph.Model, error) { return c.model(file.room(c.Experiment.Float64, &lacks)) }
	}
	m, err := build(f.Config)
	if lacks != nil {
		return nil, none, lacks
	}
	if err == nil && m == nil {
		err = errors.New("the function that makes the network made none")
	}
	if err != nil {
		return nil, none, fmt.Errorf("run: %s: %w", filepath.Join(f.Dir, configFile), err)
	}
	if err := file.setParams(m.Tensors()); err != nil {
		return nil, none, err
	}
	about, err := f.Config.About()
	if err != nil {
		return nil, none, fmt.Errorf("run: %s: %w", filepath.Join(f.Dir, configFile), err)
	}
	m.SetAbout(about)
	return m, described.Position, file.freeze(described.Frozen, m)
}

// owns refuses another run's checkpoint.
func (f *Folder) owns(file *tensorFile, c checkpoint) error {
	switch {
	case c.Seed != f.Config.Seed:
		return file.blame(file.errorf("it is of a run of seed %d, %s is of one of seed %d: the two do not belong together: put the run's own back", c.Seed, configFile, f.Config.Seed))
	case c.Run != f.Config.id:
		return file.blame(file.errorf("it is of run %q, %s is of run %q: the two do not belong together: put the run's own back", c.Run, configFile, f.Config.id))
	}
	return nil
}

// verify reads a checkpoint to its end and returns what its header says, if every byte is as it was written.
func (f *Folder) verify(c Checkpoint) (described checkpoint, err error) {
	err = f.open(c, func(file *tensorFile) error {
		if described, err = file.describe(); err != nil {
			return err
		}
		if described.Position.Step != c.Step {
			return file.blame(file.errorf("it is of step %d, its name says %d: it was renamed: put it back", described.Position.Step, c.Step))
		}
		if err := f.owns(file, described); err != nil {
			return err
		}
		sum, h, _ := unseal(file.head)
		if _, err := io.Copy(h, file.r); err != nil {
			return file.errorf("%w", bare(err))
		}
		if string(sum) != string(h.Sum(nil)) {
			return file.damaged()
		}
		return nil
	})
	return described, err
}
