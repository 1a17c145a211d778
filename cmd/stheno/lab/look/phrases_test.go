package look

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// literals are the texts in the source of folders; of errors alone those that an error is made of.
func literals(t *testing.T, errorsAlone bool, folders ...string) (all []string) {
	t.Helper()
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: got %v, %v", folder, paths, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "phrases.go" {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			add := func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					s, err := strconv.Unquote(l.Value)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, s)
				}
				return true
			}
			if !errorsAlone {
				ast.Inspect(file, add)
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				name := ""
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					if of, ok := f.X.(*ast.Ident); ok && slices.Contains([]string{"errors", "fmt", "usage"}, of.Name) {
						name = f.Sel.Name
					}
				case *ast.Ident:
					name = f.Name
				}
				if slices.Contains([]string{"New", "Errorf", "fail"}, name) {
					if l, ok := call.Args[0].(*ast.BasicLit); ok {
						add(l)
					}
				}
				return true
			})
		}
	}
	return all
}

// errorsOf are the texts that the errors of a file of another package are made of.
func errorsOf(t *testing.T, path string) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
			f, _ := call.Fun.(*ast.SelectorExpr)
			if l, ok := call.Args[0].(*ast.BasicLit); ok && f != nil && (f.Sel.Name == "Errorf" || f.Sel.Name == "New") {
				text, err := strconv.Unquote(l.Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, text)
			}
		}
		return true
	})
	if len(all) == 0 {
		t.Errorf("%s: got no errors", path)
	}
	return all
}

// ofPrograms is what package datasets refuses of who calls it, or of what no page brings.
var ofPrograms = []string{
	"got nothing to read from, want the text of a table", "it is not a regular file, want %s", `got separator %q, want one of "," ";" "\t" "|" " ", or none to have it found`, "got column %q in %s, want one of %s",
	"got column %q in Dates, want one of %s", "got column %q in Target (--target) and in Ignore (--ignore), want it in one of them", "column %q is the target and in Texts (--text), want it in one of them",
	"got pictures of %d×%d pixels, want 1 to %d each, or 0 for both", "it has a folder %q, want the classes %s alone", "got nothing to read from, want a picture", "got %d×%d pixels to scale it to, want 1 to %d each",
	"it has no text files", "%w (%s)", "its texts are in folders, which are classes; want texts alone",
}

// forPrograms is what no user of the page is told: what a program says that is not the page, and faults of this one.
var forPrograms = []string{
	"%s came to step %d on its way to step %d", "%s: %w", "%s: %w: remove the file to do without the recorded gradients", "%s: got a %s, want %s", "%s: got %v of %v, want %v of %v: it is another network's",
	"got %.50q several times, want it once", "got %.50q, want run, layer, set or i", "got a form with %.50q, want file, target and look", "got i=%.50q, want the number of a sample", "got no change to check",
	"got no change to make", "got no command, want one, such as play", "got no file to open", "got no form with a file: %w", "got no step to go to", "got the command %.40q, which there is not",
	"got the content type %.50q, want application/json", "got what is no command in JSON: %s", "lab: %w: choose another address, or port 0 for one that is free",
	"got a request for the host %.100q, want %s: open the lab by the address that it printed", "got a request that a page from elsewhere made (%.50s), want those of the lab's own page",
	"got a request that a page from elsewhere made, want those of the lab's own page: %w", "got %q, want HOST:PORT, such as 127.0.0.1:8080; port 0 is any that is free", "got %q, want a port from 0 to 65535",
	"got %q, want one address of this machine, by which the browser reaches it, such as 127.0.0.1:%s", "lab: the folder of uploads %s could not be removed: %w: remove it by hand", "no step comes next",
	"session: Serve was called a second time, want it once", "session: got a nil context, want one, such as context.Background()", "something follows after it", "the state cannot be told: %w",
	"the network keeps %d tensors and got %d: it is another one", "there are no data", "there is no screen", "there is nothing at %.100q", "what was asked for cannot be written: %w",
	"there is no experiment, no run and no file %s: see `stheno list` and `stheno runs`%s", "it is larger than it may be", "a fault of the program: %v", "the lab has ended", "%s", "it is locked", "%s: each new folder is taken away: see what else works there", "got %.60s for a point, want its step and five numbers",
	"%s: the settings that it was changed to: %w", "%s: %w: remove the file to do without what the lab knew of the run", "%s: %w: remove the file to do without the curves",
}

