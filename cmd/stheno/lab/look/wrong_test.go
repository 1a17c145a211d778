package look

import (
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
)

// The wrong ones are those that Predict tells wrongly, one after the other, and round again.
func TestNextWrong(t *testing.T) {
	s := learnt(t, "adam", nil)
	var want []int
	for i := range 500 {
		one, err := SampleOf(s, "test", i)
		if err != nil {
			t.Fatal(err)
		}
		if p, _, err := Predict(s, Question{Sample: &i}); err != nil {
			t.Fatal(err)
		} else if *p.Winner != *one.Class {
			want = append(want, i)
		}
	}
	if len(want) < 5 {
		t.Fatalf("%d of 500 are wrong", len(want))
	}
	after := s.Test.Len() - 1
	for _, i := range want {
		w, err := NextWrong(t.Context(), s, after)
		if err != nil || w.Sample == nil || w.Sample.I != i || w.Last != i || w.Looked != (i-after+s.Test.Len())%s.Test.Len() {
			t.Fatalf("after %d: got %+v, %v, want %d", after, w, err, i)
		}
		after = i
	}
	if w, err := NextWrong(t.Context(), s, s.Test.Len()+5); err != nil || w.Sample.I != want[0] {
		t.Errorf("from beyond the last: got %+v, %v", w, err)
	}
	s.Test = nil
	if _, err := NextWrong(t.Context(), s, 0); err == nil || !strings.Contains(err.Error(), "no test set") {
		t.Errorf("no test set: %v", err)
	}
}

// A digit that is drawn small, in a corner, is told as the large one is; one that nobody could read is refused in words that say what to do.
func TestDrawnSmall(t *testing.T) {
	s := learnt(t, "adam", nil)
	same, digits := 0, 100
	for i := range digits {
		one, err := SampleOf(s, "test", i)
		if err != nil {
			t.Fatal(err)
		}
		large := pixelsOf(one.Picture)
		small := make([]float32, 28*28)
		for y := range 28 {
			for x := range 28 {
				at := (y/3)*28 + x/3 // as by a pen that is as thick as it was
				small[at] = min(255, small[at]+large[y*28+x]/3)
			}
		}
		p, _, err := Predict(s, Question{Pixels: small})
		if err != nil {
			t.Fatal(err)
		}
		if p.Refused == nil && *p.Winner == *one.Class {
			same++
		}
	}
	if same < digits*6/10 {
		t.Errorf("%d of %d small digits are told", same, digits)
	}
	dot := make([]float32, 28*28)
	dot[40], dot[41] = 255, 255
	if p, _, err := Predict(s, Question{Pixels: dot}); err != nil || p.Refused == nil || !strings.Contains(p.Refused.EN, "draw it larger") || p.Refused.ZH != "太小了，看不出來：請畫大一點" {
		t.Errorf("got %+v, %v", p, err)
	}
}

// Every experiment that is no step of the ladder is said in both languages.
func TestOthers(t *testing.T) {
	all := Others()
	if len(all) != len(others) || len(all) < 15 {
		t.Fatalf("got %d, and words for %d", len(all), len(others))
	}
	for _, s := range all {
		if s.Title.EN == "" || s.Title.ZH == "" || s.Changes.EN == "" || !strings.ContainsFunc(s.Changes.ZH, func(r rune) bool { return r > 0x3000 }) {
			t.Errorf("got %+v", s)
		}
	}
}

// What diverged is said in both languages, with its figures; what nobody has translated stays as it is.
func TestSaid(t *testing.T) {
	diverged := (&train.DivergedError{Epoch: 2, Step: 31, Loss: 7, What: "gradient", Layer: "dense_1"}).Error()
	if got := Said(diverged); got.EN != diverged || !strings.HasPrefix(got.ZH, "第 2 個 epoch、第 31 步發散了：損失是 7，最先不是有限數字的是 dense_1 的 ") {
		t.Errorf("got %+v", got)
	}
	if got := Said("something else"); got.ZH != "something else" {
		t.Errorf("got %+v", got)
	}
}
