package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestSample: a run of a text is sampled, evaluated on its own and on another text, looked into, resumed and saved; another kind of run does not write.
func TestSample(t *testing.T) {
	dir := t.TempDir()
	run := filepath.Join(dir, "novel")
	table := ok(t, "run", "char-lm", "--train-samples", "60", "--epochs", "1", "--layers", "embedding 71 8, lstm 12 sequence, dense 71 softmax", "--out", run)
	if !strings.Contains(table, "perplexity ") {
		t.Errorf("run says %q, want the perplexity below", table)
	}
	text := ok(t, "sample", run, "--prompt", "Alice ", "--length", "30")
	if !strings.HasPrefix(text, "Alice ") || utf8.RuneCountInString(text) != len("Alice ")+31 || text[len(text)-1] != '\n' {
		t.Errorf("wrote %q", text)
	}
	if again := ok(t, "sample", run, "--prompt", "Alice ", "--length", "30"); again != text {
		t.Errorf("the same seed wrote %q, and %q", text, again)
	}
	if other := ok(t, "sample", run, "--prompt", "Alice ", "--length", "30", "--seed", "2"); other == text {
		t.Errorf("another seed wrote the same")
	}
	var report sampleReport
	if err := json.Unmarshal([]byte(ok(t, "sample", run, "--prompt", "Alice ", "--length", "30", "--json")), &report); err != nil || report.Prompt+report.Text+"\n" != text || report.Run != "novel" || report.Seed != 1 {
		t.Errorf("as JSON %+v, %v, want %q", report, err, text)
	}
	if likeliest := ok(t, "sample", run, "--temperature", "0", "--length", "9"); likeliest != ok(t, "sample", run, "--temperature", "0", "--length", "9", "--seed", "5") || likeliest[0] != '\n' {
		t.Errorf("the likeliest depends on the seed: %q", likeliest)
	}
	if status, out, errOut := stheno("sample", run, "--prompt", "Ålice", "--length", "3"); status != 0 || !strings.HasPrefix(out, "Ålice") || !strings.Contains(errOut, "1 of its 5 characters or words are none that the network has seen") {
		t.Errorf("of an unknown letter: %d, %q, %q", status, out, errOut)
	}

	file := filepath.Join(dir, "novel.safetensors")
	ok(t, "save", run, "-o", file)
	if saved := ok(t, "sample", file, "--prompt", "Alice ", "--length", "30"); saved != text {
		t.Errorf("the model file wrote %q, the run %q", saved, text)
	}
	other := filepath.Join(dir, "other.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("All in the golden afternoon\nFull leisurely we glide;\n", 10)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{run, file} {
		if out := ok(t, "eval", of, other); !strings.Contains(out, "perplexity") && !strings.Contains(out, "accuracy") {
			t.Errorf("eval of another text: %q", out)
		}
	}
	if out := ok(t, "eval", run); !strings.Contains(out, "perplexity") {
		t.Errorf("eval: %q", out)
	}
	if out := ok(t, "gradients", run, "--at", "0"); !strings.Contains(out, "by time step, 1 to 64") {
		t.Errorf("gradients: %q", out)
	}
	ok(t, "run", "--resume", run, "--epochs", "2", "--quiet")

	digits := filepath.Join(dir, "digits")
	ok(t, append([]string{"run", "relu", "--out", digits}, quick...)...)
	for want, args := range map[string][]string{
		"did not learn a text":                              {"sample", digits},
		"have it write one with":                            {"predict", run, other},
		"--length: got 0":                                   {"sample", run, "--length", "0"},
		"--temperature: got -1":                             {"sample", run, "--temperature", "-1"},
		"--prompt: got nothing":                             {"sample", run, "--prompt", ""},
		`has numbers (float32, shape [28 28]) as input "x"`: {"run", "char-lm", "--dataset", "mnist", "--epochs", "1", "--out", filepath.Join(dir, "wrong")},
		"a scale is for labelled samples":                   {"run", "relu", "--dataset", "alice", "--epochs", "1", "--out", filepath.Join(dir, "wrong")},
	} {
		if status, out, errOut := stheno(args...); status == 0 || !strings.Contains(errOut, want) {
			t.Errorf("stheno %q: status %d, %q, %q, want %q", args, status, out, errOut, want)
		}
	}
}
