package graph

import (
	"fmt"
	"strings"
)

// Summary is the model as Keras prints it: layer, output shape, parameters, and how many of them are frozen, where some are. Layers within a layer are indented.
func (m *Model) Summary() string {
	const width = 65
	var s strings.Builder
	fmt.Fprintf(&s, "%-28s %-25s %s\n%s\n", "Layer (type)", "Output Shape", "Param #", strings.Repeat("=", width))
	for _, l := range m.Layers() {
		shape := "(None"
		for _, d := range l.Output {
			shape += fmt.Sprintf(", %d", d)
		}
		params := fmt.Sprint(l.Params)
		if l.Frozen && l.Params > 0 {
			params += " frozen"
		}
		fmt.Fprintf(&s, "%-28s %-25s %s\n", strings.Repeat("  ", l.Nested)+l.Name+" ("+l.Label()+")", shape+")", params)
	}
	fmt.Fprintf(&s, "%s\nTotal params: %d\n", strings.Repeat("=", width), m.ParamCount())
	if len(m.Frozen()) > 0 {
		learnt := 0
		for _, p := range m.Trainable() {
			learnt += p.Value.Shape().TotalSize()
		}
		fmt.Fprintf(&s, "Trainable params: %d\nFrozen params: %d\n", learnt, m.ParamCount()-learnt)
	}
	return s.String()
}
