package datasets

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// rowsOf are the rows of the data underneath.
func rowsOf(d Data) []int { return d.(*someRows).rows }

// whole is an error where two parts are not the whole, each row once.
func whole(t *testing.T, n int, parts ...Data) {
	t.Helper()
	var all []int
	for _, p := range parts {
		if !slices.IsSorted(rowsOf(p)) {
			t.Errorf("a part is out of order: %v", rowsOf(p))
		}
		all = append(all, rowsOf(p)...)
	}
	slices.Sort(all)
	if !slices.Equal(all, inOrder(n)) {
		t.Errorf("the parts are not the whole: %v", all)
	}
}

func TestSplit(t *testing.T) {
	table := mustCSV(t, sixty, Columns{Target: []string{"class"}, Ignore: []string{"group", "day"}})
	a, b, err := table.Split(.8, 1)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, 60, a, b)
	// 45 of class a, 15 of class b.
	for part, want := range map[Data][]int{a: {36, 12}, b: {9, 3}} {
		classes, err := classesOf(part)
		if err != nil {
			t.Fatal(err)
		}
		got := []int{0, 0}
		for _, c := range classes {
			got[c]++
		}
		if !slices.Equal(got, want) {
			t.Errorf("classes %v, want %v", got, want)
		}
	}
	again, _, _ := table.Split(.8, 1)
	other, _, _ := table.Split(.8, 2)
	if !slices.Equal(rowsOf(a), rowsOf(again)) || slices.Equal(rowsOf(a), rowsOf(other)) {
		t.Error("a split is not its seed's")
	}
	// A part can be split again, and its rows are still those of the table.
	c, d, err := Split(a, .5, 1)
	if err != nil || c.Len()+d.Len() != 48 {
		t.Fatalf("%v", err)
	}
	whole(t, 60, c, d, b)
	for _, row := range rowsOf(c) {
		if slices.Contains(rowsOf(b), row) {
			t.Fatal("a row is in two parts")
		}
	}

	first, rest, err := SplitInOrder(table, .75)
	if err != nil || first.Len() != 45 || rowsOf(rest)[0] != 45 {
		t.Errorf("in order: %v", err)
	}
}

func TestSplitByColumn(t *testing.T) {
	table := mustCSV(t, sixty, Columns{Target: []string{"class"}, Ignore: []string{"group"}, Dates: map[string]string{"day": "2006-01-02"}})
	a, b, err := table.SplitBy("group", .7, 3)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, 60, a, b)
	if a.Len() != 42 {
		t.Errorf("got %d rows, want 42", a.Len())
	}
	groups := map[int]bool{}
	for _, row := range rowsOf(a) {
		groups[row/3] = true
	}
	for _, row := range rowsOf(b) {
		if groups[row/3] {
			t.Fatalf("group %d is in both parts", row/3)
		}
	}
	a, b, err = table.SplitAt("day", .5)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, 60, a, b)
	if !slices.Equal(rowsOf(a), inOrder(30)) {
		t.Errorf("got %v, want the first 30", rowsOf(a))
	}
	// Rows of one time stay together, whichever way the cut has to go.
	for text, want := range map[string]int{"1\n2\n2\n2\n3\n": 4, "1\n2\n2\n2\n2\n": 1} {
		same := mustCSV(t, "when\n"+text, Columns{})
		a, _, err := same.SplitAt("when", .5)
		if err != nil || a.Len() != want {
			t.Errorf("%q: %v rows, %v", text, a, err)
		}
	}
}

// TestSplitByFewGroups: where one group is most of the rows, the part that is near the share is found whatever the order of chance, and no part is empty.
func TestSplitByFewGroups(t *testing.T) {
	var b strings.Builder
	b.WriteString("g,x\n")
	for i := range 100 {
		fmt.Fprintf(&b, "%s,%d\n", []string{"a", "b", "c"}[max(0, (i-85)/5)], i*i%17)
	}
	table := mustCSV(t, b.String(), Columns{Ignore: []string{"g"}}) // 90 of a, 5 of b, 5 of c
	for seed := range uint64(20) {
		first, second, err := table.SplitBy("g", .8, seed)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, 100, first, second)
		if first.Len() < 90 {
			t.Errorf("seed %d: got %d rows, want 90 or 95", seed, first.Len())
		}
	}
}

// TestSplitByLongNumbers: ids and times that float32 cannot tell apart are told apart.
func TestSplitByLongNumbers(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,x\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d,%d\n", 1_700_000_000+(i*7)%40, i*i%17)
	}
	table := mustCSV(t, b.String(), Columns{Ignore: []string{"id"}})
	early, late, err := table.SplitAt("id", .75)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, 40, early, late)
	for _, row := range rowsOf(early) {
		if row*7%40 >= 30 {
			t.Errorf("row %d is of the first 30 seconds", row)
		}
	}
	if a, _, err := table.SplitBy("id", .5, 1); err != nil || a.Len() != 20 {
		t.Errorf("groups: %v, %v", a, err)
	}
	months := mustCSV(t, "m,x\n2024-02,1\n2023-11,2\n2024-01,3\n2023-12,4\n", Columns{Ignore: []string{"m"}})
	if a, _, err := months.SplitAt("m", .5); err != nil || !slices.Equal(rowsOf(a), []int{1, 3}) {
		t.Errorf("months: %v", err)
	}
}

