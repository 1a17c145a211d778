package report_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser is a headless Chromium; tests that need it are skipped where there is none.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium here: install chromium to have the report loaded in a browser")
	return ""
}

// visit loads a page and returns its DOM, what the console said, and what was asked of any server.
func visit(t *testing.T, path, page string) (dom, console string, requests []string) {
	t.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests = append(requests, r.Host+r.URL.Path)
		mu.Unlock()
		if r.URL.Path != "/report" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(page))
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-default-apps", "--disable-sync", "--no-first-run", "--disable-extensions", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP *.test "+address,
		"--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--dump-dom", "http://page.test/report")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, errOut.String())
	}
	for line := range strings.Lines(errOut.String()) {
		if strings.Contains(line, "CONSOLE") {
			console += line
		}
	}
	mu.Lock()
	defer mu.Unlock()
	return out.String(), console, requests
}

func TestReportInABrowser(t *testing.T) {
	path := browser(t)
	dom, console, requests := visit(t, path, write(t, record(t, "rows", []int{3, 10}, nil), record(t, "flat", []int{30}, nil)))
	if console != "" {
		t.Errorf("the console says: %s", console)
	}
	if len(requests) != 1 {
		t.Errorf("the page fetched %v, want nothing beside itself", requests)
	}
	for _, want := range []string{"<svg", "Loss", "Gradient norm by layer and step", "Confusion, noisy test set", "Weights of the first layer", "data:image/png"} {
		if !strings.Contains(dom, want) {
			t.Errorf("the browser's page lacks %q", want)
		}
	}
	// That the test can see what it looks for.
	_, console, requests = visit(t, path, `<!DOCTYPE html><link rel="icon" href="data:,"><img src="http://elsewhere.test/a.png"><script>console.error("oh no")</script>`)
	if !strings.Contains(console, "oh no") || len(requests) != 2 {
		t.Errorf("a page that fetches and complains: got console %q, requests %v", console, requests)
	}
}

// On a phone's width nothing sticks out of the page, and nothing but the command line has to be moved to be read; on a desk's, figures stand side by side.
func TestReportFitsTheScreen(t *testing.T) {
	path := browser(t)
	page := write(t, record(t, "rows", []int{3, 10}, nil), record(t, strings.Repeat("long-name", 6), []int{3, 10}, nil))
	frame := func(width int) string {
		dom, console, _ := visit(t, path, fmt.Sprintf(`<!DOCTYPE html><link rel="icon" href="data:,"><iframe width="%d" height="800" srcdoc="%s"></iframe><p id="out"></p><script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument
  const wide = page.documentElement.clientWidth
  const out = [...page.querySelectorAll("body *")].filter(e => !e.closest("pre") && (e.getBoundingClientRect().right > wide + 1 || !e.closest("svg") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0))
  const [a, b] = page.querySelectorAll("#curves figure")
  document.querySelector("#out").textContent = "out: " + out.map(e => e.tagName + " " + e.textContent.slice(0, 20)).join("; ") + ". beside: " + (a.getBoundingClientRect().top == b.getBoundingClientRect().top)
})</script>`, width, html.EscapeString(page)))
		if console != "" {
			t.Errorf("the console says: %s", console)
		}
		_, after, _ := strings.Cut(dom, `<p id="out">`)
		said, _, _ := strings.Cut(after, "</p>")
		return said
	}
	for width, want := range map[int]string{390: "out: . beside: false", 1280: "out: . beside: true"} {
		if got := frame(width); got != want {
			t.Errorf("at %d pixels: got %s, want %s", width, got, want)
		}
	}
}
