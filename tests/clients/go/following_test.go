package tests

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerposttest"
)

// site answers by path, and remembers what came.
type site struct {
	*httptest.Server
	came []*http.Request
	body []string
}

func newSite(t *testing.T, pages map[string]http.HandlerFunc) *site {
	made := &site{}
	made.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		made.came, made.body = append(made.came, r), append(made.body, string(content))
		if page := pages[r.URL.Path]; page != nil {
			page(w, r)
		}
	}))
	t.Cleanup(made.Close)
	return made
}

func to(status int, location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	}
}

func request(t *testing.T, method, url, body string, fields ...string) *http.Request {
	t.Helper()
	made, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		made.Header.Set(fields[i], fields[i+1])
	}
	return made
}

// Every row by the engine and by the service.
func followers(t *testing.T, options fingerpost.FollowOptions, test func(t *testing.T, walking *http.Client)) {
	for _, engine := range []fingerpost.Engine{fingerpost.Local, fingerpost.Remote} {
		t.Run(string(engine), func(t *testing.T) {
			test(t, client(t, commonService(t).address, fingerpost.WithEngine(engine)).HTTPClient(options))
		})
	}
}

func TestFollowingKeepsSecretsOnTheirOrigin(t *testing.T) {
	followers(t, fingerpost.FollowOptions{SecretFields: []string{"X-Api-Key"}}, func(t *testing.T, walking *http.Client) {
		other := newSite(t, nil)
		first := newSite(t, map[string]http.HandlerFunc{"/a": to(302, "/b"), "/b": to(302, other.URL+"/c")})
		response, err := walking.Do(request(t, "GET", first.URL+"/a", "", "Authorization", "s3cret", "X-Api-Key", "s3cret", "Cookie", "s=3", "X-Plain", "p"))
		if err != nil || response.StatusCode != 200 || response.Request.URL.String() != other.URL+"/c" {
			t.Fatal(response, err)
		}
		if same := first.came[1].Header; same.Get("Authorization") != "s3cret" || same.Get("X-Api-Key") != "s3cret" || same.Get("Cookie") != "s=3" {
			t.Fatal(same)
		}
		if crossed := other.came[0].Header; crossed.Get("Authorization")+crossed.Get("X-Api-Key")+crossed.Get("Cookie") != "" || crossed.Get("X-Plain") != "p" {
			t.Fatal(crossed)
		}
	})
}

func TestFollowingTheContent(t *testing.T) {
	followers(t, fingerpost.FollowOptions{}, func(t *testing.T, walking *http.Client) {
		web := newSite(t, map[string]http.HandlerFunc{"/keep": to(307, "/got"), "/see": to(303, "/got")})
		for path, want := range map[string]string{"/keep": "POST tea", "/see": "GET "} {
			response, err := walking.Do(request(t, "POST", web.URL+path, "tea", "Content-Type", "text/plain"))
			last := len(web.came) - 1
			if err != nil || response.StatusCode != 200 || web.came[last].Method+" "+web.body[last] != want {
				t.Fatal(path, err, web.came[last].Method, web.body[last])
			}
			if typed := web.came[last].Header.Get("Content-Type") != ""; typed != (path == "/keep") {
				t.Fatal(path, web.came[last].Header)
			}
		}
		// A content that cannot be read again.
		once := request(t, "POST", web.URL+"/keep", "tea")
		once.GetBody = nil
		_, err := walking.Do(once)
		var stopped *fingerpost.Stopped
		if !errors.As(err, &stopped) || stopped.Hop.Stop != "BODY_NOT_REPLAYABLE" || stopped.Response.StatusCode != 307 {
			t.Fatal(err)
		}
	})
}

