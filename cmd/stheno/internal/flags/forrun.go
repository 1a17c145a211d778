package flags

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// OpenFor opens the data that a run was trained on, unless the flags name others: of a run on data of one's own all of them, prepared, from which the experiment holds back its share, and that share.
func (f *Data) OpenFor(cmd *cobra.Command, of *run.Folder) (trainSet, testSet datasets.Data, err error) {
	if of.Config.File != "" {
		if cmd.Flags().Changed("dataset") || f.Dir != "" {
			return nil, nil, usage.Errorf("%s was trained on %s, which it knows: leave out --dataset and --data-dir", of.Dir, of.Config.File)
		}
		parts, err := own.Of(of.Config)
		if err != nil {
			return nil, nil, err
		}
		if trainSet, err = own.Labelled(parts.All); err != nil || parts.Held == nil {
			return trainSet, trainSet, err
		}
		if testSet, err = own.Labelled(parts.Held); err != nil {
			return nil, nil, err
		}
		if c := of.Config.Experiment; c.Groups != "" || c.ByTime != "" { // which no share of the samples says
			fit, err := own.Labelled(parts.Fit)
			return &models.Divided{Data: trainSet, Fit: fit, Held: testSet}, testSet, err
		}
		return trainSet, testSet, nil
	}
	return f.OpenNamed(cmd, of)
}

// OpenNamed is OpenFor of a run on one of the data sets that have a name, or on IDX files.
func (f *Data) OpenNamed(cmd *cobra.Command, of *run.Folder) (fit, test datasets.Data, err error) {
	if !cmd.Flags().Changed("dataset") && f.Dir == "" {
		if f.Dataset = of.Config.Dataset; f.Dataset == "" {
			return nil, nil, fmt.Errorf("%s was trained on files of your own, whose place is not recorded: give their folder with --data-dir", of.Dir)
		}
	}
	if fit, test, err = f.Open(); err != nil {
		return nil, nil, err
	}
	c := of.Config
	fit, test = named(fit, c.Classes), named(test, c.Classes)
	if info := fit.Info(); info.Inputs[0].Size() != c.Inputs() || len(info.Classes) != len(c.Classes) {
		return nil, nil, fmt.Errorf("%s was trained on samples of %v in %d classes, %s has %v in %d: choose the run's data with --dataset or --data-dir",
			of.Dir, c.Shape, len(c.Classes), info.Name, info.Shape(), len(info.Classes))
	}
	return fit, test, nil
}

// named is a data set with a run's classes: where nobody has named those of the data, only the last of them may be lacking, which a right model has.
func named(data datasets.Data, classes []string) datasets.Data {
	d, ok := data.(*datasets.Dataset)
	if !ok || len(d.Classes) >= len(classes) {
		return data
	}
	for i, name := range d.Classes {
		if name != strconv.Itoa(i) {
			return d
		}
	}
	all := *d
	all.Classes = slices.Clone(classes)
	return &all
}

// UseFor takes the run's BLAS and threads where the flags name none, and says so where the bits may come out others.
func (f *BLAS) UseFor(cmd *cobra.Command, config run.Config) error {
	was, versions := config.Engine()
	if !cmd.Flags().Changed("blas") && slices.Contains(blas.Names(), was.Name) {
		f.name = was.Name
	}
	if !cmd.Flags().Changed("threads") && ranks.Size() == 1 {
		f.threads = max(0, was.Threads)
	}
	info, err := f.Use()
	if err != nil && !cmd.Flags().Changed("blas") {
		f.name = "auto"
		info, err = f.Use()
	}
	if err != nil {
		return err
	}
	if was.Name != info.Name || was.Version != info.Version || was.Kernel != info.Kernel || was.Threads != info.Threads {
		usage.Say(cmd.ErrOrStderr(), "the run was trained with %s and goes on with %s, as run.json will say: the bits may differ from those of a run that was never stopped", engine(was), engine(info))
	} else if now := run.Versions(); !maps.Equal(now, versions) {
		usage.Say(cmd.ErrOrStderr(), "the run was trained with %v and goes on with %v, as run.json will say: the bits may differ from those of a run that was never stopped", versions, now)
	}
	return nil
}

func engine(i blas.Info) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s on %d threads", i.Name, i.Version, i.Kernel, i.Threads)), " ")
}
