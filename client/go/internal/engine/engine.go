// Package engine is Fingerpost inside this process: the module of WebAssembly that service/engine builds, run by wazero. Octets in and octets out.
package engine

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tetratelabs/wazero"
	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// ABI is the number of the interface that this package was written for (service/engine/fingerpost.h).
const ABI = 2

//go:embed embedded
var embedded embed.FS

// ErrNone says that there is no engine that this process can use.
var ErrNone = errors.New("there is no engine")

// Error is the v1.Error that the engine gave in an answer's place.
type Error struct {
	Message *fingerpostv1.Error
}

func (e *Error) Error() string {
	return e.Message.GetCode() + ": " + e.Message.GetMessage()
}

// Engine opens policies. Safe to share between goroutines.
type Engine struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// Load gives the engine of a file, or with "" the one in this program. Compiling it takes about a second of CPU, or 50 ms from the user's cache, so that
// each is loaded once in a process. The error wraps ErrNone.
func Load(file string) (*Engine, error) {
	made, _ := loaded.LoadOrStore(file, sync.OnceValues(func() (*Engine, error) { return load(file) }))
	return made.(func() (*Engine, error))()
}

var loaded sync.Map

func load(file string) (*Engine, error) {
	octets, err := octetsOf(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	made, err := compile(octets)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is none: %w", ErrNone, nameOf(file), err)
	}
	return made, nil
}

func octetsOf(file string) ([]byte, error) {
	if file != "" {
		return os.ReadFile(file)
	}
	octets, err := embedded.ReadFile("embedded/fingerpost.wasm")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("this package was compiled without the engine (client/go/README.md, Install)")
	}
	return octets, err
}

func nameOf(file string) string {
	if file == "" {
		return "the module in this program"
	}
	return file
}

func compile(octets []byte) (*Engine, error) {
	ctx := context.Background()
	config := wazero.NewRuntimeConfig()
	if cache, err := compilationCache(); err == nil {
		config = config.WithCompilationCache(cache)
	}
	made := &Engine{runtime: wazero.NewRuntimeWithConfig(ctx, config)}
	var err error
	if made.compiled, err = made.runtime.CompileModule(ctx, octets); err == nil {
		err = made.check()
	}
	if err != nil {
		_ = made.runtime.Close(ctx)
		return nil, err
	}
	return made, nil
}

// compilationCache is the user's own. What is in it runs in this process, so it is for its owner alone.
func compilationCache() (wazero.CompilationCache, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	directory := filepath.Join(user, "fingerpost", "go")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	about, err := os.Lstat(directory)
	if err != nil {
		return nil, err
	}
	if !about.IsDir() || about.Mode().Perm()&0o022 != 0 {
		return nil, fmt.Errorf("%s: others may write there", directory)
	}
	return wazero.NewCompilationCacheWithDir(directory)
}

// check makes an instance and compares the number of its interface.
func (e *Engine) check() error {
	one, err := e.instance()
	if err != nil {
		return err
	}
	defer one.close()
	abi, err := one.call(one.abi)
	if err != nil {
		return err
	}
	if abi != ABI {
		return fmt.Errorf("it has ABI %d, and this package needs %d: take an engine and a package of the same version", abi, ABI)
	}
	return nil
}

// Open opens a policy from the octets of a v1.Policy. version is what its answers say, "" for its own.
func (e *Engine) Open(octets []byte, version string) (*Policy, error) {
	for _, c := range []byte(version) {
		if c <= ' ' || c >= 0x7f {
			return nil, invalid("version: expected 1 to 64 visible ASCII characters")
		}
	}
	return e.policy(func(one *instance) error { return one.open(octets, version) })
}

// OpenText opens a policy from YAML or JSON.
func (e *Engine) OpenText(text string) (*Policy, error) {
	return e.policy(func(one *instance) error { return one.openText(text) })
}

func invalid(message string) error {
	return &Error{&fingerpostv1.Error{
		Code:    "INVALID_ARGUMENT",
		Reason:  fingerpostv1.ErrorReason_ERROR_REASON_INVALID_FIELDS,
		Message: message,
	}}
}

func internal(message string) error {
	return &Error{&fingerpostv1.Error{
		Code:    "INTERNAL",
		Reason:  fingerpostv1.ErrorReason_ERROR_REASON_INVARIANT_BROKEN,
		Message: message,
	}}
}

// errorOf reads the octets of a v1.Error.
func errorOf(octets []byte) error {
	message := &fingerpostv1.Error{}
	if err := proto.Unmarshal(octets, message); err != nil {
		return internal("the engine's error cannot be read")
	}
	return &Error{message}
}

// ended says whether err is a trap's, after which an instance is of no use.
func ended(err error) bool {
	var answer *Error
	return err != nil && !errors.As(err, &answer)
}
