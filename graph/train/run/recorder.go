package run

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// Options say when a run is saved. The zero value saves at the end of each epoch and of the run.
type Options struct {
	Every Every  // and how often within an epoch
	Keep  int    // how many of the newest checkpoints to keep beside the best, 2 if 0
	Best  string // by which figure one is the best, "loss" if "", else a metric's by its name: the evaluated one where the run evaluates
	First bool   // save before the first step, too: of a model whose weights are not those that its configuration draws
	Data  string // the Fingerprint of the training set, where it is known: it is not read once more
	disk  disk   // the real one if nil
}

// A Recorder is an observer that keeps a run in a folder: it logs each epoch, takes checkpoints, and, in a run that is
// resumed, puts the model back where it was. It holds the folder's lock until Close. Let it be the last of the observers, so
// that what others log at the same moment is in the checkpoint too. It records one training.
type Recorder struct {
	folder  Folder
	options Options
	root    *os.Root
	lock    *lock // nil once it is closed
	logs    map[string]*logFile
	from    *Checkpoint // where a resumed run goes on; nil at the beginning
	resumed checkpoint  // what from holds
	plan    *plan       // what a resume is to do to the folder once the training begins; nil when it is done, and in a new run
	begun   bool        // the training
	created bool        // by Create, which made the folders made
	made    []string
	remarks []string
	epochs  []train.Epoch
	steps   []uint64         // after each epoch
	data    string           // fingerprint of the training set
	stepped []gorgonia.Value // the parameters of the last step
	saved   *train.Position
	savedAt time.Time
	failed  error // the first failure of the disk; nothing is written after it, since logs and checkpoints would not agree
}

// Create makes the folder of a new run, with its configuration, and locks it. A folder that holds anything else is refused, so is a
// configuration with which no run could train, and so is "": the current folder is ".". An error leaves nothing behind that was not there, and
// neither does a training that is refused before it begins, once the recorder is closed.
func Create(dir string, c Config, o Options) (r *Recorder, err error) {
	if dir == "" {
		return nil, errNoFolder
	}
	if o.Keep == 0 {
		o.Keep = 2
	}
	c.Saving, c.Changes, c.until = o, nil, nil
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	if err := c.checked(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	if c.id, err = c.identity(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	if err := Fresh(dir); err != nil && InUse(dir) == "" { // before anything is made; of one in use, the lock says so
		return nil, err
	}
	made := missing(filepath.Join(dir, checkpointFolder))
	defer func() {
		if err != nil {
			removeEmpty(made)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("run: making the folder %s: %w: give another with --out", dir, bare(err))
	}
	if r, err = lockedRecorder(dir, o); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.lock.undo()
			r.root.Close()
			r = nil
		}
	}()
	if err := Fresh(dir); err != nil { // again: another may have come before the lock
		return r, err
	}
	if err := r.root.Mkdir(checkpointFolder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return r, fmt.Errorf("run: making the folder %s: %w: give another with --out", filepath.Join(dir, checkpointFolder), bare(err))
	}
	r.folder.Config, r.created, r.made = c, true, made
	if err := r.clear(); err != nil {
		return r, err
	}
	return r, c.save(r.options.disk, r.root)
}

var errNoFolder = errors.New(`run: got "" for the folder of a run, want its path`)

// missing are the folders that there are not yet on the way to path, it first.
func missing(path string) (all []string) {
	for ; !exists(path); path = filepath.Dir(path) {
		all = append(all, path)
	}
	return all
}

// removeEmpty removes folders, but for those into which another's files have come.
func removeEmpty(dirs []string) {
	for _, dir := range dirs {
		_ = os.Remove(dir)
	}
}

// lockedRecorder opens a folder and locks it.
func lockedRecorder(dir string, o Options) (*Recorder, error) {
	if o.disk == nil {
		o.disk = osDisk{}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", dir, bare(err))
	}
	r := &Recorder{folder: Folder{Dir: dir}, options: o, root: root, logs: map[string]*logFile{}, savedAt: time.Now()}
	if r.lock, err = lockFolder(root); err != nil {
		root.Close()
		return nil, err
	}
	return r, nil
}

// ownTemporary are the names of files that this package writes, while it writes them.
var ownTemporary = regexp.MustCompile(`^((run|result|sweep)\.json|timings\.jsonl|room|step-[0-9]{9,19}\.safetensors)\.[0-9]+\.tmp$`)

// clear removes what a crash left half written.
func (r *Recorder) clear() error {
	for _, dir := range []string{".", checkpointFolder} {
		names, err := namesIn(r.root, dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, name := range names {
			if !ownTemporary.MatchString(name) {
				continue
			}
			if name = path.Join(dir, name); r.options.disk.remove(r.root, name) != nil && isThere(r.root, name) {
				return fmt.Errorf("run: %s, left by a crash, cannot be removed", at(r.root, name))
			}
		}
	}
	return nil
}

// Fresh is an error where dir holds a run or anything else, so that Create would refuse it; it need not be there.
func Fresh(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil // making it says what is wrong
	}
	return within(dir, func(root *os.Root) error {
		if isThere(root, configFile) {
			return fmt.Errorf("run: %s holds a run already: go on with it by --resume %s, or give another folder", dir, dir)
		}
		if isThere(root, sweepFile) {
			return fmt.Errorf("run: %s holds a sweep already: go on with it by stheno sweep --resume %s, or give another folder", dir, dir)
		}
		for _, of := range []string{".", checkpointFolder} {
			names, err := namesIn(root, of)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w: give another folder with --out", err)
			}
			for _, name := range names {
				switch {
				case name == lockFile, name == checkpointFolder:
				case (strings.HasPrefix(name, configFile+".") || strings.HasPrefix(name, sweepFile+".")) && ownTemporary.MatchString(name): // of a Create that crashed
				default:
					return fmt.Errorf("run: %s is not empty (it has %s): give a folder of its own", at(root, of), name)
				}
			}
		}
		return nil
	})
}

