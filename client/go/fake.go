package fingerpost

import (
	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/internal/fake"
)

func init() { fake.Make = newFake }

func newFake(policy string, record func(proto.Message) error, options any) (any, error) {
	chosen, err := chosenBy(options.([]Option))
	if err != nil {
		return nil, err
	}
	chosen.engine, chosen.policyFile = Local, ""
	made := newClient(chosen)
	made.record = record
	if err := made.inside.load(chosen.engineFile); err != nil {
		return nil, err
	}
	if policy == "" {
		policy = "{}"
	}
	opened, err := made.inside.engine.OpenText(policy)
	if err != nil {
		return nil, ofEngine(err)
	}
	made.inside.held.give(opened)
	return made, nil
}
