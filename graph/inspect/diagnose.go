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

	OneClass           Code = "one-class"
	ConstantTargets    Code = "targets-constant"
	ConstantFeatures   Code = "features-constant"
	DuplicatedFeatures Code = "features-duplicated"
	UnscaledTargets    Code = "targets-not-scaled"
	WrongLabels        Code = "labels-wrong"
	NoisyLabels        Code = "labels-noisy"
	Imbalance          Code = "class-imbalance"
	SymmetricWeights   Code = "weights-symmetric"
	LastActivation     Code = "last-activation"
	HighDropout        Code = "dropout-high"
	HighDecay          Code = "decay-high"
	LaggingMoments     Code = "moments-lag"
	TooSmall           Code = "network-too-small"
	TooLinear          Code = "network-too-linear"
	AtLimit            Code = "at-limit"

	FewTests    Code = "test-set-small"
	Unexplained Code = "unexplained"
	NotJudged   Code = "not-judged"
	Healthy     Code = "healthy"
)

// A Finding is one thing that is wrong with a run, in words.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Layer    string   `json:"layer,omitempty"` // the one that is worst, or where it begins; "" where it is of the whole
	Evidence string   `json:"evidence"`        // what was measured
	Advice   string   `json:"advice"`          // what to try

	said phrase // Evidence, and what it is put together of
}

// Codes are those of all findings that there are.
func Codes() []Code {
	return []Code{NotFinite, Collapsed, NotLearnt, StillLearning,
		UnscaledInputs, StarvingLoss, Vanishing, TooFewUpdates, RateTooHigh, DeadUnits, SaturatedUnits, Exploding, RateTooLow, Overfitting, ShiftedTest, BatchTooSmall,
		OneClass, ConstantTargets, ConstantFeatures, DuplicatedFeatures, UnscaledTargets, WrongLabels, NoisyLabels, Imbalance, SymmetricWeights, LastActivation, HighDropout, HighDecay, LaggingMoments, TooSmall, TooLinear, AtLimit,
		FewTests, Unexplained, NotJudged, Healthy}
}

// found is a finding of the whole.
func found(code Code, severity Severity, evidence phrase, advice string) []Finding {
	return foundIn("", code, severity, evidence, advice)
}

// foundIn is a finding of a layer.
func foundIn(layer string, code Code, severity Severity, evidence phrase, advice string) []Finding {
	return []Finding{{code, severity, layer, evidence.text, advice, evidence}}
}

// Diagnose says what is wrong with a run, in order of weight: what is seen first, then why. A run of which nothing is wrong is
// Healthy, beside which stands at most BatchTooSmall, which is slow and no more; or FewTests where its test set is too small to say
// that of it. The context can stop it.
func Diagnose(ctx context.Context, r *Record) ([]Finding, error) {
	if r.Model == nil || r.Loss == nil || r.Train.Result == nil || r.Train.Data == nil || len(r.Snapshots) == 0 {
		return nil, fmt.Errorf("inspect: diagnosing %s: got a record without its model, loss, training data, their evaluation or any snapshot, want all of them", r.Name)
	}
	f, err := measure(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("inspect: diagnosing %s: %w", r.Name, err)
	}
	if f == nil {
		return notJudged(r), nil
	}
	return f.findings(), nil
}