// TestAllRefusalsInChinese: each error of the lab's own packages has a phrase in Chinese, each phrase is said somewhere, and has its numbers and names.
func TestAllRefusalsInChinese(t *testing.T) {
	for _, said := range literals(t, true, "..", "../session", ".") {
		if _, ok := phrases[said]; !ok && !slices.Contains(forPrograms, said) {
			t.Errorf("%q has no words in Chinese", said)
		}
	}
	findings, err := os.ReadFile("../../../../datasets/finding.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`c\.(?:add|leak)\((?:"[^"]*", |[a-z]+, )*("(?:[^"\\]|\\.)*")[,)]`).FindAllStringSubmatch(string(findings), -1)
	if len(said) < 10 {
		t.Errorf("got %d findings", len(said))
	}
	for _, m := range said {
		if en, err := strconv.Unquote(m[1]); err != nil || phrases[en] == "" && en != "leak" {
			t.Errorf("%s has no words in Chinese: %v", m[1], err)
		}
	}
	for _, name := range []string{"csv", "columns", "table", "textfile", "images", "picture", "documents"} {
		for _, said := range errorsOf(t, "../../../../datasets/"+name+".go") {
			said = strings.TrimPrefix(strings.TrimPrefix(said, "datasets: %s: "), "datasets: ")
			said = regexp.MustCompile(`^(?:%s: |line (?:%d|1): |column %q: )+`).ReplaceAllString(said, "")
			ok := said == "%w" || slices.Contains(ofPrograms, said)
			for form := range phrases {
				ok = ok || strings.HasPrefix(said, form) || strings.HasSuffix(form, said)
			}
			if !ok {
				t.Errorf("%s: %q has no words in Chinese", name, said)
			}
		}
	}
	source := strings.Join(literals(t, false, "..", "../session", ".", "../../internal/own", "../../internal/training", "../../../../datasets", "../../../../graph", "../../../../graph/text",
		"../../../../graph/layers", "../../../../graph/train", "../../../../graph/losses", "../../../../graph/ops", "../../../../graph/optim", "../../../../models"), "\x00")
	source = strings.ReplaceAll(source, "--target: got", "column to foretell: got") + "\x00column to foretell: got %q, want a column of %s: one of %s"
	all := maps.Clone(phrases)
	maps.Copy(all, general)
	for en, zh := range all {
		if !strings.Contains(source, en) {
			t.Errorf("nothing says %q any more", en)
		}
		n := len(placeIn.FindAllString(en, -1))
		used := map[string]bool{}
		for _, m := range placeIn.FindAllStringSubmatch(zh, -1) {
			if i, err := strconv.Atoi(m[2]); err != nil || i < 1 || i > n {
				t.Errorf("%q: %q has the place %q of %d", en, zh, m[0], n)
			}
			used[m[2]] = true
		}
		for i, m := range placeIn.FindAllStringSubmatch(en, -1) {
			if strings.Contains("dqw", m[3]) && !used[strconv.Itoa(i+1)] && en != "%d %s not seen in training, %d %s" && !strings.Contains(zh, "壞了") { // what a decoder says is for nobody
				t.Errorf("%q: %q leaves out %q", en, zh, m[0])
			}
		}
		if !strings.ContainsFunc(zh, func(r rune) bool { return r > 0x3000 }) {
			t.Errorf("%q: got %q", en, zh)
		}
	}
}

