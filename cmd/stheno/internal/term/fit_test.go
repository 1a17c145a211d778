package term

import "testing"

func TestFit(t *testing.T) {
	table := "layer       shape      parameters\n=================================\ndense_1     (None, 3)     540865\nall         \nwhat is said below a table in many words\n"
	for width, want := range map[int]string{
		60: table,
		20: "layer\n    shape,\n    parameters\n====================\ndense_1\n    (None, 3),\n    540865\nall\nwhat is said below a\ntable in many words\n",
	} {
		if got := fit(table, width); got != want {
			t.Errorf("within %d: got\n%s\nwant\n%s", width, got, want)
		}
	}
}