// Folder is the run for reading.
func (r *Recorder) Folder() *Folder { return &r.folder }

// Start is where the run goes on, for train.Config.Start: the zero value in a new one.
func (r *Recorder) Start() train.Position { return r.resumed.Position }

// Epochs are the run's epochs so far, those before a resume included.
func (r *Recorder) Epochs() []train.Epoch { return slices.Clone(r.epochs) }

// BestWeights are those of the best of the epochs before a resume, for train.EarlyStopping, with the names and shapes of the model's; nil where there is no such epoch. The
// averages are taken where an optim.EMA kept some.
func (r *Recorder) BestWeights(m *graph.Model) ([]graph.Param, error) {
	at := train.Best(r.epochs, r.folder.Config.Saving.Best)
	if at < 0 {
		return nil, nil
	}
	if m == nil {
		return nil, errNoModel(r.folder.Dir)
	}
	c, err := r.folder.Checkpoint(fmt.Sprint(r.steps[at]))
	if err != nil {
		return nil, err
	}
	weights := m.Clone().Tensors()
	return weights, r.folder.open(c, func(f *tensorFile) error { return f.setParams(weights) })
}

// First says whether the run begins with weights that its configuration does not draw: Options.First.
func (r *Recorder) First() bool { return r != nil && r.options.First }

// Begun says whether the training has begun: until then a resumed run is as it was, and a new one has nothing to go on with.
func (r *Recorder) Begun() bool { return r != nil && r.begun }

// Remarks say what a resume found damaged that the run can do without, and how it will be set aside; none where all is well.
func (r *Recorder) Remarks() []string { return slices.Clone(r.remarks) }

// Append writes v as a line of JSON to the run's log of that name, such as "gradients". A resumed run's logs are cut back to
// the checkpoint, so that each line is there once; until its training begins there is nothing to write to, which is an error.
func (r *Recorder) Append(log string, v any) error {
	if !isLog(log) {
		return fmt.Errorf("run: got a log named %q, want letters from a to z", log)
	}
	if err := r.ready(); err != nil {
		return err
	}
	name := log + logSuffix
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("run: %s: %w", at(r.root, name), err)
	}
	if r.logs[log] == nil {
		l, err := openLog(r.options.disk, r.root, name)
		if err != nil {
			r.failed = err
			return err
		}
		r.logs[log] = l
	}
	if err := r.logs[log].write(append(line, '\n')); err != nil {
		r.failed = fmt.Errorf("run: writing %s: %w: %s", at(r.root, name), err, r.left())
	}
	return r.failed
}

// ready is an error where nothing may be written: the folder may be another's by now, or the disk has failed.
func (r *Recorder) ready() error {
	if err := r.usable(); err != nil {
		return err
	}
	if r.plan != nil {
		return fmt.Errorf("run: %s: nothing is written to a run that is resumed before its training has begun: want an Observer of train.Fit to write, after the Recorder's Begin", r.folder.Dir)
	}
	return nil
}

