package fingerpost

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	failuresToOpen = 5
	openFor        = time.Second
	openJitter     = 0.2
)

// breaker makes an outage cost a request microseconds instead of its deadline (client/README.md).
type breaker struct {
	mutex       sync.Mutex
	failures    int
	closedAgain time.Time
	clock       func() time.Time
}

// allows says whether the next call may be made. While it is open, one call is let through each second.
func (b *breaker) allows() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.failures < failuresToOpen {
		return true
	}
	now := b.clock()
	if now.Before(b.closedAgain) {
		return false
	}
	b.open(now) // This call is the probe; the others wait for what it learns.
	return true
}

// answered: even if with an error about the question.
func (b *breaker) answered() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.failures = 0
}

func (b *breaker) failed() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.failures++; b.failures >= failuresToOpen {
		b.open(b.clock())
	}
}

func (b *breaker) open(now time.Time) {
	b.closedAgain = now.Add(time.Duration(float64(openFor) * (1 + openJitter*rand.Float64())))
}
