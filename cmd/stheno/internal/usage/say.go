package usage

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
)

// Say says on standard error what went wrong, or what is to be minded: one line, which on a terminal is broken between words where it would leave it. Errors are said as OneLine says them.
func Say(errOut io.Writer, format string, args ...any) {
	args = slices.Clone(args)
	for i, a := range args {
		if err, ok := a.(error); ok {
			args[i] = OfSample(err)
		}
	}
	line := line("stheno: " + fmt.Sprintf(format, args...))
	if term.IsTerminal(errOut) {
		line = broken(line, term.Width(errOut))
	}
	fmt.Fprintln(errOut, line)
}

// broken is a line with ends between words, so that none is wider; a word that is wider, such as a path, stays whole, to be copied.
func broken(line string, width int) string {
	var b strings.Builder
	column := 0
	for word := range strings.SplitSeq(line, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
