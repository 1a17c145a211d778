package complete

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// LayerWords offers the words of layers.
func LayerWords(typed string) ([]string, cobra.ShellCompDirective) { return Words[graph.Layer](typed) }

// Words offers the words of a kind, with what each means.
func Words[T any](string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, e := range text.Entries[T]() {
		words = append(words, cobra.CompletionWithDesc(e.Word, e.About))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// Layers offers the word that a network in words may go on with, or a file behind "@".
func Layers(typed string) ([]string, cobra.ShellCompDirective) {
	if strings.HasPrefix(typed, "@") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	begun := typed[:strings.LastIndexAny(typed, " ,(|=")+1]
	var all []string
	for _, e := range text.Entries[graph.Layer]() {
		if strings.HasPrefix(begun+e.Word, typed) {
			all = append(all, cobra.CompletionWithDesc(begun+e.Word, e.About))
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
