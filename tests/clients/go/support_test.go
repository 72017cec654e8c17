package tests

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// patient is how long a call may take on a busy machine.
const patient = 20 * time.Second

// repository is three directories up: tests run in their own.
func repository(t testing.TB, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{"..", "..", ".."}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// service is a fingerpostd on a free port, unless told otherwise.
type service struct {
	address string
	process *exec.Cmd
}

func startService(t testing.TB, flags ...string) *service {
	t.Helper()
	bin := os.Getenv("FINGERPOST_BIN")
	if bin == "" {
		bin = repository(t, "build", "bin")
	}
	if !strings.Contains(strings.Join(flags, " "), "--listen ") {
		flags = append([]string{"--listen", "127.0.0.1:0"}, flags...)
	}
	made := &service{process: exec.Command(filepath.Join(bin, "fingerpostd"), flags...)}
	out, err := made.process.StdoutPipe()
	if err == nil {
		err = made.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	_, rest, found := strings.Cut(line, "listening on ")
	if !found {
		t.Fatalf("fingerpostd did not start: %q, %v", line, err)
	}
	made.address = strings.TrimRight(strings.Fields(rest)[0], ",;")
	return made
}

func (s *service) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

var common = struct {
	once    sync.Once
	service *service
}{}

// commonService is one for all tests that change nothing about it.
func commonService(t testing.TB) *service {
	t.Helper()
	common.once.Do(func() { common.service = startService(unending{t}) })
	return common.service
}

// unending keeps what was started beyond its test: TestMain ends it.
type unending struct{ testing.TB }

func (unending) Cleanup(func()) {}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	code := m.Run()
	if common.service != nil {
		common.service.stop()
	}
	os.Exit(code)
}

func client(t testing.TB, address string, options ...fingerpost.Option) *fingerpost.Client {
	t.Helper()
	made, err := fingerpost.New(address, fingerpost.Plaintext(), append([]fingerpost.Option{fingerpost.WithTimeout(patient)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close() })
	return made
}

func ready(t testing.TB, client *fingerpost.Client) *fingerpost.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	if err := client.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return client
}

// closedPort is an address that refuses connections: bound, never listened on.
func closedPort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// eventually waits for what other goroutines and processes do in their own time.
func eventually(t testing.TB, what string, check func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !check(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to be: %s", what)
		}
	}
}

// form is POST /orders, and what becomes of it.
func form() *fingerpostv1.DecideRequest {
	return &fingerpostv1.DecideRequest{
		Request: &fingerpostv1.HttpRequest{Method: "POST", Url: "https://a.test/orders"},
		Wish: &fingerpostv1.DecideRequest_Intent{Intent: &fingerpostv1.Intent{
			Purpose: fingerpostv1.Purpose_PURPOSE_FORM_RESULT, Target: "/orders/1",
		}},
	}
}

func get(url string) *fingerpostv1.DecideRequest {
	return &fingerpostv1.DecideRequest{Request: &fingerpostv1.HttpRequest{Method: "GET", Url: url}}
}

func moved(location string) *fingerpostv1.FollowRequest {
	return &fingerpostv1.FollowRequest{
		Request:  &fingerpostv1.HttpRequest{Method: "GET", Url: "https://a.test/"},
		Response: &fingerpostv1.HttpResponse{Status: 302, Headers: lines("Location", location)},
	}
}

// lines gives field lines of names and values.
func lines(pairs ...string) []*fingerpostv1.Header {
	var made []*fingerpostv1.Header
	for i := 0; i < len(pairs); i += 2 {
		made = append(made, &fingerpostv1.Header{Name: pairs[i], Content: &fingerpostv1.Header_Value{Value: pairs[i+1]}})
	}
	return made
}

// told is a service with the test's own words: answers of any kind, policies, and what it was asked.
type told struct {
	fingerpostv1.UnimplementedRedirectServiceServer
	fingerpostv1.UnimplementedPolicyServiceServer

	mutex   sync.Mutex
	answers []any
	asked   []proto.Message
	lasting time.Duration
	slow    time.Duration
	watched []*fingerpostv1.WatchPolicyRequest
	reports []*fingerpostv1.ReportUsageRequest
	said    []*fingerpostv1.WatchPolicyResponse
	refuses codes.Code
	changed chan struct{}

	address string
	server  *grpc.Server
}

