package models

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// The states of a trial.
const (
	Waiting  = "waiting"  // not begun
	Stopped  = "stopped"  // it goes on when the sweep does
	Finished = "finished" // to its last epoch, or where it stopped by itself
	Diverged = "diverged" // its loss is not finite
	Dropped  = "dropped"  // by halving
	Damaged  = "damaged"  // its folder cannot be read
)

// A Standing is what came of one variant of a sweep, over its seeds.
type Standing struct {
	Settings   []run.Setting
	Validation Spread // of the sweep's figure on what is held out, after each trial's latest epoch, or with the weights with which it ended
	Test       Spread // on the test set, by which nothing is compared, of trials that have ended
	Trials     []TrialStanding
	level      int // rungs that it has passed
}

// A TrialStanding is what came of one run of a sweep.
type TrialStanding struct {
	run.Trial
	State      string // Waiting, Stopped, Finished …
	Err        error  // what is damaged; else nil
	Epochs     []train.Epoch
	Validation float64 // the sweep's figure, NaN where there is none
	Test       float64 // likewise
}

// A Spread is the mean of figures and their standard deviation, of the sample (n−1); NaN where there are none, or not two.
type Spread struct {
	Mean, Std float64
	N         int
}

// SpreadOf is that of values.
func SpreadOf(values []float64) Spread {
	s := Spread{Mean: math.NaN(), Std: math.NaN(), N: len(values)}
	if s.N == 0 {
		return s
	}
	s.Mean = 0
	for _, v := range values {
		s.Mean += v / float64(s.N)
	}
	if low, high := slices.Min(values), slices.Max(values); low == high { // without what rounding would make of it
		s.Mean = low
	}
	if s.N > 1 {
		sum := 0.0
		for _, v := range values {
			sum += (v - s.Mean) * (v - s.Mean)
		}
		s.Std = math.Sqrt(sum / float64(s.N-1))
	}
	return s
}

// String is such as 0.9544 ± 0.0012.
func (s Spread) String() string {
	switch {
	case math.IsNaN(s.Mean):
		return "–"
	case math.IsNaN(s.Std):
		return train.FormatScore(s.Mean)
	}
	return train.FormatScore(s.Mean) + " ± " + train.FormatScore(s.Std)
}

// Standings reads what came of a sweep's trials so far, the best variant first: by the mean of the figure, after those that halving took further and before those that it dropped, or of which a trial diverged. A trial whose folder is damaged is left out of the means.
func Standings(s *run.Sweep) ([]Standing, error) {
	if s == nil || len(s.Plan.Trials) == 0 {
		return nil, errors.New("models: got a nil sweep, want one of run.OpenSweep")
	}
	all := standings(s)
	slices.SortStableFunc(all, func(a, b Standing) int { return compare(a, b, s.Plan.Figure) })
	return all, nil
}

// grouped are a plan's trials by their variants, in the plan's order.
func grouped(p run.Plan) (all [][]run.Trial) {
	at := map[string]int{}
	for _, t := range p.Trials {
		of, _, _ := strings.Cut(t.Name, "-")
		i, ok := at[of]
		if !ok {
			i = len(all)
			at[of], all = i, append(all, nil)
		}
		all[i] = append(all[i], t)
	}
	return all
}

// standings are in the plan's order.
func standings(s *run.Sweep) (all []Standing) {
	for _, trials := range grouped(s.Plan) {
		v := Standing{Settings: trials[0].Settings}
		for _, t := range trials {
			v.Trials = append(v.Trials, stand(s, t))
		}
		all = append(all, v)
	}
	drop(s.Plan, all)
	for i := range all {
		all[i].measure(s.Plan.Figure)
	}
	return all
}

