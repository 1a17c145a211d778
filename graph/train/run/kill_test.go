package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/graph/train"
)

var digits = regexp.MustCompile(`[0-9]+`)

var campaign = flag.Bool("campaign", false, "kill 300 runs and not 10")

// deadly is a disk on which the process kills itself before, within or after a call.
type deadly struct {
	osDisk
	at, calls *int
	where     string // where the kill was, for the parent's count
}

func (d deadly) call(what, name string, do func() error) error {
	*d.calls++
	if *d.calls != *d.at {
		return do()
	}
	_ = os.WriteFile(d.where, []byte(what+" "+name), 0o644)
	if rand.IntN(2) == 0 {
		_ = do()
	}
	kill()
	return nil
}

// kill ends this process as nothing can hold up.
func kill() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}

func (d deadly) create(root *os.Root, name string) (f file, err error) {
	err = d.call("create", name, func() (err error) { f, err = d.osDisk.create(root, name); return err })
	return deadlyFile{f, d, name}, err
}

func (d deadly) append(root *os.Root, name string) (f file, err error) {
	err = d.call("open", name, func() (err error) { f, err = d.osDisk.append(root, name); return err })
	return deadlyFile{f, d, name}, err
}

func (d deadly) rename(root *os.Root, from, to string) error {
	return d.call("rename", to, func() error { return d.osDisk.rename(root, from, to) })
}

func (d deadly) remove(root *os.Root, name string) error {
	return d.call("remove", name, func() error { return d.osDisk.remove(root, name) })
}

func (d deadly) truncate(root *os.Root, name string, size int64) error {
	return d.call("truncate", name, func() error { return d.osDisk.truncate(root, name, size) })
}

func (deadly) syncDir(*os.Root, string) error { return nil } // a kill loses nothing that the system has

type deadlyFile struct {
	file
	disk deadly
	name string
}

func (f deadlyFile) Sync() error { return nil }

func (f deadlyFile) Write(b []byte) (n int, err error) {
	err = f.disk.call("write", f.name, func() error { n, err = f.file.Write(b[:rand.IntN(len(b)+1)]); return err })
	if *f.disk.calls == *f.disk.at {
		return n, err
	}
	rest, err := f.file.Write(b[n:])
	return n + rest, err
}

// victim is what a process that is to be killed does.
type victim struct {
	Dir, From, Where string
	Epochs, At       int
}

const victimName = "STHENO_VICTIM"

