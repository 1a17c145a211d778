package datasets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// textEndings are those of the files that are read as texts.
var textEndings = []string{".txt", ".text", ".md"}

var errNoTexts = errors.New("it has no text files")

func isTextName(name string) bool {
	return slices.Contains(textEndings, strings.ToLower(filepath.Ext(strings.TrimSuffix(name, ".gz"))))
}

// Documents reads a folder that has a folder of text files for each class: a [Table] with the columns "text", of texts, and "class". With the columns of another such table it is read as that one was, and may
// be one file, or a folder of them without classes. Files may be gzipped, and end in .txt, .text or .md.
func Documents(path string, c Columns) (*Table, error) {
	fail := func(err error) (*Table, error) { return nil, fmt.Errorf("datasets: %s: %w", path, err) }
	files, classes, err := textFiles(path)
	if err != nil {
		return fail(err)
	}
	texts, size := make([]string, len(files)), 0
	for i, file := range files {
		text, err := readTextFile(file)
		if err != nil {
			return nil, err
		}
		if size += len(text); size > DefaultLimit {
			return fail(fmt.Errorf("its files have more than %d bytes, want at most that", DefaultLimit))
		}
		texts[i] = string(text)
	}
	r := &records{name: filepath.Base(path), names: []string{"text", "class"}, files: files, each: func(yield func(line int, cells []string) error) error {
		for i, text := range texts {
			cells := []string{text}
			if classes != nil {
				cells = append(cells, classes[i])
			}
			if err := yield(0, cells); err != nil {
				return fmt.Errorf("%s: %w", files[i], err)
			}
		}
		return nil
	}}
	asked := Columns{Target: []string{"class"}, Texts: []string{"text"}, Categories: []string{"class"}, Classes: c.Classes, literal: true}
	if c.Asked {
		classes = nil
	}
	if classes == nil {
		r.names = r.names[:1]
		asked = Columns{Texts: asked.Texts, literal: true}
	}
	return newTable(r, asked)
}

// textFiles are those in a folder, with the class of each, if it has one.
func textFiles(path string) (files, classes []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	if !info.IsDir() {
		return []string{path}, nil, nil
	}
	err = filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", file, bare(err))
		case hiddenName(e.Name()) && e.IsDir() && file != path:
			return fs.SkipDir
		case hiddenName(e.Name()) || !isTextName(e.Name()) || !e.Type().IsRegular():
			return nil
		}
		files = append(files, file)
		if in, err := filepath.Rel(path, filepath.Dir(file)); err == nil && in != "." {
			class, _, _ := strings.Cut(filepath.ToSlash(in), "/")
			classes = append(classes, class)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, nil, err
	case len(files) == 0:
		return nil, nil, fmt.Errorf("%w (%s)", errNoTexts, strings.Join(textEndings, " "))
	case len(classes) > 0 && len(classes) < len(files):
		return nil, nil, errors.New("it has folders and text files beside them; want a folder for each class and no text outside, or texts alone")
	case len(classes) > 0 && !slices.ContainsFunc(classes, func(name string) bool { return !slices.Contains(partNames, strings.ToLower(name)) }):
		return nil, nil, fmt.Errorf("it has the folder %s, which is a part, not a class; read each part by itself: %s", classes[0], filepath.Join(path, classes[0]))
	}
	return files, classes, nil
}

func readTextFile(path string) ([]byte, error) {
	f, err := openFile(path, "a text")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := readText(f)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return text, nil
}

// openText opens a text file, or all those in a folder, one after the other.
func openText(path string) (io.ReadCloser, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return openFile(path, "a text, or a folder of texts")
	}
	files, classes, err := textFiles(path)
	if err == nil && classes != nil {
		err = errors.New("its texts are in folders, which are classes; want texts alone")
	}
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := readTextFile(file)
		if err != nil {
			return nil, err
		}
		if all.Len()+len(text) > DefaultLimit {
			return nil, fmt.Errorf("datasets: %s: its files have more than %d bytes, want at most that", path, DefaultLimit)
		}
		all.Write(text)
		if len(text) > 0 && text[len(text)-1] != '\n' {
			all.WriteByte('\n')
		}
	}
	return io.NopCloser(strings.NewReader(all.String())), nil
}
