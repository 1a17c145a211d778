package datasets

import (
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Pictures say how pictures are read.
type Pictures struct {
	Height      int      `json:"height,omitempty"` // in pixels, to which they are scaled; 0: that of the first, and all must be alike
	Width       int      `json:"width,omitempty"`
	Grey        bool     `json:"grey,omitempty"`         // [height, width]; else [height, width, 3], unless none of them has a colour
	Crop        bool     `json:"crop,omitempty"`         // what is too wide or too high is cut at both sides; else it is squeezed
	Classes     []string `json:"classes,omitempty"`      // the folders, in order; nil: those that there are
	SkipDamaged bool     `json:"skip_damaged,omitempty"` // those that cannot be read are left out and counted, and Check tells; else they are an error
}

// ImageFiles are pictures in files: a [Data] with the pixels, 0 to 255, as input "x", and the class. They are PNG, JPEG, GIF, BMP, TIFF or WebP, turned as the camera was held,
// transparent ones on white.
type ImageFiles struct {
	info     Info
	how      Pictures
	files    []string
	classes  []int32
	answers  *Table // what is said of each, where a table does; else nil
	rows     []int  // of it
	channels int
	pixels   [][]uint8 // of each, where memory holds them all; else nil
	alike    bool      // none is scaled
	notes    []Finding
}

// pictureEndings are those of the files that are read; what else lies in a folder is no matter.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

// Images reads a folder that has a folder of pictures for each class, or a folder of pictures, or one picture: then they have no class. All are decoded once, to see
// whether they are whole; they are kept in memory where that takes at most [DefaultLimit] bytes, else read again whenever they are asked for. Errors name the file.
//
//	fruit, err := datasets.Images("fruit", datasets.Pictures{Height: 64, Width: 64})
func Images(path string, how Pictures) (*ImageFiles, error) {
	d := &ImageFiles{how: how, alike: how.Height == 0}
	d.how.Classes = slices.Clone(how.Classes)
	d.info.Name = filepath.Base(path)
	if how.Height < 0 || how.Width < 0 || how.Height > maxSide || how.Width > maxSide || (how.Height == 0) != (how.Width == 0) {
		return nil, fmt.Errorf("datasets: %s: got pictures of %d×%d pixels, want 1 to %d each, or 0 for both", path, how.Height, how.Width, maxSide)
	}
	if err := d.list(path); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return d.finish(path)
}

// finish decodes the pictures that were found.
func (d *ImageFiles) finish(path string) (*ImageFiles, error) {
	if d.answers != nil {
		d.rows = inOrder(len(d.files))
	}
	if err := d.decode(); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	shape := []int{d.how.Height, d.how.Width}
	if d.channels > 1 {
		shape = append(shape, d.channels)
	}
	d.info.Inputs = []Field{{Name: "x", Shape: shape}}
	if d.classes != nil {
		d.info.Classes = d.how.Classes
		d.info.Targets = []Field{{Name: "class", IDs: true, Values: d.how.Classes}}
	}
	kept := d.how
	kept.Grey = d.channels == 1
	d.info.Source = &Source{Pictures: &kept}
	return d, nil
}

// list finds the files.
func (d *ImageFiles) list(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return bare(err)
	}
	if !info.IsDir() {
		if !info.Mode().IsRegular() {
			return errors.New("it is no regular file, want a picture")
		}
		d.files = []string{path}
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return bare(err)
	}
	var folders []string
	other := 0
	for _, e := range entries {
		full := filepath.Join(path, e.Name())
		info, err := os.Stat(full)
		switch {
		case hiddenName(e.Name()) || err != nil:
		case info.IsDir():
			folders = append(folders, e.Name())
		case isPictureName(e.Name()) && info.Mode().IsRegular():
			d.files = append(d.files, full)
		default:
			other++
		}
	}
	switch {
	case len(folders) == 0 && len(d.files) == 0:
		return fmt.Errorf("it has no pictures and no folders of them, and %d other files; want a folder of pictures for each class", other)
	case len(folders) == 0:
		return nil
	case len(d.files) > 0:
		return fmt.Errorf("it has %d folders and %d pictures beside them, such as %s; want a folder for each class and no picture outside, or pictures alone", len(folders), len(d.files), filepath.Base(d.files[0]))
	case !slices.ContainsFunc(folders, func(name string) bool { return !slices.Contains(partNames, strings.ToLower(name)) }):
		return fmt.Errorf("it has the folders %s, which are parts, not classes; read each by itself: %s", strings.Join(folders, ", "), filepath.Join(path, folders[0]))
	}
	return d.inFolders(path, folders)
}

