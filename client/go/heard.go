package fingerpost

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const heardEvery = 10 * time.Second

// rate lets one through in heardEvery.
type rate struct {
	mutex   sync.Mutex
	next    time.Time
	waiting int
}

// take says how many there were since the last that was let through, this one included; 0 if this one is held back.
func (r *rate) take() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.waiting++
	now := time.Now()
	if now.Before(r.next) {
		return 0
	}
	r.next = now.Add(heardEvery)
	found := r.waiting
	r.waiting = 0
	return found
}

// heard is the log line and the hook of one client's fallbacks.
type heard struct {
	log  *slog.Logger
	hook func(error)
	rate rate
}

// fellBack: the service did not answer, and the caller gets a fallback. Counting must not fail the request, whatever the hook does.
func (h *heard) fellBack(err *Error) {
	if many := h.rate.take(); many > 0 {
		h.log.Warn("Fingerpost did not answer", "error", err, "fallbacks", many)
	}
	if h.hook == nil {
		return
	}
	defer func() {
		if fault := recover(); fault != nil {
			h.log.Error("OnFallback failed", "panic", fmt.Sprint(fault))
		}
	}()
	h.hook(err)
}
