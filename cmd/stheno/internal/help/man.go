package help

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// WithCommands is a command and all those below it.
func WithCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			all = append(all, WithCommands(c)...)
		}
	}
	return all
}

// PageName is what a command's manual page is called.
func PageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// Page is a command's manual page. It is cobra's, with three things by hand: the exit statuses and the environment, which cobra does not know; flags
// as a list with the text indented, where cobra has a tab that holds for the first line only; and letters that groff would print as others, and names
// that it would hyphenate, so that what is copied from a page can be run.
func Page(cmd *cobra.Command) (string, error) {
	release, _, _ := strings.Cut(Version(), "-") // a commit's name has no room beside the date
	var b bytes.Buffer
	if err := doc.GenMan(inMarkdown(cmd), &doc.GenManHeader{Source: "stheno " + release, Manual: "Stheno"}, &b); err != nil {
		return "", err
	}
	page := optionOfCobra.ReplaceAllString(b.String(), ".TP\n$1\n")
	sections := exitStatus()
	if !cmd.HasParent() {
		sections += environment
	}
	page = strings.Replace(page, "\n.SH SEE ALSO\n", sections+"\n.SH SEE ALSO\n", 1)
	var typed strings.Builder
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, ".") {
			line = asTyped.Replace(line)
		}
		typed.WriteString(line)
	}
	return typed.String(), nil
}

var (
	optionOfCobra = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*?)=?\n\t`)
	asTyped       = strings.NewReplacer(`\fB`, `\fB\%`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)
	inText        = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`)
)

// inMarkdown is a copy of a command for cobra's page, whose texts are Markdown and whose flags have a word for their value in the place of a default.
func inMarkdown(cmd *cobra.Command) *cobra.Command {
	c := *cmd
	c.DisableAutoGenTag = true
	var long []string
	for _, paragraph := range paragraphs(cmd) {
		if asItStands(paragraph) {
			long = append(long, "  "+strings.ReplaceAll(paragraph, "\n", "\n  ")) // four spaces are code
		} else {
			long = append(long, inText.Replace(strings.Join(strings.Fields(paragraph), " ")))
		}
	}
	c.Short = inText.Replace(cmd.Short)
	if cmd.HasSubCommands() {
		c.Use += " COMMAND"
		c.DisableFlagsInUseLine = true
		long = append(long, "# COMMANDS")
		for _, below := range cmd.Commands() {
			if below.IsAvailableCommand() {
				long = append(long, "**"+PageName(below)+"**(1)\n: "+inText.Replace(below.Short))
			}
		}
	}
	c.Long = strings.Join(long, "\n\n")
	flags := Flags(cmd)
	c.ResetFlags()
	for _, f := range flags {
		c.Flags().StringArrayP(f.Name, f.Shorthand, nil, inText.Replace(Meaning(f))) // an array's value is not put in quotes
		c.Flags().Lookup(f.Name).DefValue = valueWord(f)
	}
	return &c
}

// Statuses are what the command ends with, and when: of every command.
var Statuses = [...][2]string{
	{"0", "It is done."},
	{"1", "It failed, training diverged, or a check did not hold; a file or folder that is not there or no good is a failure too. A line on standard error says why, and what to do. Of several things, the others are done."},
	{"2", "The command line is wrong, and nothing was done: a command, flag, experiment or run that there is not, a value that a flag does not take, too few or too many arguments."},
	{"130, 143", "It was interrupted (Ctrl-C) or terminated, after finishing the step in hand."},
}

func exitStatus() string {
	section := "\n.SH EXIT STATUS\n"
	for _, s := range Statuses {
		section += ".TP\n\\fB" + strings.ReplaceAll(s[0], ", ", "\\fP, \\fB") + "\\fP\n" + s[1] + "\n"
	}
	return section
}

const environment = `
.SH ENVIRONMENT
.TP
\fBSTHENO_BLAS\fP
What multiplies matrices, where --blas does not say so.
.TP
\fBSTHENO_THREADS\fP
The threads to compute with, where --threads does not say so.
.TP
\fBOPENBLAS_NUM_THREADS\fP, \fBMKL_NUM_THREADS\fP, \fBOMP_NUM_THREADS\fP
The same where STHENO_THREADS is not set; the first that has a count, but no more than the cores.
.TP
\fBXDG_STATE_HOME\fP
The folder that has stheno/runs, where runs are kept that were given no folder; ~/.local/state if it is not set.
.TP
\fBXDG_CACHE_HOME\fP
The folder for the data sets that stheno data fetch downloads; ~/.cache if it is not set.
`
