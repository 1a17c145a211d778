package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
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
		Args:      arguments(1, 1, "one of "+strings.Join(shells, ", ")),
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
			return known("completion", args[0], shells)
		},
	}
}

// completeWith completes a flag's value with names.
func completeWith(cmd *cobra.Command, flag string, names []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

// completeFlags keeps the shell from offering files where a number is wanted, or no argument.
func completeFlags(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{"string", "stringArray"}, f.Value.Type()) {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions) // but for those that have one
		}
	})
	if cmd.ValidArgsFunction == nil && cmd.ValidArgs == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, c := range cmd.Commands() {
		completeFlags(c)
	}
}

// A completer offers what an argument may be.
type completer = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// completeUpTo completes so many arguments of a kind, with what is not there yet.
func completeUpTo(most int, offer func(typed string) ([]string, cobra.ShellCompDirective)) completer {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, directive := offer(typed)
		return slices.DeleteFunc(names, func(name string) bool {
			name, _, _ = strings.Cut(name, "\t")
			return slices.Contains(args, name)
		}), directive
	}
}

// any number of arguments.
const many = 1 << 30

func offerExperiments(string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range models.Experiments() {
		names = append(names, cobra.CompletionWithDesc(e.Name, e.Changes))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func offerExperimentsAndAll(string) ([]string, cobra.ShellCompDirective) {
	names, directive := offerExperiments("")
	return append(names, cobra.CompletionWithDesc("all", "all of them")), directive
}

func offerExperimentsAndRuns(typed string) ([]string, cobra.ShellCompDirective) {
	names, _ := offerExperiments(typed)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, typed) })
	runs, directive := offerRuns(typed)
	if len(names) > 0 {
		directive = cobra.ShellCompDirectiveNoFileComp
	}
	return append(names, runs...), directive
}

// offerRuns offers the runs that `stheno runs` lists and the folders of runs where the user is; where none begins like that, folders.
func offerRuns(typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, name := range slices.Backward(runNames()) { // the latest of an experiment first
		if strings.HasPrefix(name, typed) {
			names = append(names, cobra.CompletionWithDesc(name, progressOf(name)))
		}
	}
	here, _ := filepath.Glob(escapeGlob(typed) + "*/run.json")
	for _, file := range here {
		name := filepath.Dir(file)
		names = append(names, cobra.CompletionWithDesc(name, progressOf(name)))
	}
	if len(names) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

var escapeGlob = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace

// progressOf describes a run to who chooses between several.
func progressOf(name string) string {
	s := summarize(run.Locate(name))
	if s.State == "damaged" {
		return s.State
	}
	return fmt.Sprintf("%s, %d/%d epochs, %s", s.Experiment, s.Epoch, s.Epochs, s.State)
}

// offerFlag completes a flag's value.
func offerFlag(cmd *cobra.Command, flag string, offer func(typed string) ([]string, cobra.ShellCompDirective)) {
	_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return offer(typed)
	})
}
