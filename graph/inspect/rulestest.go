package inspect

import (
	"math"

	"github.com/stheno-ml/stheno/graph/train"
)

func (f *facts) shifted() []Finding {
	var all []Finding
	dropout, _ := f.dropout()
	for i, t := range f.Tests {
		s := f.shifts[i]
		if !s.far() {
			continue
		}
		evidence := say("%s: mean %s, standard deviation %s; the training set: mean %s, standard deviation %s", named(t.Name), spelt(s.values.mean), spelt(s.values.std), spelt(f.values.mean), spelt(f.values.std))
		severity := Note
		if a := f.tests[i]; a != nil && t.Result != nil {
			drop := f.fit.rate - a.rate
			evidence = then(evidence, say("%s there, %s on the training set", a.rated(a.rate), a.rated(f.fit.rate)))
			switch {
			case drop > .2:
				severity = Error
			case drop > overfitGap || s.scaled():
				severity = Warning
			}
		}
		advice := "The test data are not what the network was trained on. Bring them to the training set's range, or train on data that vary as the test data do."
		switch {
		case s.scaled():
			evidence = say("%s: its values are %s times as large", evidence, spelt(s.spread))
			advice = "Prepare the test data as the training data were prepared: scaled by the same numbers, once."
		case dropout == 0:
			advice = "The test data are not what the network was trained on. Bring them to the training set's range, train on data that vary as the test data do, or use dropout: the training figure drops and the shifted test gains."
		}
		all = append(all, found(ShiftedTest, severity, evidence, advice)...)
	}
	return all
}

// otherLabels: the test set's classes are numbered otherwise than the training set's: most of a class are taken for one and the same other.
func (f *facts) otherLabels() []Finding {
	t := f.test()
	if t == nil || t.kind != ofClasses || f.fit.skill < .3 || t.rate > t.chance || f.shifts[0].scaled() || f.shifts[0].distance > .5 {
		return nil
	}
	seen, moved, example := 0, 0, phrase{}
	taken := 0           // samples that are taken for what most of their class are
	to := map[int]bool{} // data that are shifted are taken for a class or two, whatever they are
	for is, row := range t.confusion {
		n, top := 0, 0
		for said, count := range row {
			if n += count; count > row[top] {
				top = said
			}
		}
		if n < 5 {
			continue
		}
		taken += row[top]
		if seen++; top != is && float64(row[top]) > .5*float64(n) {
			moved++
			to[top] = true
			if example.text == "" {
				example = say("%d of %d test samples of class %q are taken for %q", row[top], n, f.class(is), f.class(top))
			}
		}
	}
	if 2*moved <= seen || 4*len(to) < 3*moved {
		return nil
	}
	all := float64(len(t.said)) // numbered anew, most would have to be right, by more than chance makes of few
	if share := float64(taken) / all; share-3*math.Sqrt(share*(1-share)/all) < max(t.chance, f.fit.rate/2) {
		return nil
	}
	return found(WrongLabels, Error,
		say("%s, fewer than by guessing: %s, and so on for %d of %d classes", f.both(), example, moved, seen),
		"The classes are numbered otherwise in the one set than in the other, such as from 1 in place of 0, or in another order: look at samples of both sets beside their labels, and number them by one list.")
}

func (f *facts) overfitting() []Finding {
	if f.failed() || f.gap() < noteGap || f.gap() < 2*f.test().uncertainty() || f.shifts[0].far() {
		return nil
	}
	severity := Warning
	if f.gap() < overfitGap || f.gap() < 3*f.test().uncertainty() {
		if f.short() {
			return nil
		}
		severity = Note
	}
	evidence := then(f.both(), f.moved())
	dropout, _ := f.dropout()
	advice := "Train on more samples, use dropout, or stop where the test loss is smallest."
	switch {
	case f.Stopped != "" && dropout > 0: // it did stop
		advice = "Train on more samples, or drop more."
	case f.Stopped != "":
		advice = "Train on more samples, or use dropout."
	case dropout > 0:
		advice = "Train on more samples, drop more, or stop where the test loss is smallest."
	}
	return found(Overfitting, severity, evidence,
		advice+" The training figure will drop; the test figure is the one to watch.")
}

// fewTests is in the place of healthy where the test set is so small that what was learnt may hold far less of other samples than of those that were learnt from. Beside another finding it does
// not say that nothing is seen.
func (f *facts) fewTests(alone bool) []Finding {
	t := f.test()
	if t == nil || f.fit.text {
		return nil
	}
	low, high := t.interval()
	if low >= f.fit.rate-fewGap {
		return nil
	}
	evidence := f.both()
	if f.gap() >= overfitGap {
		evidence = then(evidence, f.moved())
	}
	switch {
	case t.kind != ofNumbers:
		evidence = then(evidence, say("of %d test samples: on others it may be anywhere from %s to %s (95 %% confidence)", t.len(), accuracy(low), accuracy(high)))
	case math.IsInf(low, 0):
		evidence = then(evidence, say("of %d test samples an R² says nothing", t.len()))
	default:
		evidence = then(evidence, say("of %d test samples: on others R² may be anywhere from %s to %s (95 %% confidence)", t.len(), spelt(low), spelt(high)))
	}
	if !alone {
		return found(FewTests, Note, evidence,
			"So few test samples cannot tell whether what was learnt holds. Hold out more samples, take more data, or train with several seeds, which hold out others, and look at the mean.")
	}
	return found(FewTests, Note, evidence,
		"Nothing is seen to be wrong with the training, but so few test samples cannot tell whether what was learnt holds. Hold out more samples, take more data, or train with several seeds, which hold out others, and look at the mean.")
}

// evaluatedOn is what the epochs' Evaluated are of.
func (f *facts) evaluatedOn() phrase {
	if f.Held {
		return say("validation")
	}
	return say("test")
}

// moved says which of the two losses moved since the test loss was smallest; where the test set was not evaluated after each epoch, what
// the training loss did. The figures are as the curves and tables beside it write them.
func (f *facts) moved() (nothing phrase) {
	best := -1
	for i, e := range f.Epochs {
		if e.Evaluated != nil && (best < 0 || e.Evaluated.Loss < f.Epochs[best].Evaluated.Loss) {
			best = i
		}
	}
	n := len(f.Epochs) - 1
	if n < 1 {
		return nothing
	}
	figure := func(v float64) string { return train.FormatFigure(v, 4) }
	if best < 0 || f.Epochs[n].Evaluated == nil {
		return say("the training loss went from %s in epoch %d to %s in epoch %d; the test set was evaluated at the end alone",
			figure(f.Epochs[0].Running.Loss), f.Epochs[0].Epoch, figure(f.Epochs[n].Running.Loss), f.Epochs[n].Epoch)
	}
	from, to := f.Epochs[best], f.Epochs[n]
	switch {
	case best == n:
		return say("the %s loss was smallest in the last epoch, at %s, where the training loss came to %s", f.evaluatedOn(), figure(to.Evaluated.Loss), figure(to.Running.Loss))
	case to.Evaluated.Loss <= 1.05*from.Evaluated.Loss:
		return say("the %s loss stopped falling at %s in epoch %d, while the training loss went on to %s in epoch %d", f.evaluatedOn(), figure(from.Evaluated.Loss), from.Epoch, figure(to.Running.Loss), to.Epoch)
	}
	return say("since epoch %d the %s loss rose from %s to %s, while the training loss fell from %s to %s",
		from.Epoch, f.evaluatedOn(), figure(from.Evaluated.Loss), figure(to.Evaluated.Loss), figure(from.Running.Loss), figure(to.Running.Loss))
}
