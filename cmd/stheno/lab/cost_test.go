package lab

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

var cost = flag.Bool("cost", false, "measure what the lab costs a run: minutes, on a machine that does nothing else")

// TestCost trains the same steps by train.Fit alone, in a lab that nobody looks at, and in one with a reader, in turn, and says how much longer the lab takes. It is a measurement, which -cost asks for.
func TestCost(t *testing.T) {
	if !*cost {
		t.Skip("go test ./cmd/stheno/lab -run TestCost -cost -v")
	}
	const pairs = 7
	for name, epochs := range map[string]int{"relu": 12, "deep-relu": 1, "lenet": 4} {
		t.Run(name, func(t *testing.T) {
			e, err := models.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			e.TrainSamples, e.Epochs = 6000, epochs
			fit, test, err := datasets.Open(e.On(), "")
			if err != nil {
				t.Fatal(err)
			}
			var ratios [2][]float64
			alone := 0.0
			for range pairs {
				bare := bareSeconds(t, e, fit, test)
				alone += bare / pairs
				for readers := range 2 {
					ratios[readers] = append(ratios[readers], labSeconds(t, e, readers)/bare)
				}
			}
			for readers, all := range ratios {
				slices.Sort(all)
				t.Logf("%s, %d readers: %.3f of train.Fit's %.1f s, the median of %.3f", name, readers, all[pairs/2], alone, all)
			}
			if all := ratios[1]; all[pairs/2] > 1.05 {
				t.Errorf("the lab takes %.3f of train.Fit's time with a reader, want 1.05 at most", all[pairs/2])
			}
		})
	}
}

// bareSeconds is how long train.Fit takes.
func bareSeconds(t *testing.T, e models.Experiment, fit, test datasets.Data) float64 {
	t.Helper()
	data, _, _, err := e.Data(fit, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Model(data.Info(), 1)
	if err != nil {
		t.Fatal(err)
	}
	config, err := e.Config(models.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := train.Fit(t.Context(), m, data, config); err != nil {
		t.Fatal(err)
	}
	return time.Since(start).Seconds()
}

// labSeconds is how long a lab takes, from the command to play until it says that the run is done.
func labSeconds(t *testing.T, e models.Experiment, readers int) float64 {
	t.Helper()
	s, err := Listen("127.0.0.1:0", "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opened, done, over := make(chan Session, 1), make(chan error, 1), make(chan time.Time, 1)
	go func() {
		done <- s.Serve(ctx, func(tell func(session.Message)) (Session, error) {
			runs, err := session.New(session.Options{Name: e.Name, Seed: 1, Change: func(of *models.Experiment) error {
				of.TrainSamples, of.Epochs = e.TrainSamples, e.Epochs
				return nil
			}, Tell: func(m session.Message) {
				if state, ok := m.Data.(session.State); ok && len(state.Runs) > 0 && state.Runs[0].Condition == session.Done {
					select {
					case over <- time.Now():
					default:
					}
				}
				tell(m)
			}})
			if err == nil {
				opened <- runs
			}
			return runs, err
		})
	}()
	runs := <-opened
	read := make(chan int, 1)
	if readers > 0 {
		r, _ := http.NewRequestWithContext(ctx, "GET", at(s, "/events"), nil)
		r.AddCookie(&http.Cookie{Name: s.guard.cookie, Value: s.guard.token})
		stream, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			n := 0
			for lines := bufio.NewReaderSize(stream.Body, 1<<20); ; {
				line, err := lines.ReadSlice('\n')
				if err != nil && err != bufio.ErrBufferFull {
					read <- n
					return
				}
				if bytes.HasPrefix(line, []byte("data:")) {
					n++
				}
			}
		}()
	}
	if _, err := runs.Do(ctx, session.Command{Do: "check", Change: nil}); err == nil { // waits until it is at work
		t.Fatal("nothing is a change")
	}
	time.Sleep(500 * time.Millisecond) // in which the first look at the layers is over
	start := time.Now()
	if _, err := runs.Do(ctx, session.Command{Do: "play"}); err != nil {
		t.Fatal(err)
	}
	end := <-over
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if readers > 0 {
		if n := <-read; n < 5 {
			t.Error(fmt.Sprint("the reader was told ", n, " things"))
		}
	}
	return end.Sub(start).Seconds()
}