// partNames are folders that divide data, not classes.
var partNames = []string{"train", "training", "test", "testing", "val", "valid", "validation", "eval", "dev"}

func (d *ImageFiles) inFolders(path string, folders []string) error {
	if d.how.Classes == nil {
		d.how.Classes = folders
	}
	var empty []string
	for _, folder := range folders {
		class := slices.Index(d.how.Classes, folder)
		if class < 0 {
			return fmt.Errorf("it has a folder %q, want the classes %s alone", folder, short(quoted(d.how.Classes)))
		}
		before := len(d.files)
		err := filepath.WalkDir(filepath.Join(path, folder), func(file string, e fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("%s: %w", file, bare(err))
			}
			if hiddenName(e.Name()) && e.IsDir() {
				return fs.SkipDir
			}
			if hiddenName(e.Name()) || !isPictureName(e.Name()) {
				return nil
			}
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				d.files, d.classes = append(d.files, file), append(d.classes, int32(class))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(d.files) == before {
			empty = append(empty, folder)
		}
	}
	if len(d.files) == 0 {
		return fmt.Errorf("its folders %s have no pictures (%s)", short(quoted(folders)), strings.Join(pictureEndings, " "))
	}
	if len(empty) > 0 && len(empty) == len(folders)-1 {
		d.notes = append(d.notes, Finding{"empty-folder", "", fmt.Sprintf("only one folder has pictures; %s have none", short(quoted(empty)))})
	}
	return nil
}

func isPictureName(name string) bool {
	return slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(name)))
}

// hiddenName is of a file that a system puts there.
func hiddenName(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "__MACOSX") || strings.EqualFold(name, "thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

// decode reads every picture once.
func (d *ImageFiles) decode() error {
	if d.how.Height == 0 {
		for i, file := range d.files {
			img, err := openPicture(file)
			if err == nil {
				d.how.Height, d.how.Width = img.Bounds().Dy(), img.Bounds().Dx()
				break
			}
			if !d.how.SkipDamaged || i == len(d.files)-1 {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		if d.how.Height > maxSide || d.how.Width > maxSide {
			return fmt.Errorf("%s: it has %d×%d pixels, want at most %d each; scale them to one size, or give Pictures.Height and Width to have them scaled", d.files[0], d.how.Height, d.how.Width, maxSide)
		}
	}
	d.channels = 3
	size := d.how.Height * d.how.Width
	keep := int64(len(d.files))*int64(size)*3 <= DefaultLimit
	pixels, errs, coloured := make([][]uint8, len(d.files)), make([]error, len(d.files)), make([]bool, len(d.files))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				rgb, err := d.read(d.files[i])
				if err != nil {
					errs[i] = err
					continue
				}
				coloured[i] = !d.how.Grey && !isGrey(rgb)
				if keep {
					pixels[i] = rgb
				}
			}
		})
	}
	for i := range d.files {
		next <- i
	}
	close(next)
	wait.Wait()
	if err := d.leaveOut(errs, pixels); err != nil {
		return err
	}
	if !slices.Contains(coloured, true) {
		d.channels = 1
		for i, rgb := range pixels {
			pixels[i] = greyed(rgb)
		}
	}
	if keep {
		d.pixels = slices.DeleteFunc(pixels, func(p []uint8) bool { return p == nil })
	}
	return nil
}

// leaveOut takes those out that could not be read, or is an error.
func (d *ImageFiles) leaveOut(errs []error, pixels [][]uint8) error {
	var bad []string
	files, classes, rows := d.files[:0:0], d.classes[:0:0], d.rows[:0:0]
	for i, err := range errs {
		if err != nil {
			bad = append(bad, fmt.Sprintf("%s: %v", d.files[i], err))
			continue
		}
		files = append(files, d.files[i])
		if d.classes != nil {
			classes = append(classes, d.classes[i])
		}
		if d.rows != nil {
			rows = append(rows, d.rows[i])
		}
	}
	if len(bad) == 0 {
		d.how.SkipDamaged = false // what is read again says that it is as it was
		return nil
	}
	list := strings.Join(bad[:min(3, len(bad))], "; ")
	if len(bad) > 3 {
		list += " …"
	}
	if !d.how.SkipDamaged || len(files) == 0 {
		return fmt.Errorf("%d of %d pictures cannot be used: %s; take them out, or have them left out (--skip-damaged, Pictures.SkipDamaged)", len(bad), len(d.files), list)
	}
	d.notes = append(d.notes, Finding{"damaged", "", fmt.Sprintf("%d of %d pictures are left out: %s", len(bad), len(d.files), list)})
	d.files, d.rows = files, rows
	if d.classes != nil {
		d.classes = classes
	}
	return nil
}

