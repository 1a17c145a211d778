package inspect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// Thresholds, from what the lecture's experiments and their variations showed; the table test holds them to it.
const (
	learntSkill    = .5   // below: not learnt
	goodSkill      = .875 // below: still learning
	fewSteps       = 400
	vanishingRatio = 1e-4 // first layer's gradient norm against the largest
	fadingRatio    = .03  // the same, where nothing else says why nothing was learnt
	starvedRatio   = 10
	deadShare      = .5
	saturatedShare = .5
	highUpdate     = .1   // ‖Δw‖/‖w‖ of a step
	highStart      = .3   // of the first step, which sets right what the weights happened to say
	wildUpdate     = 1    // the same, where it says more than the number of updates
	lowUpdate      = 1e-4 // of the layer that moves most
	explodingNorm  = 1e3
	overfitGap     = .08 // accuracy
	shiftDistance  = .15
	largeInputs    = 5 // root mean square
	smallInputs    = .01
	smallBatch     = 8
)

// spelt is a number to three places.
func spelt(v float64) string { return fmt.Sprintf("%.3g", v) }

// accuracy is written as the lecture writes it: .1135.
func accuracy(v float64) string {
	s := fmt.Sprintf("%.4f", v)
	if v < 1 && v >= 0 && s[0] == '0' {
		return s[1:]
	}
	return s
}

func (f *facts) collapsed() []Finding {
	if math.IsNaN(f.Train.Result.Loss) {
		return nil // its outputs are no numbers: it says nothing, and the first class is what that is taken for
	}
	one := f.saidTop >= .97 && f.share < .6
	two := len(f.said) > 3 && f.saidTwo >= .99 && f.skill < .2
	if !one && !two {
		return nil
	}
	says := fmt.Sprintf("it says %q for %s training image: %s is the share of %q there", f.class(f.said[0]), every(f.saidTop), accuracy(f.Train.Result.TopK(1)), f.class(f.said[0]))
	if !one {
		says = fmt.Sprintf("it says only %q or %q: training accuracy %s", f.class(f.said[0]), f.class(f.said[1]), accuracy(f.Train.Result.TopK(1)))
	}
	if len(f.Tests) > 0 && f.Tests[0].Result != nil {
		says += fmt.Sprintf(", test accuracy %s", accuracy(f.Tests[0].Result.TopK(1)))
	}
	return []Finding{{Collapsed, Error, says, "Do not read the accuracy as something learnt: which class it says is chance, and another seed says another. Look at the causes below."}}
}

func every(share float64) string {
	if share == 1 {
		return "every"
	}
	return fmt.Sprintf("nearly every (%.1f %%)", 100*share)
}

func (f *facts) notLearnt() []Finding {
	if !f.struggling() {
		return nil
	}
	evidence := fmt.Sprintf("training accuracy %s, where always saying the most frequent class earns %s", accuracy(f.Train.Result.TopK(1)), accuracy(f.share))
	if len(f.Tests) > 0 && f.Tests[0].Result != nil {
		evidence += fmt.Sprintf("; test accuracy %s", accuracy(f.Tests[0].Result.TopK(1)))
	}
	if f.failed() {
		return []Finding{{NotLearnt, Error, evidence,
			"Look at the training set before the test set: it has not learnt what it was shown, so this is not overfitting, and dropout or more data would not help. Mend the training first: the loss, the activation, the optimizer, the inputs."}}
	}
	advice := "Train for more epochs, or faster: " + strings.Join(f.faster(), ", ") + "."
	if n := len(f.Epochs); n >= 2 && f.Epochs[n-1].Running.Loss < f.Epochs[n-2].Running.Loss {
		evidence += fmt.Sprintf("; the running loss still fell, from %s to %s in the last epoch", spelt(f.Epochs[n-2].Running.Loss), spelt(f.Epochs[n-1].Running.Loss))
	}
	return []Finding{{StillLearning, Warning, evidence, advice}}
}

