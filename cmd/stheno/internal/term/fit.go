package term

import (
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// gap is what stands between two cells of a table in text.
var gap = regexp.MustCompile(`\s{2,}`)

// Fit lays out a table in text that another package wrote for a page, where that is wider than the terminal that out is: the first cell of a line stands by itself, the others below it, and rules are
// cut. A text that fits stays as it is, and so does what goes to a file or a pipe.
func Fit(out io.Writer, s string) string {
	if !IsTerminal(out) {
		return s
	}
	return fit(s, Width(out))
}

func fit(s string, width int) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	wide := 0
	for _, line := range lines {
		wide = max(wide, utf8.RuneCountInString(line))
	}
	if wide <= width {
		return s
	}
	var b strings.Builder
	for _, line := range lines {
		cells := gap.Split(strings.TrimRight(line, " "), -1)
		switch {
		case strings.Trim(line, "=─-") == "":
			b.WriteString(string([]rune(line)[:min(width, utf8.RuneCountInString(line))]) + "\n")
		case len(cells) == 1 || cells[0] == "":
			b.WriteString(strings.Join(Wrap(line, width), "\n") + "\n")
		default:
			b.WriteString(strings.Join(Wrap(cells[0], width), "\n") + "\n" + Indent(strings.Join(cells[1:], ", "), 4, width))
		}
	}
	return b.String()
}
