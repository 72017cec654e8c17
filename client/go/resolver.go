package fingerpost

import (
	"sync"
	"time"

	"google.golang.org/grpc/resolver"
)

// resolveEvery is how often a name is resolved at most. gRPC's 30 s are longer than a rollout takes to replace every server, and they are a setting of the
// whole process, which is not this package's to change.
const resolveEvery = time.Second

// dnsBuilder is gRPC's own resolver of names, begun anew when gRPC asks for other addresses.
type dnsBuilder struct{ resolver.Builder }

func (b dnsBuilder) Build(target resolver.Target, to resolver.ClientConn, options resolver.BuildOptions) (resolver.Resolver, error) {
	made, err := b.Builder.Build(target, to, options)
	if err != nil {
		return nil, err
	}
	return &dnsResolver{current: made, begun: time.Now(), begin: func() (resolver.Resolver, error) {
		return b.Builder.Build(target, to, options)
	}}, nil
}

type dnsResolver struct {
	mutex   sync.Mutex
	begin   func() (resolver.Resolver, error)
	current resolver.Resolver
	begun   time.Time
	timer   *time.Timer
	closed  bool
}

func (r *dnsResolver) ResolveNow(resolver.ResolveNowOptions) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.timer == nil && !r.closed {
		r.timer = time.AfterFunc(time.Until(r.begun.Add(resolveEvery)), r.again)
	}
}

func (r *dnsResolver) again() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.timer = nil
	if r.closed {
		return
	}
	r.begun = time.Now()
	if made, err := r.begin(); err == nil {
		r.current.Close()
		r.current = made
	}
}

func (r *dnsResolver) Close() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
	}
	r.current.Close()
}
