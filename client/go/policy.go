package fingerpost

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/engine"
	"github.com/fingerpost/fingerpost/client/go/internal/origin"
)

const (
	// largestPolicy is how many octets of a message and a file are read. The service hands out at most 10 MiB.
	largestPolicy = 16 << 20
	// mostFormer is how many policies wait for their last counts to be reported.
	mostFormer = 4
)

// PolicyState says whose policy a process has.
type PolicyState string

const (
	// PolicyReady: the service's; the process is told of each change.
	PolicyReady PolicyState = "READY"
	// PolicyStale: the last good one, because the service cannot be reached.
	PolicyStale PolicyState = "STALE"
	// PolicyNone: there has been none yet.
	PolicyNone PolicyState = "NONE"
)

// PolicyStatus is what a client knows of its policy.
type PolicyStatus struct {
	State PolicyState
	// Since is when the state began; for a policy from WithPolicyFile, when it was written.
	Since time.Time
	// Version is as Decision.PolicyVersion.
	Version string
	// Problems says why a newer policy does not answer, or why there is none.
	Problems []string
}

// held is one client's policy. One goroutine writes it, any number read it.
type held struct {
	log      *slog.Logger
	selector *fingerpostv1.PolicySelector
	file     string
	policy   atomic.Pointer[engine.Policy]
	known    atomic.Pointer[PolicyStatus]

	mutex   sync.Mutex
	engine  *engine.Engine
	former  []*engine.Policy
	refused string
}

func newHeld(selector *fingerpostv1.PolicySelector, file string, log *slog.Logger) *held {
	made := &held{selector: spelled(selector), file: file, log: log}
	made.known.Store(&PolicyStatus{State: PolicyNone, Since: time.Now()})
	return made
}

// begin has the engine, and takes the last good policy of the file.
func (h *held) begin(opener *engine.Engine) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.engine = opener
	if h.file != "" {
		h.read()
	}
}

// without says why there is no engine.
func (h *held) without(why error) {
	h.become(PolicyNone, []string{why.Error()}, false)
}

func (h *held) status() PolicyStatus {
	status := *h.known.Load()
	status.Problems = slices.Clone(status.Problems)
	return status
}

func (h *held) version() string {
	if policy := h.policy.Load(); policy != nil {
		return policy.Version()
	}
	return ""
}

// come: the service says which policy answers now.
func (h *held) come(answer *fingerpostv1.WatchPolicyResponse) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	var problems []string
	for _, problem := range answer.GetProblems() {
		problems = append(problems, sentenceOf(problem))
	}
	if answer.Policy == nil && h.version() == answer.GetVersion() {
		h.become(PolicyReady, problems, false)
		return
	}
	policy, err := h.opened(answer)
	if err != nil {
		h.refuse(answer.GetVersion(), err, problems)
		return
	}
	if before := h.policy.Load(); before != nil {
		h.former = append(h.former, before)
		h.former = h.former[max(0, len(h.former)-mostFormer):]
	}
	h.policy.Store(policy)
	h.refused = ""
	if h.file != "" {
		if err := h.write(answer.GetPolicy()); err != nil {
			h.log.Warn("the policy was not written", "file", h.file, "error", err)
			problems = append(problems, fmt.Sprintf("%s was not written: %v", h.file, err))
		}
	}
	h.become(PolicyReady, problems, true)
}

func (h *held) opened(answer *fingerpostv1.WatchPolicyResponse) (*engine.Policy, error) {
	if answer.Policy == nil {
		return nil, &Error{Code: "INTERNAL", Message: "its text did not come with it"}
	}
	policy, err := h.engine.Open(answer.GetPolicy(), answer.GetVersion())
	if err != nil {
		return nil, ofEngine(err)
	}
	version, err := h.whole(answer.GetPolicy())
	if err != nil {
		return nil, err
	}
	if version != answer.GetVersion() {
		return nil, &Error{Code: "INTERNAL", Message: fmt.Sprintf("handed_out.version: expected the message's version, got %q", version)}
	}
	return policy, nil
}

// refuse: a policy that cannot be taken leaves the old one in its place.
func (h *held) refuse(version string, err error, problems []string) {
	refused := fmt.Sprintf("the service's policy %q was not taken: %v", version, err)
	if refused != h.refused {
		h.log.Warn("the service's policy was not taken", "version", version, "stays", h.version(), "error", err)
	}
	h.refused = refused
	state := PolicyNone
	if h.policy.Load() != nil {
		state = PolicyReady
	}
	h.become(state, append(problems, refused), false)
}

// give: a policy that no service hands out.
func (h *held) give(policy *engine.Policy) {
	h.policy.Store(policy)
	h.become(PolicyReady, nil, true)
}

// leave: the service is out of reach.
func (h *held) leave(why string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	state := PolicyNone
	if h.policy.Load() != nil {
		state = PolicyStale
	}
	h.become(state, []string{why}, false)
}

func (h *held) become(state PolicyState, problems []string, renewed bool) {
	since := time.Now()
	if before := h.known.Load(); before.State == state && !renewed {
		since = before.Since
	}
	h.known.Store(&PolicyStatus{state, since, h.version(), problems})
}

// takeUsage gives what was answered since the last time, by former policies too.
func (h *held) takeUsage() [][]byte {
	h.mutex.Lock()
	former := h.former
	h.former = nil
	h.mutex.Unlock()
	var reports [][]byte
	for _, policy := range append(former, h.policy.Load()) {
		reports = append(reports, policy.TakeUsage()...)
	}
	return reports
}

// whole gives the policy's version if these octets are all of the part that was asked for: handed_out is their last field.
func (h *held) whole(octets []byte) (string, error) {
	policy := &fingerpostv1.Policy{}
	if err := proto.Unmarshal(octets, policy); err != nil {
		return "", err
	}
	part := policy.GetHandedOut()
	if part.GetVersion() == "" {
		return "", &Error{Code: "FAILED_PRECONDITION", Message: "it is not whole: handed_out.version is not set"}
	}
	if !proto.Equal(spelled(part.GetSelector()), h.selector) {
		return "", &Error{Code: "FAILED_PRECONDITION", Message: "it is another part of the policy (handed_out.selector)"}
	}
	return part.GetVersion(), nil
}

// spelled is a selector as the service spells it in handed_out.
func spelled(selector *fingerpostv1.PolicySelector) *fingerpostv1.PolicySelector {
	made := &fingerpostv1.PolicySelector{Intents: slices.Clone(selector.GetIntents())}
	for _, host := range selector.GetHosts() {
		made.Hosts = append(made.Hosts, spelledHost(host))
	}
	slices.Sort(made.Hosts)
	slices.Sort(made.Intents)
	made.Hosts, made.Intents = slices.Compact(made.Hosts), slices.Compact(made.Intents)
	return made
}

// spelledHost: "*.Example.com." is ".example.com".
func spelledHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(norm.NFKC.String(host)), ".")
	if strings.HasPrefix(host, "*.") {
		host = host[1:]
	}
	if strings.HasPrefix(host, "[") {
		if address, known := origin.Host(host); known {
			return "[" + address + "]"
		}
		return host
	}
	return origin.ASCII(host)
}

func sentenceOf(problem *fingerpostv1.PolicyProblem) string {
	var parts []string
	for _, part := range []string{problem.GetPlace(), problem.GetField(), problem.GetDescription()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}
