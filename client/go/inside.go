package fingerpost

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/engine"
)

// inside answers in this process, by the policy that it has.
type inside struct {
	mode   Engine
	held   *held
	loaded chan struct{} // Closed when engine, or that there is none, is known.
	engine *engine.Engine

	emptyOnce sync.Once
	empty     *engine.Policy

	mutex   sync.Mutex
	watch   func() (*watcher, error)
	watcher *watcher
}

// load compiles the engine. It takes a second where there is nothing in the user's cache, so that only a client that cannot do without it waits.
func (in *inside) load(file string) error {
	made, err := engine.Load(file)
	if err != nil {
		in.held.without(err)
		warnOnce(in.held, err)
	} else {
		in.engine = made
		in.held.begin(made)
	}
	close(in.loaded)
	return err
}

// loading is how long a question that nobody else can answer waits for the engine, which takes a second of CPU to compile where no cache has it.
const loading = 5 * time.Second

var warned sync.Map

// warnOnce: the same words, once in a process.
func warnOnce(h *held, err error) {
	if _, before := warned.LoadOrStore(err.Error(), true); !before {
		h.log.Warn("no answer is made in this process", "error", err)
	}
}

// asks: what cannot be answered here is the service's.
func (in *inside) asks() bool { return in.mode != Local }

// start begins to watch the policy, where that is of use.
func (in *inside) start() *watcher {
	if in.mode == Remote || in.watch == nil {
		return nil
	}
	in.mutex.Lock()
	defer in.mutex.Unlock()
	if in.watcher == nil {
		begun, err := in.watch()
		if err != nil {
			in.held.log.Warn("the policy is not watched", "error", err)
			return nil
		}
		in.watcher = begun
	}
	return in.watcher
}

// end ends what start began, after a last report.
func (in *inside) end() {
	in.mutex.Lock()
	begun := in.watcher
	in.watch = nil
	in.mutex.Unlock()
	if begun != nil {
		begun.end()
	}
}

// decide gives the answer by this process's policy. nil: the service is to be asked.
func (in *inside) decide(question *fingerpostv1.DecideRequest, octets []byte) (*fingerpostv1.DecideResponse, *Error) {
	if in.mode == Remote {
		return nil, nil
	}
	in.start()
	policy := in.held.policy.Load()
	if policy == nil {
		return nil, in.leave(strings.Join(append([]string{"there is no policy yet"}, in.held.known.Load().Problems...), "; "), nil)
	}
	answer, err := decideBy(policy, question, octets)
	if err != nil {
		return nil, in.leave(err.Message, err)
	}
	return answer, nil
}

func decideBy(policy *engine.Policy, question *fingerpostv1.DecideRequest, octets []byte) (*fingerpostv1.DecideResponse, *Error) {
	said, err := policy.Decide(decideOctets(question, octets))
	if err != nil {
		return nil, ofEngine(err)
	}
	answer := &fingerpostv1.DecideResponse{}
	if err := proto.Unmarshal(said, answer); err != nil {
		return nil, ofEngine(err)
	}
	return answer, nil
}

// follow gives the answer, which depends on no policy. nil: the service is to be asked.
func (in *inside) follow(ctx context.Context, question *fingerpostv1.FollowRequest, octets []byte) (*fingerpostv1.FollowResponse, *Error) {
	if in.mode == Remote {
		return nil, nil
	}
	in.start()
	policy := in.held.policy.Load()
	if policy == nil {
		if policy = in.withoutPolicy(ctx); policy == nil {
			return nil, in.leave("there is no engine yet", nil)
		}
	}
	answer, err := followBy(policy, question, octets)
	if err != nil {
		return nil, in.leave(err.Message, err)
	}
	return answer, nil
}

func followBy(policy *engine.Policy, question *fingerpostv1.FollowRequest, octets []byte) (*fingerpostv1.FollowResponse, *Error) {
	said, err := policy.Follow(followOctets(question, octets))
	if err != nil {
		return nil, ofEngine(err)
	}
	answer := &fingerpostv1.FollowResponse{}
	if err := proto.Unmarshal(said, answer); err != nil {
		return nil, ofEngine(err)
	}
	return answer, nil
}

// withoutPolicy answers what needs none, whoever is asked otherwise. It waits while the engine is being loaded.
func (in *inside) withoutPolicy(ctx context.Context) *engine.Policy {
	select {
	case <-in.loaded:
	default:
		waits, cancel := context.WithTimeout(context.WithoutCancel(ctx), loading)
		defer cancel()
		select {
		case <-in.loaded:
		case <-ctx.Done():
			return nil
		case <-waits.Done():
			return nil
		}
	}
	in.emptyOnce.Do(func() {
		if in.engine != nil {
			in.empty, _ = in.engine.Open(nil, "")
		}
	})
	return in.empty
}

// leave is to the service, unless the question is wrong. Where nobody is to be asked, that is an outage.
func (in *inside) leave(why string, err *Error) *Error {
	if err != nil && err.answered() && err.Reason != "NOT_IMPLEMENTED" {
		return err
	}
	if in.asks() {
		return nil
	}
	return &Error{Code: "UNAVAILABLE", Reason: "NOT_IMPLEMENTED", Message: why}
}

// decideOctets adds the clock and the chance that the service would.
func decideOctets(question *fingerpostv1.DecideRequest, octets []byte) []byte {
	added := &fingerpostv1.DecideRequest{}
	if question.GetNow() == nil {
		added.Now = timestamppb.New(time.Now())
	}
	if question.Draw == nil {
		added.Draw = proto.Uint32(rand.Uint32())
	}
	return appended(octets, added)
}

// followOctets adds the clock that the service would.
func followOctets(question *fingerpostv1.FollowRequest, octets []byte) []byte {
	added := &fingerpostv1.FollowRequest{}
	if question.GetNow() == nil {
		added.Now = timestamppb.New(time.Now())
	}
	return appended(octets, added)
}

// appended: octets of messages that follow each other are one message.
func appended(octets []byte, more proto.Message) []byte {
	all, err := proto.MarshalOptions{}.MarshalAppend(octets[:len(octets):len(octets)], more)
	if err != nil {
		panic(fmt.Sprintf("fingerpost: %v", err)) // A time and a number.
	}
	return all
}
