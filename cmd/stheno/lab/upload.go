package lab

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// What is taken of data that a page uploads.
const (
	mostUpload   = 128 << 20       // bytes of a file
	mostUnpacked = 512 << 20       // of what is in a zip
	mostFiles    = 100_000         // in a zip
	mostKept     = 1 << 30         // bytes of all uploads
	uploadTime   = 5 * time.Minute // in which one is to be here
)

// uploads are files that pages brought, in a folder that goes when the lab ends, or stays with the runs that are kept: pictures are read of it again and again.
type uploads struct {
	reading sync.Mutex
	taking  sync.Mutex // one at a time, which is bounded, and of one user

	mu    sync.Mutex
	in    string  // the folder that they stay in; "" for one that goes
	own   *folder // that goes, with what is still on its way; nil before the first
	dir   string  // of those that are here; "" before the first
	count int
	bytes int64
	kept  map[string]stored // by number: where each lies

	opening map[string]int // by number, how often each is being opened now
}

// remove takes the folder away.
func (u *uploads) remove() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.own == nil {
		return nil
	}
	if err := u.own.remove(); err != nil {
		return fmt.Errorf("lab: the folder of uploads %s could not be removed: %w: remove it by hand", u.own.dir, err)
	}
	u.own, u.dir = nil, ""
	return nil
}

// folder makes a new one for an upload that is on its way. It gets its place once it is here: nobody finds half of one, and of a lab that was killed the next one removes it.
func (u *uploads) folder() (*os.Root, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bytes >= mostKept {
		return nil, fmt.Errorf("the uploads of this lab take %d MB already, which is the most: start it anew, with the data as its argument", mostKept>>20)
	}
	if u.dir == "" && u.in != "" {
		own, err := ownFolder(u.in)
		if err != nil {
			return nil, err
		}
		u.own, u.dir = own, u.in
		entries, err := os.ReadDir(u.in)
		if err != nil {
			return nil, err
		}
		for _, e := range entries { // of another evening
			if n, err := strconv.Atoi(e.Name()); err == nil {
				u.count = max(u.count, n)
			}
		}
	}
	if u.dir == "" {
		own, err := ownFolder(os.TempDir())
		if err != nil {
			return nil, err
		}
		u.own, u.dir = own, filepath.Join(own.dir, "uploads")
	}
	u.count++
	dir := filepath.Join(u.own.dir, fmt.Sprint(u.count))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// ownFolder is a new one among others, with a place for uploads in it.
func ownFolder(among string) (own *folder, err error) {
	if err = os.MkdirAll(among, 0o700); err == nil {
		own, err = newFolder(among)
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(own.dir, "uploads"), 0o700)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("there is no place for uploads: %w", err), own.remove())
	}
	return own, nil
}

// stored is where an upload lies, and what it takes.
type stored struct {
	path    string
	brought string // what who brought it calls it
	bytes   int64
}

// An uploaded file lies at its path, a zip as the folder that was in it.
type uploaded struct {
	stored
	number string // by which it is asked for again
	target string // the column of a table that is to be learnt; "" where nobody said it
	look   bool   // it is to be looked at, and not yet trained on
}

// take reads a form with a file, and with the target of a table before it where there is one.
func (u *uploads) take(r *http.Request) (up uploaded, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return up, fmt.Errorf("got no form with a file: %w", err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return up, errors.New("got a form without a file, want one with a table (.csv, .tsv) or a .zip of pictures")
		}
		if err != nil {
			return up, err
		}
		switch name := part.FormName(); name {
		case "target":
			text, err := io.ReadAll(io.LimitReader(part, 1<<10))
			if err != nil {
				return up, err
			}
			up.target = string(text)
		case "look":
			up.look = true
		case "file":
			up.stored, up.number, err = u.keep(part.FileName(), part)
			return up, err
		default:
			return up, fmt.Errorf("got a form with %.50q, want file, target and look", name)
		}
	}
}