// faster are what may make a network learn faster, but for what it does already.
func (f *facts) faster() []string {
	var ways []string
	if !strings.Contains(f.Optimizer, "adam") {
		ways = append(ways, "Adam")
	}
	if step, _ := f.largestStep(); step < highUpdate {
		ways = append(ways, "a larger learning rate")
	}
	if f.flattens() {
		ways = append(ways, "relu in place of sigmoid")
	}
	if len(ways) == 0 {
		return []string{"wider layers"}
	}
	return ways
}

// flattens: a hidden layer's activation is flat at its ends.
func (f *facts) flattens() bool {
	all := f.Model.Layers()
	return slices.ContainsFunc(all[:len(all)-1], func(l graph.LayerInfo) bool {
		a := layers.ActivationOf(l.Layer)
		return a == layers.Sigmoid || a == layers.Tanh || a == layers.Softmax
	})
}

// drops: it has dropout already.
func (f *facts) drops() bool {
	return slices.ContainsFunc(f.Model.Layers(), func(l graph.LayerInfo) bool { return l.Kind == "dropout" })
}

func (f *facts) shifted() []Finding {
	var found []Finding
	for i, t := range f.Tests {
		s := f.shifts[i]
		if s.spread == 0 || s.distance < shiftDistance && s.spread > .75 && s.spread < 1.33 {
			continue
		}
		evidence := fmt.Sprintf("%s: mean %s, standard deviation %s; the training set: mean %s, standard deviation %s", t.Name, spelt(s.stats.Mean), spelt(s.stats.Std), spelt(f.stats.Mean), spelt(f.stats.Std))
		severity := Note
		if t.Result != nil {
			drop := f.Train.Result.TopK(1) - t.Result.TopK(1)
			evidence += fmt.Sprintf("; accuracy %s, on the training set %s", accuracy(t.Result.TopK(1)), accuracy(f.Train.Result.TopK(1)))
			switch {
			case drop > .2:
				severity = Error
			case drop > overfitGap:
				severity = Warning
			}
		}
		advice := "The test data are not what the network was trained on. Bring them to the training set's range, or train on data that vary as the test data do."
		if !f.drops() {
			advice = "The test data are not what the network was trained on. Bring them to the training set's range, train on data that vary as the test data do, or use dropout: the training figure drops and the shifted test gains."
		}
		found = append(found, Finding{ShiftedTest, severity, evidence,
			advice})
	}
	return found
}

func (f *facts) notFinite() []Finding {
	d := f.Diverged
	if d == nil {
		return nil
	}
	return []Finding{{NotFinite, Error,
		fmt.Sprintf("the loss became %v in epoch %d, step %d; the first numbers that are not finite are the %s of %s", d.Loss, d.Epoch, d.Step, d.What, d.Layer),
		"Take a learning rate ten times smaller, bring the inputs to [0, 1], and let cross-entropy be computed from the logits."}}
}

func (f *facts) unscaled() []Finding {
	rms := math.Hypot(f.stats.Mean, f.stats.Std)
	if rms < largeInputs && rms > smallInputs {
		return nil
	}
	severity := f.blame()
	if !f.struggling() {
		severity = Note
	}
	return []Finding{{UnscaledInputs, severity,
		fmt.Sprintf("the inputs run from %s to %s, with mean %s and standard deviation %s: weights are drawn for inputs near 1", spelt(float64(f.stats.Min)), spelt(float64(f.stats.Max)), spelt(f.stats.Mean), spelt(f.stats.Std)),
		"Divide the pixels by 255, so that they lie in [0, 1]; other features by their standard deviation."}}
}

func (f *facts) starving() []Finding {
	if !f.struggling() || f.starved < starvedRatio {
		return nil
	}
	by := fmt.Sprintf("%s times smaller than cross-entropy's", spelt(f.starved))
	if f.starved > 1e9 {
		by = "zero, where cross-entropy's is not"
	}
	advice := "For classes take categorical cross-entropy: its gradient is largest where the network is most wrong, and this loss is flat there."
	if f.Loss.Name() == (losses.ClippedCrossEntropy{}).Name() {
		advice = "Take cross-entropy computed from the logits (--loss cross-entropy): where this one clips a probability its gradient is zero, however wrong the answer."
	}
	return []Finding{{StarvingLoss, f.blame(),
		fmt.Sprintf("with the same weights and samples, the gradient of %s on the softmax is %s", f.Loss.Name(), by), advice}}
}

