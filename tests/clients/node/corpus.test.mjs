// Every row of tests/golden through this client.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { fromJson } from "@bufbuild/protobuf";
import { DecideResponseSchema, FollowRequestSchema, FollowResponseSchema } from "fingerpost/messages";

import { asJson, check, rows, shown } from "./rows.mjs";
import { client, PATIENT, service } from "./support.mjs";

let asking;
before(async () => {
  asking = client(await service(), { onError: "raise" });
});

// How an error that came instead of an answer differs from the row.
function verdict(row, error) {
  const { expect } = row;
  if (expect.stays_on && error.code === "INVALID_ARGUMENT") return [];
  if (!expect.error) return [error.message];
  if (error.reason === "MALFORMED_JSON") return []; // A row that is no message at all never leaves the client.
  const want = expect.error.violations;
  const got = error.violations.map((violation) => violation.field);
  return !want || shown(got) === shown(want) ? [] : [`expected ${shown(want)}, got ${shown(got)}`];
}

async function walk(row) {
  if (row.decide) {
    const { raw } = await asking.decide(row.decide, PATIENT);
    return check(row.expect, asJson(DecideResponseSchema, raw));
  }
  let answer = (await asking.follow(row.follow, PATIENT)).raw;
  const wrong = check(row.expect, asJson(FollowResponseSchema, answer));
  for (const hop of row.hops ?? []) {
    const { options, now } = row.follow;
    const again = { request: {}, response: hop.response, ...(options && { options }), ...(now && { now }) };
    const request = fromJson(FollowRequestSchema, asFull(again));
    request.request = answer.result.value;
    request.chain = answer.chain;
    answer = (await asking.follow(request, PATIENT)).raw;
    wrong.push(...check(hop.expect, asJson(FollowResponseSchema, answer)));
  }
  return wrong;
}

// Only the profile that a hop repeats has a short name.
function asFull(question) {
  const profile = question.options?.profile;
  if (!profile || profile.startsWith("PROFILE_")) return question;
  return { ...question, options: { ...question.options, profile: `PROFILE_${profile.toUpperCase()}` } };
}

for (const kind of ["decide", "follow"]) {
  test(`every ${kind} row`, async () => {
    const failures = [];
    const all = rows(kind);
    assert.ok(all.length > 100, "the corpus is missing");
    for (const row of all) {
      let wrong;
      try {
        wrong = await walk(row);
        if (row.expect.error) wrong.push("expected an error");
      } catch (error) {
        wrong = verdict(row, error);
      }
      failures.push(...wrong.map((text) => `${row.name} (${row.citation}): ${text}`));
    }
    assert.equal(failures.length, 0, `${failures.length} of ${all.length}:\n${failures.slice(0, 20).join("\n")}`);
  });
}
