// Answers the contract's questions by the Node.js package: JSON lines in and out (client/contract/README.md).
import { createInterface } from "node:readline";

import { toJson } from "@bufbuild/protobuf";
import { Client, FingerpostError, plaintext } from "fingerpost";

import { DecideResponseSchema } from "../dist/gen/fingerpost/v1/decide_pb.js";
import { FollowResponseSchema } from "../dist/gen/fingerpost/v1/follow_pb.js";

// Standard output is for answers alone.
const logger = { warn: (line) => console.error(line) };
const failed = ({ code, reason, message, violations }) => ({ code, reason, message, violations });
const said = ({ source, error }, answer) => ({ answer, source, ...(error && { error: failed(error) }) });
const json = (schema, message) => toJson(schema, message, { useProtoFieldName: true });
// A fallback has no message of the service's.
const typed = ({ status, headers, body, target }) => ({ status, headers: headers.map(([name, value]) => ({ name, value })), body, target });

let client;

const OPS = {
  async open({ address, engine, on_error: onError, timeout_ms: timeoutMs, policy_file: policyFile }) {
    await client?.close();
    client = new Client(address, plaintext(), { engine, onError, timeoutMs, policyFile, logger });
    return { ok: true };
  },
  ready: async ({ timeout_ms: timeoutMs }) => ({ ready: await client.ready(timeoutMs) }),
  async decide({ question }) {
    const decision = await client.decide(question);
    // An outcome from the future is a PASS for the caller.
    return said(decision, { ...(decision.raw ? json(DecideResponseSchema, decision.raw) : typed(decision)), outcome: `OUTCOME_${decision.outcome}` });
  },
  async follow({ question }) {
    const hop = await client.follow(question);
    return said(hop, hop.raw ? json(FollowResponseSchema, hop.raw) : {});
  },
  async policy() {
    const { state, version, problems } = client.policy;
    return { state, version, problems };
  },
  async close() {
    await client?.close();
    return { ok: true };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answer = await OPS[asked.op](asked).catch((error) => {
    if (error instanceof FingerpostError) return { error: failed(error) };
    // A question that is no object.
    if (error instanceof TypeError) return { error: { code: "INVALID_ARGUMENT", message: error.message } };
    throw error;
  });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await client?.close();
