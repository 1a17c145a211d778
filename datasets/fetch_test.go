package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// mirror is a server of files over TLS that writes down what it was asked for, as "name" or "name from N".
type mirror struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

type handler func(w http.ResponseWriter, r *http.Request, content []byte)

func newMirror(t *testing.T, files map[string][]byte, serve handler) *mirror {
	m := &mirror{}
	m.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		asked := name
		if from := r.Header.Get("Range"); from != "" {
			asked += " from " + strings.Trim(from, "bytes=-")
		}
		m.mu.Lock()
		m.asked = append(m.asked, asked)
		m.mu.Unlock()
		if enc := r.Header.Get("Accept-Encoding"); enc != "identity" {
			t.Errorf("asked for encoding %q", enc)
		}
		serve(w, r, files[name])
	}))
	m.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what some tests want
	m.StartTLS()
	t.Cleanup(m.Close)
	return m
}

func (m *mirror) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

// What servers do.
var (
	resuming handler = func(w http.ResponseWriter, r *http.Request, content []byte) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
	notResuming handler = func(w http.ResponseWriter, r *http.Request, content []byte) { w.Write(content) }
	down        handler = func(w http.ResponseWriter, r *http.Request, content []byte) {
		http.Error(w, "no", http.StatusServiceUnavailable)
	}
	streaming handler = func(w http.ResponseWriter, r *http.Request, content []byte) { // without a Content-Length
		w.(http.Flusher).Flush()
		w.Write(content)
	}
)

// cutAt breaks the connection off after n bytes of what was promised.
func cutAt(n int) handler {
	return func(w http.ResponseWriter, r *http.Request, content []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:n])
	}
}

// inPlaceOf serves other bytes than those that were asked for.
func inPlaceOf(other []byte, serve handler) handler {
	return func(w http.ResponseWriter, r *http.Request, _ []byte) { serve(w, r, other) }
}

func publish(name string, content []byte) remoteFile {
	s := sha256.Sum256(content)
	return remoteFile{name, int64(len(content)), hex.EncodeToString(s[:])}
}

func testDownloader(m ...*mirror) *downloader {
	transport := m[0].Client().Transport.(*http.Transport).Clone()
	for _, other := range m[1:] {
		transport.TLSClientConfig.RootCAs.AddCert(other.Certificate())
	}
	d := newDownloader(transport)
	d.stall, d.window = time.Hour, time.Hour // a test machine may sleep
	return d
}

var testContent = func() []byte {
	b := make([]byte, 200_000)
	r := rand.New(rand.NewPCG(5, 5))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}()

