package main

import (
	"bytes"
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
)

// atHome gives a test an empty folder to work and to keep runs in.
func atHome(t *testing.T) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Chdir(t.TempDir())
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// plants are rows whose kind and price follow from their columns, with a column of texts and cells that are missing.
func plants(rows int) string {
	var b strings.Builder
	b.WriteString("height,width,soil,kind,price,dear\n")
	for i := range rows {
		height, width := 10+float64(i*37%100)/4, 3+float64(i*53%90)/10
		soil, kind, dear := []string{"sand", "clay", "peat"}[i%3], "fern", "no"
		if height > 22 {
			kind = "reed"
		}
		if width > 8 {
			kind = "gunnera"
		}
		price := 1000*height + 500*width
		if soil == "peat" {
			price += 4000
		}
		if price > 28000 {
			dear = "yes"
		}
		cell := fmt.Sprint(height)
		if i == 7 {
			cell = "NA"
		}
		fmt.Fprintf(&b, "%s,%v,%s,%s,%.0f,%s\n", cell, width, soil, kind, price, dear)
	}
	return b.String()
}

// trained is what train --json prints.
type trained struct {
	Run        string
	Samples    map[string]int
	Classes    []string
	Layers     string
	Best       int                `json:"best_epoch"`
	Validation map[string]float64 `json:"validation"`
	Confusion  [][]int
	Residuals  []struct{ RMSE, MAE float64 }
	Findings   []struct{ Code, Column string }
	History    []struct{ Validation map[string]float64 }
}

func trainedOn(t *testing.T, args ...string) (so trained) {
	t.Helper()
	status, out, errOut := stheno(append([]string{"train", "--json", "--quiet"}, args...)...)
	if status != 0 || errOut != "" {
		t.Fatalf("train %q: status %d, %s", args, status, errOut)
	}
	if err := json.Unmarshal([]byte(out), &so); err != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("train %q: %v, %s", args, err, out)
	}
	return so
}

// said is what predict --json prints of a row.
type said struct {
	Row           int
	Name          string
	Probabilities []float64
	Values        map[string]float64
}

