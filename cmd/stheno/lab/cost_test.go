//go:build unix

package lab

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

var cost = flag.Bool("cost", false, "measure what the lab costs a run: on a machine that does nothing else, four minutes for each of six subtests")

// readerOf names the stream that the test's program reads, in place of tests, in a process of its own, as a browser is one.
const readerOf = "STHENO_LAB_READER"

func TestMain(m *testing.M) {
	if of := os.Getenv(readerOf); of != "" {
		if err := readEvents(of, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// readEvents reads a stream to its end and writes how many messages it had. It is at an address, and for whoever has the cookie behind it.
func readEvents(of string, out io.Writer) error {
	address, cookie, _ := strings.Cut(of, " ")
	r, err := http.NewRequest("GET", address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Cookie", cookie)
	stream, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer stream.Body.Close()
	n := 0
	for lines := bufio.NewReaderSize(stream.Body, 1<<20); ; {
		line, err := lines.ReadSlice('\n')
		if bytes.HasPrefix(line, []byte("data:")) {
			n++
		}
		if err != nil && err != bufio.ErrBufferFull {
			fmt.Fprintln(out, n)
			return nil
		}
	}
}

// A spent is how long something took, how much of the processors' time it took this process, and for how long of it a run was trained.
type spent struct{ clock, processor, trained float64 }

// TestCost trains the same steps by train.Fit alone and in a lab, in turn, which nobody looks at or a reader does, and says how much more the lab takes. What the lab does between the steps is known of each run by itself; whether
// the steps take longer beside it, only pairs tell, which the machine moves by more than that. It is a measurement, which -cost asks for.
func TestCost(t *testing.T) {
	if !*cost {
		t.Skip("go test ./cmd/stheno/lab -run TestCost/relu/reader -cost -v")
	}
	debug.SetGCPercent(30) // as the command has it
	const pairs, most = 9, 1.05
	for _, of := range []struct {
		name   string
		epochs int // of some 15 seconds
	}{{"relu", 34}, {"deep-relu", 7}, {"lenet", 55}} {
		for readers, who := range []string{"nobody", "reader"} {
			t.Run(of.name+"/"+who, func(t *testing.T) {
				e, err := models.Find(of.name)
				if err != nil {
					t.Fatal(err)
				}
				e.Epochs = of.epochs
				fit, test, err := datasets.Open(e.On(), "")
				if err != nil {
					t.Fatal(err)
				}
				var clock, processor, between []float64
				var bares, labs spent
				for i := range pairs {
					var bare, lab spent
					if i%2 == 0 { // a machine that becomes slower favours neither
						bare, lab = bareRun(t, e, fit, test), labRun(t, e, readers)
					} else {
						lab, bare = labRun(t, e, readers), bareRun(t, e, fit, test)
					}
					t.Logf("alone %.1f s, %.1f s of the processors; in the lab %.3f and %.3f of it, between the steps %.3f", bare.clock, bare.processor, lab.clock/bare.clock, lab.processor/bare.processor, lab.clock/lab.trained-1)
					bares, labs = spent{bares.clock + bare.clock, bares.processor + bare.processor, 0}, spent{labs.clock + lab.clock, labs.processor + lab.processor, labs.trained + lab.trained}
					clock, processor = append(clock, lab.clock/bare.clock), append(processor, lab.processor/bare.processor)
					between = append(between, lab.clock/lab.trained)
				}
				slices.Sort(clock)
				slices.Sort(processor)
				slices.Sort(between)
				t.Logf("the medians: %.3f by the clock, %.3f of the processors, %.3f between the steps; of all together: %.3f, %.3f and %.3f", clock[pairs/2], processor[pairs/2], between[pairs/2]-1,
					labs.clock/bares.clock, labs.processor/bares.processor, labs.clock/labs.trained-1)
				if clock[pairs/2] > most || processor[pairs/2] > most || between[pairs/2] > most {
					t.Errorf("want %.2f at most", most)
				}
			})
		}
	}
}

// measured is what something takes.
func measured(t *testing.T, do func()) spent {
	t.Helper()
	runtime.GC()
	used := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	}
	before, start := used(), time.Now()
	do()
	return spent{clock: time.Since(start).Seconds(), processor: used() - before}
}

// bareRun is train.Fit.
func bareRun(t *testing.T, e models.Experiment, fit, test datasets.Data) spent {
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
	return measured(t, func() {
		if _, err := train.Fit(t.Context(), m, data, config); err != nil {
			t.Fatal(err)
		}
	})
}

// labRun is a lab, from the command to play until it says that the run is done.
func labRun(t *testing.T, e models.Experiment, readers int) spent {
	t.Helper()
	s, err := Listen("127.0.0.1:0", "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	trained := 0.0 // s
	opened, done, over, looked := make(chan Session, 1), make(chan error, 1), make(chan bool, 1), make(chan bool, 1)
	say := func(to chan bool) {
		select {
		case to <- true:
		default:
		}
	}
	go func() {
		done <- s.Serve(ctx, func(tell func(session.Message)) (Session, error) {
			runs, err := session.New(session.Options{Name: e.Name, Seed: 1, Change: func(of *models.Experiment) error {
				of.TrainSamples, of.Epochs = e.TrainSamples, e.Epochs
				return nil
			}, Tell: func(m session.Message) {
				if state, ok := m.Data.(session.State); ok && len(state.Runs) > 0 && state.Runs[0].Condition == session.Done {
					say(over)
				}
				if points, ok := m.Data.(session.Points); ok && len(points.Points) > 0 {
					trained = points.Points[len(points.Points)-1].Seconds
				}
				if m.Kind == "layers" {
					say(looked)
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
	<-looked // at the beginning
	var reader *exec.Cmd
	var read bytes.Buffer
	if readers > 0 {
		reader = exec.CommandContext(ctx, os.Args[0])
		reader.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s=%s", readerOf, at(s, "/events"), s.guard.cookie, s.guard.token))
		reader.Stdout, reader.Stderr = &read, os.Stderr
		if err := reader.Start(); err != nil {
			t.Fatal(err)
		}
		for there := false; !there; time.Sleep(10 * time.Millisecond) {
			s.hub.mu.Lock()
			there = len(s.hub.readers) > 0
			s.hub.mu.Unlock()
		}
	}
	took := measured(t, func() {
		if _, err := runs.Do(ctx, session.Command{Do: "play"}); err != nil {
			t.Fatal(err)
		}
		<-over
	})
	took.trained = trained
	s.hub.close()
	if reader != nil {
		if err := reader.Wait(); err != nil {
			t.Error(err)
		}
		if n, err := strconv.Atoi(strings.TrimSpace(read.String())); err != nil || n < 5 {
			t.Errorf("the reader was told %q things", read.String())
		} else {
			t.Logf("the reader was told %d things, which took %.2f s of the processors", n, (reader.ProcessState.UserTime() + reader.ProcessState.SystemTime()).Seconds())
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return took
}
