package lab

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
)

// A guard keeps everybody out but the browser of who started the lab: a page on another origin, another user of the machine, a name that was turned to its address (DNS rebinding).
//
// Whoever has the token is let in. It stands once in the address, is put into a cookie that no script reads and no other site sends, and leaves the address again. The address that
// is handed to a browser, which everybody on the machine may see in the list of processes, has a ticket instead, which is good for one use. A browser sends the cookies of a host to
// every port of it, to another user's server too: this one is sent to a path that only this lab has, and which nobody else can have a browser ask for.
type guard struct {
	token  string
	ticket atomic.Pointer[string] // nil once it was used
	path   string                 // below which everything is, such as /x7k…/
	cookie string                 // its name
	host   string                 // beyond loopback: what Host must be
	cross  *http.CrossOriginProtection
}

// newGuard guards a server of that id and address; asked is the host that the user named.
func newGuard(id, asked string, at net.Addr) *guard {
	g := &guard{token: rand.Text(), path: "/" + strings.ToLower(rand.Text()) + "/", cookie: "stheno_lab_" + id, cross: http.NewCrossOriginProtection()}
	ticket := rand.Text()
	g.ticket.Store(&ticket)
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		g.host = net.JoinHostPort(asked, fmt.Sprint(tcp.Port))
	}
	return g
}

// headers are those of every answer: nothing is loaded from elsewhere, framed by others, guessed at, told to others or kept.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// before lets nobody through to the handler who may not be there.
func (g *guard) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if err := g.mayAsk(r); err != nil {
			refuse(w, http.StatusForbidden, err) // of a name that was turned here nobody is told what there is
			return
		}
		if r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.RawQuery != "" {
			g.enter(w, r)
			return
		}
		if !g.knows(r) {
			turnAway(w, r, errUnknown)
			return
		}
		http.StripPrefix(strings.TrimSuffix(g.path, "/"), next).ServeHTTP(w, r)
	})
}

// mayAsk refuses a request that was not meant for this server, or that another origin had the browser make.
func (g *guard) mayAsk(r *http.Request) error {
	if !g.named(r.Host) {
		want := "localhost or 127.0.0.1"
		if g.host != "" {
			want = g.host
		}
		return fmt.Errorf("got a request for the host %.100q, want %s: open the lab by the address that it printed", r.Host, want)
	}
	from := r.Header.Values("Sec-Fetch-Site")
	enters := r.Method == http.MethodGet && (r.URL.Path == "/" || r.URL.Path == g.path) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	if len(from) > 1 || len(from) == 1 && from[0] != "same-origin" && from[0] != "none" && !enters {
		return fmt.Errorf("got a request that a page from elsewhere made (%.50s), want those of the lab's own page", strings.Join(from, ", "))
	}
	if err := g.cross.Check(r); err != nil {
		return fmt.Errorf("got a request that a page from elsewhere made, want those of the lab's own page: %w", err)
	}
	return nil
}

// named says whether a request's Host is this server's: of a name that anybody can turn to this address it is not.
func (g *guard) named(host string) bool {
	if g.host != "" {
		return strings.EqualFold(host, g.host)
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil { // the port is another one through a tunnel
		name = h
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
	return err == nil && ip.IsLoopback()
}

// enter takes the token of the address into the cookie, and the browser to the page.
func (g *guard) enter(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	token, ticket := query["token"], query["ticket"]
	good := len(query) == 1 && (len(token) == 1 && same(token[0], g.token) || len(ticket) == 1 && g.use(ticket[0]))
	if !good {
		turnAway(w, r, errToken)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.token, Path: g.path, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	if from := r.Header.Get("Sec-Fetch-Site"); from == "cross-site" || from == "same-site" {
		// A redirect would belong to the page from which the link came, and go without the cookie.
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stheno lab</title><meta http-equiv="refresh" content="0; url=%[1]s"><a href="%[1]s">Stheno lab</a></html>`, g.path)
		return
	}
	http.Redirect(w, r, g.path, http.StatusSeeOther)
}

// use takes the ticket, once.
func (g *guard) use(text string) bool {
	ticket := g.ticket.Load()
	return ticket != nil && same(text, *ticket) && g.ticket.CompareAndSwap(ticket, nil)
}

// knows says whether the browser has this lab's cookie, and asks for what is this lab's.
func (g *guard) knows(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, g.path) && slices.ContainsFunc(r.CookiesNamed(g.cookie), func(c *http.Cookie) bool { return same(c.Value, g.token) })
}

// same takes as long whatever is wrong.
func same(got, want string) bool { return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 }
