package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// idxFile is an IDX file of bytes.
func idxFile(dims []int, values []byte) string {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return string(append(b, values...))
}

// npyFile is an NPY file of float32, or of int32 where descr is <i4.
func npyFile(descr string, shape string, values []float32) string {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	b = append(b, head...)
	for _, v := range values {
		if descr == "<i4" {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		} else {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return string(b)
}

func picture(t *testing.T, name string, grey func(x, y int) uint8) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 12, 12))
	for y := range 12 {
		for x := range 12 {
			m.SetGray(x, y, color.Gray{Y: grey(x, y)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	into(t, name, b.String())
}

func into(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, name, text)
}

// waves are a series whose next value follows from those before it, and whose sky says whether it is above its mean.
func waves(rows int) string {
	var b strings.Builder
	b.WriteString("day,level,wind,sky\n")
	for i := range rows {
		v := 10 + 5*math.Sin(float64(i)*.7)
		fmt.Fprintf(&b, "2024-%02d-%02d,%.3f,%s,%s\n", 1+i/28%12, 1+i%28, v, []string{"north", "west"}[i%2], map[bool]string{true: "clear", false: "grey"}[v > 10])
	}
	return b.String()
}

// kindsOfData makes small files of each kind that train takes.
func kindsOfData(t *testing.T) {
	write(t, "waves.csv", waves(140))
	var b strings.Builder
	b.WriteString("shape,a,b,c,d,e,f,g,h\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%s", []string{"saw", "flat"}[i%2])
		for k := range 8 {
			fmt.Fprintf(&b, ",%.2f", float64(1-i%2)*float64(k)+float64(i*7%10)/10)
		}
		b.WriteString("\n")
	}
	write(t, "columns.csv", b.String())
	var sites strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		fmt.Fprintf(&sites, "%s,%s\n", line, []string{"site", fmt.Sprint("S", i*i%7)}[min(i, 1)])
	}
	write(t, "sites.csv", sites.String())
	var x, y, numbers []float32
	var pixels, labels []byte
	for i := range 60 {
		for k := range 4 {
			x = append(x, float32((i*(k+3))%17)/17+float32(i%2))
		}
		y, numbers = append(y, float32(i%2)), append(numbers, float32(i%2)*100+float32(i%17))
		for range 64 {
			pixels = append(pixels, byte(100*(i%2)+i))
		}
		labels = append(labels, byte(i%2))
		picture(t, fmt.Sprintf("spots/%03d.png", i), func(x, _ int) uint8 { return uint8(20 * min(x, i%10)) })
	}
	write(t, "x.npy", npyFile("<f4", "60, 4", x))
	write(t, "y.npy", npyFile("<i4", "60,", y))
	write(t, "names.npy", strings.Replace(npyFile("<i4", "60,", nil), "'<i4'", "'|S4'", 1)+strings.Repeat("low\x00high", 30))
	write(t, "numbers.npy", npyFile("<f4", "60,", numbers))
	write(t, "images.idx", idxFile([]int{60, 8, 8}, pixels))
	write(t, "labels.idx", idxFile([]int{60}, labels))
	b.Reset()
	b.WriteString("spot;size\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%03d;%d,5\n", i, i%10)
	}
	write(t, "sizes.csv", b.String())
	b.Reset()
	b.WriteString("visit,spot,size\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%d,%03d,%d.5\n", i/6, i, i%10)
	}
	write(t, "visits.csv", b.String())
	b.Reset()
	b.WriteString("body,kind\n")
	for i := range 60 {
		text := fmt.Sprintf("the %s fox no. %d runs over the hill", []string{"quick", "brown"}[i/2%2], i)
		if i%2 == 1 {
			text = fmt.Sprintf("set option %d before you, as ever, call the function", i)
		}
		fmt.Fprintf(&b, "%q,%s\n", text, []string{"tale", "manual"}[i%2])
		into(t, fmt.Sprintf("docs/%s/%d.txt", []string{"tale", "manual"}[i%2], i), text)
	}
	write(t, "bodies.csv", b.String())
	write(t, "verses.txt", strings.Repeat("How doth the little crocodile, improve his shining tail,\nand pour the waters of the Nile\n", 40))
}

