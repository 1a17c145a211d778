package inspect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

func (f *facts) oneClass() []Finding {
	if f.fit.kind != ofClasses || !math.IsNaN(f.fit.skill) {
		return nil
	}
	counts := f.fit.counts()
	return found(OneClass, Error,
		say("every training sample is of the class %q: whatever is said of them is right, and nothing is learnt", f.class(slices.Index(counts, slices.Max(counts)))),
		"Take samples of at least two classes; if the data have them, look at how they were read, ordered and cut.")
}

// constantTargets: the numbers that are foretold are the same in every sample, or each label is.
func (f *facts) constantTargets() []Finding {
	a := f.fit
	if a.kind == ofClasses || len(a.y) == 0 || !math.IsNaN(a.skill) {
		return nil
	}
	target := say("the target")
	if a.width > 1 {
		target = say("each of the %d targets", a.width)
	}
	value := say("%s in the first", spelt(float64(a.y[0])))
	return found(ConstantTargets, Error, say("%s is the same in every training sample (%s): who says that and looks at nothing is right, and nothing is learnt", target, value),
		"Take another target, or samples in which it varies; if the data have them, look at how the column was read, ordered and cut.")
}

func (f *facts) unscaled() []Finding {
	if f.values == nil || len(f.values.constant) == f.values.features {
		return nil
	}
	v := f.values
	large, small := v.rms() >= largeInputs || v.largest >= 4*largeInputs, v.rms() <= smallInputs
	if !large && !small {
		return nil
	}
	severity := f.blame()
	if !f.short() && (f.gap() < overfitGap || f.shifts[0].far()) {
		severity = Note
	}
	evidence := say("the inputs run from %s to %s, with mean %s and standard deviation %s: weights are drawn for inputs near 1", spelt(v.min), spelt(v.max), spelt(v.mean), spelt(v.std))
	advice := "Divide each feature by its standard deviation, after its mean was taken off; or bring all to [0, 1]: pixels by dividing by 255."
	if small {
		advice = "Scale them once, so that they reach 1: they may have been divided twice, or be in a unit that is too large. For features of a table, divide each by its standard deviation."
		if v.min >= 0 && v.max < 1.05/255 && v.max > .5/255 {
			evidence = then(evidence, say("1/255 is the largest, as of pixels that were divided by 255 twice"))
			advice = "Divide the pixels by 255 once: they come in [0, 1] already."
		}
	}
	return found(UnscaledInputs, severity, evidence, advice)
}

func (f *facts) targets() []Finding {
	if f.fit.kind != ofNumbers || !f.short() || f.outOfReach().text != "" {
		return nil
	}
	var sum, squares float64
	n := float64(len(f.fit.y))
	for _, v := range f.fit.y {
		sum, squares = sum+float64(v)/n, squares+float64(v)*float64(v)/n
	}
	rms := math.Sqrt(squares)
	if rms < largeTargets && rms > smallTargets {
		return nil
	}
	return found(UnscaledTargets, f.blame(),
		say("the targets have mean %s and root mean square %s, and a network's outputs begin near 1: %s", spelt(sum), spelt(rms), f.both()),
		"Standardise the targets: take their mean off and divide by their standard deviation, and turn the outputs back for reading.")
}

func (f *facts) noInputs() []Finding {
	if f.values == nil || len(f.values.constant) < f.values.features || math.IsNaN(f.fit.skill) {
		return nil
	}
	return found(ConstantFeatures, Error, say("all %d features are the same in every sample: the inputs tell nothing", f.values.features),
		"Look at how the inputs are read: print a few samples.")
}

// sameFeatures are constant and duplicated features. Of pictures, whose border is often the same, only where next to nothing else is left.
func (f *facts) sameFeatures() []Finding {
	v := f.values
	if v == nil {
		return nil
	}
	all := float64(v.features)
	constant, duplicated := float64(len(v.constant))/all, float64(len(v.duplicated))/all
	picture := !f.fit.flat || v.features > 64
	if constant == 1 || picture && max(constant, duplicated) < .9 || max(constant, duplicated) == 0 {
		return nil
	}
	severity := Note
	if f.short() && max(constant, duplicated) >= .25 {
		severity = f.blame()
	}
	if constant >= duplicated {
		return found(ConstantFeatures, severity, say("features that are the same in every sample, and tell nothing: %d of %d (the first is %s)", len(v.constant), v.features, f.feature(v.constant[0])),
			"Look at how they are read: a column that should vary and does not is lost. Leave out those that are so by nature.")
	}
	return found(DuplicatedFeatures, severity, say("features that repeat another one in every sample, and tell nothing new: %d of %d (the first is %s, which is as %s)", len(v.duplicated), v.features,
		f.feature(v.duplicated[0]), f.feature(v.twin)),
		"Look at how the columns are read: one may stand where another should. Leave out those that are the same by nature.")
}

