package main

import (
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// evalReport is what eval prints of a run.
type evalReport struct {
	results.Origin
	Experiment       string         `json:"experiment"`
	Seed             uint64         `json:"seed"`
	Epoch            int            `json:"epoch"`
	Step             uint64         `json:"step"`
	Dataset          string         `json:"dataset"`
	Train            *train.Metrics `json:"train"`
	Test             *train.Metrics `json:"test"`
	NoisyTest        *train.Metrics `json:"noisy_test,omitempty"`
	PredictedClasses int            `json:"predicted_classes"`
	Climb            int            `json:"epochs_to_95,omitempty"` // of running training accuracy, up to this epoch
}

func evalCommand() *cobra.Command {
	var (
		weights flags.Weights
		data    flags.Data
		engine  flags.BLAS
		noise   float64
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "eval RUN|FILE… [DATA…]",
		Short: "Evaluate the networks of runs or model files",
		Long: `Evaluate the networks of runs, on their own data or others, or of model files,
on the data of the flags.

DATA is a table, an array or pictures with their answers, for runs of stheno
train and their model files: it is read by the names of its columns, and
prepared, as what they were trained on.`,
		Example: `  stheno eval my-run
  stheno eval my-run --checkpoint best --noise 0.5
  stheno eval my-run --dataset fashion-mnist
  stheno eval digits.safetensors
  stheno eval iris-1 newer.csv`,
		Args:              usage.Arguments(1, -1, usage.RunsOrFiles),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.RunsAndFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(noise >= 0) || math.IsInf(noise, 0) {
				return usage.Errorf("--noise: got %v, want at least 0", noise)
			}
			if _, err := engine.Use(); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			table := &evalTable{out: out, names: len("run")}
			names, files := apart(args)
			if len(names) == 0 { // which says of each why it is none
				names, files = files, nil
			}
			for _, name := range names {
				table.names = max(table.names, utf8.RuneCountInString(runs.Title(runs.Locate(name))))
			}
			return usage.Each(cmd.ErrOrStderr(), names, func(name string) error {
				t, err := weights.Load(name)
				if err != nil {
					return err
				}
				if t.Own() || len(files) > 0 {
					for _, flag := range []string{"noise", "dataset", "data-dir"} {
						if cmd.Flags().Changed(flag) {
							return usage.Errorf("--%s: it is not for data of one's own: leave it out", flag)
						}
					}
					return evalOwn(cmd, t, files, asJSON)
				}
				loss, err := t.Loss()
				if err != nil {
					return err
				}
				own := data
				trainSet, testSet, err := t.Open(cmd, own)
				if err != nil {
					return err
				}
				e := t.Experiment
				how := train.Config{Loss: loss}
				if t.Folder != nil {
					if how, err = t.Folder.Config.Training(); err != nil {
						return err
					}
				}
				if cmd.Flags().Changed("noise") {
					e.Noise = noise
				}
				if cmd.Flags().Changed("dataset") || own.Dir != "" {
					e.TrainSamples, e.Mislabelled = 0, 0 // of the run's own data
				}
				scaled, test, noisy, err := e.Data(trainSet, testSet, t.Seed)
				if err != nil {
					return err
				}
				so := evalReport{Origin: originOf(t), Experiment: e.Name, Seed: t.Seed, Epoch: t.At.Epoch, Step: t.At.Step, Dataset: scaled.Info().Name}
				for _, set := range []struct {
					data datasets.Data
					into **train.Metrics
				}{{scaled, &so.Train}, {test, &so.Test}, {noisy, &so.NoisyTest}} {
					if set.data == nil {
						continue
					}
					result, err := train.Evaluate(cmd.Context(), t.Model, set.data, train.Config{Loss: how.Loss, Metrics: how.Metrics, Ranks: ranks.World()})
					if err != nil {
						return fmt.Errorf("eval: %s: %w", t.Name, err)
					}
					*set.into = results.Metrics(result)
					if set.data == test {
						so.PredictedClasses = result.PredictedClasses()
					}
				}
				if t.Folder != nil {
					epochs, err := t.Folder.Epochs()
					if err != nil {
						return err
					}
					so.Climb = train.Climb(epochs[:min(len(epochs), t.At.Epoch)])
				}
				if asJSON {
					return term.JSON(out).Encode(so)
				}
				return table.print(&so)
			})
		},
	}
	weights.Add(cmd)
	data.Add(cmd)
	engine.Add(cmd)
	ranks.TakePart(cmd)
	cmd.Flags().Lookup("dataset").DefValue = "" // the run's own
	cmd.Flags().Float64Var(&noise, "noise", 0, "σ of the noise on a second test set (default the run's own)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

// originOf is where a model comes from.
func originOf(t *flags.Trained) results.Origin {
	o := results.OriginOf(t.Folder, nil)
	if t.Folder == nil {
		o.Run = t.Name
	}
	return o
}

// evalTable is a table for runs that were judged alike, and another for the next ones.
type evalTable struct {
	out    io.Writer
	names  int // letters of the longest name
	metric string
	table  *term.Table
}

func (t *evalTable) print(r *evalReport) error {
	if metric := results.Metric(r.Test); t.table == nil || metric != t.metric {
		t.metric, t.table = metric, &term.Table{Out: t.out, Columns: []term.Column{{Head: "run", Width: t.names}, {Head: "epochs", Width: 6}, {Head: "steps", Width: 7}}}
		for _, set := range []struct {
			name string
			loss int
		}{{"train", 8}, {"test", 7}, {"noisy test", 7}} {
			t.table.Columns = append(t.table.Columns, term.Column{Group: set.name, Head: "loss", Width: set.loss})
			if metric != "" {
				t.table.Columns = append(t.table.Columns, term.Column{Group: set.name, Head: metric, Width: max(8, len(metric))})
			}
		}
	}
	cells := []string{r.Run, fmt.Sprint(r.Epoch), fmt.Sprint(r.Step)}
	for _, m := range []*train.Metrics{r.Train, r.Test, r.NoisyTest} {
		loss, score := math.NaN(), math.NaN()
		if m != nil {
			loss, score = m.Loss, m.Score(t.metric)
		}
		if cells = append(cells, term.Figure(loss)); t.metric != "" {
			cells = append(cells, term.Figure(score))
		}
	}
	if err := t.table.Row(cells...); err != nil {
		return err
	}
	if r.Config != nil {
		about := runs.Describe(*r.Config)
		if r.Climb > 0 {
			about += fmt.Sprintf(", running training accuracy %v in epoch %d", train.Climbed, r.Climb)
		}
		if _, err := io.WriteString(t.out, term.Indent(about, 2, term.Width(t.out))); err != nil {
			return err
		}
	}
	if r.Test == nil || len(r.Test.Scores) < 2 {
		return nil
	}
	for _, set := range []struct {
		name string
		of   *train.Metrics
	}{{"train", r.Train}, {"test", r.Test}, {"noisy test", r.NoisyTest}} {
		if set.of == nil {
			continue
		}
		if err := results.Scores(t.out, set.name, *set.of); err != nil {
			return err
		}
	}
	return nil
}
