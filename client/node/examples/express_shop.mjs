// The example shop in Express: `node client/node/examples/express_shop.mjs`, with the service on 127.0.0.1:50051.
import { randomUUID } from "node:crypto";

import express from "express";
import { Client, plaintext } from "fingerpost";
import { Fingerpost } from "fingerpost/express";

import * as shop from "./shop.mjs";

const fp = new Fingerpost(new Client(shop.FINGERPOST, plaintext(), { timeoutMs: shop.TIMEOUT_MS }), { fields: shop.FIELDS });
const app = express();
app.use(fp.rules);
app.use(express.urlencoded());

app.get("/", (req, res) => void res.send(shop.home()));

// The order: 303 to its confirmation, which shows the message once.
app.post("/orders", async (req, res) => {
  const { item } = req.body;
  const number = shop.place(item);
  if (shop.ANTI_PATTERN) return void res.send(shop.confirmation(number, `Order placed: ${item}`));
  await fp.redirect(res, "form_result", `/orders/${number}/confirmation`, { flash: `Order placed: ${item}` });
});

app.get("/orders/:number/confirmation", (req, res) => void res.send(shop.confirmation(Number(req.params.number), fp.flash(res))));

app.get("/orders", (req, res) => void res.send(shop.orderList()));

// Destroy: 303, so that the browser does not repeat the DELETE at the list.
app.delete("/orders/:number", async (req, res) => {
  shop.destroy(Number(req.params.number));
  await fp.redirect(res, "form_result", "/orders");
});

// Moved for a while (307) and for good (308): both keep the method and the content.
app.post("/checkout", (req, res) => fp.redirect(res, "temporary_move", "/orders"));
app.post("/cart", (req, res) => fp.redirect(res, "permanent_move", "/orders"));

// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
app.post("/webhooks", (req, res) => fp.redirect(res, "reroute", "/v2/webhooks", { redirectCapable: true }));

app.post("/v2/webhooks", express.text({ type: "*/*" }), (req, res) => void res.type("text").send(req.body));

// The campaign: 302.
app.get("/spring-sale", (req, res) => fp.redirect(res, "campaign", "/products?promo=spring"));

app.get("/products", (req, res) => void res.set(shop.PRODUCTS_FIELDS).send(shop.products(req.query.promo ?? "")));

// Where the visitor wants to go: 303, or 400 where that is not safe.
app.post("/go", (req, res) => fp.redirect(res, "form_result", req.query.next));

// Back to where a login came from: 303, never elsewhere.
app.route("/back").get(back).post(back);
function back(req, res) {
  return fp.back(res, req.query.next, { or: "/orders" });
}

// The policy says where this leads.
app.post("/thanks/:id", (req, res) => fp.named(res, "order-placed", { id: req.params.id }));

// The OAuth login: 303, so that the password does not travel on.
const portOf = (req) => req.socket.localPort;

app.get("/login", (req, res) => {
  res.send(shop.loginForm(req.query.redirect_uri ?? shop.registered(portOf(req))[0], req.query.state ?? ""));
});

app.post("/login", (req, res) =>
  fp.redirect(res, "authorization_response", req.body.redirect_uri, {
    redirectUris: shop.registered(portOf(req)),
    responseParameters: [
      { name: "code", value: randomUUID() },
      { name: "state", value: req.body.state },
    ],
  }),
);

app.all("/callback", express.text({ type: "*/*" }), (req, res) => {
  const body = typeof req.body === "object" ? new URLSearchParams(req.body) : (req.body ?? "");
  res.send(shop.received(req.method, req.originalUrl.split("?")[1] ?? "", body));
});

const server = app.listen(shop.PORT, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
