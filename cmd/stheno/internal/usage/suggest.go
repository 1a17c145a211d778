package usage

import (
	"fmt"
	"strings"
)

// DidYouMean is "; did you mean x?", to end a message with, for the name that is nearest to what was typed, the first of equally near ones; nothing
// if none is near, for a wrong guess is worse than none. Near is a letter wrong in three, the beginning of a name, one of its words, or the initials of
// either: lr is learning-rate, bce is binary-cross-entropy, mean-squared-error is mse.
func DidYouMean(typed string, names []string) string {
	nearest, least := "", 0
	for _, name := range names {
		if d, near := far(plain(typed), plain(name)); near && (nearest == "" || d < least) {
			nearest, least = name, d
		}
	}
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", nearest)
}

// plain is a name without what people write in more than one way.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' {
			return '-'
		}
		return r
	}, strings.ToLower(strings.TrimLeft(name, "-")))
}

// far is how far a name is from what was typed, and whether that is near. Another form of a name counts for a letter and a half.
func far(typed, name string) (int, bool) {
	if typed == "" || name == "" {
		return 0, false
	}
	if n := edits(typed, name); n == 0 || n <= len(typed)/3 {
		return 2 * n, true
	}
	words := strings.Split(name, "-")
	if initials(name) == typed || initials(typed) == name || strings.HasPrefix(name, typed) || strings.Contains("-"+typed+"-", "-"+name+"-") {
		return 3, true
	}
	for _, word := range words {
		if word == typed {
			return 3, true
		}
	}
	return 0, false
}

// initials are the first letters of a name's words; "" of a name of one word.
func initials(name string) string {
	words := strings.Split(name, "-")
	if len(words) == 1 {
		return ""
	}
	all := ""
	for _, word := range words {
		all += word[:min(1, len(word))]
	}
	return all
}

// edits is the least number of letters to insert, drop, change, or exchange with the next that makes b of a (Damerau 1964, each letter edited once).
func edits(a, b string) int {
	var before []int // the row of the letter before the last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