func openPicture(file string) (image.Image, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	return readPicture(f)
}

// read is a picture as three bytes a pixel.
func (d *ImageFiles) read(file string) ([]uint8, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	return rgbOf(f, d.how, d.alike)
}

// rgbOf reads a picture as three bytes a pixel.
func rgbOf(r io.Reader, how Pictures, alike bool) ([]uint8, error) {
	height, width := how.Height, how.Width
	img, err := readPicture(r)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	if alike && (b.Dx() != width || b.Dy() != height) {
		return nil, fmt.Errorf("it has %d×%d pixels, want %d×%d as the first; scale them to one size, or give Pictures.Height and Width to have them scaled", b.Dx(), b.Dy(), width, height)
	}
	s := scaled(img, height, width, how.Crop)
	rgb := make([]uint8, 3*height*width)
	for i := range height * width {
		copy(rgb[3*i:3*i+3], s.Pix[4*i:])
	}
	return rgb, nil
}

// isGrey says whether no pixel has a colour.
func isGrey(rgb []uint8) bool {
	for i := 0; i < len(rgb); i += 3 {
		if rgb[i] != rgb[i+1] || rgb[i] != rgb[i+2] {
			return false
		}
	}
	return true
}

// greyed is a picture as one byte a pixel, as bright as it looks (ITU-R BT.601); nil of none.
func greyed(rgb []uint8) []uint8 {
	if rgb == nil {
		return nil
	}
	out := make([]uint8, len(rgb)/3)
	for i := range out {
		p := rgb[3*i:]
		out[i] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return out
}

// ReadPicture reads one picture as the others were: its values, as many as the shape [height, width], or [height, width, 3], has. Height and Width must be set: those of
// a preparation's Source are.
func ReadPicture(r io.Reader, name string, how Pictures) ([]float32, error) {
	if r == nil {
		return nil, fmt.Errorf("datasets: %s: got nothing to read from, want a picture", name)
	}
	if how.Height < 1 || how.Width < 1 || how.Height > maxSide || how.Width > maxSide {
		return nil, fmt.Errorf("datasets: %s: got %d×%d pixels to scale it to, want 1 to %d each", name, how.Height, how.Width, maxSide)
	}
	pixels, err := rgbOf(r, how, false)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", name, err)
	}
	if how.Grey {
		pixels = greyed(pixels)
	}
	values := make([]float32, len(pixels))
	scaleBytes(values, pixels, 1)
	return values, nil
}

// Len is the number of pictures.
func (d *ImageFiles) Len() int { return len(d.files) }

// Info describes a picture.
func (d *ImageFiles) Info() Info { return d.info }

// File is the file of a picture; "" where there is none of that row.
func (d *ImageFiles) File(row int) string {
	if row < 0 || row >= len(d.files) {
		return ""
	}
	return d.files[row]
}

// Slow says whether reading takes long enough to be done ahead: package train then does.
func (d *ImageFiles) Slow() bool { return d.pixels == nil }

// Read copies pictures, or decodes them anew.
func (d *ImageFiles) Read(b Batch, rows []int, _ Draw) error {
	if err := d.info.check(b, rows, len(d.files)); err != nil {
		return err
	}
	if len(b.Inputs) > 0 && b.Inputs[0].Floats != nil {
		size := d.info.Inputs[0].Size()
		for i, row := range rows {
			pixels, err := d.picture(row)
			if err != nil {
				return fmt.Errorf("datasets: %s: %w", d.files[row], err)
			}
			scaleBytes(b.Inputs[0].Floats[i*size:(i+1)*size], pixels, 1)
		}
	}
	if d.answers != nil {
		at := make([]int, len(rows))
		for i, row := range rows {
			at[i] = d.rows[row]
		}
		return d.answers.Read(Batch{Targets: b.Targets}, at, Draw{})
	}
	if len(b.Targets) > 0 && b.Targets[0].IDs != nil {
		for i, row := range rows {
			b.Targets[0].IDs[i] = d.classes[row]
		}
	}
	return nil
}

func (d *ImageFiles) picture(row int) ([]uint8, error) {
	if d.pixels != nil {
		return d.pixels[row], nil
	}
	rgb, err := d.read(d.files[row])
	if err == nil && d.channels == 1 {
		rgb = greyed(rgb)
	}
	return rgb, err
}
