package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRowsWithoutTarget: they do not stop train, data info and eval, which say how many they leave out; predict answers for all. The run is called as its folder.
func TestRowsWithoutTarget(t *testing.T) {
	atHome(t)
	lines := strings.Split(strings.TrimSpace(plants(80)), "\n")
	for i := 1; i < 9; i++ {
		cells := strings.Split(lines[i], ",")
		cells[3] = ""
		lines[i] = strings.Join(cells, ",")
	}
	write(t, "plants.csv", strings.Join(lines, "\n")+"\n")
	const said = "8 of 80 rows have no kind and are left out"
	status, out, errOut := stheno("train", "plants.csv", "--target", "kind", "--epochs", "1", "--out", "some/green", "--json")
	if status != 0 || strings.Count(errOut, "worth a look: "+said) != 1 || !strings.Contains(out, `{"code":"no-target","column":"kind","message":"`+said+`"}`) || !strings.Contains(out, `"samples":{"training":5`) {
		t.Errorf("train: %d\n%s\n%s", status, out, errOut)
	}
	if out := ok(t, "data", "info", "plants.csv", "--target", "kind"); !strings.Contains(out, said) || !strings.Contains(out, "72 samples") {
		t.Errorf("data info:\n%s", out)
	}
	for _, args := range [][]string{{"eval", "some/green"}, {"eval", "some/green", "plants.csv"}} {
		if status, out, errOut := stheno(args...); status != 0 || strings.Count(errOut, said) != 1 || !strings.HasPrefix(out, "green, the weights of epoch 1") {
			t.Errorf("%q: %d\n%s\n%s", args, status, out, errOut)
		}
	}
	var judged struct {
		Experiment string
		Samples    int
		Findings   []struct{ Code string }
	}
	if _, out, _ := stheno("eval", "some/green", "plants.csv", "--json"); json.Unmarshal([]byte(out), &judged) != nil || judged.Experiment != "green" || judged.Samples != 72 || len(judged.Findings) != 1 {
		t.Errorf("eval --json: %s", out)
	}
	write(t, "odd.csv", strings.Replace(strings.Join(lines, "\n"), ",reed,", ",not known yet,", 1))
	for _, file := range []string{"plants.csv", "odd.csv"} {
		if all := saidOf(t, "", "some/green", file); len(all) != 80 {
			t.Errorf("predict %s: %d rows", file, len(all))
		}
	}
}

// TestResidualsNameTheirLine: the sample that is furthest off is named by its line in the file, whatever was left out and held back.
func TestResidualsNameTheirLine(t *testing.T) {
	atHome(t)
	var b strings.Builder
	b.WriteString("name,a,y\n")
	for i := range 60 {
		y := fmt.Sprint(i % 7)
		if i%10 == 2 {
			y = ""
		} else if i == 33 {
			y = "9000"
		}
		fmt.Fprintf(&b, "\"n\n%d\",%d,%s\n", i%5, i%7, y)
	}
	write(t, "some.csv", b.String())
	for i, args := range [][]string{{"train", "some.csv", "--validation", "0"}, {"train", "some.csv", "--by-time", "a"}} {
		args = append(args, "--target", "y", "--numbers", "y", "--epochs", "1", "--json", "--quiet", "--out", fmt.Sprint("r", i))
		var so struct{ Residuals []struct{ Row, Line int } }
		if err := json.Unmarshal([]byte(ok(t, args...)), &so); err != nil || len(so.Residuals) != 1 {
			t.Fatal(err, so)
		}
		if r := so.Residuals[0]; i == 0 && (r.Line != 2+2*33 || r.Row != 33-3) {
			t.Errorf("%q: %+v", args, r)
		} else if i == 1 && (r.Line-2)/2%7 < 5 {
			t.Errorf("%q: %+v was not held back", args, r)
		}
	}
	if _, out, _ := stheno("eval", "r0"); !strings.Contains(strings.Join(strings.Fields(out), " "), "of line 68") {
		t.Error(out)
	}
}

// TestUnseenCategories: eval and predict say how many rows have a category that the network does not know; train says what becomes of a date, and does not advise to leave out what it has made itself.
func TestUnseenCategories(t *testing.T) {
	atHome(t)
	dated := strings.ReplaceAll(strings.ReplaceAll(plants(80), "\n", ",2024-05-01\n"), "dear,2024-05-01", "dear,sold")
	write(t, "plants.csv", strings.Replace(dated, "2024-05-01", "2024-07-01", 1))
	status, out, errOut := stheno("train", "plants.csv", "--target", "kind", "--ignore", "price,dear", "--epochs", "1", "--out", "green")
	if status != 0 || errOut != "" && strings.Contains(errOut, "worth a look") || !strings.Contains(out, "the date sold becomes its year, month, day, day of year, weekday") {
		t.Errorf("train: %d\n%s\n%s", status, out, errOut)
	}
	write(t, "new.csv", strings.ReplaceAll(dated, "peat", "moor"))
	const said = "soil: 1 category not seen in training, 26 rows"
	for _, args := range [][]string{{"eval", "green", "new.csv"}, {"predict", "green", "new.csv"}, {"predict", "green", "new.csv", "--json"}} {
		if status, _, errOut := stheno(args...); status != 0 || strings.Count(errOut, said) != 1 || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%q: %d, %s", args, status, errOut)
		}
	}
}
