//go:build unix

package session_test

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

var cost = flag.Bool("cost", false, "measure what the lab costs a run: on a machine that does nothing else, half a minute to a minute and a half for each of six subtests")

// TestCost trains a run by train.Fit alone and the same in a lab, at which nobody looks or a reader does, and says how much more the lab takes. It is a measurement, which -cost asks for, and -count repeats.
//
// A machine that is shared may be a quarter slower for some seconds, by what its neighbours do, which is more than what is to be measured. So the two do not run one after the other but in turn, for a fifth of a second each: when the lab is about
// to tell points, it is held while the other run makes the same steps, and the clock by which it pays for what it does beside training stands. What it tells is written and read while it goes on.
func TestCost(t *testing.T) {
	if !*cost {
		t.Skip("go test ./cmd/stheno/lab/session -run TestCost/relu/reader -cost -v")
	}
	debug.SetGCPercent(30) // as the command has it
	const most = 1.05
	for _, of := range []struct {
		name   string
		epochs int // of 12 seconds and more: it is of the beginning that most is shown
	}{{"relu", 34}, {"deep-relu", 20}, {"lenet", 55}} {
		for readers, who := range []string{"nobody", "reader"} {
			t.Run(of.name+"/"+who, func(t *testing.T) {
				e, err := models.Find(of.name)
				if err != nil {
					t.Fatal(err)
				}
				e.Epochs = of.epochs
				alone := newAlone(t, e)
				inLab, trained := labRun(t, e, readers, alone)
				clock, give, used := compare(inLab, alone.spent)
				t.Logf("by the clock %.3f ± %.3f, by the processors' time %.3f, of which %.3f is between the steps; alone it takes %.1f s, in %d turns", clock, give, used, total(inLab).clock/trained-1, total(alone.spent).clock, len(inLab))
				if clock > most || used > most {
					t.Errorf("want %.2f at most", most)
				}
			})
		}
	}
}

// A spent is how long something took, in seconds, and how much of the processors' time it took this process.
type spent struct{ clock, processors float64 }

// A measured is when something began.
type measured struct {
	start time.Time
	used  float64
}

func measure() measured { return measured{time.Now(), processors()} }

func (m measured) spent() spent {
	return spent{time.Since(m.start).Seconds(), processors() - m.used}
}

func processors() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func total(of []spent) (sum spent) {
	for _, s := range of {
		sum.clock, sum.processors = sum.clock+s.clock, sum.processors+s.processors
	}
	return sum
}

// compare is how many times as long the one took as the other, by the clock, with the standard error that the turns show, and by the processors' time.
func compare(one, other []spent) (clock, give, used float64) {
	a, b := total(one), total(other)
	clock, used = a.clock/b.clock, a.processors/b.processors
	for i := range one {
		d := one[i].clock - clock*other[i].clock
		give += d * d
	}
	return clock, math.Sqrt(give) / b.clock, used
}

// An alone is a run by train.Fit, which goes on a few steps at a time.
type alone struct {
	to    chan uint64 // the step to go on to
	there chan bool   // it is there; closed at the end
	spent []spent
}

func newAlone(t *testing.T, e models.Experiment) *alone {
	data, _, _, err := e.Data(open(t, e))
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
	a := &alone{to: make(chan uint64), there: make(chan bool)}
	step, until := uint64(0), uint64(0)
	config.Observers = append(config.Observers, train.ObserverFunc("turns", func(e *train.Event) error {
		if e.Moment != train.Step {
			return nil
		}
		if step++; step == until {
			a.there <- true
			until = <-a.to
		}
		return nil
	}))
	go func() {
		defer close(a.there)
		until = <-a.to
		if _, err := train.Fit(t.Context(), m, data, config); err != nil {
			t.Error(err)
		}
	}()
	return a
}

func open(t *testing.T, e models.Experiment) (fit, test datasets.Data, seed uint64) {
	fit, test, err := datasets.Open(e.On(), "")
	if err != nil {
		t.Fatal(err)
	}
	return fit, test, 1
}

// on goes on to a step, or to the end.
func (a *alone) on(step uint64) {
	began := measure()
	select {
	case a.to <- step:
		<-a.there
	case <-a.there:
	}
	a.spent = append(a.spent, began.spent())
}

