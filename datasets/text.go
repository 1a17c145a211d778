package datasets

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Texts say how a text is read.
type Texts struct {
	Words      bool     `json:"words,omitempty"`      // ids stand for words and marks of punctuation, in lower case; else for characters
	Length     int      `json:"length"`               // of a sample, in ids; 64 if 0
	Most       int      `json:"most,omitempty"`       // of the vocabulary, by how often they come; 10,000 if 0
	Vocabulary []string `json:"vocabulary,omitempty"` // what each id means; nil: found in the text. The first is for what is not among them
}

// unknownToken is the first of a vocabulary.
const unknownToken = "(unknown)"

// Text reads a text to be gone on with: a [Data] whose sample is a stretch of ids, input "x", and for each place the id that follows it, target "next". Stretches lie one behind
// the other. A folder's text files are one text. It may be gzipped, and is UTF-8, UTF-16 or Latin-1; at most [DefaultLimit] bytes are read. The vocabulary is in Info().Source: with it another text is read alike.
//
//	verses, err := datasets.Text("verses.txt", datasets.Texts{Length: 32})
//	model, err := graph.NewModel(graph.Config{Input: graph.Ints(32)}, layers.Embedding{…}, …)
func Text(path string, how Texts) (*Arrays, error) {
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := readTexts(f, path, how)
	if err != nil {
		return nil, err
	}
	a.info.Name = filepath.Base(path)
	return a, nil
}

// ReadText is [Text] of what a reader gives, to its end; name stands in the errors.
func ReadText(r io.Reader, name string, how Texts) (*Arrays, error) {
	if r == nil {
		return nil, fmt.Errorf("datasets: %s: got nothing to read from, want a text", name)
	}
	return readTexts(r, name, how)
}

func readTexts(r io.Reader, name string, how Texts) (*Arrays, error) {
	fail := func(err error) (*Arrays, error) { return nil, fmt.Errorf("datasets: %s: %w", name, err) }
	if how.Length < 0 || how.Length > 1<<20 || how.Most < 0 || how.Most >= maxClasses {
		return fail(fmt.Errorf("got length %d and a vocabulary of %d at the most, want 1 to %d and 1 to %d, or 0 for 64 and 10,000", how.Length, how.Most, 1<<20, maxClasses-1))
	}
	if how.Length == 0 {
		how.Length = 64
	}
	if how.Most == 0 {
		how.Most = 10_000
	}
	text, err := readText(r)
	if err != nil {
		return fail(err)
	}
	tokens := how.tokens(string(text))
	if len(tokens) <= how.Length {
		return fail(fmt.Errorf("got %d ids, want more than %d, the length of a sample", len(tokens), how.Length))
	}
	if how.Vocabulary == nil {
		how.Vocabulary = vocabulary(tokens, how.Most)
	}
	if len(how.Vocabulary) < 2 || len(how.Vocabulary) > maxClasses {
		return fail(errors.New("got a vocabulary of fewer than two, want one that Text found, or one of your own: the first is for what is not in it"))
	}
	ids := how.ids(tokens)
	samples := (len(ids) - 1) / how.Length
	n := samples * how.Length
	a, err := NewArrays(name,
		[]Array{{Name: "x", Shape: []int{how.Length}, IDs: ids[:n:n]}},
		[]Array{{Name: "next", Shape: []int{how.Length}, IDs: ids[1 : n+1 : n+1]}})
	if err != nil {
		return nil, err
	}
	if a, err = a.WithClasses(how.Vocabulary); err != nil {
		return nil, err
	}
	a.info.Inputs[0].Values, a.info.Targets[0].Values = a.info.Classes, a.info.Classes
	how.Vocabulary = a.info.Classes
	a.info.Source, a.info.Reach = &Source{Texts: &how}, 1
	return a, nil
}

// tokens cuts a text into characters, or into words and marks.
func (t *Texts) tokens(text string) []string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if !t.Words {
		all := make([]string, 0, len(text))
		for i, r := range text {
			all = append(all, text[i:i+len(string(r))])
		}
		return all
	}
	var all []string
	start := -1
	text = strings.ToLower(text)
	for i, r := range text {
		word := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || (r == '\'' || r == '’') && start >= 0
		if word && start < 0 {
			start = i
		}
		if !word {
			if start >= 0 {
				all, start = append(all, text[start:i]), -1
			}
			if !unicode.IsSpace(r) {
				all = append(all, text[i:i+len(string(r))])
			}
		}
	}
	if start >= 0 {
		all = append(all, text[start:])
	}
	return all
}

// vocabulary is the most frequent tokens, in order; of equally frequent ones the first in order.
func vocabulary(tokens []string, most int) []string {
	counts := map[string]int{}
	for _, token := range tokens {
		counts[token]++
	}
	words := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(words, func(a, b string) int { return counts[b] - counts[a] })
	words = slices.Clone(words[:min(most, len(words))])
	for i, word := range words {
		words[i] = strings.Clone(word) // not the whole text with it
	}
	slices.Sort(words)
	return append([]string{unknownToken}, words...)
}

// places are the ids of the vocabulary.
func (t *Texts) places() map[string]int32 {
	of := make(map[string]int32, len(t.Vocabulary))
	for id, token := range t.Vocabulary {
		of[token] = int32(id)
	}
	return of
}

func (t *Texts) ids(tokens []string) []int32 {
	of := t.places()
	ids := make([]int32, len(tokens))
	for i, token := range tokens {
		ids[i] = of[token] // 0 where it is unknown
	}
	return ids
}

// IDs are the ids of a text, by a vocabulary: what a model that learnt from Text is asked with.
func (t Texts) IDs(text string) []int32 { return t.ids(t.tokens(text)) }

// Text is the text of ids, as a model that learnt from Text goes on with one: characters side by side, words with a space before each, which marks of punctuation have not. An id that is not of the
// vocabulary, and the first, which stands for what is not in it, is "\uFFFD".
func (t Texts) Text(ids []int32) string {
	var text strings.Builder
	for i, id := range ids {
		token := "\uFFFD"
		if id > 0 && int(id) < len(t.Vocabulary) {
			token = t.Vocabulary[id]
		}
		if first, _ := utf8.DecodeRuneInString(token); t.Words && i > 0 && !unicode.IsPunct(first) {
			text.WriteByte(' ')
		}
		text.WriteString(token)
	}
	return text.String()
}