// tell starts one. Each call is given the next answer, and the last for ever: a message, or a codes.Code.
func tell(t testing.TB, answers ...any) *told {
	t.Helper()
	made := &told{answers: answers, changed: make(chan struct{})}
	made.begin(t, "127.0.0.1:0")
	return made
}

func (s *told) begin(t testing.TB, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s.address, s.server = listener.Addr().String(), grpc.NewServer()
	fingerpostv1.RegisterRedirectServiceServer(s.server, s)
	fingerpostv1.RegisterPolicyServiceServer(s.server, s)
	serving := health.NewServer()
	serving.SetServingStatus("fingerpost.v1.RedirectService", healthgrpc.HealthCheckResponse_SERVING)
	healthgrpc.RegisterHealthServer(s.server, serving)
	go func() { _ = s.server.Serve(listener) }()
	t.Cleanup(s.server.Stop)
}

func (s *told) next(ctx context.Context, question proto.Message) (any, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked = append(s.asked, question)
	if until, has := ctx.Deadline(); has {
		s.lasting = time.Until(until)
	}
	if s.slow > 0 {
		s.mutex.Unlock()
		defer s.mutex.Lock()
		select {
		case <-time.After(s.slow):
		case <-ctx.Done():
		}
		return nil, status.FromContextError(context.DeadlineExceeded).Err()
	}
	answer := any(codes.Unavailable)
	if len(s.answers) > 0 {
		answer = s.answers[0]
	}
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	switch answer := answer.(type) {
	case codes.Code:
		return nil, status.Error(answer, "told to")
	case error:
		return nil, answer
	default:
		return answer, nil
	}
}

func (s *told) calls() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.asked)
}

func (s *told) Decide(ctx context.Context, question *fingerpostv1.DecideRequest) (*fingerpostv1.DecideResponse, error) {
	answer, err := s.next(ctx, question)
	if err != nil {
		return nil, err
	}
	return proto.CloneOf(answer.(*fingerpostv1.DecideResponse)), nil
}

func (s *told) Follow(ctx context.Context, question *fingerpostv1.FollowRequest) (*fingerpostv1.FollowResponse, error) {
	answer, err := s.next(ctx, question)
	if err != nil {
		return nil, err
	}
	return proto.CloneOf(answer.(*fingerpostv1.FollowResponse)), nil
}

// say gives all streams, now and later, one more message.
func (s *told) say(said ...*fingerpostv1.WatchPolicyResponse) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.said = append(s.said, said...)
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *told) WatchPolicy(question *fingerpostv1.WatchPolicyRequest, stream grpc.ServerStreamingServer[fingerpostv1.WatchPolicyResponse]) error {
	s.mutex.Lock()
	s.watched = append(s.watched, question)
	refuses := s.refuses
	s.mutex.Unlock()
	if refuses != codes.OK {
		return status.Error(refuses, "told to")
	}
	for sent := 0; ; {
		s.mutex.Lock()
		said, changed := s.said[sent:], s.changed
		s.mutex.Unlock()
		for _, one := range said {
			if err := stream.Send(one); err != nil {
				return err
			}
			sent++
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return nil
		}
	}
}

func (s *told) ReportUsage(_ context.Context, usage *fingerpostv1.ReportUsageRequest) (*fingerpostv1.ReportUsageResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.reports = append(s.reports, usage)
	return &fingerpostv1.ReportUsageResponse{}, nil
}

// policyTo is a policy with one rule, from /old, as the service hands it out.
func policyTo(version, target string) *fingerpostv1.WatchPolicyResponse {
	policy := &fingerpostv1.Policy{}
	text := `{"rules": [{"id": "old", "match": {"path": "/old"}, "intent": {"purpose": "PURPOSE_PERMANENT_MOVE", "target": "` + target + `"}}],
	          "handed_out": {"version": "` + version + `"}}`
	if err := protojson.Unmarshal([]byte(text), policy); err != nil {
		panic(err)
	}
	octets, _ := proto.Marshal(policy)
	return &fingerpostv1.WatchPolicyResponse{Version: version, Policy: octets}
}
