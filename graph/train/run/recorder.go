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
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// Options say when a run is saved. The zero value saves at the end of each epoch and of the run.
type Options struct {
	Every Every // and how often within an epoch
	Keep  int   // how many of the newest checkpoints to keep beside the best, 2 if 0
	disk  disk  // the real one if nil
}

// A Recorder is an observer that keeps a run in a folder: it logs each epoch, takes checkpoints, and, in a run that is
// resumed, puts the model back where it was. It holds the folder's lock until Close. Let it be the last of the observers, so
// that what others log at the same moment is in the checkpoint too.
type Recorder struct {
	folder  Folder
	options Options
	lock    *lock // nil once it is closed
	logs    map[string]*logFile
	from    *Checkpoint // where a resumed run goes on; nil at the beginning
	resumed checkpoint  // what from holds
	epochs  []train.Epoch
	steps   []uint64 // after each epoch
	data    string   // fingerprint of the training set
	saved   *train.Position
	savedAt time.Time
	failed  error // the first failure of the disk; nothing is written after it, since logs and checkpoints would not agree
}

// Create makes the folder of a new run, with its configuration, and locks it. A folder that holds anything else is refused, so is a
// configuration with which no run could train, and so is "": the current folder is ".".
func Create(dir string, c Config, o Options) (*Recorder, error) {
	if dir == "" {
		return nil, errNoFolder
	}
	if o.Keep == 0 {
		o.Keep = 2
	}
	c.Saving = o
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	r := newRecorder(dir, o)
	if err := r.refuseOthers(); err != nil && InUse(dir) == "" { // before anything is made; of one in use, open says so
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, checkpointFolder), 0o755); err != nil {
		return nil, fmt.Errorf("run: making the folder %s: %w: give another with --out", dir, bare(err))
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	err := r.refuseOthers() // again: another may have come before the lock
	if err == nil {
		err = c.save(r.options.disk, dir)
	}
	if err != nil {
		r.lock.release()
		return nil, err
	}
	r.folder.Config = c
	return r, nil
}

var errNoFolder = errors.New(`run: got "" for the folder of a run, want its path`)

func newRecorder(dir string, o Options) *Recorder {
	if o.disk == nil {
		o.disk = osDisk{}
	}
	return &Recorder{folder: Folder{Dir: dir}, options: o, logs: map[string]*logFile{}, savedAt: time.Now()}
}

// open locks the folder and clears away what a crash left half written.
func (r *Recorder) open() (err error) {
	if r.lock, err = lockFolder(r.folder.Dir); err != nil {
		return err
	}
	for _, dir := range []string{r.folder.Dir, filepath.Join(r.folder.Dir, checkpointFolder)} {
		entries, _ := os.ReadDir(dir) // what cannot be read is found out by what reads it next
		for _, e := range entries {
			if path := filepath.Join(dir, e.Name()); strings.HasSuffix(path, temporary) {
				if err := r.options.disk.remove(path); err != nil {
					r.lock.release()
					return fmt.Errorf("run: removing %s, left by a crash: %w", path, bare(err))
				}
			}
		}
	}
	return nil
}

// refuseOthers is an error where the folder holds what Create did not put there.
func (r *Recorder) refuseOthers() error {
	if exists(filepath.Join(r.folder.Dir, configFile)) {
		return fmt.Errorf("run: %s holds a run already: go on with it by --resume %s, or give another folder", r.folder.Dir, r.folder.Dir)
	}
	for _, dir := range []string{r.folder.Dir, filepath.Join(r.folder.Dir, checkpointFolder)} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: %s: %w: give another folder with --out", dir, bare(err))
		}
		for _, e := range entries {
			switch name := e.Name(); {
			case name == lockFile, name == checkpointFolder:
			case strings.HasPrefix(name, configFile+".") && strings.HasSuffix(name, temporary): // of a Create that crashed
			default:
				return fmt.Errorf("run: %s is not empty (it has %s): give a folder of its own", dir, name)
			}
		}
	}
	return nil
}

// Folder is the run for reading.
func (r *Recorder) Folder() *Folder { return &r.folder }

// Start is where the run goes on, for train.Config.Start: the zero value in a new one.
func (r *Recorder) Start() train.Position { return r.resumed.Position }

// Epochs are the run's epochs so far, those before a resume included.
func (r *Recorder) Epochs() []train.Epoch { return slices.Clone(r.epochs) }

