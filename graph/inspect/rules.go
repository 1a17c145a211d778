package inspect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// Thresholds, from what the lecture's experiments, their variations and the open half of the campaign showed; their tests hold them to it.
const (
	learntSkill    = .5   // below: not learnt
	goodSkill      = .875 // below: it falls short
	learntText     = .05  // of the bits of the letters' frequencies: a text of which nothing else was learnt
	goodText       = .2   // about what pairs of letters tell of the next one
	stillFalls     = .03  // of the loss, in a quarter of the epochs
	within         = .15  // of skill: so much more is to be had, if the neighbours have it
	fewSteps       = 400
	vanishingRatio = 1e-4 // first layer's gradient norm against the largest
	fadingRatio    = .03  // the same, where nothing else says why nothing was learnt
	starvedRatio   = 10
	starvedSigmoid = 4 // of a sigmoid, whose slope is at most a quarter
	deadShare      = .5
	allDead        = .95
	saturatedShare = .5
	highUpdate     = .1   // ‖Δw‖/‖w‖ of a step
	highStart      = .3   // of the first step, which sets right what the weights happened to say
	wildUpdate     = 1    // the same, where it says more than the number of updates
	lowUpdate      = 1e-4 // of the layer that moves most
	explodingNorm  = 1e3
	overfitGap     = .08 // of the share that is right, or of R²
	shiftDistance  = .15
	largeInputs    = 5 // root mean square
	smallInputs    = .01
	largeTargets   = 20
	smallTargets   = .005
	smallBatch     = 8
	highDropout    = .8
	shrunk         = .5 // of the weights, under decay
	unrelated      = .1 // skill: what inputs and targets that have nothing to do with one another come to
	noisyPlain     = .85
	knownAlike     = .6  // kappa: network and neighbours know what they say of samples that were not learnt
	fewSamples     = 300 // too few for it to be seen whether labels belong to them
	noteGap        = .06 // as overfitGap, worth a note
	fewGap         = .15 // of the share that is right, or of R²: a test set that does not tell such a fall is too small
	fewUnits       = 8
	rareSamples    = 10 // so many are enough to tell of a rare label
	knownRank      = .8 // of pairs: a label that the outputs know
)

// spelt is a number to three places.
func spelt(v float64) string { return train.FormatFigure(v, 3) }

// accuracy is a share that is right, as the lecture writes it, .1135, or else in per cent: with more places where fewer would make 0 or 100 of what is neither.
func accuracy(v float64) phrase {
	whole := func(form string) bool {
		s := fmt.Sprintf(form, 100*v)
		return v > 0 && v < 1 && (strings.Trim(s, "0.") == "" || strings.HasPrefix(s, "100"))
	}
	switch {
	case !whole("%.1f"):
		return written(lecture(v), "%.1f %%", 100*v)
	case !whole("%.2f"):
		return written(lecture(v), "%.2f %%", 100*v)
	}
	return written(lecture(v), "%.3f %%", 100*v)
}

// worth is R² or the like, of which 1 is all that there is.
func worth(v float64) phrase { return written(lecture(v), "%.3g", v) }

// lecture writes four places, without the 0 in front of them.
func lecture(v float64) string {
	s := fmt.Sprintf("%.4f", v)
	if v < 1 && v >= 0 && s[0] == '0' {
		return s[1:]
	}
	return s
}

// percent is a share; from ten times on, the number of times.
func percent(v float64) phrase {
	if v >= 10 {
		return say("%s times", spelt(v))
	}
	return say("%.0f %% of", 100*v)
}

// figures are the answers' figures in words: "training accuracy .9811", "test accuracy .9511"; the second is "" where there is no test set.
func (f *facts) figures() (training, test phrase) {
	name := [...]phrase{ofClasses: say("accuracy"), ofLabels: say("accuracy of the labels"), ofNumbers: say("R²")}[f.fit.kind]
	training = say("training %s %s", name, f.fit.figure(f.Train.Result))
	if t := f.test(); t != nil {
		test = say("test %s %s", name, t.figure(f.Tests[0].Result))
	}
	return training, test
}

// figure is the share that is right, or R².
func (a *answers) figure(r *train.Evaluation) any {
	if a.kind == ofClasses && r != nil && !math.IsNaN(r.Score("accuracy")) {
		return accuracy(r.Score("accuracy")) // of all samples
	}
	if math.IsNaN(a.rate) || math.IsInf(a.rate, 0) {
		return say("not a number")
	}
	if a.rate < -10 {
		return spelt(a.rate)
	}
	return a.rated(a.rate)
}

// rated is a figure of that kind.
func (a *answers) rated(v float64) phrase {
	if a.kind == ofNumbers {
		return worth(v)
	}
	return accuracy(v)
}

// bits are what a text costs; nothing of other data.
func (f *facts) bits() (nothing phrase) {
	if !f.fit.text {
		return nothing
	}
	return say("training loss %s bits a letter or word (perplexity %s), where their frequencies alone come to %s", spelt(f.fit.bits), spelt(math.Exp2(f.fit.bits)), spelt(f.fit.unforetold))
}

