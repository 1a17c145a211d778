package text_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/text"
)

// Kinds and types of the tests: every sort of field that there is.
type (
	layer   interface{ layer() }
	loss    interface{ loss() }
	act     uint8
	padding uint8
	initial struct {
		Name string
		draw func()
	}
	Window struct {
		Size    [2]int
		Stride  int `default:"1"`
		Padding padding
	}
	dense struct {
		Units      int
		Activation act
		Weights    initial
		Bias       initial
	}
	conv struct {
		Filters int
		Window
		Activation act
	}
	everything struct {
		Int    int
		Small  int8
		Word   uint16
		Rate   float64 `default:"0.9"`
		Plain  float64
		Low    float32
		On     bool
		Off    bool
		Text   string
		More   string
		Sizes  []int
		Shares []float64
		Act    act
		Inner  layer
		Other  loss
		First  []layer
		Second []layer
		Losses each
		hidden int //lint:ignore U1000 a field that the codec must not see
	}
	momentum struct {
		Rate     float64 `default:"0.01"`
		Mu       float64
		Nesterov bool
	}
	residual []layer
	concat   []layer
	sequence []layer
	mse      struct{}
	huber    struct {
		Delta float64 `default:"1"`
	}
	each     map[string]weighted
	weighted struct {
		Loss   loss
		Weight float64 `default:"1"`
	}
	lonely interface{ lonely() }
	metric interface{ metric() } // that of package train is another
)

const (
	linear act = iota
	relu
	tanh
	unknown
)

func (act) layer()        {}
func (dense) layer()      {}
func (conv) layer()       {}
func (everything) layer() {}
func (*momentum) layer()  {}
func (residual) layer()   {}
func (concat) layer()     {}
func (sequence) layer()   {}
func (mse) loss()         {}
func (huber) loss()       {}
func (each) loss()        {}

func (p padding) MarshalText() ([]byte, error) { return []byte([]string{"valid", "same"}[p]), nil }
func (p *padding) UnmarshalText(b []byte) error {
	i := slices.Index([]string{"valid", "same"}, string(b))
	if i < 0 {
		return errors.New("no padding")
	}
	*p = padding(i)
	return nil
}

var he, ones = initial{"he-normal", func() {}}, initial{"ones", func() {}}

func init() {
	text.Register[layer]("linear", "x", "linear", linear)
	text.Register[layer]("relu", "max(0, x)", "relu", relu)
	text.Register[layer]("tanh", "tanh x", "tanh", tanh)
	text.Register[layer]("dense", "[in] → [units]", "dense 3 relu", dense{})
	text.Register[layer]("conv", "", "conv 64 3x3", conv{})
	text.Register[layer]("everything", "", "everything", everything{})
	text.Register[layer]("sgd", "", "sgd 0.1", &momentum{})
	text.Register[layer]("momentum", "", "momentum", &momentum{Mu: .9})
	text.Register[layer]("nesterov", "", "nesterov", &momentum{Mu: .9, Nesterov: true})
	text.Register[layer]("residual", "", "residual(relu)", residual{})
	text.Register[layer]("concat", "", "concat(relu | tanh)", concat{}, text.Branches)
	text.Register[layer]("sequence", "", "sequence(relu, tanh)", sequence{}, text.Sequence)
	text.Register[initial]("he-normal", "", "he-normal", he)
	text.Register[initial]("ones", "", "ones", ones)
	text.Register[loss]("mse", "", "mse", mse{})
	text.Register[loss]("huber", "", "huber 2", huber{})
	text.Register[loss]("each", "", "each(a = mse)", each{})
	text.Register[fmt.Stringer]("taken", "", "", reflect.ValueOf(1))
	text.Register[fmt.Stringer]("taken", "", "", reflect.ValueOf(2))
	text.Register[fmt.Stringer]("nil", "", "", nil)
}

