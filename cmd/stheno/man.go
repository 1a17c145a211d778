package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages into a folder",
		Long: `Write the manual pages, stheno.1 and one of each command such as stheno-run.1,
into a folder, which is made where it is missing.`,
		Example: `  stheno man ~/.local/share/man/man1     then: man stheno-run
  stheno man pages && man -l pages/stheno.1`,
		Args: usage.Arguments(1, 1, "a folder"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("man: making the folder %s: %w: choose another", args[0], files.Reason(err))
			}
			n := 0
			for _, c := range help.WithCommands(cmd.Root()) {
				page, err := help.Page(c)
				if err != nil {
					return fmt.Errorf("man: %s: %w", help.PageName(c), err)
				}
				path := filepath.Join(args[0], help.PageName(c)+".1")
				if err := files.WriteWhole(path, bytes.NewBufferString(page)); err != nil {
					return fmt.Errorf("man: %w", err)
				}
				n++
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d pages in %s: the first is stheno.1\n", n, args[0])
			return err
		},
	}
}
