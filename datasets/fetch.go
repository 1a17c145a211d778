package datasets

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// source is a published data set of four gzipped IDX files. Every mirror serves the same bytes, so one list of sums does.
type source struct {
	name    string
	mirrors []string
	files   []remoteFile
}

var sources = []source{
	{
		name: "mnist",
		mirrors: []string{
			"https://storage.googleapis.com/cvdf-datasets/mnist/",
			"https://ossci-datasets.s3.amazonaws.com/mnist/",
		},
		files: []remoteFile{
			{"train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
			{"train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
			{"t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
			{"t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
		},
	},
	{
		name: "fashion-mnist",
		mirrors: []string{
			"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
			"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
		},
		files: []remoteFile{
			{"train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
			{"train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
			{"t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
			{"t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
		},
	},
}

// Published are the names that Fetch knows.
func Published() []string {
	var names []string
	for _, s := range sources {
		names = append(names, s.name)
	}
	return names
}

// Fetch downloads a published data set ("mnist" or "fashion-mnist"), whole, into the user's cache folder and returns the
// folder, which Load reads. Files that are there and good are kept; a download that broke off goes on where it ended; the
// second mirror is asked when the first fails; a file of another SHA-256 than the one in this package is removed.
// progress, if not nil, is told the bytes that are here and the bytes of the whole set. Cancelling ctx stops at once.
func Fetch(ctx context.Context, name string, progress func(done, total int64)) (dir string, err error) {
	root, err := cacheDir()
	if err != nil {
		return "", err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
	}
	defer transport.CloseIdleConnections()
	return fetch(ctx, newDownloader(transport), sources, root, name, progress)
}

func fetch(ctx context.Context, d *downloader, sources []source, root, name string, progress func(done, total int64)) (string, error) {
	s, err := published(sources, name)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("datasets: cannot make the cache folder %s: %w; have XDG_CACHE_HOME name a folder that can be written", dir, bare(err))
	}
	var before int64
	for _, file := range s.files {
		tell := func(done int64) {
			if progress != nil {
				progress(before+done, s.size())
			}
		}
		if err := d.file(ctx, s.mirrors, file, filepath.Join(dir, file.name), tell); err != nil {
			return "", fmt.Errorf("datasets: %s: %w", name, err)
		}
		before += file.size
	}
	return dir, nil
}

func published(sources []source, name string) (*source, error) {
	for i := range sources {
		if sources[i].name == name {
			return &sources[i], nil
		}
	}
	return nil, fmt.Errorf("datasets: no published data set %q; there are %s", name, strings.Join(Published(), ", "))
}

// size is what the whole set weighs.
func (s *source) size() (total int64) {
	for _, file := range s.files {
		total += file.size
	}
	return total
}

// cacheDir is where downloads are kept: a folder for each set below it.
func cacheDir() (string, error) {
	root, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("datasets: no folder to keep downloads in: %w; give the files' folder instead", err)
	}
	return filepath.Join(root, "stheno"), nil
}
