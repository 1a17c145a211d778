package usage

import (
	"regexp"
	"strings"
)

// What package losses and others call things in Go.
var (
	inGo   = regexp.MustCompile(`(?:\ba )?\b(?:layers|losses)\.([A-Z]\w*)(?:\{\})?`)
	within = regexp.MustCompile(`([a-z])([A-Z])`)
	goSays = strings.NewReplacer("set Logits", "say so: cross-entropy logits", "set Scores", "say so: hinge scores", "leave Logits out", "leave logits out")
)

// InWords is what an error says to somebody who writes networks and losses in words: layers.LogSoftmax is log-softmax, losses.MSE{} mse.
func InWords(text string) string {
	text = inGo.ReplaceAllStringFunc(text, func(name string) string {
		word := strings.ToLower(within.ReplaceAllString(inGo.FindStringSubmatch(name)[1], "$1-$2"))
		if strings.HasPrefix(name, "a ") {
			return "a layer " + word
		}
		return word
	})
	return goSays.Replace(text)
}