func (f *facts) tooFew() []Finding {
	if !f.struggling() || f.Steps >= fewSteps || f.Diverged != nil {
		return nil
	}
	high, _ := f.largestStep()
	if dead, _ := f.deadest(); high >= wildUpdate || dead >= deadShare {
		return nil // more of such steps would not help
	}
	n := f.Train.Data.Len()
	advice := "Train for more epochs, or take more samples; a larger learning rate, or Adam, makes more of each update."
	if strings.Contains(f.Optimizer, "adam") {
		advice = "Train for more epochs, or take more samples; a larger learning rate makes more of each update."
	}
	if f.BatchSize > 200 {
		advice = "Take a smaller batch, such as 100: an epoch then makes many small steps in place of a few. More epochs, or a larger learning rate, help too."
	}
	return []Finding{{TooFewUpdates, f.blame(),
		fmt.Sprintf("batches of %d out of %d samples are %d updates an epoch, %d in all", f.BatchSize, n, (n+f.BatchSize-1)/f.BatchSize, f.Steps), advice}}
}

func (f *facts) vanishing() []Finding { return f.fading(vanishingRatio) }

// unexplained is asked where a network has not learnt and no rule says why: a gradient that fades by less may be why.
func (f *facts) unexplained() []Finding {
	if found := f.fading(fadingRatio); found != nil {
		return found
	}
	return []Finding{{Unexplained, Note, "none of the causes that are looked for is there: the inputs, the loss, the gradients and the steps look as they should",
		"Train for more epochs, or change one thing at a time, and look at the training set first: " + strings.Join(f.faster(), ", ") + "."}}
}

// fading is the gradient getting smaller from the last layers to the first, to under ratio of the largest.
func (f *facts) fading(ratio float64) []Finding {
	if !f.struggling() || len(f.flow) < 3 {
		return nil
	}
	first, last := f.flow[0], slices.Max(f.flow)
	at := slices.Index(f.flow, last)
	if !(first > 0) || first > ratio*last || at < len(f.flow)/2 {
		return nil
	}
	if f.begun[0] > ratio*slices.Max(f.begun) {
		return nil // it was there before the first step: what took it away is something else, such as a step too large
	}
	evidence := fmt.Sprintf("the gradient of %s has norm %.1e, that of %s %.1e: %.0f orders of magnitude are lost over %d layers", f.names[0], first, f.names[at], last, math.Log10(last/first), at)
	if u := f.update[0]; u > 0 {
		evidence += fmt.Sprintf("; a step moves %s by %.0e of its size", f.names[0], u)
	}
	return []Finding{{Vanishing, f.blame(), evidence,
		"Take relu in place of sigmoid: its slope is 1, a sigmoid's at most 1/4, and every layer multiplies by it. Fewer layers, or residual ones, help too."}}
}

// largestStep is how far a step moved a layer's weights, measured by their size: that of the layer that moved most, over the run or, if far
// enough to have done harm to a network that has not learnt well, in the first snapshot.
func (f *facts) largestStep() (share float64, layer string) {
	for i, u := range f.update {
		if u > share {
			share, layer = u, f.names[i]
		}
		if f.struggling() && i < len(f.start) && f.start[i] > max(share, highStart) {
			share, layer = f.start[i], f.names[i]
		}
	}
	return share, layer
}

func (f *facts) rateTooHigh() []Finding {
	if high, layer := f.largestStep(); f.struggling() && high >= highUpdate {
		return []Finding{{RateTooHigh, f.blame(),
			fmt.Sprintf("a step moves the weights of %s by %s their size; a healthy step moves them by a few per cent at most", layer, percent(high)),
			"Take a learning rate ten times smaller."}}
	}
	if name, times := f.grown(); f.Diverged != nil && times > 10 {
		return []Finding{{RateTooHigh, Error,
			fmt.Sprintf("the weights of %s were %s times as large as in the beginning when the loss stopped being finite: steps went too far, and each made the next one longer", name, spelt(times)),
			"Take a smaller learning rate, Adam, or fewer layers: a deep network that does well for epochs can still be thrown off by one batch."}}
	}
	return nil
}