// feature is what a feature is called: the column of a table in quotes, or its number, from 1.
func (f *facts) feature(j int) any {
	if in := f.Train.Data.Info().Inputs; len(in) == 1 && len(in[0].Names) == f.fit.features {
		return fmt.Sprintf("%q", in[0].Names[j])
	}
	return say("number %d", j+1)
}

// wrongLabels: neither the network nor a sample's neighbours find what inputs and targets have to do with one another.
func (f *facts) wrongLabels() []Finding {
	n := f.neighbours
	if n == nil || f.noInputs() != nil || f.Diverged != nil || f.fit.chance > .8 || f.Steps < 100 { // where one class is nearly all, neighbours say it of everything
		return nil
	}
	most, severity := unrelated, Error
	if f.fit.kind == ofClasses { // chance alone makes as much of so few
		queries := float64(min(f.fit.len(), neighbourQueries))
		most = max(most, 3*math.Sqrt(f.fit.chance/(1-f.fit.chance)/queries))
	}
	if t := f.test(); n.skill > most || t != nil && t.skill > most {
		return nil
	}
	// Of few samples neighbours lie far apart and tell little, be the labels right or wrong, and who knows them by heart overfits: that comes first.
	advice := "Look whether each target belongs to its sample: files that are in another order, a column sorted by itself, rows dropped from one of the two. Print a few samples beside their targets. If they do belong, these inputs may not tell."
	if f.fit.len() < fewSamples || most > 1.5*unrelated {
		severity = Note
		advice = "So few samples may just not show what there is to learn. Print some beside their targets, to be sure that each has its own; then take more samples."
	}
	evidence := say("%s, where %s", f.both(), f.nothing())
	switch {
	case f.fit.skill < 2*most:
		evidence = then(evidence, say("the nearest neighbours of a training sample tell no more of it"))
	case f.test() != nil:
		evidence = then(evidence, say("what it learnt it knows by heart: the nearest neighbours of a training sample tell nothing of it, and of the test set it knows nothing"))
	default:
		return nil
	}
	return found(WrongLabels, severity, evidence, advice)
}

// noisyLabels: some of the labels are wrong at random.
func (f *facts) noisyLabels() []Finding {
	n, t := f.neighbours, f.test()
	if n == nil || f.fit.kind != ofClasses || f.Diverged != nil {
		return nil
	}
	advice := "Have labels looked at, first those of which the network is sure and wrong. Until then: label smoothing, stopping early, or samples in doubt left out or weighed less. Do not train until it knows them by heart."
	switch {
	case t != nil && !f.shifts[0].far() && t.rate > f.fit.rate+max(.1, 3*apartBy(f.fit.len(), t.len(), t.rate)) && t.chance < f.fit.chance+.1:
		return found(NoisyLabels, f.blame(),
			say("%s: it is right more often on the test set than on the samples that it was shown, as where some of these are labelled wrong", f.both()), advice)
	case t != nil && n.test > .5 && n.test > n.skill+max(.15, 3*apartBy(min(f.fit.len(), neighbourQueries), min(t.len(), neighbourQueries), .5)/(1-f.fit.chance)):
		return found(NoisyLabels, Warning,
			say("%s; a test sample's nearest neighbours in the training set tell its class better than a training sample's own, as where some of these are labelled wrong", f.both()), advice)
	case n.plain < noisyPlain && skill(n.plain, f.fit.chance) > .2 && f.surest() < noisyPlain && n.alike > knownAlike:
		return found(NoisyLabels, f.blame(),
			say("%s; where the nearest neighbours of a sample are most of one mind, it is labelled otherwise in %.0f %% of the cases, and where the network is surest in %.0f %%", f.both(), 100*(1-n.plain), 100*(1-f.surest())), advice)
	}
	return nil
}

// apartBy is the standard error of the difference of two shares near p that were counted among so many.
func apartBy(n, m int, p float64) float64 {
	return math.Sqrt(p * (1 - p) * (1/float64(n) + 1/float64(m)))
}

// surest is how often the network is right where it is surest, in a tenth of the samples: of both sets, or of the test set alone where it knows the training set better.
func (f *facts) surest() float64 {
	type answer struct {
		sure  float64
		right bool
	}
	var all []answer
	for i, a := range []*answers{f.test(), f.fit} {
		if a == nil || i == 1 && len(all) > 0 && f.gap() > overfitGap {
			continue
		}
		for i, said := range a.said {
			all = append(all, answer{a.sure[i], int(a.classes[a.at[i]]) == said})
		}
	}
	slices.SortStableFunc(all, func(a, b answer) int { return cmp.Compare(b.sure, a.sure) })
	all = all[:max(1, len(all)/10, min(len(all)/3, 50))]
	right := 0
	for _, a := range all {
		if a.right {
			right++
		}
	}
	return float64(right) / float64(len(all))
}

