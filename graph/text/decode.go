package text

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Parse reads one value of the kind T, such as Parse[graph.Loss]("cross-entropy smoothing=0.1").
func Parse[T any](s string) (value T, err error) {
	net, err := ParseNet(s)
	if err != nil {
		return value, err
	}
	if len(net) != 1 {
		what := "nothing"
		if len(net) > 1 {
			what = fmt.Sprintf("%d items", len(net))
		}
		return value, Pos{1, 1}.Errorf("got %s, want one %s: one of %s", what, nameOfKind(reflect.TypeFor[T]()), strings.Join(Words[T](), ", "))
	}
	d := &Decoder[T]{}
	if err := d.plain(net[0]); err != nil {
		return value, err
	}
	return d.Item(net[0])
}

// A Decoder makes values of the kind T of a net. Its zero value is ready to use, and knows no names.
type Decoder[T any] struct {
	// Word is asked first what an item is, be it within brackets; it may say that it knows nothing of it.
	Word func(Item) (value T, known bool, err error)
	// Named is told of each item with a name, and may put another value in its place. Without it a name is an error.
	Named func(Item, T) (T, error)
	made  int
}

// most is how many values one text may make: n times m times k are soon more than memory holds.
const most = 1 << 14

// Items makes the values of a chain.
func (d *Decoder[T]) Items(net Net) ([]T, error) {
	var all []T
	for _, item := range net {
		if len(item.From) > 0 {
			return nil, item.From[0].Errorf("got %q behind <, want a chain here, each item fed by the one before it", item.From[0].Name)
		}
		n, err := item.Count()
		if err != nil {
			return nil, err
		}
		if n > 1 && item.Name != "" {
			return nil, item.Errorf("got a name for %d items, %q, want it for one: put them in brackets, as in %s = sequence(%s * %d)", n, item.Name, item.Name, item.Word, n)
		}
		for range n {
			v, err := d.Item(item)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
	}
	return all, nil
}

// Count is how often the item stands there: 1 without "*".
func (i Item) Count() (int, error) {
	if i.Times == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(i.Times)
	if err != nil || n < 1 || n > most {
		return 0, i.Errorf("%s: got * %s, want a whole number from 1 to %d", i.Word, i.Times, most)
	}
	return n, nil
}

// Item makes one value of an item, whatever number stands behind its "*".
func (d *Decoder[T]) Item(item Item) (value T, err error) {
	if d.made++; d.made > most {
		return value, item.Errorf("got more than %d items, counted as often as they are repeated, want fewer", most)
	}
	if item.Name != "" && d.Named == nil {
		return value, item.Errorf("got the name %q, want none: nothing here reads one", item.Name)
	}
	if d.Word != nil {
		if v, known, err := d.Word(item); err != nil || known {
			if err == nil && item.Name != "" {
				return d.Named(item, v)
			}
			return v, err
		}
	}
	v, err := d.value(reflect.TypeFor[T](), item)
	if err != nil {
		return value, err
	}
	value = v.Interface().(T)
	if item.Name != "" {
		return d.Named(item, value)
	}
	return value, nil
}

// plain refuses what only an item of a net has.
func (d *Decoder[T]) plain(item Item) error {
	switch {
	case item.Times != "":
		return item.Errorf("%s: got * %s, want one value", item.Word, item.Times)
	case len(item.From) > 0:
		return item.From[0].Errorf("%s: got %q behind <, want nothing: it is fed by nothing", item.Word, item.From[0].Name)
	}
	return nil
}

// of makes a value of any kind.
func (d *Decoder[T]) of(kind reflect.Type, item Item) (reflect.Value, error) {
	if kind == reflect.TypeFor[T]() {
		v, err := d.Item(item)
		return reflect.ValueOf(&v).Elem(), err
	}
	if item.Name != "" {
		return reflect.Value{}, item.Errorf("got the name %q, want none: nothing here reads one", item.Name)
	}
	return d.value(kind, item)
}

func (d *Decoder[T]) value(kind reflect.Type, item Item) (reflect.Value, error) {
	e, err := lookup(kind, item)
	if err != nil {
		return reflect.Value{}, err
	}
	v := reflect.New(e.value.Type()).Elem()
	v.Set(e.value)
	to := v
	if v.Kind() == reflect.Pointer {
		to = reflect.New(v.Type().Elem()).Elem()
		to.Set(v.Elem())
		v.Set(to.Addr())
	}
	if to.Kind() != reflect.Struct {
		return v, d.whole(to, e, item)
	}
	return v, d.fill(to, e, item)
}

// whole reads the arguments of a word whose type is no struct: nets for a list, names for a map, nothing for a constant.
func (d *Decoder[T]) whole(v reflect.Value, e *Entry, item Item) error {
	_, isMap := weighted(v.Type())
	switch {
	case len(item.Args) == 0:
		return nil
	case !isMap && !isList(v.Type()):
		return item.Args[0].Errorf("%s: got %s, want no argument", item.Word, item.Args[0])
	case len(item.Args) > 1:
		return item.Args[1].Errorf("%s: got %s, want nothing behind the first argument", item.Word, item.Args[1])
	case item.Args[0].Nets == nil || item.Args[0].Key != "":
		return item.Args[0].Errorf("%s: got %s, want %s: %s", item.Word, item.Args[0], takes(v.Type()), e.Example)
	case isMap:
		return d.names(v, item.Args[0])
	}
	return d.list(v, item.Args[0], e.list == Branches)
}

// list reads nets in brackets.
func (d *Decoder[T]) list(v reflect.Value, arg Arg, branches bool) error {
	kind := v.Type().Elem()
	if !branches && len(arg.Nets) > 1 {
		return arg.Nets[1][0].Errorf("got a second branch, %s, want one: a chain, with commas", arg.Nets[1][0].Word)
	}
	v.SetLen(0)
	for _, net := range arg.Nets {
		if branches {
			one, err := d.one(kind, net)
			if err != nil {
				return err
			}
			v.Set(reflect.Append(v, one))
			continue
		}
		if err := d.chain(v, net); err != nil {
			return err
		}
	}
	return nil
}

// chain appends the items of a net.
func (d *Decoder[T]) chain(v reflect.Value, net Net) error {
	kind := v.Type().Elem()
	if kind == reflect.TypeFor[T]() {
		all, err := d.Items(net)
		v.Set(reflect.AppendSlice(v, reflect.ValueOf(all)))
		return err
	}
	for _, item := range net {
		n, err := item.Count()
		if err != nil {
			return err
		}
		item.Times = ""
		if err := d.plain(item); err != nil {
			return err
		}
		for range n {
			if d.made++; d.made > most {
				return item.Errorf("got more than %d items, counted as often as they are repeated, want fewer", most)
			}
			one, err := d.of(kind, item)
			if err != nil {
				return err
			}
			v.Set(reflect.Append(v, one))
		}
	}
	return nil
}

// one makes a value of a net: of several items the kind's sequence.
func (d *Decoder[T]) one(kind reflect.Type, net Net) (reflect.Value, error) {
	if len(net) == 1 && net[0].Times == "" && len(net[0].From) == 0 {
		return d.of(kind, net[0])
	}
	for _, e := range entries(kind) {
		if e.err == nil && e.list == Sequence && isList(e.value.Type()) {
			v := reflect.New(e.value.Type()).Elem()
			return v, d.chain(v, net)
		}
	}
	return reflect.Value{}, net[0].Errorf("got several items, want one %s: no word for a sequence of them is registered", nameOfKind(kind))
}

// names reads what belongs to each name, with its weight behind a "*".
func (d *Decoder[T]) names(v reflect.Value, arg Arg) error {
	kind, _ := weighted(v.Type())
	if len(arg.Nets) > 1 {
		return arg.Nets[1][0].Errorf("got a second branch, want names, with commas between")
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, item := range arg.Nets[0] {
		name := reflect.ValueOf(item.Name).Convert(v.Type().Key())
		switch {
		case item.Name == "":
			return item.Errorf("got %s without a name, want one: name = %s", item.Word, item.Word)
		case v.MapIndex(name).IsValid():
			return item.Errorf("got %q a second time, want it once", item.Name)
		case len(item.From) > 0:
			return item.From[0].Errorf("%s: got %q behind <, want nothing: it is fed by nothing", item.Word, item.From[0].Name)
		}
		pair := reflect.New(v.Type().Elem()).Elem()
		if item.Times != "" {
			weight := Field{Default: v.Type().Elem().Field(1).Tag.Get("default")}
			if err := number(pair.Field(1), item.Times, weight); err != nil {
				return item.Errorf("%s: got * %s, want %v", item.Name, item.Times, err)
			}
		}
		item.Name, item.Times = "", ""
		one, err := d.of(kind, item)
		if err != nil {
			return err
		}
		pair.Field(0).Set(one)
		v.SetMapIndex(name, pair)
	}
	return nil
}
