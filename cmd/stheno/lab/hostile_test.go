package lab

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// What keeps a page of this machine from hostile clients, and the tests in which such a client tries it:
//
//	only this machine reaches it                           TestBeyondLoopback, TestLabErrors of the command
//	a token, once, of crypto/rand, for a cookie            TestToken, TestNobodyElse, TestTicketOnce
//	HttpOnly, SameSite=Strict, below a path of the lab's   TestToken, TestAnotherPort
//	cookies of other ports, and two of one name            TestAnotherPort, TestTwoLabs, TestTossedCookies
//	Host: DNS rebinding, other names, absolute addresses   TestRebinding, TestBeyondLoopback, TestRawRequests
//	Origin and Sec-Fetch-Site, of GET as well              TestOtherOrigins, the browser's tests of the command
//	CSP, nosniff, no frames, nothing kept                  TestHeaders
//	paths that lead elsewhere                              TestUnknownPaths, TestRawRequests
//	other methods, and one for another                     TestUnknownPaths, TestMethodsStay, TestNobodyElse
//	content types                                          TestBrokenCommands, TestHostileUploads
//	headers that are many, large or doubled                TestRawRequests
//	headers and bodies that come slowly, or not            TestSlowloris, TestSlowBody
//	bodies that are large, deep, or no JSON                TestBrokenCommands, FuzzCommand, FuzzPredict
//	uploads: names, links, bombs, many files, no end       TestUpload, TestHostileUploads, TestUploadsEnd, FuzzUpload
//	a disk without room, leftovers of the dead             TestFullDisk, TestNoRoom, TestLeftovers, TestLeftoversRace
//	many readers, slow ones, readers that come again       TestManyReaders, TestTooManyReaders, TestMemoryOfReaders, TestReaders
//	a million events                                       TestMemory, TestMillionSteps of package session
//	networks, batches, runs that are too many or large     TestTooLargeIsNotMade, TestRoom, TestMemoryLevels of package session
//	several pages that steer at once, clicks without end   TestManyAtOnce of package session
//	faults within                                          TestGettingReady, TestFaults of package session

// Requests as no client of Go's makes them: each is refused, or means what it says, and none reaches the session or a file.
func TestRawRequests(t *testing.T) {
	s, f, _ := started(t)
	f.do = nil // which nothing may call
	page, local := s.guard.path, "Host: localhost"
	asks := func(lines ...string) string { // with the cookie
		return strings.Join(append(lines, fmt.Sprintf("Cookie: %s=%s", s.guard.cookie, s.guard.token)), "\r\n") + "\r\n\r\n"
	}
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"right":                             {asks("GET "+page+" HTTP/1.1", local), 200},
		"an absolute address":               {asks("GET http://localhost"+page+" HTTP/1.1", "Host: evil.example"), 200}, // whose host counts, not the header
		"an absolute address elsewhere":     {asks("GET http://evil.example"+page+" HTTP/1.1", local), 403},
		"a proxy's method":                  {asks("CONNECT evil.example:80 HTTP/1.1", "Host: evil.example:80"), 403},
		"no host":                           {asks("GET " + page + " HTTP/1.1"), 400},
		"no host, of old":                   {asks("GET " + page + " HTTP/1.0"), 403},
		"two hosts":                         {asks("GET "+page+" HTTP/1.1", local, "Host: evil.example"), 400},
		"a host with a path":                {asks("GET "+page+" HTTP/1.1", "Host: localhost/evil"), 400},
		"forwarded for another":             {asks("GET "+page+" HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: localhost", "Forwarded: host=localhost"), 403},
		"a body of two lengths":             {asks("POST "+page+"api/do HTTP/1.1", local, "Content-Length: 3", "Content-Length: 4") + "{}", 400},
		"a body of a length and in chunks":  {asks("POST "+page+"api/do HTTP/1.1", local, "Content-Length: 3", "Transfer-Encoding: chunked", "Content-Type: text/plain") + "0\r\n\r\n", 415},
		"a body of another encoding":        {asks("POST "+page+"api/do HTTP/1.1", local, "Transfer-Encoding: gzip"), 501},
		"a packed body":                     {asks("POST "+page+"api/do HTTP/1.1", local, "Content-Type: application/json", "Content-Encoding: gzip", "Content-Length: 2") + "\x1f\x8b", 400},
		"a large header":                    {asks("GET "+page+" HTTP/1.1", local, "X-A: "+strings.Repeat("a", 64<<10)), 431},
		"many headers":                      {asks("GET "+page+" HTTP/1.1", local, "X-A: a"+strings.Repeat("\r\nX-A: a", 10<<10)), 431},
		"a long address":                    {asks("GET "+page+strings.Repeat("a", 64<<10)+" HTTP/1.1", local), 431},
		"a header of two lines":             {asks("GET "+page+" HTTP/1.1", local, "X-A: a", " b"), 200},
		"a header with a nought":            {asks("GET "+page+" HTTP/1.1", local, "X-A: a\x00b"), 400},
		"a path upwards":                    {asks("GET "+page+"static/../../../../etc/passwd HTTP/1.1", local), 0},
		"a path upwards, in other letters":  {asks("GET "+page+"static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", local), 0},
		"a path upwards, of Windows":        {asks("GET "+page+"static/..%5c..%5cpage.go HTTP/1.1", local), 0},
		"a path upwards to the lab's own":   {asks("GET /x/.."+page+" HTTP/1.1", local), 401},
		"a path of two slashes":             {asks("GET /"+page+" HTTP/1.1", local), 401},
		"no path":                           {asks("GET * HTTP/1.1", local), 401},
		"another protocol":                  {asks("GET "+page+" HTTP/3.0", local), 505},
		"a method in small letters":         {asks("get "+page+" HTTP/1.1", local), 405},
		"one that would become a WebSocket": {asks("GET "+page+"events HTTP/1.1", local, "Connection: Upgrade", "Upgrade: websocket", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: websocket"), 403},
		"one that would become HTTP/2":      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
		"a request in the body of another":  {asks("GET "+page+"static/none.js HTTP/1.1", local, "Content-Length: 40") + "POST " + page + "api/do HTTP/1.1\r\n", 404},
	} {
		conn, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(conn, c.text)
		_ = conn.(*net.TCPConn).CloseWrite()
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			if c.want != 0 {
				t.Errorf("%s: got %v", name, err)
			}
			conn.Close()
			continue
		}
		body, _ := io.ReadAll(io.LimitReader(got.Body, 1<<20))
		conn.Close()
		if c.want == 0 && got.StatusCode < 300 || c.want != 0 && got.StatusCode != c.want {
			t.Errorf("%s: got %s, want %d: %.200s", name, got.Status, c.want, body)
		}
		if strings.Contains(string(body), "root:") || strings.Contains(string(body), "package page") || c.want != 200 && strings.Contains(string(body), s.guard.token) {
			t.Errorf("%s: it tells %.200s", name, body)
		}
	}
}

