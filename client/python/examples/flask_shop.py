"""The example shop in Flask: ``python client/python/examples/flask_shop.py``, with the service on 127.0.0.1:50051."""

from __future__ import annotations

import secrets
import urllib.parse

import flask
from werkzeug.serving import make_server

import fingerpost
import fingerpost.flask
import shop

app = flask.Flask(__name__)
fp = fingerpost.flask.Fingerpost(app, fingerpost.Client(shop.FINGERPOST, fingerpost.plaintext(), timeout=shop.TIMEOUT), fields=shop.FIELDS)


@app.get("/")
def home() -> str:
    return shop.home()


@app.get("/orders")
def orders() -> str:
    return shop.order_list()


# The order: 303 to its confirmation, which shows the message once.
@app.post("/orders")
def order() -> flask.typing.ResponseReturnValue:
    item = flask.request.form["item"]
    number = shop.place(item)
    if shop.ANTI_PATTERN:
        return shop.confirmation(number, f"Order placed: {item}")
    return fp.redirect("form_result", f"/orders/{number}/confirmation", flash=f"Order placed: {item}")


@app.get("/orders/<int:number>/confirmation")
def confirmation(number: int) -> str:
    return shop.confirmation(number, fp.flash())


# Destroy: 303, so that the browser does not repeat the DELETE at the list.
@app.delete("/orders/<int:number>")
def destroy(number: int) -> flask.Response:
    shop.destroy(number)
    return fp.redirect("form_result", "/orders")


# Moved for a while (307) and for good (308): both keep the method and the content.
@app.post("/checkout")
def checkout() -> flask.Response:
    return fp.redirect("temporary_move", "/orders")


@app.post("/cart")
def cart() -> flask.Response:
    return fp.redirect("permanent_move", "/orders")


# The webhook: 307 keeps the event. Its sender is known to follow; most do not.
@app.post("/webhooks")
def webhook() -> flask.Response:
    return fp.redirect("reroute", "/v2/webhooks", redirect_capable=True)


@app.post("/v2/webhooks")
def webhook_v2() -> flask.Response:
    return flask.Response(flask.request.get_data(), content_type="text/plain")


# The campaign: 302.
@app.get("/spring-sale")
def spring_sale() -> flask.Response:
    return fp.redirect("campaign", "/products?promo=spring")


@app.get("/products")
def products() -> flask.typing.ResponseReturnValue:
    return shop.products(flask.request.args.get("promo", "")), shop.PRODUCTS_FIELDS


# Where the visitor wants to go: 303, or 400 where that is not safe.
@app.post("/go")
def go() -> flask.Response:
    return fp.redirect("form_result", flask.request.args["next"])


# Back to where a login came from: 303, never elsewhere.
@app.route("/back", methods=["GET", "POST"])
def back() -> flask.Response:
    return fp.back(flask.request.args.get("next"), "/orders")


# The policy says where this leads.
@app.post("/thanks/<int:number>")
def thanks(number: int) -> flask.Response:
    return fp.named("order-placed", id=str(number))


@app.get("/login")
def login_form() -> str:
    asked = flask.request.args
    return shop.login_form(asked.get("redirect_uri", shop.registered(own_port())[0]), asked.get("state", ""))


# The OAuth login: 303, so that the password does not travel on.
@app.post("/login")
def login() -> flask.Response:
    form = flask.request.form
    return fp.redirect(
        "authorization_response",
        form["redirect_uri"],
        redirect_uris=shop.registered(own_port()),
        response_parameters=[{"name": "code", "value": secrets.token_urlsafe()}, {"name": "state", "value": form["state"]}],
    )


@app.route("/callback", methods=["GET", "POST"])
def callback() -> str:
    request = flask.request
    return shop.received(request.method, request.query_string.decode("latin-1"), request.get_data())


def own_port() -> int:
    return urllib.parse.urlsplit(flask.request.host_url).port or 80


if __name__ == "__main__":
    server = make_server("127.0.0.1", shop.PORT, app, threaded=True)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
