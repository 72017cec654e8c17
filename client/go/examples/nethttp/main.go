// The example shop in net/http: `go run ./nethttp`, with the service on 127.0.0.1:50051.
package main

import (
	"fmt"
	"net/http"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/examples/shop"
)

func main() {
	client := shop.Client()
	mux := http.NewServeMux()

	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		shop.Home(w)
	})

	// The order: 303 to its confirmation, which shows the message once.
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		item := r.FormValue("item")
		number := fmt.Sprint(shop.Place(item))
		message := "Order placed: " + item
		if shop.AntiPattern {
			shop.Confirmation(w, number, message)
			return
		}
		client.Redirect(w, r, fingerpost.FormResult("/orders/"+number+"/confirmation"), fingerpost.Flash(message))
	})

	mux.HandleFunc("GET /orders/{number}/confirmation", func(w http.ResponseWriter, r *http.Request) {
		shop.Confirmation(w, r.PathValue("number"), fingerpost.TakeFlash(w, r))
	})

	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		shop.Orders(w)
	})

	// Destroy: 303, so that the browser does not repeat the DELETE at the list.
	mux.HandleFunc("DELETE /orders/{number}", func(w http.ResponseWriter, r *http.Request) {
		shop.Destroy(r.PathValue("number"))
		client.Redirect(w, r, fingerpost.FormResult("/orders"))
	})

	// Moved for a while (307) and for good (308): both keep the method and the content.
	mux.HandleFunc("POST /checkout", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.TemporaryMove("/orders"))
	})

	mux.HandleFunc("POST /cart", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.PermanentMove("/orders"))
	})

	// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
	mux.HandleFunc("POST /webhooks", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.Reroute("/v2/webhooks"), fingerpost.RedirectCapable())
	})

	mux.HandleFunc("POST /v2/webhooks", func(w http.ResponseWriter, r *http.Request) {
		shop.Echo(w, r)
	})

	// The campaign: 302.
	mux.HandleFunc("GET /spring-sale", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.Campaign("/products?promo=spring"))
	})

	mux.HandleFunc("GET /products", func(w http.ResponseWriter, r *http.Request) {
		shop.Products(w, r)
	})

	// Where the visitor wants to go: 303, or 400 where that is not safe.
	mux.HandleFunc("POST /go", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.FormResult(r.URL.Query().Get("next")))
	})

	// Back to where a login came from: 303, never elsewhere.
	mux.HandleFunc("/back", func(w http.ResponseWriter, r *http.Request) {
		client.Back(w, r, r.URL.Query().Get("next"), "/orders")
	})

	// The policy says where this leads.
	mux.HandleFunc("POST /thanks/{number}", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.Named("order-placed"), fingerpost.Parameter("id", r.PathValue("number")))
	})

	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		shop.Login(w, r)
	})

	// The OAuth login: 303, so that the password does not travel on.
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.AuthorizationResponse(r.FormValue("redirect_uri")),
			fingerpost.RedirectURIs(shop.Registered(r)...),
			fingerpost.ResponseParameter("code", shop.Code()), fingerpost.ResponseParameter("state", r.FormValue("state")))
	})

	mux.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		shop.Callback(w, r)
	})

	shop.Serve(client.Middleware(mux))
}
