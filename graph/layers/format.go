package layers

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// Format is a network in words, as Parse reads it: layers one after another, or a single *graph.Net. Parse makes the same network of it, whose parameters have the same names, shapes and first
// values, and whose text is the same. A layer that no word is registered for is an error.
func Format(all ...graph.Layer) (string, error) {
	if len(all) == 0 {
		return "", fmt.Errorf("layers: got no layers, want at least one")
	}
	w := &writer{uses: map[graph.Layer]int{}, names: map[graph.Layer]string{}, kinds: map[string]string{}, taken: map[string]bool{}}
	for _, word := range reserved() {
		w.taken[word] = true
	}
	w.encoder = text.Encoder[graph.Layer]{Word: w.word}
	if _, err := w.tree(all); err != nil { // counts
		return "", err
	}
	w.naming = true
	tree, err := w.tree(all)
	if err != nil {
		return "", err
	}
	return tree.String(), nil
}

// A writer walks a network twice: it counts how often shared layers are used, then it names them.
type writer struct {
	encoder text.Encoder[graph.Layer]
	naming  bool
	uses    map[graph.Layer]int
	names   map[graph.Layer]string
	kinds   map[string]string // the words behind the names
	taken   map[string]bool
	depth   int
}

func (w *writer) tree(all []graph.Layer) (text.Net, error) {
	if n, ok := all[0].(*graph.Net); ok && len(all) == 1 {
		return w.net(n)
	}
	return w.encoder.Items(all)
}

// name is one that nothing else has.
func (w *writer) name(word string) string {
	for i := 1; ; i++ {
		if name := fmt.Sprintf("%s%d", word, i); !w.taken[name] {
			w.taken[name] = true
			return name
		}
	}
}

// word writes shared layers, and nets within nets.
func (w *writer) word(l graph.Layer) (item text.Item, known bool, err error) {
	if n, ok := l.(*graph.Net); ok {
		tree, err := w.net(n)
		return text.Item{Word: net, Args: []text.Arg{{Nets: []text.Net{tree}}}}, true, err
	}
	if _, ok := graph.Shared(l); !ok {
		return item, false, nil
	}
	if name := w.names[l]; name != "" {
		return text.Item{Word: name}, true, nil
	}
	if w.uses[l]++; w.uses[l] > 1 && !w.naming {
		return text.Item{Word: "again"}, true, nil
	}
	item, err = w.encoder.Item(bare(l))
	if w.naming && w.uses[l] > 2 { // the count of both walks
		item.Name = w.name(item.Word)
		w.names[l], w.kinds[item.Name] = item.Name, item.Word
	}
	return item, true, err
}

// deepest is how far nets may stand within nets.
const deepest = 60

// net writes a net.
func (w *writer) net(n *graph.Net) (tree text.Net, err error) {
	if w.depth++; w.depth > deepest {
		return nil, fmt.Errorf("layers: got nets within nets, %d deep, want fewer: does one hold itself?", w.depth)
	}
	defer func() { w.depth-- }()
	parts, err := n.Parts()
	if err != nil {
		return nil, err
	}
	read := make([]bool, len(parts)) // by name, not by who comes next
	inputs, last := 0, 0             // the last part that is no output
	for i, p := range parts {
		switch {
		case p.Layer != nil:
			last = i
		case p.From == nil:
			last = i
			inputs++
			w.taken[p.Name] = true
		}
	}
	bareOutput := last == len(parts)-2 && parts[len(parts)-1].Name == output && parts[len(parts)-1].From[0] == last && parts[last].Layer != nil
	if bareOutput {
		parts = parts[:len(parts)-1]
	}
	for i, p := range parts {
		if len(p.From) > 0 && !next(parts, i) {
			for _, from := range p.From {
				read[from] = true
			}
		}
	}
	implied := inputs == 1 && parts[0].Layer == nil && parts[0].Name == "x" && parts[0].Input.Shape == nil
	names := make([]string, len(parts))
	for i, p := range parts {
		var item text.Item
		switch {
		case p.Layer != nil:
			if item, err = w.encoder.Item(p.Layer); err != nil {
				return nil, err
			}
			if names[i] = item.Name; read[i] && names[i] == "" {
				if w.naming {
					item.Name = w.name(w.kind(item.Word))
				} else {
					item.Name = "later"
				}
				names[i] = item.Name
			}
		case p.From == nil:
			names[i] = p.Name
			if implied {
				continue
			}
			if item, err = formatInput(p); err != nil {
				return nil, err
			}
		default:
			item = text.Item{Name: p.Name, Word: output}
		}
		if !next(parts, i) {
			for _, from := range p.From {
				item.From = append(item.From, text.Ref{Name: names[from]})
			}
		}
		if item.Name != "" || len(item.From) > 0 {
			tree = append(tree, item)
		} else {
			tree = tree.Append(item)
		}
	}
	return tree, nil
}

// kind is the registered word of an item, whose word may be a name.
func (w *writer) kind(word string) string {
	if kind := w.kinds[word]; kind != "" {
		return kind
	}
	return word
}

// next says whether a part is fed by the one before it alone, as it is where nothing is said. Outputs always say it.
func next(parts []graph.Part, i int) bool {
	p := parts[i]
	return p.From == nil || p.Layer != nil && len(p.From) == 1 && p.From[0] == i-1
}

func formatInput(p graph.Part) (text.Item, error) {
	if p.Input.Shape == nil {
		return text.Item{Name: p.Name, Word: input, Args: []text.Arg{{Value: anyShape}}}, nil
	}
	e := text.Encoder[graph.Input]{}
	item, err := e.Item(p.Input)
	item.Name = p.Name
	return item, err
}
