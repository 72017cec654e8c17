// Package fingerpost gives the right redirect in one call, by the engine in this process, and follows redirects safely.
//
//	client, err := fingerpost.New("127.0.0.1:50051", fingerpost.Plaintext())
//	...
//	client.Redirect(w, r, fingerpost.FormResult("/orders/7/confirmation"), fingerpost.Flash("Order placed"))
//
// client/README.md states what every client promises, including what happens when the service does not answer.
package fingerpost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// Client asks a Fingerpost service. Safe to share between goroutines; close it at the end.
type Client struct {
	settings settings
	breaker  breaker
	heard    heard
	inside   *inside
	channel  *grpc.ClientConn
	service  fingerpostv1.RedirectServiceClient
	// settled: the first connection is made, or has failed.
	settled atomic.Bool
	closed  atomic.Bool
	closing sync.Once
	protos  rate
	// record is a fake's.
	record func(proto.Message) error
}

// New makes a client of the service at "host:port". It connects with the first question.
func New(address string, transport Transport, options ...Option) (*Client, error) {
	if transport.credentials == nil {
		return nil, errors.New("fingerpost: New: choose fingerpost.TLS(…) or fingerpost.Plaintext()")
	}
	chosen, err := chosenBy(options)
	if err != nil {
		return nil, err
	}
	channel, err := connect(address, transport, reconnect())
	if err != nil {
		return nil, fmt.Errorf("fingerpost: %s: %w", address, err)
	}
	made := newClient(chosen)
	made.channel, made.service = channel, fingerpostv1.NewRedirectServiceClient(channel)
	made.inside.watch = func() (*watcher, error) {
		pauses := backoff.DefaultConfig
		pauses.BaseDelay, pauses.MaxDelay = firstPause, longestPause
		policies, err := connect(address, transport, pauses, grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestPolicy)))
		if err != nil {
			return nil, err
		}
		return watch(made.inside, policies, chosen.selector), nil
	}
	if chosen.engine != Local && chosen.policyFile == "" {
		go func() { _ = made.inside.load(chosen.engineFile) }()
		return made, nil
	}
	if err := made.inside.load(chosen.engineFile); err != nil && chosen.engine == Local {
		_ = channel.Close()
		return nil, fmt.Errorf("fingerpost: %w", err)
	}
	return made, nil
}

func chosenBy(options []Option) (settings, error) {
	chosen := settings{engine: Auto, log: slog.Default(), fields: map[string]bool{}, page: plainPage}
	for _, option := range options {
		if err := option(&chosen); err != nil {
			return chosen, err
		}
	}
	return chosen, nil
}

func newClient(chosen settings) *Client {
	file := chosen.policyFile
	if chosen.engine == Remote {
		file = ""
	}
	return &Client{
		settings: chosen,
		breaker:  breaker{clock: time.Now},
		heard:    heard{log: chosen.log, hook: chosen.onFallback},
		inside:   &inside{mode: chosen.engine, held: newHeld(chosen.selector, file, chosen.log), loaded: make(chan struct{})},
	}
}

// Policy says what this process knows of the policy: whose it is, since when, its version, and why a newer one does not answer.
func (c *Client) Policy() PolicyStatus { return c.inside.held.status() }

// Stub is the generated one, for the RPCs that have no method here. nil: the client is a fake.
func (c *Client) Stub() fingerpostv1.RedirectServiceClient { return c.service }

// Decide says what to send. The error is an *Error, or ErrClosed.
func (c *Client) Decide(ctx context.Context, question *fingerpostv1.DecideRequest, options ...CallOption) (*Decision, error) {
	octets, err := c.begin(question)
	if err != nil {
		return nil, err
	}
	decision, found := c.decided(ctx, question, octets, c.timeout(options, DecideTimeout))
	if found == nil {
		return decision, nil
	}
	if !c.mayFallBack(ctx, found) {
		return nil, found
	}
	decision, err = c.fallbackDecision(ctx, question, octets, found)
	if err != nil {
		return nil, err
	}
	c.heard.fellBack(found)
	return decision, nil
}

func (c *Client) decided(ctx context.Context, question *fingerpostv1.DecideRequest, octets []byte, timeout time.Duration) (*Decision, *Error) {
	if c.record != nil {
		if err := c.record(question); err != nil {
			return nil, asError(err)
		}
	}
	answer, found := c.inside.decide(question, octets)
	if found != nil {
		return nil, found
	}
	if answer != nil {
		return typed(decisionOf(answer, SourceEngine))
	}
	return asked(c, ctx, timeout, func(ctx context.Context) (*Decision, error) {
		answer, err := c.service.Decide(ctx, question)
		if err != nil {
			return nil, ofStatus(err)
		}
		return decisionOf(answer, SourceService)
	})
}

// Follow says what to request next. The error is an *Error, or ErrClosed.
func (c *Client) Follow(ctx context.Context, question *fingerpostv1.FollowRequest, options ...CallOption) (*Hop, error) {
	if _, err := c.begin(question); err != nil {
		return nil, err
	}
	// Nothing leaves the process by the engine; but it answers the same question, so that a chain, which the service may be asked about later, has no secret
	// in it, and equal answers have equal octets.
	bare := withheld(question)
	octets, _ := proto.Marshal(bare)
	hop, found := c.followed(ctx, question, bare, octets, c.timeout(options, FollowTimeout))
	if found == nil {
		return hop, nil
	}
	if !c.mayFallBack(ctx, found) {
		return nil, found
	}
	hop, err := c.fallbackHop(ctx, question, bare, octets, found)
	if err != nil {
		return nil, err
	}
	c.heard.fellBack(found)
	return hop, nil
}

