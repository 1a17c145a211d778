package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// trainedFlags choose the weights of a run.
type trainedFlags struct{ checkpoint string }

func (f *trainedFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.checkpoint, "checkpoint", "latest", "whose weights: `CHECKPOINT` is latest, previous, best, or the number of a step")
	completeWith(cmd, "checkpoint", []string{"latest", "previous", "best"})
}

// load is the run that a user means and its model.
func (f *trainedFlags) load(name string) (*run.Folder, *graph.Model, train.Position, error) {
	folder, err := openRun(name)
	if err != nil {
		return nil, nil, train.Position{}, err
	}
	c, err := folder.Checkpoint(f.checkpoint)
	if err != nil {
		return nil, nil, train.Position{}, err
	}
	m, at, err := folder.Model(c, models.RunModel)
	return folder, m, at, err
}

// evalReport is what eval prints of a run.
type evalReport struct {
	Run              string      `json:"run"`
	Experiment       string      `json:"experiment"`
	Seed             uint64      `json:"seed"`
	Epoch            int         `json:"epoch"`
	Step             uint64      `json:"step"`
	Dataset          string      `json:"dataset"`
	Train            *runMetrics `json:"train"`
	Test             *runMetrics `json:"test"`
	NoisyTest        *runMetrics `json:"noisy_test,omitempty"`
	PredictedClasses int         `json:"predicted_classes"`
}

func evalCommand() *cobra.Command {
	var (
		weights trainedFlags
		data    dataFlags
		engine  blasFlags
		noise   float64
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "eval RUN…",
		Short: "Evaluate the networks of runs, on their own data or others",
		Example: `  stheno eval my-run
  stheno eval my-run --checkpoint best --noise 0.5
  stheno eval my-run --dataset fashion-mnist`,
		Args:              arguments(1, -1, oneOrMoreRuns),
		ValidArgsFunction: completeUpTo(many, offerRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(noise >= 0) || math.IsInf(noise, 0) {
				return fmt.Errorf("--noise: got %v, want at least 0", noise)
			}
			if _, err := engine.use(); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			results := evalTable(out)
			for _, name := range args {
				folder, m, at, err := weights.load(name)
				if err != nil {
					return err
				}
				own := data
				trainSet, testSet, err := own.openFor(cmd, folder)
				if err != nil {
					return err
				}
				c := folder.Config
				e, err := models.OfRun(c)
				if err != nil {
					return err
				}
				if cmd.Flags().Changed("noise") {
					e.Noise = noise
				}
				if trainSet.Features() != m.Config().Inputs || len(trainSet.Classes) != m.Outputs() {
					return fmt.Errorf("eval: %s takes samples of shape %v in %d classes, %s has %v in %d: give other data", folder.Dir, c.Shape, len(c.Classes), trainSet.Name, trainSet.Shape, len(trainSet.Classes))
				}
				if cmd.Flags().Changed("dataset") || own.dir != "" {
					e.TrainSamples = 0 // the run's share of its own data
				}
				trainSet, testSet, noisy, err := e.Data(trainSet, testSet, c.Seed)
				if err != nil {
					return err
				}
				so := evalReport{Run: folder.Dir, Experiment: e.Name, Seed: c.Seed, Epoch: at.Epoch, Step: at.Step, Dataset: trainSet.Name}
				for _, set := range []struct {
					data *datasets.Dataset
					into **runMetrics
				}{{trainSet, &so.Train}, {testSet, &so.Test}, {noisy, &so.NoisyTest}} {
					if set.data == nil {
						continue
					}
					result, err := train.Evaluate(cmd.Context(), m, set.data, train.Config{Loss: e.Loss})
					if err != nil {
						return fmt.Errorf("eval: %s: %w", folder.Dir, err)
					}
					*set.into = metrics(result)
					if set.data == testSet {
						so.PredictedClasses = result.PredictedClasses()
					}
				}
				if asJSON {
					err = json.NewEncoder(out).Encode(so)
				} else {
					err = so.print(results)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	weights.add(cmd)
	data.add(cmd)
	engine.add(cmd)
	cmd.Flags().Lookup("dataset").DefValue = "" // the run's own
	cmd.Flags().Float64Var(&noise, "noise", 0, "σ of the noise on a second test set (default the run's own)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

func evalTable(out io.Writer) *table {
	return &table{out: out, columns: []column{
		{"", "experiment", 13}, {"", "epochs", 6}, {"", "steps", 7},
		{"train", "loss", 8}, {"train", "accuracy", 8}, {"test", "loss", 7}, {"test", "accuracy", 8}, {"noisy test", "loss", 7}, {"noisy test", "accuracy", 8},
	}}
}

func (r *evalReport) print(t *table) error {
	cells := []string{r.Experiment, fmt.Sprint(r.Epoch), fmt.Sprint(r.Step)}
	for _, m := range []*runMetrics{r.Train, r.Test, r.NoisyTest} {
		if m == nil {
			cells = append(cells, dash, dash)
		} else {
			cells = append(cells, fmt.Sprintf("%.4f", float64(m.Loss)), fmt.Sprintf("%.4f", m.Accuracy))
		}
	}
	return t.row(cells...)
}
