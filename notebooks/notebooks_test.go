// Package notebooks has the lecture as Go notebooks, in English and, under zh, in Chinese; see the scripts setup and run. The
// tests hold what is saved in them to account.
package notebooks

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var folder = flag.String("notebooks", ".", "the folder whose notebooks are checked")

// lines is text that Jupyter writes as a string or as a list of them.
type lines string

func (l *lines) UnmarshalJSON(b []byte) error {
	var many []string
	if err := json.Unmarshal(b, &many); err == nil {
		*l = lines(strings.Join(many, ""))
		return nil
	}
	return json.Unmarshal(b, (*string)(l))
}

type cell struct {
	Type    string `json:"cell_type"`
	Source  lines
	Count   *int `json:"execution_count"`
	Outputs []struct {
		Type string `json:"output_type"`
		Name string
		Text lines
		Data map[string]lines
	}
}

type notebook struct {
	Cells    []cell
	Metadata struct {
		Kernel struct{ Name string } `json:"kernelspec"`
	}
}

func read(t *testing.T, path string) (notebook, string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var n notebook
	if err := json.Unmarshal(raw, &n); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n, string(raw)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: got %d notebooks, error %v", dir, len(paths), err)
	}
	for i, p := range paths {
		paths[i] = filepath.Base(p)
	}
	return paths
}

// wrong says what is wrong with a notebook's outputs; nothing if all is well. A cell that panics, exits or does not compile does
// not stop Jupyter: it shows in what the cell wrote to standard error, to which a cell that is well writes nothing.
func wrong(n notebook) []string {
	var all []string
	shown := 0
	for _, c := range n.Cells {
		if c.Type != "code" {
			continue
		}
		first, _, _ := strings.Cut(string(c.Source), "\n")
		if c.Count == nil {
			all = append(all, "was not run: "+first)
		}
		for _, o := range c.Outputs {
			shown++
			switch {
			case o.Type == "error":
				all = append(all, "ends in an error: "+first)
			case o.Type == "stream" && o.Name == "stderr":
				all = append(all, "wrote to standard error: "+first+"\n"+string(o.Text))
			}
		}
	}
	if shown == 0 {
		all = append(all, "has no outputs")
	}
	return all
}

func TestOutputs(t *testing.T) {
	dirs := []string{*folder}
	if *folder == "." {
		dirs = append(dirs, "zh")
	}
	for _, dir := range dirs {
		for _, name := range names(t, dir) {
			n, _ := read(t, filepath.Join(dir, name))
			for _, what := range wrong(n) {
				t.Errorf("%s: a cell %s", filepath.Join(dir, name), what)
			}
		}
	}
}

// TestWrongSees has one broken notebook for each thing that the check above is there to see.
func TestWrongSees(t *testing.T) {
	for want, cell := range map[string]string{
		"was not run":             `{"cell_type": "code", "source": ["%%\n", "x()"], "execution_count": null, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}`,
		"panic: oh no":            `{"cell_type": "code", "source": "%%", "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stderr", "text": ["panic: oh no\n"]}]}`,
		"wrote to standard error": `{"cell_type": "code", "source": "%%", "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stderr", "text": "exit status 1\n"}]}`,
		"ends in an error":        `{"cell_type": "code", "source": "%%", "execution_count": 1, "outputs": [{"output_type": "error", "ename": "ERROR"}]}`,
		"has no outputs":          `{"cell_type": "code", "source": "%%", "execution_count": 1, "outputs": []}`,
		"":                        `{"cell_type": "code", "source": "%%", "execution_count": 1, "outputs": [{"output_type": "display_data", "data": {"text/markdown": ["fine"]}}]}`,
	} {
		var n notebook
		if err := json.Unmarshal([]byte(`{"cells": [`+cell+`]}`), &n); err != nil {
			t.Fatal(err)
		}
		got := wrong(n)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0], want)) {
			t.Errorf("%s: got %q, want %q", cell, got, want)
		}
	}
}

// TestPictures: those that are saved are PNG, since most viewers on the web show no SVG.
func TestPictures(t *testing.T) {
	for _, dir := range []string{".", "zh"} {
		for _, name := range names(t, dir) {
			n, _ := read(t, filepath.Join(dir, name))
			pictures := 0
			for _, c := range n.Cells {
				for _, o := range c.Outputs {
					if o.Data["image/svg+xml"] != "" {
						t.Errorf("%s: got a picture in SVG, want PNG: save with notebooks/run --save", filepath.Join(dir, name))
					}
					if strings.HasPrefix(string(o.Data["image/png"]), "iVBORw0KGgo") {
						pictures++
					}
				}
			}
			if pictures == 0 {
				t.Errorf("%s: got no picture", filepath.Join(dir, name))
			}
		}
	}
}

