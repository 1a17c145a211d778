package page_test

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/page"
)

// own are the page's modules by name.
func own(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := fs.Glob(page.Files, "static/*.js")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d modules, %v", len(files), err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(page.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		all[path.Base(name)] = string(text)
	}
	return all
}

func index(t *testing.T) string {
	t.Helper()
	text, err := fs.ReadFile(page.Files, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWhatIsNamedIsThere: modules that are imported, names that are taken from them, files and symbols that are referred to.
func TestWhatIsNamedIsThere(t *testing.T) {
	modules, html := own(t), index(t)
	imports := regexp.MustCompile(`import (?:\{([^}]*)\}|\* as \w+) from "\./([^"]+)"`)
	reached := map[string]bool{"main.js": true, "theme.js": true, "painter.js": true}
	for name, text := range modules {
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			of, ok := modules[m[2]]
			if !ok {
				t.Errorf("%s imports %s, which is not there", name, m[2])
				continue
			}
			reached[m[2]] = true
			for taken := range strings.SplitSeq(m[1], ",") {
				taken, _, _ = strings.Cut(strings.TrimSpace(taken), " as ")
				if taken == "" {
					continue
				}
				if !regexp.MustCompile(`export (?:async )?(?:function|const|let|class) ` + regexp.QuoteMeta(taken) + `[^\w$]`).MatchString(of) {
					t.Errorf("%s imports %s of %s, which exports no such thing", name, taken, m[2])
				}
				if len(regexp.MustCompile(`(?:^|[^\w$])`+regexp.QuoteMeta(taken)+`(?:$|[^\w$])`).FindAllString(text, -1)) < 2 {
					t.Errorf("%s imports %s of %s and does not use it", name, taken, m[2])
				}
			}
		}
		for _, m := range regexp.MustCompile(`icon\("([\w-]+)"\)`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(html, `id="i-`+m[1]+`"`) {
				t.Errorf("%s shows the icon %s, which is not there", name, m[1])
			}
		}
	}
	for name := range modules {
		if !reached[name] {
			t.Errorf("nothing imports %s", name)
		}
	}
	style, err := fs.ReadFile(page.Files, "static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="/([^"#]+)"`).FindAllStringSubmatch(html, -1) {
		if _, err := fs.Stat(page.Files, m[1]); err != nil {
			t.Errorf("index.html: %v", err)
		}
	}
	for _, m := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(string(style), -1) {
		if _, err := fs.Stat(page.Files, "static/"+m[1]); err != nil {
			t.Errorf("style.css: %v", err)
		}
	}
}

// TestWords: every word that is shown has a key, every key has both languages with the same places to fill in, and none is left over.
func TestWords(t *testing.T) {
	modules, html := own(t), index(t)
	i18n := modules["i18n.js"]
	delete(modules, "i18n.js")
	words := map[string]bool{}
	place := regexp.MustCompile(`\{\d\}`)
	for _, m := range regexp.MustCompile(`\b(\w+): \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\]`).FindAllStringSubmatch(i18n, -1) {
		words[m[1]] = true
		en, zh := place.FindAllString(m[2], -1), place.FindAllString(m[3], -1)
		slices.Sort(en)
		slices.Sort(zh)
		if m[2] == "" || m[3] == "" || !slices.Equal(slices.Compact(en), slices.Compact(zh)) {
			t.Errorf("%s: %q and %q", m[1], m[2], m[3])
		}
	}
	if len(words) < 150 || len(words) != strings.Count(i18n, `: ["`) {
		t.Fatalf("%d of %d words were read", len(words), strings.Count(i18n, `: ["`))
	}
	all := html
	for name, text := range modules {
		all += text
		for _, m := range regexp.MustCompile(`\bt\("(\w+)"|\bt(?:Label|Title|Placeholder)?: "(\w+)"`).FindAllStringSubmatch(text, -1) {
			if key := m[1] + m[2]; !words[key] && !strings.HasSuffix(key, "_") {
				t.Errorf("%s says %s, for which there are no words", name, key)
			}
		}
	}
	for _, m := range regexp.MustCompile(`data-t(?:-label|-title|-placeholder)?="(\w+)"`).FindAllStringSubmatch(html, -1) {
		if !words[m[1]] {
			t.Errorf("index.html says %s, for which there are no words", m[1])
		}
	}
	for key := range words {
		if of, is := strings.CutPrefix(key, "g_"); is && words[of] { // explains another word
			key = of
		}
		made := strings.HasPrefix(key, "set_") || strings.HasPrefix(key, "x_") // put together of a prefix and a name
		if !made && !strings.Contains(all, `"`+key+`"`) && !regexp.MustCompile(`\b`+key+`: (?:true|\[)`).MatchString(all) && !condition(key) {
			t.Errorf("nothing says %s", key)
		}
	}
}

// condition says whether a key is the name of what the server tells.
func condition(key string) bool {
	return slices.Contains([]string{"ready", "playing", "paused", "done", "diverged", "failed", "error", "warning", "note", "good"}, key)
}

// TestNoMarkupFromText: nothing on the page makes markup or code of texts, and the markup has no code and no looks in it, so that the policy can forbid both.
func TestNoMarkupFromText(t *testing.T) {
	for name, text := range own(t) {
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", `setAttribute("style"`, "javascript:", "createContextualFragment", "DOMParser", "http://", "https://"} {
			if strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/", ""), bad) {
				t.Errorf("%s has %s", name, bad)
			}
		}
	}
	html := index(t)
	for _, bad := range []string{` style=`, `<style`, `javascript:`, `http://`, `https://`} {
		if strings.Contains(html, bad) {
			t.Errorf("index.html has %s", bad)
		}
	}
	if m := regexp.MustCompile(`<script[^>]*>[^<]|\son\w+="`).FindString(html); m != "" {
		t.Errorf("index.html has code in it: %s", m)
	}
}

// TestMarksOfALanguage: what stands between words is a word of the page, too: a comma of English has no place between two Chinese words, nor in one of them.
func TestMarksOfALanguage(t *testing.T) {
	modules := own(t)
	for _, m := range regexp.MustCompile(`\b(\w+): \["(?:[^"\\]|\\.)*", "((?:[^"\\]|\\.)*)"\]`).FindAllStringSubmatch(modules["i18n.js"], -1) {
		if bad := regexp.MustCompile(`[\p{Han}」）] ?[,:;"]|[,:;"] ?\p{Han}`).FindString(m[2]); bad != "" {
			t.Errorf("%s: %q has %q", m[1], m[2], bad)
		}
	}
	delete(modules, "i18n.js")
	for name, text := range modules {
		for _, bad := range regexp.MustCompile(`\bt\([^()]*\) \+ "[,:;.] "|"[,:;.] " \+ t\(|\bt\([^()]*\)\)\.join\("[,;] "\)`).FindAllString(text, -1) {
			t.Errorf("%s: %s", name, bad)
		}
	}
}
