package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Freeze keeps layers as they are, by name, with those within them; all of the model's if none is named. A frozen layer is in training what it is outside: of its
// parameters no gradient is computed, and no optimizer is given them; its states are not updated, batch normalisation takes the moments that it has, dropout
// drops nothing. Layers before it still learn. It holds for programs that are compiled from then on; Fit compiles anew where it has changed between two
// steps, and an optimizer, which meets other parameters then, starts afresh. A name that no layer has is an error, and nothing is frozen.
func (m *Model) Freeze(layers ...string) error { return m.freeze(layers, true) }

// Unfreeze lets layers learn again, by name, with those within them; all of the model's if none is named.
func (m *Model) Unfreeze(layers ...string) error { return m.freeze(layers, false) }

// Frozen are the names of the layers that are frozen, in order, those within others among them; nil if there are none.
func (m *Model) Frozen() []string {
	if len(m.made().frozen) == 0 {
		return nil
	}
	var names []string
	for _, l := range m.infos {
		if m.frozen[l.Name] {
			names = append(names, l.Name)
		}
	}
	return names
}

// Trainable are the parameters that are not frozen, in the order of Params.
func (m *Model) Trainable() []Param {
	var all []Param
	for i, p := range m.made().params.all {
		if !m.frozen[m.params.layers[i]] {
			all = append(all, p)
		}
	}
	return all
}

func (m *Model) freeze(names []string, frozen bool) error {
	if len(m.made().infos) == 0 {
		return errNoModel
	}
	if len(names) == 0 {
		for _, l := range m.infos {
			names = append(names, l.Name)
		}
	}
	var all []string
	for _, name := range names {
		within, err := m.within(name)
		if err != nil {
			return err
		}
		for _, l := range within {
			all = append(all, l.keeps)
		}
	}
	if m.frozen == nil {
		m.frozen = map[string]bool{}
	}
	for _, name := range all {
		if frozen {
			m.frozen[name] = true
		} else {
			delete(m.frozen, name)
		}
	}
	return nil
}

// within are the layer of that name and those within it.
func (m *Model) within(name string) ([]LayerInfo, error) {
	infos := m.made().infos
	if len(infos) == 0 {
		return nil, errNoModel
	}
	at := slices.IndexFunc(infos, func(l LayerInfo) bool { return l.Name == name })
	if at < 0 {
		var names []string
		for _, l := range infos {
			names = append(names, l.Name)
		}
		return nil, fmt.Errorf("graph: got %q for a layer, want one of the model's: %s", name, strings.Join(names, ", "))
	}
	end := at + 1
	for end < len(infos) && infos[end].Nested > infos[at].Nested {
		end++
	}
	return infos[at:end], nil
}
