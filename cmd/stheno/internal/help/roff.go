package help

import (
	"strings"
)

// page is a manual page that is being written.
type page struct{ strings.Builder }

// roff is a text as groff and mandoc print it unchanged, if it begins no line.
var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace

// macro is a line of its own: a macro and its arguments.
func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, arg := range args {
		p.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	p.WriteString("\n")
}

// text is filled by whoever shows the page.
func (p *page) text(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = roff(line)
		if strings.HasPrefix(line, ".") {
			line = `\&` + line
		}
		p.WriteString(line + "\n")
	}
}

func (p *page) asItStands(text string) {
	p.macro("nf")
	p.macro("RS", "2n")
	for line := range strings.SplitSeq(text, "\n") {
		p.text(strings.TrimPrefix(line, "  "))
	}
	p.macro("RE")
	p.macro("fi")
}

// item is a name, in roff, and what it means.
func (p *page) item(name, means string) {
	p.macro("TP")
	p.WriteString(name + "\n")
	p.text(means)
}
