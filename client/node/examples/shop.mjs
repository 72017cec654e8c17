// What the example shops share: settings, orders in SQLite, and the pages. No redirect is decided here.
//
// The shops have no sessions and no CSRF tokens, to keep the focus on the redirects.
import sqlite3 from "node-sqlite3-wasm";

const { env } = process;
export const FINGERPOST = env.FINGERPOST ?? "127.0.0.1:50051";
export const PORT = Number(env.PORT ?? 8000);
// The anti-pattern that Post/Redirect/Get avoids: the POST answers 200 with the page itself, and a reload orders again.
export const ANTI_PATTERN = env.SHOP_ANTI_PATTERN === "1";
// A field that the policy's rules look at, besides those that middleware sends of its own.
export const FIELDS = ["X-Route"];
// What the page of products says of itself.
export const PRODUCTS_FIELDS = { vary: "Accept-Language", "cache-control": "max-age=60" };
// Milliseconds. A shop would rather wait for the right answer than have none.
export const TIMEOUT_MS = 10_000;

const database = new sqlite3.Database(env.SHOP_DATABASE ?? "shop.sqlite");
database.run("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)");

/** The number of the new order. */
export const place = (item) => database.run("INSERT INTO orders (item) VALUES (?)", [item]).lastInsertRowid;
export const destroy = (number) => database.run("DELETE FROM orders WHERE id = ?", [number]);
/** Empty when there is no such order. */
const itemOf = (number) => database.get("SELECT item FROM orders WHERE id = ?", [number])?.item ?? "";
const allOrders = () => database.all("SELECT id, item FROM orders ORDER BY id");

/** The redirect URIs that the OAuth client registered. */
export const registered = (port) => [`http://127.0.0.1:${port}/callback`, `http://localhost:${port}/callback`];

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);
const page = (title, content) => `<!doctype html><html lang=en><meta charset=utf-8><title>${title}</title><h1>${title}</h1>${content}</html>`;
const form = (id, action, item, label) =>
  `<form id="${id}" method="post" action="${action}"><input name="item" value="${item}"><button>${label}</button></form>`;

export const home = () =>
  page(
    "Shop",
    `
  ${form("order", "/orders", "tea", "Order")}
  ${form("checkout", "/checkout", "coffee", "Order at the old checkout (307)")}
  ${form("cart", "/cart", "cocoa", "Order in the old cart (308)")}
  <p><a id="sale" href="/spring-sale">Spring sale</a> <a href="/orders">Orders</a> <a href="/login">Login</a></p>
  <button id="order-by-fetch">Order by fetch</button> <button id="cancel">Cancel the last order by fetch</button> <output id="fetched"></output>
  <script>
    async function show(path, options) {
      const response = await fetch(path, options);
      document.getElementById("fetched").textContent = response.status + " " + response.url;
    }
    document.getElementById("order-by-fetch").onclick = () => show("/orders", {method: "POST", body: new URLSearchParams({item: "milk"})});
    document.getElementById("cancel").onclick = () => show("/orders/${allOrders().at(-1)?.id ?? 0}", {method: "DELETE"});
  </script>`,
  );

/** `flash` comes from a cookie that anybody could have written: it is escaped. */
export const confirmation = (number, flash) =>
  page("Thank you", `${flash && `<p id="flash">${escaped(flash)}</p>`}<p id="order">Order ${number}: ${escaped(itemOf(number))}</p>`);

export const orderList = () =>
  page(
    "Orders",
    `<ul id="orders">${allOrders()
      .map(({ id, item }) => `<li>${id}: ${escaped(item)}</li>`)
      .join("")}</ul>`,
  );

export const products = (promo) => page("Products", `<p id="promo">${escaped(promo)}</p>`);

export const loginForm = (redirectUri, state) =>
  page(
    "Login",
    `
  <form id="login-form" method="post" action="/login">
    <input type="hidden" name="redirect_uri" value="${escaped(redirectUri)}"><input type="hidden" name="state" value="${escaped(state)}">
    <input name="user" autocomplete="username"><input name="password" type="password" autocomplete="current-password"><button>Log in</button>
  </form>`,
  );

export const received = (method, query, body) => page("Callback", `<p id="received">${escaped(`${method} ${query} ${body}`)}</p>`);
