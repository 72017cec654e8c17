package tests

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerposttest"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/engine"
)

func serve(handler http.Handler, request *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

func TestWhatAVisitorSeesOfAFailure(t *testing.T) {
	fake := fingerposttest.New(t, "", fingerpost.FailClosed())
	asking := func(wish fingerpost.Wish, modifiers ...fingerpost.Modifier) (*httptest.ResponseRecorder, error) {
		var failed error
		answer := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { failed = fake.Redirect(w, r, wish, modifiers...) }),
			httptest.NewRequest("POST", "https://shop.example.com/", nil))
		return answer, failed
	}
	answer, err := asking(fingerpost.FormResult("//evil.example"))
	if answer.Code != 400 || !errors.Is(err, fingerpost.ErrNotSent) || strings.Contains(answer.Body.String(), "evil") {
		t.Fatal(answer, err)
	}
	if answer, err = asking(fingerpost.FormResult("/\xff")); answer.Code != 400 || !errors.Is(err, fingerpost.ErrInvalid) {
		t.Fatal(answer, err)
	}
	if answer, err = asking(fingerpost.PermanentMove("/x"), fingerpost.Flash("no")); answer.Code != 500 || !errors.Is(err, fingerpost.ErrNotSent) {
		t.Fatal(answer, err)
	}
	if answer, err = asking(fingerpost.Named("nobody")); answer.Code != 500 || !errors.Is(err, fingerpost.ErrUnknownIntent) {
		t.Fatal(answer, err)
	}
	if answer, err = asking(fingerpost.Named("nobody"), fingerpost.Flash("lost")); answer.Code != 500 || !errors.Is(err, fingerpost.ErrInvalid) {
		t.Fatal(answer, err)
	}
	fake.Fail(&fingerpost.Error{Code: "UNAVAILABLE", Message: "down"})
	if answer, err = asking(fingerpost.FormResult("/x")); answer.Code != 503 || answer.Header().Get("Retry-After") != "5" || !errors.Is(err, fingerpost.ErrNoAnswer) {
		t.Fatal(answer, err)
	}
	through := fake.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it fails closed") }))
	if answer = serve(through, httptest.NewRequest("GET", "https://shop.example.com/", nil)); answer.Code != 503 {
		t.Fatal(answer)
	}
	fake.Fail(nil)
	if answer, err = asking(fingerpost.FormResult("/x")); answer.Code != 303 || err != nil {
		t.Fatal(answer, err)
	}
}

const paged = `
rules:
  - {id: a, match: {path: /page, fields: [{name: X-Route, equals: blue}]}, intent: {purpose: temporary_move, target: /blue}}
  - {id: gone, match: {path: /gone}, intent: {purpose: gone}}
`

func TestWhatTheMiddlewareAsksAndAdds(t *testing.T) {
	fake := fingerposttest.New(t, paged, fingerpost.WithFields("x-route"), fingerpost.WithExempt("/healthz"))
	through := fake.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Language")
		http.Error(w, "no page", http.StatusNotFound)
	}))
	ask := func(method, url string, fields ...string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(method, url, nil)
		for i := 0; i < len(fields); i += 2 {
			request.Header.Add(fields[i], fields[i+1])
		}
		return serve(through, request)
	}
	if answer := ask("GET", "https://a.test/page"); answer.Code != 404 || answer.Header().Get("Vary") != "Accept-Language, X-Route" {
		t.Fatal(answer.Code, answer.Header())
	}
	if answer := ask("GET", "https://a.test/page", "X-Route", "blue"); answer.Code != 307 || answer.Header().Get("Location") != "/blue" {
		t.Fatal(answer.Code, answer.Header())
	}
	if answer := ask("GET", "https://a.test/gone"); answer.Code != 410 {
		t.Fatal(answer.Code)
	}
	before := len(fake.Decides())
	for _, unasked := range [][2]string{{"CONNECT", "https://a.test/gone"}, {"TRACE", "https://a.test/gone"}, {"GET", "https://a.test/healthz/live"}} {
		if answer := ask(unasked[0], unasked[1]); answer.Code != 404 {
			t.Fatal(unasked, answer.Code)
		}
	}
	ask("OPTIONS", "https://a.test/gone", "Access-Control-Request-Method", "GET")
	if after := len(fake.Decides()); after != before {
		t.Fatal(after, before)
	}
	ask("GET", "https://a.test/healthz/../gone", "Cookie", "s3cret=1", "Authorization", "s3cret", "Accept", "text/html", "X-Forwarded-Proto", "http")
	asked := fake.Decides()[before]
	octets, _ := proto.Marshal(asked)
	if strings.Contains(string(octets), "s3cret") || len(asked.GetRequest().GetHeaders()) != 1 || !strings.HasPrefix(asked.GetRequest().GetUrl(), "https://a.test/") {
		t.Fatal(asked)
	}
}

