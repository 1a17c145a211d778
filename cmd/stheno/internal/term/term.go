// Package term fits what is printed to the terminal that it is printed on.
package term

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// IsTerminal says whether a person is at w, to read or to write.
func IsTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ShowsProgress says whether a line of w can be written over.
func ShowsProgress(w io.Writer) bool { return IsTerminal(w) && os.Getenv("TERM") != "dumb" }

// Width is the number of columns of the terminal that w is; 80 of anything else.
func Width(w any) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// Unicode says whether block characters can be shown: not where the locale names another character set than UTF-8.
func Unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}
