package engine

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// most is how many instances a policy has at most. Each takes 2 MiB and the policy's own size.
const most = 8

// Policy is an open policy. Safe to share between goroutines. An instance of the module is one goroutine's, so that a policy has several; they end when
// nobody holds the policy any more.
type Policy struct {
	pool    *pool
	version string
}

// pool has the instances of a policy: one at first, and another, made in the background, whenever a question finds none free.
type pool struct {
	engine  *Engine
	open    func(*instance) error
	free    chan *slot
	made    atomic.Int32
	growing atomic.Bool
	// usage is held by what needs all instances.
	usage sync.Mutex
	over  bool
}

// slot has an instance, or none after a trap: the next question makes it anew.
type slot struct {
	instance *instance
}

func (e *Engine) policy(open func(*instance) error) (*Policy, error) {
	one := &slot{}
	made := &pool{engine: e, open: open, free: make(chan *slot, min(most, runtime.GOMAXPROCS(0)))}
	if err := made.fill(one); err != nil {
		return nil, answered(err)
	}
	version, err := one.instance.policyVersion()
	if err != nil {
		one.instance.close()
		return nil, answered(err)
	}
	made.made.Store(1)
	made.free <- one
	policy := &Policy{made, version}
	runtime.AddCleanup(policy, func(ended *pool) { go ended.end() }, made)
	return policy, nil
}

// Version is what answers say as policy_version.
func (p *Policy) Version() string { return p.version }

// Decide answers a DecideRequest with a DecideResponse. The error is an *Error.
func (p *Policy) Decide(question []byte) ([]byte, error) { return p.ask(decide, question) }

// Follow answers a FollowRequest with a FollowResponse. The error is an *Error.
func (p *Policy) Follow(question []byte) ([]byte, error) { return p.ask(follow, question) }

func (p *Policy) ask(name method, question []byte) ([]byte, error) {
	defer runtime.KeepAlive(p)
	one := p.pool.take()
	defer func() { p.pool.free <- one }()
	return p.pool.use(one, name, question)
}

// TakeUsage gives what was answered since the last time: ReportUsageRequests, one for each instance that answered.
func (p *Policy) TakeUsage() [][]byte {
	defer runtime.KeepAlive(p)
	p.pool.usage.Lock()
	defer p.pool.usage.Unlock()
	var reports [][]byte
	var held []*slot
	for range p.pool.made.Load() {
		one := <-p.pool.free
		held = append(held, one)
		if one.instance == nil {
			continue
		}
		if octets, err := p.pool.use(one, takeUsage, nil); err == nil && len(octets) > 0 {
			reports = append(reports, octets)
		}
	}
	for _, one := range held {
		p.pool.free <- one
	}
	return reports
}

// take waits for an instance, as short as a question takes.
func (p *pool) take() *slot {
	select {
	case one := <-p.free:
		return one
	default:
		if int(p.made.Load()) < cap(p.free) && p.growing.CompareAndSwap(false, true) {
			go p.grow()
		}
		return <-p.free
	}
}

func (p *pool) grow() {
	defer p.growing.Store(false)
	one := &slot{}
	if int(p.made.Load()) == cap(p.free) || p.fill(one) != nil {
		return
	}
	p.usage.Lock()
	defer p.usage.Unlock()
	if p.over {
		one.instance.close()
		return
	}
	p.made.Add(1)
	p.free <- one
}

// use asks; what the instance that ends with a trap has counted is lost.
func (p *pool) use(one *slot, name method, question []byte) ([]byte, error) {
	if one.instance == nil {
		if err := p.fill(one); err != nil {
			return nil, answered(err)
		}
	}
	answer, err := one.instance.ask(name, question)
	if ended(err) {
		one.instance.close()
		one.instance = nil
	}
	return answer, answered(err)
}

// fill gives a slot an instance with the policy.
func (p *pool) fill(one *slot) error {
	made, err := p.engine.instance()
	if err != nil {
		return err
	}
	if err := p.open(made); err != nil {
		made.close()
		return err
	}
	one.instance = made
	return nil
}

func (p *pool) end() {
	p.usage.Lock()
	defer p.usage.Unlock()
	p.over = true
	for range p.made.Load() {
		if one := <-p.free; one.instance != nil {
			one.instance.close()
		}
	}
}

// answered makes an *Error of every fault.
func answered(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return internal(fmt.Sprintf("the engine failed, and was begun anew: %v", err))
}
