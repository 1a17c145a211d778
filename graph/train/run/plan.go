package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A plan is all that going on with a run does to its folder. It is made, and all of it checked, before anything is touched. To carry it out takes several
// steps, so the first, one rename, writes into run.json up to which step the run's files still count: from then on the folder reads as the new one,
// and before it as the old. A process that is stopped between leaves the rest to the next, which makes the same plan.
type plan struct {
	remove  []string         // in this order
	aside   []string         // are damaged, and not worth the run
	cut     map[string]int64 // sizes that logs are cut back to
	timings []byte           // as the file is to be; nil where it is so
	frees   int64            // bytes of checkpoints
}

// setAside is what is added to the name of a file that is damaged.
const setAside = ".damaged"

func (p *plan) empty() bool {
	return len(p.remove) == 0 && len(p.aside) == 0 && len(p.cut) == 0 && p.timings == nil
}

// spare plans that a damaged file makes place for one that will be made again.
func (r *Recorder) spare(name string, err error) {
	r.plan.aside = append(r.plan.aside, name)
	r.remarks = append(r.remarks, fmt.Sprintf("%s: it is kept as %s, and the run goes on without it", strings.TrimPrefix(err.Error(), "run: "), name+setAside))
}

// planResult says whether there is a result, and plans its removal.
func (r *Recorder) planResult() (finished bool, err error) {
	text, err := readSmall(r.root, resultFile, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := parseResult(text); err != nil {
		r.spare(resultFile, fmt.Errorf("%s: %w", at(r.root, resultFile), err))
		return false, nil
	}
	r.plan.remove = append(r.plan.remove, resultFile)
	return r.folder.Config.until == nil, nil
}

// planCheckpoints plans the removal of those after the one that is gone on from, the newest first, so that the latest always fits the logs.
func (r *Recorder) planCheckpoints() error {
	shown := r.folder.Config
	defer func() { r.folder.Config = shown }()
	r.folder.Config.until = nil // with those that a resume was stopped in removing
	all, err := r.folder.checkpoints(r.root)
	if err != nil {
		return err
	}
	for _, c := range slices.Backward(all) {
		if r.from != nil && c.Step <= r.from.Step {
			break
		}
		name := checkpointAt(c.Step)
		if info, err := r.root.Lstat(name); err == nil {
			r.plan.frees += info.Size()
		}
		r.plan.remove = append(r.plan.remove, name)
	}
	return nil
}

// planLogs checks that the logs are what they were when the checkpoint was taken, reads the epochs of it, and plans to cut off what came after. Seconds
// are under no checksum, and their file is under no mark of the checkpoint: they are written again as far as they can be read.
func (r *Recorder) planLogs() error {
	timings := timingsLog + logSuffix
	names, err := namesIn(r.root, ".")
	if err != nil {
		return err
	}
	for name, to := range r.resumed.Logs {
		if !logName(name) || name == timings {
			return fmt.Errorf("run: %s: its header names %q as a log, want letters from a to z and %s: it is not a checkpoint of this program", r.from.Path, name, logSuffix)
		}
		if !slices.Contains(names, name) {
			return fmt.Errorf("run: %s: it is not there, but was when the checkpoint was taken: put it back, or go on from an earlier checkpoint with --resume-from", at(r.root, name))
		}
		l, head, err := reopenLog(r.options.disk, r.root, name, to)
		if err != nil {
			return err
		}
		r.logs[strings.TrimSuffix(name, logSuffix)] = l
		if info, err := r.root.Lstat(name); err != nil || info.Size() > to.Bytes {
			if r.plan.cut == nil {
				r.plan.cut = map[string]int64{}
			}
			r.plan.cut[name] = to.Bytes
		}
		if name == metricsLog+logSuffix {
			if r.epochs, r.steps, err = parseEpochs(at(r.root, name), lines(at(r.root, name), bytes.NewReader(head))); err != nil {
				return err
			}
		}
	}
	if len(r.epochs) != r.Start().Epoch {
		return fmt.Errorf("run: %s has %d epochs in %s%s, the checkpoint is after %d: put the file back, or go on from another checkpoint", r.folder.Dir, len(r.epochs), metricsLog, logSuffix, r.Start().Epoch)
	}
	for _, name := range names {
		if _, ok := r.resumed.Logs[name]; !ok && logName(name) && name != timings { // it began after the checkpoint
			r.plan.remove = append(r.plan.remove, name)
		}
	}
	return r.planTimings(timings)
}

func (r *Recorder) planTimings(name string) error {
	text, err := readSmall(r.root, name, maxLine)
	damaged := err
	if errors.Is(err, fs.ErrNotExist) {
		damaged = nil
	} else if err == nil {
		damaged = parseTimings(at(r.root, name), lines(at(r.root, name), bytes.NewReader(text)), r.epochs)
	}
	if damaged != nil {
		r.spare(name, damaged)
	}
	want := []byte{}
	for _, e := range r.epochs {
		line, err := json.Marshal(timingsLine{e.Epoch, e.Seconds})
		if err != nil {
			return fmt.Errorf("run: %w", err)
		}
		want = append(append(want, line...), '\n')
	}
	if !bytes.Equal(want, text) {
		r.plan.timings = want
	}
	return nil
}

// carryOut does what was planned; weights is what those of a checkpoint take at least. An error before run.json is written leaves the folder as it was.
func (r *Recorder) carryOut(weights int64) error {
	d, p, c := r.options.disk, r.plan, r.folder.Config
	c.until = nil
	c.goesOn(r.Start().Step)
	want, err := c.encode()
	if err != nil {
		return err
	}
	now, err := readSmall(r.root, configFile, maxConfig)
	if err != nil {
		return err
	}
	if p == nil { // a new run
		if !bytes.Equal(now, want) {
			if err := writeFile(d, r.root, configFile, want); err != nil {
				return err
			}
			r.folder.Config = c
		}
		return nil
	}
	if err := r.reserve(weights); err != nil {
		return err
	}
	if !p.empty() {
		marked, step := c, r.Start().Step
		marked.until = &step
		if err := marked.save(d, r.root); err != nil {
			return err
		}
	}
	r.plan = nil // from here on the folder is the new one
	if err := p.carryOut(d, r.root); err != nil {
		return err
	}
	if !p.empty() || !bytes.Equal(now, want) {
		if err := writeFile(d, r.root, configFile, want); err != nil {
			return err
		}
	}
	r.folder.Config = c
	return r.clear()
}

// reserve checks that the folder may be written to, and that there is room for a checkpoint more, by writing so much and removing it.
func (r *Recorder) reserve(weights int64) (err error) {
	name, need := "room", weights
	if r.from != nil {
		if info, err := r.root.Lstat(checkpointAt(r.from.Step)); err == nil {
			need = info.Size()
		}
	}
	need = max(0, need-r.plan.frees) + maxSmall
	places := []string{name}
	if isThere(r.root, checkpointFolder) {
		places = []string{name, checkpointFolder + "/" + name}
	}
	for _, name := range places {
		temp := temporaryName(name)
		f, err := r.options.disk.create(r.root, temp)
		if err == nil {
			if name == places[len(places)-1] {
				chunk := make([]byte, min(need, 1<<20))
				for left := need; left > 0 && err == nil; left -= int64(len(chunk)) {
					_, err = f.Write(chunk[:min(left, int64(len(chunk)))])
				}
			}
			if closed := f.Close(); err == nil {
				err = closed
			}
			if removed := r.options.disk.remove(r.root, temp); err == nil {
				err = removed
			}
		}
		if err != nil {
			return fmt.Errorf("run: %s cannot take another checkpoint of %d bytes: %w: nothing was changed: make room or see to its permissions, or copy the run elsewhere", r.folder.Dir, need, bare(err))
		}
	}
	return nil
}

// maxSmall is room for run.json and a line in each log.
const maxSmall = 16 << 10

func (p *plan) carryOut(d disk, root *os.Root) error {
	if !isThere(root, checkpointFolder) { // git, for one, keeps no empty folder
		if err := d.mkdir(root, checkpointFolder); err != nil {
			return fmt.Errorf("run: making the folder %s: %w", at(root, checkpointFolder), bare(err))
		}
	}
	if p.empty() {
		return nil
	}
	for _, name := range p.aside {
		if err := d.rename(root, name, name+setAside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: setting %s aside: %w", at(root, name), bare(err))
		}
	}
	for _, name := range p.remove {
		if err := d.remove(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: removing %s: %w", at(root, name), bare(err))
		}
	}
	for name, size := range p.cut {
		if err := d.truncate(root, name, size); err != nil {
			return fmt.Errorf("run: %s: cutting it back to the checkpoint: %w", at(root, name), bare(err))
		}
	}
	if p.timings != nil {
		if err := writeFile(d, root, timingsLog+logSuffix, p.timings); err != nil {
			return err
		}
	}
	for _, dir := range []string{checkpointFolder, "."} {
		if err := d.syncDir(root, dir); err != nil {
			return fmt.Errorf("run: %s: %w", at(root, dir), bare(err))
		}
	}
	return nil
}

// logName says whether a file is called as Append calls its logs.
func logName(name string) bool {
	log, ok := strings.CutSuffix(name, logSuffix)
	return ok && isLog(log)
}

func isLog(log string) bool {
	return log != "" && !strings.ContainsFunc(log, func(c rune) bool { return c < 'a' || c > 'z' })
}