// tests/clients/paths.json: the path is asked as it was sent, over a real connection.
func TestThePathIsAskedAsItWasSent(t *testing.T) {
	var paths struct {
		Policy json.RawMessage
		Pages  string `json:"pages.csv"`
		Paths  [][2]*string
	}
	octets, err := os.ReadFile(repository(t, "tests", "clients", "paths.json"))
	if err == nil {
		err = json.Unmarshal(octets, &paths)
	}
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	policy := filepath.Join(folder, "policy.json")
	_ = os.WriteFile(filepath.Join(folder, "pages.csv"), []byte(paths.Pages), 0o600)
	_ = os.WriteFile(policy, paths.Policy, 0o600)
	asking := ready(t, client(t, startService(t, "--policy", policy).address))
	shop := httptest.NewServer(asking.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	defer shop.Close()
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, one := range paths.Paths {
		request, err := http.NewRequest("GET", shop.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.URL.Opaque = *one[0]
		answer, err := plain.Do(request)
		if err != nil {
			t.Fatal(*one[0], err)
		}
		answer.Body.Close()
		want := ""
		if one[1] != nil {
			want = *one[1]
		}
		if got, _, _ := strings.Cut(answer.Header.Get("Location"), "?"); got != want {
			t.Errorf("%s: expected %q, got %q", *one[0], want, got)
		}
	}
}

func TestTheURLIsTheEffectiveOne(t *testing.T) {
	plain := httptest.NewRequest("GET", "/a%2Fb?q", nil)
	plain.Host = "a.test"
	if url := fingerpost.URL(plain); url != "http://a.test/a%2Fb?q" {
		t.Fatal(url)
	}
	plain.URL.Scheme = "https" // As a handler that trusts its proxy says.
	if url := fingerpost.URL(plain); url != "https://a.test/a%2Fb?q" {
		t.Fatal(url)
	}
	absolute := httptest.NewRequest("GET", "https://evil.test/x", nil) // A visitor's words.
	absolute.TLS, absolute.Host = nil, "a.test"
	if url := fingerpost.URL(absolute); url != "http://a.test/x" {
		t.Fatal(url)
	}
}

// Instances of the module are one goroutine's: many ask at once, faults in between, and every answer is counted.
func TestManyAskAtOnce(t *testing.T) {
	opener, err := engine.Load("")
	if err != nil {
		t.Fatal(err)
	}
	policy, err := opener.OpenText(paged)
	if err != nil {
		t.Fatal(err)
	}
	question, _ := proto.Marshal(form())
	octets, _ := proto.Marshal(&fingerpostv1.DecideRequest{Draw: proto.Uint32(1)})
	const workers, each = 16, 200
	var hits uint64
	count := func() {
		for _, report := range policy.TakeUsage() {
			usage := &fingerpostv1.ReportUsageRequest{}
			if err := proto.Unmarshal(report, usage); err != nil {
				t.Error(err)
			}
			for _, one := range usage.GetDecisions() {
				hits += one.GetHits()
			}
		}
	}
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for range each {
				if _, err := policy.Decide(append(append([]byte{}, question...), octets...)); err != nil {
					t.Error(err)
				}
			}
			if _, err := opener.OpenText("rules: ["); err == nil || !strings.Contains(err.Error(), "INVALID_ARGUMENT") {
				t.Error(err)
			}
		})
	}
	working.Wait()
	count()
	if hits != workers*each {
		t.Fatalf("%d answers, %d counted", workers*each, hits)
	}
	if _, err := policy.Decide([]byte{0xff}); err == nil {
		t.Fatal("no message")
	}
}

func TestAFakeRemembers(t *testing.T) {
	fake := fingerposttest.New(t, paged)
	if decision, err := fake.Decide(context.Background(), get("https://a.test/gone")); err != nil || decision.Status != 410 || decision.Rule != "gone" {
		t.Fatal(decision, err)
	}
	if _, err := fake.Follow(context.Background(), secretive()); err != nil || len(fake.Decides()) != 1 || len(fake.Follows()) != 1 {
		t.Fatal(err)
	}
	if err := fake.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAProgramsOwnErrorPage(t *testing.T) {
	fake := fingerposttest.New(t, "", fingerpost.WithErrorPage(func(w http.ResponseWriter, _ *http.Request, status int, err error) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte("our own"))
	}))
	answer := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = fake.Redirect(w, r, fingerpost.FormResult("//evil.example"))
	}), httptest.NewRequest("POST", "https://shop.example.com/", nil))
	if answer.Code != 400 || answer.Body.String() != "our own" {
		t.Fatal(answer)
	}
}

func TestTheVersionIsTheServices(t *testing.T) {
	octets, err := os.ReadFile(repository(t, "CMakeLists.txt"))
	if err != nil || !strings.Contains(string(octets), "project(fingerpost VERSION "+fingerpost.Version+" ") {
		t.Fatal(fingerpost.Version, err)
	}
}

func TestAWholeStopOfTheServiceChangesNothing(t *testing.T) {
	running := startService(t)
	asking := ready(t, client(t, running.address))
	first, err := asking.Decide(context.Background(), form())
	if err != nil || first.Source != fingerpost.SourceEngine {
		t.Fatal(first, err)
	}
	running.stop()
	eventually(t, "STALE", func() bool { return asking.Policy().State == fingerpost.PolicyStale })
	second, err := asking.Decide(context.Background(), form())
	if err != nil || second.Source != fingerpost.SourceEngine || second.PolicyVersion != first.PolicyVersion || second.Location() != first.Location() {
		t.Fatal(second, err)
	}
}
