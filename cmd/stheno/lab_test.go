package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A labProcess is stheno lab as a process of its own, with a client that its token let in.
type labProcess struct {
	*exec.Cmd
	page   string // its address, with the token
	path   string // to which that leads, below which all is
	out    *bufio.Reader
	errOut strings.Builder
	client *http.Client
}

// startLab starts a lab, which ends with the test where that does not end it.
func startLab(t *testing.T, args ...string) *labProcess {
	t.Helper()
	l := &labProcess{Cmd: command(t, append([]string{"lab", "--no-open"}, args...)...)}
	l.Stderr = &l.errOut
	pipe, err := l.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if l.ProcessState == nil {
			_ = l.Process.Kill()
			_ = l.Wait()
		}
	})
	l.out = bufio.NewReader(pipe)
	line, err := l.out.ReadString('\n')
	found := regexp.MustCompile(`^the lab is at (http://127\.0\.0\.1:\d+/\?token=[A-Z2-7]{26})\n$`).FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("it said %q, %v, and %s", line, err, l.errOut.String())
	}
	l.page = found[1]
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	l.client = &http.Client{Jar: jar}
	t.Cleanup(l.client.CloseIdleConnections)
	got, err := l.client.Get(l.page)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if l.path = strings.TrimSuffix(got.Request.URL.Path, "/"); got.StatusCode != http.StatusOK || !strings.Contains(string(body), "<title>") {
		t.Fatalf("the page: got %s, %v: %s", got.Status, err, body)
	}
	l.until(t, `"ready":true`) // before that it refuses what it is told
	return l
}

// at is an address of the lab.
func (l *labProcess) at(path string) string {
	return l.page[:strings.Index(l.page, "/?")] + l.path + path
}

// ask is what the lab answers.
func (l *labProcess) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, l.at(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	got, err := l.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(text)
}

// event reads events line by line until one is what is waited for.
func (l *labProcess) event(t *testing.T, otherwise string, is func(line string) bool) {
	t.Helper()
	got, err := l.client.Get(l.at("/events"))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	lines := bufio.NewScanner(got.Body)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if is(lines.Text()) {
			return
		}
	}
	t.Fatalf("%s: %v", otherwise, lines.Err())
}

// until reads events until one has every one of these texts.
func (l *labProcess) until(t *testing.T, texts ...string) {
	t.Helper()
	l.event(t, fmt.Sprintf("no event had %q", texts), func(line string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}

// drop brings a file, as a page does.
func (l *labProcess) drop(t *testing.T, name, text string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	f, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := l.client.Post(l.at("/api/upload"), w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(got.Body)
		t.Fatalf("%s: got %s: %s", name, got.Status, said)
	}
}

// end ends the lab in good order.
func (l *labProcess) end(t *testing.T) {
	t.Helper()
	if err := l.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, l.out); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, l.Wait()); status != 0 {
		t.Errorf("status %d, %q", status, l.errOut.String())
	}
}

// TestLab: it opens what it is told, trains what is asked for, and a signal ends it in good order.
func TestLab(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		l := startLab(t, "relu", "--train-samples", "200", "--hidden", "8", "--epochs", "2", "--seed", "3")
		l.until(t, `"ready":true`, `"experiment":"relu"`, `"condition":"ready"`, `"seed":3`, `"epochs":2`)
		if status, answer := l.ask(t, "POST", "/api/do", `{"do":"play"}`); status != http.StatusOK || !strings.Contains(answer, `"ok":true`) {
			t.Fatalf("play: got %d: %s", status, answer)
		}
		l.until(t, `"condition":"done"`, `"step":4`)
		if err := l.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		last, err := io.ReadAll(l.out)
		if err != nil {
			t.Fatal(err)
		}
		if status := exitStatus(t, l.Wait()); status != 0 || string(last) != "Ctrl-C ends it, and what was trained goes with it: --out FOLDER keeps it\nthe lab has ended, and 1 run with it: --out FOLDER keeps them\n" || l.errOut.String() != "" {
			t.Errorf("%v: status %d, %q, %q", signal, status, last, l.errOut.String())
		}
	}
}