// grown is the layer whose largest parameter grew most from the first snapshot to the last, and how many times.
func (f *facts) grown() (name string, times float64) {
	first, last := f.Snapshots[0], f.Snapshots[len(f.Snapshots)-1]
	for i, l := range first.Layers {
		for j, p := range l.Params {
			if i < len(last.Layers) && j < len(last.Layers[i].Params) && p.Value.Norm > 0 {
				if t := last.Layers[i].Params[j].Value.Norm / p.Value.Norm; t > times {
					name, times = l.Name, t
				}
			}
		}
	}
	return name, times
}

// percent is a share; from ten times on, the number of times.
func percent(v float64) string {
	if v >= 10 {
		return spelt(v) + " times"
	}
	return fmt.Sprintf("%.0f %% of", 100*v)
}

func (f *facts) exploding() []Finding {
	if !f.struggling() || f.highest < explodingNorm {
		return nil
	}
	for _, s := range f.Snapshots {
		for _, l := range s.Layers {
			for _, p := range l.Params {
				if p.Grad.Norm > explodingNorm || p.Grad.NonFinite > 0 {
					return []Finding{{Exploding, f.blame(),
						fmt.Sprintf("the gradient of %s has norm %.1e at step %d, the first beyond %.0e; the largest was %.1e, in %s", l.Name, p.Grad.Norm, s.Step, float64(explodingNorm), f.highest, f.where),
						"Take a smaller learning rate and inputs in [0, 1], or bound the gradient's norm."}}
				}
			}
		}
	}
	return nil
}

// deadest is the share of dead units in the layer that has most of them, in the end.
func (f *facts) deadest() (share float64, layer string) {
	for _, l := range f.Snapshots[len(f.Snapshots)-1].Layers {
		if l.Dead > share {
			share, layer = l.Dead, l.Name
		}
	}
	return share, layer
}

func (f *facts) dead() []Finding {
	worst, at := f.deadest()
	if worst < deadShare || !f.struggling() || f.Diverged != nil { // weights that blew up say nothing of units
		return nil
	}
	return []Finding{{DeadUnits, f.blame(),
		fmt.Sprintf("%.0f %% of the units of %s put out 0 for every sample: no gradient goes through them, so they stay so", 100*worst, at),
		"Take a smaller learning rate, or leaky relu, whose slope is nowhere 0."}}
}

func (f *facts) saturated() []Finding {
	last := f.Snapshots[len(f.Snapshots)-1]
	worst, at := 0.0, ""
	for _, l := range last.Layers {
		if l.Saturated > worst {
			worst, at = l.Saturated, l.Name
		}
	}
	if worst < saturatedShare || !f.struggling() || f.Diverged != nil {
		return nil
	}
	return []Finding{{SaturatedUnits, f.blame(),
		fmt.Sprintf("%.0f %% of the outputs of %s lie where its slope is under 4 %% of its largest", 100*worst, at),
		"Bring the inputs to [0, 1], draw smaller weights, take a smaller learning rate, or relu."}}
}

func (f *facts) rateTooLow() []Finding {
	if !f.struggling() || f.Diverged != nil || f.starved >= starvedRatio || f.Steps < fewSteps {
		return nil
	}
	step, _ := f.largestStep()
	if dead, _ := f.deadest(); step >= highUpdate || dead >= deadShare {
		return nil // it stands still because it was thrown off
	}
	high := 0.0
	for _, u := range f.update {
		if u > high { // NaN is of a layer none of whose updates was seen
			high = u
		}
	}
	if high > lowUpdate || high == 0 {
		return nil
	}
	return []Finding{{RateTooLow, f.blame(),
		fmt.Sprintf("a step moves no layer's weights by more than %.0e of their size; a healthy one moves them by about 1e-3", high),
		"Take a learning rate ten times larger."}}
}

