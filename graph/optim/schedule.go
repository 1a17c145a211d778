package optim

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/graph/text"
)

// A Schedule gives each step a learning rate. It is a value without state: what it has to know of the run is a [Plan]. [Scheduled] is the optimizer that follows one.
//
// As text a schedule is a word and its settings, or several in turn: warmup 100, cosine 0.1 0.001. A rate of 0 that is to be 0, where it would
// be the optimizer's own, is [Zero].
type Schedule interface {
	// Validate returns an error that names the first setting out of its range.
	Validate() error
	// Steps is how many steps it lasts; 0 where it goes on for ever.
	Steps(Plan) int
	// At is the learning rate of its step t, from 0; beyond its last step that at its end.
	At(t int, p Plan) float64
}

// A Plan is what a schedule may know of the run.
type Plan struct {
	Rate  float64 // the optimizer's own learning rate, where a schedule names none; to Warmup what follows it
	Steps int     // from the schedule's first step to the end of the run; 0 where that is not known
	Epoch int     // steps in an epoch; 0 where that is not known
	Drops int     // how often the figure that Plateau goes by has stood still so far
}

func init() {
	add := text.Register[Schedule]
	add("constant", "the same learning rate", "constant 0.1 5epochs", Constant{})
	add("step", "times a factor, each so many steps or epochs", "step 10epochs 0.5", Step{})
	add("exponential", "times a factor, smoothly, over so many steps or an epoch", "exponential 0.95", Exponential{})
	add("polynomial", "down by a power of what is left; 1 is a line", "polynomial 0.1 power=2", Polynomial{})
	add("cosine", "down by half a cosine, with restarts where a cycle is given", "cosine 0.1 0.001", Cosine{})
	add("warmup", "up in a line, to the rate with which the next one begins", "warmup 100", Warmup{})
	add("one-cycle", "up to a peak and down to nearly nothing", "one-cycle 0.1", OneCycle{})
	add("plateau", "times a factor, each time that a figure has stood still for so many epochs", "plateau 0.5 patience=3", Plateau{})
	add("sequence", "schedules in turn", "sequence(warmup 100, cosine)", Sequence{}, text.Sequence)
}

// ParseSchedule is the schedule that a text describes, such as warmup 100, cosine 0.1 0.001; see package text. An unknown word, and a setting out of its range, is an error.
func ParseSchedule(s string) (Schedule, error) {
	net, err := text.ParseNet(s)
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	if len(net) == 0 {
		return nil, fmt.Errorf("schedule: got nothing, want one of %s", strings.Join(text.Words[Schedule](), ", "))
	}
	all, err := (&text.Decoder[Schedule]{}).Items(net)
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	schedule := Schedule(Sequence(all))
	if len(all) == 1 {
		schedule = all[0]
	}
	return schedule, schedule.Validate()
}

// FormatSchedule is the text of a schedule.
func FormatSchedule(s Schedule) (string, error) {
	all := []Schedule{s}
	if in, ok := s.(Sequence); ok && len(in) > 1 {
		all = in
	}
	net, err := (&text.Encoder[Schedule]{}).Items(all)
	return net.String(), err
}

// Rates are the learning rates of a run's steps by a schedule, for drawing it; those of a plateau that never comes.
func Rates(s Schedule, p Plan) ([]float64, error) {
	if err := checkSchedule(s); err != nil {
		return nil, err
	}
	if err := suits(s, p); err != nil {
		return nil, err
	}
	rates := make([]float64, max(0, p.Steps))
	for t := range rates {
		rates[t] = s.At(t, p)
	}
	return rates, nil
}

func checkSchedule(s Schedule) error {
	if v := reflect.ValueOf(s); s == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return errors.New("optim: got a nil schedule, want one, such as Cosine{}")
	}
	return s.Validate()
}

// A Length is a number of steps or of epochs. As text it is 100, or 5epochs.
type Length struct {
	n      int
	epochs bool
}

// Steps is a length of n steps.
func Steps(n int) Length { return Length{n, false} }

// Epochs is a length of n epochs.
func Epochs(n int) Length { return Length{n, true} }

