package inspect

import (
	"math"
	"regexp"
	"slices"

	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

// symmetric: the units of a hidden layer began with the same weights.
func (f *facts) symmetric() []Finding {
	first := f.Snapshots[0]
	if first.Step != 0 || len(f.names) < 2 {
		return nil
	}
	severity := Note // it has learnt all the same
	if f.short() {
		severity = f.blame()
	}
	for _, l := range first.Layers {
		if !learns(&l) || l.Name == f.names[len(f.names)-1] {
			continue
		}
		for _, p := range l.Params {
			if !p.Alike {
				continue
			}
			how := say("the same weights")
			if p.Value.Zeros == 1 {
				how = say("weights of 0")
			}
			return foundIn(l.Name, SymmetricWeights, severity,
				say("all units of %s began with %s: they put out the same, get the same gradient, and stay one unit, however many they are", l.Name, how),
				"Draw the first weights at random: leave the layer's initialiser out (glorot-uniform), or take he-normal for relu.")
		}
	}
	return nil
}

// outOfReach says which values the last activation cannot put out, where many targets lie there; nothing if they do not.
func (f *facts) outOfReach() (nothing phrase) {
	if f.fit.kind == ofClasses || f.Loss.Name() == "binary-cross-entropy" {
		return nothing
	}
	low, high := math.Inf(-1), math.Inf(1)
	switch lastActivation(f.Model) {
	case layers.ReLU, layers.Softplus:
		low = 0
	case layers.Sigmoid, layers.Softmax:
		low, high = 0, 1
	case layers.Tanh:
		low, high = -1, 1
	case layers.LogSoftmax:
		high = 0
	case layers.ELU:
		low = -1
	case layers.SELU:
		low = -1.76
	}
	room := .01 * (high - low)
	if math.IsInf(room, 0) {
		room = .01
	}
	out := 0
	for _, v := range f.fit.y {
		if float64(v) < low-room || float64(v) > high+room {
			out++
		}
	}
	if float64(out) < .05*float64(len(f.fit.y)) {
		return nothing
	}
	end := func(v float64) any {
		if math.IsInf(v, 0) {
			return say("anything")
		}
		return spelt(v)
	}
	return say("the last layer's %s puts out %s to %s, and %.0f %% of the targets, from %s to %s, lie beyond", lastActivation(f.Model), end(low), end(high),
		100*float64(out)/float64(len(f.fit.y)), spelt(float64(slices.Min(f.fit.y))), spelt(float64(slices.Max(f.fit.y))))
}

func (f *facts) last() []Finding {
	if how := f.outOfReach(); how.text != "" && f.short() {
		return foundIn(f.lastLayer(), LastActivation, f.blame(), how, "End in a layer without activation where numbers are foretold.")
	}
	last := lastActivation(f.Model)
	if f.short() && f.fit.kind == ofClasses && slices.Contains([]layers.Activation{layers.ReLU, layers.Tanh, layers.Sigmoid, layers.Softplus}, last) && takesLogits(f) {
		return foundIn(f.lastLayer(), LastActivation, f.blame(),
			say("the last layer's %s cuts off the logits of which %s makes probabilities: it cannot say how sure it is", last, f.Loss.Name()), "End in softmax, or in a layer without activation.")
	}
	return nil
}

// takesLogits: the loss was told that it gets logits.
func takesLogits(f *facts) bool {
	l, ok := f.Loss.(interface{ FromLogits() bool })
	return ok && l.FromLogits()
}

func (f *facts) tooMuchDropout() []Finding {
	rate, at := f.dropout()
	if !f.struggling() || f.Diverged != nil || rate < highDropout {
		return nil
	}
	evidence := say("dropout of %s leaves one unit in %.0f", spelt(rate), 1/(1-rate))
	if n := len(f.Epochs); n > 0 {
		evidence = say("%s: the loss is %s while it trains, and %s with all units there", evidence, spelt(f.Epochs[n-1].Running.Loss), spelt(f.Train.Result.Loss))
	}
	return foundIn(at, HighDropout, f.blame(), then(evidence, f.both()), "Drop a fifth to a half of the units at most, and none until the training set is learnt without.")
}

// decayWords is an optimizer's weight decay, in its text.
var decayWords = regexp.MustCompile(`weight-decay=([0-9.e+-]+)`)

// decays says which decay the weights are under; nothing if none was asked for.
func (f *facts) decays() (nothing phrase) {
	if m := decayWords.FindStringSubmatch(f.Optimizer); m != nil {
		return say("the optimizer's weight decay of %s", m[1])
	}
	for _, l := range f.Model.Layers() {
		if r, ok := l.Layer.(layers.Regularized); ok && r.L1+r.L2 > 0 {
			return say("the penalty on the weights (L1 %s, L2 %s)", spelt(r.L1), spelt(r.L2))
		}
	}
	return nothing
}

func (f *facts) tooMuchDecay() []Finding {
	how := f.decays()
	if how.text == "" || !f.struggling() || f.Diverged != nil {
		return nil
	}
	least, at := 1.0, ""
	first, last := f.Snapshots[0], f.Snapshots[len(f.Snapshots)-1]
	for i, l := range first.Layers {
		for j, p := range l.Params {
			if i < len(last.Layers) && j < len(last.Layers[i].Params) && len(p.Shape) > 1 && p.Value.Norm > 0 {
				if share := last.Layers[i].Params[j].Value.Norm / p.Value.Norm; share < least {
					least, at = share, l.Name
				}
			}
		}
	}
	if least > shrunk {
		return nil
	}
	return foundIn(at, HighDecay, f.blame(),
		say("under %s, the weights of %s are %s of what they began with: they are pulled to 0 faster than the gradient moves them away", how, at, spelt(least)),
		"Take a hundredth of it, or none until the training set is learnt without.")
}

// lagging: batch normalisation's moving moments have not come to what they are moments of.
func (f *facts) lagging() []Finding {
	n := len(f.Epochs)
	if n == 0 || f.Diverged != nil {
		return nil
	}
	slowest, at := 0.0, ""
	for _, l := range f.Model.Layers() {
		if b, ok := l.Layer.(layers.BatchNorm); ok {
			if m := text.Value(b.Momentum, .99); m > slowest {
				slowest, at = m, l.Name
			}
		}
	}
	running, rest := f.Epochs[n-1].Running.Loss, f.Train.Result.Loss
	if slowest == 0 || !(rest > 1.25*running) || float64(f.Steps) > 5/(1-slowest) {
		return nil
	}
	advice := "Take a smaller momentum for batch normalisation, such as 0.9, or train for more epochs."
	if f.Stopped != "" {
		advice = "Take a smaller momentum for batch normalisation, such as 0.9."
	}
	return foundIn(at, LaggingMoments, f.blame(),
		say("the loss was %s while it trained, by each batch's own moments, and is %s on the same samples by the moving ones, which with a momentum of %s follow over some %.0f steps, and there were %d", spelt(running), spelt(rest), spelt(slowest), 1/(1-slowest), f.Steps), advice)
}

func numbers(n int) phrase {
	if n == 1 {
		return say("one number")
	}
	return say("%d numbers", n)
}

// bends: a layer does more than multiply and add.
func (f *facts) bends() bool {
	for _, l := range f.hidden() {
		switch l.Kind {
		case "dense", "conv", "conv1d", "depthwise", "flatten", "reshape", "permute", "dropout", "batchnorm", "avgpool", "avgpool1d", "globalavgpool", "sequence", "regularized", "rescaling", "affine", "linear", "crop", "pad", "noise":
			if a := layers.ActivationOf(l.Layer); a != layers.Linear {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// tooLittle: the network cannot be what the neighbours show that there is: it has no bend, or too few units.
func (f *facts) tooLittle() []Finding {
	n := f.neighbours
	if n == nil || !f.struggling() || f.Diverged != nil || n.skill < f.fit.skill+within || f.fall > 3*stillFalls || f.Steps < fewSteps {
		return nil
	}
	evidence := say("%s, and the loss stands, though the nearest neighbours of a sample tell of it what is worth %s where the network's answers are worth %s (0 is chance, 1 all)", f.both(), worth(n.skill), worth(max(0, f.fit.skill)))
	if !f.bends() {
		return found(TooLinear, f.blame(), then(evidence, say("its layers multiply and add, so that together they are one linear layer")), "Give the hidden layers an activation, such as relu; with none of them, put one in.")
	}
	units, at := math.MaxInt, ""
	for _, l := range f.Snapshots[0].Layers[:max(0, len(f.Snapshots[0].Layers)-1)] {
		if learns(&l) && l.Units < units {
			units, at = l.Units, l.Name
		}
	}
	if units > fewUnits {
		return nil
	}
	return foundIn(at, TooSmall, f.blame(), then(evidence, say("all that it knows of a sample goes through %s, which puts out %s", at, numbers(units))), "Take wider layers, such as of 64 units, or more of them.")
}
