package tests

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

func old(t testing.TB, asking *fingerpost.Client) *fingerpost.Decision {
	t.Helper()
	decision, err := asking.Decide(context.Background(), get("https://a.test/old"))
	if err != nil {
		t.Fatal(err)
	}
	return decision
}

func leads(t testing.TB, asking *fingerpost.Client, to string) {
	t.Helper()
	eventually(t, "it leads to "+to, func() bool {
		decision := old(t, asking)
		return decision.Location() == to && decision.Source == fingerpost.SourceEngine
	})
}

func TestAPolicyThatComesAndChanges(t *testing.T) {
	seen := tell(t)
	seen.say(policyTo("one", "/1"))
	asking := ready(t, client(t, seen.address, fingerpost.WithEngine(fingerpost.Auto)))
	leads(t, asking, "/1")
	if status := asking.Policy(); status.State != fingerpost.PolicyReady || status.Version != "one" || len(status.Problems) != 0 {
		t.Fatal(status)
	}
	said := policyTo("two", "/2")
	said.Problems = []*fingerpostv1.PolicyProblem{{Place: "a.yaml:1", Field: "rules[0]", Description: "is odd"}}
	seen.say(said)
	leads(t, asking, "/2")
	eventually(t, "the problem is known", func() bool {
		return strings.Join(asking.Policy().Problems, "") == "a.yaml:1: rules[0]: is odd"
	})
	if seen.calls() != 0 {
		t.Fatal("the service was asked")
	}
	// The service goes: nothing changes for visitors.
	seen.server.Stop()
	eventually(t, "STALE", func() bool { return asking.Policy().State == fingerpost.PolicyStale })
	leads(t, asking, "/2")
	// It comes back, with the version that the client knows.
	seen.mutex.Lock()
	seen.said, seen.watched = []*fingerpostv1.WatchPolicyResponse{{Version: "two"}}, nil
	seen.mutex.Unlock()
	seen.begin(t, seen.address)
	eventually(t, "READY", func() bool { return asking.Policy().State == fingerpost.PolicyReady })
	seen.mutex.Lock()
	defer seen.mutex.Unlock()
	if known := seen.watched[0].GetKnownVersion(); known != "two" {
		t.Fatal(known)
	}
}

func TestAPolicyThatCannotBeTakenLeavesTheOldOne(t *testing.T) {
	whole := policyTo("two", "/2")
	another := &fingerpostv1.Policy{}
	_ = proto.Unmarshal(whole.GetPolicy(), another)
	another.HandedOut.Selector = &fingerpostv1.PolicySelector{Hosts: []string{"b.test"}}
	part, _ := proto.Marshal(another)
	another.HandedOut = nil
	cut, _ := proto.Marshal(another)
	for name, said := range map[string]*fingerpostv1.WatchPolicyResponse{
		"nonsense":          {Version: "two", Policy: []byte{0xff}},
		"no text":           {Version: "two"},
		"cut off":           {Version: "two", Policy: cut},
		"another part":      {Version: "two", Policy: part},
		"another version":   {Version: "three", Policy: whole.GetPolicy()},
		"a newer service's": {Version: "two", Policy: append(append([]byte{}, whole.GetPolicy()...), 0xfa, 0x7f, 0x01, 'x')},
		"a wrong version":   {Version: "t o", Policy: whole.GetPolicy()},
	} {
		t.Run(name, func(t *testing.T) {
			seen := tell(t)
			seen.say(policyTo("one", "/1"))
			asking := ready(t, client(t, seen.address))
			leads(t, asking, "/1")
			seen.say(said)
			eventually(t, "the reason is known", func() bool { return strings.Contains(strings.Join(asking.Policy().Problems, ""), "was not taken") })
			if status := asking.Policy(); status.State != fingerpost.PolicyReady || status.Version != "one" {
				t.Fatal(status)
			}
			leads(t, asking, "/1")
			seen.say(policyTo("four", "/4"))
			leads(t, asking, "/4")
		})
	}
}