// TestPlaceOf: a sample is found in its file, whatever was left out and however it was divided, prepared and cut.
func TestPlaceOf(t *testing.T) {
	table := mustCSV(t, "a,b,y\n1,\"two\nlines\",5\n2,x,\n3,x,7\n\n4,z,9\n5,z,11\n", Columns{Target: []string{"y"}, Ignore: []string{"b"}})
	some, err := Rows(table, []int{3, 1})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(table, Standardize{})
	if err != nil {
		t.Fatal(err)
	}
	series, err := Windows(mustCSV(t, "a,y\n1,1\n2,2\n3,3\n4,4\n", Columns{Target: []string{"y"}}), Window{Length: 2, Ahead: 1})
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := NewArrays("x", []Array{{Name: "x", Floats: []float32{1, 2}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		data   Data
		sample int
		want   string
	}{{table, 0, "line 2"}, {table, 1, "line 5"}, {table, 3, "line 8"}, {some, 0, "line 8"}, {some, 1, "line 5"}, {p.On(some), 1, "line 5"}, {series, 0, "line 4"}, {arrays, 1, "row 2"}, {nil, 4, "row 5"}, {(*Table)(nil), 0, "row 1"}, {table, 9, "row 10"}} {
		if got := PlaceOf(c.data, c.sample).String(); got != c.want {
			t.Errorf("%d: got %s, want %s", i, got, c.want)
		}
	}
}

func TestFolds(t *testing.T) {
	table := mustCSV(t, sixty, Columns{Target: []string{"class"}})
	folds, err := Folds(table, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	var held []Data
	for _, f := range folds {
		whole(t, 60, f.Fit, f.Held)
		held = append(held, f.Held)
		classes, _ := classesOf(f.Held)
		slices.Sort(classes)
		if !slices.Equal(classes, []int32{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1}) {
			t.Errorf("classes %v", classes)
		}
	}
	whole(t, 60, held...)
}

func TestSplitRefuses(t *testing.T) {
	table := mustCSV(t, "a,b\n1,x\n2,x\n3,x\n", Columns{})
	one := mustCSV(t, "a\n1\n", Columns{})
	arrays, err := NewArrays("x", []Array{{Name: "x", Floats: []float32{1, 2}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	try := func(_, _ Data, err error) error { return err }
	_, folds := Folds(table, 4, 1)
	_, rows := Rows(table, []int{3})
	_, none := Rows(table, nil)
	for want, err := range map[string]error{
		"got a share of 1, want one between 0 and 1":          try(table.Split(1, 1)),
		"got 1 sample to divide, want at least 2":             try(one.Split(.5, 1)),
		"got no data (nil)":                                   try((*Table)(nil).Split(.5, 1)),
		`got column "c", want one of "a", "b"`:                try(table.SplitBy("c", .5, 1)),
		`column "b" has the same cell in each row, want at l`: try(table.SplitBy("b", .5, 1)),
		`column "c" has the same cell in each row, want time`: try(mustCSV(t, "a,c\n1,5\n2,5\n", Columns{}).SplitAt("c", .5)),
		`column "b" has texts, such as "x", want dates or`:    try(table.SplitAt("b", .5)),
		"got column \"a\" to divide by, and data without col": try(SplitBy(arrays, "a", .5, 1)),
		"got 4 folds, want 2 to 3":                            folds,
		"got row 3, want 0 to 2":                              rows,
		"got no rows":                                         none,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestCheck: each thing that Check knows, alone.
func TestCheck(t *testing.T) {
	rows := func(row string, n int) string { return strings.Repeat(row, n) }
	y := []string{"y"}
	people := func(counted int) string { // whose columns a and b are of some twenty values each
		var b strings.Builder
		b.WriteString("n,a,b,y\n")
		for i := range 40 {
			name := fmt.Sprint("n", i)
			if counted > 0 {
				name = fmt.Sprint(i)
			}
			fmt.Fprintf(&b, "%s,%d,%d,%s\n", name, 8+i%23, 13+i*7%29, []string{"p", "q"}[i%2])
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		text, held string
		c          Columns
		want       []string
	}{
		"good":         {"a,y\n1,p\n2,q\n2,p\n1,q\n1,q\n1,q\n2,q\n3,p\n1,p\n2,p\n", "", Columns{Target: y}, nil},
		"constant":     {"a,b,y\n" + rows("1,7,p\n2,7,q\n2,7,p\n1,7,q\n", 5), "", Columns{Target: y}, []string{"constant b"}},
		"missing":      {"a,b,y\n" + rows("1,,p\n2,5,q\n2,,p\n1,,q\n2,5,p\n", 5), "", Columns{Target: y}, []string{"missing b"}},
		"leak, class":  {"a,b,y\n" + rows("1,no,p\n2,maybe,q\n2,no,p\n1,maybe,q\n", 5), "", Columns{Target: y}, []string{"leak b"}},
		"leak, number": {"a,b,y\n1,10,5\n2,20,10\n9,30,15\n3,40,20\n4,50,25\n6,60,30\n7,70,35\n7,80,40\n2,90,45\n1,95,47.5\n", "", Columns{Target: y}, []string{"leak b"}},
		"one class":    {"a,y\n1,p\n2,p\n", "", Columns{Target: y}, []string{"one-class "}},
		"no header":    {"1,p\n2,q\n2,p\n1,q\n1,q\n1,q\n2,q\n3,p\n1,p\n2,p\n", "", Columns{Target: []string{"2"}}, []string{"no-header "}},
		"one number":   {"a,y\n1,3.5\n2,3.5\n", "", Columns{Target: y}, []string{"constant-target "}},
		"empty class":  {"a,y\n" + rows("1,p\n2,q\n2,p\n1,q\n", 5), "", Columns{Target: y, Classes: []string{"p", "q", "r"}}, []string{"empty-class "}},
		"rare":         {"a,y\n" + rows("1,p\n2,p\n", 5) + "1,q\n2,q\n", "", Columns{Target: y}, []string{"rare-class "}},
		"imbalance":    {"a,y\n" + rows("1,p\n2,p\n", 30) + rows("1,q\n2,q\n", 3), "", Columns{Target: y}, []string{"imbalance "}},
		"stray":        {"a,y\n" + rows("1,p\n2,q\n2,p\n1,q\n", 5), "a,y\n5,r\n", Columns{Target: y, Classes: []string{"p", "q", "r"}}, []string{"empty-class ", "stray-class "}},
		"duplicates":   {people(0), "n,a,b,y\nn0,8,13,p\nn1,9,20,q\nnew,7.5,20,q\n", Columns{Target: y, Ignore: []string{"n"}}, []string{"duplicates "}},
		"other people": {people(0), "n,a,b,y\nm0,8,13,p\nm1,9,20,q\nnew,7.5,20,q\n", Columns{Target: y, Ignore: []string{"n"}}, nil},
		"counted":      {people(1), "n,a,b,y\n90,8,13,p\n91,9,20,q\n92,7.5,20,q\n", Columns{Target: y}, []string{"ids n", "duplicates "}},
		"few values":   {"a,y\n" + rows("1,p\n2,q\n2,p\n1,q\n", 5), "a,y\n5,p\n2,q\n2,q\n1,p\n", Columns{Target: y}, nil},
		"long numbers": {"id,a,y\n" + strings.Repeat("90071992547409931,1,p\n90071992547409957,2,q\n90071992547409983,2,p\n90071992547410121,1,q\n", 5), "", Columns{Target: y}, []string{"precision id"}},
		"seconds":      {"t,a,y\n1700000000,1,p\n1700086400,2,q\n1700172800,2,p\n1700259200,1,q\n1700345603,1,q\n", "", Columns{Target: y, Categories: y}, []string{"rare-class "}},
		"alike":        {"a,y\n" + rows("1,p\n2,q\n2,P\n1,q\n", 6), "", Columns{Target: y}, []string{"alike-classes "}},
		"part of date": {"d,y\n" + rows("2024-05-01,p\n2024-05-02,q\n2024-05-08,q\n2024-05-02,p\n2024-05-01,q\n", 5), "", Columns{Target: y}, nil},
		"leak, date":   {"d,y\n" + rows("2021-05-01,5\n2022-05-02,10\n2023-05-08,15\n2024-05-02,20\n2025-05-01,25\n", 4), "", Columns{Target: y, Numbers: y}, []string{"leak d"}},
		"a date":       {"a,d,y\n" + rows("1,2024-05-01,p\n2,2024-05-01,q\n2,2024-05-01,p\n1,2024-05-01,q\n", 5), "", Columns{Target: y}, []string{"constant d"}},
		"few dates":    {"a,d,y\n" + rows("1,,p\n2,2024-05-01,q\n2,,p\n1,,q\n", 5), "", Columns{Target: y}, []string{"missing d"}},
	} {
		fit := mustCSV(t, c.text, c.c)
		var held Data
		if c.held != "" {
			held = mustCSV(t, c.held, fit.Columns())
		}
		found, err := Check(fit, held)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Code+" "+f.Column)
			if f.Message == "" {
				t.Errorf("%s: no message", name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if _, err := Check(nil, nil); err == nil {
		t.Error("nil: no error")
	}
}
