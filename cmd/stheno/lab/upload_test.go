package lab

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// form is a form with a file, and its content type.
func form(t testing.TB, name string, content []byte, fields ...string) (string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

// zipped is an archive of files and their contents.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// link is an archive with a symbolic link out of it, and a file behind it.
func link(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "a"}
	h.SetMode(fs.ModeSymlink | 0o777)
	f, err := w.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(f, "/tmp")
	f, _ = w.Create("a/b.png")
	_, _ = io.WriteString(f, "x")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a small archive of 4 MB, of which it says that they are so many.
func bomb(t *testing.T, says uint32) []byte {
	t.Helper()
	b := zipped(t, "a/zeros.png", strings.Repeat("\x00", 4<<20))
	binary.LittleEndian.PutUint32(b[bytes.LastIndex(b, []byte("PK\x01\x02"))+24:], says)
	return b
}

// What is uploaded lies in a folder of this lab's alone, under a harmless name, and goes with the lab.
func TestUpload(t *testing.T) {
	s, f, client := started(t)
	var got session.Command
	f.do = func(_ context.Context, c session.Command) (any, error) {
		got = c
		return session.Answer{Run: "2"}, nil
	}
	tree := func(path string) (all string) {
		_ = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				content, _ := os.ReadFile(at)
				rest, _ := filepath.Rel(path, at)
				all += filepath.ToSlash(rest) + "=" + string(content) + " "
			}
			return err
		})
		return strings.TrimSpace(all)
	}
	for _, c := range []struct {
		name    string
		content []byte
		as      string // the last of its path
		has     string
	}{
		{"W H A T ?.ZIP", zipped(t, "apple/1.png", "A", "pear/2.png", "P"), "W H A T", "apple/1.png=A pear/2.png=P"},
		{"iris.csv", []byte("a,b\n1,2\n"), "iris.csv", ".=a,b\n1,2"},
		{"IRIS.TSV", []byte("a\tb\n"), "IRIS.TSV", ".=a\tb"},
		{"../../etc/passwd.csv", []byte("x"), "passwd.csv", ".=x"},
		{`C:\Users\me\höhe über null.csv`, []byte("x"), "höhe über null.csv", ".=x"},
		{"...csv", []byte("x"), "data.csv", ".=x"},
		{"a;$(rm)\t.csv", []byte("x"), "a;$(rm).csv", ".=x"},
		{strings.Repeat("x", 500) + ".csv", []byte("x"), strings.Repeat("x", 200) + ".csv", ".=x"},
		{strings.Repeat("山", 99) + ".csv", []byte("x"), strings.Repeat("山", 66) + ".csv", ".=x"},
		{"my pics (2).zip", zipped(t, "apple/1.png", "A", "pear/2.png", "P"), "my pics (2)", "apple/1.png=A pear/2.png=P"},
		{"e\u0301te\u0301 'a' <b>?\u202e.csv", []byte("x"), "e\u0301te\u0301 'a' -b.csv", ".=x"},
		{"fruit.zip", zipped(t, "apple/1.png", "A", "pear/2.png", "P"), "fruit", "apple/1.png=A pear/2.png=P"},
		{"fruit.zip", zipped(t, "all/", "", "all/apple/", "", "all/apple/1.png", "A", "all/pear/2.png", "P", "__MACOSX/all/apple/._1.png", "x", "all/.DS_Store", "x", "all/pear/Thumbs.db", "x"), "all", "apple/1.png=A pear/2.png=P"},
		{"read.zip", zipped(t, "all/readme.txt", "R", "all/apple/1.png", "A", "all/pear/2.png", "P", "LICENSE", "L"), "all", "apple/1.png=A pear/2.png=P readme.txt=R"},
		{"texts.zip", zipped(t, "apple/1.txt", "A", "apple/2.txt", "B"), "texts", "apple/1.txt=A apple/2.txt=B"},
		{"table2.zip", zipped(t, "in/table.csv", "a,b\n", "in/readme.md", "R", "readme.md", "R"), "table.csv", ".=a,b"},
		{"one.zip", zipped(t, "apple/1.png", "A", "apple/2.png", "B"), "one", "apple/1.png=A apple/2.png=B"},
		{"table.zip", zipped(t, "in/table.csv", "a,b\n"), "table.csv", ".=a,b"},
	} {
		body, kind := form(t, c.name, c.content, "target", "b")
		answer, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), body, "Content-Type", kind))
		if answer.StatusCode != http.StatusOK || text != `{"ok":true,"run":"2"}` || got.Do != "open" || got.Target != "b" {
			t.Errorf("%q: got %s: %s, and the command %+v", c.name, answer.Status, text, got)
			continue
		}
		if brought := c.name[strings.LastIndexAny(c.name, `/\`)+1:]; got.Brought != brought && !strings.ContainsAny(brought, "\t\u202e") && !strings.HasPrefix(brought, "-") {
			t.Errorf("%q is called %q", c.name, got.Brought)
		}
		if filepath.Base(got.Path) != c.as || !strings.HasPrefix(got.Path, s.uploads.dir+string(filepath.Separator)) {
			t.Errorf("%q lies at %s", c.name, got.Path)
		}
		if has := tree(got.Path); has != c.has {
			t.Errorf("%q: got %q, want %q", c.name, has, c.has)
		}
	}
	kept, before := tree(s.uploads.dir), s.uploads.bytes
	f.do = func(context.Context, session.Command) (any, error) { return nil, errors.New("no target") }
	body, kind := form(t, "iris.csv", []byte("a,b\n1,2\n"))
	answer, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), body, "Content-Type", kind))
	if answer.StatusCode != http.StatusBadRequest || !strings.HasPrefix(text, `{"error":"no target"`) || tree(s.uploads.dir) != kept || s.uploads.bytes != before {
		t.Errorf("what is not taken: got %s: %s, %d bytes after %d, and there lies %s", answer.Status, text, s.uploads.bytes, before, tree(s.uploads.dir))
	}
	dir := s.uploads.dir
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
	t.Cleanup(func() {}) // before the server ends
	if err := s.uploads.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// What is uploaded to be looked at is described, column by column, and opened by its number, as often as one likes; nothing is trained before.
func TestLookAtUpload(t *testing.T) {
	s, f, client := started(t)
	var got session.Command
	f.do = func(_ context.Context, c session.Command) (any, error) {
		got = c
		return session.Answer{Run: "2"}, nil
	}
	table := "when,height,kind,note,price\n"
	for i := range 40 {
		height := fmt.Sprint(i%7 + 1)
		if i%10 == 3 {
			height = ""
		}
		table += fmt.Sprintf("2024-01-%02d,%s,%s,%s %d,%d.5\n", i%28+1, height, []string{"oak", "elm"}[i%2], "id", i, i*i)
	}
	look := func(name string, content []byte) (int, string) {
		body, kind := form(t, name, content, "look", "1")
		answer, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), body, "Content-Type", kind))
		return answer.StatusCode, text
	}
	status, text := look("trees.csv", []byte(table))
	var is struct {
		Upload string
		session.Description
	}
	if err := json.Unmarshal([]byte(text), &is); err != nil || status != http.StatusOK || got.Do != "" {
		t.Fatalf("%v: %d: %s, %+v", err, status, text, got)
	}
	if is.Name != "trees.csv" || is.Samples != 40 || is.Target != "price" || len(is.Columns) != 5 || len(is.Notes) == 0 {
		t.Errorf("got %+v", is)
	}
	for i, want := range []session.ReadColumn{{Column: session.Column{Name: "when", Type: "date", Example: "2024-01-01"}}, {Column: session.Column{Name: "height", Type: "number", Example: "1"}, Missing: 4},
		{Column: session.Column{Name: "kind", Type: "category", Example: "oak", Categories: []string{"elm", "oak"}}}, {Column: session.Column{Name: "note", Type: "left out", Example: "id 0"}}, {Column: session.Column{Name: "price", Type: "number", Example: "0.5"}}} {
		if !reflect.DeepEqual(is.Columns[i], want) {
			t.Errorf("got %+v, want %+v", is.Columns[i], want)
		}
	}
	json := []string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-origin"}
	for _, target := range []string{"kind", "price"} {
		answer, text := ask(t, client, request(t, "POST", at(s, "/api/open"), `{"upload":"`+is.Upload+`","target":"`+target+`"}`, json...))
		if answer.StatusCode != http.StatusOK || got.Do != "open" || got.Target != target || filepath.Base(got.Path) != "trees.csv" {
			t.Errorf("got %s: %s, and the command %+v", answer.Status, text, got)
		}
	}
	got = session.Command{}
	for _, body := range []string{`{"upload":"99"}`, `{"upload":"../1"}`, `{}`, `{"upload":"1","path":"/etc/passwd"}`, `[]`} {
		if answer, text := ask(t, client, request(t, "POST", at(s, "/api/open"), body, json...)); answer.StatusCode != http.StatusBadRequest || got.Do != "" {
			t.Errorf("%s: got %s: %s", body, answer.Status, text)
		}
	}
	bytes := s.uploads.bytes
	if status, text := look("broken.csv", []byte("a,b\n1\n\"")); status != http.StatusBadRequest || strings.Contains(text, s.uploads.dir) {
		t.Errorf("got %d: %s", status, text)
	}
	if left, err := os.ReadDir(s.uploads.dir); err != nil || len(left) != 1 || s.uploads.bytes != bytes {
		t.Errorf("what cannot be read left %v, %d bytes, %v, want %d", left, s.uploads.bytes, err, bytes)
	}
}

// What is no data, leads out of its folder, is larger unpacked than it may be, or too large, is refused in words, and leaves nothing behind.
func TestHostileUploads(t *testing.T) {
	s, f, client := started(t)
	f.do = func(_ context.Context, c session.Command) (any, error) {
		t.Errorf("the session was asked to open %s", c.Path)
		return nil, nil
	}
	many := make([]string, 2*mostFiles+2)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	broken := zipped(t, "apple/1.png", strings.Repeat("A", 1000))
	broken[44] ^= 0xff
	locked := zipped(t, "a/1.png", "A")
	for _, sign := range []string{"PK\x03\x04", "PK\x01\x02"} {
		flags := bytes.Index(locked, []byte(sign)) + map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[sign]
		locked[flags] |= 1
	}
	for _, c := range []struct {
		name, file string
		content    []byte
		status     int
		want       string
	}{
		{"no zip", "a.zip", []byte("PK\x03\x04 and so on"), 400, "no zip archive"},
		{"an empty file", "a.zip", nil, 400, "no zip archive"},
		{"another kind", "a.exe", []byte("MZ"), 400, "want a table (.csv, .tsv) or a .zip"},
		{"no ending", "passwd", []byte("x"), 400, "want a table"},
		{"a path upwards", "a.zip", zipped(t, "a/1.png", "A", "../../evil.png", "x"), 400, "leads out of its folder"},
		{"a path upwards inside", "a.zip", zipped(t, "a/../../evil.png", "x"), 400, "leads out of its folder"},
		{"an absolute path", "a.zip", zipped(t, "/tmp/evil.png", "x"), 400, "leads out of its folder"},
		{"a path of Windows", "a.zip", zipped(t, `..\evil.png`, "x"), 400, "leads out of its folder"},
		{"a drive", "a.zip", zipped(t, "C:evil.png", "x"), 400, "leads out of its folder"},
		{"a stream of NTFS", "a.zip", zipped(t, "a.png:x", "x"), 400, "leads out of its folder"},
		{"a long path", "a.zip", zipped(t, strings.Repeat("x/", 600)+"a.png", "x"), 400, "leads out of its folder"},
		{"a long name", "a.zip", zipped(t, strings.Repeat("x", 300)+".png", "x"), 400, "cannot be unpacked"},
		{"a link", "a.zip", link(t), 400, "no file but a link"},
		{"a file twice", "a.zip", zipped(t, "a/1.png", "A", "a/1.png", "B"), 400, "twice"},
		{"a file in a file", "a.zip", zipped(t, "a", "A", "a/1.png", "B"), 400, "a file in another file"},
		{"a damaged file", "a.zip", broken, 400, "cannot be unpacked"},
		{"an encrypted file", "a.zip", locked, 400, "encrypted"},
		{"a bomb", "a.zip", bomb(t, mostUnpacked+1), 400, "it unpacks to more than 512 MB"},
		{"a bomb that lies", "a.zip", bomb(t, 10), 400, "cannot be unpacked"},
		{"pictures in no folders", "flat.zip", zipped(t, "1.png", "A", "2.png", "B"), 400, "flat.zip: its pictures lie in no folders, so that nothing says what each of them shows: put those of each class in a folder of its own, such as cat/1.png and dog/1.png"},
		{"a picture beside the folders", "a.zip", zipped(t, "all/cat/1.png", "A", "all/dog/1.png", "B", "all/x.png", "C"), 400, `such as \"all/x.png\": put those of each class`},
		{"a table of pictures", "a.zip", zipped(t, "labels.csv", "a,b", "in/1.png", "A", "in/2.png", "B"), 400, `the table \"labels.csv\" beside its pictures is not read`},
		{"two tables", "a.zip", zipped(t, "train.csv", "a,b", "test.csv", "a,b"), 400, `it has several tables, such as \"test.csv\" and \"train.csv\", want one`},
		{"a workbook", "a.zip", zipped(t, "t.xlsx", "PK", "README.md", "x"), 400, `no table but the workbook \"t.xlsx\": save that as CSV`},
		{"no data", "a.zip", zipped(t, "a.json", "{}"), 400, `it has no table, pictures or texts, but such as \"a.json\": pack one table`},
		{"nothing", "a.zip", zipped(t), 400, "it has no files: pack one table"},
		{"too many files", "a.zip", zipped(t, many...), 400, "want at most 100000"},
	} {
		body, kind := form(t, c.file, c.content)
		got, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), body, "Content-Type", kind))
		if got.StatusCode != c.status || !strings.Contains(text, c.want) || strings.Count(text, "cat/1.png") == 1 {
			t.Errorf("%s: got %s: %.300s, want %d: %s, in Chinese as well", c.name, got.Status, text, c.status, c.want)
		}
	}
	fine, kind := form(t, "a.csv", []byte("a"))
	boundary := strings.TrimPrefix(kind, "multipart/form-data; boundary=")
	for _, c := range []struct {
		name, body, kind string
		status           int
		want             string
	}{
		{"no form", "a,b\n", "text/csv", 400, "no form with a file"},
		{"JSON", "{}", "application/json", 400, "no form with a file"},
		{"no boundary", fine, "multipart/form-data", 400, "no form with a file"},
		{"cut short", fine[:len(fine)/2], kind, 400, "error"},
		{"no file", "--" + boundary + "--\r\n", kind, 400, "without a file"},
		{"another field", strings.Replace(fine, `name="file"`, `name="path"`, 1), kind, 400, "want file, target and look"},
		{"no name", strings.Replace(fine, `filename="a.csv"`, `filename=""`, 1), kind, 400, "want a table"},
	} {
		got, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), c.body, "Content-Type", c.kind))
		if got.StatusCode != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: got %s: %s, want %d: %s", c.name, got.Status, text, c.status, c.want)
		}
	}
	// Without end, it is not waited for.
	r := request(t, "POST", at(s, "/api/upload"), "", "Content-Type", kind)
	head, _, _ := strings.Cut(fine, "\r\n\r\n")
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(head+"\r\n\r\n"), endless{})), -1
	got, err := client.Do(r)
	if err == nil {
		text, _ := io.ReadAll(got.Body)
		got.Body.Close()
		if got.StatusCode != http.StatusRequestEntityTooLarge && got.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "more than 128 MB") {
			t.Errorf("without end: got %s: %s", got.Status, text)
		}
	}
	if left, err := os.ReadDir(s.uploads.dir); err != nil || len(left) != 0 {
		t.Errorf("what was refused left %v, %v", left, err)
	}
	for _, outside := range []string{"evil.png", "/tmp/evil.png", filepath.Join(filepath.Dir(s.uploads.dir), "evil.png")} {
		if _, err := os.Stat(outside); err == nil {
			t.Errorf("%s was written", outside)
		}
	}
}

