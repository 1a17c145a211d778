package usage

import (
	"strings"

	"github.com/spf13/cobra"
)

// Arguments checks the number of arguments; what says what they are.
func Arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		got := strings.Join(args, " ")
		if got == "" {
			got = "nothing"
		}
		return Errorf("%s: got %s, want %s: `%s --help` shows examples", NameOf(cmd), got, what, cmd.CommandPath())
	}
}

// What arguments wants, in words.
const (
	NoArgument   = "no argument"
	AnExperiment = "one experiment, of those that `stheno list` shows"
	Experiments  = "one or more experiments, of those that `stheno list` shows"
	ARun         = "one run, of those that `stheno runs` lists, or its folder"
	RunOrFile    = "one run, of those that `stheno runs` lists, or its folder, or a model file"
	RunsOrFiles  = "one or more runs, of those that `stheno runs` lists, or their folders, or model files"
	Model        = "one experiment (`stheno list` shows them), run (`stheno runs` lists them) or model file"
	Models       = "one or more experiments (`stheno list` shows them), runs (`stheno runs` lists them) or model files"
	RunsOrSweeps = "two or more runs, of those that `stheno runs` lists, or their folders, or a sweep"
	Runs         = "one or more runs, of those that `stheno runs` lists, or their folders"
)

// NameOf is what a user calls a command: "data fetch".
func NameOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// OneOfTheCommands refuses what is left over on the command line of a command that only holds others.
func OneOfTheCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if cmd.HasParent() {
		return Errorf("%s: got %q, want one of %s%s", NameOf(cmd), args[0], strings.Join(names, ", "), DidYouMean(args[0], names))
	}
	return Errorf("no command is called %q: see `stheno --help`%s", args[0], DidYouMean(args[0], names))
}
