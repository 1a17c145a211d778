package inspect

import (
	"context"
	"fmt"
	"slices"
)

// A Severity is how much a finding weighs.
type Severity string

const (
	Error   Severity = "error"   // the run failed, or this is why
	Warning Severity = "warning" // the run falls short
	Note    Severity = "note"    // worth knowing
	OK      Severity = "ok"      // nothing is wrong
)

// A Code names a kind of finding; the package comment lists them.
type Code string

// What is seen first.
const (
	NotFinite     Code = "not-finite"
	Collapsed     Code = "single-class"
	NotLearnt     Code = "not-learnt"
	StillLearning Code = "still-learning"
)

// Why.
const (
	UnscaledInputs Code = "inputs-not-scaled"
	StarvingLoss   Code = "loss-starves"
	Vanishing      Code = "vanishing-gradient"
	TooFewUpdates  Code = "too-few-updates"
	RateTooHigh    Code = "learning-rate-high"
	DeadUnits      Code = "dead-relu"
	SaturatedUnits Code = "saturation"
	Exploding      Code = "exploding-gradient"
	RateTooLow     Code = "learning-rate-low"
	Overfitting    Code = "overfitting"
	ShiftedTest    Code = "test-data-shifted"
	BatchTooSmall  Code = "batch-small"
	Unexplained    Code = "unexplained"
	NotJudged      Code = "not-judged"
	Healthy        Code = "healthy"
)

// A Finding is one thing that is wrong with a run, in words.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Evidence string   `json:"evidence"` // what was measured
	Advice   string   `json:"advice"`   // what to try
}

// Diagnose says what is wrong with a run, in order of weight: what is seen first, then why. A run of which nothing is wrong is
// Healthy, which may be followed by notes. The context can stop it.
func Diagnose(ctx context.Context, r *Record) ([]Finding, error) {
	if r.Model == nil || r.Loss == nil || r.Train.Result == nil || r.Train.Data == nil || len(r.Snapshots) == 0 {
		return nil, fmt.Errorf("inspect: diagnosing %s: got a record without its model, loss, training data, their evaluation or any snapshot, want all of them", r.Name)
	}
	if r.Train.Set() == nil || r.Train.Result.Confusion == nil {
		return notJudged(r), nil
	}
	f, err := measure(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("inspect: diagnosing %s: %w", r.Name, err)
	}
	var findings []Finding
	for _, rule := range rules {
		findings = append(findings, rule(f)...)
	}
	explained := slices.ContainsFunc(findings, func(f Finding) bool { return !slices.Contains(symptoms, f.Code) && f.Severity != Note })
	if f.failed() && !explained {
		findings = append(findings, f.unexplained()...)
	}
	healthy := !slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error || f.Severity == Warning })
	if healthy {
		findings = append(findings, f.healthy())
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return weight(a.Severity) - weight(b.Severity) })
	return findings, nil
}

// notJudged says of a run that is not of samples with a class each whether it stayed finite, and that more is not known.
func notJudged(r *Record) []Finding {
	findings := (&facts{Record: r}).notFinite()
	return append(findings, Finding{NotJudged, Note, "the rules know networks that tell classes apart, one a sample; this one does something else",
		"Look at the curves of loss and metrics on both sets, and at the gradients layer by layer: what vanishes, explodes or stands still does so here too."})
}

func weight(s Severity) int { return slices.Index([]Severity{OK, Error, Warning, Note}, s) }

// symptoms are what is seen; the other codes are causes.
var symptoms = []Code{NotFinite, Collapsed, NotLearnt, StillLearning}

// rules are asked in this order, which is that of findings of one severity.
var rules = []func(*facts) []Finding{
	(*facts).notFinite, (*facts).collapsed, (*facts).notLearnt, (*facts).shifted,
	(*facts).unscaled, (*facts).starving, (*facts).vanishing, (*facts).tooFew,
	(*facts).rateTooHigh, (*facts).exploding, (*facts).dead, (*facts).saturated, (*facts).rateTooLow,
	(*facts).overfitting, (*facts).batchTooSmall,
}
