package models

import (
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// Mends lists the experiments that mend what the lecture leaves open: each is one of its own, or wrong-labels, with a change. Their bands are what seeds showed on the digits that come with the program
// (stheno run NAME --seed N), with room.
func Mends() []Experiment {
	lecture := map[string]Experiment{}
	for _, e := range Experiments() {
		lecture[e.Name] = e
	}

	batchNorm := mend(lecture["deep-sigmoid"], "deep-batchnorm", "deep-sigmoid with He's weights, which alone do not mend it, and batch normalisation before each sigmoid, behind which no layer's gradient vanishes; 6 epochs")
	batchNorm.Hidden, batchNorm.Activation, batchNorm.Epochs = nil, layers.Linear, 6
	batchNorm.Layers = words(batchNorm.Name, `
		sequence(dense 633 weights=he-normal, batchnorm, sigmoid) * 3
		sequence(dense 689 weights=he-normal, batchnorm, sigmoid) * 10
		dense 10 softmax`)
	batchNorm.Band = Band{Train: Range{.93, .997}, Test: Range{.88, .955}} // seen .954 to .985, and .902 to .934

	// With a shortcut around each layer by itself, drawn as usual, the outputs grow from layer to layer, and the loss is NaN after four steps.
	residual := mend(lecture["deep-relu"], "deep-residual", "deep-relu with shortcuts around pairs of layers, of which the second begins at 0 (Goyal et al. 2017), so that it learns from the first step on; 3 epochs")
	residual.Hidden, residual.Activation, residual.Epochs = nil, layers.Linear, 3
	residual.Layers = words(residual.Name, `
		dense 633 relu
		residual(dense 633 relu, dense 633 weights=zeros)
		dense 689 relu * 2
		residual(dense 689 relu, dense 689 weights=zeros) * 4
		dense 10 softmax`)
	residual.Band = Band{Train: Range{.92, .99}, Test: Range{.89, .96}} // seen .943 to .969, and .916 to .940

	clipped := mend(lecture["deep-relu"], "deep-clipped", "deep-relu with a warm-up of two epochs, and its gradient's norm cut to 1, so that no step leaps")
	clipped.Optimizer, clipped.LearningRate = "clip(scheduled(sgd 0.1) (warmup 200, constant)) 1", 0
	clipped.Band = Band{Train: Range{.97, 1}, Test: Range{.926, .956}} // ten seeds: .981 to .997, and .929 to .948; without the mend .88 to 1

	noisy := mend(lecture["noise"], "noisy-training", "noise, with N(0, 0.25) added to the training digits, too, anew in each step; decay, early stopping and smoothing do not mend it")
	noisy.Hidden, noisy.Activation = nil, layers.Linear
	noisy.Layers = words(noisy.Name, "noise 0.5, dense 633 relu * 3, dense 10 softmax")
	noisy.Band = Band{Train: Range{.985, 1}, Test: Range{.95, .98}, NoisyTest: Range{.69, .765}} // seen .991 to .994, .961 to .970, and .715 to .736

	wrong := mend(lecture["adam"], "wrong-labels", "adam on 2,000 digits, of which 3 in 10 have a wrong label: it learns those by heart, too; what the next two mend")
	wrong.TrainSamples, wrong.Mislabelled = 2000, .3
	wrong.Band = Band{Train: Range{.97, 1}, Test: Range{.69, .785}} // seen .983 to .998, and .715 to .758

	stopped := mend(wrong, "early-stopping", "wrong-labels, of which a fifth is held out, and stopped when its loss has not gone down for two epochs: before the wrong ones are learnt")
	stopped.Validation, stopped.Patience = .2, 2
	stopped.Band = Band{Train: Range{.62, .72}, Test: Range{.77, .87}} // seen .647 to .689, and .795 to .847

	decayed := mend(wrong, "weight-decay", "wrong-labels with a weight decay of 10, beside the gradient's step, of all but biases: the weights stay too small for most of the wrong ones, and most seeds test better; 1 is not enough")
	decayed.Optimizer, decayed.LearningRate = "adam 0.001 weight-decay=10 matrices-only", 0
	decayed.Band = Band{Train: Range{.64, .8}, Test: Range{.68, .87}} // seen .673 to .768, and .712 to .834: its last step decides how much it is above wrong-labels

	smoothed := mend(lecture["adam"], "smoothing", "adam with labels smoothed by 0.1 (Szegedy et al. 2016), so that it need not become ever surer")
	smoothed.Loss = losses.CrossEntropy{Smoothing: .1}
	smoothed.Band = Band{Train: Range{.995, 1}, Test: Range{.955, .985}} // seen 1, and .968 to .972

	return []Experiment{batchNorm, residual, clipped, noisy, wrong, stopped, decayed, smoothed}
}

// mend is an experiment that changes another one, of which the lecture shows nothing.
func mend(of Experiment, name, what string) Experiment {
	of.Name, of.Changes, of.Lecture, of.Band = name, what, Figures{}, Band{}
	return of
}
