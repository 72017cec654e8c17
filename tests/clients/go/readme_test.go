package tests

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var block = regexp.MustCompile("(?s)```go\n(.*?)```(?:\n\nIt prints\n\n```text\n(.*?)```)?")

// Every block of the package's README runs, and prints the README's output.
func TestReadme(t *testing.T) {
	octets, err := os.ReadFile(repository(t, "client", "go", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := block.FindAllStringSubmatch(string(octets), -1)
	if len(blocks) < 6 {
		t.Fatalf("%d blocks", len(blocks))
	}
	shop := newSite(t, map[string]http.HandlerFunc{"/spring-sale": to(302, "/products?promo=spring")})
	shown := strings.NewReplacer("127.0.0.1:50051", commonService(t).address, "127.0.0.1:8000", strings.TrimPrefix(shop.URL, "http://"),
		// On a busy machine the first answer may take longer than a web request would wait.
		"fingerpost.Plaintext())", "fingerpost.Plaintext(), fingerpost.WithTimeout(20e9))")
	// In a module of its own, as a user's program; the examples' has all that a snippet may import.
	folder := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		octets, err := os.ReadFile(repository(t, "client", "go", "examples", name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(octets), "=> ..", "=> "+repository(t, "client", "go"))
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for number, found := range blocks {
		program := filepath.Join(folder, "snippet"+string(rune('a'+number)))
		file, words := "main.go", []string{"run", "."}
		if strings.Contains(found[1], "testing.T") {
			file, words = "shop_test.go", []string{"test", "."}
		}
		if err := os.MkdirAll(program, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(program, file), []byte(shown.Replace(found[1])), 0o600); err != nil {
			t.Fatal(err)
		}
		running := exec.Command("go", words...)
		running.Dir = program
		out, err := running.Output()
		if want := shown.Replace(found[2]); err != nil || words[0] == "run" && string(out) != want {
			t.Errorf("block %d: %v: got\n%s, expected\n%s", number, err, out, want)
		}
		if format, err := exec.Command("gofmt", "-l", program).Output(); err != nil || len(format) > 0 {
			t.Errorf("block %d is not as gofmt writes it", number)
		}
	}
}
