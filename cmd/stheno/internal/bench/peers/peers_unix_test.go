//go:build unix

package peers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// interpreter is a stand-in for Python, a shell script that sees the path of ours as $1.
func interpreter(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func samples(t *testing.T) *datasets.Dataset {
	t.Helper()
	d, err := datasets.New("two", []int{3}, []float32{1, 2, 3, 4, 5, 6}, []int{1, 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A peer that is not there is left out with its reason; one that is answers epoch by epoch, with an error where it has one, and has the samples.
func TestPeers(t *testing.T) {
	python := interpreter(t, `
case $1 in
*keras*) echo "No module named keras" >&2; exit 1;;
*jax*) read hello; echo '{"error": "too old"}'; exit 0;;
esac
folder=${1%/*}
read hello
case $hello in *'"length":2,"threads":3'*) ;; *) echo "threads: $hello" >&2; exit 1;; esac
[ $(wc -c <$folder/x) = 24 ] && [ $(wc -c <$folder/y) = 8 ] && [ $(wc -c <$folder/ids) = 16 ] && [ $(wc -c <$folder/classes) = 8 ] && [ -f $folder/peer.py ] || exit 1
echo "{\"name\": \"Torch $2\"}"
read regime; echo '{"seconds": 0.5}'
read regime; echo '{"error": "no such optimizer"}'
read regime; echo "killed" >&2
`)
	all, err := Start(t.Context(), python, Data{samples(t), []int32{1, 2, 3, 4}, []int32{0, 1}}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Peers) != 2 || all.Peers[0].Name != "Torch eager" || all.Peers[1].Name != "Torch compiled" {
		t.Fatalf("peers: %v, missing: %q", all.Peers, all.Missing)
	}
	if got := strings.Join(all.Missing, "; "); got != "jax: too old; keras: it ended: No module named keras" {
		t.Errorf("missing: %s", got)
	}
	p := all.Peers[0]
	if s, err := p.Epoch(Regime{Name: "sgd"}); s != .5 || err != nil {
		t.Errorf("got %v, %v", s, err)
	}
	if _, err := p.Epoch(Regime{Name: "sgd"}); err == nil || err.Error() != "Torch eager: no such optimizer" {
		t.Errorf("got %v", err)
	}
	for range 2 { // it ends, and is asked again
		if _, err := p.Epoch(Regime{Name: "sgd"}); err == nil || err.Error() != "Torch eager: it ended: killed" {
			t.Errorf("got %v", err)
		}
	}
	all.Close()
	if _, err := os.Stat(all.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder stays: %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	if _, err := Start(t.Context(), filepath.Join(t.TempDir(), "none"), Data{Images: samples(t)}, 1); err == nil || !strings.Contains(err.Error(), "--python") {
		t.Errorf("no interpreter: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	cancel(stop)
	if _, err := Start(ctx, interpreter(t, "read hello; read more"), Data{Images: samples(t)}, 1); !errors.Is(err, stop) {
		t.Errorf("cancelled: %v", err)
	}
}
