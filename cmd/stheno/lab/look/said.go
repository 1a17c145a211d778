package look

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Said is what the lab or another package says in English, in Chinese too where all of it, or what follows after the name of a file, is one of the phrases; else it is English in both.
func Said(english string) Text {
	if zh, ok := inPhrases(english); ok {
		return Text{english, zh}
	}
	return Text{english, english}
}

// A Phrase is in English what JSON has in both languages, by Said.
type Phrase string

// MarshalJSON writes a Text.
func (p Phrase) MarshalJSON() ([]byte, error) { return json.Marshal(Said(string(p))) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Phrase) UnmarshalJSON(text []byte) error {
	var t Text
	err := json.Unmarshal(text, &t)
	*p = Phrase(t.EN)
	return err
}

// A phrase is a form of another package's with the places for what is put in, and what it is in Chinese.
type phrase struct {
	form    *regexp.Regexp
	chinese string
}

// placeIn is a place in a form of package fmt, with its number in Chinese.
var placeIn = regexp.MustCompile(`%([-+#.0-9]*)(?:\[(\d+)\])?([a-z])`)

// ready are the phrases, those with most text of their own first: they say most.
var ready = sync.OnceValue(func() []phrase {
	forms := slices.SortedFunc(maps.Keys(phrases), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(placeIn.ReplaceAllString(b, "")), len(placeIn.ReplaceAllString(a, ""))), strings.Compare(a, b))
	})
	all := make([]phrase, len(forms))
	for i, form := range forms {
		var b strings.Builder
		at := 0
		for _, m := range placeIn.FindAllStringSubmatchIndex(form, -1) {
			b.WriteString(regexp.QuoteMeta(form[at:m[0]]))
			switch form[m[6]:m[7]] {
			case "d":
				b.WriteString(`(-?[0-9]+)`)
			case "q":
				b.WriteString(`("(?:[^"\\]|\\.)*")`)
			default:
				b.WriteString(`(.+?)`)
			}
			at = m[1]
		}
		all[i] = phrase{regexp.MustCompile("^" + b.String() + regexp.QuoteMeta(form[at:]) + "$"), phrases[form]}
		if strings.HasSuffix(form, " ") { // what follows is put behind it
			all[i].form = regexp.MustCompile("^" + b.String() + regexp.QuoteMeta(form[at:]) + "(.+)$")
			all[i].chinese += "%[" + strconv.Itoa(all[i].form.NumSubexp()) + "]s"
		}
	}
	return all
})

var (
	ofPackage = regexp.MustCompile(`^(?:datasets|graph|train|models|layers|run|session|lab|predict): `)
	ofFile    = regexp.MustCompile(`^([^\s:]+):? (.+)$`)
	suggested = regexp.MustCompile(`; did you mean ("(?:[^"\\]|\\.)*")\?$`)
)

func inPhrases(english string) (chinese string, ok bool) {
	english = ofPackage.ReplaceAllString(english, "")
	if m := suggested.FindStringSubmatchIndex(english); m != nil {
		if said, ok := inPhrases(english[:m[0]]); ok {
			return said + strings.Replace(phrases["; did you mean %q?"], "%[1]q", english[m[2]:m[3]], 1), true
		}
	}
	for _, p := range ready() {
		found := p.form.FindStringSubmatch(english)
		if found == nil {
			continue
		}
		return placeIn.ReplaceAllStringFunc(p.chinese, func(place string) string {
			m := placeIn.FindStringSubmatch(place)
			n, _ := strconv.Atoi(m[2])
			if m[3] == "w" {
				return Said(found[n]).ZH
			}
			return found[n]
		}), true
	}
	if m := ofFile.FindStringSubmatch(english); m != nil {
		if said, ok := inPhrases(m[2]); ok {
			return m[1] + "：" + said, true
		}
	}
	return "", false
}
