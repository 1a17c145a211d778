// Package interrupt ends what runs when a signal says so.
package interrupt

import (
	"os"
	"syscall"
)

// Error is the cause of a context that a signal cancelled.
type Error struct{ Signal os.Signal }

func (e *Error) Error() string {
	if e.Signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// Status is what a shell reports for a program that the signal ended.
func (e *Error) Status() int {
	if e.Signal == syscall.SIGTERM {
		return 143
	}
	return 130
}
