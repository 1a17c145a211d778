package look

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/models"
)

// advices are the texts that the rules of package inspect put advice together of, as they stand in its source.
func advices(t *testing.T) (texts []string) {
	t.Helper()
	paths, err := filepath.Glob("../../../../graph/inspect/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got %v, %v", paths, err)
	}
	leaves := func(e ast.Expr) {
		ast.Inspect(e, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				s, err := strconv.Unquote(l.Value)
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, s)
			}
			return true
		})
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
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "found" || f.Name == "foundIn") {
					leaves(n.Args[len(n.Args)-1])
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					switch to := to.(type) {
					case *ast.Ident:
						if to.Name == "advice" || to.Name == "ways" {
							leaves(n.Rhs[i])
						}
					case *ast.SelectorExpr:
						if to.Sel.Name == "Advice" {
							leaves(n.Rhs[i])
						}
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "orFaster" {
					leaves(&ast.FuncLit{Type: n.Type, Body: n.Body})
				}
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Advice" {
					leaves(n.Value)
				}
			}
			return true
		})
	}
	return texts
}

func TestEveryCodeIsSaid(t *testing.T) {
	codes := inspect.Codes()
	for _, code := range codes {
		if s := titles[code]; s.EN == "" || s.ZH == "" || s.EN == s.ZH {
			t.Errorf("%s: got the title %+v, want one in each language", code, s)
		}
	}
	if len(titles) != len(codes) {
		t.Errorf("%d titles for %d codes", len(titles), len(codes))
	}
	for code := range remedies {
		if !slices.Contains(codes, code) {
			t.Errorf("remedies of %q, which is no code", code)
		}
	}
	// Codes lists all constants of the type.
	file, err := parser.ParseFile(token.NewFileSet(), "../../../../graph/inspect/diagnose.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		if v, ok := node.(*ast.ValueSpec); ok {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" {
				n++
			}
		}
		return true
	})
	if n != len(codes) {
		t.Errorf("package inspect has %d codes, Codes() %d", n, len(codes))
	}
}

func TestAllAdviceInChinese(t *testing.T) {
	texts := advices(t)
	if len(texts) < 50 {
		t.Fatalf("found %d texts of advice: %q", len(texts), texts)
	}
	for _, s := range texts {
		if said, ok := inChinese(strings.TrimPrefix(s, " ")); strings.TrimSpace(s) != "sigmoid" && strings.TrimSpace(s) != "adam" && (!ok || said == "" && s != "" || strings.ContainsAny(said, ";:") && !strings.Contains(said, "--loss")) {
			t.Errorf("%q: got %q", s, said)
		}
	}
	for _, c := range []struct{ en, zh string }{
		{"Train for more epochs.", "多訓練幾個 epoch。"},
		{"Train for more epochs, or faster: Adam, a larger learning rate, relu in place of sigmoid.", "多訓練幾個 epoch；想快一點，可以用 Adam、大一點的學習率、relu 代替 sigmoid。"},
		{"Scale the inputs, and take a learning rate ten times smaller if that is not enough. Let cross-entropy be computed from the logits.",
			"先縮放輸入；如果還不夠，再把學習率縮小十倍。交叉熵改從 softmax 之前的輸出（logits）計算。"},
	} {
		if got := chinese(inspect.Finding{Advice: c.en}); got != c.zh {
			t.Errorf("%q: got %q, want %q", c.en, got, c.zh)
		}
	}
	for _, p := range pieces { // each says something that package inspect still says
		if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, p.EN) }) {
			t.Errorf("nothing says %q any more", p.EN)
		}
	}
	for code, all := range remedies {
		for _, r := range all {
			if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, r.named) }) {
				t.Errorf("%s: no advice names %q", code, r.named)
			}
		}
	}
}

