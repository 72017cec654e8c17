package fingerpost

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// fallbackDecision is what a caller gets when the service does not answer (client/README.md): the engine answers without a policy.
func (c *Client) fallbackDecision(ctx context.Context, question *fingerpostv1.DecideRequest, octets []byte, why *Error) (*Decision, error) {
	if question.GetIntent() == nil {
		return &Decision{Outcome: Pass, Source: SourceFallback, Err: why, Raw: &fingerpostv1.DecideResponse{}}, nil
	}
	empty := c.inside.withoutPolicy(ctx)
	if empty == nil {
		return nil, why
	}
	answer, wrong := decideBy(empty, question, octets)
	if wrong != nil {
		return nil, worse(wrong, why)
	}
	answer.PolicyVersion = ""
	decision, err := decisionOf(answer, SourceFallback)
	if err != nil || decision.Outcome == Refuse { // A policy could have allowed it.
		return nil, why
	}
	decision.Err = why
	return decision, nil
}

// fallbackHop is the hop without the service. Without an engine it is a stop: the response that came is the last one.
func (c *Client) fallbackHop(ctx context.Context, question, bare *fingerpostv1.FollowRequest, octets []byte, why *Error) (*Hop, error) {
	stop := &Hop{
		Stop: "SERVICE_UNAVAILABLE", Message: why.Message, Failed: true, Chain: question.GetChain(), Source: SourceFallback, Err: why,
		Raw: &fingerpostv1.FollowResponse{},
	}
	empty := c.inside.withoutPolicy(ctx)
	if empty == nil {
		return stop, nil
	}
	answer, wrong := followBy(empty, bare, octets)
	if wrong != nil {
		if wrong.Code == "INVALID_ARGUMENT" {
			return nil, wrong
		}
		return stop, nil
	}
	hop, err := completed(question, answer, SourceFallback)
	if err != nil {
		return stop, nil
	}
	hop.Err = why
	return hop, nil
}

// worse: a wrong question is said; everything else is the outage.
func worse(wrong, why *Error) *Error {
	if wrong.Code == "INVALID_ARGUMENT" {
		return wrong
	}
	return why
}

// unsendable names the fields whose text no message can hold. It comes from a visitor, and no outage.
func unsendable(question proto.Message, err error) *Error {
	made := &Error{Code: "INVALID_ARGUMENT", Reason: "INVALID_FIELDS", Message: err.Error(), cause: err}
	notUnicode("", question.ProtoReflect(), func(path string) {
		made.Violations = append(made.Violations, Violation{path, "expected Unicode, in UTF-8"})
	})
	if len(made.Violations) > 0 {
		made.Message = made.Violations[0].Field + ": " + made.Violations[0].Description
	}
	return made
}

func notUnicode(path string, message protoreflect.Message, found func(string)) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		at := string(field.Name())
		if path != "" {
			at = path + "." + at
		}
		each := func(at string, kind protoreflect.FieldDescriptor, value protoreflect.Value) {
			if kind.Message() != nil {
				notUnicode(at, value.Message(), found)
			} else if kind.Kind() == protoreflect.StringKind && !utf8.ValidString(value.String()) {
				found(at)
			}
		}
		switch {
		case field.IsMap():
			value.Map().Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
				if !utf8.ValidString(key.String()) {
					found(at)
				}
				each(fmt.Sprintf("%s.%s", at, key), field.MapValue(), value)
				return true
			})
		case field.IsList():
			for i := range value.List().Len() {
				each(fmt.Sprintf("%s[%d]", at, i), field, value.List().Get(i))
			}
		default:
			each(at, field, value)
		}
		return true
	})
}

// statusOf makes a gRPC status of a context's end.
func statusOf(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	return err
}
