package lab

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// inFullDisk is set in the process that has the disk.
const inFullDisk = "STHENO_TEST_FULL_DISK"

// On a disk that is really full, a small one of this test's own, an upload is refused in words and leaves nothing behind, a report and a model are downloaded all the same, and the run that plays goes on.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv(inFullDisk); dir != "" {
		fullDisk(t, dir)
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := exec.CommandContext(t.Context(), program, "-test.run", "^TestFullDisk$", "-test.v")
	c.Env = append(os.Environ(), inFullDisk+"="+dir, "TMPDIR="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := c.CombinedOutput()
	if err != nil && len(out) == 0 || strings.Contains(string(out), "no disk of its own") {
		t.Skipf("this system gives a test no disk of its own; see TestNoRoom: %v", err)
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func fullDisk(t *testing.T, dir string) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Fatalf("no disk of its own: %v", err)
	}
	w := wholeLab(t, "relu")
	if _, err := w.session.Do(t.Context(), session.Command{Do: "change", Run: "r1", Change: change(1_000_000)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.session.Do(t.Context(), session.Command{Do: "play", Run: "r1"}); err != nil {
		t.Fatal(err)
	}
	step := func() uint64 { return w.session.State().Runs[0].Step }
	upload := func(name string, content []byte) (int, string) {
		body, kind := form(t, name, content)
		return w.post(t, "/api/upload", kind, []byte(body))
	}
	many := strings.Repeat("1,2\n", 1<<20)
	for what, c := range map[string]struct {
		name    string
		content []byte
	}{"a table": {"a.csv", []byte("a,b\n" + many)}, "an archive": {"a.zip", zipped(t, "in/a.csv", "a,b\n"+many)}} {
		before := step()
		status, answer := upload(c.name, c.content)
		if status != http.StatusInsufficientStorage || !strings.Contains(answer, "there is no room left on the disk for uploads in "+dir) || !strings.Contains(answer, "free some room") {
			t.Errorf("%s: got %d: %s", what, status, answer)
		}
		if left, err := os.ReadDir(w.uploads.dir); err != nil || len(left) > 0 {
			t.Errorf("%s: it leaves %v, %v", what, left, err)
		}
		waitFor(t, "the run to go on", func() bool { return step() > before })
	}
	if status, answer := upload("a.csv", []byte("a,b\n1,2\n2,3\n3,1\n1,1\n2,2\n5,5\n")); status != http.StatusOK {
		t.Errorf("what there is room for: got %d: %s", status, answer)
	}
	rest, err := os.Create(filepath.Join(dir, "rest"))
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 1<<12); err == nil; {
		_, err = rest.Write(block)
	}
	rest.Close()
	if status, answer := upload("b.csv", []byte("a,b\n1,2\n")); status != http.StatusInsufficientStorage {
		t.Errorf("no room at all: got %d: %s", status, answer)
	}
	for _, do := range []string{"report", "model"} {
		is, err := w.session.Do(t.Context(), session.Command{Do: do, Run: "r1"})
		if f, ok := is.(session.File); err != nil || !ok || len(f.Content) < 1000 {
			t.Errorf("%s: got %v", do, err)
		}
	}
	if _, err := w.session.Do(t.Context(), session.Command{Do: "play", Run: "r1"}); err != nil {
		t.Error(err)
	}
	before := step()
	waitFor(t, "the run to go on", func() bool { return step() > before })
}
