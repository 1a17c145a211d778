package lab

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
)

// Why somebody is turned away who may have come by a link, in a browser that has not been here.
var (
	errUnknown = errors.New("this lab opens by the address that it printed when it started, with its token: open that one in this browser")
	errToken   = errors.New("this is not the token of this lab, or one that was used: open the address that it printed when it started")
)

// awayStyle is that of the page for whoever is turned away, who gets no other file.
const awayStyle = `:root{color-scheme:light dark}body{margin:12vh auto;max-width:34rem;padding:0 1.25rem;font:16px/1.6 system-ui,"PingFang TC","Microsoft JhengHei","Noto Sans CJK TC",sans-serif}h1{font-size:1.35rem;line-height:1.3}p{overflow-wrap:anywhere}small{opacity:.75}`

// turnAway refuses a request: whom it is a page for gets one to read, everybody else what refuse says.
func turnAway(w http.ResponseWriter, r *http.Request, err error) {
	if !navigates(r) {
		refuse(w, http.StatusUnauthorized, err)
		return
	}
	sum := sha256.Sum256([]byte(awayStyle))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Vary", "Accept, Accept-Language")
	title := look.Text{EN: "This browser is not in this lab yet", ZH: "這個瀏覽器還沒進到這個實驗室"}
	what := look.Text{EN: "The lab opens by the address that it printed in the terminal when it started, with a token at its end. Copy the whole of it, and open it in this browser: the link that brought you here then opens, too.",
		ZH: "實驗室啟動時，在終端機印出了一個帶有 token 的網址。請複製整個網址，在這個瀏覽器打開；之後，你剛才打開的連結也能用了。"}
	if errors.Is(err, errToken) {
		title = look.Text{EN: "This address opens the lab no more", ZH: "這個網址已經不能打開實驗室"}
		what = look.Text{EN: "Its token is not this lab's: the lab was started anew since, or the address was for one use. Open the address that it printed in the terminal when it started last.",
			ZH: "網址裡的 token 不是這個實驗室的：它後來重新啟動過，或是這個網址只能用一次。請打開它最近一次啟動時在終端機印出的網址。"}
	}
	lang, heading, text := "en", title.EN, what.EN
	if chinese(r.Header.Get("Accept-Language")) {
		lang, heading, text = "zh-Hant", title.ZH, what.ZH
	}
	write(w, http.StatusUnauthorized, "text/html; charset=utf-8", fmt.Appendf(nil, `<!doctype html>
<html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Stheno lab</title><style>%s</style></head>
<body><main><h1>%s</h1><p>%s</p><p><small>Stheno lab</small></p></main></body></html>
`, lang, awayStyle, heading, text))
}

// navigates says whether a browser asks for a page to be read, rather than a page or a program for data.
func navigates(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return r.Method == http.MethodGet && (mode == "" || mode == "navigate") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// chinese says which of the page's two languages a browser would rather have.
func chinese(accepted string) bool {
	for _, l := range strings.Split(strings.ToLower(accepted), ",") {
		switch l = strings.TrimSpace(l); {
		case strings.HasPrefix(l, "zh"):
			return true
		case strings.HasPrefix(l, "en"):
			return false
		}
	}
	return false
}
