package session

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
)

// TestJudged: how a table was read is told column by column, with what saying the same of every row is worth; and what came of it is judged as stheno eval judges it, in the target's units.
func TestJudged(t *testing.T) {
	var b strings.Builder
	b.WriteString("sold,plot,rooms,heating,kind,price\n")
	for i := range 90 {
		rooms, heating := fmt.Sprint(i%5), []string{"gas", "oil", ""}[i%3]
		if i%9 == 0 {
			rooms = ""
		}
		fmt.Fprintf(&b, "2024-0%d-1%d,plot-%d,%s,%s,%s,%d\n", i%9+1, i%7, i, rooms, heating, []string{"flat", "house", "house"}[i%3], 100_000+20_000*(i%5)+i)
	}
	path := filepath.Join(t.TempDir(), "houses.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"kind", "price"} {
		t.Run(target, func(t *testing.T) {
			l := serve(t, Options{Seed: 4, Open: tinyData(t), Dataset: "tiny"})
			if _, err := l.Do(t.Context(), Command{Do: "read"}); err == nil || !strings.Contains(err.Error(), "no data of your own") {
				t.Errorf("of a data set: %v", err)
			}
			if j := ask[*look.Judged](l, Command{Do: "judged"}); j.Set != "test" || len(j.Sets) != 2 || j.Sets[0].Samples != 60 || j.Sets[1].Samples != j.Samples || len(j.Confusion) == 0 || j.Baseline != nil {
				t.Errorf("of a data set: got %+v", j)
			}
			id := l.do(Command{Do: "open", Path: path, Target: target})
			read := ask[*look.Read](l, Command{Do: "read"})
			roles := ""
			for _, c := range read.Columns {
				roles += c.Name + " " + c.Role + " " + strings.Join(c.Parts, "/") + "; "
			}
			want := map[string]string{
				"kind":  "sold date year/month/day/day of year/weekday; plot left out ; rooms number ; heating category ; kind target ; price number ; ",
				"price": "sold date year/month/day/day of year/weekday; plot left out ; rooms number ; heating category ; kind category ; price target ; ",
			}[target]
			if roles != want {
				t.Errorf("got %s\nwant %s", roles, want)
			}
			rooms, heating := read.Columns[2], read.Columns[3]
			if read.Samples != 90 || read.Fit+read.Held != 90 || read.Held < 17 || read.Held > 19 || rooms.Missing != 10 || rooms.Fill == nil || float64(*rooms.Fill) != 2 || heating.Missing != 30 || heating.Values != 2 {
				t.Errorf("got %+v", read)
			}
			said := false
			for _, n := range read.Notes {
				said = said || strings.Contains(n.EN, `"plot" is left out`)
			}
			if !said || !strings.Contains(read.Preparation, "fill-missing") {
				t.Errorf("got %+v", read)
			}

			l.do(Command{Do: "change", Change: &look.Change{Epochs: of(3)}})
			l.do(Command{Do: "play"})
			l.until(id, over)
			got := ask[*look.Judged](l, Command{Do: "judged"})

			// The model that is taken away, judged as a command judges it.
			file := filepath.Join(t.TempDir(), "m.safetensors")
			if err := os.WriteFile(file, ask[File](l, Command{Do: "model"}).Content, 0o644); err != nil {
				t.Fatal(err)
			}
			m, prepare, err := kept.LoadModel(file)
			if err != nil {
				t.Fatal(err)
			}
			o := planned(t, path, target)
			eval, err := own.Judge(t.Context(), m, train.Config{Loss: o.How.Loss, Metrics: o.How.Metrics}, prepare, o.Parts.RawHeld)
			if err != nil {
				t.Fatal(err)
			}
			if got.Set != "held" || got.Samples != read.Held || len(got.Sets) != 2 || got.Step != l.run(id).Step || float64(*got.Sets[1].Loss) != eval.Metrics.Loss || !reflect.DeepEqual(got.Confusion, eval.Confusion) {
				t.Errorf("got %+v, want %+v", got, eval)
			}
			for i, s := range eval.Metrics.Scores {
				if told := got.Sets[1].Scores[i]; told.Name != s.Name || float64(*told.Value) != s.Value {
					t.Errorf("got %+v, want %+v", told, s)
				}
			}
			if target == "kind" {
				if b := read.Baseline; b.Class != "house" || math.Abs(float64(*b.Share)-2./3) > .05 || len(read.Classes) != 2 || read.Classes[0].Fit+read.Classes[1].Fit != read.Fit || got.Prepared || read.Standardized != nil || got.Errors != nil {
					t.Errorf("got %+v and %+v", b, got)
				}
				return
			}
			e, n := eval.Residuals[0], read.Baseline.Numbers[0]
			if told := got.Errors[0]; told.Target != "price" || float64(*told.RMSE) != e.RMSE || float64(*told.MAE) != e.MAE || float64(*told.Largest) != e.Largest || told.Place != fmt.Sprint(e.Line) || !got.Prepared {
				t.Errorf("got %+v, want %+v", told, e)
			}
			if n.Target != "price" || math.Abs(float64(n.Mean)-140_045) > 6000 || float64(n.RMSE) < 20_000 || float64(n.RMSE) > 40_000 || n.MAE > n.RMSE || math.Abs(float64(read.Standardized.Mean-n.Mean)) > 1 || read.Standardized.Std < 20_000 {
				t.Errorf("got %+v and %+v", n, read.Standardized)
			}
			if l.do(Command{Do: "goto", Step: of(uint64(1))}); ask[*look.Judged](l, Command{Do: "judged"}).Step != 1 {
				t.Error("at another step it is judged as before")
			}
			before := ask[*look.Judged](l, Command{Do: "judged"})
			l.do(Command{Do: "restart"})
			l.do(Command{Do: "step"})
			if again := ask[*look.Judged](l, Command{Do: "judged"}); again.Step != 1 || *again.Sets[1].Loss != *before.Sets[1].Loss {
				t.Errorf("once more: got %+v, want %+v", again, before)
			}
			l.do(Command{Do: "change", Change: &look.Change{Loss: of("mae")}})
			if other := ask[*look.Judged](l, Command{Do: "judged"}); other.Step != 1 || *other.Sets[1].Loss == *before.Sets[1].Loss {
				t.Errorf("by another loss: got %+v, as before", other)
			}
		})
	}
}
