package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	photoSeed = flag.Uint64("photo-seed", 1, "seed of TestPhotos' pictures")
	photoEach = flag.Int("photo-each", 5, "TestPhotos' pictures of each kind")
)

// TestPhotos asks a network about photographs of digits, and of what is none: an answer that is sure must be right. Of -photo-seed 2026
// -photo-each 10, which nothing was fitted to, and which was asked once:
//
//	                             right  unsure, right  unsure, wrong  refused  sure and wrong
//	dark ink on white paper          8              2              0        0               0
//	chalk on a board                 7              1              1        1               0
//	uneven light and shadow          5              3              2        0               0
//	noise of a dark room             7              3              0        0               0
//	blur                             8              1              0        1               0
//	turned by 10 to 20 degrees       7              3              0        0               0
//	ruled and squared paper          7              3              0        0               0
//	small and off the middle         7              3              0        0               0
//	very thin or thick strokes       3              6              1        0               0
//	colour on coloured paper         7              3              0        0               0
//	JPEG of low quality              9              1              0        0               0
//	held on its side (Exif)          8              2              0        0               0
//	several digits                   0              0              0       10               0
//	no digit                         0              0              0       10               0
//	letters and scribbles            0              0             10        0               0
func TestPhotos(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ok(t, "run", "lenet", "--epochs", "5", "--blas", "builtin", "--quiet", "--out", dir)
	all := photos(t, *photoSeed, *photoEach)
	folder := t.TempDir()
	args := []string{"predict", dir, "--json"}
	for i, p := range all {
		name := filepath.Join(folder, fmt.Sprintf("%03d.jpg", i))
		if err := os.WriteFile(name, p.file, 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	_, out, refused := stheno(args...)
	said := map[string]predictReport{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var r predictReport
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		said[r.Image] = r
	}
	if len(said)+strings.Count(refused, "\n") != len(all) {
		t.Fatalf("%d answers of %d pictures, and\n%s", len(said), len(all), refused)
	}
	type figures struct{ right, unsure, unsureWrong, refused, wrong int }
	counts, total := map[string]*figures{}, figures{}
	for i, p := range all {
		if counts[p.kind] == nil {
			counts[p.kind] = &figures{}
		}
		c := counts[p.kind]
		switch r, answered := said[args[3+i]]; {
		case !answered:
			c.refused++
		case !r.Sure && r.Class == p.digit:
			c.unsure++
		case !r.Sure:
			c.unsureWrong++
		case r.Class == p.digit:
			c.right++
		default:
			c.wrong++
			t.Errorf("%s: it is sure that %d is %d (%.3f)", p.kind, p.digit, r.Class, r.Probability)
		}
	}
	digits := 0
	t.Logf("%-28s right  unsure, right  unsure, wrong  refused  sure and wrong", "")
	for _, k := range photoKinds {
		c := counts[k.name]
		t.Logf("%-28s %5d %14d %14d %8d %15d", k.name, c.right, c.unsure, c.unsureWrong, c.refused, c.wrong)
		if k.digit {
			digits += *photoEach
			total.right, total.unsure, total.unsureWrong, total.refused = total.right+c.right, total.unsure+c.unsure, total.unsureWrong+c.unsureWrong, total.refused+c.refused
		} else if c.right != 0 || k.name != "letters and scribbles" && c.refused*5 < *photoEach*4 {
			t.Errorf("%s: %+v, want at least four of five refused", k.name, *c)
		}
	}
	t.Logf("of %d digits %+v", digits, total)
	if total.right*2 < digits || (total.right+total.unsure)*10 < digits*8 {
		t.Errorf("of %d digits %+v, want half right and sure, and four of five right", digits, total)
	}
	for _, reason := range strings.Split(strings.TrimSpace(refused), "\n") {
		if !strings.Contains(reason, ".jpg: ") || !strings.Contains(reason, "want") && !strings.Contains(reason, "no digit is") && !strings.Contains(reason, "take it") {
			t.Errorf("it says %q, not why or what to do", reason)
		}
	}
}
