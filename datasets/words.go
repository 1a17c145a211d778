package datasets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Words makes of each column of texts ([Columns].Texts) the ids of its first Length words, as layers.Embedding takes them: 0 is nothing, behind the last, 1 a word that the vocabulary does not have,
// which is that of the training samples. Marks are words, too, and capitals are small letters; with Characters each character is one.
type Words struct {
	Length     int  // in ids; 0: as most of the training samples are, at most 256
	Most       int  // of the vocabulary, by how often they come; 10,000 if 0
	Characters bool // in place of words
}

func (w Words) String() string {
	s := "words"
	if w.Characters {
		s = "characters"
	}
	if w.Length > 0 || w.Most > 0 {
		s += " " + strconv.Itoa(w.Length)
	}
	if w.Most > 0 {
		s += " " + strconv.Itoa(w.Most)
	}
	return s
}

// parseWords reads what String writes.
func parseWords(words []string) (Step, error) {
	w := Words{Characters: words[0] == "characters"}
	for i, to := range []*int{&w.Length, &w.Most}[:min(2, len(words)-1)] {
		n, err := strconv.Atoi(words[i+1])
		if err != nil || n < 0 {
			return nil, fmt.Errorf("got %q, want a number of ids and one of the vocabulary, such as %s 100 5000", strings.Join(words, " "), words[0])
		}
		*to = n
	}
	if len(words) > 3 {
		return nil, fmt.Errorf("got %q, want two numbers at most, such as %s 100 5000", strings.Join(words, " "), words[0])
	}
	return w, nil
}

// paddingToken is what the id 0 stands for.
const paddingToken = "(nothing)"

// wording is Words, fitted.
type wording struct {
	Characters bool                `json:"characters,omitempty"`
	Length     map[string]int      `json:"length"` // of each input
	Of         map[string][]string `json:"of"`     // what its ids mean, from 1 on
}

func (w Words) fit(f *fitting) (operation, error) {
	const longest, most = 256, 10_000
	if w.Length < 0 || w.Length > 1<<20 || w.Most < 0 || w.Most >= maxClasses {
		return nil, fmt.Errorf("got %d ids of a vocabulary of %d, want at most %d and %d", w.Length, w.Most, 1<<20, maxClasses-1)
	}
	op := &wording{Characters: w.Characters, Length: map[string]int{}, Of: map[string][]string{}}
	how := Texts{Words: !w.Characters}
	for i, field := range f.fields {
		if !field.Text || len(field.Shape) != 0 {
			continue
		}
		var all []string
		var lengths []int
		err := f.each(func(sample []Values) {
			id := sample[i].IDs[0]
			if id < 0 || int(id) >= len(field.Values) {
				return
			}
			tokens := how.tokens(field.Values[id])
			all, lengths = append(all, tokens...), append(lengths, len(tokens))
		})
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("column %q has no words in it", field.Name)
		}
		if op.Length[field.Name] = w.Length; w.Length == 0 {
			slices.Sort(lengths)
			op.Length[field.Name] = min(longest, max(1, lengths[len(lengths)*95/100]))
		}
		n := w.Most
		if n == 0 {
			n = most
		}
		op.Of[field.Name] = vocabulary(all, n)
	}
	if len(op.Of) == 0 {
		return nil, fmt.Errorf("there is no column of texts, want one in Texts (--text)")
	}
	return op, nil
}

func (w *wording) word() string { return "words" }

func (w *wording) bind(in []Field) ([]Field, func(in, out []Values), error) {
	out := slices.Clone(in)
	for name, vocabulary := range w.Of {
		at := slices.IndexFunc(in, func(f Field) bool { return f.Name == name && f.IDs && f.Text && len(f.Shape) == 0 })
		length := w.Length[name]
		if at < 0 || length < 1 || length > 1<<20 || len(vocabulary) < 1 || len(vocabulary) > maxClasses {
			return nil, nil, fmt.Errorf("input %q becomes %d ids of %d words, want one that is of texts, 1 to %d and 1 to %d", name, length, len(vocabulary), 1<<20, maxClasses)
		}
		out[at].Text, out[at].Shape, out[at].Values = false, []int{length}, append([]string{paddingToken}, vocabulary...)
	}
	cuts := make([]func(text int32, to []int32), len(in))
	for i, f := range in {
		if vocabulary, ok := w.Of[f.Name]; ok {
			cuts[i] = w.cut(f.Values, vocabulary)
		}
	}
	return out, func(from, to []Values) {
		for i, v := range from {
			copy(to[i].Floats, v.Floats)
			if cuts[i] != nil {
				cuts[i](v.IDs[0], to[i].IDs)
			} else {
				copy(to[i].IDs, v.IDs)
			}
		}
	}, nil
}

// cut writes the ids of a text, which it looks up once.
func (w *wording) cut(texts, vocabulary []string) func(text int32, to []int32) {
	how := Texts{Words: !w.Characters, Vocabulary: vocabulary}
	of := how.places()
	known := make([]atomic.Pointer[[]int32], len(texts))
	return func(text int32, to []int32) {
		clear(to)
		if text < 0 || int(text) >= len(texts) {
			return
		}
		ids := known[text].Load()
		if ids == nil {
			tokens := how.tokens(texts[text])
			made := make([]int32, min(len(tokens), len(to)))
			for i := range made {
				made[i] = of[tokens[i]] + 1
			}
			ids = &made
			known[text].Store(ids)
		}
		copy(to, *ids)
	}
}
