package inspect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// A Drawing is a network as boxes and arrows. Its text is the same in every process.
type Drawing struct {
	title string
	boxes []box
	edges []edge
	text  string
}

type box struct {
	id, label string
	fill      string
	within    []string // the layers of layers around it, outermost first
}

type edge struct {
	from, to, label string
	back            bool // of the backward pass
}

// Colours of the drawings: forward in blue, backward in orange, what is given or learnt in grey.
const (
	forwardFill  = "#d6e6f5"
	backwardFill = "#fbdcc4"
	givenFill    = "#ececec"
	lossFill     = "#e4dcf1"
	forwardLine  = "#3c5a78"
	backwardLine = "#c05a10"
)

// Text is the drawing as a table: an input or op a line, what it takes, and its shape.
func (d *Drawing) Text() string { return d.text }

// DOT is the drawing in Graphviz' language.
func (d *Drawing) DOT() string {
	var s strings.Builder
	fmt.Fprintf(&s, "digraph %s {\n", quote(d.title))
	s.WriteString("  node [shape=box, style=\"filled,rounded\", color=\"#8899aa\", fontname=\"Liberation Sans,Helvetica,sans-serif\", fontsize=11]\n")
	fmt.Fprintf(&s, "  edge [color=%q, fontname=\"Liberation Sans,Helvetica,sans-serif\", fontsize=9]\n", forwardLine)
	var open []string
	for _, b := range append(slices.Clone(d.boxes), box{}) {
		same := 0
		for same < len(open) && same < len(b.within) && open[same] == b.within[same] {
			same++
		}
		for ; len(open) > same; open = open[:len(open)-1] {
			fmt.Fprintf(&s, "%s}\n", strings.Repeat("  ", len(open)))
		}
		for _, name := range b.within[same:] {
			open = append(open, name)
			indent := strings.Repeat("  ", len(open))
			fmt.Fprintf(&s, "%ssubgraph %s {\n%s  label=%s; color=\"#b8c4d0\"; fontname=\"Liberation Sans,Helvetica,sans-serif\"; fontsize=10\n", indent, quote("cluster_"+name), indent, quote(name))
		}
		if b.id != "" {
			fmt.Fprintf(&s, "%s%s [label=%s, fillcolor=%q]\n", strings.Repeat("  ", len(open)+1), quote(b.id), quote(b.label), b.fill)
		}
	}
	for _, e := range d.edges {
		var attributes []string
		if e.label != "" {
			attributes = append(attributes, "label="+quote(e.label))
		}
		if e.back {
			attributes = append(attributes, fmt.Sprintf("color=%q, fontcolor=%q", backwardLine, backwardLine))
		}
		fmt.Fprintf(&s, "  %s -> %s", quote(e.from), quote(e.to))
		if len(attributes) > 0 {
			fmt.Fprintf(&s, " [%s]", strings.Join(attributes, ", "))
		}
		s.WriteByte('\n')
	}
	s.WriteString("}\n")
	return s.String()
}

// quote is a string in DOT: only quotation marks and backslashes are special; a line break is \n.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// ErrNoGraphviz says that Graphviz is not installed.
var ErrNoGraphviz = errors.New("inspect: Graphviz' program dot is not installed: install the package graphviz, or take the drawing as DOT or text")

// SVG has Graphviz' program dot draw it, as one svg element like those of package figure, its width and height in pixels. Without
// Graphviz the error is ErrNoGraphviz. The context can stop it.
func (d *Drawing) SVG(ctx context.Context) ([]byte, error) {
	if d == nil || ctx == nil {
		return nil, errors.New("inspect: got a nil drawing or context, want both")
	}
	path, err := exec.LookPath("dot")
	if err != nil {
		return nil, ErrNoGraphviz
	}
	cmd := exec.CommandContext(ctx, path, "-Tsvg")
	cmd.Stdin = strings.NewReader(d.DOT())
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("inspect: Graphviz' dot: %w: %s", err, strings.TrimSpace(errOut.String()))
	}
	return svgElement(out.Bytes())
}

// svgElement is the svg element of what dot wrote, without the XML declaration before it, and with its size in pixels in place of points:
// its letters are then as large as those of the figures.
func svgElement(svg []byte) ([]byte, error) {
	at := bytes.Index(svg, []byte("<svg"))
	if at < 0 {
		return nil, fmt.Errorf("inspect: Graphviz' dot wrote no svg element, but %.60q: is it another program?", svg)
	}
	tag, rest, _ := bytes.Cut(svg[at:], []byte(">"))
	return slices.Concat(bytes.ReplaceAll(tag, []byte(`pt"`), []byte(`"`)), []byte(">"), rest), nil
}
