package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
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
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/inspect/figure/panels"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func gradientsCommand() *cobra.Command {
	g := &gradients{}
	cmd := &cobra.Command{
		Use:   "gradients [EXPERIMENT|RUN|FILE…]",
		Short: "Show how large the gradient is in every layer",
		Long: `Show how large the gradient is in every layer, at chosen steps of the training:
step 0 is before the first update.

A line is a layer, first layer first: the norm of the gradient of its
parameters, drawn on a log scale. Where the first lines are far shorter than the
last, the gradient vanishes on its way back, and the first layers do not learn.
Several experiments stand side by side. An experiment is trained only as far as
the last step that is asked for.

Of a run it is what was recorded while it trained (stheno run records steps 10,
100, 1000 and so on, or what --record-gradients says), and step 0. Without --at
these are shown, a few of many.

With --histogram it is the gradient's elements: for each layer a line a step,
the higher, the more of them have that value.

With --checkpoint it is the gradient of the batch that a run would train on
next, with the run's own settings: the flags are the experiments'. Of a model
file it is that of the first 100 shuffled samples.`,
		Example: `  stheno gradients deep-sigmoid deep-relu
  stheno gradients relu --at 0,100,1000 --json
  stheno gradients deep-sigmoid deep-relu --plot vanishing.svg
  stheno gradients latest --histogram
  stheno gradients --checkpoint runs/relu`,
		Args:              usage.Arguments(0, -1, usage.Models),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.ExperimentsAndRuns),
		RunE:              g.run,
	}
	g.flags.Add(cmd)
	g.data.Add(cmd)
	g.blas.Add(cmd)
	flags.Ints(cmd.Flags(), &g.at, "at", []int{0}, "steps to look at, such as 0,100,1000")
	cmd.Flags().StringArrayVar(&g.checkpoints, "checkpoint", nil, "look at the weights of this `RUN` too: its name, its folder, one of its checkpoint files, or a model file; may be given several times")
	cmd.Flags().BoolVar(&g.histogram, "histogram", false, "draw how the gradient's elements are distributed, layer by layer and step by step")
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
	histogram   bool
	json        bool
	plot        string
}

// A flow is what is shown of an experiment, a run or a file.
type flow struct {
	figure.Flow
	of      results.Origin
	clipped string // what is to be said of it, where something was cut
}

func (g *gradients) run(cmd *cobra.Command, args []string) error {
	if len(args)+len(g.checkpoints) == 0 {
		return usage.Arguments(1, -1, usage.Models+", or --checkpoint")(cmd, args)
	}
	for _, at := range g.at {
		if at < 0 {
			return usage.Errorf("--at: got %d, want steps of at least 0", at)
		}
	}
	experiments, trained, err := g.divide(args)
	if err != nil {
		return err
	}
	if err := g.suits(cmd, experiments, trained); err != nil {
		return err
	}
	if g.plot != "" {
		if err := files.CanWrite(g.plot); err != nil {
			return fmt.Errorf("--plot: %w", err)
		}
	}
	if _, err := g.blas.Use(); err != nil {
		return err
	}
	sets, err := g.data.Each(&g.flags, experiments)
	if err != nil {
		return err
	}
	for _, e := range experiments {
		if err := g.reach(e, sets[e.Name].Train.Len()); err != nil {
			return err
		}
	}
	// What was trained already comes first, so that what is wrong with it is said before a training.
	var flows []flow
	looked := usage.Each(cmd.ErrOrStderr(), append(trained, g.checkpoints...), func(name string) error {
		look := g.checkpoint
		if slices.Contains(trained, name) && !flags.IsFile(name) {
			look = func(cmd *cobra.Command, name string) (flow, error) {
				return g.recorded(cmd, name, len(experiments) > 0)
			}
		}
		f, err := look(cmd, name)
		if err == nil {
			f.Name = term.Plain(f.Name)
			flows = append(flows, f)
		}
		return err
	})
	if looked != nil && (!errors.Is(looked, usage.ErrSaid) || len(flows)+len(experiments) == 0) {
		return looked
	}
	ofRuns := flows
	flows = nil
	failed := usage.Each(cmd.ErrOrStderr(), experiments, func(e models.Experiment) error {
		set := sets[e.Name]
		f, whole, err := training.Flow(cmd, e, set.Train, set.Test, g.flags.Seed, g.at)
		if err != nil {
			return err
		}
		config, err := e.RunConfig(g.flags.Seed, g.data.Of(e).Name(), set.Train)
		if err != nil {
			return err
		}
		flows = append(flows, flow{Flow: f, of: results.OriginOf(nil, &config)})
		if !whole {
			return usage.ErrSaid
		}
		return nil
	})
	if failed != nil && !errors.Is(failed, usage.ErrSaid) {
		return failed
	}
	return cmp.Or(g.show(cmd, append(flows, ofRuns...)), failed, looked)
}

