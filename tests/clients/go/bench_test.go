package tests

import (
	"context"
	"syscall"
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
			before := cpu()
			for b.Loop() {
				ask(b)
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
		})
		b.Run(string(engine)+"/parallel", func(b *testing.B) {
			b.SetParallelism(4)
			before := cpu()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ask(b)
				}
			})
			b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpu is what this process has used, in nanoseconds; the service has its own.
func cpu() int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}
