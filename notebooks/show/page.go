package show

import (
	"encoding/xml"
	"fmt"
	"html"
	"strconv"
	"strings"
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
		w, h := size(d)
		scale := min(1, widest/w)
		if i > 0 {
			x += gap
		}
		fmt.Fprintf(&b, `<g transform="translate(%.1f 0) scale(%.4f)">%s</g>`, x, scale, d)
		x += w * scale
		height = max(height, h*scale)
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

// size is the width and height of a drawing, which must be an svg element and say them in pixels.
func size(drawing string) (w, h float64) {
	first, _ := xml.NewDecoder(strings.NewReader(drawing)).RawToken() // what it could not read has no size
	if tag, ok := first.(xml.StartElement); ok && tag.Name.Local == "svg" {
		for _, a := range tag.Attr {
			v, err := strconv.ParseFloat(a.Value, 64)
			switch {
			case err != nil:
			case a.Name.Local == "width":
				w = v
			case a.Name.Local == "height":
				h = v
			}
		}
	}
	if !(w > 0 && h > 0) {
		Check(fmt.Errorf("show: got a drawing that is no svg element with a width and height in pixels, want one of package figure or of inspect.Drawing: %.60q", drawing))
	}
	return w, h
}