// divide tells experiments from runs and files.
func (g *gradients) divide(args []string) (experiments []models.Experiment, trained []string, err error) {
	var names []string
	for _, name := range args {
		switch {
		case name == "all" && !runs.Is(name), !flags.IsFile(name) && !runs.Is(name) && filepath.Base(name) == name:
			names = append(names, name)
		default:
			trained = append(trained, name)
		}
	}
	for _, name := range names {
		if name != "all" {
			if _, err := g.flags.Of(name); err != nil {
				return nil, nil, err
			}
		}
	}
	experiments, err = g.flags.FindAll(names)
	return experiments, trained, err
}

// suits is an error where the flags do not suit what is looked at, or one another.
func (g *gradients) suits(cmd *cobra.Command, experiments []models.Experiment, trained []string) error {
	if len(experiments) == 0 {
		own := g.flags.Changed()
		for _, name := range []string{"seed", "at"} {
			if cmd.Flags().Changed(name) && (name != "at" || len(trained) == 0) {
				own = append(own, "--"+name)
			}
		}
		switch {
		case len(own) > 0 && len(trained) > 0:
			return usage.Errorf("%s was trained with its own settings: leave out %s, or name an experiment", trained[0], strings.Join(own, ", "))
		case len(own) > 0:
			return usage.Errorf("--checkpoint: a run is looked at where the checkpoint is, with its own settings: leave out %s, or name an experiment", strings.Join(own, ", "))
		}
	}
	ext := filepath.Ext(g.plot)
	switch {
	case g.plot == "":
	case ext != ".svg" && ext != ".png":
		return usage.Errorf("--plot: got %q, want a file that ends in .svg or .png", g.plot)
	case g.histogram && ext != ".svg":
		return usage.Errorf("--plot: got %q, want a file that ends in .svg, as which histograms are drawn", g.plot)
	}
	return nil
}

