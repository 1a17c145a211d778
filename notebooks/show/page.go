package show

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

var (
	openTag = regexp.MustCompile(`(?s)<svg\b[^>]*>`)
	viewBox = regexp.MustCompile(`viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"`)
	sizes   = regexp.MustCompile(`\s(width|height|style)="[^"]*"`)
)

// widest is how wide a drawing may be on a page; a wider one is made smaller.
const widest = 940

// page lays drawings side by side on white, with lines of text under them, as one picture of a known size: a notebook's page shows
// a picture of its own, which knows nothing of the colours and the width around it.
func page(lines []string, drawings ...string) string {
	const gap, line = 20, 16
	var b strings.Builder
	x, height := 0.0, 0.0
	for i, d := range drawings {
		tag := openTag.FindStringIndex(d)
		if tag == nil {
			Check(fmt.Errorf("show: got a drawing that has no svg element, want one of package figure or of Graphviz: %.60q", d))
		}
		open := d[tag[0]:tag[1]]
		box := viewBox.FindStringSubmatch(open)
		if box == nil {
			Check(fmt.Errorf("show: got a drawing without a viewBox, want one of package figure or of Graphviz: %.60q", open))
		}
		w, _ := strconv.ParseFloat(box[1], 64) // digits and dots
		h, _ := strconv.ParseFloat(box[2], 64)
		if w > widest {
			w, h = widest, h*widest/w
		}
		if i > 0 {
			x += gap
		}
		open = sizes.ReplaceAllString(open, "")
		fmt.Fprintf(&b, `<svg x="%.0f" y="0" width="%.1f" height="%.1f"%s`, x, w, h, strings.TrimPrefix(open, "<svg"))
		b.WriteString(d[tag[1]:])
		x += w
		height = max(height, h)
	}
	for i, text := range lines {
		if r, room := []rune(text), int((x-24)/6); len(r) > room {
			text = string(r[:max(0, room-1)]) + "…"
		}
		fmt.Fprintf(&b, `<text x="12" y="%.0f" font-size="12" font-family="Liberation Sans, Helvetica, Arial, sans-serif">%s</text>`, height+float64(14+line*i), html.EscapeString(text))
	}
	if len(lines) > 0 {
		height += float64(8 + line*len(lines))
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" color="#222" fill="#222"><rect width="100%%" height="100%%" fill="#fff"/>%s</svg>`,
		x, height, x, height, b.String())
}
