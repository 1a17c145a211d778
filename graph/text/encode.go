package text

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// Format is the text of a value of the kind T: Parse makes the value again. A type that is not registered, or one of functions, is an error.
func Format[T any](value T) (string, error) {
	item, err := (&Encoder[T]{}).Item(value)
	if err != nil {
		return "", err
	}
	return item.String(), nil
}

// An Encoder makes nets of values of the kind T. Its zero value is ready to use.
type Encoder[T any] struct {
	// Word is asked first what a value's item is, be it within brackets; it may leave it to the Encoder.
	Word  func(T) (item Item, known bool, err error)
	depth int
}

// Items is the chain of values; equal ones in a row are one item, with "*".
func (e *Encoder[T]) Items(values []T) (Net, error) {
	var net Net
	for _, v := range values {
		item, err := e.Item(v)
		if err != nil {
			return nil, err
		}
		net = net.Append(item)
	}
	return net, nil
}

// Append adds an item; where it is the last one again, without a name, and fed by it alone, it is counted behind a "*".
func (n Net) Append(item Item) Net {
	if len(n) > 0 && item.Times == "" {
		last := &n[len(n)-1]
		times, _ := last.Count()
		again := item
		again.Times = last.Times
		if last.Name == "" && item.Name == "" && len(last.From)+len(item.From) == 0 && times < most && last.String() == again.String() {
			last.Times = strconv.Itoa(times + 1)
			return n
		}
	}
	return append(n, item)
}

// Item is the item of a value.
func (e *Encoder[T]) Item(value T) (Item, error) {
	if e.Word != nil {
		if item, known, err := e.Word(value); err != nil || known {
			return item, err
		}
	}
	return e.value(reflect.TypeFor[T](), reflect.ValueOf(&value).Elem())
}

// of is the item of a value of any kind.
func (e *Encoder[T]) of(kind reflect.Type, v reflect.Value) (Item, error) {
	if kind == reflect.TypeFor[T]() {
		var value T
		reflect.ValueOf(&value).Elem().Set(v)
		return e.Item(value)
	}
	return e.value(kind, v)
}

func (e *Encoder[T]) value(kind reflect.Type, v reflect.Value) (item Item, err error) {
	if e.depth > deepest {
		return item, fmt.Errorf("text: got a %s that holds others, %d deep, want fewer: does one hold itself?", nameOfKind(kind), e.depth)
	}
	e.depth++
	defer func() { e.depth-- }()
	v = bare(v)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return item, fmt.Errorf("text: got nil, want a %s", nameOfKind(kind))
	}
	var best *Entry
	most := -1
	for _, entry := range entries(kind) {
		if n := e.presets(entry, v); n > most {
			best, most = entry, n
		}
	}
	if best == nil {
		return item, fmt.Errorf("text: the %s %s has no text: register a word for its type, text.Register[%v]", nameOfKind(kind), describe(v), kind)
	}
	item.Word = best.Word
	preset := best.value
	if v.Kind() == reflect.Pointer {
		v, preset = v.Elem(), preset.Elem()
	}
	_, isMap := weighted(v.Type())
	switch {
	case v.Kind() == reflect.Struct:
		item.Args, err = e.args(v, preset)
	case (isMap || isList(v.Type())) && v.Len() == 0:
	case isMap:
		var arg Arg
		arg, err = e.names(v)
		item.Args = []Arg{arg}
	case isList(v.Type()):
		var arg Arg
		arg, err = e.list(v, best.list == Branches)
		item.Args = []Arg{arg}
	}
	if err != nil {
		return item, fmt.Errorf("%w, in %s", err, best.Word)
	}
	return item, nil
}

// describe is a value that has no text.
func describe(v reflect.Value) string {
	if n, ok := v.Interface().(interface{ Name() string }); ok {
		return fmt.Sprintf("%q (%v)", n.Name(), v.Type())
	}
	return v.Type().String()
}

// presets is how many settings a word has, if all are the value's; -1 if they are not, or it is a word for something else.
func (e *Encoder[T]) presets(entry *Entry, v reflect.Value) int {
	if entry.err != nil || entry.value.Type() != v.Type() {
		return -1
	}
	p := entry.value
	if v.Kind() == reflect.Pointer {
		v, p = v.Elem(), p.Elem()
	}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return 0
	}
	all := fields(v.Type())
	if len(all) == 0 {
		if same(v, p) {
			return 0
		}
		return -1
	}
	n := 0
	for _, f := range all {
		want, is, err := e.arg(p.FieldByIndex(f.index), f)
		if err != nil || !is {
			continue
		}
		got, is, err := e.arg(v.FieldByIndex(f.index), f)
		if err != nil || !is || got.String() != want.String() {
			return -1
		}
		n++
	}
	return n
}

// same compares constants: of functions only the code.
func same(a, b reflect.Value) bool {
	if a.Kind() != reflect.Struct {
		return a.Kind() == reflect.Func && a.Pointer() == b.Pointer() || a.Comparable() && a.Equal(b)
	}
	for i := range a.NumField() {
		if !same(a.Field(i), b.Field(i)) {
			return false
		}
	}
	return true
}

// list is a list of values in brackets.
func (e *Encoder[T]) list(v reflect.Value, branches bool) (arg Arg, err error) {
	kind := v.Type().Elem()
	if branches {
		for i := range v.Len() {
			net, err := e.one(kind, v.Index(i))
			if err != nil {
				return arg, err
			}
			arg.Nets = append(arg.Nets, net)
		}
		return arg, nil
	}
	net, err := e.chain(kind, v)
	return Arg{Nets: []Net{net}}, err
}

func (e *Encoder[T]) chain(kind reflect.Type, v reflect.Value) (net Net, err error) {
	for i := range v.Len() {
		item, err := e.of(kind, v.Index(i))
		if err != nil {
			return nil, err
		}
		net = net.Append(item)
	}
	return net, nil
}

// one is the net of a single value: the items of a sequence of several.
func (e *Encoder[T]) one(kind reflect.Type, v reflect.Value) (Net, error) {
	item, err := e.of(kind, v)
	if err != nil {
		return nil, err
	}
	if s := find(entries(kind), item.Word); s != nil && s.list == Sequence && item.Name == "" && len(item.Args) == 1 && len(item.Args[0].Nets) == 1 {
		if net := item.Args[0].Nets[0]; len(net) > 1 || net[0].Times != "" {
			return net, nil
		}
	}
	return Net{item}, nil
}

// names is a map in brackets, in the order of its names.
func (e *Encoder[T]) names(v reflect.Value) (Arg, error) {
	kind, _ := weighted(v.Type())
	byName := map[string]reflect.Value{}
	for _, k := range v.MapKeys() {
		byName[k.String()] = v.MapIndex(k)
	}
	var net Net
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		item, err := e.of(kind, byName[name].Field(0))
		if err != nil {
			return Arg{}, err
		}
		if name == "" || item.Name != "" || item.Times != "" {
			return Arg{}, fmt.Errorf("text: got the name %q for %s, want one that is not empty", name, item)
		}
		item.Name = name
		if weight := byName[name].Field(1); weight.Float() != 0 {
			if item.Times = numeral(weight); !isNumber(item.Times) {
				return Arg{}, fmt.Errorf("text: got the weight %s for %s, want a finite number", item.Times, name)
			}
		}
		net = append(net, item)
	}
	return Arg{Nets: []Net{net}}, nil
}
