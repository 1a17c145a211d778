package graph

import (
	"fmt"
	"strings"
)

// Summary is the model as Keras prints it: layer, output shape, parameters. Layers within a layer are indented.
func (m *Model) Summary() string {
	const width = 65
	var s strings.Builder
	fmt.Fprintf(&s, "%-28s %-25s %s\n%s\n", "Layer (type)", "Output Shape", "Param #", strings.Repeat("=", width))
	for _, l := range m.made().infos {
		shape := "(None"
		for _, d := range l.Output {
			shape += fmt.Sprintf(", %d", d)
		}
		fmt.Fprintf(&s, "%-28s %-25s %d\n", strings.Repeat("  ", l.Nested)+l.Name+" ("+l.Label()+")", shape+")", l.Params)
	}
	fmt.Fprintf(&s, "%s\nTotal params: %d\n", strings.Repeat("=", width), m.ParamCount())
	return s.String()
}
