package lab

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// Who follows a link in a browser that has not been here reads what to do, in the browser's language; programs get JSON, and nobody a word of the token or the lab's path.
func TestTurnedAway(t *testing.T) {
	s, _, _ := started(t)
	html := "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		name, method, path string
		headers            []string
		status             int
		page, said         string
	}{
		{"a link", "GET", s.guard.path, []string{"Accept", html}, 401, "en", "This browser is not in this lab yet"},
		{"a link, navigated", "GET", s.guard.path, []string{"Accept", html, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "none", "Sec-Fetch-Dest", "document"}, 401, "en", "token at its end"},
		{"a link, in Chinese", "GET", s.guard.path, []string{"Accept", html, "Accept-Language", "zh-TW,zh;q=0.9,en;q=0.8"}, 401, "zh-Hant", "這個瀏覽器"},
		{"a link, in English before Chinese", "GET", s.guard.path, []string{"Accept", html, "Accept-Language", "fr, EN-GB;q=0.9, zh;q=0.8"}, 401, "en", "This browser"},
		{"another lab's", "GET", "/xyz/", []string{"Accept", html}, 401, "en", "This browser"},
		{"a token that is none", "GET", "/?token=<script>", []string{"Accept", html, "Accept-Language", "zh"}, 401, "zh-Hant", "token 不是"},
		{"a name that is turned here", "GET", s.guard.path, []string{"Accept", html, "Host", "evil.example"}, 403, "", "evil.example"},
		{"a script", "GET", s.guard.path, []string{"Accept", html, "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-origin"}, 401, "", "with its token"},
		{"a program", "GET", s.guard.path + "api/report", []string{"Accept", "*/*"}, 401, "", "with its token"},
		{"a post", "POST", s.guard.path + "api/do", []string{"Accept", html}, 401, "", "with its token"},
	} {
		r := request(t, c.method, root(s, c.path), "", c.headers...)
		got, body := ask(t, http.DefaultClient, r)
		kind := map[bool]string{true: "text/html; charset=utf-8", false: "application/json"}[c.page != ""]
		if got.StatusCode != c.status || got.Header.Get("Content-Type") != kind || !strings.Contains(body, c.said) || c.page != "" && !strings.Contains(body, `lang="`+c.page+`"`) {
			t.Errorf("%s: got %s, %s: %s", c.name, got.Status, got.Header.Get("Content-Type"), body)
		}
		if strings.Contains(body, s.guard.token) || strings.Contains(body, strings.Trim(s.guard.path, "/")) || strings.Contains(body, "<script>") || strings.Contains(body, "<b>") {
			t.Errorf("%s: it says what it should not: %s", c.name, body)
		}
		sum := sha256.Sum256([]byte(awayStyle))
		if policy := got.Header.Get("Content-Security-Policy"); c.page != "" && (!strings.Contains(policy, base64.StdEncoding.EncodeToString(sum[:])) || strings.Contains(policy, "script-src")) || got.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: got the policy %s", c.name, policy)
		}
	}
}