// TestDownload runs one file past one or two mirrors. partial is what an earlier call left.
func TestDownload(t *testing.T) {
	content := testContent
	wrong := bytes.Clone(content)
	wrong[100_000] ^= 1
	long := append(bytes.Clone(content), 0)
	for _, c := range []struct {
		name    string
		partial []byte
		servers []handler
		asked   [][]string // of each server
		want    string     // part of the error, or "" for success
		left    int        // bytes kept for the next time; -1: no part file
	}{
		{"at once", nil, []handler{resuming}, [][]string{{"f"}}, "", -1},
		{"without a length", nil, []handler{streaming}, [][]string{{"f"}}, "", -1},
		{"resumed", content[:70_000], []handler{resuming}, [][]string{{"f from 70000"}}, "", -1},
		{"range ignored", content[:70_000], []handler{notResuming}, [][]string{{"f from 70000"}}, "", -1},
		{"all but the name", content, []handler{resuming}, [][]string{nil}, "", -1},
		{"kept bytes are bad", wrong[:150_000], []handler{resuming}, [][]string{{"f from 150000", "f"}}, "", -1},
		{"kept file is bad", wrong, []handler{resuming}, [][]string{{"f"}}, "", -1},
		{"kept file is too long", long, []handler{resuming}, [][]string{{"f"}}, "", -1},
		{"first mirror down", nil, []handler{down, resuming}, [][]string{{"f"}, {"f"}}, "", -1},
		{"first mirror cut, second resumes", nil, []handler{cutAt(80_000), resuming}, [][]string{{"f"}, {"f from 80000"}}, "", -1},
		{"first mirror wrong", nil, []handler{inPlaceOf(wrong, resuming), resuming}, [][]string{{"f"}, {"f"}}, "", -1},
		{"all down", nil, []handler{down, down}, [][]string{{"f"}, {"f"}}, `no mirror gave it: https://`, -1},
		{"down, part kept", content[:10], []handler{down}, [][]string{{"f from 10"}}, `the server answers "503 Service Unavailable"`, 10},
		{"wrong checksum", nil, []handler{inPlaceOf(wrong, resuming)}, [][]string{{"f"}}, "wrong content: got SHA-256 ", -1},
		{"wrong twice", wrong[:150_000], []handler{inPlaceOf(wrong, resuming)}, [][]string{{"f from 150000", "f"}}, "; refused and removed", -1},
		{"cut", nil, []handler{cutAt(80_000)}, [][]string{{"f"}}, "broke off at byte 80000 of 200000: unexpected EOF", 80_000},
		{"short without a length", nil, []handler{inPlaceOf(content[:60_000], streaming)}, [][]string{{"f"}}, "ended at byte 60000 of 200000", 60_000},
		{"too long", nil, []handler{inPlaceOf(long, resuming)}, [][]string{{"f"}}, "the server has a file of 200001 bytes, want 200000", -1},
		{"too long without a length", nil, []handler{inPlaceOf(long, streaming)}, [][]string{{"f"}}, "sends more than the file's 200000 bytes; refused and removed", -1},
		{"endless", content[:10], []handler{func(w http.ResponseWriter, r *http.Request, _ []byte) {
			for {
				if _, err := w.Write(content); err != nil {
					return
				}
			}
		}}, [][]string{{"f from 10"}}, "sends more than", -1},
		{"a page in its place", content[:10], []handler{inPlaceOf([]byte("<html>log in here"), notResuming)}, [][]string{{"f from 10"}}, "the server has a file of 17 bytes, want 200000; refused", 10},
		{"another range", content[:10], []handler{func(w http.ResponseWriter, r *http.Request, content []byte) {
			w.Header().Set("Content-Range", "bytes 20-199999/200000")
			w.WriteHeader(http.StatusPartialContent)
			w.Write(content[20:])
		}}, [][]string{{"f from 10"}}, `the server sends range "bytes 20-199999/200000", want it from byte 10`, 10},
		{"no range named", content[:10], []handler{func(w http.ResponseWriter, r *http.Request, content []byte) {
			w.WriteHeader(http.StatusPartialContent)
		}}, [][]string{{"f from 10"}}, `the server sends range ""`, 10},
		{"redirected to http", nil, []handler{func(w http.ResponseWriter, r *http.Request, _ []byte) {
			http.Redirect(w, r, "http://"+r.Host+"/plain", http.StatusFound)
		}}, [][]string{{"f"}}, "refused: the address is http, want https", -1},
		{"redirected forever", nil, []handler{func(w http.ResponseWriter, r *http.Request, _ []byte) {
			http.Redirect(w, r, "/f", http.StatusFound)
		}}, [][]string{{"f", "f", "f", "f", "f", "f"}}, "too many redirects", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			if c.partial != nil {
				if err := os.WriteFile(path+".part", c.partial, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var mirrors []*mirror
			var addresses []string
			for _, serve := range c.servers {
				m := newMirror(t, map[string][]byte{"f": content}, serve)
				mirrors = append(mirrors, m)
				addresses = append(addresses, m.URL+"/")
			}
			last := int64(-1)
			err := testDownloader(mirrors...).file(t.Context(), addresses, publish("f", content), path, func(n int64) { last = n })
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
					t.Errorf("the file is not right: %d bytes, %v", len(got), err)
				}
				if last != int64(len(content)) {
					t.Errorf("progress ended at %d", last)
				}
			} else {
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v, want an error of one line with %q", err, c.want)
				}
				if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("a failed download left a file: %v", err)
				}
			}
			if info, err := os.Stat(path + ".part"); err == nil && info.Size() != int64(c.left) || err != nil && c.left >= 0 {
				t.Errorf("the part file: %v, %v, want %d bytes", info, err, c.left)
			}
			for i, m := range mirrors {
				if got := m.requests(); !slices.Equal(got, c.asked[i]) {
					t.Errorf("server %d was asked for %q, want %q", i, got, c.asked[i])
				}
			}
		})
	}
}

