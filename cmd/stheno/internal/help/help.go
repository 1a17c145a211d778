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

// Width is that of the terminal, as far as 80 columns.
func Width(w io.Writer) int { return max(20, min(80, term.Width(w))) }

// Of is what --help prints.
func Of(cmd *cobra.Command, width int) string {
	var b strings.Builder
	for _, paragraph := range paragraphs(cmd) {
		fmt.Fprintf(&b, "%s\n\n", strings.Join(reflow(paragraph, width), "\n"))
	}
	fmt.Fprintf(&b, "Usage:\n  %s\n\nExamples:\n%s\n", usageLine(cmd), cmd.Example)
	names := 0
	for _, c := range cmd.Commands() {
		names = max(names, len(c.Name()))
	}
	list := func(title string, of *cobra.Group) {
		fmt.Fprintf(&b, "\n%s:\n", title)
		for _, c := range inGroup(cmd, of) {
			item(&b, "  "+c.Name(), c.Short, names+4, width)
		}
	}
	for _, group := range cmd.Groups() {
		list(group.Title, group)
	}
	if cmd.HasSubCommands() && len(cmd.Groups()) == 0 {
		list("Commands", nil)
	}
	b.WriteString("\nFlags:\n")
	heads := 0
	flags := Flags(cmd)
	for _, f := range flags {
		heads = max(heads, len(head(f)))
	}
	for _, f := range flags {
		item(&b, "  "+head(f), Meaning(f), heads+4, width)
	}
	if cmd.HasSubCommands() {
		fmt.Fprintf(&b, "\n`%s COMMAND --help` explains a command.\n", cmd.CommandPath())
	}
	return b.String()
}

// item writes a name and, from a column on, what it means; below the name where little room is left beside it.
func item(w io.Writer, name, text string, column, width int) {
	if width-column < 24 {
		fmt.Fprintln(w, name)
		name, column = "", 8
	}
	for _, line := range term.Wrap(text, width-column) {
		fmt.Fprintf(w, "%-*s%s\n", column, name, line)
		name = ""
	}
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
func reflow(paragraph string, width int) []string {
	if asItStands(paragraph) || width >= 80 {
		return strings.Split(paragraph, "\n")
	}
	return term.Wrap(paragraph, width)
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return cmd.CommandPath() + " COMMAND"
	}
	return cmd.UseLine()
}

// inGroup are the commands of a group, or all of them.
func inGroup(cmd *cobra.Command, of *cobra.Group) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && (of == nil || c.GroupID == of.ID) {
			all = append(all, c)
		}
	}
	return all
}

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
	return strings.TrimRight(short+"--"+f.Name+" "+valueWord(f), " ")
}

// valueWord stands for a flag's value: what its usage has in backquotes, or a word for its type; nothing where it takes none.
func valueWord(f *pflag.Flag) string {
	word, _ := pflag.UnquoteUsage(f)
	if known, ok := valueWords[word]; ok {
		return known
	}
	return word
}

var valueWords = map[string]string{"int": "N", "uint": "N", "float": "X", "ints": "N,…", "strings": "NAME,…", "string": "NAME"}

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
