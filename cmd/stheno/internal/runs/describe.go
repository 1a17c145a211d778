package runs

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// Describe tells a run from others in a line: its experiment, seed, optimizer with the learning rate, and network; and what differs from the experiment.
func Describe(c run.Config) string {
	e := c.Experiment
	line := fmt.Sprintf("%s, seed %d, %s, %s", e.Name, c.Seed, e.Optimizer, shortened(Network(e.Network), 70))
	if c.File != "" {
		line += "; learnt of " + filepath.Base(c.File)
		if target := own.Target(c.Preparation.Source()); len(target) > 0 {
			line += ", target " + strings.Join(target, ", ")
		}
	}
	if changed := Changed(c); len(changed) > 0 {
		line += "; changed: " + strings.Join(changed, ", ")
	}
	return line
}

// Changed are the settings of a run that are not its experiment's, each with the experiment's in brackets; none of what is no experiment that this program knows.
func Changed(c run.Config) []string {
	was, err := models.Find(c.Experiment.Name)
	if err != nil {
		return nil
	}
	e, err := models.OfRun(c)
	if err != nil {
		return nil
	}
	var all []string
	differ := func(name string, is, was any) {
		if got, old := fmt.Sprint(is), fmt.Sprint(was); got != old {
			all = append(all, fmt.Sprintf("%s %s (%s)", name, got, old))
		}
	}
	switch {
	case e.Layers != nil && was.Layers != nil && c.Experiment.Network != networkOf(was, c):
		all = append(all, "network")
	case (e.Layers != nil) != (was.Layers != nil):
		all = append(all, "network")
	default:
		differ("hidden", joined(e.Hidden), joined(was.Hidden))
		differ("activation", e.Activation, was.Activation)
		differ("dropout", e.Dropout, was.Dropout)
	}
	if loss, err := losses.Format(was.Loss); err == nil {
		differ("loss", c.Experiment.Loss, loss)
	}
	differ("optimizer", optimizer(e), optimizer(was))
	differ("batch size", e.BatchSize, was.BatchSize)
	differ("epochs", e.Epochs, was.Epochs)
	differ("training samples", orAll(e.TrainSamples), orAll(was.TrainSamples))
	differ("held out", e.Validation, was.Validation)
	differ("patience", e.Patience, was.Patience)
	differ("frozen", e.Frozen, was.Frozen)
	differ("shards", max(e.Shards, 1), max(was.Shards, 1))
	differ("scale", e.Scale, was.Scale)
	differ("noise", e.Noise, was.Noise)
	differ("mislabelled", e.Mislabelled, was.Mislabelled)
	differ("data", orOwn(c.Dataset), was.On())
	return all
}

// networkOf is an experiment's network in words, on the data of a run; "" where it does not suit them.
func networkOf(e models.Experiment, c run.Config) string {
	m, err := e.Model(c.Info(), c.ModelSeed)
	if err != nil {
		return ""
	}
	words, err := layers.Format(m.Net())
	if err != nil {
		return ""
	}
	return words
}

func optimizer(e models.Experiment) string {
	if e.LearningRate == 0 {
		return e.Optimizer
	}
	return fmt.Sprint(e.Optimizer, " ", e.LearningRate)
}

// Network is a network's words on a line, without its input where that is the one that it begins with.
func Network(words string) string {
	first, rest, ok := strings.Cut(words, "\n")
	if ok && strings.HasPrefix(first, "x = input ") && !strings.Contains(rest, "< x") {
		words = rest
	}
	return oneLine(words)
}

// shortened is a line without its middle, where it is longer than so many letters.
func shortened(s string, most int) string {
	letters := []rune(s)
	if len(letters) <= most {
		return s
	}
	return string(letters[:most/2]) + " … " + string(letters[len(letters)-most/2+3:])
}
