package session

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/models"
)

// slow are samples of which each reading waits for a turn.
type slow struct {
	datasets.Data
	turns <-chan struct{}
}

func (s slow) Read(b datasets.Batch, rows []int, d datasets.Draw) error {
	<-s.turns
	return s.Data.Read(b, rows, d)
}

// TestAnswers: a column of yes and no is asked for, and shown, by the words that the data have for them, in a sample and in a step that is taken apart.
func TestAnswers(t *testing.T) {
	l := serve(t, Options{Seed: 1, Open: tinyData(t), Dataset: "tiny"})
	var text strings.Builder
	text.WriteString("height,wet,kind\n")
	for i := range 60 {
		fmt.Fprintf(&text, "%d,%s,%s\n", i%7, []string{"No", "Yes"}[i%2], []string{"moss", "reed"}[i/2%2])
	}
	at := filepath.Join(written(t, map[string]string{"plants.csv": text.String()}), "plants.csv")
	id := l.do(Command{Do: "open", Path: at})
	in := l.run(id).Input
	if len(in.Columns) != 2 || in.Columns[1].Type != "category" || !slices.Equal(in.Columns[1].Categories, []string{"No", "Yes"}) || !slices.Contains(in.Columns[1].Categories, in.Columns[1].Example) {
		t.Fatalf("got %+v", in.Columns)
	}
	if d, err := Describe(at); err != nil || d.Columns[1].Type != "answer" || !slices.Equal(d.Columns[1].Categories, []string{"No", "Yes"}) {
		t.Errorf("described: %v, %+v", err, d)
	}
	if read := ask[*look.Read](l, Command{Do: "read"}); len(read.Columns) != 3 || !slices.Equal(read.Columns[1].Answers, []string{"No", "Yes"}) || read.Columns[0].Answers != nil {
		t.Errorf("how it was read: %+v", read.Columns)
	}
	seen := map[string]bool{}
	for i := range 10 {
		got := ask[*look.Sample](l, Command{Do: "sample", Sample: i})
		seen[got.Row["wet"]] = true
		if a := ask[*look.Prediction](l, Command{Do: "predict", Row: got.Row}); a.Refused != nil || len(a.Probabilities) != 2 {
			t.Errorf("%v: got %+v", got.Row, a)
		}
	}
	for _, of := range ask[*look.Apart](l, Command{Do: "apart"}).Batch {
		seen[of.Row["wet"]] = true
	}
	if len(seen) != 2 || !seen["Yes"] || !seen["No"] {
		t.Errorf("it was %v", seen)
	}
}