// named are words that come from elsewhere; names of layers and parameters stay as they are.
func named(what string) any {
	switch what {
	case "output":
		return say("output")
	case "gradient":
		return say("gradient")
	case "value":
		return say("value")
	case "values":
		return say("values")
	case "loss":
		return say("loss")
	case "the input":
		return say("the input")
	case "test set":
		return say("test set")
	case "noisy test set":
		return say("noisy test set")
	}
	return what
}

// both are the two figures in a row.
func (f *facts) both() phrase {
	training, test := f.figures()
	return listed(training, test)
}

// nothing is what who looks at no input earns, in words.
func (f *facts) nothing() phrase {
	switch f.fit.kind {
	case ofClasses:
		return say("always saying the most frequent class earns %s", accuracy(f.common))
	case ofLabels:
		return say("always saying what each label mostly is earns %s", accuracy(f.fit.chance))
	}
	return say("always saying the mean earns 0")
}

func (f *facts) collapsed() []Finding {
	if f.fit.kind != ofClasses || math.IsNaN(f.Train.Result.Loss) || len(f.fit.said) == 0 || math.IsNaN(f.fit.skill) {
		return nil // outputs that are no numbers say nothing, and the first class is what that is taken for
	}
	if f.fit.text && !f.failed() {
		return nil // it is as sure of others, where it says a letter that comes often
	}
	said := make([]int, len(f.fit.confusion))
	for _, c := range f.fit.said {
		said[c]++
	}
	order := make([]int, len(said))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return said[b] - said[a] })
	all := float64(len(f.fit.said))
	top := float64(said[order[0]]) / all
	one := top >= .97 && f.fit.chance < .6
	two := len(said) > 3 && float64(said[order[0]]+said[order[1]])/all >= .99 && skill(f.fit.rate, f.fit.chance) < .2
	if !one && !two {
		return nil
	}
	what := say("sample")
	if f.fit.x != nil && !f.fit.flat {
		what = say("image")
	}
	train, test := f.figures()
	says := say("it says %q for %s training %s: %s is the share of %q there", f.class(order[0]), every(top), what, f.fit.figure(f.Train.Result), f.class(order[0]))
	if !one {
		says = say("it says only %q or %q: %s", f.class(order[0]), f.class(order[1]), train)
	}
	return found(Collapsed, Error, listed(says, test), "Do not read the accuracy as something learnt: which class it says is chance, and another seed says another. Look at the causes below.")
}

func every(share float64) phrase {
	if share == 1 {
		return say("every")
	}
	return say("nearly every (%.1f %%)", 100*share)
}

func (f *facts) notLearnt() []Finding {
	if !f.struggling() {
		return nil
	}
	evidence, test := f.figures()
	if evidence = say("%s, where %s", evidence, f.nothing()); f.fit.text {
		evidence = then(f.bits(), evidence)
	}
	evidence = then(evidence, test)
	if f.failed() {
		return found(NotLearnt, Error, evidence,
			"Look at the training set before the test set: it has not learnt what it was shown, so this is not overfitting, and dropout or more data would not help. Mend the training first: the loss, the activation, the optimizer, the inputs.")
	}
	if (f.stands() || f.Stopped != "") && !f.early() { // what is not explained is said of it then
		return nil
	}
	if n := len(f.Epochs); n >= 2 && f.Epochs[n-1].Running.Loss < f.Epochs[n-2].Running.Loss {
		evidence = then(evidence, say("the running loss still fell, from %s to %s in the last epoch", spelt(f.Epochs[n-2].Running.Loss), spelt(f.Epochs[n-1].Running.Loss)))
	}
	return found(StillLearning, Warning, evidence, "Train for more epochs"+f.orFaster()+".")
}

// orFaster is what may make a network learn faster, but for what it does already.
func (f *facts) orFaster() string {
	var ways []string
	if !strings.Contains(f.Optimizer, "adam") {
		ways = append(ways, "Adam")
	}
	if step, _ := f.largestStep(); step < highUpdate/3 {
		ways = append(ways, "a larger learning rate")
	}
	if f.squashes() {
		ways = append(ways, "relu in place of sigmoid")
	}
	if len(ways) == 0 {
		return ""
	}
	return ", or faster: " + strings.Join(ways, ", ")
}

// hidden are the layers before the last one.
func (f *facts) hidden() []graph.LayerInfo {
	all := f.Model.Layers()
	return all[:max(0, len(all)-1)]
}

// squashes: a hidden layer is of sigmoids, or of softmax, whose slope is small everywhere.
func (f *facts) squashes() bool {
	return slices.ContainsFunc(f.hidden(), func(l graph.LayerInfo) bool {
		a := layers.ActivationOf(l.Layer)
		return a == layers.Sigmoid || a == layers.Softmax
	})
}

