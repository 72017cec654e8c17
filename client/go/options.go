package fingerpost

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// Version is this package's: that of the service which answers the same.
const Version = "0.1.0"

const (
	// DecideTimeout is Decide's default, over all attempts: a web request waits for it.
	DecideTimeout = 100 * time.Millisecond
	// FollowTimeout is Follow's default, over all attempts.
	FollowTimeout = 250 * time.Millisecond
	// firstConnection is how long a call waits, until a process has its first connection, in addition to its own deadline.
	firstConnection = time.Second
	// longestTimeout: other languages' clocks count no further than some 24 days.
	longestTimeout = 24 * 24 * time.Hour
)

// Engine says who answers.
type Engine string

const (
	// Auto, the default: the engine in this process, as soon as it has the policy; the service, for what the engine leaves to it and until then.
	Auto Engine = "auto"
	// Local: the engine; the service is never asked.
	Local Engine = "local"
	// Remote: the service.
	Remote Engine = "remote"
)

// Option is a setting of a client. It is refused by New if it is wrong.
type Option func(*settings) error

type settings struct {
	engine     Engine
	engineFile string
	selector   *fingerpostv1.PolicySelector
	policyFile string
	raises     bool
	timeout    time.Duration
	onFallback func(error)
	log        *slog.Logger
	fields     map[string]bool
	exempt     []string
	page       func(http.ResponseWriter, *http.Request, int, error)
}

// WithEngine says who answers; default: Auto.
func WithEngine(engine Engine) Option {
	return func(s *settings) error {
		if engine != Auto && engine != Local && engine != Remote {
			return fmt.Errorf("fingerpost: WithEngine: expected %q, %q or %q, got %q", Auto, Local, Remote, engine)
		}
		s.engine = engine
		return nil
	}
}

// WithEngineFile names the engine's module, for programs that were compiled without it.
func WithEngineFile(path string) Option {
	return func(s *settings) error { s.engineFile = path; return nil }
}

// WithSelector names the part of the policy that this process needs; default: all. A host that begins with "." is all hosts below it.
func WithSelector(hosts, intents []string) Option {
	return func(s *settings) error {
		s.selector = &fingerpostv1.PolicySelector{Hosts: hosts, Intents: intents}
		return nil
	}
}

// WithPolicyFile keeps the last good policy there, for its owner alone: the next start has it before the service has said a word.
func WithPolicyFile(path string) Option {
	return func(s *settings) error { s.policyFile = path; return nil }
}

// WithTimeout is the deadline of each call, over all attempts; more than 0, and at most 24 days. A call's own Timeout comes first.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) error {
		if timeout <= 0 {
			return errors.New("fingerpost: WithTimeout: expected more than 0")
		}
		s.timeout = timeout
		return nil
	}
}

// FailClosed gives the error instead of a fallback in every outage.
func FailClosed() Option {
	return func(s *settings) error { s.raises = true; return nil }
}

// OnFallback is called with the error for each fallback, for counting.
func OnFallback(hook func(error)) Option {
	return func(s *settings) error { s.onFallback = hook; return nil }
}

// WithLogger is where the client writes; default: slog.Default().
func WithLogger(log *slog.Logger) Option {
	return func(s *settings) error {
		if log == nil {
			return errors.New("fingerpost: WithLogger: expected a logger")
		}
		s.log = log
		return nil
	}
}

// WithFields names request fields that the policy's rules look at, in addition to SentFields: "Cookie" for rules with assign.
func WithFields(names ...string) Option {
	return func(s *settings) error {
		for _, name := range names {
			s.fields[strings.ToLower(name)] = true
		}
		return nil
	}
}

// WithExempt names paths that Middleware lets pass, with everything below them: "/healthz".
func WithExempt(paths ...string) Option {
	return func(s *settings) error {
		for _, path := range paths {
			if !strings.HasPrefix(path, "/") {
				return fmt.Errorf("fingerpost: WithExempt: expected paths that begin with \"/\", got %q", path)
			}
		}
		s.exempt = append(s.exempt, paths...)
		return nil
	}
}

// WithErrorPage writes the program's own pages for 400, 500 and 503; the error is for the log, not for the visitor. Default: a line of text.
func WithErrorPage(page func(w http.ResponseWriter, r *http.Request, status int, err error)) Option {
	return func(s *settings) error {
		if page == nil {
			return errors.New("fingerpost: WithErrorPage: expected a function")
		}
		s.page = page
		return nil
	}
}

// CallOption is a setting of one call.
type CallOption func(*call)

type call struct{ timeout time.Duration }

// Timeout is the deadline of this call, over all attempts; a context's earlier one comes first.
func Timeout(timeout time.Duration) CallOption {
	return func(c *call) { c.timeout = timeout }
}
