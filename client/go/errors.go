package fingerpost

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/internal/engine"
)

// What errors.Is finds in an Error.
var (
	// ErrInvalid: the question is wrong. Error.Violations names each field.
	ErrInvalid = errors.New("the question is wrong")
	// ErrUnknownIntent: the policy has no intent of that name.
	ErrUnknownIntent = errors.New("there is no such intent")
	// ErrNoAnswer: the service did not answer, or what it said was not used.
	ErrNoAnswer = errors.New("there is no answer")
	// ErrNotSent: the answer is not a response (REFUSE, PASS or FORWARD), where one was asked for. NotSentError has it.
	ErrNotSent = errors.New("the answer is not a response")
	// ErrClosed: the client is closed.
	ErrClosed = errors.New("fingerpost: the client is closed")
	// ErrNoEngine: there is no engine that this process can use.
	ErrNoEngine = engine.ErrNone
)

// Violation is one wrong field of a question.
type Violation struct {
	// Field is the path from the request: "intent.target".
	Field string
	// Description says what was expected, and what was wrong.
	Description string
}

// Error says why there is no answer.
type Error struct {
	// Code is the gRPC code's name ("INVALID_ARGUMENT", "UNAVAILABLE", …), "MALFORMED" when the answer failed the client's own checks, or "BREAKER_OPEN"
	// when it was not even asked for.
	Code string
	// Reason is the service's ("INVALID_FIELDS").
	Reason string
	// Message is for a log.
	Message string
	// Violations has every wrong field.
	Violations []Violation

	cause error
}

func (e *Error) Error() string { return "fingerpost: " + e.Code + ": " + e.Message }

// Unwrap gives what the error came from: a gRPC status, context.DeadlineExceeded or context.Canceled.
func (e *Error) Unwrap() error { return e.cause }

// Is finds ErrInvalid, ErrUnknownIntent and ErrNoAnswer.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrInvalid:
		return e.Code == "INVALID_ARGUMENT"
	case ErrUnknownIntent:
		return e.Reason == "UNKNOWN_INTENT"
	case ErrNoAnswer:
		return !e.answered()
	default:
		return false
	}
}

// Codes by which a healthy service reports a fault of the question or of the caller.
var answerCodes = []string{
	"INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED", "PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "OUT_OF_RANGE",
}

// answered: the service said that the question is wrong. There is no fallback, and asking again would not help.
func (e *Error) answered() bool { return slices.Contains(answerCodes, e.Code) || e.tooLarge() }

// tooLarge: the question is larger than the service takes. Only gRPC's text says so.
func (e *Error) tooLarge() bool {
	return e.Code == "RESOURCE_EXHAUSTED" && strings.Contains(strings.ToLower(e.Message), "message larger than max")
}

// NotSentError is an answer that is no response, where one was asked for.
type NotSentError struct {
	// Decision says why.
	Decision *Decision
}

func (e *NotSentError) Error() string {
	why := e.Decision.Message
	if why == "" {
		why = e.Decision.Reason
	}
	return "fingerpost: " + e.Decision.Outcome.String() + ": " + why
}

// Is finds ErrNotSent.
func (e *NotSentError) Is(target error) bool { return target == ErrNotSent }

// malformed: there was an answer, but it failed the client's checks.
func malformed(what string) *Error {
	return &Error{Code: "MALFORMED", Message: "the service's answer was not used: " + what}
}

var codeNames = map[codes.Code]string{
	codes.OK: "OK", codes.Canceled: "CANCELLED", codes.Unknown: "UNKNOWN", codes.InvalidArgument: "INVALID_ARGUMENT",
	codes.DeadlineExceeded: "DEADLINE_EXCEEDED", codes.NotFound: "NOT_FOUND", codes.AlreadyExists: "ALREADY_EXISTS",
	codes.PermissionDenied: "PERMISSION_DENIED", codes.ResourceExhausted: "RESOURCE_EXHAUSTED", codes.FailedPrecondition: "FAILED_PRECONDITION",
	codes.Aborted: "ABORTED", codes.OutOfRange: "OUT_OF_RANGE", codes.Unimplemented: "UNIMPLEMENTED", codes.Internal: "INTERNAL",
	codes.Unavailable: "UNAVAILABLE", codes.DataLoss: "DATA_LOSS", codes.Unauthenticated: "UNAUTHENTICATED",
}

// ofStatus makes an Error of what a gRPC call returns.
func ofStatus(err error) *Error {
	said := status.Convert(err)
	name, known := codeNames[said.Code()]
	if !known {
		name = "UNKNOWN"
	}
	made := &Error{Code: name, Message: said.Message(), cause: err}
	if made.Message == "" {
		made.Message = name
	}
	switch said.Code() {
	case codes.DeadlineExceeded:
		made.cause = errors.Join(err, context.DeadlineExceeded)
	case codes.Canceled:
		made.cause = errors.Join(err, context.Canceled)
	}
	for _, detail := range said.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			made.Reason = detail.GetReason()
		case *errdetails.BadRequest:
			for _, one := range detail.GetFieldViolations() {
				made.Violations = append(made.Violations, Violation{one.GetField(), one.GetDescription()})
			}
		}
	}
	return made
}

// ofEngine makes an Error of what the engine returns.
func ofEngine(err error) *Error {
	var answer *engine.Error
	if !errors.As(err, &answer) {
		return &Error{Code: "INTERNAL", Message: err.Error(), cause: err}
	}
	message := answer.Message
	made := &Error{Code: message.GetCode(), Message: message.GetMessage()}
	if _, known := fingerpostv1.ErrorReason_name[int32(message.GetReason())]; known && message.GetReason() != 0 {
		made.Reason = strings.TrimPrefix(message.GetReason().String(), "ERROR_REASON_")
	}
	for _, one := range message.GetViolations() {
		made.Violations = append(made.Violations, Violation{one.GetField(), one.GetDescription()})
	}
	return made
}
