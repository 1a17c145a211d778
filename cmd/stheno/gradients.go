package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/inspect/figure/panels"
	"github.com/stheno-ml/stheno/models"
)

func gradientsCommand() *cobra.Command {
	g := &gradients{}
	cmd := &cobra.Command{
		Use:   "gradients [EXPERIMENT…]",
		Short: "Show how large the gradient is in every layer",
		Long: `Show how large the gradient is in every layer, at chosen steps of the training:
step 0 is before the first update.

A line is a layer, first layer first: the norm of the gradient of its
parameters, drawn on a log scale. Where the first lines are far shorter than the
last, the gradient vanishes on its way back, and the first layers do not learn.
Several experiments stand side by side. Training goes only as far as the last
step that is asked for.

With --checkpoint it is the gradient of the batch that a run would train on
next, with the run's own settings: the flags are the experiments'. Of a model
file it is that of the first 100 shuffled samples.`,
		Example: `  stheno gradients deep-sigmoid deep-relu
  stheno gradients relu --at 0,100,1000 --json
  stheno gradients deep-sigmoid deep-relu --plot vanishing.svg
  stheno gradients --checkpoint runs/relu`,
		Args:              usage.Arguments(0, -1, usage.Experiments),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.Experiments),
		RunE:              g.run,
	}
	g.flags.Add(cmd)
	g.data.Add(cmd)
	g.blas.Add(cmd)
	flags.Ints(cmd.Flags(), &g.at, "at", []int{0}, "steps to look at, such as 0,100,1000")
	cmd.Flags().StringArrayVar(&g.checkpoints, "checkpoint", nil, "look at the weights of this `RUN` too: its name, its folder, one of its checkpoint files, or a model file; may be given several times")
	cmd.Flags().BoolVar(&g.json, "json", false, "one JSON object an experiment and step on standard output")
	cmd.Flags().StringVar(&g.plot, "plot", "", "draw a picture into this `FILE`, .svg or .png")
	_ = cmd.MarkFlagFilename("plot", "svg", "png")
	complete.Flag(cmd, "checkpoint", complete.RunsAndFiles)
	return cmd
}

// gradients is the gradients command with its flags.
type gradients struct {
	flags       flags.Experiment
	data        flags.Data
	blas        flags.BLAS
	at          []int
	checkpoints []string
	json        bool
	plot        string
}

func (g *gradients) run(cmd *cobra.Command, args []string) error {
	if len(args)+len(g.checkpoints) == 0 {
		return usage.Arguments(1, -1, usage.Experiments+", or --checkpoint")(cmd, args)
	}
	for _, at := range g.at {
		if at < 0 {
			return usage.Errorf("--at: got %d, want steps of at least 0", at)
		}
	}
	if len(args) == 0 {
		own := g.flags.Changed()
		for _, name := range []string{"seed", "at"} {
			if cmd.Flags().Changed(name) {
				own = append(own, "--"+name)
			}
		}
		if len(own) > 0 {
			return usage.Errorf("--checkpoint: a run is looked at where the checkpoint is, with its own settings: leave out %s, or name an experiment", strings.Join(own, ", "))
		}
	}
	if ext := filepath.Ext(g.plot); g.plot != "" && ext != ".svg" && ext != ".png" {
		return usage.Errorf("--plot: got %q, want a file that ends in .svg or .png", g.plot)
	}
	if g.plot != "" {
		if err := files.CanWrite(g.plot); err != nil {
			return fmt.Errorf("--plot: %w", err)
		}
	}
	experiments, err := g.flags.FindAll(args)
	if err != nil {
		return err
	}
	if _, err := g.blas.Use(); err != nil {
		return err
	}
	var trainSet, testSet *datasets.Dataset
	if len(experiments) > 0 {
		if trainSet, testSet, err = g.data.OpenTo(&g.flags); err != nil {
			return err
		}
	}
	for _, e := range experiments {
		if err := g.reach(e, trainSet.Len()); err != nil {
			return err
		}
	}
	var ofRuns []figure.Flow
	for _, path := range g.checkpoints { // before the training, which would be lost if one of them is none
		f, err := g.checkpoint(cmd, path)
		if err != nil {
			return err
		}
		f.Name = term.Plain(f.Name)
		ofRuns = append(ofRuns, f)
	}
	var flows []figure.Flow
	var failed error
	for _, e := range experiments {
		f, whole, err := training.Flow(cmd, e, trainSet, testSet, g.flags.Seed, g.at)
		if err != nil {
			return err
		}
		if flows = append(flows, f); !whole {
			failed = usage.ErrSaid
		}
	}
	if flows = append(flows, ofRuns...); len(figure.Steps(flows...)) == 0 {
		return failed
	}
	if g.plot != "" {
		picture, err := panels.Draw(strings.TrimPrefix(filepath.Ext(g.plot), "."), flows...)
		if err != nil {
			return fmt.Errorf("--plot %s: %w", g.plot, err)
		}
		if err := files.WriteWhole(g.plot, picture); err != nil {
			return err
		}
	}
	if g.json {
		encoder := term.JSON(cmd.OutOrStdout())
		for _, f := range flows {
			for _, s := range f.Snapshots {
				if err := encoder.Encode(results.NewGradients(f.Name, s)); err != nil {
					return err
				}
			}
		}
		return failed
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), figure.GradientText(term.Width(cmd.OutOrStdout()), term.Unicode(), flows...))
	return cmp.Or(err, failed)
}

