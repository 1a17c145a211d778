package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	mpirun    = flag.String("mpirun", "", "`mpirun` of Open MPI or MPICH, or several with commas between, to run stheno in several processes with")
	rankKills = flag.Int("rank-kills", 2, "how many runs of several ranks TestRankKilled ends, by each mpirun")
)

// launchers are those of the flag.
func launchers() []string {
	if *mpirun == "" {
		return nil
	}
	return strings.Split(*mpirun, ",")
}

// launch is a job of so many ranks, of which each part runs the same.
func launch(t *testing.T, launcher string, parts ...[]string) *exec.Cmd {
	t.Helper()
	version, err := exec.Command(launcher, "--version").CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", launcher, err, version)
	}
	var args []string
	if bytes.Contains(version, []byte("Open MPI")) {
		args = []string{"--oversubscribe"}
		if os.Getuid() == 0 {
			args = append(args, "--allow-run-as-root")
		}
	}
	for i, part := range parts {
		if i > 0 {
			args = append(args, ":")
		}
		args = append(append(args, "-n", part[0], os.Args[0]), part[1:]...)
	}
	cmd := exec.Command(launcher, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}

// ranked runs a job of n ranks to its end.
func ranked(t *testing.T, launcher string, n int, args ...string) {
	t.Helper()
	if out, err := launch(t, launcher, append([]string{strconv.Itoa(n)}, args...)).CombinedOutput(); err != nil {
		t.Fatalf("%s -n %d stheno %s: %v\n%s", launcher, n, strings.Join(args, " "), err, out)
	}
}

// sums are the hashes of what a run keeps that does not depend on the clock.
func sums(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no checkpoints, %v", dir, err)
	}
	for _, file := range append(files, filepath.Join(dir, "metrics.jsonl"), filepath.Join(dir, "gradients.jsonl")) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %x\n", filepath.Base(file), sha256.Sum256(content))
	}
	return b.String()
}

// rankedRuns are short runs of every kind of network, whose batches are cut in four.
func rankedRuns() map[string][]string {
	all := map[string][]string{
		"relu":      {"relu", "--hidden", "40,30"},
		"dropout":   {"dropout", "--hidden", "40,30"},
		"adam":      {"adam", "--hidden", "40,30"},
		"batchnorm": {"adam", "--layers", "dense 32, batchnorm, sigmoid, dense 32, batchnorm, relu, dense 10 softmax"},
		"conv":      {"lenet"},
		"recurrent": {"row-lstm", "--layers", "lstm 16, dense 10 softmax"},
	}
	for name, args := range all {
		all[name] = slices.Concat([]string{"run"}, args, []string{"--epochs", "2", "--train-samples", "230", "--batch-size", "50", "--shards", "4", "--threads", "1", "--quiet", "--record-gradients", "3"})
	}
	return all
}

// TestRanksAreOneRun: four shards on two ranks and on four leave what they leave in one process, to the bit.
func TestRanksAreOneRun(t *testing.T) {
	for _, launcher := range launchers() {
		for name, args := range rankedRuns() {
			dir := t.TempDir()
			ok(t, append(slices.Clone(args), "--out", filepath.Join(dir, "one"))...)
			want := sums(t, filepath.Join(dir, "one"))
			for _, n := range []int{2, 4} {
				out := filepath.Join(dir, strconv.Itoa(n))
				ranked(t, launcher, n, append(slices.Clone(args), "--out", out)...)
				if got := sums(t, out); got != want {
					t.Errorf("%s: %s on %d ranks left\n%swant\n%s", launcher, name, n, got, want)
				}
			}
		}
	}
}

// TestRanksThatDiffer end at once, and one line says which and how.
func TestRanksThatDiffer(t *testing.T) {
	base := []string{"1", "run", "relu", "--hidden", "8", "--epochs", "1", "--train-samples", "200", "--threads", "1", "--quiet", "--out"}
	for _, launcher := range launchers() {
		for want, more := range map[string][]string{
			"rank 1 differs from rank 0 in the model's seed: 2, there 1": {"--seed", "2"},
			"rank 1 differs from rank 0 in the data: 199 samples":        {"--train-samples", "199"},
			"rank 1 differs from rank 0 in its network: ":                {"--hidden", "9"},
			"rank 1 differs from rank 0 in what multiplies: gonum":       {"--blas", "gonum"},
			"rank 1 differs from rank 0 in its optimizer: sgd 0.2":       {"--learning-rate", "0.2"},
			"rank 1: datasets: cannot read the folder /nowhere":          {"--data-dir", "/nowhere"},
			"rank 1: run: there is no flag --nonsense":                   {"--nonsense"},
		} {
			first := append(slices.Clone(base), filepath.Join(t.TempDir(), "run"))
			out, err := launch(t, launcher, first, append(slices.Clone(first), more...)).CombinedOutput()
			if err == nil || strings.Count(string(out), want) != 1 {
				t.Errorf("%s with %v on one rank: got error %v and\n%s\nwant %q once", launcher, more, err, out, want)
			}
		}
	}
}

