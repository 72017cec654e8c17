// Package shop is what the example shops share: settings, orders in SQLite, and the pages. No redirect is decided here.
//
// The shops have no sessions and no CSRF tokens, to keep the focus on the redirects.
package shop

import (
	"crypto/rand"
	"database/sql"
	"embed"
	"fmt"
	"html/template"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/embed"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
)

// AntiPattern is what Post/Redirect/Get avoids: the POST answers 200 with the page itself, and a reload orders again.
var AntiPattern = os.Getenv("SHOP_ANTI_PATTERN") == "1"

// Client is the shops'. A shop would rather wait for the right answer than have none; its policy's rules look at X-Route.
func Client() *fingerpost.Client {
	client, err := fingerpost.New(setting("FINGERPOST", "127.0.0.1:50051"), fingerpost.Plaintext(),
		fingerpost.WithTimeout(10*time.Second), fingerpost.WithFields("X-Route"))
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// Serve says where it listens, and serves.
func Serve(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+setting("PORT", "8000"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, handler))
}

var database = open()

func open() *sql.DB {
	made, err := sql.Open("sqlite3", "file:"+setting("SHOP_DATABASE", "shop.sqlite"))
	if err == nil {
		made.SetMaxOpenConns(1)
		_, err = made.Exec("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)")
	}
	if err != nil {
		log.Fatal(err)
	}
	return made
}

// Place gives the number of the new order.
func Place(item string) int64 {
	placed, err := database.Exec("INSERT INTO orders (item) VALUES (?)", item)
	if err != nil {
		panic(err)
	}
	number, _ := placed.LastInsertId()
	return number
}

// Destroy cancels an order.
func Destroy(number string) {
	if _, err := database.Exec("DELETE FROM orders WHERE id = ?", number); err != nil {
		panic(err)
	}
}

type order struct {
	Number int64
	Item   string
}

func orders() []order {
	rows, err := database.Query("SELECT id, item FROM orders ORDER BY id")
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	var all []order
	for rows.Next() {
		var one order
		if err := rows.Scan(&one.Number, &one.Item); err != nil {
			panic(err)
		}
		all = append(all, one)
	}
	return all
}

// Registered has the redirect URIs that the OAuth client registered.
func Registered(r *http.Request) []string {
	_, port, _ := net.SplitHostPort(r.Host)
	return []string{"http://127.0.0.1:" + port + "/callback", "http://localhost:" + port + "/callback"}
}

// Code is an authorization code.
func Code() string { return rand.Text() }

//go:embed pages
var files embed.FS

// Every value is escaped: a flash message comes from a cookie that anybody could have written.
var pages = template.Must(template.ParseFS(files, "pages/*.html"))

func page(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		log.Print(err)
	}
}

// Home has the forms.
func Home(w http.ResponseWriter) {
	last := order{}
	if all := orders(); len(all) > 0 {
		last = all[len(all)-1]
	}
	page(w, "home.html", last)
}

// Confirmation shows an order, and a message.
func Confirmation(w http.ResponseWriter, number, flash string) {
	item := ""
	_ = database.QueryRow("SELECT item FROM orders WHERE id = ?", number).Scan(&item)
	page(w, "confirmation.html", map[string]string{"Number": number, "Item": item, "Flash": flash})
}

// Orders lists them.
func Orders(w http.ResponseWriter) { page(w, "orders.html", orders()) }

// Products has a Vary and a Cache-Control of its own.
func Products(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Language")
	w.Header().Set("Cache-Control", "max-age=60")
	page(w, "products.html", r.URL.Query().Get("promo"))
}

// Login has the form.
func Login(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	uri := asked.Get("redirect_uri")
	if uri == "" {
		uri = Registered(r)[0]
	}
	page(w, "login.html", map[string]string{"URI": uri, "State": asked.Get("state")})
}

// Callback shows what arrived.
func Callback(w http.ResponseWriter, r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	page(w, "callback.html", r.Method+" "+r.URL.RawQuery+" "+strings.ToValidUTF8(string(content), "\uFFFD"))
}

// Echo returns the content that arrived.
func Echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.Copy(w, r.Body)
}
