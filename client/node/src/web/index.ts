// Answers where there is only the web platform: workers, edge functions, Bun, Deno, the browser, and frameworks that speak Request and Response.
export type { AdapterOptions, BackOptions, Modifiers, Wish } from "../adapter.js";
export { Decision, type Fields, type Hop, type Outcome, type Source } from "../answers.js";
export type { Asking, CallOptions } from "../asking.js";
export { EngineError } from "../engine.js";
export { FingerpostError, type Violation } from "../errors.js";
export type { PolicyState, PolicyStatus } from "../held.js";
export type { Logger } from "../log.js";
export { NotSent } from "../notsent.js";
export type { DecideQuestion, FollowQuestion, Purpose } from "../questions.js";
export { Client, CONNECT_TIMEOUT_MS, DECIDE_TIMEOUT_MS, FOLLOW_TIMEOUT_MS, type ClientOptions } from "./client.js";
export type { Ruled, WebOptions } from "./adapter.js";
export { Fingerpost } from "./fingerpost.js";
export type { Selector } from "./http.js";