// stand reads a trial's folder.
func stand(s *run.Sweep, t run.Trial) TrialStanding {
	is := TrialStanding{Trial: t, State: Waiting, Validation: math.NaN(), Test: math.NaN()}
	fail := func(err error) TrialStanding {
		is.State, is.Err = Damaged, err
		return is
	}
	folder, err := s.Open(t)
	if err != nil {
		return fail(err)
	}
	if folder == nil {
		return is
	}
	is.State = Stopped
	if is.Epochs, err = folder.Epochs(); err != nil {
		return fail(err)
	}
	result, err := folder.Result()
	if err != nil {
		return fail(err)
	}
	figure := s.Plan.Figure
	is.Validation = is.at(len(is.Epochs), figure)
	if result == nil {
		return is
	}
	if is.State = Finished; result.Diverged != nil {
		is.State = Diverged
	}
	if result.Test != nil {
		is.Test = figureOf(*result.Test, figure)
	}
	if result.Validation != nil {
		is.Validation = figureOf(*result.Validation, figure)
	} else if t.Config.File != "" && result.Test != nil { // of data of one's own, of which what is held out is all that is not learnt from
		is.Validation, is.Test = is.Test, math.NaN()
	}
	return is
}

// at is the trial's figure after an epoch, or after its last one where that came before.
func (t TrialStanding) at(epoch int, figure string) float64 {
	epoch = min(epoch, len(t.Epochs))
	if epoch == 0 || t.Epochs[epoch-1].Evaluated == nil {
		return math.NaN()
	}
	return figureOf(*t.Epochs[epoch-1].Evaluated, figure)
}

// over says whether there is nothing left to wait for before an epoch.
func (t TrialStanding) over(epoch int) bool {
	return len(t.Epochs) >= epoch || t.State == Finished || t.State == Diverged || t.State == Damaged
}

func figureOf(m train.Metrics, figure string) float64 {
	if figure == "loss" {
		return m.Loss
	}
	return m.Score(figure)
}

// measure sums up the trials.
func (v *Standing) measure(figure string) {
	var held, test []float64
	for _, t := range v.Trials {
		if !math.IsNaN(t.Validation) && t.State != Damaged {
			held = append(held, t.Validation)
		}
		if !math.IsNaN(t.Test) {
			test = append(test, t.Test)
		}
	}
	v.Validation, v.Test = SpreadOf(held), SpreadOf(test)
}

// drop is what halving has decided so far: at each of its rungs the worse half of the variants that have come to it, once all have. It follows from the trials' epochs alone, so that it is the same whenever it is looked at.
func drop(p run.Plan, all []Standing) {
	in := make([]int, len(all))
	for i := range in {
		in[i] = i
	}
	for _, epoch := range rungs(p) {
		at := make([]Standing, len(all)) // as they stood
		for _, i := range in {
			for _, t := range all[i].Trials {
				if !t.over(epoch) {
					return
				}
				t.Validation = t.at(epoch, p.Figure)
				at[i].Trials = append(at[i].Trials, t)
			}
			at[i].measure(p.Figure)
		}
		slices.SortStableFunc(in, func(a, b int) int { return compare(at[a], at[b], p.Figure) })
		keep := (len(in) + 1) / 2
		for _, i := range in[keep:] {
			for j := range all[i].Trials {
				if t := &all[i].Trials[j]; t.State == Stopped {
					t.State = Dropped
				}
			}
		}
		in = in[:keep]
		for _, i := range in {
			all[i].level++
		}
		slices.Sort(in)
	}
}

// compare puts the better variant first.
func compare(a, b Standing, figure string) int {
	last := func(v Standing) bool {
		return math.IsNaN(v.Validation.Mean) || slices.ContainsFunc(v.Trials, func(t TrialStanding) bool { return t.State == Diverged })
	}
	switch x, y := a.Validation.Mean, b.Validation.Mean; {
	case a.level != b.level:
		return b.level - a.level
	case last(a) != last(b):
		if last(a) {
			return 1
		}
		return -1
	case x == y || math.IsNaN(x) && math.IsNaN(y):
		return 0
	case math.IsNaN(y) || !math.IsNaN(x) && better(x, y, figure):
		return -1
	}
	return 1
}

// better says whether a figure is better than another one.
func better(a, b float64, figure string) bool {
	of := func(v float64) train.Epoch {
		return train.Epoch{Running: train.Metrics{Loss: v, Scores: []train.Score{{Name: figure, Value: v}}}}
	}
	return train.Best([]train.Epoch{of(b), of(a)}, figure) == 1
}
