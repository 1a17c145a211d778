package look

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/models"
)

// forms are those that the rules of package inspect put evidence together of, as they stand in its source, and codes those that something is found of.
func forms(t *testing.T) (texts, codes []string) {
	t.Helper()
	paths, err := filepath.Glob("../../../../graph/inspect/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got %v, %v", paths, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, _ := call.Fun.(*ast.Ident)
			if f == nil {
				return true
			}
			switch f.Name {
			case "say", "joined", "written":
				form := call.Args[0]
				if f.Name == "written" {
					form = call.Args[1]
				}
				switch l := form.(type) {
				case *ast.BasicLit:
					s, err := strconv.Unquote(l.Value)
					if err != nil {
						t.Fatal(err)
					}
					texts = append(texts, s)
				case *ast.Ident:
					if l.Name != "by" { // of joined itself
						t.Errorf("%s: %s(%s) says something that no form is written of", path, f.Name, l.Name)
					}
				default:
					t.Errorf("%s: %s of %T says something that no form is written of", path, f.Name, l)
				}
			case "found", "foundIn":
				code := call.Args[0]
				if f.Name == "foundIn" {
					code = call.Args[1]
				}
				if id := code.(*ast.Ident); id.Name != "code" {
					codes = append(codes, id.Name)
				}
			}
			return true
		})
	}
	return texts, codes
}

// verb is a place in a form of fmt, with its index where it has one.
var verb = regexp.MustCompile(`%([^%a-z\[]*)(?:\[(\d+)\])?([a-z%])`)

// figuresOf are the places of a form, sorted by what stands there: "2 .1e" is the second, in scientific notation.
func figuresOf(form string) (all []string) {
	at := 1
	for _, m := range verb.FindAllStringSubmatch(form, -1) {
		if m[3] == "%" {
			all = append(all, "%")
			continue
		}
		if m[2] != "" {
			at, _ = strconv.Atoi(m[2])
		}
		all = append(all, fmt.Sprint(at, " ", m[1], m[3]))
		at++
	}
	slices.Sort(all)
	return all
}

var digit = regexp.MustCompile(`[0-9]+`)

func numbersIn(s string) []string {
	all := digit.FindAllString(s, -1)
	slices.SortFunc(all, cmp.Compare[string])
	return all
}

// TestAllEvidenceInChinese has a Chinese form for each that package inspect says evidence by, with the same figures: those that stand in it and those that are put in.
func TestAllEvidenceInChinese(t *testing.T) {
	texts, codes := forms(t)
	if len(texts) < 80 {
		t.Fatalf("found %d forms: %q", len(texts), texts)
	}
	for _, form := range texts {
		said, ok := evidence[form]
		if !ok || said == form && strings.ContainsFunc(verb.ReplaceAllString(form, ""), func(r rune) bool { return r >= 'a' && r <= 'z' }) {
			t.Errorf("%q: got %q, want it in Chinese", form, said)
			continue
		}
		if got, want := figuresOf(said), figuresOf(form); !slices.Equal(got, want) {
			t.Errorf("%q: %q has the figures %q, want %q", form, said, got, want)
		}
		if got, want := numbersIn(verb.ReplaceAllString(said, "")), numbersIn(verb.ReplaceAllString(form, "")); !slices.Equal(got, want) && form != "one number" {
			t.Errorf("%q: %q has the numbers %q, want %q", form, said, got, want)
		}
		if rest := verb.ReplaceAllString(said, ""); strings.ContainsAny(rest, ";,.") && !strings.Contains(form, "0.") {
			t.Errorf("%q: %q has another language's signs", form, said)
		}
	}
	for form := range evidence {
		if !slices.Contains(texts, form) {
			t.Errorf("nothing says %q any more", form)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "../../../../graph/inspect/diagnose.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" && !slices.Contains(codes, v.Names[0].Name) {
				t.Errorf("%s: nothing finds it by words that have a Chinese form", v.Names[0].Name)
			}
		}
		return true
	})
}