func (f *facts) overfitting() []Finding {
	if f.failed() || len(f.Tests) == 0 || f.Tests[0].Result == nil {
		return nil
	}
	test := f.Tests[0].Result
	if gap := f.Train.Result.TopK(1) - test.TopK(1); gap < overfitGap || f.shifts[0].distance >= shiftDistance {
		return nil
	}
	evidence := fmt.Sprintf("training accuracy %s, test accuracy %s", accuracy(f.Train.Result.TopK(1)), accuracy(test.TopK(1)))
	if moved := f.moved(); moved != "" {
		evidence += "; " + moved
	}
	advice := "Train on more samples, use dropout, or stop where the test loss is smallest."
	if f.drops() {
		advice = "Train on more samples, drop more, or stop where the test loss is smallest."
	}
	return []Finding{{Overfitting, Warning, evidence,
		advice + " The training figure will drop; the test figure is the one to watch."}}
}

// evaluatedOn is what the epochs' Evaluated are of.
func (f *facts) evaluatedOn() string {
	if f.Held {
		return "validation"
	}
	return "test"
}

// moved says which of the two losses moved since the test loss was smallest; where the test set was not evaluated after each epoch, what
// the training loss did.
func (f *facts) moved() string {
	best := -1
	for i, e := range f.Epochs {
		if e.Evaluated != nil && (best < 0 || e.Evaluated.Loss < f.Epochs[best].Evaluated.Loss) {
			best = i
		}
	}
	n := len(f.Epochs) - 1
	if n < 1 {
		return ""
	}
	if best < 0 || f.Epochs[n].Evaluated == nil {
		return fmt.Sprintf("the training loss went from %s in epoch %d to %s in epoch %d; the test set was evaluated at the end alone",
			spelt(f.Epochs[0].Running.Loss), f.Epochs[0].Epoch, spelt(f.Epochs[n].Running.Loss), f.Epochs[n].Epoch)
	}
	from, to := f.Epochs[best], f.Epochs[n]
	if to.Evaluated.Loss <= 1.05*from.Evaluated.Loss {
		return fmt.Sprintf("the %s loss stopped falling at %s while the training loss went on to %s", f.evaluatedOn(), spelt(to.Evaluated.Loss), spelt(to.Running.Loss))
	}
	return fmt.Sprintf("since epoch %d the %s loss rose from %s to %s, while the training loss fell from %s to %s",
		from.Epoch, f.evaluatedOn(), spelt(from.Evaluated.Loss), spelt(to.Evaluated.Loss), spelt(from.Running.Loss), spelt(to.Running.Loss))
}

func (f *facts) batchTooSmall() []Finding {
	if f.BatchSize >= smallBatch || f.Train.Data.Len() < 100*smallBatch {
		return nil
	}
	evidence := fmt.Sprintf("batches of %d are %d updates an epoch", f.BatchSize, (f.Train.Data.Len()+f.BatchSize-1)/f.BatchSize)
	if n := len(f.Epochs); n > 0 && f.Epochs[n-1].Seconds > 0 {
		evidence += fmt.Sprintf(", %.1f seconds: %.0f samples a second", f.Epochs[n-1].Seconds, float64(f.Train.Data.Len())/f.Epochs[n-1].Seconds)
	}
	return []Finding{{BatchTooSmall, Note, evidence,
		"Take a larger batch, such as 100: the machine multiplies a matrix about as fast as a vector, so an epoch takes a fraction of the time."}}
}

func (f *facts) healthy() Finding {
	evidence := fmt.Sprintf("training accuracy %s", accuracy(f.Train.Result.TopK(1)))
	if len(f.Tests) > 0 && f.Tests[0].Result != nil {
		evidence += fmt.Sprintf(", test accuracy %s", accuracy(f.Tests[0].Result.TopK(1)))
	}
	if len(f.flow) > 1 {
		evidence += fmt.Sprintf("; gradient norms from %.0e to %.0e over %d layers", slices.Min(f.flow), slices.Max(f.flow), len(f.flow))
	}
	return Finding{Healthy, OK, evidence, "Nothing is wrong that these figures show."}
}
