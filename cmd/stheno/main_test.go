package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// asCommand makes the test binary the command, for tests that need a process of its own.
const asCommand = "STHENO_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(inNewState(m.Run))
}

// inNewState has the runs of these tests kept in a folder that goes with them.
func inNewState(run func() int) int {
	dir, err := os.MkdirTemp("", "stheno-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_STATE_HOME", dir)
	return run()
}

// stheno runs a command line in this process.
func stheno(args ...string) (status int, out, errOut string) {
	var o, e bytes.Buffer
	status = execute(append([]string{}, args...), strings.NewReader(""), &o, &e)
	return status, o.String(), e.String()
}

// aRunsWay is what a run leaves on standard error: a line an epoch, and where it is kept.
var aRunsWay = regexp.MustCompile(`(?m)^(\S+  epoch +[0-9]+/[0-9]+  loss .*|kept in .*)\n`)

// ok runs a command line that must do well and say nothing on standard error, but for a run's way.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	status, out, errOut := stheno(args...)
	if len(args) > 0 && args[0] == "run" {
		errOut = aRunsWay.ReplaceAllString(errOut, "")
	}
	if status != 0 || errOut != "" {
		t.Fatalf("stheno %s: status %d, standard error %q", strings.Join(args, " "), status, errOut)
	}
	return out
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestGolden(t *testing.T) {
	for name, args := range map[string][]string{
		"list.txt":      {"list"},
		"list.json":     {"list", "--json"},
		"summary.txt":   {"summary", "dropout"},
		"changed.txt":   {"summary", "relu", "--hidden", "100,50", "--activation", "tanh", "--dropout", "0.5"},
		"data-info.txt": {"data", "info"},

		"data-info-houses.txt": {"data", "info", "../../datasets/testdata/houses.csv", "--target", "price"},
		"data-info-iris.txt":   {"data", "info", "../../datasets/testdata/iris.csv", "--target", "species"},
		"data-info-array.txt":  {"data", "info", "../../datasets/testdata/stored.npz"},
	} {
		out := ok(t, args...)
		golden(t, name, out)
		if strings.HasSuffix(name, ".json") {
			continue
		}
		for _, line := range strings.Split(out, "\n") {
			if n := len([]rune(line)); n > 80 {
				t.Errorf("%v: a line of %d columns: %s", args, n, line)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	out := ok(t, "version")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if !strings.HasPrefix(out, "stheno ") || !strings.HasPrefix(lines[len(lines)-1], "go1.") {
		t.Errorf("got %q", out)
	}
}

// TestErrors: each is one line on standard error, nothing on standard output, and the right status.
func TestErrors(t *testing.T) {
	empty := t.TempDir()
	broken := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(broken, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("train-images-idx3-ubyte", "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01ab")
	write("train-labels-idx1-ubyte", "\x00\x00\x08\x01\x00\x00\x00\x02\x00")
	t.Setenv("XDG_CACHE_HOME", empty)
	t.Setenv("XDG_STATE_HOME", empty)
	for _, c := range []struct {
		args   string
		status int
		want   string // what the line starts with, after "stheno: "
		hint   string // what it has too
	}{
		{"lst", 2, "no command is called \"lst\": see `stheno --help`; did you mean \"list\"?\n", ""},
		{"xyzzyxyzzy", 2, "no command is called \"xyzzyxyzzy\": see `stheno --help`\n", ""},
		{"lst --json", 2, "no command is called \"lst\": see `stheno --help`; did you mean \"list\"?\n", ""},
		{"--jsn", 2, "there is no flag --jsn: see `stheno --help`\n", ""},
		{"help lst", 2, "no command is called \"lst\": see `stheno --help`; did you mean \"list\"?\n", ""},
		{"help data fetc", 2, "data: got \"fetc\", want one of info, fetch; did you mean \"fetch\"?\n", ""},
		{"help list relu", 2, "help: got list relu, want a command: see `stheno --help`\n", ""},
		{"completion", 2, "completion: got nothing, want one of bash, zsh, fish, powershell: ", ""},
		{"completion bsh", 2, "completion: got \"bsh\", want one of bash, zsh, fish, powershell; did you mean \"bash\"?\n", ""},
		{"man", 2, "man: got nothing, want a folder: ", ""},
		{"man " + broken + "/train-labels-idx1-ubyte", 1, "man: making the folder " + broken, "not a directory: choose another\n"},
		{"list relu", 2, "list: got relu, want no argument: `stheno list --help` shows examples\n", ""},
		{"version 2", 2, "version: got 2, want no argument: ", ""},
		{"run", 2, "run: got nothing, want one or more experiments, of those that `stheno list` shows, or all: `stheno run --help` shows examples\n", ""},
		{"run rleu", 2, "no experiment is called \"rleu\": see `stheno list`; did you mean \"relu\"?\n", ""},
		{"run relu ful", 2, "no experiment is called \"ful\"", ""},
		{"summary", 2, "summary: got nothing, want one experiment", ""},
		{"summary relu adam", 2, "summary: got relu adam, want one experiment", ""},
		{"summary crossentropy", 2, "there is no experiment and no run crossentropy", "did you mean \"cross-entropy\"?"},
		{"run relu --epoch 3", 2, "run: there is no flag --epoch: see `stheno run --help`", "did you mean \"--epochs\"?"},
		{"run relu -e 3", 2, "run: there is no flag -e", "`stheno run --help`"},
		{"run relu --epochs", 2, "--epochs: got nothing, want a whole number: passes over the training samples\n", ""},
		{"run relu --epochs x", 2, "--epochs: got \"x\", want a whole number: passes over", ""},
		{"run relu --epochs 0", 2, "--epochs: got 0, want at least 1\n", ""},
		{"run relu --batch-size -1", 2, "--batch-size: got -1, want at least 1\n", ""},
		{"run relu --train-samples 0", 2, "--train-samples: got 0, want at least 1\n", ""},
		{"run relu --train-samples 10001", 2, "--train-samples: got 10001, want at most 10000, the samples of mnist/train\n", ""},
		{"run relu --learning-rate 0", 2, "--learning-rate: got 0, want a number above 0\n", ""},
		{"run relu --learning-rate NaN", 2, "--learning-rate: got NaN, want a number above 0\n", ""},
		{"run relu --learning-rate +Inf", 2, "--learning-rate: got +Inf, want a number above 0\n", ""},
		{"run relu --dropout 1", 2, "--dropout: got 1, want at least 0 and below 1\n", ""},
		{"run relu --noise -1", 2, "--noise: got -1, want at least 0\n", ""},
		{"run relu --hidden 3,0", 2, "--hidden: got [3,0], want widths of at least 1\n", ""},
		{"run relu --hidden 3,x", 2, "--hidden: got \"3,x\", want whole numbers with commas between them: widths of the hidden layers", ""},
		{"run relu --seed -1", 2, "--seed: got \"-1\", want a whole number of at least 0: of every random number", ""},
		{"run relu --json=maybe", 2, "--json: got \"maybe\", want true or false: ", ""},
		{"run relu --optimizer adm", 2, "--optimizer: got \"adm\", want one of sgd, momentum", "did you mean \"adam\"?"},
		{"run relu --loss crossentropy", 2, "--loss: got \"crossentropy\", want one of cross-entropy", "did you mean \"cross-entropy\"?"},
		{"run relu --activation rel", 2, "--activation: got \"rel\", want one of linear", "did you mean \"relu\"?"},
		{"run relu --dataset fasion-mnist", 2, "--dataset: got \"fasion-mnist\", want one of mnist", "did you mean \"fashion-mnist\"?"},
		{"run relu --blas opnblas", 2, "--blas: got \"opnblas\", want one of auto, openblas", "did you mean \"openblas\"?"},
		{"run relu --lr 3", 2, "run: there is no flag --lr: see `stheno run --help`; did you mean \"--learning-rate\"?\n", ""},
		{"run relu --threads -1", 2, "--threads: got -1, want 1 or more, or 0 for one a core\n", ""},
		{"run --resume-from best", 2, "--resume-from: it names a checkpoint of a run: say with --resume of which run\n", ""},
		{"runs rmm", 2, "runs: got \"rmm\", want one of rm, prune; did you mean \"rm\"?\n", ""},
		{"runs rm", 2, "runs rm: got nothing, want one or more runs", ""},
		{"runs rm relu", 2, "there is no run relu: `stheno run relu` makes one\n", ""},
		{"runs prune --keep -1", 2, "--keep: got -1, want at least 0\n", ""},
		{"gradients relu --at 5000000 --epochs 1", 2, "--at: got 5000000, want a step of 0 to 99, which are those of relu with --epochs 1", ""},
		{"gradients nope", 2, "there is no experiment and no run nope: ", ""},
		{"gradients relu --histogram --plot p.png", 2, "--plot: got \"p.png\", want a file that ends in .svg, as which histograms are drawn\n", ""},
		{"eval latest", 2, "there is no run latest: `stheno run relu` makes one\n", ""},
		{"eval relu", 2, "there is no run relu: `stheno run relu` makes one\n", ""},
		{"diagnose rleu", 2, "there is no experiment and no run rleu: see `stheno list` and `stheno runs`; did you mean \"relu\"?\n", ""},
		{"gradients relu --plot " + empty, 2, "--plot: got ", "want a file that ends in .svg or .png"},
		{"gradients relu --plot none/p.svg", 1, "--plot: there is no folder none to write p.svg in: make it, or choose a folder that is there\n", ""},
		{"report relu --output " + empty, 1, "--output: " + empty + " is a folder, want the name of a file\n", ""},
		{"run relu --check --epochs 2", 2, "--check: the bands are for the lecture's own settings and data", "--epochs"},
		{"run relu --check --data-dir " + broken, 2, "--check: the bands are for the lecture's own settings and data", ""},
		{"data inf", 2, "data: got \"inf\", want one of info, fetch; did you mean \"info\"?\n", ""},
		{"data fetch", 2, "data fetch: got nothing, want one or more of mnist, fashion-mnist", ""},
		{"data fetch mnst", 2, "data fetch: got \"mnst\", want one of mnist, fashion-mnist; did you mean \"mnist\"?\n", ""},
		{"run relu --dataset fashion-mnist", 1, "datasets: fashion-mnist is not downloaded", "run \"stheno data fetch fashion-mnist\" once"},
		{"data info --target a", 2, "data info: got --target and no file, want the table that it is a column of", ""},
		{"data info a.csv --dataset mnist", 2, "data info: got a file and --dataset or --data-dir, want one of them", ""},
		{"data info ../../datasets/testdata/stored.npz --target a", 2, "data info: got --target and ../../datasets/testdata/stored.npz, which is no table", ""},
		{"data info ../../datasets/testdata/iris.csv --target kind", 1, `datasets: iris.csv: got column "kind" in Target, want one of "sepal_length"`, ""},
		{"data info --data-dir " + empty + "/none", 1, "datasets: cannot read the folder " + empty + "/none: no such file or directory", "want a folder with the four IDX files"},
		{"run relu --data-dir " + empty, 1, "datasets: " + empty + ": for the training set, there are no images: it has no IDX file", "train-images-idx3-ubyte"},
		{"run relu --data-dir " + broken, 1, "datasets: " + broken + "/train-labels-idx1-ubyte: ", ""},
		{"summary relu --data-dir " + broken, 1, "datasets: " + broken + "/train-labels-idx1-ubyte: ", ""},
	} {
		status, out, errOut := stheno(strings.Fields(c.args)...)
		if status != c.status || out != "" {
			t.Errorf("stheno %s: status %d, want %d; standard output %q", c.args, status, c.status, out)
		}
		if !strings.HasPrefix(errOut, "stheno: "+c.want) || !strings.Contains(errOut, c.hint) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("stheno %s: got\n\t%swant\n\tstheno: %s… %s", c.args, errOut, c.want, c.hint)
		}
	}
}

// TestFetchWithoutNetwork: one clear line, whatever is wrong with the network.
func TestFetchWithoutNetwork(t *testing.T) {
	cmd := command(t, "data", "fetch", "mnist")
	// A proxy that refuses stands for every network that is not there; Go reads it once in a process.
	cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+t.TempDir(), "HTTPS_PROXY=http://127.0.0.1:1", "NO_PROXY=")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	status := exitStatus(t, cmd.Run())
	line := errOut.String()
	if status != 1 || out.Len() != 0 || strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "stheno: datasets: mnist: train-images-idx3-ubyte.gz: no mirror gave it: ") {
		t.Errorf("status %d, standard output %q, standard error\n%s", status, out.String(), line)
	}
}

// TestDataInfoWarns: labels that leave classes empty, and a test set of other ones, are said.
func TestDataInfoWarns(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"train-images-idx3-ubyte": "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01ab",
		"train-labels-idx1-ubyte": "\x00\x00\x08\x01\x00\x00\x00\x02\x03\x07",
		"t10k-images-idx3-ubyte":  "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01ac",
		"t10k-labels-idx1-ubyte":  "\x00\x00\x08\x01\x00\x00\x00\x02\x03\x05",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := ok(t, "data", "info", "--data-dir", dir)
	for _, want := range []string{"6 of 8 classes have no sample", `classes that the training samples do not: "5"`, "1 of 2 samples held back are among the training samples"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("got\n%s\nwant %s", out, want)
		}
	}
}
