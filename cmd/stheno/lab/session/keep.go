package session

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	kept "github.com/stheno-ml/stheno/graph/train/run"
)

// kept is what of a run lies in Options.Out.
type keptAs struct {
	name      string // of its folder; "" as long as it has none
	title     string // of the run then
	head      uint64
	in        *segment
	concluded bool // with what came of it
	failed    bool // which was said
	at        time.Time
	cost      time.Duration
}

// How often a run is kept while it is trained: so far apart, and where that costs much so that it is a part of so many of the time, but not more than so far apart. Who has the plug pulled loses no more than that.
const (
	keepEvery = 15 * time.Second
	keepAfter = 30 * time.Second
	keeping   = 100
)

// keptApart is how far apart a run of that cost is kept: of one that is so large that it would take more than anything may, further.
func keptApart(cost time.Duration) time.Duration {
	return max(keepEvery, min(keeping*cost, keepAfter), taking*cost)
}

// keepsSoon says whether a run that has come to rest is kept before it is judged, which takes long: but not after each of many single steps.
func (s *Session) keepsSoon(r *run) bool {
	return s.clock().Sub(r.folder.at) > max(time.Second, 10*r.folder.cost)
}

// DataFolder is the one within Options.Out that data are in which pages brought.
const DataFolder = "data"

// unkept says whether a run has what does not lie in the folder.
func (s *Session) unkept(r *run) bool {
	f := r.folder
	return s.options.Out != "" && !r.kept && r.head > 0 && (f.name == "" || f.title != r.name || f.head != r.head || f.in != r.segmentAt(r.head) || f.concluded != (r.result != nil))
}

// keepAll brings the folder up to date, and says whether a run lies under another name by now.
func (s *Session) keepAll() (named bool) {
	for _, r := range s.runs {
		if was := r.folder.name; s.unkept(r) {
			s.store(r)
			named = named || r.folder.name != was
		}
	}
	return named
}

// outName is what Options.Out is called, without where it lies, which is nobody's matter who looks on.
func (s *Session) outName() string {
	if s.options.Out == "" {
		return ""
	}
	at, err := filepath.Abs(s.options.Out)
	if err != nil {
		at = s.options.Out
	}
	return filepath.Base(at)
}

// store writes a run into Options.Out: beside what lies there of it, which it then takes the place of, so that there is always one whole.
func (s *Session) store(r *run) {
	f, start := &r.folder, s.clock()
	defer func() { f.at = s.clock(); f.cost = f.at.Sub(start) }()
	name, err := s.place(r)
	if err == nil {
		err = protected(func() error { return s.replace(r, name) })
	}
	if errors.Is(err, ErrStopped) { // for now
		return
	}
	if err != nil {
		if !f.failed {
			s.say("error", look.Text{EN: fmt.Sprintf("%s could not be kept: %v", r.name, err), ZH: fmt.Sprintf("%s 無法存檔：%v", r.name, err)})
		}
		f.failed = true
		return
	}
	*f = keptAs{name: name, title: r.name, head: r.head, in: r.segmentAt(r.head), concluded: r.result != nil}
}

// Unsaved folders are called so, with the run's name before: one that is written, and one that another takes the place of.
const (
	coming = ".coming"
	going  = ".going"
)

func (s *Session) replace(r *run, name string) error {
	at := filepath.Join(s.options.Out, name)
	if err := os.RemoveAll(at + coming); err != nil {
		return err
	}
	if err := s.write(s.ctx, r, at+coming, ""); err != nil {
		return errors.Join(err, os.RemoveAll(at+coming))
	}
	old := r.folder.name
	if old == "" {
		return os.Rename(at+coming, at)
	}
	old = filepath.Join(s.options.Out, old)
	if err := os.Rename(old, at+going); err != nil {
		return err
	}
	if err := os.Rename(at+coming, at); err != nil {
		return errors.Join(err, os.Rename(at+going, old))
	}
	return os.RemoveAll(at + going)
}

// place is the name of a run's folder: a number, so that they stand in their order, and the run's name.
func (s *Session) place(r *run) (string, error) {
	if r.folder.name != "" {
		number, _, _ := strings.Cut(r.folder.name, "-")
		return number + "-" + folderName(r.name), nil
	}
	entries, err := os.ReadDir(s.options.Out)
	if err != nil {
		return "", err
	}
	most := 0
	for _, e := range entries {
		n := 0
		if _, err := fmt.Sscanf(e.Name(), "%d-", &n); err == nil {
			most = max(most, n)
		}
	}
	return fmt.Sprintf("%03d-%s", most+1, folderName(r.name)), nil
}

// openOut makes runs of all that lie in Options.Out. What cannot be opened is remarked upon, and stays as it is.
func (s *Session) openOut() error {
	out := s.options.Out
	if out == "" {
		return nil
	}
	if runs.IsRun(out) {
		return fmt.Errorf("%s is a run: want the folder that runs are to be kept in, a folder each", out)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	for _, e := range entries { // of a lab that was killed
		at := filepath.Join(out, e.Name())
		if strings.HasSuffix(at, coming) && e.IsDir() && kept.InUse(at) == "" {
			if err := os.RemoveAll(at); err != nil {
				return err
			}
		}
		if strings.HasSuffix(at, gone) && e.IsDir() {
			if err := os.RemoveAll(at); err != nil {
				s.remark(fmt.Sprintf("%s is what is left of a run that was removed, and cannot be deleted: %v", at, err))
			}
		}
		if was, ok := strings.CutSuffix(at, going); ok {
			_, err := os.Lstat(was)
			if errors.Is(err, fs.ErrNotExist) {
				err = os.Rename(at, was)
			} else if err == nil {
				err = os.RemoveAll(at)
			}
			if err != nil {
				return err
			}
		}
	}
	if entries, err = os.ReadDir(out); err != nil {
		return err
	}
	parents := map[string]string{}
	for _, e := range entries {
		dir := filepath.Join(out, e.Name())
		if !e.IsDir() || strings.HasSuffix(dir, coming) || strings.HasSuffix(dir, gone) || !runs.IsRun(dir) {
			continue
		}
		if len(s.runs) >= maxRuns-1 {
			s.remark(fmt.Sprintf("%s has more runs than the lab keeps in memory: those up to %s are open", out, s.runs[len(s.runs)-1].folder.name))
			break
		}
		r, parent, err := s.reopen(dir)
		if err != nil {
			s.remark(fmt.Sprintf("%s cannot be opened: %v", dir, err))
			continue
		}
		s.add(r)
		s.begun = cmp.Or(s.begun, r.material.source)
		r.sleep()
		parents[r.folder.name] = r.id
		r.parent = parents[parent]
	}
	return nil
}

func (s *Session) remark(text string) {
	if s.options.Remark != nil {
		s.options.Remark(text)
	}
}

// Kept says how many runs were trained, and how many of them lie in Options.Out as they are, those from before among them. It is for when Serve is over.
func (s *Session) Kept() (trained, kept int) {
	for _, r := range s.runs {
		if r.head == 0 || r.kept && r.folder.name == "" {
			continue
		}
		trained++
		if s.options.Out != "" && !s.unkept(r) {
			kept++
		}
	}
	return trained, kept
}
