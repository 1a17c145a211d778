package text

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// fill sets the fields of a struct.
func (d *Decoder[T]) fill(v reflect.Value, e *Entry, item Item) error {
	all := fields(v.Type())
	given := make([]bool, len(all))
	next := 0
	for _, arg := range item.Args {
		at := -1
		if arg.Key != "" {
			if at = slices.IndexFunc(all, func(f Field) bool { return f.Key == arg.Key }); at < 0 {
				return arg.Errorf("%s: got %s, want %s", item.Word, arg, d.wanted(all, nil, arg.Key))
			}
			if given[at] {
				return arg.Errorf("%s: got %s a second time, want it once", item.Word, arg.Key)
			}
			given[at] = true
			if err := d.set(v.FieldByIndex(all[at].index), all[at], arg, item.Word); err != nil {
				return err
			}
			continue
		}
		for i := next; i < len(all) && at < 0; i++ {
			if !given[i] && fits(all[i], arg) {
				at = i
			}
		}
		if flag := flagOf(all, arg); at < 0 && flag >= 0 {
			if given[flag] {
				return arg.Errorf("%s: got %s a second time, want it once", item.Word, arg)
			}
			given[flag] = true
			v.FieldByIndex(all[flag].index).SetBool(true)
			continue
		}
		if at < 0 {
			for i, f := range all[:next] {
				if !given[i] && fits(f, arg) {
					return arg.Errorf("%s: got %s behind %s, want it before, or as %s=%s", item.Word, arg, all[next-1].Key, f.Key, arg)
				}
			}
			return arg.Errorf("%s: got %s, want %s", item.Word, arg, d.wanted(all, given, arg.Value))
		}
		given[at], next = true, at+1
		if err := d.set(v.FieldByIndex(all[at].index), all[at], arg, item.Word); err != nil {
			return err
		}
	}
	return nil
}

// flagOf is the field that a word sets to true, being its key; -1 if there is none.
func flagOf(all []Field, arg Arg) int {
	return slices.IndexFunc(all, func(f Field) bool {
		return f.typ.Kind() == reflect.Bool && !unmarshals(f.typ) && f.Key == arg.Value && !arg.Quoted && arg.Nets == nil
	})
}

// wanted is what is still missing, and the word that was perhaps meant.
func (d *Decoder[T]) wanted(all []Field, given []bool, got string) string {
	var keys, want, near []string
	for i, f := range all {
		if given != nil && given[i] {
			continue
		}
		keys, want = append(keys, f.Key), append(want, f.Key+" ("+takes(f.typ)+")")
		near = append(append(near, f.Key), wordsOf(constants(f.typ))...)
	}
	if want == nil {
		return "nothing more"
	}
	list, hint := strings.Join(want, ", "), DidYouMean(got, near)
	if hint != "" && len(list) > mostWords {
		list = strings.Join(keys, ", ")
	}
	return list + hint
}

// fits says whether a value without a key may be meant for a field.
func fits(f Field, arg Arg) bool {
	t := f.typ
	if arg.Nets != nil {
		_, ok := weighted(t)
		return ok || isList(t) || isKind(t) && len(arg.Nets) == 1
	}
	words := constants(t)
	switch n := numbers(arg.Value); {
	case arg.Quoted && unmarshals(t) && len(words) == 0:
		return reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(arg.Value)) == nil
	case arg.Quoted:
		return t.Kind() == reflect.String && len(words) == 0 && !unmarshals(t)
	case find(words, arg.Value) != nil, isKind(t) && find(entries(t), arg.Value) != nil:
		return true
	case len(n) > 0 && len(words) == 0 && !unmarshals(t):
		return len(n) == 1 && isNumeric(t.Kind()) || isNumbers(t)
	case unmarshals(t):
		return reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(arg.Value)) == nil
	case t.Kind() == reflect.Bool:
		return arg.Value == "true" || arg.Value == "false"
	}
	return false
}

// set reads a value into a field.
func (d *Decoder[T]) set(v reflect.Value, f Field, arg Arg, word string) error {
	t := v.Type()
	wrong := func() error {
		return arg.Errorf("%s: got %s for %s, want %s%s", word, Arg{Value: arg.Value, Quoted: arg.Quoted, Nets: arg.Nets}, f.Key, takes(t), DidYouMean(arg.Value, wordsOf(constants(t))))
	}
	if arg.Nets != nil {
		_, isMap := weighted(t)
		switch {
		case isMap:
			return d.names(v, arg)
		case isList(t):
			return d.list(v, arg, false)
		case isKind(t) && len(arg.Nets) == 1:
			one, err := d.one(t, arg.Nets[0])
			if err == nil {
				v.Set(one)
			}
			return err
		}
		return wrong()
	}
	if e := find(constants(t), arg.Value); e != nil {
		v.Set(e.value)
		return nil
	}
	switch k := t.Kind(); {
	case unmarshals(t):
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(arg.Value)); err != nil {
			if len(constants(t)) > 0 {
				return wrong()
			}
			return arg.Errorf("%s: %s: %v", word, f.Key, err)
		}
	case len(constants(t)) > 0:
		return wrong()
	case isKind(t):
		one, err := d.of(t, Item{Pos: arg.Pos, Word: arg.Value})
		if err != nil {
			return err
		}
		v.Set(one)
	case k == reflect.Bool && !arg.Quoted && (arg.Value == "true" || arg.Value == "false"):
		v.SetBool(arg.Value == "true")
	case isNumeric(k) && !arg.Quoted:
		if err := number(v, arg.Value, f); err != nil {
			return arg.Errorf("%s: got %s for %s, want %v", word, arg.Value, f.Key, err)
		}
	case isNumbers(t) && !arg.Quoted:
		parts := numbers(arg.Value)
		switch {
		case parts == nil:
			return wrong()
		case k == reflect.Slice:
			v.Set(reflect.MakeSlice(t, len(parts), len(parts)))
		case len(parts) == 1:
			parts = slices.Repeat(parts, v.Len())
		case len(parts) != v.Len():
			return arg.Errorf("%s: got %s for %s, want %d numbers, or one for all", word, arg.Value, f.Key, v.Len())
		}
		for i, part := range parts {
			if err := number(v.Index(i), part, Field{}); err != nil {
				return arg.Errorf("%s: got %s for %s, want %v", word, arg.Value, f.Key, err)
			}
		}
	case k == reflect.String:
		v.SetString(arg.Value)
	default:
		return wrong()
	}
	return nil
}

// number reads a number. A 0 where a zero means something else is Zero. The error is what is wanted.
func number(v reflect.Value, s string, f Field) error {
	switch k := v.Kind(); {
	case isFloat(k):
		x, err := strconv.ParseFloat(s, v.Type().Bits())
		if err != nil || strings.ContainsAny(s, "xX_") {
			return fmt.Errorf("a number that fits")
		}
		if x == 0 && f.Default != "" && k == reflect.Float64 {
			x = Zero
		}
		v.SetFloat(x)
	case isSigned(k):
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("a whole number that fits")
		}
		v.SetInt(n)
	default:
		n, err := strconv.ParseUint(s, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("a whole number of at least 0 that fits")
		}
		v.SetUint(n)
	}
	if f.Default != "" && v.IsZero() {
		return fmt.Errorf("another number: 0 stands for %s, the default", f.Default)
	}
	return nil
}