// reach is an error where an experiment does not come as far as the steps that are asked for.
func (g *gradients) reach(e models.Experiment, samples int) error {
	if e.TrainSamples > 0 {
		samples = e.TrainSamples
	}
	batch := min(e.BatchSize, samples)
	if last, epoch := slices.Max(g.at), (samples+batch-1)/batch; last/epoch >= e.Epochs {
		return usage.Errorf("--at: got %d, want a step of 0 to %d, which are those of %s with --epochs %d, %d samples and batches of %d: more --epochs make more",
			last, e.Epochs*epoch-1, e.Name, e.Epochs, samples, batch)
	}
	return nil
}

// checkpointFile is how a run calls a checkpoint.
var checkpointFile = regexp.MustCompile(`^step-([0-9]+)\.safetensors$`)

// file looks at the first batch of the data of the flags, by a file's model.
func (g *gradients) file(cmd *cobra.Command, path string) (figure.Flow, error) {
	t, err := flags.OpenFile(path)
	if err != nil {
		return figure.Flow{}, err
	}
	loss, err := t.Loss()
	if err != nil {
		return figure.Flow{}, err
	}
	trainSet, _, err := t.Open(cmd, g.data)
	if err != nil {
		return figure.Flow{}, err
	}
	s, err := inspect.TakeNext(t.Model, loss, trainSet, t.Experiment.BatchSize, t.Seed, t.At)
	if err != nil {
		return figure.Flow{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := s.Pass(cmd.Context(), t.Model, trainSet); err != nil {
		return figure.Flow{}, err
	}
	return figure.Flow{Name: t.Experiment.Name, Snapshots: []*inspect.Snapshot{s}}, nil
}

// checkpoint looks at the batch that a run would train on next.
func (g *gradients) checkpoint(cmd *cobra.Command, path string) (figure.Flow, error) {
	dir, which := path, "latest"
	if step := checkpointFile.FindStringSubmatch(filepath.Base(path)); step != nil {
		dir, which = filepath.Dir(filepath.Dir(path)), step[1]
	}
	if flags.IsFile(path) && which == "latest" {
		return g.file(cmd, path)
	}
	folder, err := runs.Open(dir)
	if err != nil {
		return figure.Flow{}, err
	}
	checkpoint, err := folder.Checkpoint(which)
	if err != nil {
		return figure.Flow{}, err
	}
	model, position, err := folder.Model(checkpoint, nil)
	if err != nil {
		return figure.Flow{}, err
	}
	trainSet, testSet, err := g.data.OpenFor(cmd, folder)
	if err != nil {
		return figure.Flow{}, err
	}
	e, err := runs.Experiment(folder, trainSet)
	if err != nil {
		return figure.Flow{}, err
	}
	scaled, _, _, err := e.Data(trainSet, testSet, folder.Config.Seed)
	if err != nil {
		return figure.Flow{}, err
	}
	s, err := inspect.TakeNext(model, e.Loss, scaled, e.BatchSize, folder.Config.Seed, position)
	if err != nil {
		return figure.Flow{}, fmt.Errorf("%s: %w", dir, err)
	}
	if err := s.Pass(cmd.Context(), model, scaled); err != nil {
		return figure.Flow{}, err
	}
	return figure.Flow{Name: filepath.Base(filepath.Clean(dir)), Snapshots: []*inspect.Snapshot{s}}, nil
}
