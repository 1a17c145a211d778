package lab

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/models"
)

// digits are samples of the form of handwritten ones, of little to learn.
func digits(t testing.TB, n int) datasets.Data {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	rows, labels, classes := make([]float32, n*784), make([]int, n), make([]string, 10)
	for i := range rows {
		rows[i] = float32(rng.IntN(256))
	}
	for i := range labels {
		labels[i] = i % 10
	}
	for i := range classes {
		classes[i] = fmt.Sprint(i)
	}
	d, err := datasets.New("digits", []int{28, 28}, rows, labels, classes)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A whole lab is one of a real session: of a run on digits, or on a text, r1, and one on a table, r2.
type whole struct {
	*Server
	handler http.Handler
	session *session.Session
}

// wholeLab serves one without a network, until the test ends: of an experiment on digits, or of char-lm.
func wholeLab(t testing.TB, name string) *whole {
	t.Helper()
	server, err := Listen("127.0.0.1:0", "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	server.listener.Close()
	s, err := session.New(session.Options{
		Name: name, Seed: 1, Dataset: "samples", Tell: server.hub.tell,
		Open: func(models.Experiment) (train, test datasets.Data, err error) {
			if name != "char-lm" {
				return digits(t, 60), digits(t, 30), nil
			}
			text := func() (datasets.Data, error) {
				return datasets.ReadText(strings.NewReader(strings.Repeat("Alice was beginning to get very tired. ", 60)), "alice", datasets.Texts{})
			}
			if train, err = text(); err == nil {
				test, err = text()
			}
			return train, test, err
		},
		Change: func(e *models.Experiment) error {
			if e.BatchSize, e.Epochs = 10, 2; e.Layers == nil {
				e.Hidden = []int{4}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var runs Session = s
	server.session.Store(&runs)
	server.hub.ready(s.State)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := server.uploads.remove(); err != nil {
			t.Error(err)
		}
	})
	w := &whole{Server: server, handler: server.handler(), session: s}
	table := "size,kind,when,price\n"
	for i := range 30 {
		table += fmt.Sprintf("%d,%s,2024-01-%02d,%d.5\n", i%7, []string{"oak", "elm"}[i%2], i%28+1, i*i)
	}
	path := filepath.Join(t.TempDir(), "trees.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(ctx, session.Command{Do: "open", Path: path}); err != nil {
		t.Fatal(err)
	}
	return w
}

// post is the answer to a body that a page sends; what is no answer of a lab's fails, and so does a fault of the program's.
func (w *whole) post(t testing.TB, path, kind string, body []byte) (status int, answer string) {
	t.Helper()
	r := httptest.NewRequest("POST", strings.TrimSuffix(w.guard.path, "/")+path, bytes.NewReader(body))
	r.Host = "localhost"
	r.Header.Set("Content-Type", kind)
	r.AddCookie(&http.Cookie{Name: w.guard.cookie, Value: w.guard.token})
	got := httptest.NewRecorder()
	w.handler.ServeHTTP(got, r)
	answer = got.Body.String()
	switch {
	case got.Code != 200 && got.Code != 400 && got.Code != 409 && got.Code != 410 && got.Code != 413 && got.Code != 507, !json.Valid([]byte(answer)), strings.Contains(answer, "fault"), got.Code != 200 && !strings.HasPrefix(answer, `{"error":"`), strings.HasPrefix(answer, `{"error":""`):
		t.Fatalf("%s of %q: got %d: %.1000s", path, body, got.Code, answer)
	}
	return got.Code, answer
}

// tidy stops what goes on, and removes what is new.
func (w *whole) tidy(t testing.TB) {
	t.Helper()
	do := func(c session.Command) {
		if _, err := w.session.Do(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	do(session.Command{Do: "pause"})
	all := w.session.State().Runs
	for i, r := range all {
		if r.Condition == session.Failed {
			t.Fatalf("%s failed: %s", r.Name, r.Why.EN)
		}
		if i > 1 && len(all) > 8 {
			do(session.Command{Do: "remove", Run: r.ID})
		}
	}
	w.uploads.mu.Lock()
	var numbers []string
	for number := range w.uploads.kept {
		numbers = append(numbers, number)
	}
	w.uploads.mu.Unlock()
	for _, number := range numbers {
		w.uploads.forget(number)
	}
	if left, err := os.ReadDir(w.uploads.dir); w.uploads.dir != "" && (err != nil || len(left) > 0) {
		t.Fatalf("the folder of uploads has %v: %v", left, err)
	}
}

// quoted is a text as JSON has it.
func quoted(text []byte) string {
	b, _ := json.Marshal(string(text))
	return string(b)
}

// FuzzCommand has a lab carry out anything: as it is, and as words of each setting that takes words. It answers in words, and no run fails. It ran five
// minutes on one core, 52,335 inputs, 677 of them new: nothing found.
//
// Without the last flag Go's minimisation starves it: go test ./cmd/stheno/lab -run - -fuzz '^FuzzCommand$' -fuzzminimizetime 1x
func FuzzCommand(f *testing.F) {
	w := wholeLab(f, "relu")
	for _, seed := range []string{
		`{"do":"play","speed":2}`, `{"do":"pause"}`, `{"do":"step","run":"r1"}`, `{"do":"epoch"}`, `{"do":"goto","step":3}`, `{"do":"goto","step":18446744073709551615}`, `{"do":"restart"}`, `{"do":"branch","run":"r1","step":0,"change":{"rate":0.5}}`,
		`{"do":"change","run":"r2","change":{"layers":"dense 3 relu, dense 1","batch":7,"seed":9007199254740993}}`, `{"do":"check","run":"r2","change":{"layers":"embedding 4, lstm 5, dense 20 softmax","loss":"cross-entropy"}}`,
		`{"do":"change","change":{"optimizer":"adam 0.001 beta1=0","dropout":0.5,"activation":"tanh","epochs":3,"validation":0.3,"train_samples":20,"scale":2}}`, `{"do":"mend","code":"slow","mend":0}`, `{"do":"start","experiment":"deep-relu","short":true}`,
		`{"do":"select","run":"r2"}`, `{"do":"remove","run":"r4"}`, `{"do":"predict","i":2}`, `{"do":"layer","layer":"dense_1"}`, `{"do":"apart","run":"r2"}`, `{"do":"wrong","i":-1}`, `{"do":"open","path":"/etc/passwd"}`, `{"do":"speed","speed":-1}`,
		"dense 60000, dense 60000", "residual(dense 4 relu * 3), sequence(dense 9, sequence(dense 9 * 9) * 9), dense 10 softmax", "reshape 28x28, conv 2 3x3, maxpool 2, flatten, dense 10 softmax", "x = input 784\ndense 4 < x", "huber delta=0.5", "cosine(adam 0.1)",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		bodies := [][]byte{text}
		for _, setting := range []string{"layers", "loss", "optimizer", "activation"} {
			bodies = append(bodies, fmt.Appendf(nil, `{"do":"check","run":"r1","change":{%q:%s}}`, setting, quoted(text)))
		}
		bodies = append(bodies, fmt.Appendf(nil, `{"do":"branch","run":"r2","change":{"layers":%s}}`, quoted(text)), fmt.Appendf(nil, `{"do":"check","run":"r2","change":{"layers":%s}}`, quoted(text)))
		for _, body := range bodies {
			if bytes.Contains(body, []byte(`"model"`)) || bytes.Contains(body, []byte(`"report"`)) { // whose answers are files
				continue
			}
			w.post(t, "/api/do", "application/json", body)
		}
		w.tidy(t)
	})
}

// FuzzUpload has a lab take anything as a form, and as a table and an archive in one: it is described and opened, or refused in words, and what is refused leaves nothing behind. An
// input is seven uploads, and takes 5 ms where nothing is counted. It ran four and a half minutes on a busy core, 20,215 inputs, 839 of them new: nothing found, after it had found an error that told where an archive lies.
//
// Without the last flag Go's minimisation starves it: go test ./cmd/stheno/lab -run - -fuzz '^FuzzUpload$' -fuzzminimizetime 1x
func FuzzUpload(f *testing.F) {
	w := wholeLab(f, "relu")
	archive := func(files ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := 0; i < len(files); i += 2 {
			at, _ := z.Create(files[i])
			_, _ = io.WriteString(at, files[i+1])
		}
		_ = z.Close()
		return b.Bytes()
	}
	picture := "P5 2 2 255\n\x00\xff\x80\x10"
	for _, seed := range [][]byte{
		[]byte("a,b\n1,2\n3,4\n"), []byte("a;b\n1,5;x\n2,5;y\n"), []byte("when\tkind\n2024-01-02\toak\n"), archive("a/1.png", picture, "b/2.png", picture), archive("in/t.csv", "a,b\n1,2\n"), archive("../x.csv", "a"), archive(), []byte("PK\x03\x04"),
		[]byte("--x\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\nb\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\na,b\n1,2\n\r\n--x--\r\n"),
		[]byte("--x\r\nContent-Disposition: form-data; name=\"look\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a.zip\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nPK=03\r\n--x--\r\n"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		w.post(t, "/api/upload", "multipart/form-data; boundary=x", content)
		for _, name := range []string{"a.csv", "a.zip", "a.tsv"} {
			for _, look := range []string{"", "--boundary-of-the-form\r\nContent-Disposition: form-data; name=\"look\"\r\n\r\n1\r\n"} {
				body := fmt.Appendf(nil, "%s--boundary-of-the-form\r\nContent-Disposition: form-data; name=\"file\"; filename=%q\r\n\r\n%s\r\n--boundary-of-the-form--\r\n", look, name, content)
				status, answer := w.post(t, "/api/upload", "multipart/form-data; boundary=boundary-of-the-form", body)
				if w.uploads.dir != "" && strings.Contains(answer, w.uploads.dir) {
					t.Errorf("it says where it lies: %s", answer)
				}
				if status == 200 && look != "" {
					var is struct{ Upload string }
					if err := json.Unmarshal([]byte(answer), &is); err != nil || is.Upload == "" {
						t.Fatalf("got %s", answer)
					}
					w.post(t, "/api/open", "application/json", fmt.Appendf(nil, `{"upload":%q}`, is.Upload))
				}
			}
		}
		w.tidy(t)
	})
}

// FuzzPredict asks models of digits, of a table and of a text about anything: as it is, as a picture, a text, and what stands in a column. They answer, or say why not. It ran five minutes on one
// core, 18,867 inputs, 618 of them new: nothing found.
//
// Without the last flag Go's minimisation starves it: go test ./cmd/stheno/lab -run - -fuzz '^FuzzPredict$' -fuzzminimizetime 1x
func FuzzPredict(f *testing.F) {
	labs := []*whole{wholeLab(f, "relu"), wholeLab(f, "char-lm")}
	pixels, _ := json.Marshal(map[string]any{"run": "r1", "gradient": true, "pixels": slope(784)})
	for _, seed := range [][]byte{
		pixels, []byte(`{"run":"r1","i":3,"gradient":true}`), []byte(`{"run":"r1","pixels":[0,1e38,-1]}`), []byte(`{"run":"r2","row":{"size":"3","kind":"oak","when":"2024-01-02"}}`), []byte(`{"run":"r1","text":"Alice"}`), []byte(`{"run":"r1","picture":"UDUgMiAyIDI1NQoA/4AQ"}`),
		[]byte(`{"run":"r1","text":"Ali","length":20,"temperature":0.8,"seed":7}`), []byte(`{"run":"r1","length":5000000,"temperature":1e300}`), []byte("P5 2 2 255\n\x00\xff\x80\x10"), []byte("\x89PNG\r\n\x1a\n"), []byte("NA"), []byte("1e999"), []byte("a,b\n\"c"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		picture, _ := json.Marshal(text)
		for _, w := range labs {
			for _, run := range []string{"r1", "r2"} {
				for _, body := range []string{
					string(text), fmt.Sprintf(`{"run":%q,"gradient":true,"picture":%s}`, run, picture), fmt.Sprintf(`{"run":%q,"text":%s}`, run, quoted(text)), fmt.Sprintf(`{"run":%q,"row":{"size":%s,"kind":%[2]s,"when":%[2]s}}`, run, quoted(text)),
				} {
					w.post(t, "/api/predict", "application/json", []byte(body))
				}
				w.post(t, "/api/continue", "application/json", fmt.Appendf(nil, `{"run":%q,"text":%s,"length":3,"temperature":0.5}`, run, quoted(text)))
			}
			w.post(t, "/api/continue", "application/json", text)
			w.tidy(t)
		}
	})
}

// slope are so many numbers from 0 to 255.
func slope(n int) []float32 {
	all := make([]float32, n)
	for i := range all {
		all[i] = float32(i) / float32(n) * 255
	}
	return all
}