// foreign are figures in forms that the page has not.
var foreign = regexp.MustCompile(`(?:^|[^0-9])\.[0-9]|[0-9] %|[0-9]e[-+]|(?:^|[ (（])-[0-9]`)

func TestFiguresAsOnPage(t *testing.T) {
	for in, want := range map[string]string{
		"12 % of 3.1e-05 to -2.0e+07 (-.5), 1e-12": "12% of 3.1e−5 to −2e7 (−.5), 1e−12", "dense-1 and 1-2": "dense-1 and 1-2", "-3 below": "−3 below",
	} {
		if got := asOnPage(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestEvidenceOfRuns diagnoses networks that fail in several ways: what is said of each has in Chinese the same figures as in English, and no English but names.
func TestEvidenceOfRuns(t *testing.T) {
	seen, shares := map[inspect.Code]bool{}, 0
	for name, change := range map[string]func(*models.Experiment){
		"mse": nil, "batch-10000": nil, "relu": nil, "adam": nil, "raw-pixels": nil,
		"deep-sigmoid": func(e *models.Experiment) { e.Hidden = slices.Repeat([]int{20}, 9) },
		"dropout":      func(e *models.Experiment) { e.Dropout = .9 },
		"noise":        func(e *models.Experiment) { e.LearningRate = 1e4 },
		"batch-1":      func(e *models.Experiment) { e.LearningRate = 3 },
	} {
		e := experiment(t, name)
		e.TrainSamples, e.Epochs = 1000, 4
		if e.Hidden = slices.Repeat([]int{20}, len(e.Hidden)); change != nil {
			change(&e)
		}
		s := digits(t, e)
		record, err := e.Record(t.Context(), s.RawFit, s.RawTest, models.RunOptions{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		found, err := inspect.Diagnose(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			seen[f.Code] = true
			_, ok := f.EvidenceIn(evidence)
			said := measured(f)
			if !ok || strings.Contains(said.EN+said.ZH, "%!") || !slices.Equal(numbersIn(said.ZH), numbersIn(said.EN)) || strings.Contains(said.ZH, " the ") {
				t.Errorf("%s, %s: %q: got %q, %v", name, f.Code, f.Evidence, said, ok)
			}
			if m := foreign.FindString(said.EN + " " + said.ZH); m != "" {
				t.Errorf("%s, %s: the page writes no %q: %q", name, f.Code, m, said)
			}
			if m := regexp.MustCompile(`training accuracy (\.[0-9]{4})`).FindStringSubmatch(f.Evidence); m != nil {
				shares++
				share, err := strconv.ParseFloat(m[1], 64)
				got := regexp.MustCompile(`training accuracy ([0-9.]+)%`).FindStringSubmatch(said.EN)
				if err != nil || got == nil {
					t.Errorf("%s, %s: got %q of %q", name, f.Code, said.EN, f.Evidence)
				} else if v, err := strconv.ParseFloat(got[1], 64); err != nil || math.Abs(v-100*share) > .06 {
					t.Errorf("%s, %s: got %q of %q", name, f.Code, said.EN, f.Evidence)
				}
			}
		}
	}
	if shares < 3 {
		t.Errorf("%d findings told an accuracy: want more to look at", shares)
	}
	if len(seen) < 8 {
		t.Errorf("only %v was found: want more to look at", seen)
	}
	if said, ok := (inspect.Finding{Evidence: "read from a file"}).EvidenceIn(evidence); ok || said != "read from a file" {
		t.Errorf("got %q, %v", said, ok)
	}
}

// TestFiguresAlone: a figure's form that Chinese has as it is English has on the page, too.
func TestFiguresAlone(t *testing.T) {
	for form, chinese := range evidence {
		if form == chinese && strings.HasPrefix(form, "%.") && figures[form] != form {
			t.Errorf("got %q for the form %q, want it as it is", figures[form], form)
		}
	}
}