func saidOf(t *testing.T, stdin string, args ...string) (all []said) {
	t.Helper()
	var out, errOut bytes.Buffer
	if status := execute(append([]string{"predict", "--json"}, args...), strings.NewReader(stdin), &out, &errOut); status != 0 {
		t.Fatalf("predict %q: status %d, %s", args, status, &errOut)
	}
	for d := json.NewDecoder(&out); d.More(); {
		var s said
		if err := d.Decode(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestTrain: classes, two classes and a number are learnt from a table, and the run answers for rows that it has not seen.
func TestTrain(t *testing.T) {
	atHome(t)
	write(t, "plants.csv", plants(300))
	so := trainedOn(t, "plants.csv", "--target", "kind", "--ignore", "price,dear", "--out", "kinds", "--epochs", "60")
	if so.Validation["accuracy"] < .9 || so.Samples["training"]+so.Samples["validation"] != 300 || so.Samples["validation"] < 55 || so.Samples["validation"] > 65 ||
		strings.Join(so.Classes, " ") != "fern gunnera reed" || so.Layers != "dense 64 relu * 2, dense 3 softmax" || len(so.Confusion) != 3 {
		t.Errorf("classes: %+v", so)
	}
	best := 0
	for i, e := range so.History {
		if e.Validation["loss"] < so.History[best].Validation["loss"] {
			best = i
		}
	}
	if so.Best != best+1 || so.Validation["loss"] != so.History[best].Validation["loss"] {
		t.Errorf("epoch %d is said to be the best, with loss %v; it is %d, %v", so.Best, so.Validation["loss"], best+1, so.History[best].Validation["loss"])
	}
	// By name, in another order, one column more, an unknown text, a missing cell.
	rows := "soil,width,more,height\nclay,9.5,1,12\nchalk,4,2,30\npeat,4,3,\n"
	for _, of := range [][]said{saidOf(t, rows, "kinds", "-"), func() []said { write(t, "rows.csv", rows); return saidOf(t, "", "kinds", "rows.csv") }()} {
		if len(of) != 3 || of[0].Name != "gunnera" || of[1].Name != "reed" || of[2].Row != 3 {
			t.Errorf("predict: %+v", of)
		}
		if sum := of[0].Probabilities[0] + of[0].Probabilities[1] + of[0].Probabilities[2]; math.Abs(sum-1) > 1e-5 {
			t.Errorf("probabilities sum to %v", sum)
		}
	}
	ok(t, "save", "kinds", "-o", "kinds.safetensors")
	if a, b := fmt.Sprint(saidOf(t, rows, "kinds", "-")), fmt.Sprint(saidOf(t, rows, "kinds.safetensors", "-")); a != b {
		t.Errorf("the run says %s, its file %s", a, b)
	}
	write(t, "rows.csv", strings.Replace(rows, "chalk", "sand", 1))
	for _, args := range [][]string{{"eval", "kinds"}, {"eval", "kinds", "plants.csv"}, {"eval", "kinds.safetensors", "plants.csv"}, {"predict", "kinds", "rows.csv"}} {
		out := ok(t, args...)
		for _, line := range strings.Split(out, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%q: a line of %d: %s", args, len([]rune(line)), line)
			}
		}
		if !strings.Contains(out, "gunnera") {
			t.Errorf("%q: %s", args, out)
		}
	}
	for _, args := range [][]string{{"summary", "kinds"}, {"diagnose", "kinds"}, {"gradients", "--checkpoint", "kinds"}, {"export", "kinds", "-o", "kinds.npz"}} {
		ok(t, args...)
	}
	if status, _, errOut := stheno("report", "kinds"); status != 0 {
		t.Error(errOut)
	}

	so = trainedOn(t, "plants.csv", "--target", "price", "--ignore", "dear,kind", "--out", "prices", "--epochs", "60")
	if so.Validation["r2"] < .95 || len(so.Residuals) != 1 || math.Abs(so.Residuals[0].RMSE-so.Validation["rmse"]) > 1e-9 || so.Validation["rmse"] < 10 {
		t.Errorf("a number: %+v", so)
	}
	if of := saidOf(t, "height,width,soil\n20,6,clay\n", "prices", "-"); len(of) != 1 || math.Abs(of[0].Values["price"]-23000) > 1500 {
		t.Errorf("a price of 23000: %+v", of)
	}
	so = trainedOn(t, "plants.csv", "--target", "dear", "--ignore", "kind", "--epochs", "10")
	if so.Validation["auc"] < .9 || so.Validation["accuracy"] < .8 {
		t.Errorf("two classes: %+v", so.Validation)
	}
}

// TestTrainResumes: a run that was stopped ends as one that was not, and other data are refused.
func TestTrainResumes(t *testing.T) {
	atHome(t)
	write(t, "plants.csv", plants(120))
	args := []string{"plants.csv", "--target", "kind", "--ignore", "price,dear"}
	trainedOn(t, append(args, "--out", "whole", "--epochs", "4")...)
	trainedOn(t, append(args, "--out", "parts", "--epochs", "2")...)
	trainedOn(t, "--resume", "parts", "--epochs", "4")
	if a, b := fmt.Sprint(saidOf(t, plants(9), "whole", "-")), fmt.Sprint(saidOf(t, plants(9), "parts", "-")); a != b {
		t.Errorf("whole: %s\nin parts: %s", a, b)
	}
	if status, _, errOut := stheno("train", "--resume", "parts"); status != 0 || !strings.Contains(errOut, "is finished") {
		t.Errorf("%d, %s", status, errOut)
	}
	write(t, "plants.csv", strings.Replace(plants(120), "clay", "sand", 9))
	if status, _, errOut := stheno("run", "--resume", "parts", "--epochs", "5"); status != 1 || !strings.Contains(errOut, "other samples") {
		t.Errorf("of other samples: %d, %s", status, errOut)
	}
	if err := os.Remove("plants.csv"); err != nil {
		t.Fatal(err)
	}
	if status, _, errOut := stheno("eval", "parts"); status != 1 || !strings.Contains(errOut, "no longer at") {
		t.Errorf("without the file: %d, %s", status, errOut)
	}
}

// TestTrainPictures: folders of pictures, larger than a network takes, and one that is asked about.
func TestTrainPictures(t *testing.T) {
	atHome(t)
	for i := range 40 {
		side := []string{"left", "right"}[i%2]
		m := image.NewGray(image.Rect(0, 0, 12, 12))
		for y := range 12 {
			for x := range 12 {
				if (x < 6) == (side == "left") {
					m.SetGray(x, y, color.Gray{Y: uint8(150 + (i*7+x*y)%100)})
				}
			}
		}
		name := filepath.Join("sides", side, fmt.Sprintf("%d.png", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	so := trainedOn(t, "sides", "--out", "run", "--epochs", "6")
	if so.Validation["accuracy"] != 1 || !strings.HasPrefix(so.Layers, "conv ") {
		t.Errorf("%+v", so)
	}
	if of := saidOf(t, "", "run", filepath.Join("sides", "left", "2.png")); len(of) != 1 || of[0].Name != "left" {
		t.Errorf("%+v", of)
	}
	picture, err := os.ReadFile(filepath.Join("sides", "right", "3.png"))
	if err != nil {
		t.Fatal(err)
	}
	if of := saidOf(t, string(picture), "run", "-"); len(of) != 1 || of[0].Name != "right" {
		t.Errorf("%+v", of)
	}
	ok(t, "eval", "run", "sides")
	write(t, filepath.Join("sides", "left", "3.png"), string(picture)) // a name that is there twice
	out := ok(t, "predict", "run", "sides")
	for _, name := range []string{"0.png left", "39.png right", filepath.Join("sides", "left", "3.png") + " right", filepath.Join("sides", "right", "3.png") + " right"} {
		if !strings.Contains(" "+strings.Join(strings.Fields(out), " "), " "+name) {
			t.Errorf("predict has no %q in\n%s", name, out)
		}
	}
}

// TestTrainRefuses: what cannot be trained says why, and leaves no run.
func TestTrainRefuses(t *testing.T) {
	atHome(t)
	write(t, "plants.csv", plants(40))
	write(t, "same.csv", "a,price\n"+strings.Repeat("1,3.5\n2,3.5\n", 9))
	write(t, "one.csv", "a,kind\n"+strings.Repeat("1,fern\n2,fern\n", 9))
	write(t, "empty.csv", "")
	write(t, "head.csv", "a,kind\n")
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 2, "want one file or folder of data"},
		{"plants.csv", 2, "got no --target, want the column of plants.csv that is to be learnt: one of height, width, soil, kind, price, dear"},
		{"plants.csv --target kint", 2, `--target: got "kint", want a column of plants.csv: one of height, width, soil, kind, price, dear; did you mean "kind"?`},
		{"plants.csv --target kind --ignore prise", 2, `--ignore: got "prise"`},
		{"none.csv --target kind", 1, "none.csv: no such file"},
		{"one.csv --target kind", 1, `every sample is of class "fern"`},
		{"same.csv --target price", 1, "price is 3.5 in every sample, so that there is nothing to foretell: want a target that varies"},
		{"empty.csv --target kind", 1, "empty.csv"},
		{"head.csv --target kind", 1, "got no rows"},
		{"plants.csv --target kind --validation 1", 2, "--validation: got 1, want a share"},
		{"plants.csv --target kind --layers denze", 2, "--layers: line 1, column 1"},
		{"plants.csv --target kind --layers dense~4~softmax", 1, "3"},
		{"plants.csv --target kind --loss mze", 2, "--loss"},
		{"plants.csv --target kind --early-stopping -1", 2, "--early-stopping: got -1, want at least 0"},
		{"--resume none", 2, "there is no run none"},
	} {
		args := []string{"train"}
		for _, arg := range strings.Fields(c.args) {
			args = append(args, strings.ReplaceAll(arg, "~", " "))
		}
		status, _, errOut := stheno(args...)
		if status != c.status || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: status %d, want %d; got\n\t%swant\n\t%s", c.args, status, c.status, errOut, c.want)
		}
	}
	if out := ok(t, "runs"); !strings.HasPrefix(out, "no runs") {
		t.Error(out)
	}
}

// TestTrainFlags: the flags of a training are those of run; what is part of the bits is kept, so that a run that was stopped ends as one that was not.
func TestTrainFlags(t *testing.T) {
	atHome(t)
	write(t, "plants.csv", plants(150))
	args := []string{"train", "plants.csv", "--target", "kind", "--ignore", "price,dear", "--epochs", "6", "--optimizer", "adam 0.01", "--schedule", "warmup 3, cosine", "--clip", "layer=0.5", "--weight-decay", "0.01",
		"--ema", "0.9", "--freeze", "dense_1", "--shards", "2", "--validation", "0.3", "--early-stopping", "4"}
	status, out, errOut := stheno(append(args, "--out", "whole")...)
	if status != 0 {
		t.Fatal(errOut)
	}
	for _, word := range []string{"ema(clip(scheduled(adam 0.01", "--shards 2 --freeze dense_1", "--validation 0.3 --early-stopping 4"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), word) {
			t.Errorf("no word of %q: %s", word, out)
		}
	}
	if out := ok(t, append(args, "--out", "parts", "--until", "loss=9", "--quiet")...); !strings.Contains(out, "1 epochs: ") {
		t.Errorf("not stopped: %s", out)
	}
	ok(t, "train", "--resume", "parts", "--log", "log.csv", "--quiet")
	if a, b := fmt.Sprint(saidOf(t, plants(9), "whole", "-")), fmt.Sprint(saidOf(t, plants(9), "parts", "-")); a != b {
		t.Errorf("whole: %s\nin parts: %s", a, b)
	}
	if text, err := os.ReadFile("log.csv"); err != nil || !strings.HasPrefix(string(text), "epoch,step,rate,loss,accuracy,validation_loss") || !strings.Contains(string(text), "\n2,") {
		t.Errorf("log: %q, %v", text, err)
	}
	for want, args := range map[string][]string{
		"leave out --clip":          {"--resume", "whole", "--clip", "1"},
		"--freeze: got \"dense_7\"": {"plants.csv", "--target", "kind", "--freeze", "dense_7"},
		"nothing is held out":       {"plants.csv", "--target", "kind", "--validation", "0", "--early-stopping", "2"},
		"at most 32":                {"plants.csv", "--target", "kind", "--shards", "33"},
		"--until: got":              {"plants.csv", "--target", "kind", "--until", "accuracy"},
	} {
		if said := refused(t, 2, append([]string{"train"}, args...)...); !strings.Contains(said, want) {
			t.Errorf("%q: got %q, want a word of %q", args, said, want)
		}
	}
}

