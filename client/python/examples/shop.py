"""What the example shops share: settings, orders in SQLite, and the pages. No redirect is decided here.

The shops have no sessions and no CSRF tokens, to keep the focus on the redirects.
"""

from __future__ import annotations

import contextlib
import html
import os
import pathlib
import sqlite3
import string
from collections.abc import Iterator

FINGERPOST = os.environ.get("FINGERPOST", "127.0.0.1:50051")
PORT = int(os.environ.get("PORT", "8000"))
DATABASE = os.environ.get("SHOP_DATABASE", "shop.sqlite")
# The anti-pattern that Post/Redirect/Get avoids: the POST answers 200 with the page itself, and a reload orders again.
ANTI_PATTERN = os.environ.get("SHOP_ANTI_PATTERN") == "1"
# A field that the policy's rules look at, besides those that middleware sends of its own.
FIELDS = frozenset({"X-Route"})
# What the page of products says of itself.
PRODUCTS_FIELDS = {"Vary": "Accept-Language", "Cache-Control": "max-age=60"}
# Seconds. A shop would rather wait for the right answer than have none.
TIMEOUT = 10.0

_PAGES = pathlib.Path(__file__).parent / "pages"


@contextlib.contextmanager
def _orders() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(DATABASE)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)")
        yield database


def place(item: str) -> int:
    """The number of the new order."""
    with _orders() as database:
        return database.execute("INSERT INTO orders (item) VALUES (?)", (item,)).lastrowid or 0


def destroy(number: int) -> None:
    with _orders() as database:
        database.execute("DELETE FROM orders WHERE id = ?", (number,))


def item_of(number: int) -> str:
    """Empty when there is no such order."""
    with _orders() as database:
        row = database.execute("SELECT item FROM orders WHERE id = ?", (number,)).fetchone()
        return row[0] if row else ""


def all_orders() -> list[tuple[int, str]]:
    with _orders() as database:
        return database.execute("SELECT id, item FROM orders ORDER BY id").fetchall()


def registered(port: int) -> list[str]:
    """The redirect URIs that the OAuth client registered."""
    return [f"http://127.0.0.1:{port}/callback", f"http://localhost:{port}/callback"]


def home() -> str:
    last = max((number for number, _ in all_orders()), default=0)
    return _page("Shop", string.Template((_PAGES / "home.html").read_text()).substitute(last=last))


def confirmation(number: int, flash: str) -> str:
    """``flash`` comes from a cookie that anybody could have written: it is escaped."""
    message = f'<p id="flash">{html.escape(flash)}</p>' if flash else ""
    return _page("Thank you", f'{message}<p id="order">Order {number}: {html.escape(item_of(number))}</p>')


def order_list() -> str:
    items = "".join(f"<li>{number}: {html.escape(item)}</li>" for number, item in all_orders())
    return _page("Orders", f'<ul id="orders">{items}</ul>')


def products(promo: str) -> str:
    return _page("Products", f'<p id="promo">{html.escape(promo)}</p>')


def login_form(redirect_uri: str, state: str) -> str:
    fields = {"redirect_uri": html.escape(redirect_uri), "state": html.escape(state)}
    return _page("Login", string.Template((_PAGES / "login.html").read_text()).substitute(fields))


def received(method: str, query: str, body: bytes) -> str:
    text = f"{method} {query} {body.decode(errors='replace')}"
    return _page("Callback", f'<p id="received">{html.escape(text)}</p>')


def _page(title: str, content: str) -> str:
    return f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{content}</html>"
