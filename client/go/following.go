package fingerpost

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/origin"
)

const (
	// mostDiscarded is how many octets of a redirect's content are read, so that the connection can be used again. A longer content closes it.
	mostDiscarded = 64 << 10
	// defaultLimit is net/http's.
	defaultLimit = 10
	highestLimit = 100
)

// FollowOptions are deviations from STRICT (FollowOptions in follow.proto). Whatever they say, secrets stay on their origin and on TrustedOrigins.
type FollowOptions struct {
	// Transport sends each request. It must not add credentials, which would go to every origin; default: http.DefaultTransport.
	Transport http.RoundTripper
	// Jar keeps the cookies of the whole chain. http.Client's own must stay nil, because it would see only the first URL and the last response.
	Jar http.CookieJar
	// Limit is how many redirects are followed at most, 1 to 100; default: 10. NoFollowing: none.
	Limit       int
	NoFollowing bool
	// TrustedOrigins are those among which credentials travel: "https://api.example.com".
	TrustedOrigins []string
	// SecretFields are secret in addition to Authorization, Proxy-Authorization and Cookie.
	SecretFields []string
	// AllowDowngrade follows https to http.
	AllowDowngrade bool
	// DenyPrivateAddresses refuses literal addresses that are not public, and names that do not exist on the public Internet; in the first URL, too.
	DenyPrivateAddresses bool
	// AllowedHosts may be requested, the first URL's included; default: all. DeniedHosts win over them.
	AllowedHosts, DeniedHosts []string
	// AllowedPorts may be requested, 1 to 65535; default: all.
	AllowedPorts []uint32
	// KeepPost keeps POST and its content on 301 and 302 (RFC 9110 §15.4.2).
	KeepPost bool
	// FollowMultipleChoices follows 300 with a Location (RFC 9110 §15.4.1).
	FollowMultipleChoices bool
	// StripUserinfo follows a Location with a user name or password without it (RFC 9110 §4.2.4); default: stop.
	StripUserinfo bool
	// StopOnMethodChange stops if the next request would have another method, or lack the content: a webhook that arrives as a GET is not delivered.
	StopOnMethodChange bool
	// Profile says whose rules; default: strict.
	Profile fingerpostv1.Profile
}

// Stopped is a redirect that must not be followed, or a first URL that must not be requested. errors.As finds it in what http.Client returns.
type Stopped struct {
	// Hop says why.
	Hop *Hop
	// Response is the redirect, without its content, or nil.
	Response *http.Response
}

func (s *Stopped) Error() string { return "fingerpost: " + s.Hop.Stop + ": " + s.Hop.Message }

// Is finds ErrTooManyRedirects.
func (s *Stopped) Is(target error) bool {
	return target == ErrTooManyRedirects && (s.Hop.Stop == "LIMIT" || s.Hop.Stop == "LOOP")
}

// Unwrap gives the error behind a fallback.
func (s *Stopped) Unwrap() error { return s.Hop.Err }

// ErrTooManyRedirects: the limit is reached, or the redirects form a loop.
var ErrTooManyRedirects = errors.New("fingerpost: too many redirects")