func TestSaidByPhrases(t *testing.T) {
	for en, zh := range map[string]string{
		"there are 60 runs, which is as many as the lab keeps: remove some":                                                                           "已經有 60 個訓練，實驗室最多留這麼多：請移除一些",
		`column "plot" is left out: it has values that are all different and looks like an id, of which nothing can be learnt; name it in Numbers`:    `欄位「plot」不用：它看起來像編號（values that are all different），學不到東西`,
		`column "plot" is left out: it has 451 different texts in 600 cells and looks like an id, of which nothing can be learnt; name it in Numbers`: `欄位「plot」不用：它看起來像編號（600 格裡有 451 種不同的文字），學不到東西`,
		"layer dropout_1, input of shape (784): got Rate 2, want at least 0 and below 1":                                                              "dropout_1 層，輸入的形狀是 (784)：Rate 是 2，要的是至少 0、小於 1",
		"line 1, column 7: got a call as other frameworks have it, want it without brackets and commas: dense 300 relu":                               "第 1 行第 7 字：這是別的框架的寫法，這裡不用括號和逗號：dense 300 relu",
		`column to foretell: got "kint", want a column of a.csv: one of width, kind; did you mean "kind"?`:                                            `要預測的欄位：沒有「kint」，a.csv 有的欄位是 width, kind；是不是「kind」？`,
		"train: a.csv has too few samples: 2, want at least 4, and many more to learn something":                                                      "a.csv：只有 2 個樣本，至少要 4 個，要學到東西還要多得多",
		"shapes.zip: it has 3 files, want at most 2":                                                                                                  "shapes.zip：裡面有 3 個檔案，最多 2 個",
		"relu diverged: diverged in epoch 2, step 5: the loss is NaN; the first numbers that are not finite: output of dense_2; try a smaller learning rate, inputs scaled to [0, 1], or another initialiser. Go back to a step before it and change something, such as the rate": "relu 發散了：第 2 個 epoch、第 5 步發散了：損失是 NaN，最先不是有限數字的是 dense_2 的 output；可以試試小一點的學習率、縮放到 [0, 1] 的輸入，或別的初始化。請回到之前的步，改點什麼，例如學習率",
		"my shapes.zip: it has 3 files, want at most 2": "my shapes.zip：裡面有 3 個檔案，最多 2 個",
		`column "Größe": got "abc", want a number`:      `欄位「Größe」：這裡是「abc」，要的是數字`,
		`datasets: a.csv: line 31, column "d": got "x", want a number, as in 30 of the column's 31 cells; mend it; a missing one is an empty cell`: `a.csv：第 31 行，欄位「d」：這裡是「x」，要的是數字，和這一欄 31 格裡的 30 格一樣；請改正它；缺的值就讓格子空著`,
		"datasets: wrong.csv: line 3: got 2 cells, want 3 as in the first line; a separator within a cell wants quotes around it":                  "wrong.csv：第 3 行：這裡有 2 格，第一行有 3 格，要一樣多；格子裡有分隔符號的話，整格要放在引號裡",
		"notable.csv: it is a picture; want the text of a table":                                                                                   "notable.csv：這是圖片，要的是表格的文字檔",
		"who knows what": "who knows what",
	} {
		if got := Said(en); got.EN != en || got.ZH != zh {
			t.Errorf("%q: got\n\t%s, want\n\t%s", en, got.ZH, zh)
		}
	}
}

// TestPreparationRefusedOnPage: what a preparation refuses is said with what can be done without a program, in both languages.
func TestPreparationRefusedOnPage(t *testing.T) {
	table, err := datasets.ReadCSV(strings.NewReader("rooms,town,price\n1,a,2\n,b,3\n2,a,4\n3,b,5\n"), "houses.csv", datasets.Columns{Target: []string{"price"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		steps  []datasets.Step
		en, zh string
	}{
		{[]datasets.Step{datasets.FillMissing{}}, `datasets: houses.csv: preparation: column "town" is of texts, want the step one-hot or categories, or the table without that column`, `houses.csv：前處理：欄位「town」是文字，要有 one-hot 或 categories 這一步，或從表格拿掉這一欄`},
		{[]datasets.Step{datasets.OneHot{}}, `datasets: houses.csv: line 3: column "rooms" is missing or not finite after the preparation; put the step fill-missing before the others`, `houses.csv：前處理之後，第 3 行，欄位「rooms」缺值或不是有限的數字；請把 fill-missing 這一步放在最前面`},
	} {
		_, err := datasets.Prepare(table, c.steps...)
		if err == nil {
			t.Fatalf("%v: want it refused", c.steps)
		}
		if said := Said(err.Error()); said.EN != c.en || said.ZH != c.zh {
			t.Errorf("got\n\t%s\n\t%s, want\n\t%s\n\t%s", said.EN, said.ZH, c.en, c.zh)
		}
	}
}

// TestLayersInChinese says of each layer what it is in both languages, with the same shapes.
func TestLayersInChinese(t *testing.T) {
	words := map[string]bool{}
	for _, w := range AllWords().Layers {
		words[w.Word] = true
		_, shapes, _ := strings.Cut(w.About.EN, ": [")
		if _, ok := abouts[w.Word]; !ok || !strings.HasSuffix(w.About.ZH, shapes) {
			t.Errorf("%s: got %+v", w.Word, w.About)
		}
	}
	for word := range abouts {
		if !words[word] {
			t.Errorf("there is no layer %s", word)
		}
	}
}
