package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// suits is an error, in words of the archive, where nothing can be learnt of what was in one: who packed it knows that alone, and no second file or folder. What it does not know is told by whoever reads the files.
func suits(dir string) error {
	var tables, pictures, texts, workbooks, others, within []string // of each its path; the last are folders with pictures
	_ = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what cannot be read is told by whoever reads it
		}
		file, _ := filepath.Rel(dir, at)
		file = filepath.ToSlash(file)
		switch kind := strings.ToLower(path.Ext(strings.TrimSuffix(file, ".gz"))); {
		case table(file):
			tables = append(tables, file)
		case picture(file):
			pictures = append(pictures, file)
			if in := path.Dir(file); !slices.Contains(within[max(0, len(within)-1):], in) { // files are walked folder by folder
				within = append(within, in)
			}
		case slices.Contains([]string{".xlsx", ".xls", ".ods", ".numbers"}, kind):
			workbooks = append(workbooks, file)
		case slices.Contains([]string{".txt", ".text", ".md"}, kind) && !about(file):
			texts = append(texts, file)
		default:
			others = append(others, file)
		}
		return nil
	})
	slices.Sort(within)
	within = slices.Compact(within)
	flat := len(within) == 1
	beside := len(within) > 1 && !slices.ContainsFunc(within[1:], func(in string) bool { return within[0] != "." && !strings.HasPrefix(in, within[0]+"/") })
	switch {
	case beside:
		at := slices.IndexFunc(pictures, func(file string) bool { return path.Dir(file) == within[0] })
		return fmt.Errorf("it has pictures beside its folders of pictures, such as %.100q: put those of each class in a folder of its own, such as cat/1.png and dog/1.png, and pack these folders", pictures[at])
	case flat && len(tables) > 0:
		return fmt.Errorf("the table %.100q beside its pictures is not read, and nothing else says what each of them shows: put those of each class in a folder of its own, such as cat/1.png and dog/1.png, and pack these folders, or the table alone", tables[0])
	case flat && within[0] == ".":
		return errors.New("its pictures lie in no folders, so that nothing says what each of them shows: put those of each class in a folder of its own, such as cat/1.png and dog/1.png, and pack these folders")
	case len(pictures) > 0 || len(tables) == 1:
		return nil
	case len(tables) > 1:
		return fmt.Errorf("it has several tables, such as %.100q and %.100q, want one: pack that alone, or give it without a zip", tables[0], tables[1])
	case len(workbooks) > 0:
		return fmt.Errorf("it has no table but the workbook %.100q: save that as CSV, and give the file", workbooks[0])
	case len(texts) > 0:
		return nil
	case len(others) > 0:
		return fmt.Errorf("it has no table, pictures or texts, but such as %.100q: pack one table (.csv, .tsv), or a folder of pictures for each class, such as cat/1.png and dog/1.png", others[0])
	}
	return errors.New("it has no files: pack one table (.csv, .tsv), or a folder of pictures for each class, such as cat/1.png and dog/1.png")
}

// about says whether a file is about others.
func about(file string) bool {
	name := strings.ToLower(path.Base(file))
	return strings.HasPrefix(name, "readme") || strings.HasPrefix(name, "license")
}
