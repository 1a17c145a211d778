package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// arguments checks the number of arguments; what says what they are.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		got := strings.Join(args, " ")
		if got == "" {
			got = "nothing"
		}
		return usagef("%s: got %s, want %s: `%s --help` shows examples", nameOf(cmd), got, what, cmd.CommandPath())
	}
}

// What arguments wants, in words.
const (
	noArgument    = "no argument"
	anExperiment  = "one experiment, of those that `stheno list` shows"
	experimentsOr = "one or more experiments, of those that `stheno list` shows"
	aRun          = "one run, of those that `stheno runs` lists, or its folder"
	oneOrMoreRuns = "one or more runs, of those that `stheno runs` lists, or their folders"
)

// nameOf is what a user calls a command: "data fetch".
func nameOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// oneOfTheCommands refuses what is left over on the command line of a command that only holds others.
func oneOfTheCommands(cmd *cobra.Command, args []string) error {
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
		return usagef("%s: got %q, want one of %s%s", nameOf(cmd), args[0], strings.Join(names, ", "), didYouMean(args[0], names))
	}
	return usagef("no command is called %q: see `stheno --help`%s", args[0], didYouMean(args[0], names))
}