func (c *Client) followed(
	ctx context.Context, question, bare *fingerpostv1.FollowRequest, octets []byte, timeout time.Duration,
) (*Hop, *Error) {
	if c.record != nil {
		if err := c.record(bare); err != nil {
			return nil, asError(err)
		}
	}
	answer, found := c.inside.follow(ctx, bare, octets)
	if found != nil {
		return nil, found
	}
	if answer != nil {
		return typed(completed(question, answer, SourceEngine))
	}
	return asked(c, ctx, timeout, func(ctx context.Context) (*Hop, error) {
		answer, err := c.service.Follow(ctx, bare)
		if err != nil {
			return nil, ofStatus(err)
		}
		return completed(question, answer, SourceService)
	})
}

func completed(question *fingerpostv1.FollowRequest, answer *fingerpostv1.FollowResponse, source Source) (*Hop, error) {
	if err := putBack(question, answer); err != nil {
		return nil, err
	}
	return hopOf(answer, source)
}

// begin refuses a question that cannot be sent.
func (c *Client) begin(question proto.Message) ([]byte, error) {
	if c.closed.Load() {
		return nil, ErrClosed
	}
	octets, err := proto.Marshal(question)
	if err != nil {
		return nil, unsendable(question, err)
	}
	return octets, nil
}

// asked gives the service's answer.
func asked[T any](c *Client, ctx context.Context, timeout time.Duration, ask func(context.Context) (T, error)) (T, *Error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, ofStatus(statusOf(err))
	}
	if !c.breaker.allows() {
		return none, &Error{Code: "BREAKER_OPEN", Message: "the service has not answered lately; it is asked again within a second"}
	}
	c.settle(ctx)
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := ask(within)
	if err == nil {
		c.breaker.answered()
		return answer, nil
	}
	found := asError(err)
	switch {
	case found.answered() || found.Code == "MALFORMED":
		c.breaker.answered()
	case !errors.Is(ctx.Err(), context.Canceled): // Who no longer wants the answer says nothing of the service.
		c.breaker.failed()
	}
	return none, found
}

// settle waits for the process's first connection, which may take longer than a question may, unless one has failed.
func (c *Client) settle(ctx context.Context) {
	if c.settled.Load() {
		return
	}
	waits, cancel := context.WithTimeout(ctx, firstConnection)
	defer cancel()
	c.channel.Connect()
	for state := c.channel.GetState(); state == connectivity.Idle || state == connectivity.Connecting; state = c.channel.GetState() {
		if !c.channel.WaitForStateChange(waits, state) {
			return
		}
	}
	c.settled.Store(true)
}

// Ready connects, waits for the policy, and says whether there is a service to ask; with Local, whether its policy has come. The context says how long.
func (c *Client) Ready(ctx context.Context) error {
	if c.closed.Load() {
		return ErrClosed
	}
	if c.record != nil {
		return nil
	}
	begun := c.inside.start()
	if c.inside.asks() {
		c.channel.Connect()
		for state := c.channel.GetState(); state != connectivity.Ready; state = c.channel.GetState() {
			if state == connectivity.Idle {
				c.channel.Connect()
			}
			if !c.channel.WaitForStateChange(ctx, state) {
				return &Error{Code: "UNAVAILABLE", Message: "the service cannot be reached", cause: ctx.Err()}
			}
		}
		c.settled.Store(true)
	}
	if begun != nil {
		select {
		case <-begun.told:
		case <-ctx.Done():
		}
	}
	if status := c.Policy(); !c.inside.asks() && status.State != PolicyReady {
		return &Error{Code: "UNAVAILABLE", Message: fmt.Sprintf("there is no policy: %v", status.Problems), cause: ctx.Err()}
	}
	return nil
}

// Close reports what was answered, which takes a second at most, and ends the channels. A second time is no error.
func (c *Client) Close() error {
	c.closing.Do(func() {
		c.closed.Store(true)
		c.inside.end()
		if c.channel != nil {
			_ = c.channel.Close()
		}
	})
	return nil
}

func (c *Client) timeout(options []CallOption, otherwise time.Duration) time.Duration {
	chosen := call{timeout: otherwise}
	if c.settings.timeout > 0 {
		chosen.timeout = c.settings.timeout
	}
	for _, option := range options {
		option(&chosen)
	}
	return min(chosen.timeout, longestTimeout)
}

// mayFallBack: not where the question is wrong, the caller wants the error, or nobody waits any more.
func (c *Client) mayFallBack(ctx context.Context, err *Error) bool {
	return !err.answered() && !c.settings.raises && !errors.Is(ctx.Err(), context.Canceled)
}

// asError makes an *Error of what the client itself returns.
func asError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return ofStatus(err)
}

func typed[T any](answer T, err error) (T, *Error) {
	if err != nil {
		return answer, asError(err)
	}
	return answer, nil
}
