// Package lab serves the page on which networks are trained, looked at and steered in a browser.
//
// A [Server] listens as soon as it is made, and has the page say that the lab gets ready until its [Session] is there: the runs, and the goroutine that trains them. What the session
// tells goes to every page by server-sent events (hub.go), what a page asks comes by requests (api.go), and nobody else is let in (guard.go). A page that is slow, broken, or closed
// costs the session nothing.
package lab

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/page"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// A Session is what a lab shows and steers: *session.Session.
type Session interface {
	Serve(ctx context.Context) error                        // trains until the context ends
	State() session.State                                   // as it is now, for a page that comes new
	Do(ctx context.Context, c session.Command) (any, error) // carries out what a page asks
}

// A Server is a lab's, at its address.
type Server struct {
	listener  net.Listener
	guard     *guard
	hub       *hub
	uploads   uploads
	session   atomic.Pointer[Session] // nil while the lab gets ready
	errors    *log.Logger
	patience  time.Duration // with who does not send what was begun, or does not take what is sent
	pingEvery time.Duration // so that a browser, and what is between, know that the line is alive
}

// Listen makes a server at host:port; port 0 is any that is free. The version is shown; faults of the server itself are said on errOut.
func Listen(address, version string, errOut io.Writer) (*Server, error) {
	host, _, err := SplitAddress(address)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("lab: %w: choose another address, or port 0 for one that is free", err)
	}
	id := strings.ToLower(rand.Text()[:8])
	return &Server{listener: listener, guard: newGuard(id, host, listener.Addr()), hub: newHub(id, version), errors: log.New(errOut, "stheno: lab: ", 0), patience: 10 * time.Second, pingEvery: 15 * time.Second}, nil
}

// SplitAddress are the host and port of an address to listen at. A host that stands for all of the machine's is none: the browser's address must be known, lest a name be turned to it.
func SplitAddress(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil || port == "" {
		return "", "", fmt.Errorf("got %q, want HOST:PORT, such as 127.0.0.1:8080; port 0 is any that is free", address)
	}
	if n, err := net.LookupPort("tcp", port); err != nil || n < 0 {
		return "", "", fmt.Errorf("got %q, want a port from 0 to 65535", address)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "", "", fmt.Errorf("got %q, want one address of this machine, by which the browser reaches it, such as 127.0.0.1:%s", address, port)
	}
	return host, port, nil
}

// Local says whether only this machine reaches the server.
func (s *Server) Local() bool { return s.guard.host == "" }

// URL is the address of the page, with the token.
func (s *Server) URL() string { return s.url("token", s.guard.token) }

// Once is the address for a browser that is started with it, where others may see it: it opens the page once.
func (s *Server) Once() string { return s.url("ticket", *s.guard.ticket.Load()) }

func (s *Server) url(name, value string) string {
	u := url.URL{Scheme: "http", Host: cmp.Or(s.guard.host, s.listener.Addr().String()), Path: "/", RawQuery: url.Values{name: {value}}.Encode()}
	return u.String()
}

// KeepUploads has what pages bring stay in a folder, which is made when they do. Call it before Serve.
func (s *Server) KeepUploads(dir string) { s.uploads.in = dir }

// Free removes what a page has brought, of which a file is, as no run uses it any more: what the lab has put there, and no other file.
func (s *Server) Free(file string) { s.uploads.free(file) }

// Unpack unpacks a zip for as long as the server is there, and gives the folder, or the one table that is in it.
func (s *Server) Unpack(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	is, _, err := s.uploads.keep(filepath.Base(path), f)
	return is.path, err
}

// Serve serves pages until the context ends, or the session does, whose error it returns; open makes the session, which tells what is new by tell. A context that ends is no error.
func (s *Server) Serve(ctx context.Context, open func(tell func(session.Message)) (Session, error)) (err error) {
	go func() {
		for _, among := range []string{os.TempDir(), s.uploads.in} {
			if among != "" {
				removeLeftovers(among)
			}
		}
	}()
	defer func() { err = cmp.Or(err, s.uploads.remove()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asking, hangUp := context.WithCancel(context.Background()) // of requests, which end after the session: goodbye is the last of a stream
	defer hangUp()
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: s.patience,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what a client did wrong
		BaseContext:       func(net.Listener) context.Context { return asking },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.listener) }()
	trained := make(chan error, 1)
	go func() { trained <- s.train(ctx, open) }()
	count := time.NewTicker(time.Second / 2)
	defer count.Stop()
	for done := false; !done; {
		select {
		case err = <-trained:
			done = true
		case err = <-served: // which only a fault of the network does
			cancel()
			<-trained
			done = true
		case <-count.C:
			s.hub.count()
		}
	}
	cancel()
	s.hub.close()
	end, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	if server.Shutdown(end) != nil {
		_ = server.Close()
	}
	return err
}

// train makes the session, and has it train.
func (s *Server) train(ctx context.Context, open func(tell func(session.Message)) (Session, error)) error {
	runs, err := open(s.hub.tell)
	if err != nil {
		s.hub.tell(session.Message{Kind: "said", Data: session.Said{Level: "error", Text: look.Said(err.Error())}})
		return err
	}
	s.session.Store(&runs)
	s.hub.ready(runs.State)
	err = runs.Serve(ctx)
	if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		return nil
	}
	return err
}

// handler is the server's, behind its guard.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /static/", s.page)
	mux.HandleFunc("GET /events", s.events)
	s.api(mux)
	return s.hurrying(s.guard.before(s.recovering(mux)))
}

// hurrying waits no longer for a body that nobody asked for than for any other: the HTTP server would for ever, so that it may keep the line, of whoever was refused as well.
func (s *Server) hurrying(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.patience))
		}
		next.ServeHTTP(w, r)
	})
}

// recovering has a fault of the server hurt nothing but the request that met it.
func (s *Server) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if fault := recover(); fault != nil {
				s.errors.Printf("%s: a fault of the program: %v", r.URL.Path, fault)
				refuse(w, http.StatusInternalServerError, fmt.Errorf("a fault of the program: %v", fault))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// kinds are those of the page's files: a system's own list may say something else.
var kinds = map[string]string{".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

// page serves what is embedded.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(cmp.Or(strings.TrimPrefix(r.URL.Path, "/"), "index.html"), "/")
	content, err := fs.ReadFile(page.Files, name)
	kind, known := kinds[path.Ext(name)]
	if err != nil || !known {
		refuse(w, http.StatusNotFound, fmt.Errorf("there is nothing at %.100q", r.URL.Path))
		return
	}
	write(w, http.StatusOK, kind, content)
}
