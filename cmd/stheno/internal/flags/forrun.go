package flags

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// OpenFor opens the data that a run was trained on, unless the flags name others.
func (f *Data) OpenFor(cmd *cobra.Command, of *run.Folder) (trainSet, testSet *datasets.Dataset, err error) {
	if !cmd.Flags().Changed("dataset") && f.Dir == "" {
		if f.Dataset = of.Config.Dataset; f.Dataset == "" {
			return nil, nil, fmt.Errorf("%s was trained on files of your own, whose place is not recorded: give their folder with --data-dir", of.Dir)
		}
	}
	if trainSet, testSet, err = f.Open(); err != nil {
		return nil, nil, err
	}
	c := of.Config
	trainSet, testSet = named(trainSet, c.Classes), named(testSet, c.Classes)
	if trainSet.Features() != c.Inputs() || len(trainSet.Classes) != len(c.Classes) {
		return nil, nil, fmt.Errorf("%s was trained on samples of %v in %d classes, %s has %v in %d: choose the run's data with --dataset or --data-dir",
			of.Dir, c.Shape, len(c.Classes), trainSet.Name, trainSet.Shape, len(trainSet.Classes))
	}
	return trainSet, testSet, nil
}

// named is a data set with a run's classes: where nobody has named those of the data, only the last of them may be lacking, which a right model has.
func named(d *datasets.Dataset, classes []string) *datasets.Dataset {
	if len(d.Classes) >= len(classes) {
		return d
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
	if !cmd.Flags().Changed("blas") && slices.Contains(blas.Names(), config.BLAS.Name) {
		f.name = config.BLAS.Name
	}
	if !cmd.Flags().Changed("threads") {
		f.threads = max(0, config.BLAS.Threads)
	}
	info, err := f.Use()
	if err != nil && !cmd.Flags().Changed("blas") {
		f.name = "auto"
		info, err = f.Use()
	}
	if err != nil {
		return err
	}
	was := config.BLAS
	if was.Name != info.Name || was.Version != info.Version || was.Kernel != info.Kernel || was.Threads != info.Threads {
		usage.Say(cmd.ErrOrStderr(), "the run began with %s and goes on with %s: the bits may differ from those of a run that was never stopped", engine(was), engine(info))
	} else if now := run.Versions(); !maps.Equal(now, config.Versions) {
		usage.Say(cmd.ErrOrStderr(), "the run began with %v and goes on with %v: the bits may differ from those of a run that was never stopped", config.Versions, now)
	}
	return nil
}

func engine(i blas.Info) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s on %d threads", i.Name, i.Version, i.Kernel, i.Threads)), " ")
}
