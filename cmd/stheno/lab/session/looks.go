package session

import (
	"context"
	"errors"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
)

// looks are what is answered of a run where it is, without moving it, also between two steps of Fit.
var looks = map[string]func(*Session, context.Context, *run, Command) (any, error){
	"check":    (*Session).check,
	"layer":    (*Session).layer,
	"layers":   (*Session).layersNow,
	"apart":    (*Session).apart,
	"sample":   (*Session).sample,
	"wrong":    (*Session).wrong,
	"predict":  (*Session).predict,
	"continue": (*Session).goOn,
	"read":     (*Session).howRead,
	"judged":   (*Session).judged,
	"report":   (*Session).report,
	"model":    (*Session).model,
	"folder":   (*Session).asFolder,
	"command": func(_ *Session, _ context.Context, r *run, _ Command) (any, error) {
		return look.Command(r.subject(), r.origin()), nil
	},
	"go": func(_ *Session, _ context.Context, r *run, _ Command) (any, error) {
		return look.Program(r.subject(), r.origin()), nil
	},
}

// Layers are what a snapshot shows of each layer of a run.
type Layers struct {
	Run    string       `json:"run"`
	Step   uint64       `json:"step"`
	Layers []look.Layer `json:"layers"`
}

// tellLayers tells what a snapshot shows.
func (s *Session) tellLayers(r *run, snapshot *inspect.Snapshot) error {
	if r.snapped.first == nil && snapshot.Step == 0 {
		r.snapped.first = snapshot
	}
	first, err := r.first()
	if err != nil {
		return err
	}
	light(snapshot)
	r.snapped.last, r.snapped.of = snapshot, r.in
	s.tell("layers", Layers{r.id, snapshot.Step, look.Layers(r.subject(), snapshot, first)})
	return nil
}

// layersNow has the layers of a run told as they are where it is: of one that nobody looks at they may never have been.
func (s *Session) layersNow(_ context.Context, r *run, _ Command) (any, error) {
	snapshot, err := s.snapshot(r)
	if err != nil {
		return nil, err
	}
	return Answer{Run: r.id}, s.tellLayers(r, snapshot)
}

// light lets go of a snapshot's tensors, which take as much memory as the network: its statistics stay.
func light(s *inspect.Snapshot) {
	for i := range s.Layers {
		l := &s.Layers[i]
		l.Output.Tensor = nil
		if l.Grad != nil {
			l.Grad.Tensor = nil
		}
		for j := range l.Params {
			l.Params[j].Value.Tensor, l.Params[j].Grad.Tensor = nil, nil
		}
	}
	for i := range s.Watched {
		if s.Watched[i].Value.Tensor = nil; s.Watched[i].Grad != nil {
			s.Watched[i].Grad.Tensor = nil
		}
	}
}

