package datasets

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ImagesWith reads the pictures in a folder that a table names, and what it says of each: a class, or numbers. One of its columns has the names of the files, below the folder, with their endings or
// without; the columns say which is the target, and where there is but one other column, it is that. Pictures that the table does not name are left out. Without a size in how they are scaled to
// the first one's, or a half or quarter of it that is at most 256 pixels.
//
//	ages, err := datasets.ImagesWith("faces", "ages.csv", datasets.Pictures{Height: 64, Width: 64}, datasets.Columns{Target: []string{"age"}})
func ImagesWith(folder, table string, how Pictures, c Columns) (*ImageFiles, error) {
	fail := func(format string, args ...any) (*ImageFiles, error) {
		return nil, fmt.Errorf("datasets: %s: %w", table, fmt.Errorf(format, args...))
	}
	f, err := openFile(table, "a table that names pictures")
	if err != nil {
		return nil, err
	}
	text, err := readText(f)
	f.Close()
	if err != nil {
		return fail("%w", err)
	}
	if c.Names == nil {
		if c, err = namesPictures(folder, filepath.Base(table), text, c); err != nil {
			return nil, err
		}
	}
	answers, err := ReadCSV(bytes.NewReader(text), filepath.Base(table), c)
	if err != nil {
		return nil, err
	}
	if len(answers.info.Targets) == 0 || len(answers.ids) != 1 {
		return fail("it lacks the target %s, or the names of the pictures", short(quoted(c.Target)))
	}
	d := &ImageFiles{how: how, answers: answers}
	for _, note := range answers.notes {
		if note.Code == "no-target" {
			d.notes = append(d.notes, note)
		}
	}
	names := &answers.columns[answers.ids[0]]
	var lacking []string
	for row := range answers.rows {
		file := pictureOf(folder, names.cell(row))
		if file == "" {
			lacking = append(lacking, names.cell(row))
		}
		d.files = append(d.files, file)
	}
	if len(lacking) > 0 {
		return fail("%d of %d pictures that it names are not in %s: %s; want each there, or its row taken out", len(lacking), answers.rows, folder, short(quoted(lacking)))
	}
	if how.Height == 0 {
		if d.how.Height, d.how.Width, err = firstSize(d.files[0]); err != nil {
			return nil, err
		}
	}
	d.info = Info{Name: filepath.Base(folder), Targets: answers.info.Targets, Classes: answers.info.Classes}
	if d, err = d.finish(folder); err != nil {
		return nil, err
	}
	d.info.Source.Columns = &answers.found
	return d, nil
}

// pictureOf is the file that a cell names; "" where there is none.
func pictureOf(folder, cell string) string {
	if cell == "" || !filepath.IsLocal(filepath.FromSlash(cell)) {
		return ""
	}
	for _, ending := range append([]string{""}, pictureEndings...) {
		file := filepath.Join(folder, filepath.FromSlash(cell)+ending)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && isPictureName(file) {
			return file
		}
	}
	return ""
}

// namesPictures says which column of a table names pictures, and which is to be learnt.
func namesPictures(folder, name string, text []byte, c Columns) (Columns, error) {
	t := &csvText{name: name, text: text}
	if err := t.separate(c.Separator); err != nil {
		return c, err
	}
	if err := t.head(&Columns{Target: c.Target, Ignore: c.Ignore}); err != nil {
		return c, err
	}
	const rows = 100 // are enough to see it
	counts, seen := make([]int, len(t.names)), 0
	err := t.each(func(_ int, cells []string) error {
		if seen++; seen > rows {
			return nil
		}
		for i, cell := range cells {
			if pictureOf(folder, cell) != "" {
				counts[i]++
			}
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	if counts[best] == 0 {
		return c, fmt.Errorf("datasets: %s: no column of it names pictures in %s, want one with the names of the files; it has %s", name, folder, short(quoted(t.names)))
	}
	file := t.names[best]
	others := slices.DeleteFunc(slices.Clone(t.names), func(n string) bool {
		return n == file || slices.Contains(c.Target, n) || slices.Contains(c.Ignore, n)
	})
	if len(c.Target) == 0 {
		if len(others) != 1 {
			return c, fmt.Errorf("datasets: %s: got no target, want the column that is to be learnt of the pictures: one of %s", name, strings.Join(quoted(others), ", "))
		}
		c.Target, others = others, nil
	}
	c.Categories = append(slices.Clone(c.Categories), file)
	c.Ignore = append(slices.Clone(c.Ignore), others...)
	return c, nil
}
