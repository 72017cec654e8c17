// The example shop in Fastify: `node client/node/examples/fastify_shop.mjs`, with the service on 127.0.0.1:50051.
import { randomUUID } from "node:crypto";

import Fastify from "fastify";
import { Client, plaintext } from "fingerpost";
import { Fingerpost } from "fingerpost/fastify";

import * as shop from "./shop.mjs";

const fp = new Fingerpost(new Client(shop.FINGERPOST, plaintext(), { timeoutMs: shop.TIMEOUT_MS }), { fields: shop.FIELDS });
const app = Fastify();
app.addHook("onRequest", fp.rules);
app.addContentTypeParser("*", { parseAs: "string" }, (request, body, done) => done(null, body));

const html = (reply, page) => reply.type("text/html; charset=utf-8").send(page);
const fields = (request) => Object.fromEntries(new URLSearchParams(request.body));

app.get("/", async (request, reply) => html(reply, shop.home()));

// The order: 303 to its confirmation, which shows the message once.
app.post("/orders", async (request, reply) => {
  const { item } = fields(request);
  const number = shop.place(item);
  if (shop.ANTI_PATTERN) return html(reply, shop.confirmation(number, `Order placed: ${item}`));
  return fp.redirect(reply, "form_result", `/orders/${number}/confirmation`, { flash: `Order placed: ${item}` });
});

app.get("/orders/:number/confirmation", async (request, reply) => html(reply, shop.confirmation(Number(request.params.number), fp.flash(reply))));

app.get("/orders", async (request, reply) => html(reply, shop.orderList()));

// Destroy: 303, so that the browser does not repeat the DELETE at the list.
app.delete("/orders/:number", async (request, reply) => {
  shop.destroy(Number(request.params.number));
  return fp.redirect(reply, "form_result", "/orders");
});

// Moved for a while (307) and for good (308): both keep the method and the content.
app.post("/checkout", async (request, reply) => fp.redirect(reply, "temporary_move", "/orders"));
app.post("/cart", async (request, reply) => fp.redirect(reply, "permanent_move", "/orders"));

// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
app.post("/webhooks", async (request, reply) => fp.redirect(reply, "reroute", "/v2/webhooks", { redirectCapable: true }));

app.post("/v2/webhooks", async (request, reply) => reply.type("text/plain").send(request.body));

// The campaign: 302.
app.get("/spring-sale", async (request, reply) => fp.redirect(reply, "campaign", "/products?promo=spring"));

app.get("/products", async (request, reply) => html(reply.headers(shop.PRODUCTS_FIELDS), shop.products(request.query.promo ?? "")));

// Where the visitor wants to go: 303, or 400 where that is not safe.
app.post("/go", async (request, reply) => fp.redirect(reply, "form_result", request.query.next));

// Back to where a login came from: 303, never elsewhere.
app.route({ method: ["GET", "POST"], url: "/back", handler: async (request, reply) => fp.back(reply, request.query.next, { or: "/orders" }) });

// The policy says where this leads.
app.post("/thanks/:id", async (request, reply) => fp.named(reply, "order-placed", { id: request.params.id }));

// The OAuth login: 303, so that the password does not travel on.
const portOf = (request) => request.socket.localPort;

app.get("/login", async (request, reply) =>
  html(reply, shop.loginForm(request.query.redirect_uri ?? shop.registered(portOf(request))[0], request.query.state ?? "")),
);

app.post("/login", async (request, reply) => {
  const { redirect_uri, state } = fields(request);
  return fp.redirect(reply, "authorization_response", redirect_uri, {
    redirectUris: shop.registered(portOf(request)),
    responseParameters: [
      { name: "code", value: randomUUID() },
      { name: "state", value: state },
    ],
  });
});

app.route({
  method: ["GET", "POST"],
  url: "/callback",
  handler: async (request, reply) => html(reply, shop.received(request.method, request.url.split("?")[1] ?? "", request.body ?? "")),
});

console.log(`listening on ${await app.listen({ port: shop.PORT, host: "127.0.0.1" })}`);