func TestDownloadRefusesHTTP(t *testing.T) {
	m := newMirror(t, nil, resuming)
	path := filepath.Join(t.TempDir(), "f")
	address := strings.Replace(m.URL, "https", "http", 1) + "/"
	err := testDownloader(m).file(t.Context(), []string{address}, publish("f", testContent), path, func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "the address is http, want https") || len(m.requests()) != 0 {
		t.Errorf("got %v, requests %q", err, m.requests())
	}
}

func TestDownloadRefusesUnknownCertificate(t *testing.T) {
	m := newMirror(t, map[string][]byte{"f": testContent}, resuming)
	path := filepath.Join(t.TempDir(), "f")
	err := newDownloader(&http.Transport{}).file(t.Context(), []string{m.URL + "/"}, publish("f", testContent), path, func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "certificate") || len(m.requests()) != 0 {
		t.Errorf("got %v, requests %q", err, m.requests())
	}
}

func TestDownloadCancelled(t *testing.T) {
	const before = 1 << 16
	m := newMirror(t, map[string][]byte{"f": testContent}, func(w http.ResponseWriter, r *http.Request, content []byte) {
		if r.Header.Get("Range") != "" {
			resuming(w, r, content)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:before])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	d, path, file := testDownloader(m), filepath.Join(t.TempDir(), "f"), publish("f", testContent)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.file(ctx, []string{m.URL + "/", m.URL + "/"}, file, path, func(n int64) {
		if n == before {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "what is here is kept") {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(path + ".part"); err != nil || !bytes.Equal(got, testContent[:before]) {
		t.Fatalf("kept %d bytes, %v", len(got), err)
	}
	if err := d.file(t.Context(), []string{m.URL + "/"}, file, path, func(int64) {}); err != nil {
		t.Error(err)
	}
	if want := []string{"f", fmt.Sprint("f from ", before)}; !slices.Equal(m.requests(), want) {
		t.Errorf("asked for %q, want %q", m.requests(), want)
	}
}

// A mirror that falls silent is given up, and the next one goes on.
func TestDownloadStalled(t *testing.T) {
	silent := newMirror(t, map[string][]byte{"f": testContent}, func(w http.ResponseWriter, r *http.Request, content []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:1000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	d, path := testDownloader(silent), filepath.Join(t.TempDir(), "f")
	d.stall = 50 * time.Millisecond
	err := d.file(t.Context(), []string{silent.URL + "/"}, publish("f", testContent), path, func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "no data for 50ms") {
		t.Errorf("got %v", err)
	}
}

// A mirror that crawls is given up after a window of the clock, which here goes on by a second with each piece, and the next one goes on where it ended.
func TestDownloadCrawling(t *testing.T) {
	crawl := newMirror(t, map[string][]byte{"f": testContent}, func(w http.ResponseWriter, r *http.Request, content []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		for i := range content {
			if _, err := w.Write(content[i : i+1]); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	good := newMirror(t, map[string][]byte{"f": testContent}, resuming)
	d, path := testDownloader(crawl, good), filepath.Join(t.TempDir(), "f")
	var clock time.Time
	d.now = func() time.Time { clock = clock.Add(time.Second); return clock }
	d.window = time.Minute
	err := d.file(t.Context(), []string{crawl.URL + "/"}, publish("f", testContent), path, func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "bytes in 1m0s, want at least 61440: too slow, given up at byte") || clock.Sub(time.Time{}) > 2*time.Minute {
		t.Errorf("after %v: got %v", clock.Sub(time.Time{}), err)
	}
	if err := d.file(t.Context(), []string{crawl.URL + "/", good.URL + "/"}, publish("f", testContent), path, func(int64) {}); err != nil {
		t.Error(err)
	}
	if asked := good.requests(); len(asked) != 1 || !strings.HasPrefix(asked[0], "f from ") {
		t.Errorf("the good mirror was asked for %q", asked)
	}
}

func TestDownloadCannotWrite(t *testing.T) {
	m := newMirror(t, map[string][]byte{"f": testContent}, resuming)
	d, file := testDownloader(m), publish("f", testContent)

	path := filepath.Join(t.TempDir(), "none", "f")
	if err := d.file(t.Context(), []string{m.URL + "/"}, file, path, func(int64) {}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no folder: got %v", err)
	}
	path = filepath.Join(t.TempDir(), "f")
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.file(t.Context(), []string{m.URL + "/"}, file, path, func(int64) {}); err == nil || !strings.Contains(err.Error(), "rename") {
		t.Errorf("a folder has the file's name: got %v", err)
	}
}

// testSource publishes a data set of four small files and serves it.
func testSource(t *testing.T) (*mirror, []source) {
	files := map[string][]byte{}
	s := source{name: "mnist"}
	for _, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		packed := gzipped(four()[name])
		files[name+".gz"] = packed
		s.files = append(s.files, publish(name+".gz", packed))
	}
	m := newMirror(t, files, resuming)
	s.mirrors = []string{m.URL + "/"}
	return m, []source{s}
}

func TestFetch(t *testing.T) {
	m, sources := testSource(t)
	root := t.TempDir()
	var last, total int64
	progress := func(done, all int64) {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		last, total = done, all
	}
	dir, err := fetch(t.Context(), testDownloader(m), sources, root, "mnist", progress)
	if err != nil {
		t.Fatal(err)
	}
	if dir != filepath.Join(root, "mnist") || last != total || total != sources[0].size() {
		t.Errorf("folder %s, progress %d of %d", dir, last, total)
	}
	if train, test, err := Load(dir); err != nil || train.Name != "mnist/train" || test.Len() != 2 {
		t.Errorf("what was fetched does not load: %v", err)
	}
	asked := len(m.requests())

	// Again: nothing is fetched. With one file damaged: only that.
	if _, err := fetch(t.Context(), testDownloader(m), sources, root, "mnist", nil); err != nil || len(m.requests()) != asked {
		t.Errorf("the second time: %v, %d requests more", err, len(m.requests())-asked)
	}
	if err := os.WriteFile(filepath.Join(dir, "t10k-labels-idx1-ubyte.gz"), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := fetch(t.Context(), testDownloader(m), sources, root, "mnist", nil); err != nil {
		t.Error(err)
	}
	if got := m.requests()[asked:]; !slices.Equal(got, []string{"t10k-labels-idx1-ubyte.gz"}) {
		t.Errorf("after damage to one file, fetched %q", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.part"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// Two processes may fetch at once; both end with the right files.
func TestFetchTwiceAtOnce(t *testing.T) {
	content := testContent
	m := newMirror(t, map[string][]byte{"f": content}, resuming)
	sources := []source{{"mnist", []string{m.URL + "/"}, []remoteFile{publish("f", content)}}}
	root := t.TempDir()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := fetch(t.Context(), testDownloader(m), sources, root, "mnist", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := os.ReadFile(filepath.Join(root, "mnist", "f")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestFetchRefuses(t *testing.T) {
	m, sources := testSource(t)
	if _, err := fetch(t.Context(), testDownloader(m), sources, t.TempDir(), "cifar", nil); err == nil || !strings.Contains(err.Error(), `no published data set "cifar"; there are mnist, fashion-mnist`) {
		t.Errorf("an unknown name: got %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := fetch(t.Context(), testDownloader(m), sources, file, "mnist", nil); err == nil || !strings.Contains(err.Error(), "cannot make the cache folder") {
		t.Errorf("a file in the folder's place: got %v", err)
	}
}

// Fetch itself, without asking anybody: stopped before it began, told a wrong name, and with no folder to use.
func TestFetchFromNowhere(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if root, err := cacheDir(); err != nil || filepath.Dir(root) != os.Getenv("XDG_CACHE_HOME") {
		t.Skipf("this system keeps its cache elsewhere: %s, %v", root, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fetch(ctx, "mnist", nil); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "mnist: train-images-idx3-ubyte.gz: download stopped") {
		t.Errorf("stopped: got %v", err)
	}
	if _, err := Fetch(t.Context(), "mnist-full", nil); err == nil || !strings.Contains(err.Error(), `no published data set "mnist-full"`) {
		t.Errorf("a wrong name: got %v", err)
	}
	t.Setenv("XDG_CACHE_HOME", "relative")
	if _, err := Fetch(t.Context(), "mnist", nil); err == nil || !strings.Contains(err.Error(), "no folder to keep downloads in") {
		t.Errorf("no cache folder: got %v", err)
	}
	if _, _, err := Open("mnist-full", ""); err == nil || !strings.Contains(err.Error(), "no folder to keep downloads in") {
		t.Errorf("no cache folder: got %v", err)
	}
}

// The published sources themselves: two mirrors each, HTTPS, whole checksums.
func TestSources(t *testing.T) {
	if !slices.Equal(Published(), []string{"mnist", "fashion-mnist"}) {
		t.Errorf("published: %q", Published())
	}
	for _, s := range sources {
		if len(s.mirrors) < 2 || len(s.files) != 4 {
			t.Errorf("%s: %d mirrors, %d files", s.name, len(s.mirrors), len(s.files))
		}
		for _, m := range s.mirrors {
			if !strings.HasPrefix(m, "https://") || !strings.HasSuffix(m, "/") {
				t.Errorf("%s: mirror %s", s.name, m)
			}
		}
		for _, f := range s.files {
			if b, err := hex.DecodeString(f.sha256); err != nil || len(b) != sha256.Size || f.size < 1 {
				t.Errorf("%s: %+v", s.name, f)
			}
		}
	}
}

func TestOpen(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	if got, err := cacheDir(); err != nil || got != filepath.Join(cache, "stheno") {
		t.Skipf("this system keeps its cache elsewhere: %s, %v", got, err)
	}
	train, _, err := Open("mnist", "")
	if err != nil || train.Len() != 10000 {
		t.Errorf("mnist: %v", err)
	}
	if train, _, err = Open("mnist", folder(t, "given", four())); err != nil || train.Info().Name != "given/train" {
		t.Errorf("a folder: %v", err)
	}
	for name, want := range map[string]string{
		"fashion-mnist": `fashion-mnist is not downloaded: `,
		"mnist-full":    `run "stheno data fetch mnist" once (11 MB)`,
		"cifar":         `no data set "cifar"; there are mnist, mnist-full, fashion-mnist, alice, and the files of any folder`,
	} {
		if _, _, err := Open(name, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if !slices.Equal(Names(), []string{"mnist", "mnist-full", "fashion-mnist", "alice"}) {
		t.Errorf("names: %q", Names())
	}

	// In the cache, the same name opens what is there.
	files := map[string][]byte{}
	for name, content := range four() {
		files[name+".gz"] = gzipped(content)
	}
	if err := os.Mkdir(filepath.Join(cache, "stheno"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(folder(t, "fashion-mnist", files), filepath.Join(cache, "stheno", "fashion-mnist")); err != nil {
		t.Fatal(err)
	}
	if train, _, err = Open("fashion-mnist", ""); err != nil || train.Info().Name != "fashion-mnist/train" || train.Len() != 3 {
		t.Errorf("fashion-mnist in the cache: %v", err)
	}
}
