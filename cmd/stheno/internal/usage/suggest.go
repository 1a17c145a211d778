package usage

import (
	"fmt"
	"strings"
)

// DidYouMean is "; did you mean x?", to end a message with, for the name nearest to what was typed; nothing if none is near.
func DidYouMean(typed string, names []string) string {
	if name := nearest(strings.ToLower(typed), names); name != "" {
		return fmt.Sprintf("; did you mean %q?", name)
	}
	return ""
}

// nearest is the name that takes one letter to mend; else the first that what was typed begins, or is a part of; else the name that
// takes the fewest letters to mend, if those are few; else the one of these initials: lr is learning-rate.
func nearest(typed string, names []string) string {
	if typed == "" {
		return ""
	}
	best, least := "", max(2, len(typed)/3)+1
	for _, name := range names {
		if d := distance(typed, name); d < least {
			best, least = name, d
		}
	}
	if least <= 1 {
		return best
	}
	for _, like := range []func(name string) bool{
		func(name string) bool { return strings.HasPrefix(name, typed) },
		func(name string) bool { return len(typed) > 2 && strings.Contains(name, typed) },
		func(name string) bool { return best == "" && initials(name) == strings.TrimLeft(typed, "-") },
	} {
		for _, name := range names {
			if like(name) {
				return name
			}
		}
	}
	return best
}

// initials are the first letters of a name's words: of --batch-size, bs.
func initials(name string) string {
	letters := ""
	for word := range strings.SplitSeq(name, "-") {
		if word != "" {
			letters += word[:1]
		}
	}
	return letters
}

// distance is the least number of letters to insert, delete or replace (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
