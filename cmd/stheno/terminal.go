package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// isTerminal says whether a person is at w, to read or to write.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// showsProgress says whether a line of w can be written over.
func showsProgress(w io.Writer) bool { return isTerminal(w) && os.Getenv("TERM") != "dumb" }

// terminalWidth is the number of columns of the terminal that w is; 80 of anything else.
func terminalWidth(w any) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// unicodeTerminal says whether block characters can be shown: not where the locale names another character set than UTF-8.
func unicodeTerminal() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}
