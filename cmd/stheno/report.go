package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

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
first layer's weights, and the configuration that repeats the run. Several runs
are laid over one another; of those that differ by their seed alone the curves
show the mean, in a band from the least to the most.`,
		Example: `  stheno report latest
  stheno report runs/deep-sigmoid runs/deep-relu -o vanishing.html`,
		Args:              usage.Arguments(1, -1, usage.Runs),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.Runs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := blas.Use(); err != nil {
				return err
			}
			if out != "-" {
				if err := files.CanWrite(out); err != nil {
					return fmt.Errorf("--output: %w", err)
				}
			}
			var all []htmlreport.Run
			var folders []*run.Folder
			failed := usage.Each(cmd.ErrOrStderr(), args, func(name string) error {
				record, folder, err := loadRun(cmd, name, data)
				if err != nil {
					return err
				}
				findings, err := inspect.Diagnose(cmd.Context(), record)
				if err != nil {
					return err
				}
				all = append(all, htmlreport.Run{Record: record, Findings: findings, Lecture: runs.Lecture(folder), Settings: runs.Settings(folder), Command: runs.Command(folder), About: runs.Describe(folder.Config)})
				folders = append(folders, folder)
				return nil
			})
			if failed != nil && (len(all) == 0 || !errors.Is(failed, usage.ErrSaid)) {
				return failed
			}
			for i, group := range runs.Groups(folders) {
				all[i].Group = group
			}
			var page bytes.Buffer
			if err := htmlreport.Write(cmd.Context(), &page, all); err != nil {
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