// TestTrainKinds: every kind of data is learnt from by one command, and the run answers, is evaluated, reported, looked into, and repeated by the command of its report.
func TestTrainKinds(t *testing.T) {
	atHome(t)
	kindsOfData(t)
	for _, c := range []struct {
		name, args string
		network    string // as it begins
		asked      string // what predict is asked about
		eval       string
		said       string // the class of the first, or the number's name
		least      float64
	}{
		{"numbers of a series", "waves.csv --target level --window 6 --epochs 25", "gru 64", "waves.csv", "waves.csv", "level", .9},
		{"classes of a series", "waves.csv --target sky --ignore day --window 3 --epochs 12", "gru 64", "waves.csv", "waves.csv", "", .8},
		{"columns that are times", "columns.csv --target shape --sequence --epochs 8", "reshape 8x1, gru 64", "columns.csv", "columns.csv", "saw", .8},
		{"a pair of arrays, classes", "x.npy y.npy --epochs 20", "dense 64", "x.npy", "x.npy y.npy", "0", .8},
		{"a pair of arrays, numbers", "x.npy numbers.npy --epochs 40", "dense 64", "x.npy", "x.npy numbers.npy", "y", .5},
		{"a pair of IDX files", "images.idx labels.idx --epochs 8", "conv 16", "images.idx", "images.idx labels.idx", "0", .8},
		{"labels that are texts", "x.npy names.npy --epochs 20", "dense 64", "x.npy", "x.npy names.npy", "low", .8},
		{"rows of sites that stay together", "sites.csv --target shape --groups site --epochs 12", "dense 64", "sites.csv", "sites.csv", "saw", .8},
		{"rows of which the latest are held back", "waves.csv --target level --by-time day --epochs 2", "dense 64", "waves.csv", "waves.csv", "level", -9},
		{"pictures of visits that stay together", "spots visits.csv --target size --groups visit --epochs 12", "conv 16", "spots/003.png", "spots visits.csv", "size", .5},
		{"pictures with a table", "spots sizes.csv --epochs 25", "conv 16", "spots/003.png", "spots sizes.csv", "size", .5},
		{"texts of a table", "bodies.csv --target kind --epochs 25", "embedding", "bodies.csv", "bodies.csv", "tale", .8},
		{"texts in folders", "docs --epochs 25", "embedding", "docs/manual/1.txt", "docs", "manual", .8},
		{"a text to be gone on with", "verses.txt --length 16 --epochs 2", "embedding", "", "verses.txt", "", 0},
		{"words to be gone on with", "verses.txt --words --length 4 --epochs 2", "embedding", "", "verses.txt", "", 0},
	} {
		dir := "run of " + c.name
		so := trainedOn(t, append(strings.Fields(c.args), "--out", dir, "--batch-size", "10")...)
		figure := so.Validation["accuracy"]
		if len(so.Residuals) > 0 {
			figure = so.Validation["r2"]
		}
		if !strings.HasPrefix(so.Layers, c.network) || figure < c.least {
			t.Errorf("%s: %s, %v", c.name, so.Layers, so.Validation)
		}
		ok(t, append([]string{"eval", dir}, strings.Fields(c.eval)...)...)
		ok(t, "eval", dir)
		ok(t, "summary", dir)
		var before string
		if c.asked != "" {
			of := saidOf(t, "", dir, c.asked)
			_, foretold := of[0].Values[c.said]
			if before = fmt.Sprint(of); c.said != "" && of[0].Name != c.said && !foretold {
				t.Errorf("%s: predict says %+v", c.name, of[0])
			}
			file := c.name + ".safetensors"
			ok(t, "save", dir, "-o", file)
			if got := fmt.Sprint(saidOf(t, "", file, c.asked)); got != before {
				t.Errorf("%s: the run says %s, its file %s", c.name, before, got)
			}
		}
		folder, err := run.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		command := runs.Command(folder)
		args, err := words(command)
		if err != nil || len(args) < 10 {
			t.Fatalf("%s: the command is %s, %v", c.name, command, err)
		}
		ok(t, append(args[1:], "--out", dir+" again", "--quiet")...)
		again, err := run.Open(dir + " again")
		if err != nil {
			t.Fatal(err)
		}
		a, err := folder.Epochs()
		if err != nil {
			t.Fatal(err)
		}
		b, err := again.Epochs()
		if err != nil {
			t.Fatal(err)
		}
		if x, y := a[len(a)-1].Running.Loss, b[len(b)-1].Running.Loss; x != y || len(a) != len(b) {
			t.Errorf("%s: loss %v, repeated by its command %v:\n%s", c.name, x, y, command)
		}
	}
	for _, args := range [][]string{{"gradients", "--checkpoint"}, {"diagnose"}, {"graph"}} {
		ok(t, append(args, "run of numbers of a series")...)
		ok(t, append(args, "run of rows of sites that stay together")...)
	}
	folder, err := run.Open("run of rows of sites that stay together")
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := new(flags.Data).OpenFor(&cobra.Command{}, folder)
	if d, ok := set.(*models.Divided); err != nil || !ok || d.Fit.Len()+d.Held.Len() != d.Len() {
		t.Errorf("what looks at a run of groups gets %T, %v", set, err)
	}
	status, page, errOut := stheno("report", "run of numbers of a series", "-o", "-")
	if status != 0 || !strings.Contains(page, "6 rows, the target 1 ahead") || !strings.Contains(page, "--window 6") {
		t.Errorf("report: %d, %s", status, errOut)
	}
	if out := ok(t, "eval", "run of numbers of a series", "--json"); !strings.Contains(out, `"part":"validation"`) {
		t.Error(out)
	}
}

