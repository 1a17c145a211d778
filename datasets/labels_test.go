package datasets

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLabelsOfTexts: an archive whose labels are texts, and another that lacks one of them, numbered alike.
func TestLabelsOfTexts(t *testing.T) {
	write := func(labels ...string) string {
		path := filepath.Join(t.TempDir(), "a.npz")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(f)
		add := func(name, descr string, raw []byte) {
			w, err := z.Create(name + ".npy")
			if err != nil {
				t.Fatal(err)
			}
			head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }\n", descr, len(labels))
			fmt.Fprintf(w, "\x93NUMPY\x01\x00%s%s%s", binary.LittleEndian.AppendUint16(nil, uint16(len(head))), head, raw)
		}
		var texts []byte
		for _, label := range labels {
			letters := make([]rune, 5)
			copy(letters, []rune(label))
			for _, l := range letters {
				texts = binary.LittleEndian.AppendUint32(texts, uint32(l))
			}
		}
		add("x", "<f4", make([]byte, 4*len(labels)))
		add("y", "<U5", texts)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		f.Close()
		return path
	}
	a, err := NPZ(write("reed", "fern", "Käfer", "reed"), "", "")
	if err != nil || !slices.Equal(a.Info().Classes, []string{"Käfer", "fern", "reed"}) || !slices.Equal(a.targets[0].IDs, []int32{2, 1, 0, 2}) {
		t.Fatalf("got %+v, %v", a, err)
	}
	b, err := NPZ(write("reed", "fern"), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if b, err = b.Numbered(a.Info().Source.Classes); err != nil || !slices.Equal(b.targets[0].IDs, []int32{2, 1}) || len(b.Info().Classes) != 3 {
		t.Errorf("got %+v, %v", b, err)
	}
	if _, err := a.Numbered([]string{"fern", "reed"}); err == nil || !strings.Contains(err.Error(), `got class "Käfer", want one of "fern", "reed"`) {
		t.Errorf("got %v", err)
	}
	if _, err := NPZ(write("reed", ""), "", ""); err == nil || !strings.Contains(err.Error(), "sample 1 has no label") {
		t.Errorf("got %v", err)
	}
	if _, err := NPZ(write("reed"), "y", ""); err == nil || !strings.Contains(err.Error(), `its elements are "<U5", texts`) {
		t.Errorf("got %v", err)
	}
}

// TestLabelsOfTextsInAFile: the same of labels in a file of their own, beside samples that stay on disk.
func TestLabelsOfTextsInAFile(t *testing.T) {
	a, err := OpenFiles("testdata/x_f4.npy", "testdata/text.npy")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if info := a.Info(); !slices.Equal(info.Classes, []string{"a", "b"}) || !slices.Equal(info.Source.Classes, info.Classes) || !slices.Equal(a.labels, []int32{0, 1}) {
		t.Errorf("got %+v, %v", info, a.labels)
	}
	b, err := a.Numbered([]string{"b", "c", "a"})
	if err != nil || !slices.Equal(b.labels, []int32{2, 0}) || len(b.Info().Classes) != 3 || len(b.Info().Targets[0].Values) != 3 || len(a.Info().Classes) != 2 {
		t.Errorf("got %+v, %v", b, err)
	}
	if _, err := a.Numbered([]string{"b"}); err == nil || !strings.Contains(err.Error(), `got class "a", want one of "b"`) {
		t.Errorf("got %v", err)
	}
	if _, err := (*Files)(nil).Numbered(nil); err == nil {
		t.Error("nil: no error")
	}
	if _, err := (*Arrays)(nil).Numbered(nil); err == nil {
		t.Error("nil: no error")
	}
	if _, err := OpenFiles("testdata/text.npy", ""); err == nil || !strings.Contains(err.Error(), "only a target may be of texts") {
		t.Errorf("got %v", err)
	}
}