// HTTPClient gives an http.Client whose redirects the engine decides, under STRICT. Secrets stay in the process, on their origin. Its Response.Request is the
// last one. Set-Cookie of another origin than the first URL's goes into FollowOptions.Jar and is not in the Response.
func (c *Client) HTTPClient(options FollowOptions) *http.Client {
	if options.Transport == nil {
		options.Transport = http.DefaultTransport
	}
	return &http.Client{
		Transport: &walker{client: c, options: options, message: options.message()},
		// The walk is over: what is left is the result.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (o *FollowOptions) message() *fingerpostv1.FollowOptions {
	limit := uint32(defaultLimit)
	if o.Limit > 0 {
		limit = uint32(min(o.Limit, highestLimit))
	}
	if o.NoFollowing {
		limit = 0
	}
	made := &fingerpostv1.FollowOptions{
		Profile: o.Profile, Limit: &limit, TrustedOrigins: o.TrustedOrigins, SecretFields: o.SecretFields, StopOnMethodChange: o.StopOnMethodChange,
	}
	for _, each := range []struct {
		chosen bool
		field  **bool
	}{{o.AllowDowngrade, &made.AllowDowngrade}, {o.KeepPost, &made.KeepPost}, {o.FollowMultipleChoices, &made.FollowMultipleChoices}} {
		if each.chosen {
			*each.field = proto.Bool(true)
		}
	}
	if o.StripUserinfo {
		made.Userinfo = fingerpostv1.UserinfoPolicy_USERINFO_POLICY_STRIP
	}
	if o.hasTargets() {
		made.Targets = &fingerpostv1.TargetRules{
			AllowedHosts: o.AllowedHosts, DeniedHosts: o.DeniedHosts, AllowedPorts: o.AllowedPorts, DenyPrivateAddresses: o.DenyPrivateAddresses,
		}
	}
	return made
}

func (o *FollowOptions) hasTargets() bool {
	return o.DenyPrivateAddresses || len(o.AllowedHosts)+len(o.DeniedHosts)+len(o.AllowedPorts) > 0
}

// walker is a RoundTripper that sends a request and all that follow from it.
type walker struct {
	client  *Client
	options FollowOptions
	message *fingerpostv1.FollowOptions
}

func (w *walker) RoundTrip(first *http.Request) (*http.Response, error) {
	if err := w.mayRequest(first); err != nil {
		if first.Body != nil {
			_ = first.Body.Close()
		}
		return nil, err
	}
	request, chain := first.Clone(first.Context()), (*fingerpostv1.Chain)(nil)
	for {
		response, err := w.send(request)
		if err != nil || !isRedirect(response.StatusCode) || w.options.NoFollowing {
			return w.last(first, response), err
		}
		hop, err := w.client.Follow(first.Context(), w.question(request, response, chain))
		if err != nil {
			_ = response.Body.Close()
			return nil, err
		}
		if hop.Next == nil && !hop.Failed {
			return w.last(first, response), nil
		}
		discard(response)
		if hop.Next == nil {
			return nil, &Stopped{hop, response}
		}
		if request, err = w.next(request, hop); err != nil {
			stop := *hop
			stop.Next, stop.Stop, stop.Failed = nil, "INVALID_LOCATION", true
			stop.Message = fmt.Sprintf("the next URL cannot be requested: %v", err)
			return nil, &Stopped{&stop, response}
		}
		if chain = proto.CloneOf(hop.Chain); chain != nil {
			chain.Cookies = nil // The jar keeps them. If the chain had any, Cookie's value would travel to the service.
		}
	}
}

// mayRequest: rules about targets hold for the first URL, too.
func (w *walker) mayRequest(first *http.Request) error {
	if !w.options.hasTargets() {
		return nil
	}
	hop, err := w.client.Follow(first.Context(), &fingerpostv1.FollowRequest{
		Request: &fingerpostv1.HttpRequest{Method: methodOf(first), Url: first.URL.String()}, Options: w.message, Unsent: true,
	})
	if err == nil && hop.Next == nil {
		err = &Stopped{Hop: hop}
	}
	return err
}

// send adds the jar's cookies to a copy, so that they are never asked about.
func (w *walker) send(request *http.Request) (*http.Response, error) {
	if w.options.Jar == nil {
		return w.options.Transport.RoundTrip(request)
	}
	sent := request.Clone(request.Context())
	for _, cookie := range w.options.Jar.Cookies(request.URL) {
		sent.AddCookie(cookie)
	}
	response, err := w.options.Transport.RoundTrip(sent)
	if err == nil {
		if cookies := response.Cookies(); len(cookies) > 0 {
			w.options.Jar.SetCookies(request.URL, cookies)
		}
	}
	return response, err
}

// last: http.Client would give another origin's cookies to the first URL's.
func (w *walker) last(first *http.Request, response *http.Response) *http.Response {
	if response != nil && response.Request != nil && !origin.Same(first.URL.String(), response.Request.URL.String(), nil) {
		response.Header.Del("Set-Cookie")
	}
	return response
}

// isRedirect: 304 answers a condition and leads nowhere (RFC 9110 §15.4.5); caches need it, also during an outage.
func isRedirect(status int) bool {
	return 300 <= status && status <= 399 && status != http.StatusNotModified
}

// Of a response, Follow reads these. Set-Cookie is not among them: the jar keeps the cookies, so their values stay here.
var readFields = []string{"Location", "Referrer-Policy", "Retry-After"}

func (w *walker) question(request *http.Request, response *http.Response, chain *fingerpostv1.Chain) *fingerpostv1.FollowRequest {
	asked := &fingerpostv1.HttpRequest{Method: methodOf(request), Url: request.URL.String(), Body: bodyOf(request)}
	for _, field := range fieldsOf(request) {
		asked.Headers = append(asked.Headers, lineOf(field.name, field.value))
	}
	came := &fingerpostv1.HttpResponse{Status: int32(response.StatusCode)}
	for _, name := range readFields {
		for _, value := range response.Header[name] {
			came.Headers = append(came.Headers, lineOf(name, value))
		}
	}
	return &fingerpostv1.FollowRequest{Request: asked, Response: came, Chain: chain, Options: w.message}
}

func methodOf(request *http.Request) string {
	if request.Method == "" {
		return http.MethodGet
	}
	return request.Method
}

func bodyOf(request *http.Request) fingerpostv1.Body {
	switch {
	case request.Body == nil || request.Body == http.NoBody:
		return fingerpostv1.Body_BODY_NONE
	case request.GetBody != nil:
		return fingerpostv1.Body_BODY_REPLAYABLE
	default:
		return fingerpostv1.Body_BODY_ONE_SHOT
	}
}

type field struct{ name, value string }

// fieldsOf gives a request's field lines in one order; Host only where it is not the URL's.
func fieldsOf(request *http.Request) []field {
	var fields []field
	if request.Host != "" && request.Host != request.URL.Host {
		fields = append(fields, field{"Host", request.Host})
	}
	for _, name := range slices.Sorted(maps.Keys(request.Header)) {
		for _, value := range request.Header[name] {
			fields = append(fields, field{name, value})
		}
	}
	return fields
}

// next makes the request that follows: the old fields with the hop's changes. Secrets stay on their origin, whatever the hop says.
func (w *walker) next(request *http.Request, hop *Hop) (*http.Request, error) {
	target, err := url.Parse(hop.Next.GetUrl())
	if err != nil {
		return nil, err
	}
	// Parse reads more than Follow writes; what is sent is what was decided.
	if target.Host == "" || !origin.Same(hop.Next.GetUrl(), target.String(), nil) {
		return nil, fmt.Errorf("%q is read differently", hop.Next.GetUrl())
	}
	made := request.Clone(request.Context())
	made.Method, made.URL, made.Host, made.Header, made.Response = hop.Next.GetMethod(), target, "", http.Header{}, nil
	secret := secretNames(w.options.SecretFields)
	stays := origin.Same(request.URL.String(), hop.Next.GetUrl(), w.options.TrustedOrigins)
	kept := fieldsOf(request)
	for i, one := range kept {
		if !stays && secret[strings.ToLower(one.name)] {
			kept[i].name = ""
		}
	}
	for _, one := range changedFields(kept, hop) {
		if strings.EqualFold(one.name, "Host") {
			made.Host = one.value
		} else if one.name != "" {
			made.Header[one.name] = append(made.Header[one.name], one.value)
		}
	}
	return made, w.giveBody(made, request, hop)
}

// changedFields applies a hop's changes. A field without a name is dropped; one without content is withheld, and keeps its value.
func changedFields(kept []field, hop *Hop) []field {
	var added []field
	for _, change := range hop.Changes {
		index, line := int(change.GetIndex()), change.GetField()
		switch change.GetKind() {
		case fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_DROPPED:
			kept[index].name = ""
		case fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_REWRITTEN:
			if line.GetContent() != nil {
				kept[index] = field{http.CanonicalHeaderKey(line.GetName()), valueOf(line)}
			}
		case fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_ADDED:
			if line.GetContent() != nil {
				added = append(added, field{http.CanonicalHeaderKey(line.GetName()), valueOf(line)})
			}
		}
	}
	return append(kept, added...)
}

// giveBody rewinds the content, unless it is not sent again.
func (w *walker) giveBody(made, request *http.Request, hop *Hop) error {
	dropped := slices.ContainsFunc(hop.Changes, func(change *fingerpostv1.Change) bool {
		return change.GetKind() == fingerpostv1.ChangeKind_CHANGE_KIND_BODY_DROPPED
	})
	if dropped || bodyOf(request) == fingerpostv1.Body_BODY_NONE {
		made.Body, made.GetBody, made.ContentLength, made.TransferEncoding = nil, nil, 0, nil
		return nil
	}
	if request.GetBody == nil {
		return errors.New("its content cannot be sent again")
	}
	var err error
	made.Body, err = request.GetBody()
	return err
}

// discard reads the content of a redirect if it is short, so that the connection can be used again.
func discard(response *http.Response) {
	_, _ = io.CopyN(io.Discard, response.Body, mostDiscarded)
	_ = response.Body.Close()
	response.Body = http.NoBody
}

var _ http.RoundTripper = (*walker)(nil)
