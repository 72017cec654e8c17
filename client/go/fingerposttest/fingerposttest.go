// Package fingerposttest has a client for your own tests: the engine with your own policy, so that its answers are the service's. It needs no server.
//
//	fake := fingerposttest.New(t, "rules: [{id: blog, match: {path: /blog}, intent: {purpose: permanent_move, target: /journal}}]")
//	shop := newShop(fake.Client)
package fingerposttest

import (
	"os"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/fake"
)

// Fake is a client that can stand in for any other, and remembers what it was asked.
type Fake struct {
	*fingerpost.Client

	mutex     sync.Mutex
	questions []proto.Message
	err       *fingerpost.Error
}

// New makes a fake with a policy of YAML or JSON. With "" no rule matches, and intents are answered as the service does.
func New(t testing.TB, policy string, options ...fingerpost.Option) *Fake {
	t.Helper()
	made := &Fake{}
	client, err := fake.Make(policy, made.record, options)
	if err != nil {
		t.Fatalf("fingerposttest: %v", err)
	}
	made.Client = client.(*fingerpost.Client)
	t.Cleanup(func() { _ = made.Close() })
	return made
}

// File is New with the policy of a file.
func File(t testing.TB, path string, options ...fingerpost.Option) *Fake {
	t.Helper()
	policy, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("fingerposttest: %v", err)
	}
	return New(t, string(policy), options...)
}

// Fail gives the error that every call meets from now on, as in an outage; nil ends it.
//
//	fake.Fail(&fingerpost.Error{Code: "UNAVAILABLE", Message: "down"})
func (f *Fake) Fail(err *fingerpost.Error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.err = err
}

// Decides has the questions to Decide, in order.
func (f *Fake) Decides() []*fingerpostv1.DecideRequest {
	return questions[*fingerpostv1.DecideRequest](f)
}

// Follows has the questions to Follow, in order, as they would travel: secrets are without their values.
func (f *Fake) Follows() []*fingerpostv1.FollowRequest {
	return questions[*fingerpostv1.FollowRequest](f)
}

func questions[T proto.Message](f *Fake) []T {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var found []T
	for _, question := range f.questions {
		if one, is := question.(T); is {
			found = append(found, one)
		}
	}
	return found
}

func (f *Fake) record(question proto.Message) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.questions = append(f.questions, proto.Clone(question))
	if f.err != nil {
		return f.err
	}
	return nil
}
