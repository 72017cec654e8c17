// The example shop in chi: `go run ./chi`, with the service on 127.0.0.1:50051.
package main

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/examples/shop"
)

func main() {
	client := shop.Client()
	mux := chi.NewRouter()
	mux.Use(client.Middleware)

	mux.Get("/", func(w http.ResponseWriter, r *http.Request) {
		shop.Home(w)
	})

	// The order: 303 to its confirmation, which shows the message once.
	mux.Post("/orders", func(w http.ResponseWriter, r *http.Request) {
		item := r.FormValue("item")
		number := fmt.Sprint(shop.Place(item))
		message := "Order placed: " + item
		if shop.AntiPattern {
			shop.Confirmation(w, number, message)
			return
		}
		client.Redirect(w, r, fingerpost.FormResult("/orders/"+number+"/confirmation"), fingerpost.Flash(message))
	})

	mux.Get("/orders/{number}/confirmation", func(w http.ResponseWriter, r *http.Request) {
		shop.Confirmation(w, chi.URLParam(r, "number"), fingerpost.TakeFlash(w, r))
	})

	mux.Get("/orders", func(w http.ResponseWriter, r *http.Request) {
		shop.Orders(w)
	})

	// Destroy: 303, so that the browser does not repeat the DELETE at the list.
	mux.Delete("/orders/{number}", func(w http.ResponseWriter, r *http.Request) {
		shop.Destroy(chi.URLParam(r, "number"))
		client.Redirect(w, r, fingerpost.FormResult("/orders"))
	})

	// Moved for a while (307) and for good (308): both keep the method and the content.
	mux.Post("/checkout", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.TemporaryMove("/orders"))
	})

	mux.Post("/cart", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.PermanentMove("/orders"))
	})

	// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
	mux.Post("/webhooks", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.Reroute("/v2/webhooks"), fingerpost.RedirectCapable())
	})

	mux.Post("/v2/webhooks", func(w http.ResponseWriter, r *http.Request) {
		shop.Echo(w, r)
	})

	// The campaign: 302.
	mux.Get("/spring-sale", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.Campaign("/products?promo=spring"))
	})

	mux.Get("/products", func(w http.ResponseWriter, r *http.Request) {
		shop.Products(w, r)
	})

	// Where the visitor wants to go: 303, or 400 where that is not safe.
	mux.Post("/go", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.FormResult(r.URL.Query().Get("next")))
	})

	// Back to where a login came from: 303, never elsewhere.
	mux.HandleFunc("/back", func(w http.ResponseWriter, r *http.Request) {
		client.Back(w, r, r.URL.Query().Get("next"), "/orders")
	})

	// The policy says where this leads.
	mux.Post("/thanks/{number}", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.Named("order-placed"), fingerpost.Parameter("id", chi.URLParam(r, "number")))
	})

	mux.Get("/login", func(w http.ResponseWriter, r *http.Request) {
		shop.Login(w, r)
	})

	// The OAuth login: 303, so that the password does not travel on.
	mux.Post("/login", func(w http.ResponseWriter, r *http.Request) {
		client.Redirect(w, r, fingerpost.AuthorizationResponse(r.FormValue("redirect_uri")),
			fingerpost.RedirectURIs(shop.Registered(r)...),
			fingerpost.ResponseParameter("code", shop.Code()), fingerpost.ResponseParameter("state", r.FormValue("state")))
	})

	mux.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		shop.Callback(w, r)
	})

	shop.Serve(mux)
}
