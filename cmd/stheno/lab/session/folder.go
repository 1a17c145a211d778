package session

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A run of the lab becomes a folder as stheno run keeps one: its configuration, epochs, snapshots, the newest checkpoint, from which it goes on to the bit, and the best, and what came of it. Two logs
// more are the lab's: "points", its curves, and "lab", a line of what follows.
const pointsLog = "points"

// keepsake is what the lab alone knows of a run.
type keepsake struct {
	Name       string        `json:"name"`     // of what it comes from
	Settings   look.Settings `json:"settings"` // of that
	Short      bool          `json:"short,omitempty"`
	Parent     string        `json:"parent,omitempty"` // the folder of the run that it branched off, or was changed from
	ParentStep uint64        `json:"parent_step,omitempty"`
	Offset     int64         `json:"offset,omitempty"` // as run.offset, of the newest checkpoint
	Step       uint64        `json:"step"`             // of the newest checkpoint, as the run counts
	Segments   []stretch     `json:"segments"`
	Result     *look.Figures `json:"result,omitempty"`
	InBand     *bool         `json:"in_band,omitempty"`
	Ours       bool          `json:"brought,omitempty"` // a page brought its data, which go with the last run that uses them
}

// stretch is a segment. Its first fields are those of a runs.Change.
type stretch struct {
	Step     uint64        `json:"step"`
	What     string        `json:"what"`
	Asked    uint64        `json:"asked"`
	Settings look.Settings `json:"settings"`
	Rate     float64       `json:"learning_rate"` // 0 where the optimizer's words have it
}

// keepsake is a run's, where c is its newest checkpoint.
func (s *Session) keepsake(r *run, c *checkpoint) keepsake {
	k := keepsake{Name: r.root.name, Settings: r.root.settings, Short: r.begunShort, ParentStep: r.parentStep, Offset: c.offset, Step: c.step, Ours: r.material.ours}
	for _, o := range s.runs {
		if o.id == r.parent && o.folder.name != "" {
			k.Parent = o.folder.name
		}
	}
	for _, g := range r.segments {
		k.Segments = append(k.Segments, stretch{g.from, g.what, g.asked, settingsOf(g.experiment, r.seed, r.material), g.experiment.LearningRate})
	}
	if r.end != nil && r.end.step == r.head {
		k.Result, k.InBand = r.figures(), r.inBand
	}
	return k
}

// segments are those that the keepsake has, of a run whose newest settings are e.
func (k *keepsake) segments(e models.Experiment, seed uint64, info datasets.Info) ([]*segment, error) {
	var all []*segment
	for i, g := range k.Segments {
		s := g.Settings
		c := look.Change{Layers: &s.Layers, Loss: &s.Loss, Optimizer: &s.Optimizer, Batch: &s.Batch, Epochs: &s.Epochs, Dropout: s.Dropout, Activation: s.Activation}
		if g.Rate != 0 {
			c.Rate = &g.Rate
		}
		of, _, err := c.On(e, seed, info)
		if err != nil {
			return nil, err
		}
		if i == 0 && len(k.Segments) == 1 {
			of = e
		}
		all = append(all, &segment{from: g.Step, asked: g.Asked, experiment: of, what: g.What})
	}
	return all, nil
}

// newest is a checkpoint of the step that the run was trained to; where its weights are not finite there, one from before, and nil if there is none.
func (s *Session) newest(ctx context.Context, r *run) (*checkpoint, error) {
	in := r.segmentAt(r.head)
	is := func(c *checkpoint) bool { return c.in == in && c.file == nil && finite(c) }
	if c := r.before(r.head); c != nil && c.step == r.head && is(c) {
		return c, nil
	}
	if r.model != nil && !r.aside && r.step() == r.head && r.in == in {
		r.working()
		c := r.checkpoint()
		if !r.training {
			if err := s.atRest(r); err != nil {
				return nil, err
			}
		}
		if finite(c) {
			return c, nil
		}
		for _, c := range slices.Backward(r.checkpoints) {
			if is(c) {
				return c, nil
			}
		}
		return nil, nil
	}
	b := r.branch(r.head) // another model: nobody is to see this one move
	if err := s.seek(ctx, b, r.head, pauses); err != nil {
		return nil, err
	}
	b.working()
	if c := b.checkpoint(); finite(c) {
		return c, nil
	}
	return nil, nil
}

// finite says whether a checkpoint in memory can be gone on from.
func finite(c *checkpoint) bool {
	for _, t := range c.tensors {
		switch all := t.Data().(type) {
		case []float32:
			if slices.ContainsFunc(all, func(v float32) bool { return v-v != 0 }) {
				return false
			}
		case []float64:
			if slices.ContainsFunc(all, func(v float64) bool { return v-v != 0 }) {
				return false
			}
		}
	}
	return true
}

