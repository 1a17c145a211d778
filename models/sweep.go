package models

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// A Sweep trains experiments that differ in their settings, each with several seeds, to see which is best by a figure of samples that are held out of the training set.
//
//	plan, err := models.Sweep{Variants: variants, Seeds: []uint64{1, 2, 3}}.Plan("mnist", digits)
//	sweep, err := run.CreateSweep("rates", plan, digits)
//	defer sweep.Close()
//	err = models.RunSweep(ctx, sweep, digits, test, models.SweepOptions{Jobs: 4})
//	standings, err := models.Standings(sweep)
type Sweep struct {
	Variants []Variant
	Seeds    []uint64 // that each is trained with; {1} if nil
	Figure   string   // by which they are compared: "loss", or a metric's name; "accuracy" if ""
	Halving  bool     // successive halving (Jamieson and Talwalkar 2016): at an eighth, a quarter, a half of the epochs only the better half of the variants goes on
}

// A Variant is an experiment of a sweep, with what makes it another than the others, in words.
type Variant struct {
	Settings   []run.Setting
	Experiment Experiment // holds out 0.2 of its training samples if its Validation is 0
}

// defaultValidation is the share of the training samples by which a sweep compares where nobody says another.
const defaultValidation = .2

// Plan is the sweep as run.CreateSweep takes it: a run for each variant and seed. dataset and data are as RunConfig has them. The error is of a variant whose network does not suit the data, or that cannot be compared with the others.
func (s Sweep) Plan(dataset string, data datasets.Data) (run.Plan, error) {
	p := run.Plan{Figure: s.Figure, Halving: s.Halving}
	if p.Figure == "" {
		p.Figure = "accuracy"
	}
	seeds := s.Seeds
	if seeds == nil {
		seeds = []uint64{1}
	}
	if len(seeds) == 0 || len(s.Variants) == 0 || len(s.Variants) > run.MaxTrials/len(seeds) {
		return p, fmt.Errorf("models: got a sweep of %d settings with %d seeds each, want at least one of both, and at most %d runs in all", len(s.Variants), len(seeds), run.MaxTrials)
	}
	seen := map[string]bool{} // losses
	for i, v := range s.Variants {
		e := v.Experiment
		if e.Validation == 0 {
			e.Validation = defaultValidation
		}
		fail := func(err error) (run.Plan, error) {
			if label := Label(v.Settings); label != "" {
				err = fmt.Errorf("%s: %w", label, err)
			}
			return p, fmt.Errorf("models: %w", err)
		}
		for j, seed := range seeds {
			c, err := e.RunConfig(seed, dataset, data)
			if err != nil {
				return fail(err)
			}
			if len(c.Experiment.Own) > 0 {
				return fail(fmt.Errorf("got a %s without words, which no plan can keep: want what package text has a word for", c.Experiment.Own[0]))
			}
			if measured := c.Experiment.Loss; j == 0 && !seen[measured] {
				seen[measured] = true
				if err := e.measures(p.Figure, data, seed); err != nil {
					return fail(err)
				}
			}
			p.Trials = append(p.Trials, run.Trial{Name: run.TrialName(i, len(s.Variants), seed), Settings: v.Settings, Config: c})
		}
	}
	return p, nil
}

// measures is an error where a run of the experiment has no such figure.
func (e Experiment) measures(figure string, data datasets.Data, seed uint64) error {
	held, err := e.Held(data, seed)
	if err != nil {
		return err
	}
	one, err := datasets.Rows(held, []int{0})
	if err != nil {
		return err
	}
	m, err := e.Model(data.Info(), seed)
	if err != nil {
		return err
	}
	names, err := Measured(m, one, train.Config{Loss: e.Loss, Metrics: e.Metrics})
	if err == nil && !slices.Contains(names, figure) {
		err = fmt.Errorf("got %q to compare trials by, want what is measured: %s", figure, strings.Join(names, " or "))
	}
	return err
}

// Measured are the names of what is measured of a model on data: loss, and the metrics.
func Measured(m *graph.Model, data datasets.Data, how train.Config) ([]string, error) {
	got, err := train.Evaluate(context.Background(), m, data, train.Config{Loss: how.Loss, Metrics: how.Metrics})
	if err != nil {
		return nil, err
	}
	names := []string{"loss"}
	for _, s := range got.Scores {
		names = append(names, s.Name)
	}
	return names, nil
}

// SweepOptions say how a sweep is carried out, which changes nothing in what comes of it.
type SweepOptions struct {
	Ranks  train.Ranks                      // that share the trials, each of which one of them trains; the sweep's folder must be all of theirs, and one of them has it locked; nil for this process alone
	Jobs   int                              // trials that are trained at once; one if 0
	Epoch  func(t run.Trial, e train.Epoch) // is told of every epoch, from several goroutines; may be nil
	Failed func(t run.Trial, err error)     // is told of a trial that cannot be trained, likewise: the others are trained all the same; may be nil

	Observers func(t run.Trial) []train.Observer // makes a trial's own, likewise; may be nil
}

// errRung ends a trial that is to be compared before it goes on.
var errRung = errors.New("the sweep compares its trials")

