package main

import (
	"bufio"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func runsRemoveCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm RUN…",
		Short: "Remove runs, with their checkpoints",
		Long: `Remove runs, with their checkpoints, after a question, or with --yes. A run that
a process is writing to stays, and so does a folder that is no run's, or that
holds anything else. Of a sweep all runs are removed.`,
		Example: `  stheno runs rm latest
  stheno runs rm relu-seed1-20260101-120000 my-run --yes`,
		Args:              usage.Arguments(1, -1, usage.Runs),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.Runs),
		RunE: func(cmd *cobra.Command, args []string) error {
			var dirs []string
			failed := usage.Each(cmd.ErrOrStderr(), args, func(name string) error {
				dir := runs.Locate(name)
				if !runs.IsRun(dir) && !run.IsSweep(dir) {
					_, err := runs.Open(name) // which says what it is instead
					if err == nil {
						err = fmt.Errorf("%s is no run's folder", dir)
					}
					return err
				}
				if who := run.InUse(dir); who != "" {
					return fmt.Errorf("%s is in use by %s: stop it before it is removed", dir, who)
				}
				if !slices.ContainsFunc(dirs, func(other string) bool { return same(other, dir) }) {
					dirs = append(dirs, dir)
				}
				return nil
			})
			if len(dirs) == 0 {
				return failed
			}
			if err := remove(cmd, dirs, yes); err != nil {
				return err
			}
			return failed
		},
	}
	addYes(cmd, &yes)
	return cmd
}

func runsPruneCommand() *cobra.Command {
	var yes bool
	keep := 1
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove all but the newest runs of each experiment",
		Long: `Remove all but the newest runs of each experiment, of those that stheno runs
lists, after a question, or with --yes. Runs that a process is writing to stay,
and so do sweeps and damaged runs, which stheno runs rm removes by their names.`,
		Example: `  stheno runs prune
  stheno runs prune --keep 3 --yes`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if keep < 0 {
				return usage.Errorf("--keep: got %d, want at least 0", keep)
			}
			if _, err := run.List(); err != nil {
				return err
			}
			var dirs []string
			seen := map[string]int{}
			for _, dir := range runs.Newest() {
				folder, err := run.Open(dir)
				if err != nil || run.InUse(dir) != "" {
					continue
				}
				if name := folder.Config.Experiment.Name; seen[name] < keep {
					seen[name]++
					continue
				}
				dirs = append(dirs, dir)
			}
			if len(dirs) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "there is nothing to remove")
				return err
			}
			return remove(cmd, dirs, yes)
		},
	}
	cmd.Flags().IntVar(&keep, "keep", keep, "how many of the newest runs of each experiment stay")
	addYes(cmd, &yes)
	return cmd
}

func addYes(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "remove without a question")
}

// same says whether two paths are of one folder.
func same(a, b string) bool {
	one, err := filepath.Abs(a)
	other, err2 := filepath.Abs(b)
	return err == nil && err2 == nil && one == other
}

// remove removes runs after it has shown them and asked.
func remove(cmd *cobra.Command, dirs []string, yes bool) error {
	out := cmd.OutOrStdout()
	if !yes {
		var all int64
		for _, dir := range dirs {
			size := run.Size(dir)
			all += size
			line := fmt.Sprintf("%s, %s", runs.Name(dir), sized(size))
			if about := runs.Summarize(dir).About; about != "" {
				line += ": " + about
			}
			fmt.Fprint(out, term.Indent(line, 2, term.Width(out)))
		}
		what := fmt.Sprintf("%d runs, %s", len(dirs), sized(all))
		if len(dirs) == 1 {
			what = "this run"
		}
		if !term.IsTerminal(cmd.InOrStdin()) {
			return usage.Errorf("nothing is removed: nobody can be asked, since standard input is no terminal: say --yes to remove %s", what)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "remove %s? [y/N] ", what)
		answer, err := interrupt.Await(cmd.Context(), func() (string, error) {
			line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
			if line != "" {
				err = nil
			}
			return strings.ToLower(strings.TrimSpace(line)), err
		})
		if err != nil {
			return err
		}
		if answer != "y" && answer != "yes" {
			_, err := fmt.Fprintln(out, "nothing is removed")
			return err
		}
	}
	return usage.Each(cmd.ErrOrStderr(), dirs, func(dir string) error {
		name, size := runs.Name(dir), run.Size(dir)
		if err := run.Remove(dir); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "removed %s, %s\n", term.Plain(name), sized(size))
		return err
	})
}

// sized is a size in words: 12 kB, 3.4 MB.
func sized(n int64) string {
	switch {
	case n < 1e3:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
