package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/optim"
	kept "github.com/stheno-ml/stheno/graph/train/run"
)

// doRemove takes a run out of the lab, and its folder out of Options.Out. One that was opened from elsewhere stays where it lies.
func (s *Session) doRemove(r *run) (*run, error) {
	if len(s.runs) == 1 {
		return nil, errors.New("this is the only run: start another before it is removed")
	}
	if r.folder.name != "" {
		if err := s.discard(r); err != nil {
			return nil, err
		}
	}
	s.runs = slices.DeleteFunc(slices.Clone(s.runs), func(o *run) bool { return o == r })
	if s.current == r {
		s.choose(s.runs[len(s.runs)-1])
	}
	s.free(r)
	return s.current, nil
}

// free has the data go that a page brought with the last run that uses them: of those that are open, and of all that lie in Options.Out. What cannot be told stays.
func (s *Session) free(r *run) {
	m := r.material
	if !m.ours || m.config.File == "" || s.options.Free == nil {
		return
	}
	upload := "" // its folder, which has a number
	for at := filepath.Dir(m.config.File); at != filepath.Dir(at); at = filepath.Dir(at) {
		_, other := strconv.ParseUint(filepath.Base(at), 10, 32)
		if among := filepath.Base(filepath.Dir(at)); other == nil && (among == DataFolder || among == "uploads") {
			upload = at
		}
	}
	in, err := os.Stat(upload)
	if err != nil {
		return
	}
	for _, o := range s.runs {
		if o.material.data != nil && (within(in, o.material.config.File) || within(in, o.material.config.Targets)) {
			return
		}
	}
	if s.options.Brought == "" && s.options.Name != "" && within(in, s.options.Name) { // the user has named it
		return
	}
	if s.options.Out != "" {
		entries, err := os.ReadDir(s.options.Out)
		if err != nil {
			return
		}
		for _, e := range entries {
			dir := filepath.Join(s.options.Out, e.Name())
			if strings.HasSuffix(dir, gone) || !runs.IsRun(dir) {
				continue
			}
			if folder, err := kept.Open(dir); err != nil || within(in, folder.Config.File) || within(in, folder.Config.Targets) {
				return
			}
		}
	}
	s.options.Free(m.config.File)
}

// within says whether a file lies in a folder, however both are called.
func within(folder os.FileInfo, file string) bool {
	if file == "" {
		return false
	}
	at, err := filepath.Abs(file)
	if err != nil {
		return true
	}
	for {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, folder) {
			return true
		}
		up := filepath.Dir(at)
		if up == at {
			return false
		}
		at = up
	}
}

// gone is what the folder of a run that was removed is called while it is deleted: of a lab that is killed meanwhile the next one deletes the rest. A folder that has its own name is whole.
const gone = ".gone"

func (s *Session) discard(r *run) error {
	at := filepath.Join(s.options.Out, r.folder.name)
	if who := kept.InUse(at); who != "" {
		return fmt.Errorf("%s is in use by %s: end that before the run is removed", r.folder.name, who)
	}
	if err := s.release(r); err != nil {
		return err
	}
	err := os.RemoveAll(at + gone)
	if err == nil {
		err = os.Rename(at, at+gone)
	}
	if errors.Is(err, fs.ErrNotExist) { // somebody was quicker
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s cannot be removed: %w", r.folder.name, bare(err, s.options.Out))
	}
	if err := os.RemoveAll(at + gone); err != nil {
		err = bare(err, s.options.Out)
		s.say("error", look.Text{EN: fmt.Sprintf("%s is removed, but not all of its folder could be deleted: %v", r.name, err), ZH: fmt.Sprintf("%s 移除了，但它的資料夾沒有完全刪掉：%v", r.name, err)})
	}
	return nil
}

// release has all other runs take into memory what they go on from in the folder of one that is removed, as far as there is room: each its newest.
func (s *Session) release(r *run) error {
	dir, err := os.Stat(filepath.Join(s.options.Out, r.folder.name))
	if err != nil {
		return nil // there is nothing to take
	}
	shares := func(o *run) bool {
		if o == r || o.disk == nil {
			return false
		}
		at, err := os.Stat(o.disk.Dir)
		return err == nil && os.SameFile(at, dir)
	}
	var others []*run
	for _, o := range s.runs {
		if shares(o) {
			others = append(others, o)
		}
	}
	for _, o := range others {
		for {
			i := len(o.checkpoints) - 1
			for i >= 0 && o.checkpoints[i].file == nil {
				i--
			}
			if i < 0 {
				break
			}
			onDisk := o.checkpoints[i]
			c, err := o.loaded(onDisk)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			for _, o := range others {
				at := slices.Index(o.checkpoints, onDisk)
				switch {
				case at < 0:
				case err != nil: // whoever trained the run kept the newest only
					o.checkpoints = slices.Delete(o.checkpoints, at, at+1)
				default:
					o.checkpoints[at] = c
				}
			}
			s.thin()
		}
	}
	return nil
}

// loaded is a checkpoint on disk, in memory.
func (r *run) loaded(c *checkpoint) (*checkpoint, error) {
	model, err := r.build(c.in.experiment)
	if err != nil {
		return nil, err
	}
	optimizer, err := optim.New(c.in.experiment.Optimizer, c.in.experiment.LearningRate)
	if err != nil {
		return nil, err
	}
	at, err := r.disk.Restore(*c.file, model, optimizer, nil)
	if err != nil {
		return nil, err
	}
	l := &checkpoint{step: c.step, at: cloned(at), offset: c.offset, in: c.in, tensors: tensorsOf(model), state: optimizer.State(), seconds: c.seconds}
	l.measure()
	return l, nil
}
