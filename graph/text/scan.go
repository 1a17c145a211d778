package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is a word or number, a quoted string, one of the signs , | ( ) = * < +, an end of line, or the end.
type token struct {
	Pos
	kind rune // 'w' a word, '"' a string, '\n', 0 the end, else the sign itself
	text string
}

// got is the token in a message.
func (t token) got() string {
	switch t.kind {
	case 0:
		return "the end"
	case '\n':
		return "the end of the line"
	case 'w':
		return strconv.Quote(t.text)
	case '"':
		if utf8.RuneCountInString(t.text) > 40 {
			return string([]rune(t.text)[:40]) + "…"
		}
		return t.text
	}
	return strconv.Quote(string(t.kind))
}

const (
	signs   = ",|()=*<+"
	longest = 1000 // bytes of a word
)

// scan cuts a text into tokens; the last one is the end.
func scan(s string) (tokens []token, err error) {
	at := Pos{1, 1}
	s = strings.TrimPrefix(s, "\ufeff") // with which some editors begin a file
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		t := token{Pos: at, kind: r}
		switch {
		case r == utf8.RuneError && n == 1:
			return nil, at.Errorf("got a byte that is not UTF-8, want text")
		case r == '\n':
			tokens = append(tokens, t)
			at, s = Pos{at.Line + 1, 1}, s[n:]
			continue
		case r == '#':
			n = strings.IndexByte(s, '\n')
			if n < 0 {
				n = len(s)
			}
		case r == ' ' || r == '\t' || r == '\r':
		case strings.ContainsRune(signs, r):
			tokens = append(tokens, t)
		case r == '"':
			quoted, wrong := strconv.QuotedPrefix(s)
			if wrong != nil {
				return nil, at.Errorf("got a string without its end, want a %q on the same line", '"')
			}
			n, t.text = len(quoted), quoted
			tokens = append(tokens, t)
		case letter(r):
			if n = wordEnd(s); n > longest {
				return nil, at.Errorf("got a word of %d bytes, want at most %d: what is longer stands in \"quotes\"", n, longest)
			}
			t.kind, t.text = 'w', s[:n]
			tokens = append(tokens, t)
		default:
			return nil, at.Errorf("got %q, want a word, a number, or one of , | ( ) = * < + #: what else stands in a string takes \"quotes\"", r)
		}
		at.Column += utf8.RuneCountInString(s[:n])
		s = s[n:]
	}
	return append(tokens, token{Pos: at}), nil
}

func letter(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.:/", r)
}

// wordEnd is the length of the word at the beginning of s. A + belongs to a number, 1e+7.
func wordEnd(s string) int {
	for i, r := range s {
		if letter(r) || r == '+' && i > 1 && (s[i-1] == 'e' || s[i-1] == 'E') && isNumber(s[:i-1]) && i+1 < len(s) && unicode.IsDigit(rune(s[i+1])) {
			continue
		}
		return i
	}
	return len(s)
}

// isWord says whether a string may stand for itself, without quotes.
func isWord(s string) bool { return s != "" && len(s) <= longest && wordEnd(s) == len(s) }

// isNumber says whether a word is a number as one writes it, without x, and no "inf".
func isNumber(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] != '.' && (digits[0] < '0' || digits[0] > '9') || strings.ContainsAny(digits, "xX_pP") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || err.(*strconv.NumError).Err == strconv.ErrRange
}

// numbers are those of a word such as 3x3, or of a number; nil if it is neither.
func numbers(s string) []string {
	all := strings.Split(s, "x")
	for _, n := range all {
		if !isNumber(n) {
			return nil
		}
	}
	return all
}
