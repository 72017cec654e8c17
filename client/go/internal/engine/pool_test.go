package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

func question(t *testing.T, path string) []byte {
	t.Helper()
	octets, err := proto.Marshal(&fingerpostv1.DecideRequest{
		Request: &fingerpostv1.HttpRequest{Method: "GET", Url: "https://a.test" + path},
		Now:     timestamppb.Now(), Draw: proto.Uint32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

const policyText = "rules: [{id: old, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}]"

// After a trap the instance is dropped, and the next question has a new one with the policy.
func TestAfterATrapThereIsANewInstance(t *testing.T) {
	opener, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	policy, err := opener.OpenText(policyText)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		one := policy.pool.take()
		one.instance.policy = 0xfffffff0 // Outside its memory.
		policy.pool.free <- one
		var fault *Error
		if _, err = policy.Decide(question(t, "/old")); !errors.As(err, &fault) || fault.Message.GetCode() != "INTERNAL" {
			t.Fatal(err)
		}
		answer := &fingerpostv1.DecideResponse{}
		octets, err := policy.Decide(question(t, "/old"))
		if err == nil {
			err = proto.Unmarshal(octets, answer)
		}
		if err != nil || answer.GetStatus() != 308 || answer.GetRule() != "old" {
			t.Fatal(answer, err)
		}
	}
	if reports := policy.TakeUsage(); len(reports) != 1 {
		t.Fatal(reports)
	}
}

// Questions and answers that have no room in the buffers that are kept.
func TestLargeQuestionsAndAnswers(t *testing.T) {
	opener, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	policy, err := opener.OpenText(strings.Replace(policyText, "path: /old", "path_prefix: /old", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, room - 100, room, 3 * room, 1} {
		if _, err := policy.Decide(question(t, "/old/"+strings.Repeat("a", size))); err != nil && !strings.Contains(err.Error(), "request.url") {
			t.Fatal(size, err)
		}
		explained := &fingerpostv1.DecideRequest{Explain: true}
		octets, _ := proto.Marshal(explained)
		if answer, err := policy.Decide(append(question(t, "/old"), octets...)); err != nil || len(answer) < 1000 {
			t.Fatal(len(answer), err)
		}
	}
}

func TestAModuleThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.wasm")
	for _, octets := range []string{"", "nonsense", "\x00asm\x01\x00\x00\x00"} {
		if err := os.WriteFile(file, []byte(octets), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := compile([]byte(octets)); err == nil {
			t.Fatalf("%q", octets)
		}
	}
	if _, err := Load(file); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
}
