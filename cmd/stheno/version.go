package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of stheno, Gorgonia and Go",
		Example: `  stheno version
  stheno version | head -1      what --version says`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "stheno %s\n", help.Version())
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, m := range info.Deps {
					if m.Path == "gorgonia.org/gorgonia" || m.Path == "gorgonia.org/tensor" {
						fmt.Fprintf(out, "%s %s\n", m.Path, m.Version)
					}
				}
			}
			fmt.Fprintf(out, "%s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
