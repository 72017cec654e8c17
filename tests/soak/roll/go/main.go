// Like client.py, with grpc-go.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // so that the service config's health check is made
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
)

const (
	callers  = 8
	patience = 30 * time.Second
)

// Messages in their wire format.
type octets struct{}

func (octets) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (octets) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (octets) Name() string { return "proto" }

func connect(addresses, config string) *grpc.ClientConn {
	names := manual.NewBuilderWithScheme("replicas")
	state := resolver.State{}
	for _, address := range strings.Split(addresses, ",") {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: address})
	}
	names.InitialState(state)
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithResolvers(names),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(octets{})),
	}
	if config != "" {
		options = append(options, grpc.WithDefaultServiceConfig(config))
	}
	channel, err := grpc.NewClient("replicas:///all", options...)
	if err != nil {
		panic(err)
	}
	return channel
}

func main() {
	question, err := base64.StdEncoding.DecodeString(os.Args[1])
	if err != nil {
		panic(err)
	}
	var channel atomic.Pointer[grpc.ClientConn]
	var stop atomic.Bool
	var lock sync.Mutex
	var running sync.WaitGroup
	counts := map[string]int{}
	call := func() {
		defer running.Done()
		for !stop.Load() {
			limited, cancel := context.WithTimeout(context.Background(), patience)
			var answer []byte
			err := channel.Load().Invoke(limited, "/fingerpost.v1.RedirectService/Decide", &question, &answer)
			cancel()
			lock.Lock()
			counts[strings.ToUpper(status.Code(err).String())]++
			lock.Unlock()
		}
	}
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		verb, addresses, _ := strings.Cut(orders.Text(), " ")
		if verb == "stop" {
			break
		}
		if channel.Swap(connect(addresses, os.Args[2])) == nil {
			for i := 0; i < callers; i++ {
				running.Add(1)
				go call()
			}
		}
	}
	stop.Store(true)
	running.Wait()
	line, _ := json.Marshal(counts)
	fmt.Println(string(line))
}
