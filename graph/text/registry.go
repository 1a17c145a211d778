package text

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Brackets says what the brackets behind a word hold, where its type is a list.
type Brackets uint8

const (
	Chain    Brackets = iota // one net
	Branches                 // any number of nets, each one element: a branch of several items is the kind's Sequence
	Sequence                 // one net; and this is the word that makes one of several items
)

// An Entry is a word that is registered.
type Entry struct {
	Word    string
	About   string // what it is, in a line
	Example string
	value   reflect.Value // what the word means without arguments
	list    Brackets
	err     error // it can't be used
}

// kinds are the words of each type T that Register was called with, in the order in which they came.
var kinds = struct {
	sync.RWMutex
	of        map[reflect.Type][]*Entry
	constants map[reflect.Type][]*Entry // by the type of the value, of whatever kind
}{of: map[reflect.Type][]*Entry{}, constants: map[reflect.Type][]*Entry{}}

// Register makes a word stand for a type of the kind T, such as graph.Layer, or for a value of it: what its fields are set to is what they are where the text says nothing.
// About says in a line what it is, with shapes; example is a text that begins with the word. It is called from an init function:
//
//	func init() { text.Register[graph.Layer]("swish", "x·σ(βx) of any shape", "swish 1.5", Swish{}) }
//
// Brackets are for types that are lists of T. A word that is taken, a value that is nil, or a field that has no text, is an error wherever the word is used.
func Register[T any](word, about, example string, value T, brackets ...Brackets) {
	kinds.Lock()
	defer kinds.Unlock()
	kind := reflect.TypeFor[T]()
	e := &Entry{Word: word, About: about, Example: example, value: bare(reflect.ValueOf(&value).Elem())}
	if len(brackets) > 0 {
		e.list = brackets[0]
	}
	switch taken := find(kinds.of[kind], word); {
	case taken != nil:
		taken.err = fmt.Errorf("the %s %q is registered twice, as %s and as %s: leave one out, or give it another word", nameOfKind(kind), word, typeOf(taken.value), typeOf(e.value))
		return
	case !isWord(word) || numbers(word) != nil:
		e.err = fmt.Errorf("the %s %q is registered under what is no word: want letters, digits and hyphens", nameOfKind(kind), word)
	case !e.value.IsValid() || e.value.Kind() == reflect.Pointer && e.value.IsNil():
		e.err = fmt.Errorf("the %s %q is registered as nil, want a value of its type", nameOfKind(kind), word)
	}
	kinds.of[kind] = append(kinds.of[kind], e)
	if e.err == nil {
		t := e.value.Type()
		kinds.constants[t] = append(kinds.constants[t], e)
	}
}

// bare is what an interface holds.
func bare(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

func typeOf(v reflect.Value) string {
	if !v.IsValid() {
		return "nil"
	}
	return v.Type().String()
}

func find(entries []*Entry, word string) *Entry {
	for _, e := range entries {
		if e.Word == word {
			return e
		}
	}
	return nil
}

// entries are the words of a kind.
func entries(kind reflect.Type) []*Entry {
	kinds.RLock()
	defer kinds.RUnlock()
	return slices.Clip(kinds.of[kind])
}

// isKind says whether words are registered for values of a type, be it an interface.
func isKind(t reflect.Type) bool { return len(entries(t)) > 0 }

// constants are the words that stand for values of a type that has no fields to set: the names of an enumeration, whatever kind it belongs to.
func constants(t reflect.Type) []*Entry {
	if t.PkgPath() == "" || len(fields(t)) > 0 || t.Kind() == reflect.Interface || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		return nil
	}
	kinds.RLock()
	defer kinds.RUnlock()
	return kinds.constants[t]
}

func wordsOf(entries []*Entry) []string {
	words := make([]string, len(entries))
	for i, e := range entries {
		words[i] = e.Word
	}
	return words
}

// Words are those of a kind, such as Words[graph.Layer](), in the order in which they were registered.
func Words[T any]() []string { return wordsOf(entries(reflect.TypeFor[T]())) }

// Entries are the words of a kind, and what is said of each.
func Entries[T any]() []Entry {
	var all []Entry
	for _, e := range entries(reflect.TypeFor[T]()) {
		all = append(all, *e)
	}
	return all
}

// nameOfKind is what a kind is called: "layer" of graph.Layer.
func nameOfKind(t reflect.Type) string { return strings.ToLower(t.Name()) }

// article is what stands before a name.
func article(name string) string {
	if strings.ContainsAny(name[:min(1, len(name))], "aeiou") {
		return "an"
	}
	return "a"
}

// imports are where the words of each kind are registered.
var imports = map[string]string{
	"layer": "layers", "loss": "losses", "optimizer": "optim", "schedule": "optim", "metric": "train",
}

// lookup finds an item's word; what is wrong with it stands at its place.
func lookup(kind reflect.Type, item Item) (*Entry, error) {
	word, at, all := item.Word, item.Pos, entries(kind)
	if e := find(all, word); e != nil {
		if e.err != nil {
			return nil, at.Errorf("%v", e.err)
		}
		return e, nil
	}
	name := nameOfKind(kind)
	if len(all) == 0 {
		if p := imports[name]; p != "" {
			return nil, at.Errorf("got %q, and no %s is known: import _ %q", word, name, "github.com/stheno-ml/stheno/graph/"+p)
		}
		return nil, at.Errorf("got %q, and no %s is known: import the package that registers it", word, name)
	}
	word, meant := phrase(item, wordsOf(all))
	if meant == "" {
		meant = word
	}
	list, hint := ": one of "+strings.Join(wordsOf(all), ", "), DidYouMean(meant, wordsOf(all))
	if hint != "" && len(list) > mostWords {
		list = ""
	}
	return nil, at.Errorf("got %q, want %s %s%s%s", word, article(name), name, list, hint)
}
