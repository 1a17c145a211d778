package lab

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// manifestName is the file, beside an upload, of what the lab has put there: nothing else is ever removed.
const manifestName = ".stheno-upload"

// placed is a file that the lab has written, by its path in the upload's folder. One that is not as it was is somebody's by now.
type placed struct {
	Path string    `json:"path"`
	Size int64     `json:"size"`
	Time time.Time `json:"time"`
}

// writeManifest lists what is in the folder of an upload.
func writeManifest(root *os.Root) error {
	all := []placed{}
	err := fs.WalkDir(root.FS(), ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		all = append(all, placed{at, info.Size(), info.ModTime()})
		return err
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return root.WriteFile(manifestName, text, 0o600)
}

// removePlaced removes from a folder what its manifest has, as far as it is as it was, and the folder where nothing else is in it. A folder without a manifest stays.
func removePlaced(dir string) {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer root.Close()
	text, err := root.ReadFile(manifestName)
	var all []placed
	if err != nil || json.Unmarshal(text, &all) != nil {
		return
	}
	folders := map[string]bool{}
	for _, p := range all {
		info, err := root.Lstat(p.Path)
		if err != nil || !info.Mode().IsRegular() || info.Size() != p.Size || !info.ModTime().Equal(p.Time) {
			continue
		}
		_ = root.Remove(p.Path)
		for in := path.Dir(p.Path); in != "." && !folders[in]; in = path.Dir(in) {
			folders[in] = true
		}
	}
	inner := make([]string, 0, len(folders))
	for in := range folders {
		inner = append(inner, in)
	}
	slices.SortFunc(inner, func(a, b string) int { return len(b) - len(a) }) // what is within goes first
	for _, in := range inner {
		if info, err := root.Lstat(in); err == nil && info.IsDir() {
			_ = root.Remove(in) // unless something is left in it
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != manifestName {
		return
	}
	_ = root.Remove(manifestName)
	root.Close()
	_ = os.Remove(dir)
}

// free removes the upload that a file is of, when no run uses it any more: but not one that is being opened.
func (u *uploads) free(file string) {
	u.mu.Lock()
	among := u.dir
	if among == "" {
		among = u.in // of another evening
	}
	dir, number := uploadIn(among, file)
	if dir == "" || u.opening[number] > 0 {
		u.mu.Unlock()
		return
	}
	u.bytes -= u.kept[number].bytes
	delete(u.kept, number)
	u.mu.Unlock()
	removePlaced(dir)
}

// uploadIn is the folder of the upload that a file is in, and its number; "" of a file that is in none.
func uploadIn(among, file string) (dir, number string) {
	at, err := filepath.Abs(among)
	if among == "" || err != nil {
		return "", ""
	}
	inside, err := filepath.Rel(at, file)
	if err != nil || !filepath.IsLocal(inside) {
		return "", ""
	}
	number, rest, _ := strings.Cut(filepath.ToSlash(inside), "/")
	if _, err := strconv.ParseUint(number, 10, 32); err != nil || rest == "" {
		return "", ""
	}
	return filepath.Join(at, number), number
}
