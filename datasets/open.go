package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// named maps the names that Open knows, in Names' order, to the published set that must have been fetched; "" for none.
var named = []struct{ name, published string }{
	{"mnist", ""},
	{"mnist-full", "mnist"},
	{"fashion-mnist", "fashion-mnist"},
	{"alice", ""},
}

// Names are the names that Open knows: "mnist", "mnist-full", "fashion-mnist" and "alice".
func Names() []string {
	var names []string
	for _, n := range named {
		names = append(names, n.name)
	}
	return names
}

// Open finds a data set for a command: the files in dir, if dir is not empty (see Load; name does not matter then), else
// the set of that name: "mnist" and "alice", a text (embedded), "mnist-full" or "fashion-mnist" (as Fetch left them in the cache folder). All but alice are a [Dataset]. A name that is
// none is an error, and so is a set that has not been fetched.
func Open(name, dir string) (train, test Data, err error) {
	if dir != "" {
		return both(Load(dir))
	}
	for _, n := range named {
		switch {
		case n.name != name:
		case name == "alice":
			return Alice()
		case n.published == "":
			return both(MNIST())
		default:
			return both(openCached(name, n.published))
		}
	}
	return nil, nil, fmt.Errorf("datasets: no data set %q; there are %s, and the files of any folder", name, strings.Join(Names(), ", "))
}

// both are a pair of data sets as Data, nil where there are none.
func both(train, test *Dataset, err error) (Data, Data, error) {
	if err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

func openCached(name, publishedName string) (train, test *Dataset, err error) {
	s, err := published(sources, publishedName)
	if err != nil {
		return nil, nil, err
	}
	root, err := cacheDir()
	if err != nil {
		return nil, nil, err
	}
	dir := filepath.Join(root, s.name)
	for _, file := range s.files {
		if _, err := os.Stat(filepath.Join(dir, file.name)); err != nil {
			return nil, nil, fmt.Errorf("datasets: %s is not downloaded: %s: %w; run \"stheno data fetch %s\" once (%d MB)", name, filepath.Join(dir, file.name), bare(err), s.name, s.size()/1e6)
		}
	}
	return Load(dir)
}
