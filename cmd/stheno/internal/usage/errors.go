// Package usage says what is wrong with a command line.
package usage

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
)

// Error is a command line that is wrong: what names no file, and can be seen to be wrong whatever the machine. All other errors are failures.
type Error struct{ error }

// Unwrap is what is wrong.
func (e Error) Unwrap() error { return e.error }

// Errorf makes an Error.
func Errorf(format string, args ...any) error { return Error{fmt.Errorf(format, args...)} }

// ErrSaid is a failure that has been reported already, such as a check that did not hold.
var ErrSaid = errors.New("reported")

// Status is the exit status that an error ends the command with.
func Status(err error) int {
	var usage Error
	var stopped *interrupt.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	case errors.As(err, &stopped):
		return stopped.Status()
	}
	return 1
}

// WasSaid says whether an error's words were printed already.
func WasSaid(err error) bool { return errors.Is(err, ErrSaid) }

// OneLine is what an error says, in the shapes of a sample, without the ends of lines in it, and nothing that a terminal would not show.
func OneLine(err error) string { return line(OfSample(err).Error()) }

func line(s string) string { return term.Plain(strings.Join(strings.Fields(InWords(s)), " ")) }

// Known is an error where the name is none of names.
func Known(where, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	list, hint := strings.Join(names, ", "), DidYouMean(name, names)
	if hint != "" && len(list) > 400 { // past that the nearer one would be overlooked
		return Errorf("%s: got %q%s", where, name, hint)
	}
	return Errorf("%s: got %q, want one of %s%s", where, name, list, hint)
}
