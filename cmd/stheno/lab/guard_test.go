package lab

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// all are the paths of a lab.
var all = []string{"/", "/static/main.js", "/static/style.css", "/events", "/api/do", "/api/layer", "/api/layers", "/api/apart", "/api/sample", "/api/predict", "/api/continue", "/api/command", "/api/go", "/api/report", "/api/model", "/api/folder", "/api/upload"}

// Whoever has no cookie of this lab gets nothing, of whatever path and method, and no word of what there is.
func TestNobodyElse(t *testing.T) {
	s, _, friend := started(t)
	other, _, _ := started(t)
	wrong := &http.Cookie{Name: s.guard.cookie, Value: other.guard.token}
	for _, path := range append(slices.Clone(all), "/nothing", "/static/../guard.go", "/api") {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"} {
			for name, r := range map[string]*http.Request{
				"no cookie":                    request(t, method, at(s, path), ""),
				"another's cookie":             request(t, method, at(s, path), "", "Cookie", other.guard.cookie+"="+other.guard.token),
				"another's value":              request(t, method, at(s, path), "", "Cookie", wrong.String()),
				"an empty cookie":              request(t, method, at(s, path), "", "Cookie", s.guard.cookie+"="),
				"the token in the address":     request(t, method, at(s, path+"?token=x"), ""),
				"the token as a header":        request(t, method, at(s, path), "", "Authorization", "Bearer "+s.guard.token),
				"half of it":                   request(t, method, at(s, path), "", "Cookie", s.guard.cookie+"="+s.guard.token[:13]),
				"the right one, of other case": request(t, method, at(s, path), "", "Cookie", strings.ToUpper(s.guard.cookie)+"="+s.guard.token),
			} {
				got, body := ask(t, http.DefaultClient, r)
				if got.StatusCode != http.StatusUnauthorized || strings.Contains(body, s.guard.token) {
					t.Errorf("%s %s with %s: got %s: %s", method, path, name, got.Status, body)
				}
				for name := range got.Header {
					if strings.HasPrefix(name, "Access-Control") || name == "Set-Cookie" {
						t.Errorf("%s %s: got %s", method, path, name)
					}
				}
			}
		}
	}
	if got, _ := ask(t, friend, request(t, "GET", at(s, "/"), "")); got.StatusCode != http.StatusOK {
		t.Errorf("who has the cookie: got %s", got.Status)
	}
	mine := s.guard.cookie + "=" + s.guard.token
	for _, path := range append(slices.Clone(all), "/nothing", strings.TrimSuffix(s.guard.path, "/"), strings.ToUpper(s.guard.path), other.guard.path, "/x"+s.guard.path, s.guard.path[:9]+"/") {
		if got, body := ask(t, http.DefaultClient, request(t, "GET", root(s, path), "", "Cookie", mine)); got.StatusCode != http.StatusUnauthorized || strings.Contains(body, s.guard.path) {
			t.Errorf("who has the cookie and does not know where: %s: got %s: %s", path, got.Status, body)
		}
	}
}

// The token opens the page, by a cookie that scripts and other sites do not get, and leaves the address.
func TestToken(t *testing.T) {
	s, _, _ := started(t)
	direct := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	once := parsed(t, s.Once())
	for _, c := range []struct {
		name, query string
		headers     []string
		status      int
	}{
		{"right", "token=" + s.guard.token, nil, 303},
		{"right, again", "token=" + s.guard.token, nil, 303},
		{"right, typed", "token=" + s.guard.token, []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 303},
		{"right, by a link elsewhere", "token=" + s.guard.token, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"right, by a link of another port", "token=" + s.guard.token, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"right, in a frame elsewhere", "token=" + s.guard.token, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"right, as a picture elsewhere", "token=" + s.guard.token, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, 403},
		{"wrong", "token=" + strings.Repeat("A", 26), nil, 401},
		{"empty", "token=", nil, 401},
		{"missing", "tok=" + s.guard.token, nil, 401},
		{"a beginning", "token=" + s.guard.token[:25], nil, 401},
		{"longer", "token=" + s.guard.token + "A", nil, 401},
		{"small letters", "token=" + strings.ToLower(s.guard.token), nil, 401},
		{"twice", "token=" + s.guard.token + "&token=" + s.guard.token, nil, 401},
		{"with more", "token=" + s.guard.token + "&x=1", nil, 401},
		{"broken", "token=%zz", nil, 401},
		{"as a ticket", "ticket=" + s.guard.token, nil, 401},
		{"the ticket", once.RawQuery, nil, 303},
		{"the ticket, again", once.RawQuery, nil, 401},
		{"the ticket as a token", "token=" + once.Query().Get("ticket"), nil, 401},
	} {
		got, body := ask(t, direct, request(t, "GET", root(s, "/?"+c.query), "", c.headers...))
		if got.StatusCode != c.status {
			t.Errorf("%s: got %s, want %d: %s", c.name, got.Status, c.status, body)
		}
		cookies := got.Cookies()
		if c.status >= 400 {
			if len(cookies) != 0 || strings.Contains(body, s.guard.token) {
				t.Errorf("%s: got %v and %s", c.name, cookies, body)
			}
			continue
		}
		if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Path != s.guard.path || cookies[0].Domain != "" || cookies[0].Value != s.guard.token {
			t.Errorf("%s: got the cookies %v", c.name, cookies)
		}
		if to := got.Header.Get("Location"); c.status == 303 && to != s.guard.path || strings.Contains(body, s.guard.token) {
			t.Errorf("%s: got to %q: %s", c.name, to, body)
		}
	}
	if got, _ := ask(t, direct, request(t, "POST", s.URL(), "")); got.StatusCode != 401 {
		t.Errorf("by POST: got %s", got.Status)
	}
	a, _, _ := started(t)
	if a.guard.token == s.guard.token || a.guard.cookie == s.guard.cookie || a.guard.path == s.guard.path || len(s.guard.token) < 26 || len(s.guard.path) < 28 {
		t.Errorf("two labs have tokens %q and %q, cookies %s and %s, paths %s and %s", a.guard.token, s.guard.token, a.guard.cookie, s.guard.cookie, a.guard.path, s.guard.path)
	}
}

