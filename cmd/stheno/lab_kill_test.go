package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
)

var labKills = flag.Int("lab-kills", 1, "how often a lab is killed while it trains, keeps and takes uploads")

// contents are the hashes of a folder's files, but for locks.
func contents(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		fmt.Fprintf(h, "%s %d %s", name, len(text), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// whole are the contents of each run that a lab which was killed left, where one that was to be replaced counts as long as nothing is in its place.
func whole(t *testing.T, out string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		name, replaced := strings.CutSuffix(e.Name(), ".going")
		if strings.HasSuffix(name, ".coming") || name == "data" || name == "lock" {
			continue
		}
		if _, there := all[name]; !replaced || !there {
			all[name] = contents(t, filepath.Join(out, e.Name()))
		}
	}
	return all
}

// more says whether there are more runs than so many in a folder that a lab is at work on.
func more(out string, than int) bool {
	entries, _ := os.ReadDir(out)
	for _, e := range entries {
		if e.IsDir() && e.Name() != "data" && filepath.Ext(e.Name()) != ".coming" && filepath.Ext(e.Name()) != ".going" {
			than--
		}
	}
	return than < 0
}

// heads are how far each run was trained, as the lab says when it is asked first.
func (l *labProcess) heads(t *testing.T) (all []uint64) {
	t.Helper()
	l.event(t, "no state", func(line string) bool {
		var state struct {
			Ready bool
			Runs  []struct{ Head uint64 }
		}
		text, is := strings.CutPrefix(line, "data: ")
		if !is || json.Unmarshal([]byte(text), &state) != nil || !state.Ready {
			return false
		}
		for _, r := range state.Runs {
			all = append(all, r.Head)
		}
		return true
	})
	return all
}

// use plays and pauses, and brings data, until the lab is dead. It counts the uploads that were taken.
func (l *labProcess) use(ctx context.Context, taken *atomic.Int64) {
	post := func(path, kind string, body io.Reader) bool {
		r, err := http.NewRequestWithContext(ctx, "POST", l.at(path), body)
		if err != nil {
			return false
		}
		r.Header.Set("Content-Type", kind)
		got, err := l.client.Do(r)
		if err != nil {
			return false
		}
		defer got.Body.Close()
		_, err = io.Copy(io.Discard, got.Body)
		return err == nil && got.StatusCode == http.StatusOK
	}
	form := func(rows int) (string, *bytes.Buffer) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		f, _ := w.CreateFormFile("file", "plants.csv")
		_, _ = io.WriteString(f, plants(rows))
		_ = w.Close()
		return w.FormDataContentType(), &b
	}
	var all sync.WaitGroup
	all.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if post("/api/do", "application/json", strings.NewReader(`{"do":"play"}`)); i == 1 {
				if kind, body := form(60); post("/api/upload", kind, body) {
					taken.Add(1)
				}
			}
			time.Sleep(80 * time.Millisecond)
			post("/api/do", "application/json", strings.NewReader(`{"do":"pause"}`))
			time.Sleep(700 * time.Millisecond) // in which they are kept
		}
	})
	all.Go(func() { // one that is on its way when the lab dies
		kind, body := form(60)
		from, to := io.Pipe()
		context.AfterFunc(ctx, func() { to.CloseWithError(context.Cause(ctx)) })
		go func() { _, _ = to.Write(body.Next(body.Len() / 2)) }()
		post("/api/upload", kind, from)
	})
	all.Wait()
}