// Of is the length in steps, with an epoch of so many.
func (l Length) Of(epoch int) int {
	if l.epochs {
		return l.n * epoch
	}
	return l.n
}

// String is 100 or 5epochs.
func (l Length) String() string {
	if l.epochs {
		return strconv.Itoa(l.n) + "epochs"
	}
	return strconv.Itoa(l.n)
}

// MarshalText is String.
func (l Length) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a whole number of at least 1, and perhaps "epochs" behind it.
func (l *Length) UnmarshalText(s []byte) error {
	digits := string(s)
	for _, unit := range []string{"epochs", "epoch"} {
		if d, ok := strings.CutSuffix(digits, unit); ok {
			digits, l.epochs = d, true
			break
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > maxLength {
		return fmt.Errorf("got %q, want a number of steps, 100, or of epochs, 5epochs", s)
	}
	l.n = n
	return nil
}

// maxLength is more than any run has, in steps.
const maxLength = 1 << 40

// lasts is a length in steps, that of the rest of the run where there is none.
func lasts(l Length, p Plan) int {
	if l.n == 0 {
		return p.Steps
	}
	return l.Of(p.Epoch)
}

// checkLengths refuses lengths that there are not.
func checkLengths(schedule string, lengths ...Length) error {
	for _, l := range lengths {
		if l.n < 0 || l.n > maxLength {
			return fmt.Errorf("optim: %s: got a length of %v, want at least 1", schedule, l)
		}
	}
	return nil
}

// or is a rate, the plan's own if it is 0.
func (p Plan) or(rate float64) float64 { return text.Value(rate, p.Rate) }

// suits refuses a plan that lacks what the schedule asks for.
func suits(s Schedule, p Plan) error {
	if in, ok := s.(Sequence); ok {
		for _, one := range in {
			if err := suits(one, p); err != nil {
				return err
			}
		}
		return nil
	}
	needy, ok := s.(interface{ needs() (end, epoch bool) })
	if !ok {
		return nil
	}
	word, err := FormatSchedule(s)
	if err != nil {
		word = fmt.Sprintf("%T", s)
	}
	switch end, epoch := needy.needs(); {
	case end && p.Steps < 1:
		return fmt.Errorf("optim: schedule %q: it goes to the end of the run, of which nobody has told: give it a length in steps, length=1000, or use train.Fit, which tells", word)
	case epoch && p.Epoch < 1:
		return fmt.Errorf("optim: schedule %q: it counts epochs, of which nobody has told: give it steps instead, or use train.Fit, which tells", word)
	}
	return nil
}

// Constant is one learning rate. PyTorch's ConstantLR is constant 0.03 5, constant 0.1; Keras' PiecewiseConstantDecay is a sequence of them.
type Constant struct {
	Rate   float64 `default:"the optimizer's"` // the optimizer's if 0
	Length Length  // for ever if 0
}

// Validate refuses a rate below 0.
func (s Constant) Validate() error {
	return validate("constant", s.Length, setting{"Rate", s.Rate, infinity})
}

// Steps is the length.
func (s Constant) Steps(p Plan) int { return s.Length.Of(p.Epoch) }

// At is the rate.
func (s Constant) At(_ int, p Plan) float64 { return p.or(s.Rate) }

func (s Constant) needs() (end, epoch bool) { return false, s.Length.epochs }

// Step multiplies the rate by a factor each so many steps (PyTorch's StepLR).
//
//	From·Factor^⌊t/Every⌋
type Step struct {
	Every  Length  // at least one step
	Factor float64 `default:"0.1"`             // 0: 0.1
	From   float64 `default:"the optimizer's"` // the optimizer's rate if 0
	Length Length  // for ever if 0
}

// Validate refuses settings out of range.
func (s Step) Validate() error {
	if s.Every.n == 0 {
		return errors.New("optim: step: got no Every, want the steps or epochs between two, such as step 10epochs 0.5")
	}
	return errors.Join(checkLengths("step", s.Every), validate("step", s.Length, setting{"Factor", s.Factor, infinity}, setting{"From", s.From, infinity}))
}

// Steps is the length.
func (s Step) Steps(p Plan) int { return s.Length.Of(p.Epoch) }

// At has the formula.
func (s Step) At(t int, p Plan) float64 {
	return p.or(s.From) * math.Pow(text.Value(s.Factor, 0.1), float64(t/max(1, s.Every.Of(p.Epoch))))
}

func (s Step) needs() (end, epoch bool) { return false, s.Every.epochs || s.Length.epochs }

// Exponential multiplies the rate by a factor over each so many steps, smoothly (PyTorch's ExponentialLR where Every is a step, Keras' ExponentialDecay).
//
//	From·Factor^(t/Every)
type Exponential struct {
	Factor float64 // above 0
	Every  Length  // an epoch if 0
	From   float64 `default:"the optimizer's"` // the optimizer's rate if 0
	Length Length  // for ever if 0
}

// Validate refuses settings out of range.
func (s Exponential) Validate() error {
	if !(s.Factor > 0 && s.Factor < infinity) {
		return fmt.Errorf("optim: exponential: Factor is %v, want a finite number above 0, such as exponential 0.95", s.Factor)
	}
	return errors.Join(checkLengths("exponential", s.Every), validate("exponential", s.Length, setting{"From", s.From, infinity}))
}

// Steps is the length.
func (s Exponential) Steps(p Plan) int { return s.Length.Of(p.Epoch) }

// At has the formula.
func (s Exponential) At(t int, p Plan) float64 {
	every := s.Every.Of(p.Epoch)
	if every == 0 {
		every = p.Epoch
	}
	return p.or(s.From) * math.Pow(s.Factor, float64(t)/float64(max(1, every)))
}

func (s Exponential) needs() (end, epoch bool) {
	return false, s.Every.epochs || s.Every.n == 0 || s.Length.epochs
}

// Polynomial goes down by a power of what is left of its length T (PyTorch's PolynomialLR, Keras' PolynomialDecay).
//
//	To + (From − To)·(1 − t/T)^Power
type Polynomial struct {
	From   float64 `default:"the optimizer's"` // the optimizer's rate if 0
	To     float64
	Power  float64 `default:"1"` // 0: 1, a line
	Length Length  // to the end of the run if 0
}

// Validate refuses settings out of range.
func (s Polynomial) Validate() error {
	return validate("polynomial", s.Length, setting{"From", s.From, infinity}, setting{"To", s.To, infinity}, setting{"Power", s.Power, infinity})
}

// Steps is the length.
func (s Polynomial) Steps(p Plan) int { return lasts(s.Length, p) }

// At has the formula.
func (s Polynomial) At(t int, p Plan) float64 {
	n, from, to := max(1, s.Steps(p)), p.or(s.From), text.Value(s.To, 0)
	return to + (from-to)*math.Pow(1-float64(min(t, n))/float64(n), text.Value(s.Power, 1))
}

func (s Polynomial) needs() (end, epoch bool) { return s.Length.n == 0, s.Length.epochs }

// Cosine goes down by half a cosine over its length T (Loshchilov and Hutter 2017, SGDR; PyTorch's CosineAnnealingLR), or with a cycle again and again, from the beginning,
// each cycle Growth times as long as the one before (CosineAnnealingWarmRestarts).
//
//	To + (From − To)·(1 + cos(π·t/T))/2
type Cosine struct {
	From   float64 `default:"the optimizer's"` // the optimizer's rate if 0
	To     float64
	Length Length // to the end of the run if 0
	Cycle  Length // of the first cycle; 0: one cycle, without restarts
	Growth int    `default:"1"` // 0: 1
}

// Validate refuses settings out of range.
func (s Cosine) Validate() error {
	switch {
	case s.Growth < 0:
		return fmt.Errorf("optim: cosine: Growth is %d, want at least 1, or 0 for 1", s.Growth)
	case s.Growth > 1 && s.Cycle.n == 0:
		return fmt.Errorf("optim: cosine: Growth is %d and there is no Cycle that grows: give one, such as cycle=5epochs", s.Growth)
	}
	return errors.Join(checkLengths("cosine", s.Cycle), validate("cosine", s.Length, setting{"From", s.From, infinity}, setting{"To", s.To, infinity}))
}

// Steps is the length.
func (s Cosine) Steps(p Plan) int { return lasts(s.Length, p) }

// At has the formula.
func (s Cosine) At(t int, p Plan) float64 {
	n, from, to := s.Steps(p), p.or(s.From), text.Value(s.To, 0)
	if n > 0 {
		t = min(t, n)
	}
	if s.Cycle.n > 0 {
		ended := n > 0 && t == n
		n = max(1, s.Cycle.Of(p.Epoch))
		if ended {
			t-- // the end of a cycle, not the restart behind it
		}
		if growth := max(1, s.Growth); growth == 1 {
			t %= n
		} else {
			for t >= n {
				t -= n
				n *= growth
			}
		}
		if ended {
			t++
		}
	}
	return to + (from-to)*(1+math.Cos(math.Pi*float64(t)/float64(max(1, n))))/2
}

func (s Cosine) needs() (end, epoch bool) {
	return s.Length.n == 0 && s.Cycle.n == 0, s.Length.epochs || s.Cycle.epochs
}

// Warmup goes up in a line to the rate with which the schedule after it begins, or to the optimizer's own (Goyal et al. 2017; PyTorch's LinearLR before another, in SequentialLR).
//
//	From + (rate − From)·t/Length
type Warmup struct {
	Length Length // at least one step
	From   float64
}

// Validate refuses settings out of range.
func (s Warmup) Validate() error {
	if s.Length.n == 0 {
		return errors.New("optim: warmup: got no Length, want so many steps or epochs, such as warmup 100")
	}
	return validate("warmup", s.Length, setting{"From", s.From, infinity})
}

// Steps is the length.
func (s Warmup) Steps(p Plan) int { return s.Length.Of(p.Epoch) }

// At has the formula.
func (s Warmup) At(t int, p Plan) float64 {
	n, from := max(1, s.Steps(p)), text.Value(s.From, 0)
	if t >= n {
		return p.Rate
	}
	return from + (p.Rate-from)*float64(t)/float64(n)
}

func (s Warmup) needs() (end, epoch bool) { return false, s.Length.epochs }

// OneCycle goes up from Peak/25 to Peak over the first Rise of its steps, and down to Peak/250000 over the rest, both by half a cosine (Smith and Topin 2018; PyTorch's
// OneCycleLR, which moves the momentum too unless cycle_momentum is False: this one does not).
type OneCycle struct {
	Peak   float64 `default:"the optimizer's"` // the optimizer's rate if 0
	Length Length  // to the end of the run if 0
	Rise   float64 `default:"0.3"`   // share of the steps, in [0, 1); 0: 0.3
	Start  float64 `default:"25"`    // what Peak is divided by at the beginning; 0: 25
	End    float64 `default:"10000"` // what the first rate is divided by at the end; 0: 10000
}

// Validate refuses settings out of range.
func (s OneCycle) Validate() error {
	return validate("one-cycle", s.Length, setting{"Peak", s.Peak, infinity}, setting{"Rise", s.Rise, 1}, setting{"Start", s.Start, infinity}, setting{"End", s.End, infinity})
}

// Steps is the length.
func (s OneCycle) Steps(p Plan) int { return lasts(s.Length, p) }

// At is PyTorch's formula: the last of n steps has the smallest rate.
func (s OneCycle) At(t int, p Plan) float64 {
	n, peak := s.Steps(p), p.or(s.Peak)
	first := peak / max(1, text.Value(s.Start, 25))
	last := first / max(1, text.Value(s.End, 10000))
	top, end := text.Value(s.Rise, 0.3)*float64(n)-1, float64(n-1)
	between := func(a, b, share float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*share))/2 }
	switch x := min(float64(t), end); {
	case x <= top && top > 0:
		return between(first, peak, x/top)
	case end <= max(top, 0):
		return last
	default:
		return between(peak, last, (x-max(top, 0))/(end-max(top, 0)))
	}
}

