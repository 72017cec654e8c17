package fingerpost

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/origin"
)

// userinfo is everything before the last "@" of the authority, as a URL parser finds it (URL Standard, 4.4).
var userinfo = regexp.MustCompile(`^([^:/\\?#]*:[/\\]*)([^/\\?#]+)@`)

// secretNames has the fields that do not leave their origin, in lower case (RFC 9110 §11.6.2 and §11.7.2).
func secretNames(declared []string) map[string]bool {
	names := map[string]bool{"authorization": true, "proxy-authorization": true, "cookie": true}
	for _, name := range declared {
		names[strings.ToLower(name)] = true
	}
	return names
}

// withheld is question as it travels: the service learns that a secret is there, never its value (client/README.md, 6).
func withheld(question *fingerpostv1.FollowRequest) *fingerpostv1.FollowRequest {
	sent := proto.CloneOf(question)
	if sent.GetRequest() == nil {
		return sent
	}
	declared := question.GetOptions().GetSecretFields()
	secret := secretNames(declared)
	// The service needs Cookie's value only to join it with the cookies that it keeps.
	keeps := len(question.GetChain().GetCookies()) > 0 || slices.ContainsFunc(question.GetResponse().GetHeaders(), func(line *fingerpostv1.Header) bool {
		return strings.EqualFold(line.GetName(), "set-cookie")
	})
	if keeps && !slices.ContainsFunc(declared, func(name string) bool { return strings.EqualFold(name, "cookie") }) {
		delete(secret, "cookie")
	}
	sent.Request.Url = userinfo.ReplaceAllString(sent.GetRequest().GetUrl(), "${1}-@")
	for _, line := range sent.GetRequest().GetHeaders() {
		if secret[strings.ToLower(line.GetName())] {
			line.Content = nil
		}
	}
	return sent
}

// putBack gives the fields of answer's next request the values that they had, as its changes say, and an Authorization that a profile makes of the URL's
// userinfo its value, on the same origin. An answer that changes a field that does not exist, or takes a secret to another origin, is malformed.
func putBack(question *fingerpostv1.FollowRequest, answer *fingerpostv1.FollowResponse) error {
	url, next := question.GetRequest().GetUrl(), answer.GetNext()
	basic := ""
	if next != nil && origin.Same(url, next.GetUrl(), nil) {
		basic = basicOf(url)
	}
	gone, addsBasic, err := changed(question, answer, basic)
	if err != nil || next == nil {
		return err
	}
	kept := map[string][]*fingerpostv1.Header{}
	for index, line := range question.GetRequest().GetHeaders() {
		if !gone[uint32(index)] {
			name := strings.ToLower(line.GetName())
			kept[name] = append(kept[name], line)
		}
	}
	if err := mayTravel(question, next.GetUrl(), kept); err != nil {
		return err
	}
	for _, line := range next.GetHeaders() {
		name := strings.ToLower(line.GetName())
		if values := kept[name]; len(values) > 0 && line.Content == nil {
			line.Content, kept[name] = values[0].GetContent(), values[1:]
		} else if addsBasic && isWithheldBasic(line) {
			line.Content = &fingerpostv1.Header_Value{Value: basic}
		}
	}
	return nil
}

// changed says which fields of the question are gone.
func changed(question *fingerpostv1.FollowRequest, answer *fingerpostv1.FollowResponse, basic string) (gone map[uint32]bool, addsBasic bool, err error) {
	gone = map[uint32]bool{}
	for _, change := range answer.GetChanges() {
		switch change.GetKind() {
		case fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_ADDED:
			if basic != "" && isWithheldBasic(change.GetField()) {
				change.Field.Content = &fingerpostv1.Header_Value{Value: basic}
				addsBasic = true
			}
		case fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_DROPPED, fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_REWRITTEN:
			if int(change.GetIndex()) >= len(question.GetRequest().GetHeaders()) {
				return nil, false, malformed("a change of a field that does not exist")
			}
			if change.GetKind() == fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_DROPPED || change.GetField().GetContent() != nil {
				gone[change.GetIndex()] = true
			}
		}
	}
	return gone, addsBasic, nil
}

// mayTravel refuses an answer by our own rules that would take a secret to another origin. Who names another client's profile wants to learn what that
// client would do.
func mayTravel(question *fingerpostv1.FollowRequest, next string, kept map[string][]*fingerpostv1.Header) error {
	options := question.GetOptions()
	ours := options.GetProfile() == fingerpostv1.Profile_PROFILE_UNSPECIFIED || options.GetProfile() == fingerpostv1.Profile_PROFILE_STRICT
	if !ours || origin.Same(question.GetRequest().GetUrl(), next, options.GetTrustedOrigins()) {
		return nil
	}
	for name := range secretNames(options.GetSecretFields()) {
		if len(kept[name]) > 0 {
			return malformed(name + " would leave the origin")
		}
	}
	return nil
}

// isWithheldBasic: for userinfo that the service never saw, it adds a field without a value.
func isWithheldBasic(line *fingerpostv1.Header) bool {
	return line != nil && line.Content == nil && strings.EqualFold(line.GetName(), "authorization")
}

// basicOf gives the Basic credentials that a client makes of its URL's userinfo (RFC 7617), percent-decoded; "" without one.
func basicOf(url string) string {
	found := userinfo.FindStringSubmatch(url)
	if found == nil {
		return ""
	}
	user, password, _ := strings.Cut(found[2], ":")
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(percentDecoded(user)+":"+percentDecoded(password)))
}

// percentDecoded leaves what is no encoding as it is.
func percentDecoded(text string) string {
	octets := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if high, low := hexValue(text[i+1]), hexValue(text[i+2]); high >= 0 && low >= 0 {
				octets = append(octets, byte(high<<4|low))
				i += 2
				continue
			}
		}
		octets = append(octets, text[i])
	}
	return string(octets)
}

func hexValue(c byte) int {
	if 'A' <= c && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}
