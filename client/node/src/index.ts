// The right HTTP redirect, and safe following, from the Fingerpost service.
export { Decision, type Fields, type Hop, type Outcome, type Source } from "./answers.js";
export type { Asking, CallOptions } from "./asking.js";
export { Client, CONNECT_TIMEOUT_MS, DECIDE_TIMEOUT_MS, FOLLOW_TIMEOUT_MS, type ClientOptions, type Selector } from "./client.js";
export { FingerpostError, type Violation } from "./errors.js";
export type { PolicyState, PolicyStatus } from "./held.js";
export type { Logger } from "./log.js";
export { NotSent } from "./notsent.js";
export type { DecideQuestion, FollowQuestion, Purpose } from "./questions.js";
export { plaintext, tls, type TlsOptions, type Transport } from "./transport.js";
export type { AdapterOptions, BackOptions, Modifiers } from "./adapter.js";