func (s OneCycle) needs() (end, epoch bool) { return s.Length.n == 0, s.Length.epochs }

// Plateau multiplies the rate by a factor each time that a figure has not got better for Patience epochs (Keras' and PyTorch's ReduceLROnPlateau, whose patience of n−1
// is n here, as it is in Keras). Better is by more than the share Threshold of the best so far.
//
//	max(From·Factor^drops, Least)
type Plateau struct {
	Factor    float64 `default:"0.1"` // in [0, 1); 0: 0.1
	Patience  int     `default:"10"`  // epochs; 0: 10
	Of        string  // the figure, as the epochs have it: "loss" if ""; on the validation data where there are any
	Least     float64 // rate below which it does not go
	From      float64 `default:"the optimizer's"` // the optimizer's rate if 0
	Cooldown  int     // epochs after a drop that do not count
	Threshold float64 `default:"0.0001"` // 0: 0.0001
}

// Validate refuses settings out of range.
func (s Plateau) Validate() error {
	if s.Patience < 0 || s.Cooldown < 0 {
		return fmt.Errorf("optim: plateau: Patience is %d and Cooldown %d, want at least 0", s.Patience, s.Cooldown)
	}
	return validate("plateau", Length{}, setting{"Factor", s.Factor, 1}, setting{"Least", s.Least, infinity}, setting{"From", s.From, infinity}, setting{"Threshold", s.Threshold, 1})
}