// show prints what was seen, and draws it.
func (g *gradients) show(cmd *cobra.Command, all []flow) error {
	var flows []figure.Flow
	for _, f := range all {
		flows = append(flows, f.Flow)
	}
	if len(figure.Steps(flows...)) == 0 {
		return nil
	}
	if g.plot != "" {
		var picture io.WriterTo
		var err error
		if g.histogram {
			picture = strings.NewReader(figure.Histograms(flows...))
		} else if picture, err = panels.Draw(strings.TrimPrefix(filepath.Ext(g.plot), "."), flows...); err != nil {
			return fmt.Errorf("--plot %s: %w", g.plot, err)
		}
		if err := files.WriteWhole(g.plot, picture); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	switch {
	case g.json:
		encoder := term.JSON(out)
		for _, f := range all {
			for _, s := range f.Snapshots {
				so := results.NewGradients(f.of, f.Name, s)
				if g.histogram {
					so.AddHistograms(s)
				}
				if err := encoder.Encode(so); err != nil {
					return err
				}
			}
		}
		return nil
	case g.histogram:
		_, err := fmt.Fprint(out, figure.HistogramText(term.Width(out), term.Unicode(), flows...))
		return err
	}
	said := ""
	for _, f := range all {
		if f.clipped != "" {
			if said == "" {
				said = "\n"
			}
			said += term.Indent(f.Name+": "+f.clipped+" (what is shown is before that)", 0, term.Width(out))
		}
	}
	_, err := fmt.Fprint(out, figure.GradientText(term.Width(out), term.Unicode(), flows...), said)
	return err
}

// fewSteps is how many of a run's steps are shown in tables where nobody says which; of histograms, which are short, twice as many.
const fewSteps = 6

// recorded is what was recorded of a run at the steps of --at; where that is not given all of it, but for tables a few, or the first step beside experiments, which are shown there.
func (g *gradients) recorded(cmd *cobra.Command, name string, beside bool) (flow, error) {
	folder, err := runs.Open(name)
	if err != nil {
		return flow{}, err
	}
	trainSet, testSet, err := g.data.OpenFor(cmd, folder)
	if err != nil {
		return flow{}, err
	}
	all, err := runs.Snapshots(cmd.Context(), folder, train.Position{Step: math.MaxUint64}, trainSet, testSet)
	if err != nil {
		return flow{}, err
	}
	f := flow{Flow: figure.Flow{Name: runs.Title(folder.Dir)}, of: results.OriginOf(folder, nil)}
	if epochs, err := folder.Epochs(); err == nil {
		f.clipped = results.Clipped(epochs)
	}
	if !cmd.Flags().Changed("at") && !beside {
		switch f.Snapshots = all; {
		case g.json:
		case g.histogram:
			f.Snapshots = figure.Few(2*fewSteps, all)
		default:
			f.Snapshots = figure.Few(fewSteps, all)
		}
		return f, nil
	}
	var steps []uint64
	for _, s := range all {
		steps = append(steps, s.Step)
		if slices.Contains(g.at, int(s.Step)) {
			f.Snapshots = append(f.Snapshots, s)
		}
	}
	for _, at := range g.at {
		if !slices.Contains(steps, uint64(at)) {
			return flow{}, fmt.Errorf("%s: no gradients of step %d were recorded: want some of %s", name, at, strings.Trim(strings.ReplaceAll(fmt.Sprint(steps), " ", ", "), "[]"))
		}
	}
	return f, nil
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
func (g *gradients) file(cmd *cobra.Command, path string) (flow, error) {
	t, err := flags.OpenFile(path)
	if err != nil {
		return flow{}, err
	}
	loss, err := t.Loss()
	if err != nil {
		return flow{}, err
	}
	trainSet, _, err := t.Open(cmd, g.data)
	if err != nil {
		return flow{}, err
	}
	s, err := inspect.TakeNext(t.Model, loss, trainSet, t.Experiment.BatchSize, t.Seed, t.At)
	if err != nil {
		return flow{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := s.Pass(cmd.Context(), t.Model, trainSet); err != nil {
		return flow{}, err
	}
	return flow{Flow: figure.Flow{Name: t.Experiment.Name, Snapshots: []*inspect.Snapshot{s}}, of: originOf(t)}, nil
}

// checkpoint looks at the batch that a run would train on next.
func (g *gradients) checkpoint(cmd *cobra.Command, path string) (flow, error) {
	dir, which := path, "latest"
	if step := checkpointFile.FindStringSubmatch(filepath.Base(path)); step != nil {
		dir, which = filepath.Dir(filepath.Dir(path)), step[1]
	}
	if flags.IsFile(path) && which == "latest" {
		return g.file(cmd, path)
	}
	folder, err := runs.Open(dir)
	if err != nil {
		return flow{}, err
	}
	checkpoint, err := folder.Checkpoint(which)
	if err != nil {
		return flow{}, err
	}
	model, position, err := folder.Model(checkpoint, nil)
	if err != nil {
		return flow{}, err
	}
	trainSet, testSet, err := g.data.OpenFor(cmd, folder)
	if err != nil {
		return flow{}, err
	}
	e, err := runs.Experiment(folder, trainSet)
	if err != nil {
		return flow{}, err
	}
	scaled, _, _, err := e.Data(trainSet, testSet, folder.Config.Seed)
	if err != nil {
		return flow{}, err
	}
	s, err := inspect.TakeNext(model, e.Loss, scaled, e.BatchSize, folder.Config.Seed, position)
	if err != nil {
		return flow{}, fmt.Errorf("%s: %w", dir, err)
	}
	if err := s.Pass(cmd.Context(), model, scaled); err != nil {
		return flow{}, err
	}
	return flow{Flow: figure.Flow{Name: runs.Title(folder.Dir), Snapshots: []*inspect.Snapshot{s}}, of: results.OriginOf(folder, nil)}, nil
}
