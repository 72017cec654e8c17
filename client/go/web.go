package fingerpost

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// SentFields are what Middleware and Redirect send of a request: enough for every rule of the core, nothing that identifies or authenticates a user.
// WithFields adds those that a policy's rules look at.
var SentFields = []string{
	"Accept", "Access-Control-Request-Method", "Content-Type", "HX-Boosted", "HX-History-Restore-Request", "HX-Request", "Origin", "Sec-Fetch-Mode",
	"Turbo-Frame", "Upgrade", "X-Inertia", "X-Requested-With",
}

const (
	refusedText     = "The request cannot be answered as it was sent."
	unavailableText = "The service is not available at the moment."
	failedText      = "The page cannot be shown."
	// retryAfter is in seconds: a reconnect waits no longer (client/README.md).
	retryAfter = "5"
)

// ofTheVisitor: violations of these fields are a visitor's fault; all others are the program's.
var ofTheVisitor = []string{"request", "parameters", "intent.target", "intent.flash", "intent.response_parameters", "intent.sticky_key"}

// ownFaults are refusals that the program's own modifiers cause. The target causes all others, and a visitor may have chosen it.
var ownFaults = []string{"PINNED_STATUS_CONTRADICTS", "FLASH_ON_PERMANENT"}

// Redirect writes the response to a wish:
//
//	client.Redirect(w, r, fingerpost.FormResult("/orders/7/confirmation"), fingerpost.Flash("Order placed"))
//
// It always writes a response: 400 for an unsafe redirect, 503 without an answer, 500 if the program itself is wrong; the error says why, and the log has
// it, so that most callers can ignore it.
func (c *Client) Redirect(w http.ResponseWriter, r *http.Request, wish Wish, modifiers ...Modifier) error {
	decision, err := c.Ask(r, wish, modifiers...)
	if err != nil {
		c.fail(w, r, err)
		return err
	}
	decision.write(w)
	return nil
}

// Back is FormResult to next, which a visitor may have chosen, if that is safe; otherwise to or, by default "/".
func (c *Client) Back(w http.ResponseWriter, r *http.Request, next, or string) error {
	if or == "" {
		or = "/"
	}
	if next != "" {
		decision, err := c.Ask(r, FormResult(next), FallBackTo(or))
		if err == nil {
			decision.write(w)
			return nil
		}
		if statusFor(err) != http.StatusBadRequest {
			c.fail(w, r, err)
			return err
		}
	}
	return c.Redirect(w, r, FormResult(or))
}

// Ask gives the decision that Redirect would write. The error is an *Error, a *NotSentError or ErrClosed.
func (c *Client) Ask(r *http.Request, wish Wish, modifiers ...Modifier) (*Decision, error) {
	question := c.Question(r)
	if err := wish.ask(question, modifiers); err != nil {
		return nil, err
	}
	decision, err := c.Decide(r.Context(), question)
	if err == nil && !decision.MustSend() {
		err = &NotSentError{decision}
	}
	return decision, err
}

// Question is what a request asks of the policy's rules. Its URL is the effective one: see URL.
func (c *Client) Question(r *http.Request) *fingerpostv1.DecideRequest {
	request := &fingerpostv1.HttpRequest{Method: r.Method, Url: URL(r)}
	switch {
	case r.ProtoMajor == 1 && r.ProtoMinor == 0:
		request.Protocol = fingerpostv1.Protocol_PROTOCOL_HTTP_1_0
	case r.ProtoMajor == 2:
		request.Protocol = fingerpostv1.Protocol_PROTOCOL_HTTP_2
	case r.ProtoMajor == 3:
		request.Protocol = fingerpostv1.Protocol_PROTOCOL_HTTP_3
	}
	for _, name := range sortedNames(r.Header) {
		if sent[name] || c.settings.fields[strings.ToLower(name)] {
			for _, value := range r.Header[name] {
				request.Headers = append(request.Headers, lineOf(name, value))
			}
		}
	}
	return &fingerpostv1.DecideRequest{Request: request}
}

var sent = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range SentFields {
		names[http.CanonicalHeaderKey(name)] = true
	}
	return names
}()

func sortedNames(fields http.Header) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// lineOf keeps octets that are not UTF-8.
func lineOf(name, value string) *fingerpostv1.Header {
	if utf8.ValidString(value) {
		return &fingerpostv1.Header{Name: name, Content: &fingerpostv1.Header_Value{Value: value}}
	}
	return &fingerpostv1.Header{Name: name, Content: &fingerpostv1.Header_RawValue{RawValue: []byte(value)}}
}

