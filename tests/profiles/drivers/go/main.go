// Go's net/http: a JSON request a line in, how http.Client said it ended out.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"runtime"
	"strings"
)

type question struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers"`
	Content *string     `json:"content"`
	OneShot bool        `json:"one_shot"`
}

func send(client *http.Client, q question) (int, error) {
	var body io.Reader
	if q.Content != nil {
		body = strings.NewReader(*q.Content)
		if q.OneShot {
			body = io.MultiReader(body) // hides the kind of reader that NewRequest can rewind
		}
	}
	request, err := http.NewRequest(q.Method, q.URL, body)
	if err != nil {
		return 0, err
	}
	for _, field := range q.Headers {
		if strings.EqualFold(field[0], "host") {
			request.Host = field[1]
		} else {
			request.Header.Add(field[0], field[1])
		}
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// Every last label is a public suffix, as in the list of publicsuffix.org for the names of these tests.
type lastLabels struct{}

func (lastLabels) PublicSuffix(domain string) string {
	return domain[strings.LastIndexByte(domain, '.')+1:]
}

func (lastLabels) String() string { return "last labels" }

func main() {
	authority, err := os.ReadFile(os.Getenv("CA_FILE"))
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	client := &http.Client{Transport: transport}

	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]any{"version": runtime.Version()})
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			panic(err)
		}
		if len(os.Args) > 1 && os.Args[1] == "jar" {
			client.Jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: lastLabels{}})
		}
		if status, err := send(client, q); err != nil {
			_ = out.Encode(map[string]any{"error": fmt.Sprint(err)})
		} else {
			_ = out.Encode(map[string]any{"status": status})
		}
	}
}
