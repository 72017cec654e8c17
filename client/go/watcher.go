package fingerpost

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

const (
	// reportEvery is between two reports, give or take a fifth.
	reportEvery = 10 * time.Second
	// firstPause and longestPause are before a stream is begun anew. gRPC's own pause, after a connection that failed, is as long at most: together 5 s.
	firstPause, longestPause = 100 * time.Millisecond, 2500 * time.Millisecond
	// steady is how long a stream lives that does not lengthen the pause.
	steady = 5 * time.Second
	// lastWord is for the last report, and for the goroutines to end.
	lastWord = time.Second
)

// watcher has two goroutines: one is told of each policy, the other reports what was answered. No request waits for them.
type watcher struct {
	held    *held
	loaded  <-chan struct{}
	channel *grpc.ClientConn
	service fingerpostv1.PolicyServiceClient
	asked   *fingerpostv1.PolicySelector
	// told is closed when the service has said which policy answers, or that it says nothing.
	told     chan struct{}
	toldOnce sync.Once
	ended    context.Context
	stop     context.CancelFunc
	over     sync.WaitGroup
}

func watch(in *inside, channel *grpc.ClientConn, selector *fingerpostv1.PolicySelector) *watcher {
	ended, stop := context.WithCancel(context.Background())
	made := &watcher{
		held: in.held, loaded: in.loaded, channel: channel, service: fingerpostv1.NewPolicyServiceClient(channel), asked: selector,
		told: make(chan struct{}), ended: ended, stop: stop,
	}
	made.over.Go(made.watchAll)
	made.over.Go(made.reportAll)
	return made
}

// end ends both, after a last report. A second time is no error.
func (w *watcher) end() {
	w.stop()
	done := make(chan struct{})
	go func() { w.over.Wait(); _ = w.channel.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(lastWord):
	}
}

func (w *watcher) tell() { w.toldOnce.Do(func() { close(w.told) }) }

func (w *watcher) watchAll() {
	defer w.tell()
	select {
	case <-w.loaded:
	case <-w.ended.Done():
		return
	}
	if w.held.engine == nil {
		return // Without it there is nothing to open a policy with.
	}
	pause := firstPause
	for w.ended.Err() == nil {
		began := time.Now()
		why := w.stream()
		if w.ended.Err() != nil {
			return
		}
		w.held.leave("no policy comes from the service: " + why)
		pause = nextPause(pause, time.Since(began))
		w.sleep(pause)
	}
}

// nextPause is how long to wait after a stream that lived so long; before it, that was before.
func nextPause(before, lived time.Duration) time.Duration {
	if lived > steady {
		return firstPause
	}
	return min(2*before, longestPause)
}

// sleep waits, give or take a fifth. false: it is over.
func (w *watcher) sleep(duration time.Duration) bool {
	select {
	case <-w.ended.Done():
		return false
	case <-time.After(time.Duration(float64(duration) * (0.8 + 0.4*rand.Float64()))):
		return true
	}
}

// stream reads one stream to its end, and says why it ended.
func (w *watcher) stream() string {
	ctx, cancel := context.WithCancel(w.ended)
	defer cancel()
	asked := &fingerpostv1.WatchPolicyRequest{Selector: w.asked, KnownVersion: w.held.version()}
	said, err := w.service.WatchPolicy(ctx, asked)
	for err == nil {
		var answer *fingerpostv1.WatchPolicyResponse
		if answer, err = said.Recv(); err == nil {
			w.held.come(answer)
			w.tell()
		}
	}
	if errors.Is(err, io.EOF) {
		return "it ended the stream"
	}
	if status.Code(err) != codes.Unavailable {
		w.tell()
	}
	return ofStatus(err).Error()
}

func (w *watcher) reportAll() {
	for w.sleep(reportEvery) {
		w.report(reportEvery)
	}
	w.report(lastWord)
}

// report takes what was answered since the last time. What a call that fails had taken is lost: counted too little rather than twice.
func (w *watcher) report(within time.Duration) {
	if w.held.known.Load().State != PolicyReady || w.held.policy.Load() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for _, octets := range w.held.takeUsage() {
		usage := &fingerpostv1.ReportUsageRequest{}
		err := proto.Unmarshal(octets, usage)
		if err == nil {
			usage.Agent = "go/" + Version
			_, err = w.service.ReportUsage(ctx, usage)
		}
		if err != nil {
			w.held.log.Info("what was answered was not counted", "error", err)
			return
		}
	}
}
