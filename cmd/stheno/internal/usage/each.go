package usage

import (
	"errors"
	"io"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
)

// Each does something with each of several things that a command line names. What fails is said at once, and keeps no other from being done: then the
// status is 1, or that of the first failure where nothing was done. Only a signal ends it all.
func Each[T any](errOut io.Writer, things []T, do func(T) error) error {
	if len(things) == 1 {
		return do(things[0])
	}
	var first error
	done := 0
	for _, thing := range things {
		err := do(thing)
		var stopped *interrupt.Error
		switch {
		case err == nil:
			done++
			continue
		case errors.As(err, &stopped):
			return err
		case !errors.Is(err, ErrSaid):
			Say(errOut, "%v", err)
		}
		if first == nil {
			first = err
		}
	}
	switch {
	case first == nil:
		return nil
	case done == 0 && Status(first) == 2:
		return Error{ErrSaid}
	}
	return ErrSaid
}
