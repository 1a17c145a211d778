package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
)

func benchCommand() *cobra.Command {
	var (
		names  []string
		epochs int
		asJSON bool
		engine flags.BLAS
	)
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this machine trains",
		Long: `Measure how fast this machine trains, beside what its matrix products alone
take. That lasts some minutes: --regime measures less.

An epoch is 10,000 samples of MNIST through the same loop that run uses. The
floor is exactly the matrix products of such an epoch, by the same BLAS and
threads, with nothing between them; it is timed after every epoch. The GFLOP/s
are those products over an epoch's whole time. The peak is what the same
threads do where they only multiply and add in registers, timed after every
epoch too. All are medians, after a warm-up.`,
		Example: `  stheno bench
  stheno bench --regime sgd-100 --blas builtin
  stheno bench --threads 1 --json`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range names {
				if err := usage.Known("--regime", name, bench.Names()); err != nil {
					return err
				}
			}
			if epochs < 1 {
				return usage.Errorf("--epochs: got %d, want at least 1", epochs)
			}
			info, err := engine.Use()
			if err != nil {
				return err
			}
			images, _, err := datasets.MNIST()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if !asJSON {
				fmt.Fprintf(out, "BLAS %s, %d threads\n", info.Name, info.Threads)
			}
			table := &term.Table{Out: out, Columns: []term.Column{
				{Head: "regime", Width: 11}, {Head: "s/epoch", Width: 8}, {Head: "floor", Width: 8}, {Head: "over", Width: 5}, {Head: "GFLOP/s", Width: 8},
				{Head: "peak", Width: 6}, {Head: "share", Width: 6}, {Head: "bytes/step", Width: 11}, {Head: "allocs", Width: 7},
			}}
			for _, r := range bench.Regimes {
				if len(names) > 0 && !slices.Contains(names, r.Name) {
					continue
				}
				report, err := r.Measure(cmd.Context(), images, epochs)
				if err != nil {
					return fmt.Errorf("bench: regime %s: %w", r.Name, err)
				}
				report.BLAS, report.Threads = info.Name, info.Threads
				if asJSON {
					err = json.NewEncoder(out).Encode(report)
				} else {
					peak, share := term.Dash, term.Dash
					if report.PeakGFLOPS > 0 {
						peak, share = fmt.Sprintf("%.0f", report.PeakGFLOPS), fmt.Sprintf("%.2f", report.ShareOfPeak)
					}
					err = table.Row(report.Regime, fmt.Sprintf("%.4f", report.SecondsPerEpoch), fmt.Sprintf("%.4f", report.FloorSeconds), fmt.Sprintf("%.2f", report.OverFloor),
						fmt.Sprintf("%.1f", report.GFLOPS), peak, share, fmt.Sprint(report.AllocBytes), fmt.Sprint(report.Allocs))
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	flags.Names(cmd.Flags(), &names, "regime", "measure these only, of "+strings.Join(bench.Names(), ", "))
	cmd.Flags().IntVar(&epochs, "epochs", 5, "epochs to measure, after one to warm up")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a regime")
	complete.With(cmd, "regime", bench.Names())
	engine.Add(cmd)
	return cmd
}
