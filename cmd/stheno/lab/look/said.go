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

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

// Said is what the lab or another package says in English, in Chinese too where all of it, or what follows after the name of a file, is one of the phrases; else it is English in both.
func Said(english string) Text {
	said := parts.ReplaceAllString(onPage.Replace(usage.InWords(english)), "; pack one of them alone")
	if zh, ok := inPhrases(english); ok {
		return Text{said, inMarks(zh)}
	}
	return Text{said, said}
}

var (
	quoted  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	closer  = strings.NewReplacer("」, 「", "」、「", " 「", "「")
	behind  = regexp.MustCompile(`」 (\p{Han})`)
	escaped = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

// inMarks has what is quoted in a Chinese text stand in Chinese marks.
func inMarks(chinese string) string {
	marked := quoted.ReplaceAllStringFunc(chinese, func(s string) string { return "「" + escaped.Replace(s[1:len(s)-1]) + "」" })
	return behind.ReplaceAllString(closer.Replace(marked), "」$1")
}

// parts says which folder is to be read by itself, of data that came in a zip.
var parts = regexp.MustCompile(`; read each (?:part )?by itself: .*$`)

// onPage is what can be done on the page, which has no flags, where a command names one.
var onPage = strings.NewReplacer("; name it in --ignore", "; take it out of the table", ", or the column in --ignore", ", or the table without that column", "or leave it out (--ignore)", "or leave it out",
	"or leave the column out (--ignore)", "or take it out of the table", "or leave it out with --ignore", "or take it out of the table",
	"; name it in --numbers or --categories if something can", "", "; name it in --categories if each is a category, or in --text if its words are to be read", "",
	": read it with NPY", "", "; keep it as NPY files, which are read from disk", "; make it smaller", "; turn the table where its columns are, or keep it as NPY files", "; turn the table where its columns are")

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

var (
	ready        = sync.OnceValue(func() []phrase { return inOrder(phrases) })
	readyGeneral = sync.OnceValue(func() []phrase { return inOrder(general) })
)

// inOrder are phrases ready to be looked for: those around another one first, then those with most text of their own, which say most.
func inOrder(table map[string]string) []phrase {
	around := func(form string) int { return strings.Count(table[form], "]w") }
	forms := slices.SortedFunc(maps.Keys(table), func(a, b string) int {
		return cmp.Or(cmp.Compare(around(b), around(a)), cmp.Compare(len(placeIn.ReplaceAllString(b, "")), len(placeIn.ReplaceAllString(a, ""))), strings.Compare(a, b))
	})
	all := make([]phrase, len(forms))
	for i, key := range forms {
		var b strings.Builder
		at, form := 0, ofSample(key)
		for _, m := range placeIn.FindAllStringSubmatchIndex(form, -1) {
			b.WriteString(regexp.QuoteMeta(form[at:m[0]]))
			switch verb := form[m[6]:m[7]]; {
			case verb == "d":
				b.WriteString(`(-?[0-9]+)`)
			case verb == "q":
				b.WriteString(`("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')`)
			case at > 0 && at == m[0]: // right behind another place there may be nothing
				b.WriteString(`(.*?)`)
			default:
				b.WriteString(`(.+?)`)
			}
			at = m[1]
		}
		all[i] = phrase{regexp.MustCompile("^" + b.String() + regexp.QuoteMeta(form[at:]) + "$"), ofSample(table[key])}
		if strings.HasSuffix(form, " ") { // what follows is put behind it
			all[i].form = regexp.MustCompile("^" + b.String() + regexp.QuoteMeta(form[at:]) + "(.+)$")
			all[i].chinese += "%[" + strconv.Itoa(all[i].form.NumSubexp()) + "]s"
		}
	}
	return all
}

// ofSample is without the axis of the batch, which the lab's users have not asked for.
func ofSample(s string) string { return strings.ReplaceAll(s, "[batch,", "[") }

var (
	ofPackage = regexp.MustCompile(`^(?:datasets|graph|train|models|layers|optim|run|session|lab|predict): `)
	ofFile    = regexp.MustCompile(`^([^:]+\.(?:csv|tsv|zip)|[^\s:]+):? (.+)$`)
	placed    = regexp.MustCompile(`^(?:line ([0-9]+)(?:, |: ))?(?:column ("(?:[^"\\]|\\.)*"): )?(.+)$`)
	ofLine    = regexp.MustCompile(`^line ([0-9]+): `)
	suggested = regexp.MustCompile(`; did you mean ("(?:[^"\\]|\\.)*")\?$`)
)

func inPhrases(english string) (chinese string, ok bool) {
	english = ofSample(ofPackage.ReplaceAllString(english, ""))
	if m := suggested.FindStringSubmatchIndex(english); m != nil {
		if said, ok := inPhrases(english[:m[0]]); ok {
			return said + strings.Replace(phrases["; did you mean %q?"], "%[1]q", english[m[2]:m[3]], 1), true
		}
	}
	if said, ok := inOne(ready(), english); ok {
		return said, true
	}
	if m := placed.FindStringSubmatch(english); m != nil && m[1]+m[2] != "" {
		if said, ok := inPhrases(m[3]); ok {
			return where(m[1], m[2]) + said, true
		}
	}
	if m := ofFile.FindStringSubmatch(english); m != nil && m[1] != "got" && m[1] != "line" && m[1] != "column" {
		if said, ok := inPhrases(m[2]); ok {
			return m[1] + "：" + said, true
		}
	}
	return inOne(readyGeneral(), english)
}

// where says in Chinese of which line and column of a table something is said.
func where(line, column string) string {
	if line != "" {
		line = "第 " + line + " 行"
		if column != "" {
			return line + "，欄位 " + column + "："
		}
		return line + "："
	}
	return "欄位 " + column + "："
}

// ofColumns are phrases of several columns, one after the other.
func ofColumns(english string) (chinese string, ok bool) {
	const next = `, column "`
	var said []string
	for i, one := range strings.Split(english, next) {
		if i > 0 {
			one = next[2:] + one
		}
		in, ok := inPhrases(one)
		if !ok {
			return "", false
		}
		said = append(said, in)
	}
	return strings.Join(said, "；"), true
}

// inOne is what is said in the first phrase that has its form.
func inOne(of []phrase, english string) (chinese string, ok bool) {
	for _, p := range of {
		found := p.form.FindStringSubmatch(english)
		if found == nil {
			continue
		}
		return placeIn.ReplaceAllStringFunc(p.chinese, func(place string) string {
			m := placeIn.FindStringSubmatch(place)
			n, _ := strconv.Atoi(m[2])
			switch m[3] {
			case "w":
				if said, ok := inPhrases(found[n]); ok {
					return said
				}
				if said, ok := ofColumns(found[n]); ok {
					return said
				}
			case "b":
				if kind, ok := kinds[found[n]]; ok {
					return kind
				}
				if said, ok := inOne(ready(), found[n]); ok {
					return said
				}
				return bits.Replace(ofLine.ReplaceAllString(found[n], "第 $1 行，"))
			}
			return found[n]
		}), true
	}
	return "", false
}
