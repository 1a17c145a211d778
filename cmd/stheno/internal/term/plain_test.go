package term

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"relu, σ×– 網路 ñ n\u0303":   "relu, σ×– 網路 ñ n\u0303",
		"\x1b[31mred\x1b[0m":       `\x1b[31mred\x1b[0m`,
		"a\nstheno: done\r\b\t":    `a\nstheno: done\x0d\x08\x09`,
		"\u009b31m\x7f":            `\u009b31m\x7f`,
		"\x9b31m\xff":              `\x9b31m\xff`,
		"\u202egnp.exe\u2066":      `\u202egnp.exe\u2066`,
		"\u2028\u2029\ufeff\u00ad": `\u2028\u2029\ufeff\u00ad`,
		"\U000e0041":               `\U000e0041`,
		"1\u00a0000":               "1\u00a0000",
		`C:\runs`:                  `C:\runs`,
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Without the last flag Go's minimisation starves it: go test ./cmd/stheno/internal/term -run - -fuzz '^FuzzPlain$' -fuzzminimizetime 1x
func FuzzPlain(f *testing.F) {
	f.Add("\x1b]0;title\x07\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := Plain(text)
		if strings.ContainsFunc(got, func(r rune) bool { return !shown(r) }) || Plain(got) != got {
			t.Errorf("%q became %q", text, got)
		}
		var b strings.Builder
		if err := JSON(&b).Encode(text); err != nil {
			t.Fatal(err)
		}
		line := strings.TrimSuffix(b.String(), "\n")
		if strings.ContainsFunc(line, func(r rune) bool { return !shown(r) }) {
			t.Errorf("%q became %q", text, line)
		}
		var again string
		if err := json.Unmarshal([]byte(line), &again); err != nil || again != string([]rune(text)) {
			t.Errorf("%q is read as %q, %v", text, again, err)
		}
	})
}
