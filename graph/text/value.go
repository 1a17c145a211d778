package text

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// args are the fields that are not as they were registered. The key is left out where the first field that takes such a value is the right one, and of
// numbers in a list where the next one is that, and the first list.
func (e *Encoder[T]) args(v, preset reflect.Value) (args []Arg, err error) {
	all := fields(v.Type())
	next := 0
	for i, f := range all {
		arg, is, err := e.arg(v.FieldByIndex(f.index), f)
		if err != nil {
			return nil, err
		}
		if !is {
			continue
		}
		if before, was, err := e.arg(preset.FieldByIndex(f.index), f); err == nil && was && before.String() == arg.String() {
			continue
		}
		first := slices.IndexFunc(all, func(other Field) bool { return fits(other, arg) && (!isNumbers(f.typ) || isNumbers(other.typ)) })
		free := !slices.ContainsFunc(all[next:i], func(other Field) bool { return fits(other, arg) })
		if arg.Nets != nil && free { // the second brackets are the next field's
			first = i
		}
		switch flag := (Arg{Value: f.Key}); {
		case f.typ.Kind() == reflect.Bool && !unmarshals(f.typ) && !slices.ContainsFunc(all, func(f Field) bool { return fits(f, flag) }):
			arg = flag
		case first != i || !free || f.typ.Kind() == reflect.Bool:
			arg.Key = f.Key
			arg.Quoted = arg.Quoted && (!isWord(arg.Value) || numbers(arg.Value) != nil) // a string
		default:
			next = i + 1
		}
		args = append(args, arg)
	}
	return args, nil
}

// arg is a field's value, if it is not zero.
func (e *Encoder[T]) arg(v reflect.Value, f Field) (arg Arg, is bool, err error) {
	t := v.Type()
	_, isMap := weighted(t)
	words := constants(t)
	switch k := t.Kind(); {
	case v.IsZero() || isFloat(k) && (v.Float() == 0 || v.Float() == Zero && f.Default == "") || (k == reflect.Slice || k == reflect.Map) && v.Len() == 0:
		return arg, false, nil
	case len(words) > 0 || unmarshals(t):
		for _, w := range words {
			if same(w.value, v) {
				return Arg{Value: w.Word}, true, nil
			}
		}
		if m, ok := v.Interface().(encoding.TextMarshaler); ok {
			s, err := m.MarshalText()
			if err != nil {
				return arg, false, fmt.Errorf("text: %s: %w", f.Key, err)
			}
			return Arg{Value: string(s), Quoted: !isWord(string(s))}, true, nil
		}
		return arg, false, fmt.Errorf("text: got %s for %s, want one of %s", describe(v), f.Key, strings.Join(wordsOf(words), ", "))
	case isMap:
		arg, err = e.names(v)
	case isList(t):
		arg, err = e.list(v, false)
	case isKind(t):
		net, err := e.one(t, v)
		if err != nil {
			return arg, false, err
		}
		if len(net) == 1 && net[0].String() == net[0].Word {
			return Arg{Value: net[0].Word}, true, nil
		}
		return Arg{Nets: []Net{net}}, true, nil
	case k == reflect.Bool:
		arg.Value = "true"
	case isNumeric(k):
		arg.Value = numeral(v)
	case isNumbers(t):
		parts := make([]string, v.Len())
		for i := range parts {
			if isFloat(t.Elem().Kind()) && (math.IsNaN(v.Index(i).Float()) || math.IsInf(v.Index(i).Float(), 0)) {
				return arg, false, fmt.Errorf("text: got %v in %s, want finite numbers", v.Index(i), f.Key)
			}
			parts[i] = numeral(v.Index(i))
		}
		arg.Value = joined(parts)
	case k == reflect.String:
		arg = Arg{Value: v.String(), Quoted: true}
	default:
		return arg, false, fmt.Errorf("text: got a Go %v for %s, which has no text", t, f.Key)
	}
	return arg, err == nil, err
}

// numeral is the shortest number that is read as this one.
func numeral(v reflect.Value) string {
	if isFloat(v.Kind()) {
		if v.Float() == Zero {
			return "0"
		}
		return strings.ReplaceAll(strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), "+", "")
	}
	return fmt.Sprint(v)
}

// Sizes writes whole numbers as a net has them: 28x28.
func Sizes(n []int) string {
	parts := make([]string, len(n))
	for i, size := range n {
		parts[i] = strconv.Itoa(size)
	}
	return joined(parts)
}

func joined(numerals []string) string { return strings.Join(numerals, "x") }
