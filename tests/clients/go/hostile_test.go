package tests

import (
	"context"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

func answer(change func(*fingerpostv1.DecideResponse)) *fingerpostv1.DecideResponse {
	made := &fingerpostv1.DecideResponse{Outcome: fingerpostv1.Outcome_OUTCOME_REDIRECT, Status: 303, Headers: lines("Location", "/x")}
	change(made)
	return made
}

func headers(pairs ...string) func(*fingerpostv1.DecideResponse) {
	return func(a *fingerpostv1.DecideResponse) { a.Headers = lines(pairs...) }
}

var hostileAnswers = map[string]func(*fingerpostv1.DecideResponse){
	"a value that splits":          headers("Location", "/x\r\nSet-Cookie: a=b"),
	"a NUL":                        headers("Location", "/x\x00"),
	"a name with a space":          headers("Loca tion", "/x"),
	"a name that splits":           headers("Location", "/x", "X:\r\nY", "z"),
	"two Locations":                headers("Location", "/x", "location", "/y"),
	"no Location":                  headers(),
	"an empty Location":            headers("Location", ""),
	"a Location without a value":   func(a *fingerpostv1.DecideResponse) { a.Headers = []*fingerpostv1.Header{{Name: "Location"}} },
	"a target that splits":         func(a *fingerpostv1.DecideResponse) { a.Target = "/x\r\ny" },
	"a clear_cookie that splits":   func(a *fingerpostv1.DecideResponse) { a.ClearCookie = "flash=\r\nX: y" },
	"a redirect with 200":          func(a *fingerpostv1.DecideResponse) { a.Status = 200 },
	"a redirect without a status":  func(a *fingerpostv1.DecideResponse) { a.Status = 0 },
	"RESPOND with 303":             func(a *fingerpostv1.DecideResponse) { a.Outcome = fingerpostv1.Outcome_OUTCOME_RESPOND },
	"RESPOND with 99":              func(a *fingerpostv1.DecideResponse) { a.Outcome, a.Status = fingerpostv1.Outcome_OUTCOME_RESPOND, 99 },
	"PASS with a status":           func(a *fingerpostv1.DecideResponse) { a.Outcome = fingerpostv1.Outcome_OUTCOME_PASS },
	"PASS with a Location":         func(a *fingerpostv1.DecideResponse) { a.Outcome, a.Status = fingerpostv1.Outcome_OUTCOME_PASS, 0 },
	"an unknown one with a status": func(a *fingerpostv1.DecideResponse) { a.Outcome = 99 },
	"PASS with a cookie that splits": func(a *fingerpostv1.DecideResponse) {
		a.Outcome, a.Status, a.Headers = fingerpostv1.Outcome_OUTCOME_PASS, 0, lines("Set-Cookie", "a=b\r\nX: y")
	},
}

func TestWhatAHostileServiceSaysIsNeverWritten(t *testing.T) {
	for name, change := range hostileAnswers {
		t.Run(name, func(t *testing.T) {
			asking := client(t, tell(t, answer(change)).address, fingerpost.WithEngine(fingerpost.Remote))
			decision, err := asking.Decide(context.Background(), form())
			if err != nil || decision.Source != fingerpost.SourceFallback || code(decision.Err) != "MALFORMED" {
				t.Fatal(decision, err)
			}
			if decision.Location() != "/orders/1" || decision.Header.Get("Cache-Control") != "no-store" {
				t.Fatal(decision.Header)
			}
			elsewhere := form()
			elsewhere.GetIntent().Target = "https://elsewhere.test/" // A policy could allow it.
			if _, err := asking.Decide(context.Background(), elsewhere); code(err) != "MALFORMED" {
				t.Fatal(err)
			}
		})
	}
}

func TestAnOutcomeFromTheFutureIsPass(t *testing.T) {
	future := answer(func(a *fingerpostv1.DecideResponse) { a.Outcome, a.Status, a.Headers = 99, 0, lines("Vary", "Accept") })
	decision, err := client(t, tell(t, future).address, fingerpost.WithEngine(fingerpost.Remote)).Decide(context.Background(), form())
	if err != nil || decision.Outcome != fingerpost.Pass || decision.Source != fingerpost.SourceService || decision.Header.Get("Vary") != "Accept" {
		t.Fatal(decision, err)
	}
}

func code(err error) string {
	var known *fingerpost.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

func next(method, url string, changes ...*fingerpostv1.Change) *fingerpostv1.FollowResponse {
	return &fingerpostv1.FollowResponse{
		Result:  &fingerpostv1.FollowResponse_Next{Next: &fingerpostv1.HttpRequest{Method: method, Url: url}},
		Changes: changes,
	}
}

func TestANextRequestThatMustNotBeMadeIsNotMade(t *testing.T) {
	added := fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_ADDED
	withField := next("GET", "https://a.test/")
	withField.GetNext().Headers = lines("X", "a\nb")
	for name, hostile := range map[string]*fingerpostv1.FollowResponse{
		"a URL that splits":    next("GET", "https://a.test/\r\nX: y"),
		"a file":               next("GET", "file:///etc/passwd"),
		"no host":              next("GET", "https://"),
		"a method":             next("GE T", "https://a.test/"),
		"a field that splits":  withField,
		"a change that splits": next("GET", "https://a.test/", &fingerpostv1.Change{Kind: added, Field: lines("X", "a\r\nY: b")[0]}),
		"a change of nothing": next("GET", "https://a.test/",
			&fingerpostv1.Change{Kind: fingerpostv1.ChangeKind_CHANGE_KIND_FIELD_DROPPED, Index: 7}),
	} {
		t.Run(name, func(t *testing.T) {
			asking := client(t, tell(t, hostile).address, fingerpost.WithEngine(fingerpost.Remote))
			question := moved("/b")
			question.Request.Headers = lines("X", "x")
			hop, err := asking.Follow(context.Background(), question)
			if err != nil || hop.Source != fingerpost.SourceFallback || code(hop.Err) != "MALFORMED" {
				t.Fatal(hop, err)
			}
			if hop.Next.GetUrl() != "https://a.test/b" || len(hop.Next.GetHeaders()) != 1 || hop.Next.GetHeaders()[0].GetValue() != "x" {
				t.Fatal(hop.Next)
			}
		})
	}
}

func secretive() *fingerpostv1.FollowRequest {
	question := moved("/b")
	question.Request.Url = "https://me:s3cret-0@a.test/"
	question.Request.Headers = lines("Authorization", "s3cret-1", "X-Plain", "p", "cookie", "s3cret-2", "X-Api-Key", "s3cret-3", "Proxy-Authorization", "s3cret-4")
	question.Options = &fingerpostv1.FollowOptions{SecretFields: []string{"x-api-key"}}
	return question
}

// Whoever answers, secrets come back on their origin and go nowhere else; the service never sees one.
func TestFollowSendsNoSecretAndPutsThemBack(t *testing.T) {
	seen := tell(t, next("GET", "https://a.test/b"))
	_, _ = client(t, seen.address, fingerpost.WithEngine(fingerpost.Remote)).Follow(context.Background(), secretive())
	octets, _ := proto.Marshal(seen.asked[0])
	if len(seen.asked[0].(*fingerpostv1.FollowRequest).GetRequest().GetHeaders()) != 5 || strings.Contains(string(octets), "s3cret") {
		t.Fatalf("%q", octets)
	}
	for _, engine := range []fingerpost.Engine{fingerpost.Remote, fingerpost.Local} {
		asking := client(t, commonService(t).address, fingerpost.WithEngine(engine), fingerpost.FailClosed())
		hop, err := asking.Follow(context.Background(), secretive())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, line := range hop.Next.GetHeaders() {
			got[line.GetName()] = line.GetValue()
		}
		if len(got) != 4 || got["Authorization"] != "s3cret-1" || got["cookie"] != "s3cret-2" || got["X-Api-Key"] != "s3cret-3" || got["X-Plain"] != "p" {
			t.Fatal(got)
		}
		crossing := secretive()
		crossing.Response.Headers = lines("Location", "https://b.test/")
		hop, err = asking.Follow(context.Background(), crossing)
		if err != nil || len(hop.Next.GetHeaders()) != 1 || hop.Next.GetHeaders()[0].GetName() != "X-Plain" {
			t.Fatal(hop, err)
		}
	}
}

func TestASecretThatAnAnswerWouldTakeElsewhereStays(t *testing.T) {
	taking := next("GET", "https://evil.test/")
	taking.GetNext().Headers = []*fingerpostv1.Header{{Name: "Authorization"}}
	hop, err := client(t, tell(t, taking).address, fingerpost.WithEngine(fingerpost.Remote)).Follow(context.Background(), secretive())
	if err != nil || code(hop.Err) != "MALFORMED" || hop.Next.GetUrl() != "https://a.test/b" {
		t.Fatal(hop, err)
	}
}

func TestTextThatIsNotUnicodeIsAQuestionThatCannotBeSent(t *testing.T) {
	seen := tell(t)
	asking := client(t, seen.address, fingerpost.WithEngine(fingerpost.Remote))
	question := form()
	question.GetIntent().Target = "/\xff"
	question.Parameters = map[string]string{"id": "\xfe"}
	_, err := asking.Decide(context.Background(), question)
	var known *fingerpost.Error
	if !errors.Is(err, fingerpost.ErrInvalid) || !errors.As(err, &known) || len(known.Violations) != 2 || seen.calls() != 0 {
		t.Fatal(err, seen.calls())
	}
	fields := known.Violations[0].Field + " " + known.Violations[1].Field
	if !strings.Contains(fields, "intent.target") || !strings.Contains(fields, "parameters.id") {
		t.Fatal(fields)
	}
}
