package usage

import (
	"regexp"
	"strings"
)

// What package losses and others call things in Go, and package datasets with the command's name for them behind it, if it has one: Ignore (--ignore), or (Ignore, --ignore), and one-hot (OneHot{}).
var (
	inGo    = regexp.MustCompile(`(?:\ba )?\b(?:layers|losses)\.([A-Z]\w*)(?:\{\})?`)
	within  = regexp.MustCompile(`([a-z])([A-Z])`)
	setting = regexp.MustCompile(`\b(?:Columns\.)?[A-Z]\w* \((--[a-z-]+)\)`)
	either  = regexp.MustCompile(`\((?:[A-Z][\w.]*, (--[a-z-]+)|(--[a-z-]+), [A-Z][\w.]*)\)`)
	ofGo    = regexp.MustCompile(` \([A-Z]\w*\{\}\)|, or give Pictures\.Height and Width to have them scaled| \(Split does\)`)
	goSays  = strings.NewReplacer("set Logits", "say so: cross-entropy logits", "set Scores", "say so: hinge scores", "leave Logits out", "leave logits out")
)

// InWords is what an error says to somebody who writes networks and losses in words: layers.LogSoftmax is log-softmax, losses.MSE{} mse. Who names columns and steps by flags
// reads --ignore and one-hot.
func InWords(text string) string {
	text = inGo.ReplaceAllStringFunc(text, func(name string) string {
		word := strings.ToLower(within.ReplaceAllString(inGo.FindStringSubmatch(name)[1], "$1-$2"))
		if strings.HasPrefix(name, "a ") {
			return "a layer " + word
		}
		return word
	})
	text = either.ReplaceAllString(setting.ReplaceAllString(text, "$1"), "($1$2)")
	return goSays.Replace(ofGo.ReplaceAllString(text, ""))
}
