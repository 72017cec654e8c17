package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// What a call returns.
const (
	statusOK       = 0
	statusError    = 1
	statusTooSmall = 2
)

// room is how many octets hold nearly every question, and nearly every answer.
const room = 8192

// instance is one instance of the module with one policy. It is one goroutine's at a time.
type instance struct {
	module api.Module
	memory api.Memory

	abi, alloc, free, fault, version, opens, opensText api.Function

	questions map[method]api.Function
	stack     [8]uint64
	// in and out have room octets each; size and handle have four.
	in, out, size, handle uint32
	policy                uint32
}

// method is a function of the engine that answers.
type method string

const (
	decide    method = "fingerpost_decide"
	follow    method = "fingerpost_follow"
	takeUsage method = "fingerpost_take_usage"
)

func (e *Engine) instance() (*instance, error) {
	module, err := e.runtime.InstantiateModule(context.Background(), e.compiled,
		wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	made := &instance{module: module, memory: module.Memory(), questions: map[method]api.Function{}}
	if err := made.begin(); err != nil {
		made.close()
		return nil, err
	}
	return made, nil
}

func (one *instance) begin() error {
	missing := one.memory == nil
	function := func(name string) api.Function {
		found := one.module.ExportedFunction(name)
		missing = missing || found == nil
		return found
	}
	one.abi, one.alloc, one.free = function("fingerpost_abi"), function("fingerpost_alloc"), function("fingerpost_free")
	one.fault, one.version = function("fingerpost_fault"), function("fingerpost_policy_version")
	one.opens, one.opensText = function("fingerpost_open"), function("fingerpost_open_text")
	for _, name := range []method{decide, follow, takeUsage} {
		one.questions[name] = function(string(name))
	}
	if missing {
		return errors.New("it does not have the engine's functions")
	}
	for _, each := range []struct {
		at   *uint32
		size int
	}{{&one.in, room}, {&one.out, room}, {&one.size, 4}, {&one.handle, 4}} {
		var err error
		if *each.at, err = one.allocate(each.size); err != nil {
			return err
		}
	}
	return nil
}

func (one *instance) close() {
	_ = one.module.Close(context.Background())
}

// call gives a function's number; an error is a trap.
func (one *instance) call(function api.Function, arguments ...uint32) (uint32, error) {
	for i, argument := range arguments {
		one.stack[i] = uint64(argument)
	}
	if err := function.CallWithStack(context.Background(), one.stack[:]); err != nil {
		return 0, one.trapped(err)
	}
	return uint32(one.stack[0]), nil
}

// trapped says why, if the instance knows.
func (one *instance) trapped(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if one.fault.CallWithStack(context.Background(), one.stack[:]) == nil {
		if words := one.text(uint32(one.stack[0]), 1024); words != "" {
			return &trap{words}
		}
	}
	return &trap{first}
}

type trap struct{ words string }

func (t *trap) Error() string { return t.words }

// text reads up to a NUL.
func (one *instance) text(at uint32, most uint32) string {
	octets, _ := one.memory.Read(at, min(most, one.memory.Size()-min(at, one.memory.Size())))
	octets, _, _ = bytes.Cut(octets, []byte{0})
	return string(octets)
}

func (one *instance) allocate(size int) (uint32, error) {
	at, err := one.call(one.alloc, uint32(max(1, size)))
	if err == nil && at == 0 {
		err = &Error{&fingerpostv1.Error{
			Code:    "RESOURCE_EXHAUSTED",
			Reason:  fingerpostv1.ErrorReason_ERROR_REASON_OVERLOADED,
			Message: "the engine's memory is used up",
		}}
	}
	return at, err
}

func (one *instance) release(at uint32) {
	if at != one.in && at != one.out {
		_, _ = one.call(one.free, at)
	}
}

// give writes octets where the module can read them. The caller releases them.
func (one *instance) give(octets []byte, kept uint32) (uint32, error) {
	at := kept
	if kept == 0 || len(octets) > room {
		var err error
		if at, err = one.allocate(len(octets)); err != nil {
			return 0, err
		}
	}
	if !one.memory.Write(at, octets) {
		return 0, errors.New("the engine gave memory that it does not have")
	}
	return at, nil
}

func (one *instance) open(octets []byte, version string) error {
	at, err := one.give(octets, 0)
	if err != nil {
		return err
	}
	defer one.release(at)
	var said uint32
	if version != "" {
		if said, err = one.give(append([]byte(version), 0), one.in); err != nil {
			return err
		}
	}
	_, err = one.answer(one.opens, at, uint32(len(octets)), said, one.handle)
	return one.opened(err)
}

func (one *instance) openText(text string) error {
	at, err := one.give([]byte(text), 0)
	if err != nil {
		return err
	}
	defer one.release(at)
	_, err = one.answer(one.opensText, at, uint32(len(text)), one.handle)
	var fault *trap
	if errors.As(err, &fault) && !strings.Contains(fault.words, "bad_alloc") && !strings.Contains(fault.words, "wasm error") {
		return invalid("the policy is not YAML: " + fault.words) // An exception of the parser's.
	}
	return one.opened(err)
}

func (one *instance) opened(err error) error {
	if err != nil {
		return err
	}
	one.policy, _ = one.memory.ReadUint32Le(one.handle)
	return nil
}

func (one *instance) policyVersion() (string, error) {
	at, err := one.call(one.version, one.policy)
	return one.text(at, 65), err
}

func (one *instance) ask(name method, question []byte) ([]byte, error) {
	if name == takeUsage {
		return one.answer(one.questions[name], one.policy)
	}
	at, err := one.give(question, one.in)
	if err != nil {
		return nil, err
	}
	defer one.release(at)
	return one.answer(one.questions[name], one.policy, at, uint32(len(question)))
}

// answer calls a function with room for what it writes, and copies that.
func (one *instance) answer(function api.Function, arguments ...uint32) ([]byte, error) {
	at, capacity := one.out, uint32(room)
	defer func() { one.release(at) }()
	for {
		var given [8]uint32
		count := copy(given[:], arguments)
		given[count], given[count+1], given[count+2] = at, capacity, one.size
		status, err := one.call(function, given[:count+3]...)
		if err != nil {
			return nil, err
		}
		size, _ := one.memory.ReadUint32Le(one.size)
		if status == statusTooSmall {
			one.release(at)
			at, capacity = one.out, size // Not released twice if there is no more.
			if at, err = one.allocate(int(size)); err != nil {
				at = one.out
				return nil, err
			}
			continue
		}
		octets, found := one.memory.Read(at, size)
		if !found {
			return nil, errors.New("the engine's answer is not in its memory")
		}
		return told(status, octets)
	}
}

// told copies the octets: the memory is the module's, and the next call writes there.
func told(status uint32, octets []byte) ([]byte, error) {
	switch status {
	case statusOK:
		return bytes.Clone(octets), nil
	case statusError:
		return nil, errorOf(octets)
	default:
		return nil, internal(fmt.Sprintf("the engine returned %d", status))
	}
}
