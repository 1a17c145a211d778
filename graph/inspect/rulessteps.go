package inspect

import (
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

func (f *facts) starving() []Finding {
	least := float64(starvedRatio)
	if lastActivation(f.Model) == layers.Sigmoid {
		least = starvedSigmoid
	}
	if !f.short() || f.starved < least {
		return nil
	}
	by := say("%s times smaller than cross-entropy's", spelt(f.starved))
	if f.starved > 1e9 {
		by = say("zero, where cross-entropy's is not")
	}
	advice := "For classes take categorical cross-entropy: its gradient is largest where the network is most wrong, and this loss is flat there."
	if lastActivation(f.Model) == layers.Sigmoid {
		advice = "For classes end in softmax and take categorical cross-entropy: its gradient is largest where the network is most wrong, and this loss is flat there."
	}
	if f.Loss.Name() == (losses.ClippedCrossEntropy{}).Name() {
		advice = "Take cross-entropy computed from the logits (--loss cross-entropy): where this one clips a probability its gradient is zero, however wrong the answer."
	}
	return found(StarvingLoss, f.blame(),
		say("with the same weights and samples, the gradient of %s on the %s is %s", f.Loss.Name(), lastActivation(f.Model), by), advice)
}

// vanishing is the gradient getting smaller from the last layers to the first: far smaller, or, where it goes through several sigmoids and nothing was learnt, by less.
func (f *facts) vanishing() []Finding {
	if !f.struggling() || f.Diverged != nil || len(f.flow) < 3 {
		return nil
	}
	ratio := vanishingRatio
	if f.squashes() && len(f.flow) > 3 && f.fit.skill < .3 && f.Steps >= fewSteps && f.starved < starvedRatio {
		ratio = fadingRatio
	}
	first, last := f.flow[0], slices.Max(f.flow)
	at := slices.Index(f.flow, last)
	if !(first > 0) || first > ratio*last || at < len(f.flow)/2 {
		return nil
	}
	if f.begun[0] > ratio*slices.Max(f.begun) {
		return nil // it was there before the first step: what took it away is something else, such as a step too large
	}
	if now := f.now; now[0] > 0 && now[0] <= ratio*now[at] { // said as it stands now, where that shows it
		first, last = now[0], now[at]
	}
	evidence := say("the gradient of %s has norm %.1e, that of %s %.1e: %.0f orders of magnitude are lost over %d layers", f.names[0], first, f.names[at], last, math.Log10(last/first), at)
	if u := f.update[0]; u > 0 {
		evidence = then(evidence, say("in the midst of the run a step moved %s by %.0e of its size", f.names[0], u))
	}
	advice := "Take fewer layers, residual ones, or batch normalisation between them: each layer multiplies the gradient, here by less than 1."
	if f.squashes() {
		advice = "Take relu in place of sigmoid: its slope is 1, a sigmoid's at most 1/4, and every layer multiplies by it. Fewer layers, or residual ones, help too."
	}
	return foundIn(f.names[0], Vanishing, f.blame(), evidence, advice)
}

// largestStep is how far a step moved a layer's weights, measured by their size: that of the layer that moved most, over the run or, if far
// enough to have done harm to a network that has not learnt well, in the first snapshot.
func (f *facts) largestStep() (share float64, layer string) {
	for i, u := range f.update {
		if u > share {
			share, layer = u, f.names[i]
		}
		// A layer of a few units moves far in its first step, whatever the rate.
		if i < len(f.start) && (f.failed() && f.start[i] > max(share, highStart) || f.struggling() && f.start[i] > max(share, wildUpdate)) {
			share, layer = f.start[i], f.names[i]
		}
	}
	return share, layer
}

func (f *facts) rateTooHigh() []Finding {
	if !f.struggling() {
		return nil
	}
	high, layer := f.largestStep()
	if at, dead, step := f.killed(); at != "" && high >= highUpdate/3 {
		return foundIn(at, RateTooHigh, f.blame(),
			say("%.0f %% of the units of %s put out 0 for every sample after %d steps, and hardly any before the first: a step moves the weights of %s by %s their size", 100*dead, at, step, layer, percent(high)),
			"Take a learning rate ten times smaller, or begin with small steps (a warm-up).")
	}
	if high >= highUpdate {
		return foundIn(layer, RateTooHigh, f.blame(),
			say("a step moves the weights of %s by %s their size; a healthy step moves them by a few per cent at most", layer, percent(high)),
			"Take a learning rate ten times smaller.")
	}
	if name, times := f.grown(); f.Diverged != nil && times > 10 {
		return foundIn(name, RateTooHigh, Error,
			say("the weights of %s were %s times as large as in the beginning when the loss stopped being finite: steps went too far, and each made the next one longer", name, spelt(times)),
			"Take a smaller learning rate, bound the gradient's norm, or take fewer layers: a deep network that does well for epochs can still be thrown off by one batch.")
	}
	return nil
}

// killed is a layer whose units died within the first ten steps, with the share that is dead, and the step.
func (f *facts) killed() (layer string, dead float64, step uint64) {
	first := f.Snapshots[0]
	for _, s := range f.Snapshots[1:] {
		if s.Step > 10 {
			break
		}
		for i, l := range s.Layers {
			if l.Dead >= deadShare && l.Dead > dead && i < len(first.Layers) && first.Layers[i].Dead < deadShare/2 {
				layer, dead, step = l.Name, l.Dead, s.Step
			}
		}
	}
	return layer, dead, step
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

func (f *facts) exploding() []Finding {
	if !f.struggling() || f.highest < explodingNorm {
		return nil
	}
	for _, s := range f.Snapshots {
		for _, l := range s.Layers {
			for _, p := range l.Params {
				if p.Grad.Norm > explodingNorm || p.Grad.NonFinite > 0 {
					return foundIn(l.Name, Exploding, f.blame(),
						say("the gradient of %s has norm %.1e at step %d, the first beyond %.0e; the largest was %.1e, in %s", l.Name, p.Grad.Norm, s.Step, float64(explodingNorm), f.highest, f.where),
						"Take a smaller learning rate and inputs in [0, 1], or bound the gradient's norm.")
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
	if worst < deadShare || !f.struggling() || f.Diverged != nil || worst < allDead && !f.more() { // weights that blew up say nothing of units
		return nil
	}
	advice := "Take a smaller learning rate, or leaky relu, whose slope is nowhere 0."
	if l := f.Snapshots[0].Layer(at); f.Snapshots[0].Step == 0 && l != nil && l.Dead >= deadShare {
		advice = "They were so before the first step: draw the weights otherwise (he-normal), begin with biases of 0 or a little more, or take leaky relu, whose slope is nowhere 0."
	}
	return foundIn(at, DeadUnits, f.blame(),
		say("%.0f %% of the units of %s put out 0 for every sample: no gradient goes through them, so they stay so", 100*worst, at), advice)
}

func (f *facts) saturated() []Finding {
	last := f.Snapshots[len(f.Snapshots)-1]
	worst, at := 0.0, ""
	for _, l := range last.Layers[:max(0, len(last.Layers)-1)] {
		if l.Saturated > worst {
			worst, at = l.Saturated, l.Name
		}
	}
	if worst < saturatedShare || !f.struggling() || f.Diverged != nil || !f.more() {
		return nil
	}
	if l := f.Snapshots[0].Layer(at); l != nil && l.Saturated < saturatedShare && f.fit.skill > .2 {
		return nil // it came to it while it learnt: so may a few units that have to tell much
	}
	advice := "Draw smaller weights, take a smaller learning rate, or relu."
	if f.values != nil && f.values.rms() > largeInputs {
		advice = "Scale the inputs, draw smaller weights, take a smaller learning rate, or relu."
	}
	return foundIn(at, SaturatedUnits, f.blame(),
		say("%.0f %% of the outputs of %s lie where its slope is under 4 %% of its largest", 100*worst, at), advice)
}

func (f *facts) rateTooLow() []Finding {
	if !f.struggling() || f.Diverged != nil {
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
	return found(RateTooLow, f.blame(),
		say("a step moves no layer's weights by more than %.0e of their size; a healthy one moves them by about 1e-3", high),
		"Take a learning rate ten times larger.")
}
