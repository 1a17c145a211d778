package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/compare"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect"
	htmlreport "github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func reportCommand() *cobra.Command {
	var data flags.Data
	var blas flags.BLAS
	var out string
	cmd := &cobra.Command{
		Use:   "report RUN…",
		Short: "Write what is known of runs as one HTML file",
		Long: `Write what is known of runs as one HTML file, which needs no network and nothing
beside it: curves, the lecture's figures, the gradient by layer and step, the
diagnosis, confusion matrices, the digits that were most confidently wrong, the
first layer's weights or filters with their feature maps, attention maps, the
gradient by time step, and the configuration that repeats the run. Several runs
are laid over one another, and compared above them as stheno compare does; of
those that differ by their seed alone the curves show the mean, in a band from
the least to the most.

Of a sweep all trials are compared, with a picture of the figure over each
setting that was tried, and a run of the best setting is shown whole; any other
is by its own name, as in dropouts/2-seed1.`,
		Example: `  stheno report latest
  stheno report runs/deep-sigmoid runs/deep-relu -o vanishing.html
  stheno report dropouts -o dropouts.html`,
		Args:              usage.Arguments(1, -1, usage.Runs+", or a sweep"),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.RunsAndSweeps),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := blas.Use(); err != nil {
				return err
			}
			if out != "-" {
				if err := files.CanWrite(out); err != nil {
					return fmt.Errorf("--output: %w", err)
				}
			}
			pages, set, failed := reported(cmd, args, data)
			if len(pages) == 0 {
				return failed
			}
			var above []htmlreport.Section
			if set != nil {
				above = set.Sections()
			}
			var page bytes.Buffer
			if err := htmlreport.Write(cmd.Context(), &page, pages, above...); err != nil {
				return err
			}
			if out == "-" {
				_, err := page.WriteTo(cmd.OutOrStdout())
				return cmp.Or(err, failed)
			}
			size := page.Len()
			if err := files.WriteWhole(out, &page); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s, %d kB: open it in a browser\n", term.Plain(out), (size+999)/1000)
			return failed
		},
	}
	data.Add(cmd)
	blas.Add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "report.html", "the `FILE` to write; - is standard output")
	_ = cmd.MarkFlagFilename("output", "html")
	return cmd
}

// reported are the runs that names mean, and how they compare where they are several; the error is of those that cannot be read, which keep no other from being shown.
func reported(cmd *cobra.Command, names []string, data flags.Data) (pages []htmlreport.Run, set *compare.Set, failed error) {
	members, plan, err := compare.Members(names)
	if err != nil {
		return nil, nil, err
	}
	if len(members) == 0 {
		return nil, nil, usage.Errorf("report: no trial of %s has begun: go on with it by `stheno sweep --resume`", names[0])
	}
	var all []*compare.Run
	shown := map[string]bool{} // sweeps of which one run is
	failed = usage.Each(cmd.ErrOrStderr(), members, func(m compare.Member) error {
		r, err := m.Load()
		if err != nil {
			return err
		}
		page := htmlreport.Run{Lecture: runs.Lecture(r.Folder), Settings: runs.Settings(r.Folder), Command: runs.Command(r.Folder), About: runs.Describe(r.Folder.Config)}
		if page.Brief = m.Sweep != "" && shown[m.Sweep]; page.Brief {
			page.Record = r.Brief()
		} else {
			if page.Record, _, err = loadRun(cmd, m.Name, data); err != nil {
				return err
			}
			if page.Findings, err = inspect.Diagnose(cmd.Context(), page.Record); err != nil {
				return err
			}
			page.Record.Name = r.Title
			r.Known(page.Record)
			shown[m.Sweep] = true
		}
		pages, all = append(pages, page), append(all, r)
		return nil
	})
	if failed != nil && (len(all) == 0 || !errors.Is(failed, usage.ErrSaid)) {
		return nil, nil, failed
	}
	if len(all) > 1 {
		set = compare.New(all, plan)
		if err := look(cmd, set, data); err != nil {
			return nil, nil, err
		}
		var drawn []htmlreport.Run
		for i, r := range all {
			pages[i].Group = set.GroupOf(r)
			if !pages[i].Brief || set.Drawn(r) {
				drawn = append(drawn, pages[i])
			}
		}
		pages = drawn
	}
	return pages, set, failed
}

// loadRun is what is known of a run, and its folder.
func loadRun(cmd *cobra.Command, name string, data flags.Data) (*inspect.Record, *run.Folder, error) {
	folder, err := runs.Open(name)
	if err != nil {
		return nil, nil, err
	}
	trainSet, testSet, err := data.OpenFor(cmd, folder)
	if err != nil {
		return nil, nil, err
	}
	record, err := runs.Record(cmd.Context(), folder, trainSet, testSet)
	return record, folder, err
}
