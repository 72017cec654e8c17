package tests

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

func remote(t testing.TB, address string, options ...fingerpost.Option) *fingerpost.Client {
	return client(t, address, append([]fingerpost.Option{fingerpost.WithEngine(fingerpost.Remote)}, options...)...)
}

func named() *fingerpostv1.DecideRequest {
	question := get("https://a.test/")
	question.Wish = &fingerpostv1.DecideRequest_IntentName{IntentName: "order"}
	return question
}

func TestWhatACallerGetsWhenNobodyAnswers(t *testing.T) {
	var heard []error
	asking := remote(t, closedPort(t), fingerpost.OnFallback(func(err error) { heard = append(heard, err) }))
	decision, err := asking.Decide(context.Background(), form())
	if err != nil || decision.Status != 303 || decision.Location() != "/orders/1" || decision.Source != fingerpost.SourceFallback || decision.PolicyVersion != "" {
		t.Fatal(decision, err)
	}
	for _, question := range []*fingerpostv1.DecideRequest{named(), get("https://a.test/old")} {
		decision, err = asking.Decide(context.Background(), question)
		if err != nil || decision.Outcome != fingerpost.Pass || decision.Source != fingerpost.SourceFallback || !errors.Is(decision.Err, fingerpost.ErrNoAnswer) {
			t.Fatal(decision, err)
		}
	}
	hop, err := asking.Follow(context.Background(), moved("/b"))
	if err != nil || hop.Next.GetUrl() != "https://a.test/b" || hop.Source != fingerpost.SourceFallback {
		t.Fatal(hop, err)
	}
	unsafe := form()
	unsafe.GetIntent().Target = "https://elsewhere.test/"
	if _, err = asking.Decide(context.Background(), unsafe); code(err) != "UNAVAILABLE" || !errors.Is(err, fingerpost.ErrNoAnswer) {
		t.Fatal(err)
	}
	wrong := form()
	wrong.GetIntent().Target = "/{"
	wrong.GetIntent().PinnedStatus = 999
	if _, err = asking.Decide(context.Background(), wrong); !errors.Is(err, fingerpost.ErrInvalid) {
		t.Fatal(err)
	}
	if len(heard) != 4 {
		t.Fatal(heard)
	}
	closed := remote(t, closedPort(t), fingerpost.FailClosed())
	if _, err = closed.Decide(context.Background(), form()); code(err) != "UNAVAILABLE" {
		t.Fatal(err)
	}
	if _, err = closed.Follow(context.Background(), moved("/b")); code(err) != "UNAVAILABLE" {
		t.Fatal(err)
	}
}

func TestAnAnswerThatTheQuestionIsWrongIsAlwaysTheError(t *testing.T) {
	refused, _ := status.New(codes.InvalidArgument, "no").WithDetails(
		&errdetails.ErrorInfo{Reason: "INVALID_FIELDS", Domain: "fingerpost"},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "intent.target", Description: "expected better"}}},
	)
	asking := remote(t, tell(t, refused.Err(), codes.NotFound, codes.PermissionDenied).address)
	_, err := asking.Decide(context.Background(), form())
	var known *fingerpost.Error
	if !errors.As(err, &known) || known.Reason != "INVALID_FIELDS" || len(known.Violations) != 1 || known.Violations[0].Field != "intent.target" {
		t.Fatal(err)
	}
	for _, want := range []string{"NOT_FOUND", "PERMISSION_DENIED"} {
		if _, err := asking.Decide(context.Background(), form()); code(err) != want || errors.Is(err, fingerpost.ErrNoAnswer) {
			t.Fatal(err)
		}
	}
}

func TestTheBreakerOpensAfterFiveAndLetsOneThrough(t *testing.T) {
	seen := tell(t, codes.Internal)
	asking := remote(t, seen.address)
	for range 9 {
		_, _ = asking.Decide(context.Background(), form())
	}
	if seen.calls() != 5 {
		t.Fatal(seen.calls())
	}
	decision, err := asking.Decide(context.Background(), form())
	if err != nil || code(decision.Err) != "BREAKER_OPEN" || decision.Location() != "/orders/1" {
		t.Fatal(decision, err)
	}
	seen.mutex.Lock()
	seen.answers = []any{answer(func(*fingerpostv1.DecideResponse) {})}
	seen.mutex.Unlock()
	eventually(t, "the breaker closes", func() bool {
		decision, err = asking.Decide(context.Background(), form())
		return err == nil && decision.Source == fingerpost.SourceService
	})
	if seen.calls() > 7 {
		t.Fatal(seen.calls())
	}
}