// A name that is turned to this address (DNS rebinding), and one that only looks like this machine's, is refused though the cookie is there.
func TestRebinding(t *testing.T) {
	s, _, _ := started(t)
	port := fmt.Sprint(s.listener.Addr().(*net.TCPAddr).Port)
	for host, ok := range map[string]bool{
		"127.0.0.1:" + port: true, "localhost:" + port: true, "LOCALHOST:" + port: true, "[::1]:" + port: true, "127.0.0.2:80": true, "localhost": true, "127.0.0.1": true,
		"localhost:9999": true, // through a tunnel
		"evil.example":   false, "evil.example:" + port: false, "localhost.evil.example:" + port: false, "127.0.0.1.evil.example:" + port: false, "localhost.:" + port: false, "0.0.0.0:" + port: false,
		"192.168.0.7:" + port: false, "[::]:" + port: false, "2130706433:" + port: false, "user@localhost": false, "localhost:80:80": false, "evil.example:80@localhost": false,
	} {
		got, body := ask(t, http.DefaultClient, request(t, "GET", at(s, "/"), "", "Host", host, "Cookie", s.guard.cookie+"="+s.guard.token))
		if ok && got.StatusCode != http.StatusOK || !ok && got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusBadRequest {
			t.Errorf("Host %s: got %s: %s", host, got.Status, body)
		}
	}
}

// Beyond loopback Host is the address that was given, and no other.
func TestBeyondLoopback(t *testing.T) {
	g := newGuard("id", "Lab.example", &net.TCPAddr{IP: net.IPv4(192, 168, 0, 7), Port: 8080})
	for host, ok := range map[string]bool{"lab.example:8080": true, "LAB.example:8080": true, "lab.example": false, "lab.example:81": false, "localhost:8080": false, "127.0.0.1:8080": false, "192.168.0.7:8080": false, "": false} {
		if g.named(host) != ok {
			t.Errorf("Host %q: got %v", host, !ok)
		}
	}
	for address, ok := range map[string]bool{
		"127.0.0.1:0": true, "localhost:8080": true, "[::1]:0": true, "192.168.0.7:80": true, "lab.example:8080": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "127.0.0.1": false, "127.0.0.1:": false, "127.0.0.1:99999": false, "127.0.0.1:-1": false, "": false, "nonsense": false, "::1:80": false,
	} {
		if _, _, err := SplitAddress(address); (err == nil) != ok {
			t.Errorf("%q: got %v", address, err)
		}
	}
}