// TestRanksOfTwoBuilds: ranks of programs that were not built of one source are refused, although both say that they have no version.
func TestRanksOfTwoBuilds(t *testing.T) {
	for _, launcher := range launchers() {
		program, err := os.ReadFile(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(t.TempDir(), "other")
		if err := os.WriteFile(other, append(program, 0), 0o755); err != nil { // it runs like the first
			t.Fatal(err)
		}
		args := []string{"1", "run", "relu", "--hidden", "8", "--epochs", "1", "--train-samples", "200", "--threads", "1", "--quiet", "--out", filepath.Join(t.TempDir(), "run")}
		job := launch(t, launcher, args, args)
		for i := len(job.Args) - 1; ; i-- {
			if job.Args[i] == os.Args[0] {
				job.Args[i] = other
				break
			}
		}
		if out, err := job.CombinedOutput(); err == nil || !strings.Contains(string(out), "rank 1 differs from rank 0 in its program: ") {
			t.Errorf("%s: got error %v and\n%s", launcher, err, out)
		}
	}
}

// TestRanksStart: a run that begins with another's weights is the same on two ranks, of which the second may have others.
func TestRanksStart(t *testing.T) {
	for _, launcher := range launchers() {
		dir := t.TempDir()
		args := []string{"run", "relu", "--epochs", "1", "--train-samples", "200", "--threads", "1", "--quiet", "--record-gradients", "3"}
		begun := func(from, to string) []string {
			return append(slices.Clone(args), "--shards", "2", "--start", filepath.Join(dir, from), "--out", filepath.Join(dir, to))
		}
		for _, seed := range []string{"1", "2"} {
			ok(t, append(slices.Clone(args), "--hidden", "8", "--seed", seed, "--out", filepath.Join(dir, "from"+seed))...)
		}
		ok(t, begun("from1", "one")...)
		out, err := launch(t, launcher, append([]string{"1"}, begun("from1", "two")...), append([]string{"1"}, begun("from2", "two")...)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", launcher, err, out)
		}
		if got, want := sums(t, filepath.Join(dir, "two")), sums(t, filepath.Join(dir, "one")); got != want {
			t.Errorf("%s: two ranks left\n%swant\n%s", launcher, got, want)
		}
	}
}

// ranksOf are the processes of a job that keep their run in dir.
func ranksOf(dir string) (all []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		args := strings.Split(string(line), "\x00")
		if args[0] != os.Args[0] || !slices.Contains(args, dir) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// TestRankKilled: a rank that dies ends the job, and so does a SIGTERM for the job, after the step in hand; the run goes on on any number of ranks, and ends in the bits of one that was never stopped.
func TestRankKilled(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, launcher := range launchers() {
		dir := t.TempDir()
		args := []string{"run", "adam", "--hidden", "60,60", "--epochs", "6", "--train-samples", "600", "--batch-size", "50", "--shards", "4", "--threads", "1", "--quiet", "--checkpoint-every", "5", "--out"}
		whole := filepath.Join(dir, "whole")
		ok(t, append(slices.Clone(args), whole)...)
		want := sums(t, whole)
		slowest := time.Duration(0)
		for i := range *rankKills {
			out := filepath.Join(dir, fmt.Sprint("killed", i))
			job := launch(t, launcher, append(append([]string{"2"}, args...), out))
			var said bytes.Buffer
			job.Stdout, job.Stderr = &said, &said
			if err := job.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
				if checkpoints, _ := filepath.Glob(filepath.Join(out, "checkpoints", "*")); len(checkpoints) > 0 {
					break
				}
			}
			time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
			killed := time.Now()
			if i%3 == 2 {
				_ = job.Process.Signal(syscall.SIGTERM)
			} else if pids := ranksOf(out); len(pids) > 0 {
				_ = syscall.Kill(pids[r.IntN(len(pids))], syscall.SIGKILL)
			}
			_ = job.Wait()
			slowest = max(slowest, time.Since(killed))
			for left := 0; len(ranksOf(out)) > 0; left++ {
				if left == 600 {
					t.Fatalf("%s: ranks are left a minute after the job has ended: %v", launcher, ranksOf(out))
				}
				time.Sleep(100 * time.Millisecond)
			}
			ranked(t, launcher, []int{1, 2, 4}[i%3], "run", "--resume", out, "--threads", "1", "--quiet")
			if got := sums(t, out); got != want {
				t.Errorf("%s, run %d: after the kill and a resume it left\n%swant\n%s\nthe job said\n%s", launcher, i, got, want, said.String())
			}
		}
		t.Logf("%s: %d jobs, the slowest ended %v after the kill", launcher, *rankKills, slowest)
	}
}

// TestRanksShareTrials: a sweep on three ranks shows the table of one on one.
func TestRanksShareTrials(t *testing.T) {
	for _, launcher := range launchers() {
		dir := t.TempDir()
		args := []string{"sweep", "relu", "--hidden", "8", "--learning-rate", "0.1,0.01,0.001", "--seeds", "2", "--epochs", "2", "--train-samples", "200", "--halving", "--quiet", "--out"}
		want := ok(t, append(slices.Clone(args), filepath.Join(dir, "one"))...)
		out, err := launch(t, launcher, append(append([]string{"3"}, args...), filepath.Join(dir, "three"))).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %v: got\n%s\nwant\n%s", launcher, err, out, want)
		}
	}
}

// TestRanksMeasure: info says which MPI there is and how fast.
func TestRanksMeasure(t *testing.T) {
	for _, launcher := range launchers() {
		out, err := launch(t, launcher, []string{"2", "info", "--mpi"}).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "\n16777216 ") || !strings.Contains(string(out), "MPI       ") {
			t.Errorf("%s: %v: got\n%s", launcher, err, out)
		}
	}
	if status, _, errOut := stheno("info", "--mpi"); status != 2 || !strings.Contains(errOut, "mpirun -n 2 stheno info --mpi") {
		t.Errorf("alone: got %d, %q", status, errOut)
	}
}