func TestWhatDoesNotCountForTheBreaker(t *testing.T) {
	seen := tell(t, codes.InvalidArgument)
	asking := remote(t, seen.address)
	for range 9 {
		_, _ = asking.Decide(context.Background(), form())
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for range 9 {
		if _, err := asking.Decide(gone, form()); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if _, _ = asking.Decide(context.Background(), form()); seen.calls() != 10 {
		t.Fatal(seen.calls())
	}
}

func TestThereIsAlwaysADeadline(t *testing.T) {
	seen := tell(t, codes.Unavailable)
	asking, err := fingerpost.New(seen.address, fingerpost.Plaintext(), fingerpost.WithEngine(fingerpost.Remote))
	if err != nil {
		t.Fatal(err)
	}
	defer asking.Close()
	within := func(most time.Duration) {
		t.Helper()
		seen.mutex.Lock()
		defer seen.mutex.Unlock()
		if seen.lasting <= 0 || seen.lasting > most {
			t.Fatal(seen.lasting)
		}
	}
	_, _ = asking.Decide(context.Background(), form())
	within(fingerpost.DecideTimeout)
	_, _ = asking.Follow(context.Background(), moved("/b"))
	within(fingerpost.FollowTimeout)
	_, _ = asking.Decide(context.Background(), form(), fingerpost.Timeout(20*time.Millisecond))
	within(20 * time.Millisecond)
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, _ = asking.Decide(short, form(), fingerpost.Timeout(time.Hour))
	within(10 * time.Millisecond)

	slow := tell(t, answer(func(*fingerpostv1.DecideResponse) {}))
	slow.slow = time.Minute
	decision, err := remote(t, slow.address, fingerpost.WithTimeout(30*time.Millisecond)).Decide(context.Background(), form())
	if err != nil || code(decision.Err) != "DEADLINE_EXCEEDED" || !errors.Is(decision.Err, context.DeadlineExceeded) {
		t.Fatal(decision, err)
	}
}

func TestOneRetryThatTheServerSees(t *testing.T) {
	seen := tell(t, codes.Unavailable, answer(func(*fingerpostv1.DecideResponse) {}))
	decision, err := remote(t, seen.address).Decide(context.Background(), form())
	if err != nil || decision.Source != fingerpost.SourceService || seen.calls() != 2 {
		t.Fatal(decision, err, seen.calls())
	}
	seen = tell(t, codes.Unavailable)
	if _, _ = remote(t, seen.address).Decide(context.Background(), form()); seen.calls() != 2 {
		t.Fatal(seen.calls())
	}
}

func TestAClosedClient(t *testing.T) {
	asking := remote(t, closedPort(t))
	for range 2 { // A second time is no error.
		if err := asking.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := asking.Decide(context.Background(), form()); !errors.Is(err, fingerpost.ErrClosed) {
		t.Fatal(err)
	}
	if err := asking.Ready(context.Background()); !errors.Is(err, fingerpost.ErrClosed) {
		t.Fatal(err)
	}
}

func TestWhatNewRefuses(t *testing.T) {
	for name, make := range map[string]func() (*fingerpost.Client, error){
		"no transport": func() (*fingerpost.Client, error) { return fingerpost.New("a:1", fingerpost.Transport{}) },
		"an engine": func() (*fingerpost.Client, error) {
			return fingerpost.New("a:1", fingerpost.Plaintext(), fingerpost.WithEngine("x"))
		},
		"a timeout": func() (*fingerpost.Client, error) {
			return fingerpost.New("a:1", fingerpost.Plaintext(), fingerpost.WithTimeout(0))
		},
		"a path": func() (*fingerpost.Client, error) {
			return fingerpost.New("a:1", fingerpost.Plaintext(), fingerpost.WithExempt("x"))
		},
		"no engine": func() (*fingerpost.Client, error) {
			return fingerpost.New("a:1", fingerpost.Plaintext(), fingerpost.WithEngine(fingerpost.Local), fingerpost.WithEngineFile("/nowhere"))
		},
	} {
		if made, err := make(); err == nil || made != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := fingerpost.New("a:1", fingerpost.Plaintext(), fingerpost.WithEngine(fingerpost.Local), fingerpost.WithEngineFile("/nowhere"))
	if !errors.Is(err, fingerpost.ErrNoEngine) {
		t.Fatal(err)
	}
}