// usable is an error of a recorder that is closed or has failed.
func (r *Recorder) usable() error {
	if r == nil || r.lock == nil {
		return errors.New("run: the recorder is closed, or was never open, and writes to no run: want one of Create or Resume, before its Close")
	}
	return r.failed
}

// Name is "run".
func (r *Recorder) Name() string { return "run" }

// Observe does a moment's work: it brings a resumed run's model and optimizer back at Begin, writes checkpoints at Step and End, and logs an
// epoch, with a checkpoint, at Epochal. Its errors are those of the disk, a training that begins elsewhere than at Start, another model or other settings than the
// configuration's, and other samples than the run's; one at Begin leaves the folder as it was.
func (r *Recorder) Observe(e *train.Event) error {
	if err := r.usable(); err != nil {
		return err
	}
	if e == nil || e.Model == nil || e.Config == nil || e.Config.Optimizer == nil || e.Data == nil || e.History == nil ||
		e.Moment == train.Epochal && len(e.History.Epochs) == 0 {
		return fmt.Errorf("run: %s: got an event that lacks its model, optimizer, data or history, want one of train.Fit", r.folder.Dir)
	}
	if e.Moment == train.Begin {
		if err := r.begin(e); err != nil || !r.options.First || e.Position.Step > 0 {
			return err
		}
		return r.save(e)
	}
	if !r.begun { // it was refused; or somebody else's Begin was before ours
		if e.Moment == train.End {
			return nil
		}
		return fmt.Errorf("run: %s: the training has not begun, want train.Begin first", r.folder.Dir)
	}
	switch e.Moment {
	case train.Backward:
		r.stepped = r.stepped[:0]
		for _, g := range e.Gradients() {
			r.stepped = append(r.stepped, g.Value())
		}
	case train.Step:
		if e.Position.Batch < e.Steps && r.options.Every.due(e.Position.Step, time.Since(r.savedAt)) {
			return r.save(e) // at an epoch's last step, the end of the epoch comes next
		}
	case train.Epochal:
		if err := r.Epoch(e.History.Epochs[len(e.History.Epochs)-1], e.Position.Step); err != nil {
			return err
		}
		return r.save(e)
	case train.End:
		if r.saved == nil && !e.Position.Equal(r.Start()) || r.saved != nil && !r.saved.Equal(e.Position) {
			return r.save(e)
		}
	}
	return nil
}

// Epoch logs an epoch that was over after so many steps of the run, without a checkpoint: Observe does it at train.Epochal. It is for who writes a training down that is over already, in order, with
// Save where there is a checkpoint, after an Observe of train.Begin with the model, configuration and data that it began with.
func (r *Recorder) Epoch(e train.Epoch, step uint64) error {
	if err := r.Append(metricsLog, metricsLine{e.Epoch, step, e.Running, e.Evaluated, e.Clipped}); err != nil {
		return err
	}
	if err := r.Append(timingsLog, timingsLine{e.Epoch, e.Seconds}); err != nil {
		return err
	}
	r.epochs, r.steps = append(r.epochs, e), append(r.steps, step)
	return nil
}

// Save takes a checkpoint of an event's model, optimizer and position, with the logs as they are: see Epoch. Of weights that are not finite it takes none.
func (r *Recorder) Save(e *train.Event) error {
	if err := r.ready(); err != nil {
		return err
	}
	if e == nil || e.Model == nil || e.Config == nil || e.Config.Optimizer == nil || !r.begun {
		return fmt.Errorf("run: %s: got an event that lacks its model or optimizer, or none of train.Begin before it, want both", r.folder.Dir)
	}
	r.stepped = nil
	return r.save(e)
}

// save takes a checkpoint, unless the weights are not finite: then the one before stays the latest.
func (r *Recorder) save(e *train.Event) error {
	if err := r.checkpoint(e); err != nil {
		r.failed = fmt.Errorf("%w: %s", err, r.left())
	}
	return r.failed
}

// left says what a run has that could not be written to its end.
func (r *Recorder) left() string {
	all, err := r.folder.checkpoints(r.root)
	switch {
	case err != nil:
		return "make room, or choose another folder"
	case len(all) == 0:
		return "there is no checkpoint before it: make room, or choose another folder"
	case len(all) == 1:
		return fmt.Sprintf("the checkpoint before it, of step %d, is good: make room and go on", all[0].Step)
	}
	return fmt.Sprintf("the %d checkpoints before it, up to step %d, are good: make room and go on", len(all), all[len(all)-1].Step)
}