func TestFollowingStops(t *testing.T) {
	followers(t, fingerpost.FollowOptions{DeniedHosts: []string{"denied.test"}, Limit: 3}, func(t *testing.T, walking *http.Client) {
		web := newSite(t, map[string]http.HandlerFunc{
			"/loop": to(302, "/loop"), "/many": to(302, "/many2"), "/many2": to(302, "/many3"), "/many3": to(302, "/many4"), "/many4": to(302, "/many5"),
			"/file": to(302, "file:///etc/passwd"), "/denied": to(302, "http://denied.test/"), "/user": to(302, "http://a:b@denied.test/"),
			"/none": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) }, "/odd": to(304, "/x"),
		})
		for path, want := range map[string]string{
			"/loop": "LOOP", "/many": "LIMIT", "/file": "SCHEME_NOT_ALLOWED", "/denied": "TARGET_NOT_ALLOWED", "/user": "USERINFO",
		} {
			_, err := walking.Get(web.URL + path)
			var stopped *fingerpost.Stopped
			if !errors.As(err, &stopped) || stopped.Hop.Stop != want {
				t.Errorf("%s: %v", path, err)
			}
			if errors.Is(err, fingerpost.ErrTooManyRedirects) != (want == "LOOP" || want == "LIMIT") {
				t.Errorf("%s: %v", path, err)
			}
		}
		for path, status := range map[string]int{"/odd": 304} {
			if response, err := walking.Get(web.URL + path); err != nil || response.StatusCode != status {
				t.Errorf("%s: %v %v", path, response, err)
			}
		}
		before := len(web.came)
		_, err := walking.Get("http://denied.test/")
		var stopped *fingerpost.Stopped
		if !errors.As(err, &stopped) || stopped.Hop.Stop != "TARGET_NOT_ALLOWED" || stopped.Response != nil || len(web.came) != before {
			t.Fatal(err)
		}
	})
}

func TestTheJarKeepsCookiesWhereTheyBelong(t *testing.T) {
	jar, _ := cookiejar.New(nil)
	followers(t, fingerpost.FollowOptions{Jar: jar}, func(t *testing.T, walking *http.Client) {
		setting := func(name, location string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: name, Value: "1", Path: "/"})
				if location != "" {
					to(302, location)(w, r)
				}
			}
		}
		other := newSite(t, map[string]http.HandlerFunc{"/end": setting("theirs", "")})
		elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
		first := newSite(t, map[string]http.HandlerFunc{"/a": setting("ours", "/b"), "/b": to(302, elsewhere+"/end")})
		response, err := walking.Get(first.URL + "/a")
		if err != nil || response.StatusCode != 200 || len(response.Cookies()) != 0 {
			t.Fatal(response, err)
		}
		if first.came[1].Header.Get("Cookie") != "ours=1" || other.came[0].Header.Get("Cookie") != "" {
			t.Fatal(first.came[1].Header, other.came[0].Header)
		}
		home, _ := url.Parse(first.URL)
		away, _ := url.Parse(elsewhere)
		if len(jar.Cookies(home)) != 1 || jar.Cookies(home)[0].Name != "ours" || jar.Cookies(away)[0].Name != "theirs" {
			t.Fatal(jar.Cookies(home), jar.Cookies(away))
		}
		jar.SetCookies(away, []*http.Cookie{{Name: "theirs", Path: "/", MaxAge: -1}})
		jar.SetCookies(home, []*http.Cookie{{Name: "ours", Path: "/", MaxAge: -1}})
	})
}

func TestFollowingWithoutTheService(t *testing.T) {
	web := newSite(t, map[string]http.HandlerFunc{"/a": to(302, "/b")})
	for _, walking := range []*http.Client{
		fingerposttest.New(t, "").HTTPClient(fingerpost.FollowOptions{}),
		remote(t, closedPort(t)).HTTPClient(fingerpost.FollowOptions{}),
	} {
		if response, err := walking.Get(web.URL + "/a"); err != nil || response.Request.URL.Path != "/b" {
			t.Fatal(response, err)
		}
	}
	_, err := remote(t, closedPort(t), fingerpost.WithEngineFile("/nowhere")).HTTPClient(fingerpost.FollowOptions{}).Get(web.URL + "/a")
	var stopped *fingerpost.Stopped
	if !errors.As(err, &stopped) || stopped.Hop.Stop != "SERVICE_UNAVAILABLE" || !errors.Is(err, fingerpost.ErrNoAnswer) {
		t.Fatal(err)
	}
}
