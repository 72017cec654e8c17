package tests

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
)

// What Decide costs, by the engine in this process and by the service over gRPC, beside each other:
//
//	go test -run '^$' -bench Decide -benchtime 2s
func BenchmarkDecide(b *testing.B) {
	running := commonService(b)
	for _, engine := range []fingerpost.Engine{fingerpost.Local, fingerpost.Remote} {
		asking := ready(b, client(b, running.address, fingerpost.WithEngine(engine)))
		ask := func(b *testing.B) {
			question := form()
			decision, err := asking.Decide(context.Background(), question)
			if err != nil || decision.Status != 303 {
				b.Fatal(decision, err)
			}
		}
		b.Run(string(engine), func(b *testing.B) {
			for b.Loop() {
				ask(b)
			}
		})
		b.Run(string(engine)+"/parallel", func(b *testing.B) {
			var asked atomic.Int64
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ask(b)
					asked.Add(1)
				}
			})
			b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "procs")
		})
	}
}