// Append writes v as a line of JSON to the run's log of that name, such as "gradients". A resumed run's logs are cut back to
// the checkpoint, so that each line is there once.
func (r *Recorder) Append(log string, v any) error {
	if log == "" || strings.ContainsFunc(log, func(c rune) bool { return c < 'a' || c > 'z' }) {
		return fmt.Errorf("run: got a log named %q, want letters from a to z", log)
	}
	if err := r.ready(); err != nil {
		return err
	}
	path := filepath.Join(r.folder.Dir, log+logSuffix)
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("run: %s: %w", path, err)
	}
	if r.logs[log] == nil {
		if r.logs[log], r.failed = openLog(r.options.disk, path); r.failed != nil {
			return r.failed
		}
	}
	if err := r.logs[log].write(append(line, '\n')); err != nil {
		r.failed = fmt.Errorf("run: writing %s: %w: %s", path, err, r.left())
	}
	return r.failed
}

// ready is an error where nothing may be written: the folder may be another's by now, or the disk has failed.
func (r *Recorder) ready() error {
	if r == nil || r.lock == nil {
		return errors.New("run: the recorder is closed, or was never open, and writes to no run: want one of Create or Resume, before its Close")
	}
	return r.failed
}

// Name is "run".
func (r *Recorder) Name() string { return "run" }

// Observe does a moment's work: it brings a resumed run's model and optimizer back at Begin, writes checkpoints at Step and End, and logs an
// epoch, with a checkpoint, at Epochal. Its errors are those of the disk, a training that begins elsewhere than at Start, and other samples than the run's.
func (r *Recorder) Observe(e *train.Event) error {
	if err := r.ready(); err != nil {
		return err
	}
	if e == nil || e.Model == nil || e.Config == nil || e.Config.Optimizer == nil || e.Data == nil || e.History == nil ||
		e.Moment == train.Epochal && len(e.History.Epochs) == 0 {
		return fmt.Errorf("run: %s: got an event that lacks its model, optimizer, data or history, want one of train.Fit", r.folder.Dir)
	}
	switch e.Moment {
	case train.Begin:
		return r.begin(e)
	case train.Step:
		if e.Position.Batch < e.Steps && r.options.Every.due(e.Position.Step, time.Since(r.savedAt)) {
			return r.save(e) // at an epoch's last step, the end of the epoch comes next
		}
	case train.Epochal:
		epoch := e.History.Epochs[len(e.History.Epochs)-1]
		if err := r.Append(metricsLog, metricsLine{epoch.Epoch, e.Position.Step, epoch.Running, epoch.Evaluated}); err != nil {
			return err
		}
		if err := r.Append(timingsLog, timingsLine{epoch.Epoch, epoch.Seconds}); err != nil {
			return err
		}
		r.epochs, r.steps = append(r.epochs, epoch), append(r.steps, e.Position.Step)
		return r.save(e)
	case train.End:
		if r.saved == nil && !e.Position.Equal(r.Start()) || r.saved != nil && !r.saved.Equal(e.Position) {
			return r.save(e)
		}
	}
	return nil
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
	all, err := r.folder.Checkpoints()
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
	c := checkpoint{Position: e.Position, Seed: r.folder.Config.Seed, Data: r.data, Logs: map[string]mark{}}
	for name, l := range r.logs {
		if name == timingsLog { // the same run's checkpoints are to be the same bytes
			continue
		}
		m, err := l.mark()
		if err != nil {
			return fmt.Errorf("run: %s: %w", filepath.Join(r.folder.Dir, name+logSuffix), err)
		}
		c.Logs[name+logSuffix] = m
	}
	file, err := c.encode(e.Model, e.Config.Optimizer)
	if err != nil {
		return err
	}
	if err := writeFile(r.options.disk, r.folder.checkpointPath(e.Position.Step), file...); err != nil {
		return err
	}
	r.saved, r.savedAt = &c.Position, time.Now()
	return r.prune()
}

// prune removes all checkpoints but the best and the newest.
func (r *Recorder) prune() error {
	all, err := r.folder.Checkpoints()
	if err != nil {
		return err
	}
	at := best(r.epochs)
	for _, c := range all[:max(0, len(all)-r.options.Keep)] {
		if at >= 0 && c.Step == r.steps[at] {
			continue
		}
		if err := r.options.disk.remove(c.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: removing %s: %w", c.Path, bare(err))
		}
	}
	return nil
}

// Close ends the recording and gives the folder free. Its error is the first failure to write, which the training's own error may
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
			err = fmt.Errorf("run: %s: %w", filepath.Join(r.folder.Dir, name+logSuffix), bare(closed))
		}
	}
	r.logs = map[string]*logFile{}
	r.lock.release()
	r.lock = nil
	return err
}

// fingerprint is a hash of all samples and targets, as they are read with nothing random: equal ones are equal data.
func fingerprint(d datasets.Data) (string, error) {
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