// TestLabErrors: what cannot be opened, or not so, is refused before anything is served.
func TestLabErrors(t *testing.T) {
	dir := t.TempDir()
	table, kept, model := filepath.Join(dir, "plants.csv"), filepath.Join(dir, "kept"), filepath.Join(dir, "m.safetensors")
	write(t, table, plants(40))
	ok(t, smallRun("relu", "--out", kept)...)
	ok(t, "save", kept, "-o", model)
	broken := filepath.Join(dir, "broken.zip")
	write(t, broken, "no zip")
	fern := filepath.Join(dir, "fern.zip") // pictures of one class, in a zip
	var zipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	for i := range 6 {
		f, err := archive.Create(fmt.Sprintf("photos/fern/%d.png", i))
		if err == nil {
			err = png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, fern, zipped.String())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"rleu"}, 2, `did you mean "relu"?`},
		{[]string{"none.csv"}, 1, "none.csv"},
		{[]string{table, "--target", "nosuch"}, 2, `--target: got "nosuch"`},
		{[]string{broken}, 1, "no zip archive"},
		{[]string{fern}, 1, fern + `: every sample is of class "fern", so that there is nothing to tell apart: put the pictures of each class in a folder of its own`},
		{[]string{dir}, 2, "is a folder of runs, want --out " + dir + " to open them"},
		{[]string{filepath.Join(dir, "none")}, 1, "none"},
		{[]string{model}, 2, "is a model file"},
		{[]string{kept, "--hidden", "9"}, 2, "leave out --hidden"},
		{[]string{kept, "--target", "x"}, 2, "--target"},
		{[]string{"relu", "--target", "x"}, 2, "--target"},
		{[]string{"--ignore", "x"}, 2, "--ignore"},
		{[]string{table, "--target", "kind", "--hidden", "9"}, 2, "--hidden: it is of the experiments"},
		{[]string{table, "--target", "kind", "--dataset", "mnist"}, 2, "--dataset: it is of the experiments"},
		{[]string{"relu", "--hidden", "9", "--layers", "dense 10"}, 2, "--layers"},
		{[]string{"--layers", "dens 10"}, 2, "--layers"},
		{[]string{"relu", "--data-dir", filepath.Join(dir, "none")}, 1, "--data-dir"},
		{[]string{"relu", "--data-dir", table}, 1, "is no folder"},
		{[]string{"--addr", "0.0.0.0:8080"}, 2, "one address of this machine"},
		{[]string{"--addr", ":8080"}, 2, "one address of this machine"},
		{[]string{"--out", table}, 1, "is no folder"},
		{[]string{"--out", kept}, 2, "is a run"},
		{[]string{"--out", ""}, 2, "--out evening"},
		{[]string{"--addr", "localhost"}, 2, "HOST:PORT"},
		{[]string{"--addr", taken.Addr().String()}, 1, "port 0"},
	} {
		if said := refused(t, c.status, append([]string{"lab", "--no-open"}, c.args...)...); !strings.Contains(said, c.want) {
			t.Errorf("%v: got %s, want %s", c.args, said, c.want)
		}
	}
}

