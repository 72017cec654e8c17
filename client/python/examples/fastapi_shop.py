"""The example shop in FastAPI: ``python client/python/examples/fastapi_shop.py``, with the service on 127.0.0.1:50051."""

from __future__ import annotations

import secrets
import socket
import urllib.parse

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

import fingerpost
import fingerpost.starlette
import shop

app = FastAPI(default_response_class=HTMLResponse)
fp = fingerpost.starlette.Fingerpost(fingerpost.AsyncClient(shop.FINGERPOST, fingerpost.plaintext(), timeout=shop.TIMEOUT), fields=shop.FIELDS)
app.add_middleware(fingerpost.starlette.Middleware, fingerpost=fp)


@app.get("/")
def home() -> str:
    return shop.home()


@app.get("/orders")
def orders() -> str:
    return shop.order_list()


# The order: 303 to its confirmation, which shows the message once.
@app.post("/orders")
async def order(request: Request) -> Response:
    item = (await form(request))["item"]
    number = shop.place(item)
    if shop.ANTI_PATTERN:
        return HTMLResponse(shop.confirmation(number, f"Order placed: {item}"))
    return await fp.redirect(request, "form_result", f"/orders/{number}/confirmation", flash=f"Order placed: {item}")


@app.get("/orders/{number}/confirmation")
def confirmation(request: Request, response: Response, number: int) -> str:
    return shop.confirmation(number, fp.flash(request, response))


# Destroy: 303, so that the browser does not repeat the DELETE at the list.
@app.delete("/orders/{number}")
async def destroy(request: Request, number: int) -> Response:
    shop.destroy(number)
    return await fp.redirect(request, "form_result", "/orders")


# Moved for a while (307) and for good (308): both keep the method and the content.
@app.post("/checkout")
async def checkout(request: Request) -> Response:
    return await fp.redirect(request, "temporary_move", "/orders")


@app.post("/cart")
async def cart(request: Request) -> Response:
    return await fp.redirect(request, "permanent_move", "/orders")


# The webhook: 307 keeps the event. Its sender is known to follow; most do not.
@app.post("/webhooks")
async def webhook(request: Request) -> Response:
    return await fp.redirect(request, "reroute", "/v2/webhooks", redirect_capable=True)


@app.post("/v2/webhooks")
async def webhook_v2(request: Request) -> Response:
    return PlainTextResponse(await request.body())


# The campaign: 302.
@app.get("/spring-sale")
async def spring_sale(request: Request) -> Response:
    return await fp.redirect(request, "campaign", "/products?promo=spring")


@app.get("/products")
def products(promo: str = "") -> Response:
    return HTMLResponse(shop.products(promo), headers=shop.PRODUCTS_FIELDS)


# Where the visitor wants to go: 303, or 400 where that is not safe.
@app.post("/go")
async def go(request: Request, next: str) -> Response:
    return await fp.redirect(request, "form_result", next)


# Back to where a login came from: 303, never elsewhere.
@app.api_route("/back", methods=["GET", "POST"])
async def back(request: Request, next: str = "") -> Response:
    return await fp.back(request, next, "/orders")


# The policy says where this leads.
@app.post("/thanks/{number}")
async def thanks(request: Request, number: int) -> Response:
    return await fp.named(request, "order-placed", id=str(number))


@app.get("/login")
def login_form(request: Request, redirect_uri: str = "", state: str = "") -> str:
    return shop.login_form(redirect_uri or shop.registered(request.url.port or 80)[0], state)


# The OAuth login: 303, so that the password does not travel on.
@app.post("/login")
async def login(request: Request) -> Response:
    asked = await form(request)
    return await fp.redirect(
        request,
        "authorization_response",
        asked["redirect_uri"],
        redirect_uris=shop.registered(request.url.port or 80),
        response_parameters=[{"name": "code", "value": secrets.token_urlsafe()}, {"name": "state", "value": asked["state"]}],
    )


@app.api_route("/callback", methods=["GET", "POST"])
async def callback(request: Request) -> str:
    return shop.received(request.method, request.url.query, await request.body())


async def form(request: Request) -> dict[str, str]:
    """FastAPI's own reader of forms needs python-multipart."""
    return dict(urllib.parse.parse_qsl((await request.body()).decode(), keep_blank_values=True))


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", shop.PORT))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])