// TestChineseTwins: the same notebooks with the same code, cell by cell, and text of their own.
func TestChineseTwins(t *testing.T) {
	english := names(t, ".")
	if chinese := names(t, "zh"); !slices.Equal(chinese, english) {
		t.Fatalf("got %v under zh, want %v", chinese, english)
	}
	for _, name := range english {
		en, _ := read(t, name)
		zh, _ := read(t, filepath.Join("zh", name))
		if len(zh.Cells) != len(en.Cells) {
			t.Errorf("%s: got %d cells in Chinese, want %d", name, len(zh.Cells), len(en.Cells))
			continue
		}
		for i, c := range en.Cells {
			switch z := zh.Cells[i]; {
			case z.Type != c.Type:
				t.Errorf("%s, cell %d: got %s in Chinese, want %s", name, i+1, z.Type, c.Type)
			case c.Type == "code" && long(string(c.Source)) != "":
				t.Errorf("%s, cell %d: a line of 100 columns or more, which runs out of the page: %s", name, i+1, long(string(c.Source)))
			case c.Type == "code" && strings.Contains(string(c.Source), "gonbui"):
				t.Errorf("%s, cell %d: it connects to GoNB by hand, want the import of notebooks/tools/gonb alone", name, i+1)
			case c.Type == "code" && z.Source != c.Source:
				t.Errorf("%s, cell %d: the code in Chinese differs:\n%s\nwant\n%s", name, i+1, z.Source, c.Source)
			case c.Type == "code" && withoutChinese(z) != "":
				t.Errorf("%s, cell %d: an output without Chinese, want what notebooks/save makes of it: %s", name, i+1, withoutChinese(z))
			case c.Type == "markdown" && !regexp.MustCompile(`\p{Han}`).MatchString(string(z.Source)):
				t.Errorf("%s, cell %d: the text has no Chinese: %s", name, i+1, z.Source)
			}
		}
	}
}

// withoutChinese is the first table or sentence of a cell's outputs that has no Chinese; "" if there is none.
func withoutChinese(c cell) string {
	for _, o := range c.Outputs {
		if text := string(o.Data["text/markdown"]); text != "" && !regexp.MustCompile(`\p{Han}`).MatchString(text) {
			return text
		}
	}
	return ""
}

// TestChinesePictures: the words of the Chinese notebooks' pictures, which notebooks/save writes beside them, are in Chinese; the English ones' are there too.
func TestChinesePictures(t *testing.T) {
	raw, err := os.ReadFile("zh/words.json")
	if err != nil {
		t.Fatal(err)
	}
	var chinese map[string]string
	if err := json.Unmarshal(raw, &chinese); err != nil {
		t.Fatal(err)
	}
	for want, line := range map[string]string{"training samples": "training samples", "Gradient of the first step": "Gradient of the first step", "": "訓練樣本", "loss": "loss"} {
		if got := english([]string{"σ = 0.5", "dense_1", line}, chinese); got != want {
			t.Fatalf("%s: got %q, want %q", line, got, want)
		}
	}
	for _, name := range names(t, ".") {
		for _, path := range []string{name, filepath.Join("zh", name)} {
			n, _ := read(t, path)
			for i, c := range n.Cells {
				for _, o := range c.Outputs {
					words := string(o.Data["text/plain"])
					switch {
					case o.Data["image/png"] == "", words == "" && strings.Contains(string(c.Source), "show.Drawing"): // of Graphviz, which is code
					case words == "":
						t.Errorf("%s, cell %d: a picture without its words, want what notebooks/run --save makes of it", path, i+1)
					case path != name && english(strings.Split(words, "\n"), chinese) != "":
						t.Errorf("%s, cell %d: a picture says %q, want it in Chinese: see zh/words.json, and save it with notebooks/run --save", path, i+1, english(strings.Split(words, "\n"), chinese))
					}
				}
			}
		}
	}
}

// english is the first of a picture's words that has a Chinese form and is not in it, or is a sentence; "" if there is none.
func english(words []string, chinese map[string]string) string {
	for _, w := range words {
		if to, ok := chinese[w]; ok && to != w || sentence.MatchString(w) && !regexp.MustCompile(`\p{Han}`).MatchString(w) {
			return w
		}
	}
	return ""
}

var sentence = regexp.MustCompile(`[A-Za-z']+ [A-Za-z']+`)

// long is the first line that is too wide for a page; "" if there is none. A tab takes four columns.
func long(code string) string {
	for line := range strings.Lines(code) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) >= 100 {
			return line
		}
	}
	return ""
}

// place matches paths that only one machine has.
var place = regexp.MustCompile(`(/home/|/root/|/Users/|/work/|/tmp/|/usr/local/|[A-Z]:\\\\)[^\s"\\]*`)

// encoded matches a picture's bytes, which may look like anything.
var encoded = regexp.MustCompile(`"image/png": "[^"]*"`)

func TestNoPlacesOfOneMachine(t *testing.T) {
	if place.FindString("at /home/ada/x.go") == "" || place.FindString("a/b") != "" {
		t.Fatal("the pattern does not see what it looks for")
	}
	for _, dir := range []string{".", "zh"} {
		for _, name := range names(t, dir) {
			n, raw := read(t, filepath.Join(dir, name))
			if len(raw) > 1_000_000 {
				t.Errorf("%s: got %d bytes, want less than 1,000,000, which a repository's web page still shows", filepath.Join(dir, name), len(raw))
			}
			raw = encoded.ReplaceAllString(raw, "")
			if found := place.FindString(raw); found != "" {
				t.Errorf("%s: got the path %s", filepath.Join(dir, name), found)
			}
			if n.Metadata.Kernel.Name != "stheno" {
				t.Errorf("%s: got kernel %q, want stheno, which notebooks/setup makes", filepath.Join(dir, name), n.Metadata.Kernel.Name)
			}
		}
	}
}