func TestWhatTheEngineCountsGoesHome(t *testing.T) {
	seen := tell(t)
	seen.say(policyTo("one", "/1"))
	asking := ready(t, client(t, seen.address))
	for range 3 {
		leads(t, asking, "/1")
	}
	seen.say(policyTo("two", "/2"))
	leads(t, asking, "/2")
	_ = asking.Close()
	hits := map[string]uint64{}
	for _, report := range seen.reports {
		if !strings.HasPrefix(report.GetAgent(), "go/") {
			t.Fatal(report.GetAgent())
		}
		for _, rule := range report.GetRules() {
			hits[report.GetPolicyVersion()+" "+rule.GetName()] += rule.GetHits()
		}
	}
	if hits["one old"] < 3 || hits["two old"] < 1 {
		t.Fatal(hits, seen.reports)
	}
}

func TestAPolicyFileIsThereBeforeTheService(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy")
	seen := tell(t)
	seen.say(policyTo("one", "/1"))
	leads(t, ready(t, client(t, seen.address, fingerpost.WithPolicyFile(file))), "/1")
	about, err := os.Stat(file)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Fatal(about, err)
	}
	asking := client(t, closedPort(t), fingerpost.WithPolicyFile(file), fingerpost.WithEngine(fingerpost.Local))
	decision, status := old(t, asking), asking.Policy()
	if decision.Location() != "/1" || decision.Source != fingerpost.SourceEngine || status.State != fingerpost.PolicyStale || status.Version != "one" {
		t.Fatal(decision, status)
	}
	// A file that is none is said, and waited for by nobody.
	for _, octets := range []string{"", "nonsense", string(policyTo("one", "/1").GetPolicy()[:9])} {
		if err := os.WriteFile(file, []byte(octets), 0o600); err != nil {
			t.Fatal(err)
		}
		if status := client(t, closedPort(t), fingerpost.WithPolicyFile(file)).Policy(); status.State != fingerpost.PolicyNone || len(status.Problems) != 1 {
			t.Fatal(status)
		}
	}
}

func TestASelectorIsAskedForAndTheRestIsTheServices(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	_ = os.WriteFile(policy, []byte(`
rules:
  - {id: a, match: {hosts: [a.test], path: /old}, intent: {purpose: permanent_move, target: /a}}
  - {id: b, match: {hosts: [b.test], path: /old}, intent: {purpose: permanent_move, target: /b}}
`), 0o600)
	asking := ready(t, client(t, startService(t, "--policy", policy).address, fingerpost.WithSelector([]string{"A.test."}, nil)))
	leads(t, asking, "/a")
	decision, err := asking.Decide(context.Background(), get("https://b.test/old"))
	if err != nil || decision.Location() != "/b" || decision.Source != fingerpost.SourceService {
		t.Fatal(decision, err)
	}
}

func TestLocalAsksNobody(t *testing.T) {
	seen := tell(t)
	seen.refuses = codes.Unimplemented
	asking := client(t, seen.address, fingerpost.WithEngine(fingerpost.Local))
	decision, err := asking.Decide(context.Background(), form())
	if err != nil || decision.Source != fingerpost.SourceFallback || decision.Location() != "/orders/1" || seen.calls() != 0 {
		t.Fatal(decision, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	if err := asking.Ready(ctx); err == nil {
		t.Fatal("it is not ready")
	}
}

// Without an engine, auto asks the service, and says why.
func TestWithoutAnEngine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fingerpost.wasm")
	_ = os.WriteFile(file, []byte("\x00asm\x01\x00\x00\x00"), 0o600)
	for _, path := range []string{"/nowhere", file} {
		asking := ready(t, client(t, commonService(t).address, fingerpost.WithEngineFile(path)))
		decision, err := asking.Decide(context.Background(), form())
		if err != nil || decision.Source != fingerpost.SourceService || !strings.Contains(strings.Join(asking.Policy().Problems, ""), "there is no engine") {
			t.Fatal(decision, err, asking.Policy())
		}
		nobody := client(t, closedPort(t), fingerpost.WithEngineFile(path))
		if _, err := nobody.Decide(context.Background(), form()); code(err) != "UNAVAILABLE" {
			t.Fatal(err)
		}
		hop, err := nobody.Follow(context.Background(), moved("/b"))
		if err != nil || hop.Stop != "SERVICE_UNAVAILABLE" || !hop.Failed {
			t.Fatal(hop, err)
		}
	}
}
