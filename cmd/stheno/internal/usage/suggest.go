package usage

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// DidYouMean is "; did you mean x?", to end a message with, for the name that cobra finds nearest to what was typed; nothing if none is near. To cobra
// names are commands; what is near it says all at once, so that it is asked name by name, first for those that few letters mend.
func DidYouMean(typed string, names []string) string {
	if typed == "" {
		return ""
	}
	for letters := 1; letters <= max(2, len(typed)/3); letters++ {
		for _, name := range names {
			asked := &cobra.Command{SuggestionsMinimumDistance: letters}
			asked.AddCommand(&cobra.Command{Use: oneWord(name), SuggestFor: shorter(name), Run: func(*cobra.Command, []string) {}})
			if len(asked.SuggestionsFor(oneWord(typed))) > 0 {
				return fmt.Sprintf("; did you mean %q?", name)
			}
		}
	}
	return ""
}

// oneWord keeps cobra from taking what stands after a space for arguments.
func oneWord(name string) string { return strings.ReplaceAll(name, " ", "_") }

// shorter are what a name is called for short: one of its words, or their first letters; lr is learning-rate.
func shorter(name string) []string {
	dashes := name[:len(name)-len(strings.TrimLeft(name, "-"))]
	initials := dashes
	var all []string
	for word := range strings.SplitSeq(name[len(dashes):], "-") {
		if word != "" {
			all = append(all, dashes+word)
			initials += word[:1]
		}
	}
	return append(all, initials)
}