// Steps is 0: it goes on for ever.
func (s Plateau) Steps(Plan) int { return 0 }

// At has the formula.
func (s Plateau) At(_ int, p Plan) float64 {
	from := p.or(s.From)
	if p.Drops == 0 {
		return from
	}
	return max(from*math.Pow(text.Value(s.Factor, 0.1), float64(p.Drops)), min(from, text.Value(s.Least, 0)))
}

// Sequence are schedules in turn, each for as long as it lasts; the last one's last rate stays. One that says nothing of its length lasts to the end of the run.
type Sequence []Schedule

// Validate refuses what one of them does, and one behind another that never ends.
func (s Sequence) Validate() error {
	if len(s) == 0 {
		return errors.New("optim: sequence: got no schedules, want at least one")
	}
	plateaus := 0
	for i, one := range s {
		if err := checkSchedule(one); err != nil {
			return err
		}
		if _, ok := one.(Sequence); ok {
			return errors.New("optim: sequence: got a sequence within it, want its schedules themselves")
		}
		if _, ok := one.(Plateau); ok {
			plateaus++
		}
		if i < len(s)-1 && one.Steps(Plan{Epoch: 1}) == 0 {
			text, _ := FormatSchedule(one)
			return fmt.Errorf("optim: sequence: schedule %d of %d, %q, goes on to the end, and others come behind it: give it a length, such as length=5epochs", i+1, len(s), text)
		}
	}
	if plateaus > 1 {
		return fmt.Errorf("optim: sequence: got %d plateaus, want one at most", plateaus)
	}
	return nil
}