// imbalance: rare classes are not learnt beside a frequent one.
func (f *facts) imbalance() []Finding {
	if f.fit.kind == ofLabels {
		return f.rareLabels()
	}
	if f.fit.kind != ofClasses || f.fit.width != 1 || f.Diverged != nil || !f.short() { // of letters one after another some are rare by nature
		return nil
	}
	counts := f.fit.counts()
	most := slices.Index(counts, slices.Max(counts))
	rare, right, all := 0, 0, 0
	least := -1
	for c, n := range counts {
		if n == 0 || 5*n > counts[most] {
			continue
		}
		rare++
		right, all = right+f.fit.confusion[c][c], all+n
		if least < 0 || n < counts[least] {
			least = c
		}
	}
	if rare == 0 || float64(right) > .7*float64(all) || float64(f.fit.confusion[most][most]) < .8*float64(counts[most]) {
		return nil
	}
	return found(Imbalance, f.blame(),
		say("class %q has %d of %d samples, %q %d: of the rare classes %.0f %% are told right, of %q %.0f %%; %s", f.class(most), counts[most], len(f.fit.said), f.class(least), counts[least],
			100*float64(right)/float64(all), f.class(most), 100*float64(f.fit.confusion[most][most])/float64(counts[most]), f.both()),
		"Do not judge it by the accuracy. Weigh the rare classes' samples by as much as they are rarer, take more of them, or say a class below an output of 1/2.")
}

// rareLabels is imbalance of labels, each of which holds or not: what holds for few samples, or does not for few, is not told of them, although the outputs know it: they are
// higher where it holds. That tells it from labels of which nothing is learnt at all. Other labels may be told well, so that the figures of all together say nothing.
func (f *facts) rareLabels() []Finding {
	a := f.fit
	if f.Diverged != nil || f.failedToNumbers() {
		return nil
	}
	n := len(a.y) / a.width
	rarest, fewest := -1, n
	right, all, rare, known := 0, 0, 0, 0.0
	for label := range a.width {
		holds := make([]bool, n)
		few := 0
		for i := range holds {
			if holds[i] = a.y[i*a.width+label] > (a.low+a.high)/2; holds[i] {
				few++
			}
		}
		rarely := 2*few < n // it holds for few; else it does not for few
		if !rarely {
			few = n - few
		}
		if few < rareSamples || 6*few > n {
			continue
		}
		outs, told := make([]float32, n), 0
		for i := range outs {
			outs[i] = a.out[i*a.width+label]
			if holds[i] == rarely && (outs[i] > a.above) == holds[i] {
				told++
			}
		}
		rare, right, all, known = rare+1, right+told, all+few, known+ranked(outs, holds)
		if few < fewest {
			rarest, fewest = label, few
		}
	}
	if rare == 0 || float64(right) > .6*float64(all) || known/float64(rare) < knownRank {
		return nil
	}
	which := say("is so for")
	if positive := a.holds(rarest); 2*positive > n {
		which = say("is not so for")
	}
	severity := Warning
	if f.short() {
		severity = f.blame()
	}
	return found(Imbalance, severity,
		say("label %s %s %d of %d samples; of the %d labels that are so rarely one way, %.0f %% of these samples are told right, though the outputs lie on the right side of others' in %.0f %% of the pairs; %s",
			f.label(rarest), which, fewest, n, rare, 100*float64(right)/float64(all), 100*known/float64(rare), f.both()),
		"Do not judge it by the accuracy of all labels, but by each one's precision and recall. Weigh the rare side by as much as it is rarer, or say a label below an output of 1/2.")
}

// failedToNumbers says whether outputs are no numbers, of which nothing can be said.
func (f *facts) failedToNumbers() bool {
	return slices.ContainsFunc(f.fit.out, func(v float32) bool { return v != v })
}

// holds is for how many samples a label does.
func (a *answers) holds(label int) (n int) {
	for i := label; i < len(a.y); i += a.width {
		if a.y[i] > (a.low+a.high)/2 {
			n++
		}
	}
	return n
}

// label is a label's name, in quotes, or its number.
func (f *facts) label(i int) any {
	if names := f.Train.Data.Info().Targets[0].Names; i < len(names) {
		return fmt.Sprintf("%q", names[i])
	}
	return say("number %d", i+1)
}

// ranked is in what share of the pairs of a sample for which a label holds and one for which it does not the output of the former is the higher: the area under the ROC curve.
func ranked(outs []float32, holds []bool) float64 {
	order := make([]int, len(outs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(outs[a], outs[b]) })
	below, pairs, positives := 0, 0.0, 0
	for at := 0; at < len(order); {
		end, ones := at, 0
		for ; end < len(order) && outs[order[end]] == outs[order[at]]; end++ { // equal ones count half
			if holds[order[end]] {
				ones++
			}
		}
		others := end - at - ones
		pairs += float64(ones) * (float64(below) + float64(others)/2)
		below, positives, at = below+others, positives+ones, end
	}
	return pairs / max(1, float64(positives)*float64(len(outs)-positives))
}
