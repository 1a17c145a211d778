package graph

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Summary is the model as Keras prints it: layer, output shape, parameters, and how many of them are frozen, where some are. Layers within a layer are indented.
func (m *Model) Summary() string {
	name := 28 // as wide as the longest
	called := func(l LayerInfo) string { return strings.Repeat("  ", l.Nested) + l.Name + " (" + l.Label() + ")" }
	for _, l := range m.Layers() {
		name = max(name, utf8.RuneCountInString(called(l)))
	}
	line := strings.Repeat("=", name+37)
	var s strings.Builder
	fmt.Fprintf(&s, "%-*s %-25s %s\n%s\n", name, "Layer (type)", "Output Shape", "Param #", line)
	for _, l := range m.Layers() {
		shape := "(None"
		for _, d := range l.Output {
			shape += fmt.Sprintf(", %d", d)
		}
		params := fmt.Sprint(l.Params)
		if l.Frozen && l.Params > 0 {
			params += " frozen"
		}
		fmt.Fprintf(&s, "%-*s %-25s %s\n", name, called(l), shape+")", params)
	}
	fmt.Fprintf(&s, "%s\nTotal params: %d\n", line, m.ParamCount())
	if len(m.Frozen()) > 0 {
		learnt := 0
		for _, p := range m.Trainable() {
			learnt += p.Value.Shape().TotalSize()
		}
		fmt.Fprintf(&s, "Trainable params: %d\nFrozen params: %d\n", learnt, m.ParamCount()-learnt)
	}
	return s.String()
}