func (r *Recorder) checkpoint(e *train.Event) error {
	if notFinite(e.Model.Tensors()) != "" {
		return nil
	}
	c := checkpoint{Position: e.Position, Seed: r.folder.Config.Seed, Run: r.folder.Config.id, Data: r.data, Logs: map[string]mark{}}
	for name, l := range r.logs {
		if name == timingsLog { // the same run's checkpoints are to be the same bytes
			continue
		}
		m, err := l.mark()
		if err != nil {
			return fmt.Errorf("run: %s: %w", at(r.root, name+logSuffix), err)
		}
		c.Logs[name+logSuffix] = m
	}
	file, err := c.encode(e.Model, e.Config.Optimizer, r.stepped)
	if err != nil {
		return err
	}
	if err := writeFile(r.options.disk, r.root, checkpointAt(e.Position.Step), file...); err != nil {
		return err
	}
	r.saved, r.savedAt = &c.Position, time.Now()
	return r.prune()
}

// prune removes all checkpoints but the best and the newest.
func (r *Recorder) prune() error {
	all, err := r.folder.checkpoints(r.root)
	if err != nil {
		return err
	}
	at := train.Best(r.epochs, r.folder.Config.Saving.Best)
	for _, c := range all[:max(0, len(all)-r.options.Keep)] {
		if at >= 0 && c.Step == r.steps[at] {
			continue
		}
		if err := r.options.disk.remove(r.root, checkpointAt(c.Step)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: removing %s: %w", c.Path, bare(err))
		}
	}
	return nil
}

// Close ends the recording and gives the folder free; where nothing was recorded, since the training was refused, what Create made is removed. Its error is the first failure to write, which the training's own error may
// have hidden. What is written after it is an error; a second Close does nothing.
func (r *Recorder) Close() error {
	if r == nil || r.lock == nil {
		return nil
	}
	err := r.failed
	for name, l := range r.logs {
		if l == nil || l.file == nil {
			continue
		}
		if closed := l.file.Close(); closed != nil && err == nil {
			err = fmt.Errorf("run: %s: %w", at(r.root, name+logSuffix), bare(closed))
		}
	}
	unused := r.created && !r.begun && len(r.logs) == 0 && !isThere(r.root, resultFile)
	r.logs = map[string]*logFile{}
	switch {
	case unused:
		_ = r.root.Remove(configFile)
		r.lock.undo()
	case r.plan != nil:
		r.lock.undo() // the folder is as it was
	default:
		r.lock.release()
	}
	r.lock = nil
	r.root.Close()
	if unused {
		removeEmpty(r.made)
	}
	return err
}

// Fingerprint is a hash of all samples and targets of a data set, as they are read with nothing random: equal ones are equal data. It takes as long as reading them. Of data that do not change a run may be told it
// by Options.Data.
func Fingerprint(d datasets.Data) (string, error) {
	if d == nil {
		return "", errors.New("run: got nil data, want a data set")
	}
	h := sha256.New()
	if set, ok := d.(*datasets.Dataset); ok { // as it was when there was no other kind
		fmt.Fprintln(h, set.Len(), set.Shape, len(set.Classes))
		row := make([]float32, set.Features())
		raw := make([]byte, 4*len(row)+8)
		for i := range set.Len() {
			set.Row(row, i)
			_, _ = binary.Encode(raw, binary.LittleEndian, row)
			binary.LittleEndian.PutUint64(raw[4*len(row):], uint64(set.Label(i)))
			h.Write(raw)
		}
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	info := d.Info()
	fmt.Fprintln(h, d.Len(), info.Inputs, info.Targets, len(info.Classes))
	b := datasets.Batch{Weights: make([]float64, 1)}
	room := func(fields []datasets.Field) (all []datasets.Values) {
		for _, f := range fields {
			if f.IDs {
				all = append(all, datasets.Values{IDs: make([]int32, f.Size())})
			} else {
				all = append(all, datasets.Values{Floats: make([]float32, f.Size())})
			}
		}
		return all
	}
	b.Inputs, b.Targets = room(info.Inputs), room(info.Targets)
	for i := range d.Len() {
		b.Weights[0] = 1
		if err := d.Read(b, []int{i}, datasets.Draw{}); err != nil {
			return "", fmt.Errorf("run: reading data set %q: %w", info.Name, err)
		}
		for _, v := range append(b.Inputs, b.Targets...) {
			_ = binary.Write(h, binary.LittleEndian, v.Floats)
			_ = binary.Write(h, binary.LittleEndian, v.IDs)
		}
		_ = binary.Write(h, binary.LittleEndian, b.Weights)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