// TestVictim is the process that TestKilledAnywhere kills: it trains, or goes on, as the environment says.
func TestVictim(t *testing.T) {
	text := os.Getenv(victimName)
	if text == "" {
		return // a test by itself it is not
	}
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	o := Options{Keep: 3, Every: Every{Steps: 2}, disk: deadly{at: &v.At, calls: new(int), where: v.Where}}
	rec, err := Resume(v.Dir, v.From, v.Epochs, o)
	if !exists(filepath.Join(v.Dir, configFile)) {
		rec, err = Create(v.Dir, killed().config(t, 7, samples(t, 1)), o)
	}
	if errors.Is(err, ErrFinished) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	log := train.ObserverFunc("log", func(e *train.Event) error {
		if e.Moment == train.Backward {
			return rec.Append("gradients", e.Position.Step)
		}
		return nil
	})
	result, err := follow(context.Background(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), log, rec)
	if err == nil {
		err = rec.Finish(result.Result)
	}
	if err := errors.Join(err, rec.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestKilledBeforeTheLastPrune: what a kill after the last checkpoint leaves is removed when the run is ended, though there is nothing left to train.
func TestKilledBeforeTheLastPrune(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	train := func(rec *Recorder, err error) *Recorder {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := follow(t.Context(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), rec); err != nil {
			t.Fatal(err)
		}
		return rec
	}
	rec := train(Create(dir, killed().config(t, 7, samples(t, 1)), Options{Keep: 20, Every: Every{Steps: 2}}))
	if err := rec.Close(); err != nil { // as a kill before Finish leaves it, with the checkpoints that were not removed
		t.Fatal(err)
	}
	rec = train(Resume(dir, "", 0, Options{Keep: 3, Every: Every{Steps: 2}}))
	if err := errors.Join(rec.Finish(Result{}), rec.Close()); err != nil {
		t.Fatal(err)
	}
	all, err := rec.Folder().Checkpoints()
	if err != nil || len(all) > 4 { // the newest three, and the best
		t.Errorf("got %d checkpoints and %v, want at most 4", len(all), err)
	}
}

func killed() small {
	e := tiny("adamw", .3)
	e.Epochs = 4
	return e
}

// TestKilledAnywhere kills runs while they train, write and prune checkpoints, go on, and go back to an earlier checkpoint: at a random call of the file system,
// within one, or at a random time. Whatever is left must load, and end in the same bytes as a run that was never stopped.
func TestKilledAnywhere(t *testing.T) {
	wanted := 10
	if *campaign {
		wanted = 300
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func(v victim) *exec.Cmd {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, "-test.run=^TestVictim$")
		cmd.Env = append(os.Environ(), victimName+"="+string(text))
		cmd.Stdout = new(bytes.Buffer)
		cmd.Stderr = cmd.Stdout
		return cmd
	}
	home := t.TempDir()
	whole := filepath.Join(home, "whole")
	before := time.Now()
	if err := start(victim{Dir: whole}).Run(); err != nil {
		t.Fatal(err)
	}
	length := time.Since(before)
	want := files(t, whole)
	r := rand.New(rand.NewPCG(3, 0))
	kills, goingBack, calls, where := 0, 0, 0, map[string]int{}
	for n := 0; kills < wanted; n++ {
		dir := filepath.Join(home, fmt.Sprint("run", n))
		for kills < wanted {
			v := victim{Dir: dir, Where: filepath.Join(home, "where")}
			if f, err := Open(dir); err == nil && r.IntN(2) == 0 {
				if all, _ := f.Checkpoints(); len(all) > 1 {
					v.From = fmt.Sprint(all[r.IntN(len(all))].Step)
				}
			}
			if r.IntN(4) > 0 {
				v.At = 1 + r.IntN([]int{20, 150}[r.IntN(2)]) // half of them where it begins
			}
			os.Remove(v.Where)
			cmd := start(v)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			if v.At == 0 {
				time.Sleep(time.Duration(r.Int64N(int64(length))))
				_ = cmd.Process.Kill()
			}
			err := <-done
			if err == nil {
				break
			}
			if code := cmd.ProcessState.ExitCode(); code != -1 && runtime.GOOS != "windows" {
				t.Fatalf("after %d kills, %+v: %v: %s", kills, v, err, cmd.Stdout)
			}
			kills++
			if text, err := os.ReadFile(v.Where); err == nil {
				calls++
				what, name, _ := strings.Cut(string(text), " ")
				where[what+" "+digits.ReplaceAllString(name, "#")]++
			}
			f, err := Open(dir)
			if err != nil {
				continue // there is no run yet
			}
			if f.Config.until != nil {
				goingBack++
			}
			all, err := f.Checkpoints()
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				if _, _, err := f.Model(c, nil); err != nil {
					t.Fatalf("after %d kills, %+v: %v", kills, v, err)
				}
			}
			if _, err := f.Epochs(); err != nil {
				t.Fatalf("after %d kills, %+v: %v", kills, v, err)
			}
		}
		_, unfinished := os.Stat(filepath.Join(dir, resultFile))
		if last := start(victim{Dir: dir}); last.Run() != nil {
			t.Fatalf("after %d kills: %s", kills, last.Stdout)
		}
		got := files(t, dir)
		if unfinished == nil { // it was refused, and left alone: what was killed while it looked whether there is room for going back goes with the next that trains, or with the run
			maps.DeleteFunc(got, func(name, _ string) bool { return ownTemporary.MatchString(filepath.Base(name)) })
		}
		sameFiles(t, want, got)
		if t.Failed() {
			t.Fatalf("after %d kills", kills)
		}
		os.RemoveAll(dir)
	}
	t.Logf("%d kills, %d at a call of the file system, %d of them within going back, nothing lost: %v", kills, calls, goingBack, where)
}
