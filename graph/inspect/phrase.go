package inspect

import (
	"fmt"
	"slices"
)

// A phrase is a text and the form of fmt that it is made by, with what stands in it, which may be phrases again: so that it can be said in another language, by other forms with the same figures.
type phrase struct {
	text, form string
	figures    []any
}

func say(form string, figures ...any) phrase {
	return phrase{fmt.Sprintf(form, figures...), form, figures}
}

// written is a figure that English writes in another form than others may: by the form of fmt, or what EvidenceIn is given for it.
func written(text, form string, figure float64) phrase { return phrase{text, form, []any{figure}} }

// String is the text.
func (p phrase) String() string { return p.text }

// in is the text by other forms; not ok where one is missing, which is said as it is.
func (p phrase) in(forms map[string]string) (text string, ok bool) {
	if p.text == "" {
		return "", true
	}
	form, ok := forms[p.form]
	if !ok {
		if !slices.ContainsFunc(p.figures, func(f any) bool { _, is := f.(phrase); return is }) {
			return p.text, false
		}
		form = p.form
	}
	figures := make([]any, len(p.figures))
	for i, f := range p.figures {
		inner, is := f.(phrase)
		if !is {
			figures[i] = f
			continue
		}
		said, known := inner.in(forms)
		figures[i], ok = said, ok && known
	}
	return fmt.Sprintf(form, figures...), ok
}

// listed are phrases with a comma between them, empty ones left out.
func listed(all ...phrase) phrase { return joined("%s, %s", all...) }

// then are phrases of which each begins anew, empty ones left out.
func then(all ...phrase) phrase { return joined("%s; %s", all...) }

func joined(by string, all ...phrase) (one phrase) {
	for _, p := range all {
		switch {
		case one.text == "":
			one = p
		case p.text != "":
			one = say(by, one, p)
		}
	}
	return one
}

// EvidenceIn is the Evidence in another language, or in other figures, which forms has a form of fmt for in the place of each that the evidence is put together of; figures stay as they are. It is not ok where one is missing, which is said
// in English.
func (f Finding) EvidenceIn(forms map[string]string) (text string, ok bool) {
	if f.said.text != f.Evidence { // it was made, or read, elsewhere
		return f.Evidence, false
	}
	return f.said.in(forms)
}
