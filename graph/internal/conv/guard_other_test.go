//go:build !linux

package conv

import "testing"

func guarded[T Float](*testing.T) func(n int) []T {
	return func(n int) []T { return make([]T, n) }
}
