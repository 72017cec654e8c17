package tests

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
)

// certificate writes a self-signed one for 127.0.0.1 and its key, and gives the roots that know it.
func certificate(t *testing.T) (file, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	octets, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := x509.MarshalPKCS8PrivateKey(private)
	folder := t.TempDir()
	file, key = filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
	written := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: octets})
	_ = os.WriteFile(file, written, 0o600)
	_ = os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600)
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(written)
	return file, key, roots
}

func TestTLSWithTheRightAndTheWrongRoots(t *testing.T) {
	file, key, roots := certificate(t)
	_, _, others := certificate(t)
	running := startService(t, "--tls-cert", file, "--tls-key", key)
	for name, right := range map[string]struct {
		roots *x509.CertPool
		want  fingerpost.Source
	}{"right": {roots, fingerpost.SourceService}, "wrong": {others, fingerpost.SourceFallback}, "the system's": {nil, fingerpost.SourceFallback}} {
		asking, err := fingerpost.New(running.address, fingerpost.TLS(&tls.Config{RootCAs: right.roots}),
			fingerpost.WithEngine(fingerpost.Remote), fingerpost.WithTimeout(patient))
		if err != nil {
			t.Fatal(err)
		}
		decision, err := asking.Decide(context.Background(), form())
		if err != nil || decision.Source != right.want {
			t.Errorf("%s: %v, %v", name, decision, err)
		}
		_ = asking.Close()
	}
}