// digits are an experiment's data, and what is looked at of it.
func digits(t *testing.T, e models.Experiment) *Subject {
	t.Helper()
	fit, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if test, err = test.Slice(0, 500); err != nil {
		t.Fatal(err)
	}
	s := &Subject{Experiment: e, Seed: 1, RawFit: fit, RawTest: test}
	if s.Fit, s.Test, _, err = e.Data(fit, test, 1); err != nil {
		t.Fatal(err)
	}
	return s
}

// untrained are an experiment's data with its network.
func untrained(t *testing.T, e models.Experiment) *Subject {
	t.Helper()
	s := digits(t, e)
	var err error
	if s.Model, err = e.Model(s.Fit.Info(), 1); err != nil {
		t.Fatal(err)
	}
	return s
}

func experiment(t *testing.T, name string) models.Experiment {
	t.Helper()
	e, err := models.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The networks that fail are mended by the first change that is offered, each time, to one of the lecture's that does not: mse until nothing is offered. They are trained narrower and on fewer samples.
func TestMendedToGreen(t *testing.T) {
	for name, c := range map[string]struct {
		hidden, batch int // layers of 40 units; samples, where the experiment has not more of them
		want          string
	}{
		"mse":          {3, 20, "mse → cross-entropy → relu"},
		"batch-10000":  {2, 20, "batch-10000 → cross-entropy"},
		"deep-sigmoid": {9, 20, "deep-sigmoid → deep-relu"},
		"raw-pixels":   {2, 20, "raw-pixels → another"}, // relu, on the clipped loss
	} {
		e := experiment(t, name)
		var way []string
		for range 4 {
			if way = append(way, cmp.Or(Matches(e), "another")); strings.Join(way, " → ") == c.want && name != "mse" {
				break // where it is narrow and short it may fall short still
			}
			short := e
			short.Hidden, short.TrainSamples, short.Epochs = slices.Repeat([]int{40}, c.hidden), 2000, 5
			if short.BatchSize <= 100 {
				short.BatchSize = c.batch
			}
			s := digits(t, short)
			record, err := short.Record(t.Context(), s.RawFit, s.RawTest, models.RunOptions{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			found, err := inspect.Diagnose(t.Context(), record)
			if err != nil {
				t.Fatal(err)
			}
			s.Experiment = e // whose settings are to be mended
			var mends []Mend
			for _, f := range Findings(found, s) {
				if f.Severity != inspect.Note || f.Code == inspect.Unexplained { // what is well may be made better still
					mends = append(mends, f.Mends...)
				}
			}
			if len(mends) == 0 {
				break
			}
			if e, _, err = mends[0].Change.On(e, 1, s.Fit.Info()); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(way, " → "); got != c.want {
			t.Errorf("mended along %s, want %s", got, c.want)
		}
		if end := way[len(way)-1]; end != "another" && experiment(t, end).Band.Collapse {
			t.Errorf("it ends as %s, which fails", end)
		}
	}
}

// Every remedy, asked of a network that lacks it, changes the network, and what comes of it can be made.
func TestRemedies(t *testing.T) {
	change := func(name string, how func(*models.Experiment)) models.Experiment {
		e := experiment(t, name)
		if how != nil {
			how(&e)
		}
		return e
	}
	layered := func(words string) func(*models.Experiment) {
		return func(e *models.Experiment) {
			var err error
			if e.Layers, err = layers.Parse(words); err != nil {
				t.Fatal(err)
			}
			e.Hidden, e.Activation, e.Dropout = nil, layers.Linear, 0
		}
	}
	for _, c := range []struct {
		of   models.Experiment
		code inspect.Code
		says string // the advice
		want []string
	}{
		{change("mse", nil), inspect.StarvingLoss, "For classes take categorical cross-entropy: …", []string{"loss cross-entropy"}},
		{change("cross-entropy", nil), inspect.StarvingLoss, "For classes take categorical cross-entropy: …", nil},
		{change("raw-pixels", nil), inspect.StarvingLoss, "Take cross-entropy computed from the logits (--loss cross-entropy): …", []string{"loss cross-entropy"}},
		{change("raw-pixels", nil), inspect.UnscaledInputs, "…; or bring all to [0, 1]: pixels by dividing by 255.", []string{"scale 0.003921569"}},
		{change("relu", func(e *models.Experiment) { e.Scale /= 255 }), inspect.UnscaledInputs, "Scale them once, so that they reach 1: …", []string{"scale 0.003921569"}},
		{change("cross-entropy", nil), inspect.StillLearning, "Train for more epochs, or faster: Adam, a larger learning rate, relu in place of sigmoid.",
			[]string{"activation relu", "optimizer adam", "rate 0.3", "epochs 40"}},
		{change("adam", nil), inspect.StillLearning, "Train for more epochs.", []string{"epochs 40"}},
		{change("cross-entropy", nil), inspect.StillLearning, "What it learnt it learnt in part: the causes below say what holds it back.", nil},
		{change("deep-sigmoid", nil), inspect.Vanishing, "Take relu in place of sigmoid: … Fewer layers, or residual ones, help too.",
			[]string{"activation relu", "layers dense 633 sigmoid * 3, dense 689 sigmoid * 3, dense 10 softmax"}},
		{change("deep-relu", nil), inspect.Vanishing, "Take fewer layers, residual ones, or batch normalisation between them: …",
			[]string{"layers sequence(dense 633, batchnorm, relu) * 3, sequence(dense 689, batchnorm, relu) * 10, dense 10 softmax", "layers dense 633 relu * 3, dense 689 relu * 3, dense 10 softmax"}},
		{change("batch-10000", nil), inspect.TooFewUpdates, "Take a smaller batch, such as 100: … Or train for more epochs, or faster: Adam.", []string{"batch 100", "optimizer adam", "epochs 40"}},
		{change("batch-1", nil), inspect.BatchTooSmall, "Take a larger batch, such as 100: …", []string{"batch 100"}},
		{change("relu", nil), inspect.RateTooHigh, "Take a learning rate ten times smaller, or begin with small steps (a warm-up).", []string{"rate 0.01", "optimizer scheduled(sgd 0.1) (warmup 200, constant)"}},
		{change("relu", nil), inspect.Exploding, "Take a smaller learning rate and inputs in [0, 1], or bound the gradient's norm.", []string{"optimizer clip(sgd 0.1) 1", "rate 0.01"}},
		{change("adam", nil), inspect.RateTooLow, "Take a learning rate ten times larger.", []string{"rate 0.01"}},
		{change("relu", nil), inspect.DeadUnits, "Take a smaller learning rate, or leaky relu, whose slope is nowhere 0.", []string{"rate 0.01", "activation leaky-relu"}},
		{change("relu", nil), inspect.DeadUnits, "They were so before the first step: … or take leaky relu, whose slope is nowhere 0.", []string{"activation leaky-relu"}},
		{change("cross-entropy", nil), inspect.SaturatedUnits, "Draw smaller weights, take a smaller learning rate, or relu.", []string{"activation relu", "rate 0.01"}},
		{change("adam", func(e *models.Experiment) { e.TrainSamples = 500 }), inspect.Overfitting, "Train on more samples, use dropout, or stop where …", []string{"dropout 0.5", "train_samples 0"}},
		{change("dropout", nil), inspect.Overfitting, "Train on more samples, drop more, or stop where …", []string{"dropout 0.75"}},
		{change("noise", nil), inspect.ShiftedTest, "…, or use dropout: …", []string{"dropout 0.5"}},
		{change("wrong-labels", nil), inspect.NoisyLabels, "… label smoothing, stopping early, …", []string{"loss cross-entropy smoothing=0.1"}},
		{change("dropout", func(e *models.Experiment) { e.Dropout = .9 }), inspect.HighDropout, "Drop a fifth to a half of the units at most, and none until …", []string{"dropout 0.5", "dropout 0"}},
		{change("weight-decay", nil), inspect.HighDecay, "Take a hundredth of it, or none until …", []string{"optimizer adam 0.001 weight-decay=0.1 matrices-only"}},
		{change("relu", layered("regularized(dense 8 relu) l2=0.5, dense 10 softmax")), inspect.HighDecay, "Take a hundredth of it, or none until …", []string{"layers regularized(dense 8 relu) l2=0.005, dense 10 softmax"}},
		{change("relu", layered("dense 8 weights=zeros, relu, dense 10 softmax")), inspect.SymmetricWeights, "… leave the layer's initialiser out …", []string{"layers dense 8, relu, dense 10 softmax"}},
		{change("relu", layered("dense 8, batchnorm, sigmoid, dense 10 softmax")), inspect.LaggingMoments, "Take a smaller momentum for batch normalisation, such as 0.9, or train for more epochs.",
			[]string{"layers dense 8, batchnorm 0.9, sigmoid, dense 10 softmax", "epochs 40"}},
		{change("relu", layered("dense 8, batchnorm, sigmoid, dense 10 softmax")), inspect.Vanishing, "Take relu in place of sigmoid: …", []string{"layers dense 8, batchnorm, relu, dense 10 softmax"}},
		{change("relu", layered("dense 8, dense 10 softmax")), inspect.TooLinear, "Give the hidden layers an activation, such as relu; …", []string{"layers dense 8 relu, dense 10 softmax"}},
		{change("relu", layered("dense 2 relu, dense 10 softmax")), inspect.TooSmall, "Take wider layers, such as of 64 units, …", []string{"layers dense 64 relu, dense 10 softmax"}},
		{change("mse", layered("dense 9 relu, dense 10 sigmoid")), inspect.StarvingLoss, "For classes end in softmax and take categorical cross-entropy: …", []string{"layers dense 9 relu, dense 10 softmax; loss cross-entropy"}},
		{change("mse", layered("dense 9 relu, dense 10 tanh")), inspect.LastActivation, "End in softmax, or in a layer without activation.", []string{"layers dense 9 relu, dense 10", "layers dense 9 relu, dense 10 softmax"}},
		{change("convnet", nil), inspect.Overfitting, "Train on more samples, use dropout, or stop where …", nil}, // it has dropout of 0.5
		{change("lenet", nil), inspect.Overfitting, "Train on more samples, use dropout, or stop where …", []string{"layers conv 6 5 same tanh, avgpool, conv 16 5 tanh, avgpool, flatten, dense 120 tanh, dense 84 tanh, dropout 0.5, dense 10 softmax"}},
		{change("resnet", nil), inspect.Unexplained, "Change one thing at a time, …: train for more epochs.", []string{"epochs 12"}},
		{change("relu", nil), inspect.NotLearnt, "Look at the training set …", nil},
		{change("relu", nil), inspect.Healthy, "The loss fell, each layer gets its gradient, and what was learnt holds: change one thing, and see what it does.", nil},
	} {
		s := digits(t, c.of)
		var got []string
		all := Findings([]inspect.Finding{{Code: c.code, Severity: inspect.Warning, Layer: "dense_1", Advice: c.says}}, s)
		for _, m := range all[0].Mends {
			if m.Label.EN == "" || m.Label.ZH == "" {
				t.Errorf("%s, %s: a mend without a label: %+v", c.of.Name, c.code, m)
			}
			if m.AtOnce != (len(m.Change.Restart()) == 0) {
				t.Errorf("%+v: at once %v", m.Change, m.AtOnce)
			}
			got = append(got, said(m.Change))
			e, seed, err := m.Change.On(c.of, 1, s.Fit.Info())
			if err != nil {
				t.Errorf("%s, %s: %v", c.of.Name, said(m.Change), err)
				continue
			}
			if m.Change.Layers == nil || strings.Contains(*m.Change.Layers, "689") {
				continue // what has a model, and what is large
			}
			if _, err := e.Model(s.Fit.Info(), seed); err != nil {
				t.Errorf("%s, %s: %v", c.of.Name, said(m.Change), err)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: got\n%q, want\n%q", c.of.Name, c.code, got, c.want)
		}
	}
}

// said is a change in words.
func said(c Change) string {
	var parts []string
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsNil() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			parts = append(parts, name+" "+strings.TrimSpace(strings.Trim(strings.ReplaceAll(textOf(f.Elem().Interface()), "\n", ", "), `"`)))
		}
	}
	return strings.Join(parts, "; ")
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.Itoa(v.(int))
}

// Of one finding that would have the learning rate larger and one that would have it smaller, smaller alone is offered.
func TestNoContradiction(t *testing.T) {
	s := digits(t, experiment(t, "relu"))
	all := Findings([]inspect.Finding{
		{Code: inspect.StillLearning, Advice: "Train for more epochs, or faster: Adam, a larger learning rate."},
		{Code: inspect.DeadUnits, Advice: "Take a smaller learning rate, or leaky relu, whose slope is nowhere 0."}}, s)
	for _, m := range all[0].Mends {
		if m.Change.Rate != nil {
			t.Errorf("got %s beside %s", said(m.Change), said(all[1].Mends[0].Change))
		}
	}
	if len(all[0].Mends) != 2 || len(all[1].Mends) != 2 {
		t.Errorf("got %+v", all)
	}
}

// A learning rate that is too high is mended by the one before it, where that is known, and else by a tenth.
func TestRateBefore(t *testing.T) {
	e := experiment(t, "relu")
	e.LearningRate = 1000
	for before, want := range map[float64]string{.1: "rate 0.1", 0: "rate 100", 5000: "rate 100"} {
		s := digits(t, e)
		s.Before = before
		all := Findings([]inspect.Finding{{Code: inspect.RateTooHigh, Advice: "Take a learning rate ten times smaller."}}, s)
		if len(all[0].Mends) != 1 || said(all[0].Mends[0].Change) != want || strings.Contains(all[0].Mends[0].Label.EN, "before") != (before == .1) {
			t.Errorf("before it %v: got %+v, want %s", before, all[0].Mends, want)
		}
	}
}

// Mends of the learning rate do not lead back and forth: from one that is too high to the one before it, and from there to what is higher, but for what lies between the two.
func TestRatesComeTogether(t *testing.T) {
	e := experiment(t, "relu")
	for _, c := range []struct {
		code         inspect.Code
		advice       string
		rate, before float64
		want         string
	}{
		{inspect.StillLearning, "Train on, or faster: a larger learning rate.", .001, .003, ""},
		{inspect.StillLearning, "Train on, or faster: a larger learning rate.", .001, .01, "rate 0.003"},
		{inspect.StillLearning, "Train on, or faster: a larger learning rate.", .001, .0001, "rate 0.003"},
		{inspect.RateTooLow, "Take a learning rate ten times larger.", .001, .01, "rate 0.0032"},
		{inspect.RateTooLow, "Take a learning rate ten times larger.", .001, .1, "rate 0.01"},
		{inspect.RateTooLow, "Take a learning rate ten times larger.", .001, 0, "rate 0.01"},
	} {
		e.LearningRate = c.rate
		s, got := digits(t, e), ""
		s.Before = c.before
		for _, m := range Findings([]inspect.Finding{{Code: c.code, Advice: c.advice}}, s)[0].Mends {
			got += said(m.Change)
		}
		if got != c.want {
			t.Errorf("%s at %v, before it %v: got %q, want %q", c.code, c.rate, c.before, got, c.want)
		}
	}
}

// What is quoted stands in the marks of the language, also where a mark is among it.
func TestQuotesInChinese(t *testing.T) {
	for said, want := range map[string]string{
		`欄位 "a b" 不用："c", "d\"e"`: `欄位「a b」不用：「c」、「d"e」`,
		`沒有 stheno "7"`:           `沒有 stheno「7」`,
	} {
		if got := inMarks(said); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