// TestReadingHoldsNobody opens data that are slow to open and slow to read: the run that plays goes on meanwhile, and theirs is there in the end.
func TestReadingHoldsNobody(t *testing.T) {
	turns := make(chan struct{})
	l := &lab{t: t, done: make(chan error, 1)}
	s, err := New(Options{
		Name: "relu", Seed: 1, Dataset: "tiny", Open: tinyData(t),
		Change: func(e *models.Experiment) error {
			e.Hidden, e.BatchSize, e.Epochs, e.Scale = []int{8}, 8, 1_000_000, 1
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.openOwn = func(path, targets string, r own.Reading) (datasets.Data, error) {
		<-turns
		if filepath.Base(path) == "none.csv" {
			return own.Open(path, targets, r)
		}
		data := tiny(t, 60)
		return slow{data, turns}, nil
	}
	l.Session = s
	go func() { l.done <- s.Serve(t.Context()) }()
	t.Cleanup(func() { <-l.done })
	playing := l.do(Command{Do: "play"})
	type opened struct {
		value any
		err   error
	}
	open := func(name string) chan opened {
		c := make(chan opened, 1)
		go func() {
			v, err := s.Do(t.Context(), Command{Do: "open", Path: filepath.Join(t.TempDir(), name)})
			c <- opened{v, err}
		}()
		return c
	}
	goesOn := func() {
		before := l.run(playing)
		if before.Condition != Playing {
			t.Fatalf("got %+v", before)
		}
		l.until(playing, func(r Run) bool { return r.Step > before.Step })
	}
	first := open("slow.csv")
	given := 0
	var got opened
	for done := false; !done; {
		goesOn()
		select {
		case turns <- struct{}{}:
			given++
		case got = <-first:
			done = true
		case <-time.After(time.Minute):
			t.Fatal("nobody reads")
		}
	}
	if got.err != nil || given < 3 {
		t.Fatalf("got %v after %d readings", got.err, given)
	}
	id := got.value.(Answer).Run
	if r := l.run(id); r.Dataset != "slow.csv" || r.Samples+r.TestSamples != 60 || l.State().Current != id {
		t.Errorf("got %+v", r)
	}
	if r := l.run(playing); r.Condition != Paused {
		t.Errorf("got %+v", r)
	}

	close(turns)
	if got := <-open("none.csv"); got.err == nil || !strings.Contains(got.err.Error(), "none.csv") || strings.Contains(got.err.Error(), string(filepath.Separator)) {
		t.Errorf("got %v", got.err)
	}
}

// TestLeftOutByNobody: of data that a run was kept with it is not known who left a column out, so that nobody is said to have.
func TestLeftOutByNobody(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,a,b,kind\n")
	for i := range 90 {
		fmt.Fprintf(&text, "%d,%d,%d,%s\n", 1000+i, i*7%13, i*5%11, []string{"x", "y"}[i%2])
	}
	at, out := filepath.Join(written(t, map[string]string{"customers.csv": text.String()}), "customers.csv"), t.TempDir()
	roles := func(l *lab) (roles []string) {
		for _, c := range ask[*look.Read](l, Command{Do: "read"}).Columns {
			roles = append(roles, c.Role)
		}
		return roles
	}
	o := Options{Name: at, Seed: 1, Out: out}
	o.Reading.Columns.Target = []string{"kind"}
	l := serve(t, o)
	l.do(Command{Do: "step"})
	want := []string{"left out", "number", "number", "target"}
	if got := roles(l); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.ends()
	if again := serve(t, Options{Seed: 1, Out: out}); !slices.Equal(roles(again), want) {
		t.Errorf("opened again: got %q, want %q", roles(again), want)
	}
}

// TestExampleIsWhole: the row that is filled in is one that has all where there is one, else each column has a value that comes in it.
func TestExampleIsWhole(t *testing.T) {
	for _, every := range []int{2, 3} {
		var text strings.Builder
		text.WriteString("height,width,color,kind\n")
		for i := range 90 {
			cells := []string{fmt.Sprint(i % 7), fmt.Sprint(100 + i%5), []string{"red", "blue"}[i%2]}
			if at := i % every; at < 2 { // of two nobody has both, of three each third row has all
				cells[at] = ""
			}
			if i%every == 0 {
				cells[2] = ""
			}
			fmt.Fprintf(&text, "%s,%s\n", strings.Join(cells, ","), []string{"moss", "reed"}[i/2%2])
		}
		l := serve(t, Options{Seed: 1, Open: tinyData(t), Dataset: "tiny"})
		id := l.do(Command{Do: "open", Path: filepath.Join(written(t, map[string]string{"plants.csv": text.String()}), "plants.csv")})
		row := map[string]string{}
		for _, c := range l.run(id).Input.Columns {
			if row[c.Name] = c.Example; c.Example == "" {
				t.Errorf("every %d: nothing is filled in for %s", every, c.Name)
			}
		}
		whole := false
		for i := range 18 {
			whole = whole || maps.Equal(row, ask[*look.Sample](l, Command{Do: "sample", Sample: i}).Row)
		}
		if whole != (every == 3) {
			t.Errorf("every %d: %v is a row of the table: %v", every, row, whole)
		}
	}
}