// TestParse: what texts mean, and how the values are printed.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		text  string
		value layer
		back  string // "" if as text
	}{
		{"dense 300 tanh he-normal bias=ones", dense{300, tanh, he, ones}, ""},
		{"dense 300 bias=ones # the rest\n", dense{Units: 300, Bias: ones}, "dense 300 bias=ones"},
		{"dense activation=tanh units=3", dense{Units: 3, Activation: tanh}, "dense 3 tanh"},
		{"dense 3 linear", dense{Units: 3}, "dense 3"},
		{"conv 64 3x3 relu stride=2 padding=same", conv{64, Window{[2]int{3, 3}, 2, 1}, relu}, "conv 64 3x3 stride=2 same relu"},
		{"conv 64 3", conv{Filters: 64, Window: Window{Size: [2]int{3, 3}}}, "conv 64 3x3"},
		{"conv 64 1x2 activation=relu", conv{Filters: 64, Window: Window{Size: [2]int{1, 2}}, Activation: relu}, "conv 64 1x2 relu"},
		{"relu", relu, ""},
		{"sgd 0", &momentum{Rate: text.Zero}, ""},
		{"sgd 1e-7", &momentum{Rate: 1e-7}, "sgd 1e-07"},
		{"sgd 1e+30", &momentum{Rate: 1e30}, "sgd 1e30"},
		{"sgd mu=0", &momentum{}, "sgd"},
		{"sgd mu=0.9", &momentum{Mu: .9}, "momentum"},
		{"momentum mu=0.8", &momentum{Mu: .8}, "sgd mu=0.8"},
		{"momentum nesterov", &momentum{Mu: .9, Nesterov: true}, "nesterov"},
		{"nesterov nesterov=false", &momentum{Mu: .9}, "momentum"},
		{"sgd 0.1 0.5 true", &momentum{.1, .5, true}, "sgd 0.1 mu=0.5 nesterov"},
		{"sgd rate=nan", &momentum{Rate: math.NaN()}, "sgd rate=NaN"},
		{"sgd rate=-inf", &momentum{Rate: math.Inf(-1)}, "sgd rate=-Inf"},
		{"residual(dense 3 relu, tanh)", residual{dense{Units: 3, Activation: relu}, tanh}, ""},
		{"residual(\n dense 3 relu # one\n\n tanh\n)", residual{dense{Units: 3, Activation: relu}, tanh}, "residual(dense 3 relu, tanh)"},
		{"residual(dense 3 * 3, tanh)", residual{dense{Units: 3}, dense{Units: 3}, dense{Units: 3}, tanh}, ""},
		{"residual", residual{}, ""},
		{"concat(dense 3 | dense 4 relu, tanh | relu)", concat{dense{Units: 3}, sequence{dense{Units: 4, Activation: relu}, tanh}, relu}, ""},
		{"concat(relu * 2 | sequence(tanh))", concat{sequence{relu, relu}, sequence{tanh}}, ""},
		{"concat(sequence(relu, tanh) | relu)", concat{sequence{relu, tanh}, relu}, "concat(relu, tanh | relu)"},
		{"sequence(residual(relu), sequence)", sequence{residual{relu}, sequence{}}, ""},
		{`everything 1 2 3 0 5 6 on "5" "other" sizes=1x2x3 shares=0.5x1 act=tanh inner=(dense 3) other=mse first=(relu, tanh) second=(relu)`,
			everything{Int: 1, Small: 2, Word: 3, Rate: text.Zero, Plain: 5, Low: 6, On: true, Text: "5", More: "other", Sizes: []int{1, 2, 3}, Shares: []float64{.5, 1},
				Act: tanh, Inner: dense{Units: 3}, Other: mse{}, First: []layer{relu, tanh}, Second: []layer{relu}},
			`everything 1 small=2 word=3 rate=0 plain=5 low=6 on "5" more=other 1x2x3 shares=0.5x1 tanh (dense 3) mse (relu, tanh) (relu)`},
		{`everything text="a \"b\"\n" losses=(one = huber 2 * 0.5, two = mse)`, everything{Text: "a \"b\"\n", Losses: each{"one": {huber{2}, .5}, "two": {mse{}, 0}}}, `everything "a \"b\"\n" losses=(one = huber 2 * 0.5, two = mse)`},
		{"everything inner=(relu, tanh)", everything{Inner: sequence{relu, tanh}}, "everything(relu, tanh)"},
		{"everything off text=off", everything{Off: true, Text: "off"}, `everything off "off"`},
	} {
		v, err := text.Parse[layer](c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got, want := show(v), show(c.value); got != want {
			t.Errorf("%q: got %s, want %s", c.text, got, want)
		}
		back, err := text.Format(c.value)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if c.back == "" {
			c.back = c.text
		}
		if back != c.back {
			t.Errorf("%q: got %q back, want %q", c.text, back, c.back)
		}
		again, err := text.Parse[layer](back)
		if err != nil || show(again) != show(v) {
			t.Errorf("%q, printed as %q: got %s, %v, want %s", c.text, back, show(again), err, show(v))
		}
		if third, err := text.Format(again); err != nil || third != back {
			t.Errorf("%q: printed as %q, and then as %q, %v", c.text, back, third, err)
		}
	}
}

