package session

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
)

// written makes files in a folder; of a name that ends in .png a picture where there is no text.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err == nil && text == "" && filepath.Ext(name) == ".png" {
			err = png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8)))
		} else if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return dir
}

// TestDescribeAsItIs: examples are cells of the file, notes say which column they are of and name nothing that a page has not, and what nothing can be learnt of is refused.
func TestDescribeAsItIs(t *testing.T) {
	table := written(t, map[string]string{"people.csv": "number,paid,left\n" + strings.Repeat("1,yes,true\n2,no,false\n", 20), "bare.csv": strings.Repeat("1,2.5,p\n2,3.5,q\n", 20)})
	d, err := Describe(filepath.Join(table, "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1", "yes", "true"} {
		if got := d.Columns[i].Example; got != want {
			t.Errorf("%s: got %q for example, want %q", d.Columns[i].Name, got, want)
		}
	}
	if d, err = Describe(filepath.Join(table, "bare.csv")); err != nil || len(d.Notes) != 1 || !strings.Contains(d.Notes[0].EN, `"1" to "3"`) || !strings.Contains(d.Notes[0].ZH, "標頭") {
		t.Errorf("without a header: got %+v, %v", d, err)
	}
	note := look.NoteOf(datasets.Finding{Message: "1 of 5 pictures are left out: /tmp/stheno-lab-12/uploads/2/pics/cat/99.png: it is broken"})
	if note.EN != "1 of 5 pictures are left out: pics/cat/99.png: it is broken" || !strings.Contains(note.ZH, "pics/cat/99.png") || strings.Contains(note.ZH, "tmp") {
		t.Errorf("got %+v", note)
	}
	pictures := map[string]string{"a/1.png": "no picture", "a/2.png": "", "a/3.png": "", "b/1.png": "", "b/2.png": ""}
	if d, err = Describe(written(t, pictures)); err != nil || d.Samples != 4 || len(d.Notes) != 1 || !strings.Contains(d.Notes[0].EN, "1 of 5 pictures are left out") || !strings.Contains(d.Notes[0].EN, "1.png") {
		t.Errorf("with a damaged picture: got %+v, %v", d, err)
	}
	if _, err := Describe(written(t, map[string]string{"1.png": "", "2.png": ""})); err == nil || !strings.Contains(err.Error(), "put the pictures of each class in a folder of its own") {
		t.Errorf("pictures of no class: got %v", err)
	}
	l := serve(t, Options{Seed: 1, Open: tinyData(t), Dataset: "tiny"})
	id := l.do(Command{Do: "open", Path: written(t, pictures)})
	if r := l.run(id); r.Samples+r.TestSamples != 4 {
		t.Errorf("got %d and %d samples of 4", r.Samples, r.TestSamples)
	}
	if c := ask[look.CommandLine](l, Command{Do: "command"}); c.Command == nil || !strings.Contains(*c.Command, "--skip-damaged") {
		t.Errorf("got %+v", c)
	}
	if p := ask[look.GoProgram](l, Command{Do: "go"}); p.Go == nil || !strings.Contains(*p.Go, "SkipDamaged: true") {
		t.Errorf("got %+v", p)
	}
	ids := "id,a\n"
	for i := range 30 {
		ids += string(rune('a'+i%26)) + strings.Repeat("x", i) + ",1\n"
	}
	at := filepath.Join(written(t, map[string]string{"ids.csv": ids}), "ids.csv")
	if _, err := l.Do(t.Context(), Command{Do: "open", Path: at, Target: "id"}); err == nil || !strings.Contains(err.Error(), "a class of its own") || strings.Contains(err.Error(), "--") {
		t.Errorf("ids to be foretold: got %v", err)
	}
}

// TestDescribeMissing: what is missing is counted in a column of each kind, as stheno data info counts it.
func TestDescribeMissing(t *testing.T) {
	rows := "rooms,city,sold,balcony,sold twice\n"
	for i := range 30 {
		cells := []string{fmt.Sprint(i % 4), []string{"Ulm", "Hof"}[i%2], fmt.Sprintf("2024-05-%02d", i%28+1), []string{"yes", "no"}[i%2], fmt.Sprint(i % 7)}
		if i > 0 && i <= 4*5 {
			if at := (i - 1) % 4; i/4 <= at { // one of the first, two of the second and so on
				cells[at] = ""
			}
		}
		rows += strings.Join(cells, ",") + "\n"
	}
	at := filepath.Join(written(t, map[string]string{"a.csv": rows}), "a.csv")
	d, err := Describe(at)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range d.Columns {
		want := 0
		for line := range strings.Lines(rows) {
			if strings.Split(strings.TrimSpace(line), ",")[i] == "" {
				want++
			}
		}
		if c.Missing != want || want == 0 && i < 4 {
			t.Errorf("%s (%s): got %d missing, want %d", c.Name, c.Type, c.Missing, want)
		}
	}
}

// TestDataRefusedInWords: what a page may bring that cannot be learnt from is refused in both languages, and with nothing in it that only a program or a command could do.
func TestDataRefusedInWords(t *testing.T) {
	var classes strings.Builder // more than there may be
	for i := range 1 << 16 {
		fmt.Fprintf(&classes, "%d,k%d\n", i%9, i)
	}
	var counting strings.Builder // rows, and nothing else
	counting.WriteString("x,y\n")
	for i := range 50 {
		fmt.Fprintf(&counting, "%d,7\n", i)
	}
	rows := func(n int, line string) string { return strings.Repeat(line+"\n", n) }
	forOthers := regexp.MustCompile(`--|\b(?:Ignore|Names|Numbers|Categories|Texts|Missing|Dates|Pictures|OneHot|Words)\b|\{\}`)
	// In Chinese there is nothing in English but what is quoted, files' names and kinds, and steps of a preparation.
	quoted, ascii := regexp.MustCompile(`「[^」]*」|"[^"]*"|\S+\.(?:csv|png|txt|doc|zip)\b|PNG|JPEG|GIF|BMP|TIFF|WebP|PDF|CSV|\.\w+|train|test`), regexp.MustCompile(`[A-Za-z]{2,}`)
	l := serve(t, Options{Seed: 1, Open: tinyData(t), Dataset: "tiny"})
	for name, files := range map[string]map[string]string{
		"empty":         {"a.csv": ""},
		"head alone":    {"a.csv": "a,b\n"},
		"ragged":        {"a.csv": "a,b\n1,2\n1,2,3\n"},
		"quote":         {"a.csv": "a,b\n1,\"2\n"},
		"twice":         {"a.csv": "a,a\n1,2\n2,3\n"},
		"a word":        {"a.csv": "a,b\n" + rows(30, "1,2") + "x,3\n"},
		"no date":       {"a.csv": "a,b\n" + rows(30, "2024-05-01,2") + "someday,3\n"},
		"which date":    {"a.csv": "d,b\n" + rows(30, "05/06/2024,2") + "07/08/2024,3\n"},
		"one column":    {"a.csv": "a\n" + rows(20, "1") + rows(9, "2")},
		"one class":     {"a.csv": "a,b\n" + rows(9, "1,p") + rows(9, "2,p")},
		"one number":    {"a.csv": "a,b\n" + rows(9, "1,2.5") + rows(9, "2,2.5")},
		"classes":       {"a.csv": "a,b\n" + classes.String()},
		"picture":       {"a.csv": "\x89PNG\r\n\x1a\n"},
		"pdf":           {"a.csv": "%PDF-1.7\n"},
		"counts":        {"a.csv": counting.String()},
		"open quote":    {"a.csv": "a,b\n1,x\"y\n"},
		"beside":        {"1.png": "", "a/1.png": "", "b/1.png": ""},
		"few":           {"a.csv": "a,b\n1,2.5\n2,3.5\n"},
		"no target":     {"a.csv": "a,b\n1,\n2,\n3,\n4,\n"},
		"bytes":         {"a.csv": "\x00\x01\x02\xff\xfe\x00\n"},
		"no pictures":   {"a/x.doc": "text", "b/y.doc": "text"},
		"damaged alone": {"a/1.png": "text", "b/1.png": "text"},
		"one folder":    {"a/1.png": "", "a/2.png": "", "a/3.png": "", "a/4.png": "", "b/x.txt": "note"},
		"in parts":      {"train/a/1.png": "", "train/b/1.png": "", "test/a/1.png": "", "test/b/1.png": ""},
	} {
		at := written(t, files)
		if _, table := files["a.csv"]; table {
			at = filepath.Join(at, "a.csv")
		}
		_, err := Describe(at)
		if err == nil {
			_, err = l.Do(t.Context(), Command{Do: "open", Path: at})
		}
		if err == nil {
			t.Errorf("%s: want it refused", name)
			continue
		}
		said := look.Said(err.Error())
		if words := ascii.FindAllString(quoted.ReplaceAllString(said.ZH, ""), -1); len(words) > 0 {
			t.Errorf("%s: in English is left %q: %s", name, words, said.ZH)
		}
		if said.ZH == said.EN {
			t.Errorf("%s: no Chinese for %q", name, said.EN)
		}
		for _, text := range []string{said.EN, said.ZH} {
			if forOthers.MatchString(text) || strings.Contains(text, filepath.Dir(at)) {
				t.Errorf("%s: a page cannot do that: %q", name, text)
			}
		}
	}
}
