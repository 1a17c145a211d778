// Package complete tells the shell what may be typed next.
package complete

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// With completes a flag's value with names.
func With(cmd *cobra.Command, flag string, names []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

// Flags keeps the shell from offering files where a number is wanted, or no argument.
func Flags(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{"string", "stringArray"}, f.Value.Type()) {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions) // but for those that have one
		}
	})
	if cmd.ValidArgsFunction == nil && cmd.ValidArgs == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, c := range cmd.Commands() {
		Flags(c)
	}
}

// A completer offers what an argument may be.
type completer = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// UpTo completes so many arguments of a kind, with what is not there yet.
func UpTo(most int, offer func(typed string) ([]string, cobra.ShellCompDirective)) completer {
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

// Many is any number of arguments.
const Many = 1 << 30

// Experiments offers the experiments.
func Experiments(string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range slices.Concat(models.Experiments(), models.Mends(), models.Networks()) {
		names = append(names, cobra.CompletionWithDesc(e.Name, e.Changes))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// ExperimentsAndFiles offers the experiments, or files where none begins like that.
func ExperimentsAndFiles(typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := Experiments(typed)
	if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, typed) }) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return names, directive
}

// ExperimentsAndAll offers the experiments, and all.
func ExperimentsAndAll(string) ([]string, cobra.ShellCompDirective) {
	names, directive := Experiments("")
	return append(names, cobra.CompletionWithDesc("all", "all of the lecture's")), directive
}

// ExperimentsAndRuns offers the experiments and the runs.
func ExperimentsAndRuns(typed string) ([]string, cobra.ShellCompDirective) {
	names, _ := Experiments(typed)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, typed) })
	kept, directive := Runs(typed)
	if len(names) > 0 {
		directive = cobra.ShellCompDirectiveNoFileComp
	}
	return append(names, kept...), directive
}

// ExperimentsRunsAndFiles offers the experiments and the runs, or files where none begins like that.
func ExperimentsRunsAndFiles(typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := ExperimentsAndRuns(typed)
	if len(names) == 0 {
		directive = cobra.ShellCompDirectiveDefault
	}
	return names, directive
}

// Runs offers the runs that `stheno runs` lists and the folders of runs where the user is; where none begins like that, folders.
func Runs(typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, name := range slices.Backward(runs.Names()) { // the latest of an experiment first
		if strings.HasPrefix(name, typed) {
			names = append(names, cobra.CompletionWithDesc(name, progressOf(name)))
		}
	}
	here, _ := filepath.Glob(escapeGlob(typed) + "*/run.json")
	for _, file := range here {
		name := filepath.Dir(file)
		names = append(names, cobra.CompletionWithDesc(name, progressOf(name)))
	}
	for i, name := range names { // a shell would take others apart, or a terminal obey them
		if name, of, _ := strings.Cut(name, "\t"); term.Plain(name) == name {
			names[i] = cobra.CompletionWithDesc(name, term.Plain(of))
		} else {
			names[i] = ""
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	if strings.HasPrefix(runs.Latest, typed) && len(runs.Newest()) > 0 && (len(names) > 0 || typed != "") {
		names = append(names, cobra.CompletionWithDesc(runs.Latest, "the newest run"))
	}
	if len(names) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// Sweeps offers the sweeps that `stheno runs` lists and those where the user is, or folders.
func Sweeps(typed string) ([]string, cobra.ShellCompDirective) {
	names := runs.Sweeps()
	here, _ := filepath.Glob(escapeGlob(typed) + "*/sweep.json")
	for _, file := range here {
		names = append(names, filepath.Dir(file))
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, typed) || term.Plain(name) != name })
	if len(names) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// RunsAndSweeps offers both.
func RunsAndSweeps(typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := Runs(typed)
	if sweeps, _ := Sweeps(typed); len(sweeps) > 0 {
		return append(names, sweeps...), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
	return names, directive
}

// RunsAndFiles offers runs, and safetensors files where the user is.
func RunsAndFiles(typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := Runs(typed)
	here, _ := filepath.Glob(escapeGlob(typed) + "*.safetensors")
	for _, file := range here {
		if term.Plain(file) == file {
			names, directive = append(names, file), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return names, directive
}

var escapeGlob = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace

// progressOf describes a run to who chooses between several.
func progressOf(name string) string {
	s := runs.Summarize(run.Locate(name))
	if s.State == "damaged" {
		return s.State
	}
	return fmt.Sprintf("%s, %d/%d epochs, %s", s.Experiment, s.Epoch, s.Epochs, s.State)
}

// Flag completes a flag's value.
func Flag(cmd *cobra.Command, flag string, offer func(typed string) ([]string, cobra.ShellCompDirective)) {
	_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return offer(typed)
	})
}