// keep writes one file, and unpacks it where it is a zip; it gives its place and its number. What fails leaves nothing behind.
func (u *uploads) keep(brought string, from io.Reader) (is stored, number string, err error) {
	name := called(brought)
	if brought = brought[strings.LastIndexAny(brought, `/\`)+1:]; strings.HasPrefix(brought, "-") || strings.ContainsFunc(brought, func(r rune) bool { return !unicode.IsPrint(r) }) { // which a command would take for a flag, or hide
		brought = name
	}
	kind := strings.ToLower(path.Ext(name))
	if !table(name) && kind != ".zip" {
		return is, "", fmt.Errorf("got %s, want a table (.csv, .tsv) or a .zip of pictures, a folder for each class", name)
	}
	u.taking.Lock()
	defer u.taking.Unlock()
	defer func() {
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			err = fmt.Errorf("%s: %w in %s: free some room, or start the lab with the data as its argument", name, errFull, cmp.Or(u.in, os.TempDir()))
		}
	}()
	root, err := u.folder()
	if err != nil {
		return is, "", err
	}
	defer func() {
		root.Close()
		if err != nil {
			_ = os.RemoveAll(root.Name())
		}
	}()
	size, err := writeFile(root, name, from, mostUpload)
	if errors.Is(err, errLarge) {
		return is, "", fmt.Errorf("%s has more than %d MB, which is the most that is taken: start the lab with the data as its argument", name, mostUpload>>20)
	}
	if err == nil && kind == ".zip" {
		stem := name[:len(name)-len(kind)]
		var unpacked int64
		if unpacked, err = unpack(root, name, stem); err != nil {
			return is, "", fmt.Errorf("%s: %w", name, err)
		}
		if err = suits(filepath.Join(root.Name(), stem)); err != nil {
			return is, "", fmt.Errorf("%s: %w", name, err)
		}
		size = unpacked
		name = stem
	}
	if err != nil {
		return is, "", err
	}
	if err = writeManifest(root); err != nil {
		return is, "", bare(err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	number = fmt.Sprint(u.count)
	dir := filepath.Join(u.dir, number)
	root.Close() // which some systems want before it is moved
	if err := os.Rename(root.Name(), dir); err != nil {
		return is, "", bare(err)
	}
	u.bytes += size
	if u.kept == nil {
		u.kept = map[string]stored{}
	}
	is = stored{inner(filepath.Join(dir, name)), brought, size}
	u.kept[number] = is
	return is, number, nil
}

// describe says how an upload is read: one at a time, since each is in memory meanwhile.
func (u *uploads) describe(path string) (*session.Description, error) {
	u.reading.Lock()
	defer u.reading.Unlock()
	return session.Describe(path)
}

// forget removes an upload that nothing is made of.
func (u *uploads) forget(number string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if is, ok := u.kept[number]; ok && os.RemoveAll(filepath.Join(u.dir, number)) == nil {
		u.bytes -= is.bytes
		delete(u.kept, number)
	}
}

// open is where an upload lies, which stays there until it is closed again.
func (u *uploads) open(number string) (stored, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if is, ok := u.kept[number]; ok {
		if u.opening == nil {
			u.opening = map[string]int{}
		}
		u.opening[number]++
		return is, nil
	}
	return stored{}, fmt.Errorf("there is no upload %.20q: choose the file again", number)
}

func (u *uploads) close(number string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.opening[number]--; u.opening[number] <= 0 {
		delete(u.opening, number)
	}
}

// called is what a file that a page calls so is called here: a name without a path, as it is but for what no name may have, or cannot be seen.
func called(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar || strings.ContainsRune(`<>:"|?*`, r) {
			return '-'
		}
		return r
	}, name[strings.LastIndexAny(name, `/\`)+1:])
	kind := path.Ext(name)
	stem := strings.Trim(strings.TrimSuffix(name, kind), ".- ")
	const most = 200 // bytes, of 255
	if len(stem) > most {
		stem = strings.TrimRight(strings.ToValidUTF8(stem[:most], ""), ".- ")
	}
	if stem == "" || !filepath.IsLocal(stem) { // such as NUL, which is a device to Windows
		stem = "data"
	}
	return stem + kind
}

var (
	errLarge = errors.New("it is larger than it may be")
	errFull  = errors.New("there is no room left on the disk for uploads")
)

// bare is an error without the place where the lab keeps its files, which is no matter of a page's.
func bare(err error) error {
	if at := new(fs.PathError); errors.As(err, &at) {
		return at.Err
	}
	if moved := new(os.LinkError); errors.As(err, &moved) {
		return moved.Err
	}
	return err
}

// writeFile writes a new file in a folder, of at most so many bytes.
func writeFile(root *os.Root, name string, from io.Reader, most int64) (int64, error) {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, io.LimitReader(from, most+1))
	if err == nil && n > most {
		err = errLarge
	}
	return n, errors.Join(err, f.Close())
}

// unpack unpacks a zip into a folder beside it, and says how many bytes there are in it. No file becomes larger than it says, all together no larger than they may be, and nothing is written elsewhere.
func unpack(root *os.Root, name, into string) (total int64, err error) {
	f, err := root.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	archive, err := zip.NewReader(f, info.Size())
	if err != nil {
		return 0, fmt.Errorf("it is no zip archive that can be read: %w", bare(err))
	}
	if len(archive.File) > mostFiles {
		return 0, fmt.Errorf("it has %d files, want at most %d", len(archive.File), mostFiles)
	}
	if err := root.Mkdir(into, 0o700); err != nil {
		return 0, err
	}
	for _, file := range archive.File {
		inside := strings.TrimSuffix(file.Name, "/")
		switch {
		case !fs.ValidPath(inside) || !filepath.IsLocal(filepath.FromSlash(inside)) || strings.ContainsAny(inside, "\\:\x00") || len(inside) > 1<<10:
			return 0, fmt.Errorf("it has a file %.100q, whose name leads out of its folder or is none: pack the folder anew", file.Name)
		case litter(inside) || file.Mode().IsDir():
			continue
		case !file.Mode().IsRegular():
			return 0, fmt.Errorf("it has %.100q, which is no file but a link or the like: pack the folder without", file.Name)
		case file.UncompressedSize64 > uint64(mostUnpacked-total):
			return 0, fmt.Errorf("it unpacks to more than %d MB, which is the most", mostUnpacked>>20)
		case file.Flags&1 != 0:
			return 0, fmt.Errorf("it has %.100q, which is encrypted: pack the folder without a password", file.Name)
		}
		name := path.Join(into, inside)
		if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return 0, fmt.Errorf("it has %.100q, a file in another file: pack the folder anew", file.Name)
		}
		size := int64(file.UncompressedSize64)
		content, err := file.Open()
		if err != nil {
			return 0, fmt.Errorf("%.100q cannot be unpacked: %w", file.Name, bare(err))
		}
		n, err := writeFile(root, name, content, size)
		content.Close()
		switch {
		case errors.Is(err, fs.ErrExist):
			return 0, fmt.Errorf("it has %.100q twice: pack the folder anew", file.Name)
		case errors.Is(err, errLarge):
			return 0, fmt.Errorf("%.100q cannot be unpacked: it is larger than the archive says", file.Name)
		case err != nil:
			return 0, fmt.Errorf("%.100q cannot be unpacked: %w", file.Name, bare(err))
		}
		total += n
	}
	return total, root.Remove(name)
}

// litter says whether a system put a file into the archive that is none of the user's.
func litter(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return strings.HasPrefix(part, ".") || part == "__MACOSX" || strings.EqualFold(part, "Thumbs.db") || strings.EqualFold(part, "desktop.ini")
	})
}

// inner is the folder in which the data begin, where they were packed with the folder that they are in; or the one table that there is. Files that are no data, such as a readme, change nothing.
func inner(dir string) string {
	for {
		folders, files := within(dir)
		if len(folders) == 0 && len(files) == 1 && table(files[0]) {
			return filepath.Join(dir, files[0])
		}
		if len(folders) != 1 || len(files) > 0 {
			return dir
		}
		only := filepath.Join(dir, folders[0])
		if below, data := within(only); len(below) == 0 && !slices.ContainsFunc(data, table) || slices.ContainsFunc(data, picture) {
			return dir // the pictures, or texts, of one class
		}
		dir = only
	}
}

// within are the folders in a folder, and its files that are data: tables and pictures.
func within(dir string) (folders, data []string) {
	entries, _ := os.ReadDir(dir) // what cannot be read is told by whoever reads it
	for _, e := range entries {
		switch {
		case e.IsDir():
			folders = append(folders, e.Name())
		case table(e.Name()) || picture(e.Name()):
			data = append(data, e.Name())
		}
	}
	return folders, data
}

// picture says whether a file is called as a picture.
func picture(name string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}, strings.ToLower(path.Ext(name)))
}

// table says whether a file is called as a table.
func table(name string) bool {
	kind := strings.ToLower(path.Ext(name))
	return kind == ".csv" || kind == ".tsv"
}