// No header or field makes another method of the one that there is, and what only looks changes nothing.
func TestMethodsStay(t *testing.T) {
	s, f, client := started(t)
	var did []session.Command
	f.do = recorded(&did)
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		for _, path := range []string{"/api/do", "/api/upload", "/api/predict", "/api/open"} {
			if got, _ := ask(t, client, request(t, "GET", at(s, path+"?_method=POST&do=pause"), `{"do":"pause"}`, name, "POST", "Content-Type", "application/json")); got.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("GET %s with %s: got %s", path, name, got.Status)
			}
		}
	}
	for _, do := range []string{"play", "remove", "start", "open", "change"} {
		if got, _ := ask(t, client, request(t, "GET", at(s, "/api/"+do+"?run=1"), "")); got.StatusCode != 404 && got.StatusCode != 405 {
			t.Errorf("GET /api/%s: got %s", do, got.Status)
		}
		if got, text := ask(t, client, request(t, "GET", at(s, "/api/layer?do="+do), "")); got.StatusCode != 400 {
			t.Errorf("do=%s: got %s: %s", do, got.Status, text)
		}
	}
	if len(did) != 0 {
		t.Errorf("the session got %+v", did)
	}
	if got, text := ask(t, client, request(t, "HEAD", at(s, "/"), "")); got.StatusCode != 200 || text != "" {
		t.Errorf("HEAD: got %s: %s", got.Status, text)
	}
}

// A server at another port, or a page of it, can put cookies of the same name beside the lab's, for a longer path too: they let nobody in, and keep nobody out.
func TestTossedCookies(t *testing.T) {
	s, _, _ := started(t)
	right, wrong := s.guard.cookie+"="+s.guard.token, s.guard.cookie+"=x"
	for cookies, status := range map[string]int{right: 200, wrong + "; " + right: 200, right + "; " + wrong: 200, wrong: 401, wrong + "; " + wrong: 401, strings.Repeat(wrong+"; ", 500) + right: 200, strings.Repeat(wrong+"; ", 5000): 431, "=;;; ,": 401} {
		if got, text := ask(t, http.DefaultClient, request(t, "GET", at(s, "/"), "", "Cookie", cookies)); got.StatusCode != status {
			t.Errorf("%.60s: got %s, want %d: %s", cookies, got.Status, status, text)
		}
	}
}

// Of many that try the ticket at once one gets in.
func TestTicketOnce(t *testing.T) {
	s, _, _ := started(t)
	direct := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	once, in := s.Once(), make(chan int)
	for range 20 {
		go func() {
			n := 0
			if got, err := direct.Get(once); err == nil {
				got.Body.Close()
				if got.StatusCode == http.StatusSeeOther {
					n = 1
				}
			}
			in <- n
		}()
	}
	total := 0
	for range 20 {
		total += <-in
	}
	if total != 1 {
		t.Errorf("%d got in", total)
	}
}

// recorded is a session that does what it is asked, and writes it down.
func recorded(did *[]session.Command) func(context.Context, session.Command) (any, error) {
	var mu sync.Mutex
	return func(_ context.Context, c session.Command) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		*did = append(*did, c)
		return nil, nil
	}
}
