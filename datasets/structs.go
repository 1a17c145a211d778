package datasets

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Structs makes a table of a slice of structs: a column for each exported field that is a number, a bool, a string or a time.Time, or a pointer to one, of which nil is
// missing. Other fields are named in c.Ignore, or an error. name stands in the errors.
//
//	type flower struct { Length, Width float64; Species string }
//	table, err := datasets.Structs("flowers", flowers, datasets.Columns{Target: []string{"Species"}})
func Structs[T any](name string, rows []T, c Columns) (*Table, error) {
	kind := reflect.TypeFor[T]()
	if kind.Kind() != reflect.Struct {
		return nil, fmt.Errorf("datasets: %s: got a slice of %v, want one of structs", name, kind)
	}
	r := &records{name: name}
	var fields [][]int
	c.Dates = cloneMap(c.Dates)
	c.Numbers, c.Categories = slices.Clone(c.Numbers), slices.Clone(c.Categories)
	for _, f := range reflect.VisibleFields(kind) {
		if !f.IsExported() || f.Anonymous || len(f.Index) > 1 {
			continue
		}
		of := f.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch {
		case of == reflect.TypeFor[time.Time]():
			c.Dates[f.Name] = time.RFC3339Nano
		case of.Kind() == reflect.String:
			if !slices.Contains(c.Target, f.Name) && !slices.Contains(c.Numbers, f.Name) {
				c.Categories = append(c.Categories, f.Name)
			}
		case of.Kind() == reflect.Bool, of.Kind() >= reflect.Int && of.Kind() <= reflect.Float64 && of.Kind() != reflect.Uintptr:
			if !slices.Contains(c.Target, f.Name) && !slices.Contains(c.Categories, f.Name) {
				c.Numbers = append(c.Numbers, f.Name)
			}
		case slices.Contains(c.Ignore, f.Name):
			continue
		default:
			return nil, fmt.Errorf("datasets: %s: field %s is a %v, want a number, a bool, a string or a time; name it in Columns.Ignore", name, f.Name, f.Type)
		}
		r.names, fields = append(r.names, f.Name), append(fields, f.Index)
	}
	c.Ignore = slices.DeleteFunc(slices.Clone(c.Ignore), func(column string) bool { // those of no kind are no columns
		_, there := kind.FieldByName(column)
		return there && !slices.Contains(r.names, column)
	})
	r.each = func(yield func(line int, cells []string) error) error {
		cells := make([]string, len(fields))
		for i := range rows {
			row := reflect.ValueOf(&rows[i]).Elem()
			for k, index := range fields {
				cells[k] = cellOf(row.FieldByIndex(index))
			}
			if err := yield(0, cells); err != nil {
				return fmt.Errorf("%w (row %d)", err, i)
			}
		}
		return nil
	}
	return newTable(r, c)
}

// cellOf writes a field as the cell of a table.
func cellOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.Kind() == reflect.String:
		return v.String()
	}
	return v.Interface().(time.Time).Format(time.RFC3339Nano)
}

func cloneMap(m map[string]string) map[string]string {
	c := map[string]string{}
	for k, v := range m {
		c[k] = v
	}
	return c
}