// RunSweep trains the trials of a sweep that are not over, as far as each is to be trained: what has begun goes on, and what is over stays as it is, so that a sweep that was stopped, however that came about, ends in the same bits as one that never
// was. trainSet and testSet are the samples as they come. What keeps a single trial from being trained is told to Failed, and left out of what is compared; the error is of the context, or of a sweep that is none.
func RunSweep(ctx context.Context, s *run.Sweep, trainSet, testSet datasets.Data, o SweepOptions) error {
	if s == nil || len(s.Plan.Trials) == 0 || none(trainSet) || none(testSet) {
		return errors.New("models: got a nil sweep, or nil data, want one of run.CreateSweep or run.ResumeSweep, and its data")
	}
	return RunTrials(ctx, s, o, func(ctx context.Context, rec *run.Recorder, observers ...train.Observer) error {
		return trial(ctx, rec, trainSet, testSet, observers)
	})
}

// RunTrials is RunSweep of trials that are no experiments: do trains the run of a recorder from where it is, told of by these observers, which come after its own, the recorder among them, and calls Finish where it has
// ended. It does not close the recorder, and returns the error of train.Fit, as it is or wrapped. It is called from several goroutines.
func RunTrials(ctx context.Context, s *run.Sweep, o SweepOptions, do func(ctx context.Context, rec *run.Recorder, observers ...train.Observer) error) error {
	if s == nil || len(s.Plan.Trials) == 0 || do == nil {
		return errors.New("models: got a nil sweep, or no function to train its trials, want one of run.CreateSweep or run.ResumeSweep, and how a run is trained")
	}
	const end = math.MaxInt
	for _, until := range append(rungs(s.Plan), end) {
		var left []run.Trial
		for _, v := range standings(s) {
			for _, t := range v.Trials {
				if t.State != Dropped && (t.State == Damaged || !t.over(until)) && o.deals(s.Plan, t.Trial) {
					left = append(left, t.Trial)
				}
			}
		}
		err := each(ctx, left, o, func(t run.Trial) error { return carryOn(ctx, s, t, until, o, do) })
		if err = train.Agree(o.Ranks, err); err != nil {
			return err
		}
		for _, v := range standings(s) {
			for _, t := range v.Trials {
				if t.State != Dropped && !t.over(until) && until != end {
					return fmt.Errorf("models: trial %s has not come to epoch %d, at which the sweep's trials are compared: see to what keeps it from it, and go on with the sweep", t.Name, until)
				}
			}
		}
	}
	return nil
}

// deals says whether a trial is one of this rank's: by its place in the plan, since the others may have begun.
func (o SweepOptions) deals(p run.Plan, t run.Trial) bool {
	if o.Ranks == nil {
		return true
	}
	at := slices.IndexFunc(p.Trials, func(planned run.Trial) bool { return planned.Name == t.Name })
	return at%o.Ranks.Size() == o.Ranks.Rank()
}

// each trains trials side by side.
func each(ctx context.Context, trials []run.Trial, o SweepOptions, do func(run.Trial) error) error {
	queue := make(chan run.Trial)
	var wait sync.WaitGroup
	for range max(1, o.Jobs) {
		wait.Go(func() {
			for t := range queue {
				if err := do(t); err != nil && ctx.Err() == nil && o.Failed != nil {
					o.Failed(t, err)
				}
			}
		})
	}
	for _, t := range trials {
		select {
		case queue <- t:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	wait.Wait()
	return context.Cause(ctx)
}

// carryOn has a trial trained to its end, or to an epoch at which it is compared, which it has not come to yet.
func carryOn(ctx context.Context, s *run.Sweep, t run.Trial, until int, o SweepOptions, do func(context.Context, *run.Recorder, ...train.Observer) error) (err error) {
	rec, err := s.Recorder(t)
	if errors.Is(err, run.ErrFinished) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() {
		if closed := rec.Close(); err == nil {
			err = closed
		}
	}()
	rung := train.ObserverFunc("sweep", func(ev *train.Event) error {
		if ev.Moment != train.Epochal {
			return nil
		}
		if o.Epoch != nil {
			o.Epoch(t, ev.History.Epochs[len(ev.History.Epochs)-1])
		}
		if ev.Position.Epoch == until && until < ev.Config.Epochs {
			return errRung
		}
		return nil
	})
	observers := []train.Observer{rec, rung}
	if o.Observers != nil {
		observers = append(o.Observers(t), observers...)
	}
	if err := do(ctx, rec, observers...); err != nil && !errors.Is(err, errRung) {
		return err
	}
	return nil
}

// trial trains a run of an experiment.
func trial(ctx context.Context, rec *run.Recorder, trainSet, testSet datasets.Data, observers []train.Observer) error {
	config := rec.Folder().Config
	e, err := OfRun(config)
	if err != nil {
		return err
	}
	options := RunOptions{Seed: config.Seed, Start: rec.Start(), Before: rec.Epochs(), Observers: observers}
	if options.Model, err = config.Model(); err != nil {
		return err
	}
	if e.Patience > 0 {
		if options.Weights, err = rec.BestWeights(options.Model); err != nil {
			return err
		}
	}
	result, err := e.Run(ctx, trainSet, testSet, options)
	if err != nil {
		return err
	}
	return rec.Finish(result.RunResult())
}

// rungs are the epochs at which a sweep with halving compares its settings, but for the last: halves of the epochs, as many as it takes to leave one, of at least one epoch.
func rungs(p run.Plan) []int {
	if !p.Halving {
		return nil
	}
	epochs := p.Trials[0].Config.Experiment.Epochs
	n := min(bits.Len(uint(len(grouped(p))-1)), bits.Len(uint(epochs))-1)
	var all []int
	for i := n; i >= 1; i-- {
		all = append(all, epochs>>i)
	}
	return all
}