// write makes the folder of a run, which must not be there. Of data of one's own it has file as their place, unless that is "".
func (s *Session) write(ctx context.Context, r *run, dir, file string) (err error) {
	last, err := s.newest(ctx, r)
	if err != nil {
		return err
	}
	in := r.segmentAt(r.head)
	e := in.experiment
	config, err := r.configOf(e)
	if err != nil {
		return err
	}
	if config.File != "" && file != "" {
		config.File = file
	}
	data := r.material.fit
	if r.material.data != nil {
		data = r.material.prepared
	}
	if r.material.fingerprint == "" { // of all that are written of these data
		if r.material.fingerprint, err = kept.Fingerprint(data); err != nil {
			return err
		}
	}
	begin, err := r.event(e)
	if err != nil {
		return err
	}
	begin.Moment, begin.Data = train.Begin, data
	begin.Config.BatchSize = min(begin.Config.BatchSize, data.Len()) // as Fit has it
	rec, err := kept.Create(dir, config, kept.Options{Data: r.material.fingerprint})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	if err := rec.Observe(begin); err != nil {
		return err
	}
	if last == nil { // not even its first step was finite
		last = &checkpoint{in: in}
		last.tensors, last.state = tensorsOf(begin.Model), begin.Config.Optimizer.State()
	}
	if err := rec.Append(runs.LabLog, s.keepsake(r, last)); err != nil {
		return err
	}
	l := logs{r: r, rec: rec, each: steps(r.material.fit.Len(), e.BatchSize), layers: len(begin.Model.Layers())}
	for _, c := range []*checkpoint{r.bestBefore(last), last, nil} {
		until := r.head
		if c != nil {
			until = c.step
		}
		if err := l.until(until); err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if err := l.save(c); err != nil {
			return err
		}
	}
	if r.end != nil && r.end.step == r.head && r.result != nil {
		result := r.result.RunResult()
		result.Diverged = r.end.diverged
		if r.end.condition == Done {
			result.Stopped = r.end.why
		}
		return rec.Finish(result)
	}
	return nil
}

// bestBefore is a checkpoint of the best epoch before another, where there is one; else it is the other.
func (r *run) bestBefore(last *checkpoint) *checkpoint {
	at := train.Best(r.epochsUntil(last.step), "loss")
	if at < 0 {
		return last
	}
	step := r.epochs[at].step
	if r.best != nil && r.best.step == step {
		return r.best
	}
	for _, c := range r.checkpoints {
		if c.step == step && c.in == last.in && c.file == nil {
			return c
		}
	}
	return last
}

// event has the model of an experiment as it begins, and what it is trained with.
func (r *run) event(e models.Experiment) (*train.Event, error) {
	model, err := r.build(e)
	if err != nil {
		return nil, err
	}
	config, err := e.Config(models.RunOptions{Seed: r.seed})
	if err != nil {
		return nil, err
	}
	if config.Optimizer, err = optim.New(e.Optimizer, e.LearningRate); err != nil {
		return nil, err
	}
	return &train.Event{Model: model, Config: &config, History: &train.History{}}, nil
}

// logs writes a run's logs down, and its checkpoints, in the order of its steps.
type logs struct {
	r      *run
	rec    *kept.Recorder
	each   int // steps of an epoch, as its configuration has them
	layers int // of the network: a snapshot of another is left out

	epoch, snapshot, point int // the next of each
	saved                  *checkpoint
}

// until writes what was before a step was over.
func (l *logs) until(step uint64) error {
	for ; l.epoch < len(l.r.epochs) && l.r.epochs[l.epoch].step <= step; l.epoch++ {
		e := l.r.epochs[l.epoch].Epoch
		if err := l.rec.Epoch(e, uint64(e.Epoch*l.each)); err != nil {
			return err
		}
	}
	for ; l.snapshot < len(l.r.snapshots) && l.r.snapshots[l.snapshot].Step < step; l.snapshot++ {
		if snapshot := l.r.snapshots[l.snapshot]; len(snapshot.Layers) == l.layers {
			if err := l.rec.Append(runs.GradientsLog, snapshot); err != nil {
				return err
			}
		}
	}
	for ; l.point < len(l.r.points) && l.r.points[l.point].Step <= step; l.point++ {
		if err := l.rec.Append(pointsLog, l.r.points[l.point]); err != nil {
			return err
		}
	}
	return nil
}

// save writes a checkpoint.
func (l *logs) save(c *checkpoint) error {
	if c == l.saved {
		return nil
	}
	l.saved = c
	e, err := l.r.event(c.in.experiment)
	if err != nil {
		return err
	}
	if err := put(e.Model, c.tensors); err != nil {
		return err
	}
	if err := e.Config.Optimizer.SetState(c.state); err != nil {
		return err
	}
	if e.Position = cloned(c.at); e.Position.Batch == 0 { // of an epoch before another size of batches
		e.Position.Step = uint64(e.Position.Epoch * l.each)
	}
	return l.rec.Save(e)
}

// asFolder is a run's folder, in a zip.
func (s *Session) asFolder(ctx context.Context, r *run, _ Command) (_ any, err error) {
	if r.head == 0 {
		return nil, fmt.Errorf("%s has made no step: there is nothing of it to keep", r.name)
	}
	temp, err := os.MkdirTemp("", "stheno-lab-run-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	file := ""
	if r.material.brought != "" && s.options.Out == "" { // its own place goes with the lab
		file = filepath.Base(r.material.config.File)
	}
	name := folderName(r.name)
	if err := s.write(ctx, r, filepath.Join(temp, name), file); err != nil {
		return nil, bare(err, temp)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := zipped(z, os.DirFS(temp)); err != nil {
		return nil, err
	}
	err = z.Close()
	return File{"application/zip", b.Bytes()}, err
}

// zipped puts all files of a folder into a zip, but for locks.
func zipped(z *zip.Writer, from fs.FS) error {
	return fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		f, err := from.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		w, err := z.Create(path)
		if err == nil {
			_, err = io.Copy(w, f)
		}
		return err
	})
}

// bare is an error without the place of a folder that nobody is to look for.
func bare(err error, dir string) error {
	return errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
}

// folderName is what a run's folder is called: its name, of letters, digits and a few signs.
func folderName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c == '.' || c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return ' '
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), "-"), ".-")
	const most = 60
	if len(name) > most {
		name = strings.Trim(name[:most], ".-")
	}
	for is := ""; is != name; { // an end that means something else
		is = name
		for _, end := range []string{coming, going, gone} {
			name = strings.TrimRight(strings.TrimSuffix(name, end), ".-")
		}
	}
	if name == "" {
		return "run"
	}
	return name
}
