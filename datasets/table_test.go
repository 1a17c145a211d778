package datasets

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// readAll reads every sample.
func readAll(t *testing.T, d Data) Batch {
	t.Helper()
	info := d.Info()
	b := roomFor(info.Inputs, d.Len())
	b.Targets = roomFor(info.Targets, d.Len()).Inputs
	if err := d.Read(b, inOrder(d.Len()), Draw{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func mustCSV(t *testing.T, text string, c Columns) *Table {
	t.Helper()
	table, err := ReadCSV(strings.NewReader(text), "t.csv", c)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// shown is a table as text: its inputs with their names, and its target.
func shown(t *testing.T, d Data) string {
	t.Helper()
	b, info := readAll(t, d), d.Info()
	var s []string
	for k, f := range info.Inputs {
		if f.IDs {
			var cells []string
			for _, id := range b.Inputs[k].IDs {
				if id < 0 {
					cells = append(cells, "·")
				} else {
					cells = append(cells, f.Values[id])
				}
			}
			s = append(s, fmt.Sprintf("%s %s", f.Name, strings.Join(cells, " ")))
		} else {
			s = append(s, fmt.Sprintf("%v %v", f.Names, b.Inputs[k].Floats))
		}
	}
	for k, f := range info.Targets {
		if f.IDs {
			s = append(s, fmt.Sprintf("→ %s %v %v", f.Name, info.Classes, b.Targets[k].IDs))
		} else {
			s = append(s, fmt.Sprintf("→ %s %v", f.Name, b.Targets[k].Floats))
		}
	}
	return strings.Join(s, "; ")
}

// TestCSV: tables as people have them.
func TestCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		c    Columns
		want string
	}{
		"plain":            {"a,b,kind\n1,2,x\n3,4.5,y\n", Columns{Target: []string{"kind"}}, "[a b] [1 2 3 4.5]; → kind [x y] [0 1]"},
		"no header":        {"1,2,x\n3,4,y\n5,6,x\n", Columns{Target: []string{"3"}}, "[1 2] [1 2 3 4 5 6]; → 3 [x y] [0 1 0]"},
		"texts, no header": {"low,red\nhigh,red\nlow,blue\n", Columns{}, "1 low high low; 2 red red blue"},
		"texts, header":    {"price,colour\nhigh,red\nlow,blue\n", Columns{}, "price high low; colour red blue"},
		"semicolons":       {"a;b\n1,5;2\n-3,25;4\n", Columns{}, "[a b] [1.5 2 -3.25 4]"},
		"tabs":             {"a\tb\n1\t2\n3\t4\n", Columns{}, "[a b] [1 2 3 4]"},
		"bars":             {"a|b\n1|2\n3|4\n", Columns{}, "[a b] [1 2 3 4]"},
		"blanks":           {"  1.5   2  \"a b\"\n 3\t4    \"c\"\n", Columns{}, "[1 2] [1.5 2 3 4]; 3 a b c"},
		"a comma in text":  {"a,b\n1,\"x, y\"\n2,\"say \"\"z\"\"\"\n", Columns{}, "[a] [1 2]; b x, y say \"z\""},
		"a line in text":   {"a,b\r\n1,\"x\r\ny\"\r\n2,z\r\n", Columns{}, "[a] [1 2]; b x\ny z"},
		"byte-order mark":  {"\xef\xbb\xbfa,b\n1,2\n", Columns{Target: []string{"a"}}, "[b] [2]; → a [1]"},
		"utf-16":           {"\xff\xfea\x00\n\x001\x00\n\x00", Columns{}, "[a] [1]"},
		"latin-1":          {"farbe,n\ngr\xfcn,1\nrot,2\n", Columns{}, "[n] [1 2]; farbe grün rot"},
		"old line ends":    {"a,b\r1,2\r3,4\r", Columns{}, "[a b] [1 2 3 4]"},
		"missing":          {"a,b\n1,NA\n,x\n?,nan\n4,y\n", Columns{}, "[a] [1 NaN NaN 4]; b · x · y"},
		"missing, own":     {"a\n1\n-999\n", Columns{Missing: []string{"-999"}}, "[a] [1 NaN]"},
		"yes and no":       {"a,b\nyes,T\nNo,F\n", Columns{}, "[a b] [1 1 0 0]"},
		"yes as class":     {"a,b\n1,yes\n2,no\n", Columns{Target: []string{"b"}}, "[a] [1 2]; → b [no yes] [1 0]"},
		"thousands":        {"a,b\n\"1,234.5\",$5\n12,20%\n", Columns{}, "[a b] [1234.5 5 12 20]"},
		"comma, thousands": {"a;b\n1.234,5;1\n12,25;2\n", Columns{}, "[a b] [1234.5 1 12.25 2]"},
		"dates":            {"d,y\n2024-02-29,1\n2023-12-31,2\n", Columns{}, "[d year d month d day d day of year d weekday y] [2024 2 29 60 3 1 2023 12 31 365 6 2]"},
		"dates, told":      {"d,y\n01/02/2024,1\n03/04/2024,2\n", Columns{Dates: map[string]string{"d": "02/01/2006"}}, "[d year d month d day d day of year d weekday y] [2024 2 1 32 3 1 2024 4 3 94 2 2]"},
		"dates, plain":     {"d\n13/02/2024\n03/04/2024\n", Columns{}, "[d year d month d day d day of year d weekday] [2024 2 13 44 1 2024 4 3 94 2]"},
		"times":            {"d,y\n2024-02-29 06:30,1\n2023-12-31 23:00,2\n", Columns{}, "[d year d month d day d day of year d weekday d hour y] [2024 2 29 60 3 6.5 1 2023 12 31 365 6 23 2]"},
		"months":           {"d,y\n2024-02,1\n2023-12,2\n", Columns{}, "[d year d month y] [2024 2 1 2023 12 2]"},
		"months, in words": {"d,y\nMar 2024,1\nDec 2023,2\n", Columns{}, "[d year d month y] [2024 3 1 2023 12 2]"},
		"separator told":   {"sep=;\r\na;b\r\n1,5;2\r\n3,5;4\r\n", Columns{}, "[a b] [1.5 2 3.5 4]"},
		"numbers as names": {"zip,y\n01234,1\n02345,2\n", Columns{Categories: []string{"zip"}, Target: []string{"y"}}, "zip 01234 02345; → y [1 2]"},
		"two targets":      {"a,b,c\n1,2,3\n4,5,6\n", Columns{Target: []string{"b", "c"}}, "[a] [1 4]; → b c [2 3 5 6]"},
		"classes, few":     {"a,y\n" + strings.Repeat("1,0\n2,1\n", 5), Columns{Target: []string{"y"}}, "[a] [1 2 1 2 1 2 1 2 1 2]; → y [0 1] [0 1 0 1 0 1 0 1 0 1]"},
		"classes, told":    {"a,y\n" + strings.Repeat("1,0\n2,1\n", 5), Columns{Target: []string{"y"}, Numbers: []string{"y"}}, "[a] [1 2 1 2 1 2 1 2 1 2]; → y [0 1 0 1 0 1 0 1 0 1]"},
		"classes, order":   {"a,y\n" + strings.Repeat("1,10\n2,9\n", 5), Columns{Target: []string{"y"}}, "[a] [1 2 1 2 1 2 1 2 1 2]; → y [9 10] [1 0 1 0 1 0 1 0 1 0]"},
		"ignored":          {"a,b,y\n1,q,3\n2,r,4\n", Columns{Ignore: []string{"b"}, Target: []string{"y"}}, "[a] [1 2]; → y [3 4]"},
		"empty column":     {"a,b\n1,\n2,NA\n", Columns{}, "[a] [1 2]"},
		"unnamed column":   {",a\n5,1\n7,2\n", Columns{}, "[column 1 a] [5 1 7 2]"},
		"names given":      {"1,2\n3,4\n", Columns{Names: []string{"p", "q"}}, "[p q] [1 2 3 4]"},
	} {
		table, err := ReadCSV(strings.NewReader(c.text), "t.csv", c.c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := shown(t, table); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestCSVRefuses: every way in which a file is broken, with the line and what to do.
func TestCSVRefuses(t *testing.T) {
	ten := func(row string) string { return strings.Repeat(row, 10) }
	for name, c := range map[string]struct {
		text, want string
		c          Columns
	}{
		"empty":          {"", "datasets: t.csv: it is empty, want a line for each row", Columns{}},
		"no rows":        {"a,b\n", "datasets: t.csv: got no rows, want at least one below the header", Columns{Target: []string{"a"}}},
		"short line":     {"a,b\n1,2\n3\n", `datasets: t.csv: line 3: got 1 cells, want 2 as in the first line`, Columns{}},
		"odd cell":       {"a,b\n" + ten("1,2\n") + "twelve,3\n", `datasets: t.csv: line 12, column "a": got "twelve", want a number, as in 10 of the column's 11 cells`, Columns{}},
		"odd date":       {"d,y\n" + ten("2024-02-28,2\n") + "2024-02-30,3\n", `datasets: t.csv: line 12, column "d": got "2024-02-30", want a date such as "2006-01-02", as in 10 of the column's 11 cells`, Columns{}},
		"after sep=":     {"sep=;\na;b\n1;2\n3\n", `datasets: t.csv: line 4: got 1 cells, want 2`, Columns{}},
		"told to be":     {"a\nx\n", `datasets: t.csv: line 2, column "a": got "x", want a number`, Columns{Numbers: []string{"a"}}},
		"beyond float32": {"a\n1e39\n", `datasets: t.csv: line 2, column "a": got "1e39", want a number`, Columns{Numbers: []string{"a"}}},
		"a bare quote":   {"a,b\n1,x\"y\n", `datasets: t.csv: line 2: got a " at character 4 in a cell that does not begin with one`, Columns{}},
		"an open quote":  {"a,b\n1,\"x\n2,y\n", `datasets: t.csv: line 2: got a cell whose quotes do not end there`, Columns{}},
		"text after":     {"a,b\n1,\"x\"y\n", `datasets: t.csv: line 2: got text after the quotes`, Columns{}},
		"no such column": {"a,b\n1,2\n", `datasets: t.csv: got column "c" in Target, want one of "a", "b"`, Columns{Target: []string{"c"}}},
		"both":           {"a,b\n1,2\n", `datasets: t.csv: got column "a" in Target (--target) and in Ignore (--ignore)`, Columns{Target: []string{"a"}, Ignore: []string{"a"}}},
		"too wide":       {"c" + strings.Join(numbered(1_000_000), ",c") + "\n1" + strings.Repeat(",1", 999_999) + "\n", "datasets: t.csv: got 1000000 columns, want at most 100000", Columns{}},
		"same names":     {"a,a\n1,2\n", `datasets: t.csv: columns 1 and 2 are both called "a"`, Columns{}},
		"stray class":    {"a,b\n1,x\n3,z\n", `datasets: t.csv: line 3, column "b": got class "z", want one of "x", "y"`, Columns{Target: []string{"b"}, Classes: []string{"x", "y"}}},
		"empty target":   {"a,b\n1,\n", `datasets: t.csv: no row of 1 has the target "b", want something to learn`, Columns{Target: []string{"b"}}},
		"texts, two":     {"a,b,c\n1,x,2\n", `datasets: t.csv: column "b", one of 2 targets, is of texts, want numbers`, Columns{Target: []string{"b", "c"}}},
		"only a target":  {"b\n1\n2\n", `datasets: t.csv: no column is left to learn from`, Columns{Target: []string{"b"}}},
		"unclear dates":  {"d\n01/02/2024\n03/04/2024\n", `datasets: t.csv: column "d": got dates that could be read as "02/01/2006" or "01/02/2006", such as "01/02/2024"`, Columns{}},
		"no date":        {"d\n2024-13-01\n", `datasets: t.csv: line 2, column "d": got "2024-13-01", want a date such as "2006-01-02"`, Columns{Dates: map[string]string{"d": "2006-01-02"}}},
		"separator":      {"a:b\n", `datasets: t.csv: got separator ":", want one of`, Columns{Separator: ":"}},
		"a workbook":     {"PK\x03\x04rest", "datasets: t.csv: it is a zip file: of pictures or texts unpack it, and name the folder; of a workbook of Excel", Columns{}},
		"parquet":        {"PAR1....", "datasets: t.csv: it is a Parquet file: write it as CSV or NPY first", Columns{}},
		"binary":         {"a\x00b", "datasets: t.csv: it has a zero at byte 1: it is no text", Columns{}},
		"bad gzip":       {"\x1f\x8bxx", "datasets: t.csv: damaged gzip header", Columns{}},
		"header lacks":   {"a,c\n1,2\n", `datasets: t.csv: line 1: the header lacks "b"`, Columns{Names: []string{"a", "b"}}},
		"cells lack":     {"1,2,3\n", `datasets: t.csv: line 1: got 3 cells and no header, want 2: "a", "b"`, Columns{Names: []string{"a", "b"}}},
	} {
		_, err := ReadCSV(strings.NewReader(c.text), "t.csv", c.c)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.want)
		}
	}
	if _, err := ReadCSV(nil, "t.csv", Columns{}); err == nil {
		t.Error("nil reader: no error")
	}
	if _, err := CSV("no such file", Columns{}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
	if _, err := CSV(t.TempDir(), Columns{}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}

// sixty is a table of as many rows: their number, a value, a key that is different in each, a group of three rows, a day, a class.
var sixty = func() string {
	var s strings.Builder
	s.WriteString("row,x,key,group,day,class\n")
	for i := range 60 {
		fmt.Fprintf(&s, "%d,%d,k%03d,g%d,2024-%02d-%02d,%s\n", i, i*i%17, i, i/3, 1+i/28%12, 1+i%28, [...]string{"a", "a", "a", "b"}[i%4])
	}
	return s.String()
}()

// TestIDs: what names rows is not learnt from, and said.
func TestIDs(t *testing.T) {
	table := mustCSV(t, sixty, Columns{Target: []string{"class"}, Ignore: []string{"group", "day"}})
	if got := table.Info().Inputs; len(got) != 1 || !slices.Equal(got[0].Names, []string{"x"}) {
		t.Errorf("inputs %+v", got)
	}
	found, err := Check(table, nil)
	if err != nil || len(found) != 2 || found[0].Code != "ids" || found[0].Column != "row" || found[1].Column != "key" {
		t.Errorf("found %+v, %v", found, err)
	}
	kept := mustCSV(t, sixty, Columns{Target: []string{"class"}, Ignore: []string{"group", "day"}, Numbers: []string{"row"}, Categories: []string{"key"}})
	if got := kept.Info().Inputs; len(got) != 2 || !slices.Equal(got[0].Names, []string{"row", "x"}) || got[1].Name != "key" {
		t.Errorf("inputs %+v", got)
	}
}

// TestColumnsAgain: with a table's columns another file is read as it was, whatever its order, with or without header and target.
func TestColumnsAgain(t *testing.T) {
	table := mustCSV(t, "a,colour,d,y\n1,red,2024-01-01,p\n2,blue,2024-01-02,q\n3,red,2024-01-03,p\n", Columns{Target: []string{"y"}})
	c := table.Columns()
	names := table.Info().Inputs[0].Names
	for name, text := range map[string]string{
		"the same":     "a,colour,d,y\n1,green,2024-01-01,q\n",
		"other order":  "y,extra,d,colour,a\nq,7,2024-01-01,green,1\n",
		"no target":    "d,colour,a\n2024-01-01,green,1\n",
		"no header":    "1,green,2024-01-01,q\n",
		"neither":      "1,green,2024-01-01\n",
		"many missing": "a,colour,d\nNA,,\n",
	} {
		again, err := ReadCSV(strings.NewReader(text), "t.csv", c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		info := again.Info()
		if !slices.Equal(info.Inputs[0].Names, names) || info.Inputs[1].Name != "colour" || again.Len() != 1 {
			t.Errorf("%s: inputs %+v", name, info.Inputs)
		}
		if len(info.Targets) > 0 && (!slices.Equal(info.Classes, []string{"p", "q"}) || readAll(t, again).Targets[0].IDs[0] != 1) {
			t.Errorf("%s: classes %v", name, info.Classes)
		}
	}
	if _, err := ReadCSV(strings.NewReader("a,colour,d\nten,green,2024-01-01\n"), "t.csv", c); err == nil || !strings.Contains(err.Error(), `line 2, column "a": got "ten", want a number`) {
		t.Errorf("got %v", err)
	}
}

// TestAnswers: of columns of yes and no it is known how they are written, most of all; a column of one answer alone, and a target, is none.
func TestAnswers(t *testing.T) {
	text := "a,b,c,d,e,y\nYes,true,yes,0,on,yes\nyes,false,yes,1,,no\nno,true,yes,1,off,yes\nyes,false,yes,0,on,no\nn,false,yes,1,on,yes\n"
	table := mustCSV(t, text, Columns{Target: []string{"y"}})
	want := map[string][2]string{"a": {"n", "yes"}, "b": {"false", "true"}, "e": {"off", "on"}}
	if got := table.Columns().Answers; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p, err := Prepare(table, FillMissing{}, Standardize{})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var again Preparation
	if err := json.Unmarshal(kept, &again); err != nil || !maps.Equal(again.Source().Columns.Answers, want) {
		t.Errorf("kept: got %+v, %v", again.Source(), err)
	}
	if other := mustCSV(t, "a,b,c,d,e\ntrue,yes,no,1,no\n", again.Source().Columns.unasked()); readAll(t, other).Inputs[0].Floats[0] != 1 || readAll(t, other).Inputs[0].Floats[4] != 0 {
		t.Errorf("other words: got %v", readAll(t, other).Inputs[0].Floats)
	}
}

func TestStructs(t *testing.T) {
	type flower struct {
		Length  float64
		Count   int
		Wild    bool
		Colour  string
		Picked  time.Time
		Height  *float32
		Species string
		private int
		Notes   []string
	}
	tall := float32(7)
	rows := []flower{
		{1.5, 2, true, "12", time.Date(2024, 2, 29, 6, 0, 0, 0, time.UTC), &tall, "rose", 0, nil},
		{2.5, 3, false, "red", time.Date(2023, 12, 31, 18, 30, 0, 0, time.UTC), nil, "lily", 0, nil},
	}
	table, err := Structs("flowers", rows, Columns{Target: []string{"Species"}, Ignore: []string{"Notes"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "[Length Count Wild Picked year Picked month Picked day Picked day of year Picked weekday Picked hour Height] [1.5 2 1 2024 2 29 60 3 6 7 2.5 3 0 2023 12 31 365 6 18.5 NaN]; Colour 12 red; → Species [lily rose] [1 0]"
	if got := shown(t, table); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if _, err := Structs("flowers", rows, Columns{}); err == nil || !strings.Contains(err.Error(), "field Notes is a []string") {
		t.Errorf("got %v", err)
	}
	if _, err := Structs("numbers", []int{1}, Columns{}); err == nil || !strings.Contains(err.Error(), "want one of structs") {
		t.Errorf("got %v", err)
	}
	if _, err := Structs("flowers", []flower{}, Columns{Ignore: []string{"Notes"}}); err == nil || !strings.Contains(err.Error(), "got no rows") {
		t.Errorf("got %v", err)
	}
	rows[1].Length = math.Inf(1)
	if _, err := Structs("flowers", rows, Columns{Ignore: []string{"Notes"}}); err == nil || !strings.Contains(err.Error(), `column "Length": got "+Inf", want a number (row 1)`) {
		t.Errorf("got %v", err)
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzCSV$' -fuzzminimizetime 1x
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "1;2,5\n3;4,5\n", "a\tb\n\"x\ny\"\t2\n", "d\n2024-01-02\n", "\xff\xfea\x00", "a b  c\n1 2 3", "a,b\n1,x\n2,y\n3,NA\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		table, err := ReadCSV(strings.NewReader(string(text)), "t.csv", Columns{})
		if err != nil {
			return
		}
		if table.Len() < 1 {
			t.Fatal("no rows and no error")
		}
		info := table.Info()
		readAll(t, table)
		if _, err := Check(table, nil); err != nil {
			t.Fatal(err)
		}
		p, err := Prepare(table, FillMissing{}, OneHot{}, Standardize{})
		if err != nil {
			t.Fatalf("%v of %q", err, text)
		}
		readAll(t, p.On(table))
		// The columns that were found read the same table.
		again, err := ReadCSV(strings.NewReader(string(text)), "t.csv", table.Columns())
		if err != nil {
			t.Fatalf("again: %v of %q", err, text)
		}
		if !reflect.DeepEqual(again.Info().Inputs, info.Inputs) {
			t.Fatalf("again: %+v, first %+v of %q", again.Info().Inputs, info.Inputs, text)
		}
	})
}

// TestDecimalCommaTarget: few different numbers that come often are no classes where they are no whole ones, though they are so without the comma.
func TestDecimalCommaTarget(t *testing.T) {
	table := mustCSV(t, "a;y\n"+strings.Repeat("1,5;0,5\n2,5;1,5\n3,5;2,5\n", 10), Columns{Target: []string{"y"}})
	if target := table.Info().Targets[0]; target.IDs {
		t.Errorf("the target is of classes: %q", table.Info().Classes)
	}
}
