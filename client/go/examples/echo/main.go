// The example shop in echo: `go run ./echo`, with the service on 127.0.0.1:50051.
package main

import (
	"fmt"

	"github.com/labstack/echo/v4"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/examples/shop"
)

func main() {
	client := shop.Client()
	mux := echo.New()
	mux.Pre(echo.WrapMiddleware(client.Middleware))

	mux.GET("/", func(c echo.Context) error {
		shop.Home(c.Response())
		return nil
	})

	// The order: 303 to its confirmation, which shows the message once.
	mux.POST("/orders", func(c echo.Context) error {
		item := c.Request().FormValue("item")
		number := fmt.Sprint(shop.Place(item))
		message := "Order placed: " + item
		if shop.AntiPattern {
			shop.Confirmation(c.Response(), number, message)
			return nil
		}
		return client.Redirect(c.Response(), c.Request(), fingerpost.FormResult("/orders/"+number+"/confirmation"), fingerpost.Flash(message))
	})

	mux.GET("/orders/:number/confirmation", func(c echo.Context) error {
		shop.Confirmation(c.Response(), c.Param("number"), fingerpost.TakeFlash(c.Response(), c.Request()))
		return nil
	})

	mux.GET("/orders", func(c echo.Context) error {
		shop.Orders(c.Response())
		return nil
	})

	// Destroy: 303, so that the browser does not repeat the DELETE at the list.
	mux.DELETE("/orders/:number", func(c echo.Context) error {
		shop.Destroy(c.Param("number"))
		return client.Redirect(c.Response(), c.Request(), fingerpost.FormResult("/orders"))
	})

	// Moved for a while (307) and for good (308): both keep the method and the content.
	mux.POST("/checkout", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.TemporaryMove("/orders"))
	})

	mux.POST("/cart", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.PermanentMove("/orders"))
	})

	// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
	mux.POST("/webhooks", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.Reroute("/v2/webhooks"), fingerpost.RedirectCapable())
	})

	mux.POST("/v2/webhooks", func(c echo.Context) error {
		shop.Echo(c.Response(), c.Request())
		return nil
	})

	// The campaign: 302.
	mux.GET("/spring-sale", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.Campaign("/products?promo=spring"))
	})

	mux.GET("/products", func(c echo.Context) error {
		shop.Products(c.Response(), c.Request())
		return nil
	})

	// Where the visitor wants to go: 303, or 400 where that is not safe.
	mux.POST("/go", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.FormResult(c.Request().URL.Query().Get("next")))
	})

	// Back to where a login came from: 303, never elsewhere.
	mux.Match([]string{"GET", "POST"}, "/back", func(c echo.Context) error {
		return client.Back(c.Response(), c.Request(), c.Request().URL.Query().Get("next"), "/orders")
	})

	// The policy says where this leads.
	mux.POST("/thanks/:number", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.Named("order-placed"), fingerpost.Parameter("id", c.Param("number")))
	})

	mux.GET("/login", func(c echo.Context) error {
		shop.Login(c.Response(), c.Request())
		return nil
	})

	// The OAuth login: 303, so that the password does not travel on.
	mux.POST("/login", func(c echo.Context) error {
		return client.Redirect(c.Response(), c.Request(), fingerpost.AuthorizationResponse(c.Request().FormValue("redirect_uri")),
			fingerpost.RedirectURIs(shop.Registered(c.Request())...),
			fingerpost.ResponseParameter("code", shop.Code()), fingerpost.ResponseParameter("state", c.Request().FormValue("state")))
	})

	mux.Match([]string{"GET", "POST"}, "/callback", func(c echo.Context) error {
		shop.Callback(c.Response(), c.Request())
		return nil
	})

	shop.Serve(mux)
}
