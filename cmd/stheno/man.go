package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages into a folder",
		Long: `Write the manual pages, stheno.1 and one of each command such as stheno-run.1,
into a folder, which is made where it is missing.`,
		Example: `  stheno man ~/.local/share/man/man1     then: man stheno-run
  stheno man pages && man -l pages/stheno.1`,
		Args: arguments(1, 1, "a folder"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("man: making the folder %s: %w: choose another", args[0], reason(err))
			}
			n := 0
			for _, c := range withCommands(cmd.Root()) {
				path := filepath.Join(args[0], pageName(c)+".1")
				if err := writeWhole(path, bytes.NewBufferString(manPage(c))); err != nil {
					return fmt.Errorf("man: %w", err)
				}
				n++
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d pages in %s: the first is stheno.1\n", n, args[0])
			return err
		},
	}
}

// withCommands is a command and all those below it.
func withCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			all = append(all, withCommands(c)...)
		}
	}
	return all
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage is a command's page, in the macros of man(7).
func manPage(cmd *cobra.Command) string {
	var p page
	release, _, _ := strings.Cut(version(), "-") // a commit's name has no room beside the date
	fmt.Fprintf(&p, ".TH %s 1 %q %q Stheno\n", strings.ToUpper(pageName(cmd)), commitDate(), "stheno "+release)
	p.macro("SH", "NAME")
	p.text(pageName(cmd) + " - " + cmd.Short)
	p.macro("SH", "SYNOPSIS")
	p.macro("B", cmd.CommandPath())
	p.text(strings.TrimPrefix(strings.TrimPrefix(usageLine(cmd), cmd.CommandPath()), " "))
	p.macro("SH", "DESCRIPTION")
	for i, paragraph := range paragraphs(cmd) {
		switch {
		case asItStands(paragraph):
			p.macro("sp")
			p.asItStands(paragraph)
		case i > 0:
			p.macro("PP")
			fallthrough
		default:
			p.text(paragraph)
		}
	}
	if cmd.HasSubCommands() {
		p.macro("SH", "COMMANDS")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				p.item(`\fB`+roff(pageName(c))+`\fR(1)`, c.Short)
			}
		}
	}
	p.macro("SH", "OPTIONS")
	for _, f := range flagsOf(cmd) {
		name := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + name
		}
		if word := valueWord(f); word != "" {
			name += ` \fI` + roff(word) + `\fR`
		}
		p.item(name, meaning(f))
	}
	p.macro("SH", "EXAMPLES")
	p.asItStands(cmd.Example)
	p.macro("SH", "EXIT STATUS")
	for _, status := range exitStatuses {
		p.item(status.code, status.means)
	}
	if !cmd.HasParent() {
		p.macro("SH", "ENVIRONMENT")
		for _, v := range environment {
			p.item(`\fB`+v.name+`\fR`, v.means)
		}
	}
	p.macro("SH", "SEE ALSO")
	var others []string
	if cmd.HasParent() {
		others = append(others, `\fB`+roff(pageName(cmd.Parent()))+`\fR(1)`)
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			others = append(others, `\fB`+roff(pageName(c))+`\fR(1)`)
		}
	}
	p.WriteString(strings.Join(others, ",\n") + "\n")
	return p.String()
}

var exitStatuses = []struct{ code, means string }{
	{"0", "It is done."},
	{"1", "It failed, or the value of a flag lies outside its range: one line on standard error says why, and what to do."},
	{"2", "The command line is wrong: no such command, experiment or flag, or too few or too many arguments."},
	{"130, 143", "It was interrupted (Ctrl-C) or terminated, after finishing the step in hand."},
}

var environment = []struct{ name, means string }{
	{"STHENO_BLAS", "What multiplies matrices, where --blas does not say so."},
	{"STHENO_THREADS", "The threads to compute with, where --threads does not say so."},
	{"OPENBLAS_NUM_THREADS, MKL_NUM_THREADS, OMP_NUM_THREADS", "The same where STHENO_THREADS is not set; the first that has a count, but no more than the cores."},
	{"XDG_STATE_HOME", "The folder that has stheno/runs, where runs are kept that were given no folder; ~/.local/state if it is not set."},
	{"XDG_CACHE_HOME", "The folder for the data sets that stheno data fetch downloads; ~/.cache if it is not set."},
}

// commitDate is the day of the commit that was built, where the build knows it: the same build makes the same pages.
func commitDate() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				day, _, _ := strings.Cut(s.Value, "T")
				return day
			}
		}
	}
	return ""
}
