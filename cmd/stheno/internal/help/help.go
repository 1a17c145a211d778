// Package help explains commands: on a terminal, and as manual pages.
package help

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
)

// Width is that of the terminal, from 40 columns to 80.
func Width(w io.Writer) int { return max(40, min(80, term.Width(w))) }

// Of is what --help prints: what cobra's own template does, but fitted to a narrow terminal, which cobra does for nothing and pflag for flags only; those
// it prints as --json[=true|false].
func Of(cmd *cobra.Command, width int) string {
	var b strings.Builder
	for _, paragraph := range paragraphs(cmd) {
		fmt.Fprintf(&b, "%s\n\n", reflow(paragraph, width))
	}
	fmt.Fprintf(&b, "Usage:\n  %s\n\nExamples:\n%s\n", usageLine(cmd), cmd.Example)
	list := func(title, group string) {
		var rows [][2]string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() && c.GroupID == group {
				rows = append(rows, [2]string{fmt.Sprintf("  %-*s ", c.NamePadding(), c.Name()), c.Short})
			}
		}
		fmt.Fprintf(&b, "\n%s:\n%s", title, term.Pairs(width, rows))
	}
	for _, group := range cmd.Groups() {
		list(group.Title, group.ID)
	}
	if cmd.HasSubCommands() && len(cmd.Groups()) == 0 {
		list("Commands", "")
	}
	var flags [][2]string
	for _, f := range Flags(cmd) {
		flags = append(flags, [2]string{head(f), Meaning(f)})
	}
	fmt.Fprintf(&b, "\nFlags:\n%s", term.Pairs(width, flags))
	if !cmd.HasParent() {
		var statuses [][2]string
		for _, s := range Statuses {
			statuses = append(statuses, [2]string{fmt.Sprintf("  %-9s ", s[0]), s[1]})
		}
		fmt.Fprintf(&b, "\nExit status:\n%s\nOf a flag that is given twice, the last counts, unless its help says otherwise.\n", term.Pairs(width, statuses))
	}
	if cmd.HasSubCommands() {
		fmt.Fprintf(&b, "\n`%s COMMAND --help` explains a command.\n", cmd.CommandPath())
	}
	return b.String()
}

// paragraphs are those of a command's description.
func paragraphs(cmd *cobra.Command) []string {
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	return strings.Split(text, "\n\n")
}

// asItStands says whether a paragraph's lines are to be left alone: they are indented.
func asItStands(paragraph string) bool { return strings.HasPrefix(paragraph, " ") }

// reflow fits a paragraph to a width.
func reflow(paragraph string, width int) string {
	if asItStands(paragraph) || width >= 80 {
		return paragraph
	}
	return strings.Join(term.Wrap(paragraph, width), "\n")
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return cmd.CommandPath() + " COMMAND"
	}
	return cmd.UseLine()
}

// Flags are those of a command, with the ones that cobra adds.
func Flags(cmd *cobra.Command) []*pflag.Flag {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	var all []*pflag.Flag
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	return all
}

// head is a flag as it is typed, with a word for its value.
func head(f *pflag.Flag) string {
	short := "    "
	if f.Shorthand != "" {
		short = "-" + f.Shorthand + ", "
	}
	return strings.TrimRight("  "+short+"--"+f.Name+" "+valueWord(f), " ") + "  "
}

// valueWord stands for a flag's value: what its usage has in backquotes, or a word for what pflag calls its type; nothing where it takes none.
func valueWord(f *pflag.Flag) string {
	word, _ := pflag.UnquoteUsage(f)
	if known, ok := map[string]string{"int": "N", "uint": "N", "float": "X", "ints": "N,…", "strings": "NAME,…", "string": "NAME"}[word]; ok {
		return known
	}
	return word
}

// Meaning is a flag's usage, with its default where that says something.
func Meaning(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	switch value := strings.Trim(f.DefValue, "[]"); value {
	case "", "0", "false":
		return usage
	default:
		return fmt.Sprintf("%s (default %s)", usage, value)
	}
}
