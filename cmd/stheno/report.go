package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/graph/inspect"
	htmlreport "github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

func reportCommand() *cobra.Command {
	var data dataFlags
	var blas blasFlags
	var out string
	cmd := &cobra.Command{
		Use:   "report RUN…",
		Short: "Write what is known of runs as one HTML file",
		Long: `Write what is known of runs as one HTML file, which needs no network and nothing
beside it: curves, the lecture's figures, the gradient by layer and step, the
diagnosis, confusion matrices, the digits that were most confidently wrong, the
first layer's weights, and the configuration that repeats the run. Several runs
are laid over one another.`,
		Example: `  stheno report runs/relu
  stheno report runs/deep-sigmoid runs/deep-relu -o vanishing.html`,
		Args:              arguments(1, -1, oneOrMoreRuns),
		ValidArgsFunction: completeUpTo(many, offerRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := blas.use(); err != nil {
				return err
			}
			if out != "-" {
				if err := canWrite(out); err != nil {
					return fmt.Errorf("--output: %w", err)
				}
			}
			var runs []htmlreport.Run
			for _, name := range args {
				record, folder, err := loadRun(cmd, name, data)
				if err != nil {
					return err
				}
				findings, err := inspect.Diagnose(cmd.Context(), record)
				if err != nil {
					return err
				}
				runs = append(runs, htmlreport.Run{Record: record, Findings: findings, Lecture: lectureOf(folder), Settings: settingsOf(folder), Command: commandOf(folder)})
			}
			var page bytes.Buffer
			if err := htmlreport.Write(cmd.Context(), &page, runs); err != nil {
				return err
			}
			if out == "-" {
				_, err := page.WriteTo(cmd.OutOrStdout())
				return err
			}
			size := page.Len()
			if err := writeWhole(out, &page); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s, %d kB: open it in a browser\n", out, (size+999)/1000)
			return nil
		},
	}
	data.add(cmd)
	blas.add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "report.html", "the `FILE` to write; - is standard output")
	_ = cmd.MarkFlagFilename("output", "html")
	return cmd
}

func lectureOf(f *run.Folder) []htmlreport.Setting {
	e, _ := models.Find(f.Config.Experiment.Name) // of another it is the zero value, without figures
	l := e.Lecture
	var all []htmlreport.Setting
	add := func(name string, value float64, format byte, places int) {
		if value != 0 {
			all = append(all, htmlreport.Setting{Name: name, Value: strings.TrimPrefix(strconv.FormatFloat(value, format, places, 64), "0")})
		}
	}
	add("training accuracy", l.Train, 'f', 4)
	add("test accuracy", l.Test, 'f', 4)
	add("noisy test accuracy", l.NoisyTest, 'f', 4)
	add("running loss, epoch 20", l.RunningLoss, 'g', -1)
	add("running accuracy, epoch 20", l.RunningAccuracy, 'f', 4)
	return all
}

func settingsOf(f *run.Folder) []htmlreport.Setting {
	c := f.Config
	e := c.Experiment
	all := []htmlreport.Setting{
		{Name: "experiment", Value: e.Name}, {Name: "hidden layers", Value: joined(e.Hidden)}, {Name: "activation", Value: e.Activation},
		{Name: "dropout", Value: fmt.Sprint(e.Dropout)}, {Name: "loss", Value: e.Loss}, {Name: "optimizer", Value: e.Optimizer},
		{Name: "learning rate", Value: orDefault(e.LearningRate)}, {Name: "batch size", Value: fmt.Sprint(e.BatchSize)},
		{Name: "epochs", Value: fmt.Sprint(e.Epochs)}, {Name: "training samples", Value: orAll(e.TrainSamples)}, {Name: "scale", Value: fmt.Sprint(e.Scale)},
		{Name: "noise on a second test set", Value: fmt.Sprint(e.Noise)}, {Name: "seed", Value: fmt.Sprint(c.Seed)}, {Name: "data set", Value: orOwn(c.Dataset)},
		{Name: "BLAS", Value: strings.TrimSpace(fmt.Sprintf("%s %s %s, %d threads", c.BLAS.Name, c.BLAS.Version, c.BLAS.Kernel, c.BLAS.Threads))},
	}
	var names []string
	for name := range c.Versions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, htmlreport.Setting{Name: name, Value: c.Versions[name]})
	}
	return all
}

func orDefault(rate float64) string {
	if rate == 0 {
		return "the optimizer's default"
	}
	return fmt.Sprint(rate)
}

func orAll(n int) string {
	if n == 0 {
		return "all"
	}
	return fmt.Sprint(n)
}

func orOwn(name string) string {
	if name == "" {
		return "files of one's own"
	}
	return name
}

func joined(widths []int) string {
	parts := make([]string, len(widths))
	for i, w := range widths {
		parts[i] = strconv.Itoa(w)
	}
	return strings.Join(parts, ",")
}

// commandOf is the command line that repeats a run. A scale has no flag: it is the experiment's.
func commandOf(f *run.Folder) string {
	c := f.Config
	e := c.Experiment
	args := []string{"stheno run " + e.Name, "--seed " + fmt.Sprint(c.Seed)}
	add := func(flag string, value any) { args = append(args, fmt.Sprintf("--%s %v", flag, value)) }
	if len(e.Hidden) > 0 {
		add("hidden", joined(e.Hidden))
	}
	add("activation", e.Activation)
	add("dropout", e.Dropout)
	add("loss", e.Loss)
	add("optimizer", e.Optimizer)
	if e.LearningRate != 0 {
		add("learning-rate", e.LearningRate)
	}
	add("batch-size", e.BatchSize)
	add("epochs", e.Epochs)
	if e.TrainSamples != 0 {
		add("train-samples", e.TrainSamples)
	}
	add("noise", e.Noise)
	if c.Dataset != "" {
		add("dataset", c.Dataset)
	} else {
		add("data-dir", "FOLDER")
	}
	add("blas", c.BLAS.Name)
	add("threads", c.BLAS.Threads)
	return strings.Join(args, " \\\n  ")
}
