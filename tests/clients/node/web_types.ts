// The web entry's types; compiled without those of Node.js, never run.
import { Fingerpost as ForHono } from "fingerpost/hono";
import { Fingerpost as ForNext } from "fingerpost/next";
import { Fingerpost as ForSvelteKit } from "fingerpost/sveltekit";
import { Client, Fingerpost, type Decision, type PolicyStatus, type Ruled } from "fingerpost/web";

declare const module: WebAssembly.Module;
declare const waitUntil: (work: Promise<unknown>) => void;

export const client = new Client(new URL("https://fingerpost.example:8080"), { module, waitUntil, engine: "local", selector: { hosts: ["a.test"] } });
export const status: PolicyStatus = client.policy;
// @ts-expect-error A misspelt engine.
export const wrongEngine = new Client("https://a.test", { engine: "both" });
// @ts-expect-error gRPC's transport is none of this client's.
export const wrongTransport = new Client("127.0.0.1:50051", { transport: "plaintext" });

const fp = new Fingerpost(client, { origin: ({ headers }) => `https://${headers.get("x-forwarded-host")}`, exempt: ["/healthz"] });

export default {
  fetch: (request: Request): Promise<Response> => fp.handle(request, () => fp.redirect(request, "form_result", "/orders/1", { flash: "Order placed" })),
};

export async function use(request: Request): Promise<Decision> {
  const { response, fields }: Ruled = await fp.rules(request);
  void [response?.status, fields.map(([name, value]) => name + value)];
  // @ts-expect-error A misspelt purpose.
  void fp.redirect(request, "form_resul", "/x");
  // @ts-expect-error A visitor's target is never trusted.
  void fp.back(request, "/x", { trust: "caller" });
  const proxied: Promise<Response> = new ForNext(client).rules(request);
  void [proxied, new ForHono(client).rules, new ForSvelteKit(client).handle, await client.close()];
  return fp.decide(request, { intentName: "order_placed" });
}