// snapshot is one of the run where it is, with what its next step will do: that which was told last, if it is of here.
func (s *Session) snapshot(r *run) (now *inspect.Snapshot, err error) {
	if last := r.snapped.last; last != nil && r.snapped.of == r.in && last.Step == r.step() {
		return last, nil
	}
	e, at, optimizer := r.experiment(), r.place(), r.optimizer
	_, averaged := optim.Find[*optim.EMA](optimizer)
	if r.aside && r.bestKept() && !averaged { // the step that came after the best epoch
		if optimizer, err = optim.New(e.Optimizer, e.LearningRate); err == nil {
			err = optimizer.SetState(r.best.state)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.aside && averaged { // whose weights are no longer there
		now, err = inspect.TakeNext(r.model, e.Loss, r.material.fit, e.BatchSize, r.seed, at)
	} else {
		if !r.training {
			r.working()
			defer func() { err = errors.Join(err, s.atRest(r)) }()
		}
		if scheduled, ok := optim.Find[*optim.Scheduled](optimizer); ok {
			scheduled.Plan(e.Epochs, r.stepsPerEpoch())
		}
		r.recorded()
		now, err = r.recorder.Next(r.model, optimizer, e.Loss, r.material.fit, e.BatchSize, r.seed, at)
	}
	if err != nil {
		return nil, err
	}
	now.Step = r.step()
	return now, nil
}

// recorded sees to it that there is a recorder: of the network as it is, and of its loss.
func (r *run) recorded() {
	if r.recorder == nil {
		r.recorder = &inspect.Recorder{Every: 1} // which is told of the steps alone that it is to record
	}
}

// layer is one in full: as it was told last, if that was here or by the step that led here.
func (s *Session) layer(_ context.Context, r *run, c Command) (any, error) {
	now := r.snapped.last
	if now == nil || r.snapped.of != r.in || now.Step+1 != r.step() {
		var err error
		if now, err = s.snapshot(r); err != nil {
			return nil, err
		}
	}
	first, err := r.first()
	if err != nil {
		return nil, err
	}
	return look.LayerOf(r.subject(), now, first, c.Layer, r.asked)
}

// apart takes the next step apart, with the weights that are trained.
func (s *Session) apart(ctx context.Context, r *run, _ Command) (any, error) {
	if r.ended() && r.end.condition == Done {
		return nil, errors.New("the run is done, and no step comes next: go back in time to take one apart")
	}
	if !r.training {
		r.working()
		defer func() { _ = s.atRest(r) }()
	}
	a, err := look.TakeApart(ctx, r.subject())
	if err != nil {
		return nil, err
	}
	a.Step = r.step()
	return a, nil
}

func (s *Session) sample(_ context.Context, r *run, c Command) (any, error) {
	return look.SampleOf(r.subject(), c.Set, c.Sample)
}

func (s *Session) wrong(ctx context.Context, r *run, c Command) (any, error) {
	return look.NextWrong(ctx, r.subject(), c.Sample)
}

func (s *Session) predict(_ context.Context, r *run, c Command) (any, error) {
	q := look.Question{Pixels: c.Pixels, Picture: c.Picture, Row: c.Row, Text: c.Text, Gradient: c.Gradient}
	if q.Pixels == nil && q.Picture == nil && q.Row == nil && q.Text == "" {
		if c.Set != "" && c.Set != "test" {
			return nil, errors.New("got a sample of the training set, want one of the test set, which it has not learnt")
		}
		q.Sample = &c.Sample
	}
	p, batch, err := look.Predict(r.subject(), q)
	if err != nil {
		return nil, err
	}
	if batch != nil {
		r.asked = batch
	}
	return p, nil
}

// howRead says how data of one's own were read: once, since all of them are looked at.
func (s *Session) howRead(_ context.Context, r *run, _ Command) (any, error) {
	m := r.material
	if m.read == nil && m.data != nil {
		var err error
		if m.read, err = look.ReadOf(r.subject(), m.data, m.name, !m.again); err != nil {
			return nil, err
		}
	}
	if m.read == nil {
		return nil, errors.New("these are no data of your own, whose columns were looked at")
	}
	return m.read, nil
}

// judged is what the model makes of what it has not learnt from, with the weights at rest.
func (s *Session) judged(ctx context.Context, r *run, _ Command) (any, error) {
	if r.training {
		return nil, nil // it was played on before this was read: there is nothing to tell, and nothing wrong
	}
	if _, err := r.evaluate(ctx, 0); err != nil {
		return nil, err
	}
	if r.judged.told != nil {
		return r.judged.told, nil
	}
	other, set := r.judged.test, "test"
	if r.material.data != nil {
		if set = "held"; r.material.held == nil {
			other = nil
		}
	}
	j, err := look.Judge(ctx, r.subject(), r.judged.train, other, set)
	if err != nil {
		return nil, err
	}
	j.Step, r.judged.told = r.step(), j
	return j, nil
}

// goOn has a text gone on with: a letter is a run of the model, so this is done beside, by a copy.
func (s *Session) goOn(_ context.Context, r *run, c Command) (any, error) {
	of := r.subject()
	of.Model = r.model.Clone()
	return beside(func(ctx context.Context) (any, error) {
		return look.Continue(ctx, of, c.Text, c.Length, c.Temperature, c.Seed)
	}), nil
}

// origin says where the run's samples come from, for who copies it as a command or a program.
func (r *run) origin() look.Origin {
	from := look.Origin{Segments: len(r.segments)}
	switch m := r.material; {
	case m.data != nil:
		from.Own, from.Brought = &m.config, m.brought
	case m.dir != "":
		from.Dir = m.dir
	default:
		from.Dataset = m.name
	}
	return from
}
