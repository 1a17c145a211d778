package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Let the shell complete commands, flags, experiments and runs",
		Long: `Write what makes a shell complete commands, flags and their values, experiments
and the names of runs. SHELL is bash, zsh, fish or powershell. Do it once, and
open a new shell; stheno must be in the PATH.

bash, with its package bash-completion installed:

  echo 'source <(stheno completion bash)' >> ~/.bashrc

zsh, where ~/.zshrc has a line autoload -U compinit; compinit before it:

  echo 'source <(stheno completion zsh)' >> ~/.zshrc

fish:

  stheno completion fish > ~/.config/fish/completions/stheno.fish

powershell:

  stheno completion powershell >> $PROFILE`,
		Example: `  stheno completion fish | source           for this shell only
  source <(stheno completion bash)          likewise`,
		Args:      usage.Arguments(1, 1, "one of "+strings.Join(shells, ", ")),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usage.Known("completion", args[0], shells)
		},
	}
}