// dropout is the largest rate of a dropout layer, and that layer; 0 if there is none.
func (f *facts) dropout() (rate float64, at string) {
	for _, l := range f.Model.Layers() {
		if d, ok := l.Layer.(layers.Dropout); ok && d.Rate > rate {
			rate, at = d.Rate, l.Name
		}
	}
	return rate, at
}

// lastLayer is the name of the model's last layer.
func (f *facts) lastLayer() string {
	all := f.Model.Layers()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Nested == 0 {
			return all[i].Name
		}
	}
	return ""
}

func (f *facts) notFinite() []Finding {
	d := f.Diverged
	if d == nil {
		return nil
	}
	advice := "Take a learning rate ten times smaller."
	if f.values != nil && f.values.rms() > largeInputs {
		advice = "Scale the inputs, and take a learning rate ten times smaller if that is not enough."
	}
	if f.Loss.Name() == (losses.ClippedCrossEntropy{}).Name() {
		advice += " Let cross-entropy be computed from the logits."
	}
	layer := d.Layer
	if !slices.ContainsFunc(f.Model.Layers(), func(l graph.LayerInfo) bool { return l.Name == layer }) {
		layer = "" // it began in the loss, or in the input
	}
	return foundIn(layer, NotFinite, Error,
		say("the loss became %v in epoch %d, step %d; the first numbers that are not finite are the %s of %s", d.Loss, d.Epoch, d.Step, named(d.What), named(d.Layer)), advice)
}

// tooFew is asked last of the causes: under few updates hardly anything is learnt, whatever else is wrong, so what else shows is said alone. A run that ended by itself had as many as it wanted.
func (f *facts) tooFew() []Finding {
	if !f.struggling() || f.Steps >= fewSteps || f.Diverged != nil || f.Stopped != "" {
		return nil
	}
	n := f.Train.Data.Len()
	advice := "Train for more epochs" + f.orFaster() + "."
	if f.BatchSize > 200 {
		advice = "Take a smaller batch, such as 100: an epoch then makes many small steps in place of a few. Or train for more epochs" + f.orFaster() + "."
	}
	return found(TooFewUpdates, f.blame(),
		say("batches of %d out of %d samples are %d updates an epoch, %d in all", f.BatchSize, n, (n+f.BatchSize-1)/f.BatchSize, f.Steps), advice)
}

func (f *facts) batchTooSmall() []Finding {
	if f.BatchSize >= smallBatch || f.Train.Data.Len() < 100*smallBatch {
		return nil
	}
	evidence := say("batches of %d are %d updates an epoch", f.BatchSize, (f.Train.Data.Len()+f.BatchSize-1)/f.BatchSize)
	if n := len(f.Epochs); n > 0 && f.Epochs[n-1].Seconds > 0 {
		evidence = listed(evidence, say("%.1f seconds: %.0f samples a second", f.Epochs[n-1].Seconds, float64(f.Train.Data.Len())/f.Epochs[n-1].Seconds))
	}
	return found(BatchTooSmall, Note, evidence,
		"Take a larger batch, such as 100: the machine multiplies a matrix about as fast as a vector, so an epoch takes a fraction of the time.")
}

// atTheLimit is a note: nothing is wrong, but it looks as if something were.
func (f *facts) atTheLimit() []Finding {
	if !f.short() || !f.atLimit() {
		return nil
	}
	n := len(f.Epochs)
	return found(AtLimit, Note,
		say("%s; the running loss stands, at %s after %s an epoch before, and the nearest neighbours of a sample tell no more of it than the network does", f.both(), spelt(f.Epochs[n-1].Running.Loss), spelt(f.Epochs[n-2].Running.Loss)),
		"More epochs will not help, nor a larger network: what is left is not in these inputs. Look for features that tell more, or for better labels.")
}

func (f *facts) unexplained() []Finding {
	evidence := then(f.both(), f.bits(), say("none of the causes that are looked for is there: the inputs, the loss, the gradients and the steps look as they should"))
	if f.Stopped != "" {
		return found(Unexplained, Note, then(evidence, say("it ended by itself after %d epochs", len(f.Epochs))),
			"More epochs would end at the same one. Look first whether these inputs can tell of the target at all: for features that tell more, or for more samples. Then change one thing at a time, such as the network or the patience.")
	}
	return found(Unexplained, Note, evidence,
		"Change one thing at a time, and look at the training set first: train for more epochs"+f.orFaster()+".")
}

func (f *facts) healthy() []Finding {
	evidence := then(f.both(), f.bits())
	if len(f.now) > 1 {
		evidence = then(evidence, say("gradient norms from %.1e to %.1e over %d layers", slices.Min(f.now), slices.Max(f.now), len(f.now)))
	}
	if f.test() == nil {
		return found(Healthy, OK, evidence, "The loss fell, and each layer gets its gradient. Whether what was learnt holds for other samples nobody knows: none were held out.")
	}
	return found(Healthy, OK, evidence, "The loss fell, each layer gets its gradient, and what was learnt holds: change one thing, and see what it does.")
}
