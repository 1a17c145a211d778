package text

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// A Field is a setting of a word's type.
type Field struct {
	Key     string
	Takes   string // in words: "a number"; the tag "takes" says it of a type that says too little
	Default string // what a zero stands for; "" if that is zero itself
	index   []int
	typ     reflect.Type
}

// Fields are the settings that a word takes, in order.
func (e Entry) Fields() []Field {
	if !e.value.IsValid() {
		return nil
	}
	t := e.value.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	all := fields(t)
	for i := range all {
		if all[i].Takes == "" {
			all[i].Takes = takes(all[i].typ)
		}
	}
	return all
}

// fields are the exported fields of a struct, with those of embedded structs in their place. A struct that holds a function has none: it is what it is.
func fields(t reflect.Type) (all []Field) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if t.Field(i).Type.Kind() == reflect.Func {
			return nil
		}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct && !isKind(f.Type):
			for _, inner := range fields(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
		case f.IsExported():
			all = append(all, Field{Key: key(f.Name), Takes: f.Tag.Get("takes"), Default: f.Tag.Get("default"), index: []int{i}, typ: f.Type})
		}
	}
	return all
}

// key is a field's name in lower case, with a hyphen where a new word begins.
func key(name string) string {
	var b strings.Builder
	small := false
	for _, r := range name {
		if unicode.IsUpper(r) && small {
			b.WriteByte('-')
		}
		small = !unicode.IsUpper(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var unmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

func unmarshals(t reflect.Type) bool { return reflect.PointerTo(t).Implements(unmarshaler) }

func isSigned(k reflect.Kind) bool   { return k >= reflect.Int && k <= reflect.Int64 }
func isUnsigned(k reflect.Kind) bool { return k >= reflect.Uint && k <= reflect.Uint64 }
func isFloat(k reflect.Kind) bool    { return k == reflect.Float32 || k == reflect.Float64 }
func isNumeric(k reflect.Kind) bool  { return isSigned(k) || isUnsigned(k) || isFloat(k) }

// isNumbers says whether a type is a list of numbers.
func isNumbers(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && isNumeric(t.Elem().Kind())
}

// isList says whether a type is a list of values of a kind, such as []graph.Layer.
func isList(t reflect.Type) bool { return t.Kind() == reflect.Slice && isKind(t.Elem()) }

// weighted are the kind and the weight among the fields of a map's values: map[string]struct{Loss; Weight float64}.
func weighted(t reflect.Type) (kind reflect.Type, ok bool) {
	if t.Kind() != reflect.Map || t.Key().Kind() != reflect.String {
		return nil, false
	}
	v := t.Elem()
	if v.Kind() != reflect.Struct || v.NumField() != 2 || !isKind(v.Field(0).Type) || v.Field(1).Type.Kind() != reflect.Float64 {
		return nil, false
	}
	return v.Field(0).Type, true
}

// takes says in words what a field takes.
func takes(t reflect.Type) string {
	switch words := constants(t); {
	case len(words) > 0:
		return "one of " + strings.Join(wordsOf(words), ", ")
	case isKind(t):
		return article(nameOfKind(t)) + " " + nameOfKind(t)
	case isList(t):
		return nameOfKind(t.Elem()) + "s in brackets"
	}
	if _, ok := weighted(t); ok {
		return "names in brackets"
	}
	switch k := t.Kind(); {
	case unmarshals(t):
		return "a word"
	case k == reflect.Bool:
		return "true or false"
	case isFloat(k):
		return "a number"
	case isNumeric(k):
		return "a whole number"
	case isNumbers(t) && isFloat(t.Elem().Kind()):
		return "numbers, 1x0.5x2"
	case isNumbers(t):
		return "whole numbers, 3x3"
	case k == reflect.String:
		return "a string"
	}
	return fmt.Sprintf("a Go %v, which has no text", t)
}