// What a page on another origin makes a browser ask for is refused, be the cookie there or not, and no answer lets it be read.
func TestOtherOrigins(t *testing.T) {
	s, _, friend := started(t)
	for _, from := range []string{"cross-site", "same-site"} { // a page of another port of this machine is of the same site
		for _, path := range all {
			for name, headers := range map[string][]string{
				"a picture":        {"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"},
				"a script":         {"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"},
				"fetch":            {"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", "http://evil.example"},
				"EventSource":      {"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", "null", "Accept", "text/event-stream"},
				"a frame":          {"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
				"twice the header": {"Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-origin"},
			} {
				r := request(t, "GET", at(s, path), "", append([]string{"Sec-Fetch-Site", from}, headers...)...)
				got, body := ask(t, friend, r)
				if got.StatusCode != http.StatusForbidden || !strings.Contains(body, "from elsewhere") {
					t.Errorf("%s of %s from %s: got %s: %s", name, path, from, got.Status, body)
				}
				for name := range got.Header {
					if strings.HasPrefix(name, "Access-Control") {
						t.Errorf("%s: got %s", path, name)
					}
				}
			}
			for name, headers := range map[string][]string{
				"a form":              {"Sec-Fetch-Site", from, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://evil.example"},
				"a form of text":      {"Sec-Fetch-Site", from, "Content-Type", "text/plain", "Origin", "http://evil.example"},
				"an old browser":      {"Origin", "http://evil.example", "Content-Type", "application/json"},
				"a nameless origin":   {"Origin", "null", "Content-Type", "application/json"},
				"another port":        {"Origin", "http://127.0.0.1:1", "Content-Type", "application/json"},
				"what asks for leave": {"Sec-Fetch-Site", from, "Access-Control-Request-Method", "POST", "Origin", "http://evil.example"},
			} {
				method := "POST"
				if name == "what asks for leave" {
					method = "OPTIONS"
				}
				got, body := ask(t, friend, request(t, method, at(s, path), `{"do":"pause"}`, headers...))
				if got.StatusCode != http.StatusForbidden {
					t.Errorf("%s to %s from %s: got %s: %s", name, path, from, got.Status, body)
				}
			}
		}
	}
}

// Every answer, of what is refused too, says what a browser may do with it.
func TestHeaders(t *testing.T) {
	s, _, friend := started(t)
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"} {
		if headers[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	for _, client := range []*http.Client{friend, http.DefaultClient} {
		for _, path := range []string{"/", "/static/style.css", "/nothing", "/api/do", "/api/command"} {
			got, _ := ask(t, client, request(t, "GET", at(s, path), ""))
			for name, value := range headers {
				if got.Header.Get(name) != value {
					t.Errorf("%s: %s is %q, want %q", path, name, got.Header.Get(name), value)
				}
			}
		}
	}
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/static/icon.svg": "image/svg+xml", "/static/painter.js": "text/javascript; charset=utf-8", "/static/style.css": "text/css; charset=utf-8"} {
		if got, _ := ask(t, friend, request(t, "GET", at(s, path), "")); got.Header.Get("Content-Type") != kind || got.StatusCode != 200 {
			t.Errorf("%s: got %s, %s", path, got.Status, got.Header.Get("Content-Type"))
		}
	}
}

// Paths and methods that there are not end so, and none leads to a file.
func TestUnknownPaths(t *testing.T) {
	s, _, friend := started(t)
	for path, status := range map[string]int{"/nothing": 404, "/static/": 404, "/static/none.js": 404, "/static/..%2fpage.go": 404, "/static/%2e%2e/page.go": 404, "/static/inter.LICENSE": 404, "/page.go": 404, "/index.html": 404, "/api/nothing": 404, "/%00": 404} {
		if got, body := ask(t, friend, request(t, "GET", at(s, path), "")); got.StatusCode != status || strings.Contains(body, "package") {
			t.Errorf("%s: got %s, want %d: %s", path, got.Status, status, body)
		}
	}
	for _, c := range [][2]string{{"POST", "/"}, {"POST", "/events"}, {"GET", "/api/do"}, {"PUT", "/api/do"}, {"GET", "/api/predict"}, {"GET", "/api/upload"}, {"POST", "/api/layer"}, {"DELETE", "/api/model"}} {
		if got, _ := ask(t, friend, request(t, c[0], at(s, c[1]), "")); got.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: got %s, want 405", c[0], c[1], got.Status)
		}
	}
}

// A client that sends its request a byte at a time is cut off, and hinders nobody meanwhile.
func TestSlowloris(t *testing.T) {
	s, _, friend := started(t, impatient)
	var slow []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ")); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	if got, _ := ask(t, friend, request(t, "GET", at(s, "/"), "")); got.StatusCode != 200 {
		t.Errorf("beside slow ones: got %s", got.Status)
	}
	for _, c := range slow {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
			t.Error("a slow request was answered")
		} else if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			t.Fatal("a slow request still waits")
		}
	}
}

// Two labs on one machine do not put each other's cookies out.
func TestTwoLabs(t *testing.T) {
	a, _, _ := started(t)
	b, _, _ := started(t)
	jar, _ := cookiejar.New(nil)
	both := &http.Client{Jar: jar}
	for range 2 {
		for _, s := range []*Server{a, b} {
			ask(t, both, request(t, "GET", s.URL(), ""))
		}
	}
	for _, s := range []*Server{a, b} {
		if got, _ := ask(t, both, request(t, "GET", at(s, "/"), "")); got.StatusCode != 200 {
			t.Errorf("got %s", got.Status)
		}
	}
}

// A server at another port of this machine, which a browser of the user opens, is told nothing of the lab: cookies know no ports.
func TestAnotherPort(t *testing.T) {
	s, _, friend := started(t)
	told := ""
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told += r.Header.Get("Cookie") }))
	defer thief.Close()
	for _, path := range append(slices.Clone(all), "/x/", "/"+strings.Repeat("a", len(s.guard.path)-2)+"/") {
		ask(t, friend, request(t, "GET", thief.URL+path, ""))
	}
	if told != "" {
		t.Errorf("it was told %s", told)
	}
	if ask(t, friend, request(t, "GET", thief.URL+s.guard.path, "")); !strings.Contains(told, s.guard.token) {
		t.Error("there the cookie was to be sent, or this shows nothing")
	}
}