// TestLabOutIsOfOne: a second lab on a folder is refused as long as the first lives, whatever the folder is called, and touches nothing; of one that was killed the next one takes the folder.
func TestLabOutIsOfOne(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	dir := t.TempDir()
	out, also := filepath.Join(dir, "evening"), filepath.Join(dir, "also")
	args := []string{"relu", "--train-samples", "200", "--hidden", "8", "--epochs", "2", "--out", out}
	l := startLab(t, args...)
	if err := os.Symlink(out, also); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(out, "001-relu.coming") // that the first one is writing
	if err := os.Mkdir(half, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{out, also} {
		said := refused(t, 1, "lab", "--no-open", "--out", name)
		for _, want := range []string{"--out: " + name + " is in use by process " + fmt.Sprint(l.Process.Pid), "close the lab", "another folder: --out FOLDER"} {
			if !strings.Contains(said, want) {
				t.Errorf("got %s, want %s", said, want)
			}
		}
	}
	if _, err := os.Stat(half); err != nil {
		t.Errorf("what the first one was writing is gone: %v", err)
	}
	startLab(t, "relu", "--train-samples", "200", "--hidden", "8", "--out", filepath.Join(dir, "other")).end(t)
	_ = l.Process.Kill()
	_ = l.Wait()
	l = startLab(t, args...)
	l.end(t)
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 0 {
		t.Errorf("there is left %v, %v", entries, err)
	}
	startLab(t, args...).end(t)
}

// TestLabKilled kills a lab at any moment, and starts another one on its folder: each run that was kept is there as it was, what was half written is gone, uploads are there whole or not at all, and the other commands take the
// runs. Twenty kills left 40 runs, 20 uploads that had been taken, and 20 halves of uploads, which went; nothing was lost: go test ./cmd/stheno -run TestLabKilled -lab-kills 20 -v
func TestLabKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	out := filepath.Join(t.TempDir(), "evening")
	rng := rand.New(rand.NewPCG(20, 26))
	args := []string{"relu", "--train-samples", "500", "--hidden", "8", "--epochs", "100000", "--out", out}
	before, halves, taken := map[string]string{}, 0, atomic.Int64{}
	for kill := range *labKills {
		l := startLab(t, args...)
		ctx, dead := context.WithCancel(t.Context())
		done := make(chan bool)
		go func() {
			l.use(ctx, &taken)
			close(done)
		}()
		for end := time.Now().Add(40 * time.Second); !more(out, len(before)+1) && time.Now().Before(end); { // the first run of each kind is kept
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(time.Duration(rng.IntN(2500)) * time.Millisecond)
		_ = l.Process.Kill()
		_ = l.Wait()
		dead()
		<-done
		kept := whole(t, out)
		for name, was := range before {
			if kept[name] != was {
				t.Errorf("kill %d: %s is not what it was", kill, name)
			}
		}
		half := func() (all []string) {
			for _, pattern := range []string{"*.coming", "*.going", "data/stheno-lab-*"} {
				found, _ := filepath.Glob(filepath.Join(out, pattern))
				all = append(all, found...)
			}
			return all
		}
		halves += len(half())
		again := startLab(t, args...)
		if got := whole(t, out); !maps.Equal(got, kept) {
			t.Errorf("kill %d: there are %d runs, want the %d that were there, as they were", kill, len(got), len(kept))
		}
		heads := again.heads(t)
		if len(heads) != len(kept)+1 {
			t.Errorf("kill %d: %d runs are open, want the %d that were kept and a new one", kill, len(heads), len(kept))
		}
		for i := range len(heads) - 1 {
			if heads[i] == 0 {
				t.Errorf("kill %d: run %d has no step", kill, i+1)
			}
		}
		for end := time.Now().Add(10 * time.Second); len(half()) > 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		}
		if left := half(); len(left) > 0 {
			t.Errorf("kill %d: there is still %q", kill, left)
		}
		again.end(t)
		if again.errOut.String() != "" {
			t.Errorf("kill %d: it said %s", kill, again.errOut.String())
		}
		before = kept
	}
	uploads, _ := filepath.Glob(filepath.Join(out, "data", "*", "plants.csv"))
	for _, path := range uploads {
		if text, err := os.ReadFile(path); err != nil || string(text) != plants(60) {
			t.Errorf("%s: %d bytes, %v", path, len(text), err)
		}
	}
	if n := int(taken.Load()); len(uploads) < n || n == 0 {
		t.Errorf("there are %d uploads of the %d that were taken", len(uploads), n)
	}
	t.Logf("%d runs and %d uploads were kept; %d things were half written", len(before), len(uploads), halves)
	kinds := map[string]string{}
	for name := range before {
		dir := filepath.Join(out, name)
		if !runs.IsRun(dir) {
			t.Errorf("%s is no run", name)
		}
		kind := "run"
		if strings.Contains(name, "plants") {
			kind = "train"
		}
		kinds[kind] = dir
	}
	if len(kinds) == 0 {
		t.Error("no run was kept")
	}
	for kind, dir := range kinds {
		ok(t, "diagnose", dir)
		if status, _, said := stheno("report", dir, "-o", filepath.Join(t.TempDir(), "report.html")); status != 0 {
			t.Errorf("report: %s", said)
		}
		if status, said, errOut := stheno(kind, "--resume", dir, "--quiet", "--time-limit", "1s"); status != 0 || !strings.Contains(said+errOut, "accuracy") && !strings.Contains(errOut, "is finished") {
			t.Errorf("resumed: status %d, %s%s", status, said, errOut)
		}
	}
}