// Of a table the last column is learnt where nobody says what, and a zip is opened as the folder that is in it, by which its command calls it.
func TestLabReadsWhatItIsGiven(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	dir := t.TempDir()
	table := filepath.Join(dir, "plants.csv")
	write(t, table, "height,kind,id\n"+strings.Repeat("1,reed,a\n2,moss,b\n3,moss,c\n1.5,reed,d\n", 6))
	l := startLab(t, table, "--ignore", "id")
	l.until(t, `"ready":true`, `"classes":["moss","reed"]`)
	l.end(t)
	if said := l.errOut.String(); !strings.Contains(said, "the last column of plants.csv is learnt: kind") {
		t.Errorf("it said %q", said)
	}
	packed, err := os.Create(filepath.Join(dir, "my weeds (2).ZIP"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(packed)
	for i := range 12 {
		f, err := z.Create(fmt.Sprintf("weeds/%s/%d.png", []string{"moss", "reed"}[i%2], i))
		if err != nil {
			t.Fatal(err)
		}
		picture := image.NewGray(image.Rect(0, 0, 8, 8))
		picture.Pix[i] = 255
		if err := png.Encode(f, picture); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	flat, err := os.Create(filepath.Join(dir, "flat.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z = zip.NewWriter(flat)
	for _, name := range []string{"train/moss/1.png", "test/moss/1.png"} {
		f, err := z.Create(name)
		if err == nil {
			err = png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), flat.Close()); err != nil {
		t.Fatal(err)
	}
	if said := refused(t, 1, "lab", "--no-open", flat.Name()); !strings.Contains(said, "which are parts, not classes; pack one of them alone") {
		t.Errorf("of two parts: got %s", said)
	}
	pictures := filepath.Join(dir, "pictures")
	if err := os.Mkdir(pictures, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		f, err := os.Create(filepath.Join(pictures, fmt.Sprint(i, ".png")))
		if err == nil {
			err = errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8))), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if said := refused(t, 1, "lab", "--no-open", pictures); strings.Contains(said, "TARGETS") || !strings.Contains(said, "a folder with a folder of pictures or texts for each class") {
		t.Errorf("of a folder of pictures: got %s", said)
	}
	l = startLab(t, packed.Name())
	l.until(t, `"ready":true`, `"classes":["moss","reed"]`)
	if status, answer := l.ask(t, "GET", "/api/command?run=r1", ""); status != http.StatusOK || !strings.Contains(answer, "stheno train 'my weeds (2)/weeds' ") || !strings.Contains(answer, "unzip 'my weeds (2).ZIP' -d 'my weeds (2)'") {
		t.Errorf("got %d: %s", status, answer)
	}
	l.end(t)
}

// What is trained with --out is kept, with the data that a page brought, and the other commands take it.
func TestLabOut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	out := filepath.Join(t.TempDir(), "evening")
	l := startLab(t, "relu", "--train-samples", "200", "--hidden", "8", "--epochs", "2", "--out", out)
	if status, answer := l.ask(t, "POST", "/api/do", `{"do":"step"}`); status != http.StatusOK {
		t.Fatalf("step: got %d: %s", status, answer)
	}
	l.drop(t, "plants.csv", plants(60))
	if status, answer := l.ask(t, "POST", "/api/do", `{"do":"play"}`); status != http.StatusOK || !strings.Contains(answer, "r2") {
		t.Fatalf("play: got %d: %s", status, answer)
	}
	l.until(t, `"condition":"done"`, `plants`)
	if err := l.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	last, err := io.ReadAll(l.out)
	if err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, l.Wait()); status != 0 || !strings.Contains(string(last), "the lab has ended: 2 runs in "+out) || l.errOut.String() != "" {
		t.Fatalf("status %d, %q, %q", status, last, l.errOut.String())
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) != 3 || names[2] != "data" {
		t.Fatalf("got %q", names)
	}
	digits, own := filepath.Join(out, names[0]), filepath.Join(out, names[1])
	if said := ok(t, "run", "--resume", digits, "--quiet"); !strings.Contains(said, "test") {
		t.Errorf("resumed: %s", said)
	}
	if said := ok(t, "eval", own); !strings.Contains(said, "accuracy") {
		t.Errorf("eval: %s", said)
	}
	if said := ok(t, "diagnose", own); !strings.Contains(said, "plants.csv") {
		t.Errorf("diagnose: %s", said)
	}
	again := startLab(t, "--out", out)
	again.until(t, `"ready":true`, `"id":"r2"`, "plants")
	if status, answer := again.ask(t, "POST", "/api/do", `{"do":"branch","run":"r2","step":0,"change":{"rate":0.02}}`); status != http.StatusOK {
		t.Fatalf("branch: got %d: %s", status, answer)
	}
	data := filepath.Join(out, "data", "1")
	for _, c := range []struct {
		run  string
		left bool
	}{{"r2", true}, {"r3", false}} { // with the last run that uses them the data go that the page brought
		if status, answer := again.ask(t, "POST", "/api/do", `{"do":"remove","run":"`+c.run+`"}`); status != http.StatusOK {
			t.Fatalf("remove: got %d: %s", status, answer)
		}
		if _, err := os.Stat(filepath.Join(data, "plants.csv")); (err == nil) != c.left {
			t.Errorf("without %s: the data are there: %v, want %v", c.run, err == nil, c.left)
		}
	}
	again.end(t)
	if _, err := os.Stat(data); err == nil {
		t.Errorf("%s is still there", data)
	}
}

// Of a run on data that a page brought the folder that is taken away says whose they are, not where they were for the lab alone.
func TestLabFolderOfDroppedData(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	l := startLab(t, "relu", "--train-samples", "200", "--hidden", "8", "--epochs", "1")
	l.drop(t, "plants.csv", plants(60))
	if status, answer := l.ask(t, "POST", "/api/do", `{"do":"step"}`); status != http.StatusOK {
		t.Fatalf("step: got %d: %s", status, answer)
	}
	status, file := l.ask(t, "GET", "/api/folder", "")
	if status != http.StatusOK {
		t.Fatalf("got %d: %s", status, file)
	}
	l.end(t)
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(t.TempDir(), "plants.csv")
	write(t, table, plants(60))
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %v, %v", entries, err)
	}
	kept := filepath.Join(dir, entries[0].Name())
	if said := refused(t, 1, "train", "--resume", kept); !strings.Contains(said, "no longer at plants.csv") || !strings.Contains(said, "give the place") {
		t.Errorf("got %s", said)
	}
	if said := ok(t, "train", "--resume", kept, table, "--quiet"); !strings.Contains(said, "accuracy") {
		t.Errorf("got %s", said)
	}
}