// URL is the one that the visitor asked for, its path as sent. net/http knows of no proxy: if one ends TLS, a handler before the middleware sets
// r.URL.Scheme, and r.Host if the proxy changed it (client/go/README.md, Behind a proxy). X-Forwarded-* alone never choose the URL.
func URL(r *http.Request) string {
	path := r.RequestURI
	absolute := !strings.HasPrefix(path, "/")
	if path == "" {
		path, absolute = r.URL.RequestURI(), false // Made by hand.
	} else if absolute {
		// The request line's own scheme and host are a visitor's words.
		if path = absoluteForm.ReplaceAllString(path, ""); !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
	}
	return visible(schemeOf(r, absolute) + "://" + r.Host + path)
}

var absoluteForm = regexp.MustCompile(`(?i)^https?://[^/?#]*`)

func schemeOf(r *http.Request, absolute bool) string {
	if !absolute && (r.URL.Scheme == "http" || r.URL.Scheme == "https") {
		return r.URL.Scheme
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// visible percent-encodes every octet that no URL has.
func visible(text string) string {
	if strings.IndexFunc(text, func(c rune) bool { return c < '!' || c > '~' }) < 0 {
		return text
	}
	var made strings.Builder
	for _, c := range []byte(text) {
		if c < '!' || c > '~' {
			fmt.Fprintf(&made, "%%%02X", c)
		} else {
			made.WriteByte(c)
		}
	}
	return made.String()
}

// write writes an answer unchanged. What describes a page goes; what other handlers have set for every response stays.
func (d *Decision) write(w http.ResponseWriter) {
	fields := w.Header()
	for _, name := range ofAContent {
		fields.Del(name)
	}
	fields["Content-Type"] = nil // net/http would guess one.
	for name, values := range d.Header {
		switch name {
		case "Vary":
			fields[name] = []string{mergedVary(slices.Concat(fields[name], values))}
		case "Set-Cookie":
			fields[name] = slices.Concat(fields[name], values)
		default:
			fields[name] = slices.Clone(values)
		}
	}
	w.WriteHeader(d.Status)
	if d.Body != "" {
		_, _ = w.Write([]byte(d.Body))
	}
}

// ofAContent describe a content that is not sent.
var ofAContent = []string{"Content-Encoding", "Content-Language", "Content-Length", "Content-Range", "Etag", "Last-Modified", "Location"}

// statusFor is 400 for a visitor's unsafe or wrong value, 503 without an answer, 500 if the program is wrong.
func statusFor(err error) int {
	var unsent *NotSentError
	if errors.As(err, &unsent) {
		decision := unsent.Decision
		switch {
		case decision.Outcome == Refuse && !slices.Contains(ownFaults, decision.Reason):
			return http.StatusBadRequest
		case decision.Source == SourceFallback:
			return http.StatusServiceUnavailable
		default:
			return http.StatusInternalServerError
		}
	}
	var known *Error
	switch {
	case !errors.As(err, &known):
		return http.StatusInternalServerError
	case known.ofTheVisitor() || known.tooLarge(): // Only a visitor's values make a question too large.
		return http.StatusBadRequest
	case !known.answered():
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

func (e *Error) ofTheVisitor() bool {
	if e.Code != "INVALID_ARGUMENT" || len(e.Violations) == 0 {
		return false
	}
	for _, violation := range e.Violations {
		if !slices.ContainsFunc(ofTheVisitor, func(one string) bool {
			rest, found := strings.CutPrefix(violation.Field, one)
			return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
		}) {
			return false
		}
	}
	return true
}

// fail answers in a response's place. The visitor gets a generic text, the log the reason.
func (c *Client) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := statusFor(err)
	switch status {
	case http.StatusBadRequest:
		c.settings.log.WarnContext(r.Context(), "refused", "error", err)
	case http.StatusServiceUnavailable:
		c.settings.log.WarnContext(r.Context(), "no answer", "error", err)
		w.Header().Set("Retry-After", retryAfter)
	default:
		c.settings.log.ErrorContext(r.Context(), "the redirect is wrong", "error", err)
	}
	c.settings.page(w, r, status, err)
}

func plainPage(w http.ResponseWriter, _ *http.Request, status int, _ error) {
	text := map[int]string{http.StatusBadRequest: refusedText, http.StatusServiceUnavailable: unavailableText}[status]
	if text == "" {
		text = failedText
	}
	http.Error(w, text, status)
}
