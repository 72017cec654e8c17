package fingerpost

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// Outcome says what to do (decide.proto).
type Outcome int

// The outcomes. One that this package does not know, from a newer service, is Pass.
const (
	Redirect Outcome = iota + 1
	Respond
	Forward
	Pass
	Refuse
)

func (o Outcome) String() string {
	return strings.TrimPrefix(fingerpostv1.Outcome(o).String(), "OUTCOME_")
}

// Source says who gave an answer.
type Source string

const (
	// SourceService: the service.
	SourceService Source = "SERVICE"
	// SourceEngine: the engine in this process, by the service's policy; for Follow, by the same rules.
	SourceEngine Source = "ENGINE"
	// SourceFallback: nobody who knows the policy, because the service does not answer.
	SourceFallback Source = "FALLBACK"
)

// Decision is an answer to Decide. If MustSend, write Status, Header and Body unchanged.
type Decision struct {
	Outcome Outcome
	Status  int
	// Header has at most Vary, Cache-Control and Set-Cookie if the answer is no response: they belong on the page (RFC 9110 §12.5.5).
	Header http.Header
	Body   string
	Target string
	// Reason is the code: "FORM_RESULT".
	Reason        string
	Message       string
	Citations     []string
	Warnings      []string
	ClearCookie   string
	Rule          string
	PolicyVersion string
	Source        Source
	// Err says why the service did not answer, with SourceFallback.
	Err error
	// Raw is the message.
	Raw *fingerpostv1.DecideResponse
}

// MustSend says whether Status, Header and Body are the response.
func (d *Decision) MustSend() bool { return d.Outcome == Redirect || d.Outcome == Respond }

// Location is the field's value, or "".
func (d *Decision) Location() string { return d.Header.Get("Location") }

// Hop is an answer to Follow.
type Hop struct {
	// Next is the request to send. nil: Stop says why there is none.
	Next *fingerpostv1.HttpRequest
	// Stop is the reason: "FINAL_RESPONSE", "LOOP", or "SERVICE_UNAVAILABLE" where nobody could answer.
	Stop    string
	Message string
	// Failed says, on a stop, that the chain ended in an error rather than with a response that is the result.
	Failed  bool
	Changes []*fingerpostv1.Change
	Chain   *fingerpostv1.Chain
	// Wait is how long the response asks to wait (Retry-After).
	Wait   time.Duration
	Source Source
	Err    error
	Raw    *fingerpostv1.FollowResponse
}

// The fields that an answer may add to the page when it is not itself a response.
var ofAPage = []string{"vary", "cache-control", "set-cookie"}

func isToken(text string) bool {
	for _, c := range []byte(text) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return text != ""
}

func hasControl(text string) bool {
	for _, c := range []byte(text) {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// valueOf is a line's octets; "" when the value is withheld.
func valueOf(line *fingerpostv1.Header) string {
	if raw := line.GetRawValue(); len(raw) > 0 {
		return string(raw)
	}
	return line.GetValue()
}

// checkLine refuses a field that could split a response.
func checkLine(line *fingerpostv1.Header) error {
	if !isToken(line.GetName()) {
		return malformed("a field name is not a token")
	}
	if hasControl(valueOf(line)) {
		return malformed("the value of " + line.GetName() + " has a control character")
	}
	return nil
}

// decisionOf checks an answer (client/README.md, 5) and types it.
func decisionOf(answer *fingerpostv1.DecideResponse, source Source) (*Decision, error) {
	outcome := Outcome(answer.GetOutcome())
	_, known := fingerpostv1.Outcome_name[int32(outcome)]
	if known = known && outcome != 0; !known {
		outcome = Pass
	}
	if err := checkAnswer(answer, outcome, known); err != nil {
		return nil, err
	}
	made := &Decision{
		Outcome: outcome, Status: int(answer.GetStatus()), Header: http.Header{}, Body: answer.GetBody(), Target: answer.GetTarget(),
		Message: answer.GetReason().GetMessage(), Citations: answer.GetReason().GetCitations(), ClearCookie: answer.GetClearCookie(),
		Rule: answer.GetRule(), PolicyVersion: answer.GetPolicyVersion(), Source: source, Raw: answer,
	}
	code := answer.GetReason().GetCode()
	if name, known := fingerpostv1.ReasonCode_name[int32(code)]; known && code != 0 {
		made.Reason = strings.TrimPrefix(name, "REASON_CODE_")
	}
	for _, line := range answer.GetHeaders() {
		made.Header.Add(line.GetName(), valueOf(line))
	}
	for _, warning := range answer.GetWarnings() {
		made.Warnings = append(made.Warnings, warning.GetMessage())
	}
	return made, nil
}

func checkAnswer(answer *fingerpostv1.DecideResponse, outcome Outcome, known bool) error {
	if hasControl(answer.GetTarget()) || hasControl(answer.GetClearCookie()) {
		return malformed("target or clear_cookie has a control character")
	}
	var locations []string
	foreign := false
	for _, line := range answer.GetHeaders() {
		name := strings.ToLower(line.GetName())
		foreign = foreign || !slices.Contains(ofAPage, name)
		if name == "location" {
			locations = append(locations, valueOf(line))
		}
	}
	status := answer.GetStatus()
	if outcome != Redirect && outcome != Respond {
		if status != 0 || foreign {
			if !known {
				return malformed("an unknown outcome")
			}
			return malformed(outcome.String() + " with a status or fields")
		}
	} else {
		redirect := 300 <= status && status <= 399
		if redirect != (outcome == Redirect) || status < 200 || status > 599 {
			return malformed(fmt.Sprintf("%s with status %d", outcome, status))
		}
		if redirect && status != 300 && len(locations) != 1 || len(locations) > 1 {
			return malformed(fmt.Sprintf("%d Location fields", len(locations)))
		}
		if slices.Contains(locations, "") {
			return malformed("an empty Location")
		}
	}
	for _, line := range answer.GetHeaders() {
		if err := checkLine(line); err != nil {
			return err
		}
	}
	return nil
}

// hopOf checks an answer and types it.
func hopOf(answer *fingerpostv1.FollowResponse, source Source) (*Hop, error) {
	made := &Hop{Changes: answer.GetChanges(), Chain: answer.GetChain(), Wait: answer.GetWait().AsDuration(), Source: source, Raw: answer}
	next := answer.GetNext()
	if next == nil {
		stop := answer.GetStop()
		made.Stop, made.Message, made.Failed = "UNKNOWN", stop.GetMessage(), stop == nil || stop.GetError()
		if name, known := fingerpostv1.StopReason_name[int32(stop.GetReason())]; known && stop.GetReason() != 0 {
			made.Stop = strings.TrimPrefix(name, "STOP_REASON_")
		}
		return made, nil
	}
	lines := slices.Clone(next.GetHeaders())
	for _, change := range answer.GetChanges() {
		if change.GetField() != nil {
			lines = append(lines, change.GetField())
		}
	}
	for _, line := range lines {
		if err := checkLine(line); err != nil {
			return nil, err
		}
	}
	if !isToken(next.GetMethod()) {
		return nil, malformed("the next method is not a token")
	}
	if !isURL(next.GetUrl()) {
		return nil, malformed("the next URL is not an http or https URL")
	}
	made.Next = next
	return made, nil
}

func isURL(text string) bool {
	rest, found := strings.CutPrefix(text, "https://")
	if !found {
		rest, found = strings.CutPrefix(text, "http://")
	}
	return found && rest != "" && !strings.ContainsFunc(rest, func(c rune) bool { return c <= ' ' || c == 0x7f })
}