// words are those of a command line, as a shell reads it.
func words(line string) (all []string, err error) {
	var word strings.Builder
	quoted, in := false, false
	for _, r := range strings.ReplaceAll(line, "\\\n", " ") {
		switch {
		case r == '\'':
			quoted, in = !quoted, true
		case r == ' ' && !quoted:
			if in {
				all = append(all, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quote is open")
	}
	return append(all, word.String()), nil
}

// TestPredictFromStdin: rows of a series, arrays, and texts a line.
func TestPredictFromStdin(t *testing.T) {
	atHome(t)
	kindsOfData(t)
	trainedOn(t, "waves.csv", "--target", "level", "--window", "6", "--epochs", "2", "--out", "series")
	trainedOn(t, "x.npy", "y.npy", "--epochs", "2", "--out", "array")
	trainedOn(t, "bodies.csv", "--target", "kind", "--epochs", "25", "--out", "texts")
	if of := saidOf(t, waves(8), "series", "-"); len(of) != 3 || of[0].Row != 7 || of[2].Row != 9 {
		t.Errorf("a series of 8 rows: %+v", of)
	}
	array, err := os.ReadFile("x.npy")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprint(saidOf(t, string(array), "array", "-")), fmt.Sprint(saidOf(t, "", "array", "x.npy")); strings.ReplaceAll(a, "standard input", "x.npy") != b {
		t.Errorf("an array: %s, from its file %s", a, b)
	}
	for _, text := range []string{"the quick fox, of the hill\n\ncall the function with an option\n", "body\n\"the quick fox, of the hill\"\ncall the function with an option\n"} {
		if of := saidOf(t, text, "texts", "-"); len(of) != 2 || of[0].Name != "tale" || of[1].Name != "manual" {
			t.Errorf("%q: %+v", text, of)
		}
	}
}

// TestDataInfoJSON: what data info shows, for programs.
func TestDataInfoJSON(t *testing.T) {
	atHome(t)
	kindsOfData(t)
	var got struct {
		Name    string
		Samples int
		Columns []struct {
			Name    string
			Target  bool
			Missing int
			Min     *float64
			Values  []string
			Counts  []int
		}
		Classes  []string
		Findings []struct{ Code string }
	}
	if err := json.Unmarshal([]byte(ok(t, "data", "info", "waves.csv", "--target", "sky", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	last := len(got.Columns) - 1
	if got.Name != "waves.csv" || got.Samples != 140 || strings.Join(got.Classes, " ") != "clear grey" || !got.Columns[last].Target || got.Columns[last].Counts[0]+got.Columns[last].Counts[1] != 140 || got.Columns[0].Min == nil || got.Findings == nil {
		t.Errorf("%+v", got)
	}
	for _, name := range []string{"x.npy", "spots", "docs", "verses.txt", "images.idx"} {
		if err := json.Unmarshal([]byte(ok(t, "data", "info", name, "--json")), &got); err != nil || got.Samples == 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestTrainKindsRefuse: what is broken, or does not go together, says so, and leaves no run.
func TestTrainKindsRefuse(t *testing.T) {
	atHome(t)
	kindsOfData(t)
	write(t, "cut.npy", npyFile("<f4", "60, 4", make([]float32, 20)))
	write(t, "few.npy", npyFile("<i4", "3,", []float32{0, 1, 0}))
	write(t, "minus.npy", npyFile("<f4", "60,", nil)+"x")
	write(t, "cut.idx", idxFile([]int{60, 8, 8}, make([]byte, 100)))
	write(t, "cut.idx.gz", "\x1f\x8b\x08\x00\x00")
	write(t, "zip.npz", "PK\x03\x04nothing")
	write(t, "back.csv", "day,level\n2024-01-03,1\n2024-01-02,2\n2024-01-01,3\n")
	write(t, "gap.csv", "hour,level\n1,4\n2,\n3,6\n4,6.5\n5,7\n")
	write(t, "unnamed.csv", "picture,size\nspot1,3\nspot2,4\n")
	write(t, "lacking.csv", "picture,size\n001,3\n999,4\n")
	write(t, "two.csv", "picture,size,age\n001,3,1\n002,4,2\n")
	write(t, "short.txt", "How doth")
	write(t, "bytes.txt", "a\x00b")
	into(t, "mixed/a.txt", "one")
	into(t, "mixed/b/c.txt", "two")
	into(t, "parts/train/a.txt", "one")
	into(t, "parts/test/a.txt", "two")
	into(t, "others/a.doc", "one")
	into(t, "broken/a/1.png", "\x89PNG")
	into(t, "broken/b/2.png", "\x89PNG")
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"waves.csv --target level --window 0", 2, "--window: got 0, want at least 1"},
		{"waves.csv --target level --window 300", 1, "got 140 rows, want at least 301 for one window of 300"},
		{"waves.csv --target level --window 110", 1, "reach into the first part"},
		{"waves.csv --target level --ahead 1", 2, "--ahead: got 1 and no --window"},
		{"waves.csv --target level --window 3 --ahead -1", 2, "--ahead: got -1, want at least 0"},
		{"back.csv --target level --window 1", 1, `column "day" goes back in line 3`},
		{"waves.csv --target level --groups day --by-time day", 2, "--groups: got --by-time too"},
		{"waves.csv --target level --groups dy", 2, `--groups: got "dy", want a column of waves.csv`},
		{"waves.csv --target level --groups level", 2, `--groups: got "level", which is the --target`},
		{"waves.csv --target level --by-time dy", 2, `--by-time: got "dy", want the column of the time of each row`},
		{"waves.csv --target level --by-time sky", 1, `column "sky" has texts, such as "grey", want dates or numbers`},
		{"waves.csv --target level --groups day --window 3", 2, "--window: got it and --groups or --by-time"},
		{"waves.csv --target level --groups day --validation 0", 2, "--validation 0 holds none"},
		{"x.npy y.npy --groups a", 2, "which is no table"},
		{"spots --groups a", 2, "which is no table"},
		{"gap.csv --target level --window 1 --ahead 1 --numbers hour", 1, `the target is missing`},
		{"x.npy", 1, "x.npy has nothing to be learnt, want a table"},
		{"x.npy cut.npy", 1, "the header promises 60×4 of <f4, the file has 80 bytes of values: it was cut short"},
		{"x.npy few.npy", 1, "got 3 targets, x.npy has 60 samples; the two files do not belong together"},
		{"x.npy minus.npy", 1, "it was cut short"},
		{"x.npy none.npy", 1, "none.npy: no such file"},
		{"x.npy waves.csv", 1, "the second is no array in NPY or IDX"},
		{"waves.csv y.npy --target level", 1, "the first is no array in NPY or IDX"},
		{"x.npy y.npy --target level", 2, "got columns (--target and the like) and x.npy, which is no table"},
		{"cut.idx labels.idx", 1, "cut.idx"},
		{"cut.idx.gz labels.idx", 1, "damaged gzip header"},
		{"zip.npz", 1, "it is no NPZ file"},
		{"spots", 1, "spots has nothing to be learnt"},
		{"spots unnamed.csv", 1, "no column of it names pictures in spots, want one with the names of the files; it has \"picture\", \"size\""},
		{"spots lacking.csv", 1, `1 of 2 pictures that it names are not in spots: "999"`},
		{"spots two.csv", 1, `got no target, want the column that is to be learnt of the pictures: one of "size", "age"`},
		{"broken", 1, "1.png"},
		{"short.txt", 1, "short.txt"},
		{"short.txt --length 64", 1, "got 8 ids, want more than 64, the length of a sample"},
		{"bytes.txt --length 2", 1, "it has a zero at byte 1"},
		{"verses.txt --length 0", 2, "--length: got 0, want at least 1"},
		{"waves.csv --target level --words", 2, "got --words or --length, which are for a text to be gone on with"},
		{"mixed", 1, "it has folders and text files beside them"},
		{"parts", 1, "which is a part, not a class; read each part by itself"},
		{"others", 1, "it has no pictures"},
		{"bodies.csv --target kind --text none", 2, `--text: got "none", want a column of bodies.csv`},
		{"waves.csv --target level --prepare nonsense", 2, `--prepare: preparation "nonsense"`},
		{"waves.csv --target level --prepare standardize", 1, "is of texts, want the step one-hot or categories, or the column in --ignore"},
		{"x.npy y.npy --sequence --layers gru~8", 1, "gru"},
		{"images.idx labels.idx --sequence --target a", 2, "which is no table"},
	} {
		args := []string{"train"}
		for _, arg := range strings.Fields(c.args) {
			args = append(args, strings.ReplaceAll(arg, "~", " "))
		}
		status, _, errOut := stheno(args...)
		if status != c.status || !strings.Contains(errOut, c.want) || strings.Contains(errOut, "panic") {
			t.Errorf("%s: status %d, want %d; got\n\t%swant\n\t%s", c.args, status, c.status, errOut, c.want)
		}
	}
	if out := ok(t, "runs"); !strings.HasPrefix(out, "no runs") {
		t.Error(out)
	}
	trainedOn(t, "x.npy", "y.npy", "--epochs", "1", "--out", "pair")
	trainedOn(t, "waves.csv", "--target", "level", "--window", "6", "--epochs", "1", "--out", "series")
	for _, c := range []struct {
		stdin, want string
		args        []string
	}{
		{"1,2,3,4\n", "standard input: wrong magic number", []string{"predict", "pair", "-"}},
		{"\x93NUMPY\x01\x00", "the file ends in its header", []string{"predict", "pair", "-"}},
		{npyFile("<f4", "1, 3", make([]float32, 3)), "the preparation was fitted on x [4]", []string{"predict", "pair", "-"}},
		{npyFile("<f4", "2, 4", make([]float32, 4)), "it was cut short", []string{"predict", "pair", "-"}},
		{waves(3), "got 3 rows, want at least 6 for one window of 6", []string{"predict", "series", "-"}},
		{"", "x.npy has no answers to compare with", []string{"eval", "pair", "x.npy"}},
		{"", "got x.npy alone, want two places", []string{"train", "--resume", "pair", "--epochs", "2", "x.npy"}},
	} {
		var out, errOut bytes.Buffer
		if status := execute(c.args, strings.NewReader(c.stdin), &out, &errOut); status == 0 || !strings.Contains(errOut.String(), c.want) {
			t.Errorf("%q: status %d, got %s, want %s", c.args, status, &errOut, c.want)
		}
	}
	if err := os.Rename("y.npy", "moved.npy"); err != nil {
		t.Fatal(err)
	}
	if status, _, errOut := stheno("train", "--resume", "pair", "--epochs", "2"); status != 1 || !strings.Contains(errOut, "y.npy: put them back") {
		t.Errorf("without the targets: %d, %s", status, errOut)
	}
	ok(t, "train", "--resume", "pair", "--epochs", "2", "--quiet", "x.npy", "moved.npy")
}
