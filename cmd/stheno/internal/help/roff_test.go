package help

import "testing"

func TestRoff(t *testing.T) {
	var p page
	p.text(".hidden\n'quoted' a\\b --all")
	if got, want := p.String(), "\\&.hidden\n\\(aqquoted\\(aq a\\eb \\-\\-all\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
