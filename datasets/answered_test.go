package datasets

import (
	"strings"
	"testing"
)

// TestRowsWithoutTarget: they are left out and counted, or kept where they are to be predicted; a series has no gaps.
func TestRowsWithoutTarget(t *testing.T) {
	const text = "a,b,y\n1,2,\n2,5,p\n3,7,NA\n4,1,q\n5,5,p\n"
	table := mustCSV(t, text, Columns{Target: []string{"y"}, Categories: []string{"b"}})
	found, err := Check(table, nil)
	if err != nil || table.Len() != 3 || shown(t, table) != shown(t, mustCSV(t, "a,b,y\n2,5,p\n4,1,q\n5,5,p\n", Columns{Target: []string{"y"}, Categories: []string{"b"}})) {
		t.Errorf("got %s, %v", shown(t, table), err)
	}
	if len(found) == 0 || found[0] != (Finding{"no-target", "y", `2 of 5 rows have no y and are left out; "NA" stands for none: write it otherwise if it is a class`}) {
		t.Errorf("findings %+v", found)
	}
	numbers := mustCSV(t, "a,y,z\n1,2,3\n2,,4\n3,4,5\n", Columns{Target: []string{"y", "z"}})
	if notes := Notes(numbers); numbers.Len() != 2 || len(notes) != 1 || notes[0].Message != "1 of 3 rows has no y or z and is left out" {
		t.Errorf("got %d rows, %+v", numbers.Len(), notes)
	}
	if _, err := Windows(table, Window{Length: 1}); err == nil || !strings.Contains(err.Error(), "line 2: the target is missing") {
		t.Errorf("windows: %v", err)
	}
	for name, again := range map[string]string{"with blanks": text, "with nonsense": strings.ReplaceAll(text, "p\n", "nobody knows\n"), "without": "a,b\n1,2\n2,5\n3,7\n4,1\n5,5\n", "no header": "1,2\n2,5\n3,7\n4,1\n5,5\n"} {
		c := table.Columns()
		c.Asked = true
		asked, err := ReadCSV(strings.NewReader(again), "t.csv", c)
		if err != nil || asked.Len() != 5 || len(asked.Info().Targets) != 0 || len(asked.Info().Inputs) != 2 || len(Notes(asked)) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := numbers.Columns()
	c.Asked = true
	if asked, err := ReadCSV(strings.NewReader("a,y,z\n1,soon,\n"), "t.csv", c); err != nil || asked.Len() != 1 {
		t.Errorf("numbers: %v", err)
	}
}

// TestUnseen: categories that the training samples do not have are counted, missing ones are not.
func TestUnseen(t *testing.T) {
	table := mustCSV(t, "a,c,d,y\n1,x,u,p\n2,z,v,q\n3,x,u,p\n", Columns{Target: []string{"y"}})
	p, err := Prepare(table, OneHot{}, Standardize{})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := p.Unseen(table); err != nil || found != nil {
		t.Errorf("its own: %+v, %v", found, err)
	}
	c := table.Columns()
	c.Asked = true
	found, err := p.Unseen(mustCSV(t, "a,c,d\n1,new,u\n2,z,older\n3,,v\n4,newer,u\n5,new,u\n", c))
	if err != nil || len(found) != 2 || found[0].Message != "c: 2 categories not seen in training, 3 rows" || found[1] != (Finding{"unseen", "d", "d: 1 category not seen in training, 1 row"}) {
		t.Errorf("got %+v, %v", found, err)
	}
	if found, err := (*Preparation)(nil).Unseen(table); found != nil || err != nil {
		t.Errorf("nil: %+v, %v", found, err)
	}
	if _, err := p.Unseen(nil); err == nil {
		t.Error("nil data: no error")
	}
}

// TestOtherTable: a table of other columns is told by its header, not as a row that is no number; and a cell that is neither yes nor no by the column's two words.
func TestOtherTable(t *testing.T) {
	table := mustCSV(t, "area,balcony,city,y\n1,Yes,x,p\n2,No,z,q\n3,Yes,x,p\n", Columns{Target: []string{"y"}})
	c := table.Columns()
	c.Asked = true
	for text, want := range map[string]string{
		"Größe,Balkon,Stadt\n1,ja,x\n":   `line 1: the header lacks "area", "balcony", "city", want each column that the others of its kind have; it has "Größe", "Balkon", "Stadt"`,
		"age,hours\n1,2\n":               `line 1: the header lacks "area", "balcony", "city", want each column that the others of its kind have; it has "age", "hours"`,
		"wide,yes,x\n":                   `line 1, column "area": got "wide", want a number`,
		"1,2\n":                          "line 1: got 2 cells and no header, want 3",
		"area,balcony,city\n1,maybe,x\n": `line 2, column "balcony": got "maybe", want "Yes" or "No"`,
	} {
		if _, err := ReadCSV(strings.NewReader(text), "t.csv", c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if again, err := ReadCSV(strings.NewReader(",yes,x\n2,no,z\n"), "t.csv", c); err != nil || again.Len() != 2 {
		t.Errorf("no header, and a gap: %v", err)
	}
}