// Whatever a network ends in, what it says of classes are probabilities, in predict and in the report.
func TestProbabilitiesOfLogits(t *testing.T) {
	atHome(t)
	write(t, "plants.csv", plants(60))
	for _, last := range []string{"", " log-softmax", " softmax"} {
		ok(t, "train", "plants.csv", "--target", "kind", "--layers", "dense 4 tanh, dense 3"+last, "--epochs", "2", "--quiet", "--out", "plants"+last)
		first, _, _ := strings.Cut(ok(t, "predict", "plants"+last, "plants.csv", "--json"), "\n")
		var said struct {
			Probability   float64
			Probabilities []float64
		}
		if err := json.Unmarshal([]byte(first), &said); err != nil {
			t.Fatal(err)
		}
		if p := said.Probabilities; len(p) != 3 || !(math.Abs(p[0]+p[1]+p[2]-1) < 1e-5) || said.Probability != max(p[0], p[1], p[2]) || min(p[0], p[1], p[2]) < 0 {
			t.Errorf("dense 3%s: got %s, want three probabilities", last, first)
		}
	}
	ok(t, "run", "relu", "--layers", "dense 10 weights=normal:9 log-softmax", "--train-samples", "50", "--epochs", "1", "--quiet", "--out", "digits")
	page := ok(t, "report", "digits", "-o", "-")
	if !strings.Contains(page, "Most confidently wrong, test set (100.0 % sure") {
		_, rest, _ := strings.Cut(page, "Most confidently")
		t.Errorf("got most confidently%.60s…, want 100.0 %% sure", rest)
	}
}