// turn is how long the lab goes on at least: the next points come a tenth of a second after the last ones.
const turn = 150 * time.Millisecond

// labRun is a run in a lab, from the command to play until it says that the run is done, and how long of it it was trained. In turn with it the other run goes on.
func labRun(t *testing.T, e models.Experiment, readers int, other *alone) (turns []spent, trained float64) {
	s, err := lab.Listen("127.0.0.1:0", "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var held atomic.Int64 // how long the lab was
	var began measured
	opened, looked, over, done := make(chan *session.Session, 1), make(chan bool, 1), make(chan bool, 1), make(chan error, 1)
	say := func(to chan bool) {
		select {
		case to <- true:
		default:
		}
	}
	go func() {
		done <- s.Serve(ctx, func(tell func(session.Message)) (lab.Session, error) {
			runs, err := session.New(session.Options{Name: e.Name, Seed: 1, Change: func(of *models.Experiment) error {
				of.TrainSamples, of.Epochs = e.TrainSamples, e.Epochs
				return nil
			}, Tell: func(m session.Message) {
				switch data := m.Data.(type) {
				case session.State:
					if len(data.Runs) > 0 && data.Runs[0].Condition == session.Done {
						say(over)
					}
				case session.Layers:
					say(looked)
				case session.Points:
					if len(data.Points) == 0 {
						break
					}
					trained = data.Points[len(data.Points)-1].Seconds
					if time.Since(began.start) > turn {
						start := time.Now()
						turns = append(turns, began.spent())
						other.on(data.Step)
						held.Add(int64(time.Since(start)))
						began = measure()
					}
				}
				tell(m)
			}})
			if err != nil {
				return nil, err
			}
			runs.SetClock(func() time.Time { return time.Now().Add(-time.Duration(held.Load())) })
			opened <- runs
			return runs, nil
		})
	}()
	runs := <-opened
	<-looked // at the beginning
	told := func() {}
	if readers > 0 {
		told = startReader(t, s.URL())
	}
	began = measure()
	if _, err := runs.Do(ctx, session.Command{Do: "play"}); err != nil {
		t.Fatal(err)
	}
	<-over
	turns = append(turns, began.spent())
	other.on(math.MaxUint64)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	told()
	return turns, trained
}

// readerOf names the lab that the test's program reads, in place of tests, in a process of its own, as a browser is one.
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

// startReader starts a process that reads what the lab tells, and waits until it does; told waits for its end.
func startReader(t *testing.T, url string) (told func()) {
	reader := exec.CommandContext(t.Context(), os.Args[0])
	reader.Env = append(os.Environ(), readerOf+"="+url)
	reader.Stderr = os.Stderr
	out, err := reader.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the reader reads nothing")
	}
	return func() {
		lines.Scan()
		n, err := strconv.Atoi(lines.Text())
		if err := reader.Wait(); err != nil {
			t.Error(err)
		}
		if err != nil || n < 5 {
			t.Errorf("the reader was told %q things", lines.Text())
			return
		}
		t.Logf("the reader was told %d things, which took %.2f s of the processors", n, (reader.ProcessState.UserTime() + reader.ProcessState.SystemTime()).Seconds())
	}
}

// readEvents reads all that a lab tells, and writes a line when it begins and how many messages it had at the end.
func readEvents(url string, out io.Writer) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	page, err := client.Get(url) // which leads to where the lab is
	if err != nil {
		return err
	}
	page.Body.Close()
	stream, err := client.Get(page.Request.URL.JoinPath("events").String())
	if err != nil {
		return err
	}
	defer stream.Body.Close()
	if stream.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", stream.Request.URL, stream.Status)
	}
	n := 0
	for lines := bufio.NewReaderSize(stream.Body, 1<<20); ; {
		line, err := lines.ReadSlice('\n')
		if bytes.HasPrefix(line, []byte("data:")) {
			if n++; n == 1 {
				fmt.Fprintln(out, "it reads")
			}
		}
		if err != nil && err != bufio.ErrBufferFull {
			fmt.Fprintln(out, n)
			return nil
		}
	}
}
