package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench/peers"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/models"
)

func benchCommand() *cobra.Command {
	var (
		names  []string
		epochs int
		asJSON bool
		engine flags.BLAS

		against bool
		python  string
	)
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this machine trains",
		Long: `Measure how fast this machine trains, beside what its matrix products alone
take. That lasts some minutes: --regime measures less.

An epoch is 10,000 samples of MNIST, or in the regime embedding of 100 ids each,
through the same loop that run uses. The
floor is exactly the matrix products of such an epoch, by the same BLAS and
threads, with nothing between them; it is timed after every epoch. The GFLOP/s
are those products over an epoch's whole time. The peak is what the same
threads do where they only multiply and add in registers, timed after every
epoch too. All are medians, after a warm-up; the regimes take turns, and the
spread is how much slower the slowest epoch was than the fastest.

With --against the same training runs in PyTorch, eager and compiled, in JAX,
and in Keras on JAX, whichever an interpreter of Python has, on the same digits
and threads, in turn with ours. The ratio is our time over the peer's: below 1
we are faster.

Under mpirun the ranks share each epoch, and the share of the time in MPI is
told; floor, peak and GFLOP/s are then of a rank, as if it did all.`,
		Example: `  stheno bench
  stheno bench --regime sgd-100 --blas builtin
  stheno bench --threads 1 --json
  stheno bench --regime sgd-100,adam-100 --against --python venv/bin/python`,
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
			if cmd.Flags().Changed("python") && !against {
				return usage.Errorf("--python: want --against with it")
			}
			if against && ranks.Size() > 1 {
				return usage.Errorf("--against: got %d ranks, want one process: the peers have no part in them", ranks.Size())
			}
			info, err := engine.Use()
			if err != nil {
				return err
			}
			images, _, err := datasets.MNIST()
			if err != nil {
				return err
			}
			all := &peers.All{}
			if against {
				data := peers.Data{Images: images.Scaled(models.MNISTScale)}
				data.IDs, data.Classes = bench.Words(10000)
				if all, err = peers.Start(cmd.Context(), python, data, info.Threads); err != nil {
					return fmt.Errorf("bench: %w", err)
				}
				defer all.Close()
				for _, missing := range all.Missing {
					fmt.Fprintf(cmd.ErrOrStderr(), "left out: %s\n", missing)
				}
			}
			var regimes []bench.Regime
			for _, r := range bench.Regimes {
				if len(names) == 0 || slices.Contains(names, r.Name) {
					regimes = append(regimes, r)
				}
			}
			turn := func() error { return nil }
			if term.ShowsProgress(cmd.ErrOrStderr()) {
				bar := progress.NewBar(cmd.ErrOrStderr(), int64(len(regimes)*(epochs+1)))
				defer bar.Clear()
				turn = func() error { return bar.Add(1) }
			}
			reports, err := bench.Measure(cmd.Context(), regimes, images, epochs, all.Peers, turn)
			if err != nil {
				return fmt.Errorf("bench: %w", err)
			}
			out := cmd.OutOrStdout()
			for i := range reports {
				reports[i].BLAS, reports[i].Threads = info.Name, info.Threads
			}
			if asJSON {
				for _, r := range reports {
					if err := term.JSON(out).Encode(r); err != nil {
						return err
					}
				}
				return nil
			}
			fmt.Fprintf(out, "BLAS %s, %d threads\n", info.Name, info.Threads)
			return bench.Print(out, reports)
		},
	}
	ranks.TakePart(cmd)
	flags.Names(cmd.Flags(), &names, "regime", "measure these only, of "+strings.Join(bench.Names(), ", "))
	cmd.Flags().IntVar(&epochs, "epochs", 5, "epochs to measure, after one to warm up")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a regime")
	cmd.Flags().BoolVar(&against, "against", false, "run the same in PyTorch, JAX and Keras, in turn with ours")
	cmd.Flags().StringVar(&python, "python", "python3", "interpreter of a virtual environment with these, for --against; a `FILE`")
	complete.With(cmd, "regime", bench.Names())
	engine.Add(cmd)
	return cmd
}
