package term

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain is text from a file or a name, as it may stand before a person: what is no letter, mark, number, sign or space (control characters, escape
// sequences, ends of lines, marks that turn the direction of writing, bytes that are not UTF-8) is shown as Go writes it, \x1b or \u202e. All that the
// commands print and have not made themselves goes through it; tables, wrapped text and errors do so here.
func Plain(s string) string {
	plain := true
	for _, r := range s {
		if !shown(r) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case shown(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 1<<16:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

// shown says whether a terminal shows a letter and does nothing else with it.
func shown(r rune) bool {
	return r != utf8.RuneError && (unicode.IsPrint(r) || unicode.Is(unicode.Zs, r))
}

// JSON is an encoder of lines of JSON, in which letters that Plain does not show stand as \u202e, which every reader of JSON reads as they are.
func JSON(w io.Writer) *json.Encoder { return json.NewEncoder(escaping{w}) }

// escaping is for what json.Encoder writes: a whole value at a time, in which nothing but strings has letters beyond ASCII.
type escaping struct{ w io.Writer }

func (e escaping) Write(text []byte) (int, error) {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r < 0x7f || shown(r):
			b.WriteRune(r)
		case r < 1<<16:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
	if _, err := io.WriteString(e.w, b.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}
