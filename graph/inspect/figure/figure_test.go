package figure

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// parse reads an SVG as XML and returns every attribute by element.
func parse(t *testing.T, svg string) map[string][]map[string]string {
	t.Helper()
	all := map[string][]map[string]string{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("no XML: %v in %s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			attributes := map[string]string{}
			for _, a := range e.Attr {
				attributes[a.Name.Local] = a.Value
				for _, bad := range []string{"NaN", "Inf"} {
					if strings.Contains(a.Value, bad) && a.Name.Local != "aria-label" && a.Name.Local != "href" {
						t.Errorf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
			all[e.Name.Local] = append(all[e.Name.Local], attributes)
		}
	}
}

// odd are values that figures must bear.
var odd = []float64{1, 0, -3, 1e-300, 1e300, math.NaN(), math.Inf(1), math.Inf(-1), 5, 5}

func TestFiguresBearAnything(t *testing.T) {
	name := `<b>"&'é`
	r := rand.New(rand.NewPCG(1, 1))
	var sets [][]float64
	sets = append(sets, nil, []float64{0}, []float64{math.NaN()}, []float64{7}, odd)
	for range 50 {
		var x []float64
		for range r.IntN(30) {
			x = append(x, odd[r.IntN(len(odd))])
		}
		sets = append(sets, x)
	}
	for _, x := range sets {
		names := make([]string, len(x))
		for i := range names {
			names[i] = name
		}
		for _, log := range []bool{false, true} {
			parse(t, Curves(name, name, name, log, Series{Name: name, X: x, Y: x}, Series{Name: name, X: x, Y: nil, Dashed: true}))
		}
		parse(t, Bars(name, names, Series{Name: name, Y: x}))
		parse(t, Heat(name, name, []string{name, name}, names, [][]float64{x, x}))
		parse(t, Images(name, 2, 5, 3, []Image{{x, [2]string{name, ""}}, {nil, [2]string{}}}))
	}
	parse(t, Confusion(name, []string{name, "b"}, [][]int{{0, 0}, {1, 5}}))
	parse(t, Confusion("", nil, nil))
	parse(t, Confusion(name, []string{name}, [][]int{{1, 2}, {3, 4}}))
	parse(t, Heat(name, name, []string{name, name}, []string{name}, [][]float64{{1, 2, 3}}))
}

func TestFiguresFetchNothing(t *testing.T) {
	figures := []string{
		Curves("loss", "epoch", "loss", true, Series{Name: "a", X: []float64{1, 2}, Y: []float64{1, 2}}),
		Images("digits", 2, 2, 6, []Image{{[]float64{0, 1, 2, 3}, [2]string{"says 1", "is 2"}}}),
	}
	for _, f := range figures {
		f = strings.ReplaceAll(f, `xmlns="http://www.w3.org/2000/svg"`, "")
		if strings.Contains(f, "http") || strings.Contains(f, "<script") {
			t.Errorf("got a link or a script in %s", f)
		}
	}
}

// A figure says how large it is, for pages that know nothing of it.
func TestFiguresSayTheirSize(t *testing.T) {
	root := parse(t, Images("t", 2, 2, 3, make([]Image, 4)))["svg"][0]
	if got, want := root["width"]+" "+root["height"]+" "+root["viewBox"], "236 178 0 0 236 178"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Where the lines are drawn: the ends of x at the edges of the plot, a decade of y as far as any other.
func TestCurvesPlacesPoints(t *testing.T) {
	svg := parse(t, Curves("t", "x", "y", true, Series{Name: "a", X: []float64{1, 2, 3}, Y: []float64{1, 10, 100}}))
	if got, want := svg["polyline"][0]["points"], "60,220 220,125 380,30"; got != want {
		t.Errorf("got points %s, want %s", got, want)
	}
	if words := svg["text"]; words[len(words)-2]["transform"] != "translate(12 125) rotate(-90)" {
		t.Errorf("the y axis' name: got %v, want it to stand beside the axis", words)
	}
	svg = parse(t, Curves("t", "x", "y", false, Series{Name: "a", X: []float64{1, 2, 3, 4}, Y: []float64{1, 2, math.NaN(), 2}}))
	if got := len(svg["polyline"]); got != 1 {
		t.Errorf("a gap: got %d lines, want 1", got)
	}
	if got := len(svg["circle"]); got != 1 {
		t.Errorf("a point by itself: got %d dots, want 1", got)
	}
}

func TestBarsAreAsLongAsTheValues(t *testing.T) {
	svg := parse(t, Bars("t", []string{"a", "b", "c"}, Series{Name: "s", Y: []float64{1, 10, 100}}))
	var widths []string
	for _, r := range svg["rect"][:3] {
		widths = append(widths, r["width"])
	}
	if got, want := strings.Join(widths, " "), "1 182 364"; got != want {
		t.Errorf("got widths %s, want %s", got, want)
	}
}

func TestLegendFits(t *testing.T) {
	long := strings.Repeat("lang", 20)
	places, names, rows := layLegend([]Series{{Name: "a"}, {Name: "b"}, {Name: long + ", running"}, {Name: long + ", test set"}}, 300)
	if rows != 3 || places[1][1] != 0 || places[2] != [2]float64{0, 1} || places[3] != [2]float64{0, 2} {
		t.Errorf("got places %v in %d rows", places, rows)
	}
	if names[0] != "a" || !strings.HasSuffix(names[2], "lang, running") || !strings.HasSuffix(names[3], "test set") || !strings.HasPrefix(names[2], "langlang") || len([]rune(names[2])) != 45 {
		t.Errorf("got names %q", names)
	}
	if _, names, _ := layLegend([]Series{{Name: long}}, 10); names[0] != long {
		t.Errorf("no room at all: got %q", names)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		log    bool
		values []float64
		want   string
	}{
		{false, []float64{0, 1}, "0 0.2 0.4 0.6 0.8 1"},
		{false, []float64{.91, .98}, "0.9 0.92 0.94 0.96 0.98"},
		{false, []float64{3}, "2.4 2.6 2.8 3 3.2 3.4 3.6"},
		{false, []float64{-50, 900}, "-200 0 200 400 600 800 1000"},
		{true, []float64{.003, 20}, "1e-3 0.01 0.1 1 10 100"},
		{true, []float64{1e-12, 1}, "1e-12 1e-10 1e-8 1e-6 1e-4 0.01 1"},
	} {
		a := newAxis(c.log, func(yield func(float64)) {
			for _, v := range c.values {
				yield(v)
			}
		})
		var got []string
		for _, v := range a.ticks() {
			got = append(got, label(v, c.log))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v: got ticks %s, want %s", c.values, s, c.want)
		}
	}
}

func TestViridis(t *testing.T) {
	for v, want := range map[float64]string{0: "#440154", 1: "#fde725", .5: "#21918c", -1: "#440154", 2: "#fde725"} {
		if got := viridis(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
}

// The name of an axis does not lie over its numbers, however long they are.
func TestAxisNameBesideItsNumbers(t *testing.T) {
	for _, high := range []float64{1, .00012, 123456} {
		svg := Curves("c", "x", "name of y", false, Series{Name: "s", X: []float64{0, 1}, Y: []float64{high / 2, high}})
		ends := regexp.MustCompile(`<text x="([0-9.]+)" y="[0-9.]+" font-size="11" text-anchor="end">([^<]+)</text>`).FindAllStringSubmatch(svg, -1)
		if len(ends) < 3 {
			t.Fatalf("got %d numbers on the axis of %v", len(ends), high)
		}
		for _, m := range ends {
			end, err := strconv.ParseFloat(m[1], 64)
			if err != nil || end-6.1*float64(len(m[2])) < 16 { // the name stands upright, with its foot at 12
				t.Errorf("%s ends at %v and is under the axis' name", m[2], end)
			}
		}
	}
}

// What comes in a palette's places is told apart by its mark, and a band lies around a mean.
func TestManySeriesAreToldApart(t *testing.T) {
	seen := map[string]bool{}
	for i := range 42 {
		color, mark := Style(i)
		seen[fmt.Sprint(color, mark)] = true
	}
	if len(seen) != 42 {
		t.Errorf("got %d looks of 42", len(seen))
	}
	var series []Series
	for i := range 15 {
		series = append(series, Series{Name: fmt.Sprint("s", i), X: []float64{0, 1, 2}, Y: []float64{1, float64(i), 2}})
	}
	lines := regexp.MustCompile(`<polyline [^>]*stroke="(#[0-9a-f]+)"[^>]*/>((?:<circle [^>]*/>|<path [^>]*/>)*)`).FindAllStringSubmatch(Curves("many", "x", "y", false, series...), -1)
	looks := map[string]bool{}
	for _, l := range lines {
		looks[l[1]+regexp.MustCompile(`[0-9.]+ [0-9.]+|c[xy]="[0-9.]+"`).ReplaceAllString(l[2], "")[:min(20, len(l[2]))]] = true
	}
	if len(lines) != 15 || len(looks) < 14 {
		t.Errorf("got %d lines of %d looks, want 15", len(lines), len(looks))
	}
	band := Curves("band", "x", "y", false, Series{Name: "mean", X: []float64{0, 1, 2}, Y: []float64{1, 2, 3}, Low: []float64{0, 1, 1}, High: []float64{2, 4, 8}})
	if !strings.Contains(band, `fill-opacity=".2"`) || !strings.Contains(band, ">8<") {
		t.Errorf("the band is not there, or not within the axis: %s", band)
	}
}

// TestHistograms: the shares between any values add up, a narrow middle between far ends is seen, and each layer and step has its hill.
func TestHistograms(t *testing.T) {
	values := make([]float32, 1001)
	for i := range values { // most within ±0.01, a few as far as ±1
		values[i] = float32(i-500) * 2e-5
	}
	values[0], values[1000] = -1, 1
	stats := inspect.Summarize(tensor.New(tensor.WithBacking(values)))
	var d distribution
	if n := d.add(stats); n != 1001 {
		t.Fatalf("got %v elements", n)
	}
	for _, c := range []struct{ low, high, want, within float64 }{{-1, 1, 1, 1e-9}, {-.01, .01, .99, .012}, {-.005, .005, .5, .02}, {.05, .9, 0, .01}} {
		sum := 0.0
		for _, v := range d.shares(c.low, c.high, 7) {
			sum += v
		}
		if math.Abs(sum-c.want) > c.within {
			t.Errorf("between %v and %v: got %v, want %v", c.low, c.high, sum, c.want)
		}
	}
	flow := Flow{"net", nil}
	for _, step := range []uint64{0, 10} {
		s := &inspect.Snapshot{Step: step, Layers: []inspect.Layer{{Name: "dense_1", Params: []inspect.Param{{Name: "weight", Grad: inspect.Array{Stats: stats}}}}, {Name: "dense_<2>", Params: []inspect.Param{{Name: "weight"}}}}}
		flow.Snapshots = append(flow.Snapshots, s)
	}
	if svg := Histograms(flow); strings.Count(svg, "<polygon") != 2 || !strings.Contains(svg, "dense_&lt;2&gt;") || !strings.Contains(svg, "dense_1, step 10") {
		t.Errorf("got %s", svg)
	}
	for _, unicode := range []bool{true, false} {
		text := HistogramText(40, unicode, flow)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 40 || !unicode && n != len(strings.TrimSuffix(line, "\n")) {
				t.Errorf("a line of %d letters: %s", n, line)
			}
		}
		if strings.Count(text, "step 10") != 2 || strings.Count(text, "no finite value") != 2 {
			t.Errorf("got %s", text)
		}
	}
	if got := Few(3, []*inspect.Snapshot{{Step: 1}, {Step: 2}, {Step: 3}, {Step: 4}, {Step: 5}}); len(got) != 3 || got[0].Step != 1 || got[1].Step != 3 || got[2].Step != 5 {
		t.Errorf("few: got %v", got)
	}
}

func TestPoints(t *testing.T) {
	nan := math.NaN()
	one := Series{Name: "<one>", X: []float64{0, 1, 2}, Y: []float64{1, nan, 3}, Low: []float64{.5, nan, 3}, High: []float64{2, nan, 3}}
	svg := Points("by <name>", Scale{Name: "setting", Names: []string{"50", "dense 100 relu, dense 100 relu, dense 10 softmax, and so on", "x"}}, "y", false, one)
	if strings.Count(svg, "<circle") != 2 || strings.Contains(svg, "<polyline") || strings.Contains(svg, "<name>") || strings.Contains(svg, "NaN") || !strings.Contains(svg, "dense 100 relu,</text>") || !strings.Contains(svg, "…</text>") {
		t.Errorf("got %s", svg)
	}
	if svg := Points("none", Scale{}, "y", true); !strings.HasSuffix(svg, "</svg>") || strings.Contains(svg, "NaN") {
		t.Errorf("of nothing: got %s", svg)
	}
	if svg := Points("none", Scale{Log: true}, "y", true, Series{X: []float64{0, -1, nan}, Y: []float64{1, 2, 3}, Low: []float64{0, 1, 2}, High: []float64{2, 3, 4}}); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, "<circle") {
		t.Errorf("of what no log scale has: got %s", svg)
	}
	for _, c := range []struct {
		name string
		room float64
		want string
	}{{"50", 100, "50"}, {"100,100,100", 40, "100,|100,|100"}, {"abcdefghij", 20, "abc|def|gh…"}, {"", 20, ""}} {
		if got := strings.Join(broken(c.name, c.room), "|"); got != c.want {
			t.Errorf("%q in %v: got %q, want %q", c.name, c.room, got, c.want)
		}
	}
}

// Networks that are not the same share the rows of the layers that they both have.
func TestGradientsOfSeveral(t *testing.T) {
	of := func(names ...string) *inspect.Snapshot {
		s := &inspect.Snapshot{}
		for _, name := range names {
			s.Layers = append(s.Layers, inspect.Layer{Name: name, Params: []inspect.Param{{Name: "weight", Grad: inspect.Array{Stats: inspect.Stats{Norm: float64(len(name))}}}}})
		}
		return s
	}
	svg := Gradients("g", []string{"a", "b"}, of("conv_1", "dense_1"), of("conv_1", "norm", "dense_1", "dense_2"), nil)
	at := -1
	for _, row := range []string{">conv_1<", ">norm<", ">dense_1<", ">dense_2<"} {
		if next := strings.Index(svg, row); next <= at || strings.Count(svg, row) != 1 {
			t.Errorf("%s: got %s", row, svg)
		} else {
			at = next
		}
	}
	for title, want := range map[string]int{"a, conv_1: 6": 1, "a, norm": 0, "b, norm: 4": 1, "b, dense_2: 7": 1, "a, dense_2": 0} {
		if got := strings.Count(svg, "<title>"+title); got != want {
			t.Errorf("%s: got %d bars, want %d", title, got, want)
		}
	}
}