// endless is a file that never ends.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// All uploads together have their bound, and the folder goes when the lab does.
func TestUploadsEnd(t *testing.T) {
	s, err := Listen("127.0.0.1:0", "test", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{do: func(context.Context, session.Command) (any, error) { return nil, nil }}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, func(func(session.Message)) (Session, error) { return f, nil }) }()
	client := entered(t, s)
	waitFor(t, "the session", func() bool { return s.session.Load() != nil })
	body, kind := form(t, "a.csv", []byte("a"))
	if got, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), body, "Content-Type", kind)); got.StatusCode != 200 {
		t.Fatalf("got %s: %s", got.Status, text)
	}
	s.uploads.mu.Lock()
	s.uploads.bytes = mostKept
	dir := s.uploads.dir
	s.uploads.mu.Unlock()
	if got, text := ask(t, client, request(t, "POST", at(s, "/api/upload"), body, "Content-Type", kind)); got.StatusCode != 400 || !strings.Contains(text, "1024 MB already") {
		t.Errorf("got %s: %s", got.Status, text)
	}
	cancel()
	select {
	case err = <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the server does not end")
	}
	if _, there := os.Stat(dir); err != nil || !errors.Is(there, fs.ErrNotExist) {
		t.Errorf("after the end: %v, and the folder %v", err, there)
	}
}
