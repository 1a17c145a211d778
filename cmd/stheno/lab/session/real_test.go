package session

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func TestReal(t *testing.T) {
	names := os.Getenv("REAL")
	if names == "" {
		t.Skip()
	}
	e, _ := models.Find(names)
	e.Epochs = 4
	tr, te, _ := datasets.Open("mnist", "")
	fit, _, _, _ := e.Data(tr, te, 1)
	m, _ := e.Model(fit.Info(), 1)
	c, _ := e.Config(models.RunOptions{Seed: 1})
	start := time.Now()
	h, err := train.Fit(t.Context(), m, fit, c)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("plain", time.Since(start), h.Epochs[len(h.Epochs)-1].Running.Loss)
	l := serve(t, Options{Name: names, Seed: 1, Change: func(e *models.Experiment) error { e.Epochs = 4; return nil }})
	id := l.State().Current
	time.Sleep(500 * time.Millisecond)
	start = time.Now()
	l.do(Command{Do: "play"})
	r := l.until(id, func(r Run) bool { return r.Condition == Done })
	fmt.Println("lab", time.Since(start), r.Step)
	l.until(id, over)
	fmt.Println("result", time.Since(start))
	for _, s := range []uint64{r.Head / 2, r.Head/2 + 1, 10, r.Head - 10} {
		at := time.Now()
		l.goTo(id, s)
		fmt.Println("goto", s, time.Since(at))
		at = time.Now()
		l.do(Command{Do: "step"})
		fmt.Println("step", time.Since(at))
		at = time.Now()
		if _, err := l.Do(context.Background(), Command{Do: "predict", Sample: 3}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("predict", time.Since(at))
		at = time.Now()
		if _, err := l.Do(context.Background(), Command{Do: "apart"}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("apart", time.Since(at))
	}
	at := time.Now()
	_, n := last[Found](l)
	for {
		if f, now := last[Found](l); now > n {
			for _, f := range f.Findings {
				fmt.Println(f.Code, f.Layer, len(f.Mends))
			}
			break
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println("findings", time.Since(at))
	counts, bytes := map[string]int{}, map[string]int{}
	l.mu.Lock()
	for _, m := range l.told {
		text, _ := json.Marshal(m.Data)
		counts[m.Kind]++
		bytes[m.Kind] += len(text)
	}
	l.mu.Unlock()
	fmt.Println(counts, bytes)
	var ms runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&ms)
	fmt.Println("heap", ms.HeapAlloc>>20, "MB", l.run(id).Checkpoints)
	text, _ := json.MarshalIndent(l.run(id), "", " ")
	fmt.Println(string(text))
}
