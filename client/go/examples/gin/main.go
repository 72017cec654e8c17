// The example shop in gin: `go run ./gin`, with the service on 127.0.0.1:50051.
package main

import (
	"fmt"

	"github.com/gin-gonic/gin"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/examples/shop"
)

func main() {
	client := shop.Client()
	gin.SetMode(gin.ReleaseMode)
	mux := gin.New()

	mux.GET("/", func(c *gin.Context) {
		shop.Home(c.Writer)
	})

	// The order: 303 to its confirmation, which shows the message once.
	mux.POST("/orders", func(c *gin.Context) {
		item := c.Request.FormValue("item")
		number := fmt.Sprint(shop.Place(item))
		message := "Order placed: " + item
		if shop.AntiPattern {
			shop.Confirmation(c.Writer, number, message)
			return
		}
		client.Redirect(c.Writer, c.Request, fingerpost.FormResult("/orders/"+number+"/confirmation"), fingerpost.Flash(message))
	})

	mux.GET("/orders/:number/confirmation", func(c *gin.Context) {
		shop.Confirmation(c.Writer, c.Param("number"), fingerpost.TakeFlash(c.Writer, c.Request))
	})

	mux.GET("/orders", func(c *gin.Context) {
		shop.Orders(c.Writer)
	})

	// Destroy: 303, so that the browser does not repeat the DELETE at the list.
	mux.DELETE("/orders/:number", func(c *gin.Context) {
		shop.Destroy(c.Param("number"))
		client.Redirect(c.Writer, c.Request, fingerpost.FormResult("/orders"))
	})

	// Moved for a while (307) and for good (308): both keep the method and the content.
	mux.POST("/checkout", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.TemporaryMove("/orders"))
	})

	mux.POST("/cart", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.PermanentMove("/orders"))
	})

	// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
	mux.POST("/webhooks", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.Reroute("/v2/webhooks"), fingerpost.RedirectCapable())
	})

	mux.POST("/v2/webhooks", func(c *gin.Context) {
		shop.Echo(c.Writer, c.Request)
	})

	// The campaign: 302.
	mux.GET("/spring-sale", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.Campaign("/products?promo=spring"))
	})

	mux.GET("/products", func(c *gin.Context) {
		shop.Products(c.Writer, c.Request)
	})

	// Where the visitor wants to go: 303, or 400 where that is not safe.
	mux.POST("/go", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.FormResult(c.Request.URL.Query().Get("next")))
	})

	// Back to where a login came from: 303, never elsewhere.
	mux.Match([]string{"GET", "POST"}, "/back", func(c *gin.Context) {
		client.Back(c.Writer, c.Request, c.Request.URL.Query().Get("next"), "/orders")
	})

	// The policy says where this leads.
	mux.POST("/thanks/:number", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.Named("order-placed"), fingerpost.Parameter("id", c.Param("number")))
	})

	mux.GET("/login", func(c *gin.Context) {
		shop.Login(c.Writer, c.Request)
	})

	// The OAuth login: 303, so that the password does not travel on.
	mux.POST("/login", func(c *gin.Context) {
		client.Redirect(c.Writer, c.Request, fingerpost.AuthorizationResponse(c.Request.FormValue("redirect_uri")),
			fingerpost.RedirectURIs(shop.Registered(c.Request)...),
			fingerpost.ResponseParameter("code", shop.Code()), fingerpost.ResponseParameter("state", c.Request.FormValue("state")))
	})

	mux.Match([]string{"GET", "POST"}, "/callback", func(c *gin.Context) {
		shop.Callback(c.Writer, c.Request)
	})

	// Around the engine, so that its own 404 passes the middleware, too.
	shop.Serve(client.Middleware(mux))
}