// Steps is the sum of their lengths; 0 where one goes on for ever.
func (s Sequence) Steps(p Plan) (sum int) {
	for i := range s {
		n := s[i].Steps(s.plan(i, p))
		if n == 0 {
			return 0
		}
		sum += n
	}
	return sum
}

// At is the rate of the one whose turn it is.
func (s Sequence) At(t int, p Plan) float64 {
	for i := range s {
		plan := s.plan(i, p)
		n := s[i].Steps(plan)
		if i == len(s)-1 || n == 0 || t < n {
			return s[i].At(t, plan)
		}
		t -= n
	}
	return p.Rate
}

// plan is that of one of them.
func (s Sequence) plan(i int, p Plan) Plan {
	for k := range i {
		if n := s[k].Steps(p); p.Steps > 0 {
			p.Steps = max(1, p.Steps-n)
		}
	}
	if _, ok := s[i].(Warmup); ok && i+1 < len(s) {
		next := p
		if n := s[i].Steps(p); p.Steps > 0 {
			next.Steps = max(1, p.Steps-n)
		}
		next.Drops = 0
		if follows, ok := s[i+1].(Warmup); ok { // a line to where the next line begins
			p.Rate = text.Value(follows.From, 0)
		} else {
			p.Rate = s[i+1].At(0, next)
		}
	}
	return p
}

func validate(schedule string, length Length, settings ...setting) error {
	if err := checkLengths(schedule, length); err != nil {
		return err
	}
	return checkSettings(schedule, settings...)
}