// show is a value with all that is in it.
func show(v any) string {
	s := fmt.Sprintf("%#v", v)
	if p, ok := v.(*momentum); ok {
		s = fmt.Sprintf("%#v", *p)
	}
	for at := strings.Index(s, "(func())("); at >= 0; at = strings.Index(s, "(func())(") { // initial's
		end := at + len("(func())(")
		s = s[:at] + s[end+strings.Index(s[end:], ")")+1:]
	}
	return s
}

// TestErrors: every error has its place, and says what stands there and what was wanted.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "line 1, column 1: got nothing, want one layer"},
		{"relu, tanh", "line 1, column 1: got 2 items, want one layer"},
		{"relu relu", `line 1, column 6: relu: got relu, want no argument`},
		{"\n dnse 3", `line 2, column 2: got "dnse", want a layer: one of linear, relu, `},
		{"\n dnse 3", `did you mean "dense"?`},
		{"dense 3 tahn", `line 1, column 9: dense: got tahn, want activation (one of linear, relu, tanh), weights (one of he-normal, ones), bias (one of he-normal, ones); did you mean "tanh"?`},
		{"dense 3.5", `line 1, column 7: dense: got 3.5 for units, want a whole number that fits`},
		{"dense 99999999999999999999", `got 99999999999999999999 for units, want a whole number that fits`},
		{"dense 3 4", `line 1, column 9: dense: got 4, want activation`},
		{"dense 3 ones relu", `line 1, column 14: dense: got relu behind weights, want it before, or as activation=relu`},
		{"dense untis=3", `line 1, column 13: dense: got untis=3, want units (a whole number), activation`},
		{"dense untis=3", `did you mean "units"?`},
		{"dense 3 units=4", `line 1, column 15: dense: got units a second time, want it once`},
		{"dense units=(relu)", `dense: got (relu) for units, want a whole number`},
		{"dense 3 activation=he-normal", "got he-normal for activation, want one of linear, relu, tanh"},
		{"dense 3 relu tanh", `line 1, column 14: dense: got tanh, want weights`},
		{"conv 64 3x3x3", "line 1, column 9: conv: got 3x3x3 for size, want 2 numbers, or one for all"},
		{"conv 64 3x3 stride=0", "got 0 for stride, want another number: 0 stands for 1, the default"},
		{"conv 64 padding=sam", "conv: padding: no padding"}, // as its type says it
		{"x" + strings.Repeat("y", 3e6), "line 1, column 1: got a word of 3000001 bytes, want at most 1000"},
		{`"` + strings.Repeat("y", 3e6) + `"`, `line 1, column 1: got "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…, want a word`},
		{"everything on on", "line 1, column 15: everything: got on a second time, want it once"},
		{"everything on=1", "everything: got 1 for on, want true or false"},
		{"everything small=200", "got 200 for small, want a whole number that fits"},
		{"everything word=-1", "got -1 for word, want a whole number of at least 0 that fits"},
		{"everything rate=1e999", "want a number that fits"},
		{"everything hidden=1", "got hidden=1, want int (a whole number)"},
		{"everything other=msr", `line 1, column 18: got "msr", want a loss: one of mse, huber, each`},
		{"everything first=(relu | tanh)", "line 1, column 26: got a second branch, tanh, want one"},
		{"everything losses=(mse)", "line 1, column 20: got mse without a name, want one: name = mse"},
		{"everything losses=(a = mse, a = mse)", `line 1, column 33: got "a" a second time, want it once`},
		{"everything losses=(a = mse * 0)", ""},
		{"everything losses=(a = mse < b)", `got "b" behind <, want nothing`},
		{"residual(relu) 3", "line 1, column 16: residual: got 3, want nothing"},
		{"residual 3", "line 1, column 10: residual: got 3, want layers in brackets: residual(relu)"},
		{"residual(dense 3\n tahn)", `line 2, column 2: got "tahn", want a layer`},
		{"residual(relu", "line 1, column 14: got the end, want a comma, | or ) to the bracket of line 1, column 9"},
		{"residual()", `line 1, column 10: got ")", want a word`},
		{"residual(relu,)", `line 1, column 15: got ")", want a word`},
		{"relu,", `line 1, column 6: got the end, want a word`},
		{"relu )", `line 1, column 6: got ")", want a comma, a new line or the end`},
		{"3", `line 1, column 1: got "3", want a word`},
		{"3x3", `line 1, column 1: got "3x3", want a word`},
		{"a = relu", `line 1, column 5: got the name "a", want none`},
		{"relu * 2", "line 1, column 1: relu: got * 2, want one value"},
		{"relu < a", `line 1, column 8: relu: got "a" behind <, want nothing`},
		{"residual(relu * 0)", "line 1, column 10: relu: got * 0, want a whole number from 1 to"},
		{"residual(relu * x)", `line 1, column 17: got "x", want a number behind *`},
		{"residual(residual(residual(relu * 1000) * 1000) * 1000)", "got more than 16384 items"},
		{"residual(relu < a)", `line 1, column 17: got "a" behind <, want a chain here`},
		{"dense units=", "line 1, column 13: got the end, want a value for units"},
		{"dense units=,", `line 1, column 13: got ",", want a value for units`},
		{`dense "3`, "line 1, column 7: got a string without its end"},
		{"dense ü 3 ; 4", `line 1, column 11: got ';', want a word`},
		{"dense \xff", "line 1, column 7: got a byte that is not UTF-8"},
		{"relu < a < b", `line 1, column 10: got a second "<", want + between names`},
		{`"" = relu`, `line 1, column 1: got "", want a name`},
		{strings.Repeat("residual(", 300) + "relu" + strings.Repeat(")", 300), "200 deep, want fewer"},
	} {
		_, err := text.Parse[layer](c.text)
		if c.want == "" {
			if err != nil {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		var at *text.Error
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.text, err, c.want)
		} else if !errors.As(err, &at) {
			t.Errorf("%q: got an error without a place: %v", c.text, err)
		}
	}
	for _, c := range []struct {
		parse func() error
		want  string
	}{
		{func() error { _, err := text.Parse[metric]("auc"); return err }, `line 1, column 1: got "auc", and no metric is known: import _ "github.com/stheno-ml/stheno/graph/train"`},
		{func() error { _, err := text.Parse[lonely]("dense 3"); return err }, "no lonely is known: import the package that registers it"},
		{func() error { _, err := text.Parse[fmt.Stringer]("taken"); return err }, `the stringer "taken" is registered twice`},
		{func() error { _, err := text.Parse[fmt.Stringer]("nil"); return err }, `"nil" is registered as nil`},
		{func() error { _, err := text.Format[layer](nil); return err }, "got nil, want a layer"},
		{func() error { _, err := text.Format[layer]((*momentum)(nil)); return err }, "got nil, want a layer"},
		{func() error { _, err := text.Format[layer](unknown); return err }, "has no text: register a word for its type"},
		{func() error { _, err := text.Format[layer](dense{Bias: initial{"mine", func() {}}}); return err }, "for bias, want one of he-normal, ones"},
		{func() error { _, err := text.Format[layer](residual{nil}); return err }, "got nil, want a layer, in residual"},
		{func() error { _, err := text.Format[loss](each{"": {mse{}, 1}}); return err }, `got the name ""`},
		{func() error { r := residual{nil}; r[0] = r; _, err := text.Format[layer](r); return err }, "does one hold itself?"},
	} {
		if err := c.parse(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// places takes the places out of a net.
func places(net text.Net) text.Net {
	for i := range net {
		net[i].Pos = text.Pos{}
		for j := range net[i].From {
			net[i].From[j].Pos = text.Pos{}
		}
		for j := range net[i].Args {
			net[i].Args[j].Pos = text.Pos{}
			for k := range net[i].Args[j].Nets {
				places(net[i].Args[j].Nets[k])
			}
		}
	}
	return net
}

func back(t *testing.T, net text.Net) {
	t.Helper()
	again, err := text.ParseNet(net.String())
	if err != nil {
		t.Fatalf("printed as %q: %v", net, err)
	}
	if !reflect.DeepEqual(places(again), places(net)) {
		t.Fatalf("printed as %q, read as %q", net, again)
	}
}

// FuzzNet: whatever can be read is printed as what is read as the same; and nothing panics, whatever it means.
//
// Without the last flag Go's minimisation starves it: go test ./graph/text -run - -fuzz '^FuzzNet$' -fuzzminimizetime 1x
func FuzzNet(f *testing.F) {
	for _, s := range []string{"dense 300 tanh, dropout 0.2", "left = input 28x28\nright = input 28x28\nt = sequence(flatten, dense 64) < left\nt < right\nabsdiff < t + right",
		`concat(a | b * 3) "q\n" k="v" k=(a, b | c)`, "a # b\n\n,c", "x = y 1e+7 -.5", "\"a b\" = c < \"d e\"", "everything losses=(a = mse * 0.5)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		net, err := text.ParseNet(s)
		if err != nil {
			return
		}
		back(t, net)
		v, err := text.Parse[layer](s)
		if err != nil {
			return
		}
		printed, err := text.Format(v)
		if err != nil {
			t.Fatalf("%q can't be printed: %v", s, err)
		}
		again, err := text.Parse[layer](printed)
		if err != nil {
			t.Fatalf("%q, printed as %q: %v", s, printed, err)
		}
		if third, err := text.Format(again); err != nil || third != printed {
			t.Fatalf("%q, printed as %q and then as %q, %v", s, printed, third, err)
		}
	})
}

// TestRandom does the same with random nets and values.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		back(t, randomNet(r, 0))
		v := randomLayer(r, 0)
		s, err := text.Format(v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := text.Parse[layer](s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if show(again) != show(v) {
			t.Fatalf("%q is read as %s, want %s", s, show(again), show(v))
		}
	}
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func randomNet(r *rand.Rand, depth int) text.Net {
	var net text.Net
	word := func() string { return pick(r, "a", "dense", "x2", "ü-1", "-", ".", "max", "a:b/c") }
	name := func() string { return pick(r, "a", "3", "3x3", "left picture", "ü", "\"", "\n") }
	for range 1 + r.IntN(4) {
		item := text.Item{Word: word()}
		if r.IntN(3) == 0 {
			item.Name = name()
		}
		for range r.IntN(4) {
			arg := text.Arg{Value: pick(r, "3", "-.5", "1e-7", "1e+7", "3x3", word())}
			switch {
			case r.IntN(4) == 0:
				arg = text.Arg{Value: pick(r, "", "a b", "3", "\xff", "#"), Quoted: true}
			case r.IntN(3) == 0 && depth < 3:
				arg = text.Arg{}
				for range 1 + r.IntN(3) {
					arg.Nets = append(arg.Nets, randomNet(r, depth+1))
				}
			}
			if r.IntN(2) == 0 {
				arg.Key = word()
			}
			item.Args = append(item.Args, arg)
		}
		if r.IntN(4) == 0 {
			item.Times = pick(r, "3", "0.5")
		}
		for range r.IntN(3) {
			item.From = append(item.From, text.Ref{Name: name()})
		}
		net = append(net, item)
	}
	return net
}

func randomLayer(r *rand.Rand, depth int) layer {
	list := func() []layer {
		if depth > 2 {
			return []layer{relu}
		}
		all := []layer{randomLayer(r, depth+1)}
		for range r.IntN(3) {
			all = append(all, pick(r, all[0], randomLayer(r, depth+1)))
		}
		return all
	}
	float := func() float64 {
		return pick(r, 0, 0, 1, -1, .1, 1e300, 5e-300, r.NormFloat64(), math.Inf(1))
	}
	switch r.IntN(8) {
	case 0:
		return act(r.IntN(3))
	case 1:
		return dense{r.IntN(3), act(r.IntN(3)), pick(r, initial{}, he, ones), pick(r, initial{}, he, ones)}
	case 2:
		return conv{r.IntN(3), Window{[2]int{r.IntN(3), r.IntN(3)}, r.IntN(3), padding(r.IntN(2))}, act(r.IntN(3))}
	case 3:
		return residual(list())
	case 4:
		return concat(list())
	case 5:
		return sequence(list())
	}
	word := func() string { return pick(r, "", "on", "tanh", "3", "3x3", "true", "a b", "text", "mse") }
	e := everything{Int: r.IntN(5) - 2, Small: int8(r.IntN(256) - 128), Word: uint16(r.IntN(3)), Rate: pick(r, text.Zero, float()), Plain: float(), Low: float32(r.NormFloat64()),
		On: r.IntN(2) == 0, Off: r.IntN(2) == 0, Text: word(), More: word(), Act: act(r.IntN(3))}
	if r.IntN(2) == 0 {
		e.Sizes, e.Shares = []int{1, r.IntN(5)}[:1+r.IntN(2)], []float64{r.NormFloat64(), 0, text.Zero, 1e9}[:1+r.IntN(2)]
	}
	if r.IntN(2) == 0 {
		e.Inner, e.Other = randomLayer(r, 3), pick[loss](r, mse{}, huber{2}, huber{}, each{"a": {mse{}, 2}, "b c": {huber{3}, 0}})
	}
	if r.IntN(2) == 0 {
		e.First, e.Second, e.Losses = list(), list(), each{"x": {mse{}, text.Zero}}
	}
	return e
}

func TestFields(t *testing.T) {
	for _, e := range text.Entries[layer]() {
		if e.Word != "conv" {
			continue
		}
		var keys []string
		for _, f := range e.Fields() {
			keys = append(keys, f.Key+": "+f.Takes)
		}
		want := []string{"filters: a whole number", "size: whole numbers, 3x3", "stride: a whole number", "padding: a word", "activation: one of linear, relu, tanh"}
		if !slices.Equal(keys, want) {
			t.Errorf("got %q, want %q", keys, want)
		}
	}
	if got := text.Words[loss](); !slices.Equal(got, []string{"mse", "huber", "each"}) {
		t.Errorf("got %q", got)
	}
}
