// The package's types; compiled, never run.
import { Client, FingerpostError, plaintext, tls, type DecideQuestion, type Decision, type Purpose } from "fingerpost";
import { Fingerpost } from "fingerpost/express";
import { followingFetch, Stopped } from "fingerpost/fetch";
import { DecideRequestSchema } from "fingerpost/messages";
import { FakeClient } from "fingerpost/testing";

export const snake: DecideQuestion = { intent_name: "order", parameters: { id: "7" } };
export const camel: DecideQuestion = {
  request: { method: "GET", protocol: "PROTOCOL_HTTP_2" },
  intent: { purpose: "https_upgrade", pinnedStatus: 308, retry_after: "5s" },
};
export const purpose: Purpose = "form_result";
export const wider: DecideQuestion = {
  request: { url: new URL("https://a.test/") },
  intent: { target: new URL("https://a.test/"), retryAfter: 5, window: { until: new Date() } },
};
// @ts-expect-error A duration in words.
export const words: DecideQuestion = { intent: { retryAfter: true } };
// @ts-expect-error A misspelt purpose.
export const wrongPurpose: Purpose = "form_resalt";
// @ts-expect-error An unknown member.
export const wrongMember: DecideQuestion = { intent: { porpoise: "form_result" } };
// @ts-expect-error A number instead of a text.
export const wrongType: DecideQuestion = { request: { method: 1 } };
// @ts-expect-error The transport is a required choice.
export const noTransport = new Client("127.0.0.1:50051");

export async function use(): Promise<Decision> {
  const client = new Client("127.0.0.1:50051", tls(), { onError: "raise" });
  const fp = new Fingerpost(new FakeClient());
  // @ts-expect-error An order's message is a text.
  void fp.redirect(undefined as never, "form_result", "/x", { flash: { text: "Order placed" } });
  // @ts-expect-error A misspelt modifier.
  void fp.redirect(undefined as never, "form_result", "/x", { flahs: "Order placed" });
  // @ts-expect-error A misspelt purpose.
  void fp.redirect(undefined as never, "form_resul", "/x");
  void fp.back(undefined as never, ["a", 1], { or: new URL("https://a.test/"), flash: "Welcome" });
  // @ts-expect-error A visitor's target is never trusted.
  void fp.back(undefined as never, "/x", { trust: "caller" });
  void fp.redirect(undefined as never, "authorization_response", "/x", { redirectUris: ["https://a.test/"], hsts: { max_age: "1s" } });
  try {
    const response: Response = await followingFetch(client, { limit: 3 })("https://a.test/", { method: "POST" });
    void response.json();
  } catch (error) {
    if (error instanceof Stopped && error.hop.next === undefined) console.log(error.hop.stop, error.response.status);
    if (error instanceof FingerpostError) console.log(error.violations.map(({ field }) => field));
  }
  const decision = await new Client("127.0.0.1:50051", plaintext()).decide(camel);
  // @ts-expect-error An answer is read-only.
  decision.status = 200;
  return decision.outcome === "REDIRECT" && DecideRequestSchema ? decision : client.decide(snake);
}
