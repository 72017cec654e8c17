"""The example shop in Django: ``python client/python/examples/django_shop.py``, with the service on 127.0.0.1:50051."""

from __future__ import annotations

import secrets
from typing import Any

import django
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

import fingerpost
import shop

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    MIDDLEWARE=["fingerpost.django.Middleware"],
    FINGERPOST={"ADDRESS": shop.FINGERPOST, "TRANSPORT": fingerpost.plaintext(), "TIMEOUT": shop.TIMEOUT, "FIELDS": shop.FIELDS},
)
django.setup()

from fingerpost.django import back, flash, named, redirect  # noqa: E402 (needs the settings)


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(shop.home())


# The order: 303 to its confirmation, which shows the message once.
@require_http_methods(["GET", "POST"])
def orders(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return HttpResponse(shop.order_list())
    item = request.POST["item"]
    number = shop.place(item)
    if shop.ANTI_PATTERN:
        return HttpResponse(shop.confirmation(number, f"Order placed: {item}"))
    return redirect(request, "form_result", f"/orders/{number}/confirmation", flash=f"Order placed: {item}")


def confirmation(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(shop.confirmation(number, flash(request)))


# Destroy: 303, so that the browser does not repeat the DELETE at the list.
@require_http_methods(["DELETE"])
def order(request: HttpRequest, number: int) -> HttpResponse:
    shop.destroy(number)
    return redirect(request, "form_result", "/orders")


# Moved for a while (307) and for good (308): both keep the method and the content.
@require_POST
def checkout(request: HttpRequest) -> HttpResponse:
    return redirect(request, "temporary_move", "/orders")


@require_POST
def cart(request: HttpRequest) -> HttpResponse:
    return redirect(request, "permanent_move", "/orders")


# The webhook: 307 keeps the event. Its sender is known to follow; most do not.
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    return redirect(request, "reroute", "/v2/webhooks", redirect_capable=True)


@require_POST
def webhook_v2(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, content_type="text/plain")


# The campaign: 302.
def spring_sale(request: HttpRequest) -> HttpResponse:
    return redirect(request, "campaign", "/products?promo=spring")


def products(request: HttpRequest) -> HttpResponse:
    return HttpResponse(shop.products(request.GET.get("promo", "")), headers=shop.PRODUCTS_FIELDS)


# Where the visitor wants to go: 303, or 400 where that is not safe.
@require_POST
def go(request: HttpRequest) -> HttpResponse:
    return redirect(request, "form_result", request.GET["next"])


# Back to where a login came from: 303, never elsewhere.
@require_http_methods(["GET", "POST"])
def go_back(request: HttpRequest) -> HttpResponse:
    return back(request, request.GET.get("next"), "/orders")


# The policy says where this leads.
@require_POST
def thanks(request: HttpRequest, number: int) -> HttpResponse:
    return named(request, "order-placed", id=str(number))


# The OAuth login: 303, so that the password does not travel on.
def login(request: HttpRequest) -> HttpResponse:
    port = int(request.get_port())
    if request.method != "POST":
        return HttpResponse(shop.login_form(request.GET.get("redirect_uri", shop.registered(port)[0]), request.GET.get("state", "")))
    return redirect(
        request,
        "authorization_response",
        request.POST["redirect_uri"],
        redirect_uris=shop.registered(port),
        response_parameters=[{"name": "code", "value": secrets.token_urlsafe()}, {"name": "state", "value": request.POST["state"]}],
    )


def callback(request: HttpRequest) -> HttpResponse:
    return HttpResponse(shop.received(request.method or "", request.META["QUERY_STRING"], request.body))


urlpatterns = [
    path("", home),
    path("orders", orders),
    path("orders/<int:number>", order),
    path("orders/<int:number>/confirmation", confirmation),
    path("checkout", checkout),
    path("cart", cart),
    path("webhooks", webhook),
    path("v2/webhooks", webhook_v2),
    path("spring-sale", spring_sale),
    path("products", products),
    path("go", go),
    path("back", go_back),
    path("thanks/<int:number>", thanks),
    path("login", login),
    path("callback", callback),
]


class Handler(WSGIRequestHandler):
    """Django's own, with the path as it was sent, which Gunicorn, uWSGI and mod_wsgi give by themselves."""

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "RAW_URI": self.path}


if __name__ == "__main__":
    server = ThreadedWSGIServer(("127.0.0.1", shop.PORT), Handler)
    server.set_app(get_wsgi_application())
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
