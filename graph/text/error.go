package text

import (
	"fmt"
	"slices"
	"strings"
)

// A Pos is a place in a text, from 1; columns count characters.
type Pos struct{ Line, Column int }

// An Error is what is wrong with a text, and where.
type Error struct {
	Pos
	What string // without the place
}

// Error is "line 1, column 7: what".
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
}

// Errorf is an Error at this place.
func (p Pos) Errorf(format string, args ...any) error {
	return &Error{p, fmt.Sprintf(format, args...)}
}

// mostWords is how many characters of words a message lists where it has a nearer one to name; past them that one would be overlooked.
const mostWords = 200

// nearest is the one of words that was meant; "" if none is near.
func nearest(word string, words []string) string {
	best, least := "", max(1, len(word)/3)
	for _, w := range words {
		if d := distance(strings.ToLower(word), w); d <= least && (best == "" || d < distance(strings.ToLower(word), best)) {
			best = w
		}
	}
	return best
}

// distance is the number of letters to change, insert, leave out, or swap with their neighbour.
func distance(a, b string) int {
	before, last, next := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			next[j+1] = min(d, last[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, last, next = last, next, slices.Repeat([]int{0}, len(b)+1)
	}
	return last[len(b)]
}
