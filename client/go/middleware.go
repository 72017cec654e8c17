package fingerpost

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
)

// Middleware asks the policy's rules about every request that has a host, except CONNECT, TRACE, CORS preflights and the paths of WithExempt. It sends an
// answer that is a response; all other requests go on to next, and the answer's fields are added when the page's head is written.
func (c *Client) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.mayMatch(r) {
			next.ServeHTTP(w, r)
			return
		}
		decision, err := c.Decide(r.Context(), c.Question(r))
		var found *Error
		switch {
		case err == nil && decision.MustSend():
			decision.write(w)
		case err == nil && len(decision.Header) > 0:
			page := &pageWriter{ResponseWriter: w, added: decision.Header}
			next.ServeHTTP(page, r)
			page.begin(http.StatusOK) // A handler that wrote nothing.
		case err == nil || errors.As(err, &found) && found.Code == "INVALID_ARGUMENT":
			next.ServeHTTP(w, r)
		default:
			c.fail(w, r, err)
		}
	})
}

// dots: a path with dot segments is below no other path, because it may lead elsewhere.
var dots = regexp.MustCompile(`(?i)(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)`)

// mayMatch says whether the policy's rules may have an answer.
func (c *Client) mayMatch(r *http.Request) bool {
	url := URL(r)
	scheme, rest, _ := strings.Cut(url, "://")
	c.warnOfProxy(r, scheme)
	path := strings.TrimPrefix(rest, r.Host)
	path, _, _ = strings.Cut(path, "?")
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	if r.Method == http.MethodConnect || r.Method == http.MethodTrace || preflight || r.Host == "" || r.RequestURI == "*" {
		return false
	}
	for _, prefix := range c.settings.exempt {
		if (path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")) && !dots.MatchString(path) {
			return false
		}
	}
	return true
}

func (c *Client) warnOfProxy(r *http.Request, scheme string) {
	forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	forwarded = strings.ToLower(strings.TrimSpace(forwarded))
	if forwarded != "" && forwarded != scheme && c.protos.take() > 0 {
		c.settings.log.Warn("X-Forwarded-Proto contradicts the URL: tell the program of its proxy (client/go/README.md, Behind a proxy)",
			"forwarded", forwarded[:min(len(forwarded), 10)], "scheme", scheme)
	}
}

// pageWriter adds an answer's fields to a page's head.
type pageWriter struct {
	http.ResponseWriter
	added http.Header
	begun bool
}

// begin is called before the head is written; 1xx come before it.
func (p *pageWriter) begin(status int) {
	if p.begun || 100 <= status && status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	p.begun = true
	merge(p.Header(), p.added)
}

func (p *pageWriter) WriteHeader(status int) {
	p.begin(status)
	p.ResponseWriter.WriteHeader(status)
}

func (p *pageWriter) Write(octets []byte) (int, error) {
	p.begin(http.StatusOK)
	return p.ResponseWriter.Write(octets)
}

// ReadFrom lets the server send a file without copying it.
func (p *pageWriter) ReadFrom(from io.Reader) (int64, error) {
	p.begin(http.StatusOK)
	return io.Copy(p.ResponseWriter, from)
}

// Flush is for those who look for an http.Flusher.
func (p *pageWriter) Flush() {
	p.begin(http.StatusOK)
	_ = http.NewResponseController(p.ResponseWriter).Flush()
}

// Hijack is for those who look for an http.Hijacker.
func (p *pageWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	p.begun = true
	return http.NewResponseController(p.ResponseWriter).Hijack()
}

// Unwrap is for http.ResponseController.
func (p *pageWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }
