package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/compare"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func compareCommand() *cobra.Command {
	var data flags.Data
	var blas flags.BLAS
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare RUN…",
		Short: "Say in what runs differ, and whether that is more than chance",
		Long: `Say in what runs differ, and whether that is more than chance: their settings,
what they came to, their curves, their gradients side by side.

Runs that differ by their seed alone are of one kind: of each kind there is the
mean and the standard deviation over its seeds, and all kinds are compared with
the first. That a mean is higher says little by itself; beside it stands how
often seeds alone would make such a difference (Student's t-test, with the
standard deviation pooled over both kinds), and the epoch from which on the
curves are further apart than that. Less than 5 of 100 is called more than seeds
make. Of a single seed nothing can be told: train each kind with two or more.

Runs of the same seed are compared to the bit, as far as they were recorded: at
which step weights, gradients or the update first are others
(--record-gradients 1 records every step), and which epoch is the first whose
figures differ. Two runs of the same settings and seed should never part.

A RUN is any of those that "stheno runs" lists, a folder, an experiment's name
for the newest run of it, or a sweep for all its trials, which are compared on
what it held out, the best first. stheno report shows the same as a page.`,
		Example: `  stheno compare relu deep-relu
  stheno compare relu-1 relu-2 relu-3 adam-1 adam-2 adam-3
  stheno compare dropouts --json`,
		Args:              usage.Arguments(1, -1, usage.RunsOrSweeps),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.RunsAndSweeps),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := blas.Use(); err != nil {
				return err
			}
			set, failed := compared(cmd, args, data)
			if set == nil {
				return failed
			}
			if asJSON {
				if err := term.JSON(cmd.OutOrStdout()).Encode(set.JSON()); err != nil {
					return err
				}
				return failed
			}
			if err := set.Print(cmd.OutOrStdout()); err != nil {
				return err
			}
			return failed
		},
	}
	data.Add(cmd)
	blas.Add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object on standard output")
	return cmd
}

// compared reads the runs that are compared. The set is nil where there are not two; the error is of those that cannot be read, which keep no other from being compared.
func compared(cmd *cobra.Command, names []string, data flags.Data) (*compare.Set, error) {
	members, plan, err := compare.Members(names)
	if err != nil {
		return nil, err
	}
	var all []*compare.Run
	wrong := false // a name that no run has
	failed := usage.Each(cmd.ErrOrStderr(), members, func(m compare.Member) error {
		r, err := m.Load()
		if err == nil {
			all = append(all, r)
		}
		wrong = wrong || usage.Status(err) == 2
		return err
	})
	if failed != nil && !errors.Is(failed, usage.ErrSaid) {
		return nil, failed
	}
	switch {
	case len(all) > 1:
	case wrong:
		return nil, usage.Errorf("%w", usage.ErrSaid)
	case failed != nil:
		return nil, failed
	case len(all) == 0:
		return nil, usage.Errorf("compare: no trial of %s has begun: go on with it by `stheno sweep --resume`", names[0])
	default:
		return nil, usage.Errorf("compare: got one run, %s, want two or more, or a sweep: `stheno runs` lists those that there are", all[0].Title)
	}
	set := compare.New(all, plan)
	if err := look(cmd, set, data); err != nil {
		return nil, err
	}
	return set, failed
}

// look has the runs of a set looked into; what cannot be is compared without, and that is said.
func look(cmd *cobra.Command, set *compare.Set, data flags.Data) error {
	open := func(of *run.Folder) (datasets.Data, datasets.Data, error) { return data.OpenFor(cmd, of) }
	return set.Look(cmd.Context(), open, func(r *compare.Run, err error) {
		usage.Say(cmd.ErrOrStderr(), "%s is compared without its gradients: %v", r.Title, err)
	})
}
