// The small shop in Hono: `export default hono(new Fingerpost(client))` in a worker or in Bun.
import { Hono } from "hono";
import { setCookie } from "hono/cookie";

import { CONFIRMATION, TEXT } from "./texts.mjs";

export function hono(fp) {
  const app = new Hono();
  app.use(fp.rules);
  app.post("/orders", (c) => fp.redirect(c, "form_result", CONFIRMATION, { flash: TEXT }));
  app.get(CONFIRMATION, (c) => {
    setCookie(c, "own", "1");
    return c.text(fp.flash(c));
  });
  app.get("/page", (c) => c.text("page", 200, { Vary: "Origin" }));
  app.post("/named", (c) => fp.named(c, "order_placed", { id: "7" }));
  app.post("/go", (c) => fp.redirect(c, "form_result", c.req.query("next")));
  app.post("/login", (c) => fp.back(c, c.req.query("next")));
  return app;
}