// findings are what the rules find, in order.
func (f *facts) findings() []Finding {
	var findings []Finding
	for _, rule := range rules {
		findings = append(findings, rule(f)...)
	}
	has := func(codes ...Code) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return slices.Contains(codes, f.Code) })
	}
	drop := func(codes ...Code) { // what follows of another finding, and whose remedy would lead astray
		findings = slices.DeleteFunc(findings, func(f Finding) bool { return slices.Contains(codes, f.Code) })
	}
	if slices.ContainsFunc(findings, func(f Finding) bool { return (f.Code == WrongLabels || f.Code == NoisyLabels) && f.Severity != Note }) {
		drop(Overfitting)
	}
	if has(UnscaledInputs, SymmetricWeights, HighDropout, HighDecay) || f.noInputs() != nil {
		drop(DeadUnits, SaturatedUnits)
	}
	explained, held, overfits := false, false, false // by a cause; by one that holds back what it learns of the training set
	for _, f := range findings {
		if slices.Contains(symptoms, f.Code) || f.Severity == Note {
			continue
		}
		explained, overfits = true, overfits || f.Code == Overfitting
		held = held || f.Code != Overfitting && f.Code != ShiftedTest
	}
	if explained {
		drop(AtLimit)
	}
	for i := range findings {
		switch {
		case findings[i].Code != StillLearning:
		case held:
			findings[i].Advice = "What it learnt it learnt in part: the causes below say what holds it back."
		case overfits:
			findings[i].Advice = "More epochs would teach it more of the training set, and less that holds for the test set: watch the test figure."
		}
	}
	if !explained && !f.early() {
		switch few := f.tooFew(); {
		case few != nil:
			findings = append(findings, few...)
		case f.failed() || f.struggling() && (f.stands() || f.Stopped != ""):
			findings = append(findings, f.unexplained()...)
		}
	}
	findings = f.soFar(findings)
	wrong := slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Severity == Error || f.Severity == Warning || f.Code == AtLimit || f.Code == Unexplained
	})
	if !wrong {
		fine := f.fewTests(len(findings) == 0)
		// A note is worth less than a warning, and yet says that something is wrong: from there on nobody says that nothing is.
		if fine == nil && !slices.ContainsFunc(findings, func(f Finding) bool { return f.Code != BatchTooSmall }) {
			fine = f.healthy()
		}
		findings = append(findings, fine...)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return weight(a.Severity) - weight(b.Severity) })
	return findings
}

// early: less than half of the run is over.
func (f *facts) early() bool { return f.Ahead > f.Steps }

// soFar are the findings of a run under way: what more steps may mend is said as of now, and in its first half it is no error.
func (f *facts) soFar(findings []Finding) []Finding {
	if f.Ahead == 0 {
		return findings
	}
	for i, g := range findings {
		switch g.Code {
		case NotFinite, OneClass, ConstantTargets, ConstantFeatures, DuplicatedFeatures, WrongLabels, UnscaledInputs, UnscaledTargets, SymmetricWeights, LastActivation, Healthy:
			continue // as sure now as in the end
		case Collapsed, NotLearnt, StillLearning:
			said := say("so far, after %d of %d steps: %s", f.Steps, f.Steps+f.Ahead, g.said)
			if findings[i].Evidence, findings[i].said = said.text, said; f.early() {
				findings[i].Advice = "It is early: let it train on, and look again."
			}
		}
		if f.early() && findings[i].Severity == Error {
			findings[i].Severity = Warning
		}
	}
	return findings
}

// notJudged says of a run that is not of samples with a class each whether it stayed finite, and that more is not known.
func notJudged(r *Record) []Finding {
	findings := (&facts{Record: r}).notFinite()
	return append(findings, found(NotJudged, Note, say("the rules know networks with one output and one target that can be held against it; this one has others"),
		"Look at the curves of loss and metrics on both sets, and at the gradients layer by layer: what vanishes, explodes or stands still does so here too.")...)
}

func weight(s Severity) int { return slices.Index([]Severity{OK, Error, Warning, Note}, s) }

// symptoms are what is seen; the other codes are causes.
var symptoms = []Code{NotFinite, Collapsed, NotLearnt, StillLearning}

// rules are asked in this order, which is that of findings of one severity.
var rules = []func(*facts) []Finding{
	(*facts).notFinite, (*facts).collapsed, (*facts).notLearnt,
	(*facts).oneClass, (*facts).constantTargets, (*facts).noInputs, (*facts).otherLabels, (*facts).shifted,
	(*facts).unscaled, (*facts).targets, (*facts).last, (*facts).symmetric, (*facts).starving,
	(*facts).tooMuchDecay, (*facts).tooMuchDropout, (*facts).vanishing, (*facts).lagging,
	(*facts).rateTooHigh, (*facts).exploding, (*facts).dead, (*facts).saturated, (*facts).rateTooLow,
	(*facts).sameFeatures, (*facts).imbalance, (*facts).wrongLabels, (*facts).noisyLabels, (*facts).tooLittle,
	(*facts).overfitting, (*facts).batchTooSmall, (*facts).atTheLimit,
}
