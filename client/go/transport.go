package fingerpost

import (
	"crypto/tls"
	_ "embed"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // The service config asks for health checks.
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
)

//go:embed service_config.json
var serviceConfig string

const (
	// The service closes idle connections by its own clock; a ping each half minute keeps middleboxes from doing it first.
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 5 * time.Second
	// With gRPC's default of two minutes, a client would avoid a service long after its return.
	longestReconnect = 5 * time.Second
)

// Transport says how the client reaches the service. There is no default: plaintext must be chosen.
type Transport struct {
	credentials credentials.TransportCredentials
}

// Plaintext: no encryption and no authentication, for loopback, or inside a mesh that adds both.
func Plaintext() Transport { return Transport{insecure.NewCredentials()} }

// TLS: with the system's roots, or those of config, and its client certificate. nil is &tls.Config{}.
func TLS(config *tls.Config) Transport {
	if config == nil {
		config = &tls.Config{}
	}
	return Transport{credentials.NewTLS(config)}
}

// connect makes a channel. It connects with the first call.
func connect(address string, transport Transport, pauses backoff.Config, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport.credentials),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableServiceConfig(),
		grpc.WithUserAgent("fingerpost-go/" + Version),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: longestReconnect}),
		grpc.WithResolvers(dnsBuilder{resolver.Get("dns")}),
	}
	return grpc.NewClient(target(address), append(options, more...)...)
}

func reconnect() backoff.Config {
	pauses := backoff.DefaultConfig
	pauses.MaxDelay = longestReconnect
	return pauses
}

// target is "host:port", resolved by DNS, so that round-robin sees every address.
func target(address string) string {
	if strings.Contains(address, "://") || strings.HasPrefix(address, "unix:") || strings.HasPrefix(address, "passthrough:") {
		return address
	}
	return "dns:///" + address
}
