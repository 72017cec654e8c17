// Every row of tests/golden through this client. The members that a client's user sees; the C++ runners compare the rest.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { fromJson, toJson } from "@bufbuild/protobuf";
import { DecideResponseSchema, FollowRequestSchema, FollowResponseSchema } from "fingerpost/messages";

import { rows } from "./rows.mjs";
import { client, PATIENT, service } from "./support.mjs";

let asking;
before(async () => {
  asking = client(await service(), { onError: "raise" });
});

const asJson = (schema, message) => toJson(schema, message, { useProtoFieldName: true });
const shortEqual = (want, got = "") => got === want || got.endsWith(`_${want.toUpperCase()}`);
const shown = (value) => JSON.stringify(value);

function check(expect, got) {
  const wrong = [];
  const differs = (what, want, have) => wrong.push(`${what}: expected ${shown(want)}, got ${shown(have)}`);
  for (const [key, none] of [["status", 0], ["body", ""], ["target", ""]]) {
    if (key in expect && (got[key] ?? none) !== expect[key]) differs(key, expect[key], got[key]);
  }
  if (expect.outcome && !shortEqual(expect.outcome, got.outcome)) differs("outcome", expect.outcome, got.outcome);
  for (const [member, code] of [["reason", "code"], ["stop", "reason"]]) {
    const want = expect[member]?.[code];
    if (want && !shortEqual(want, got[member]?.[code])) differs(member, want, got[member]);
  }
  wrong.push(...checkFields(expect.fields ?? {}, got.headers ?? []));
  for (const key of ["method", "url"]) {
    if (expect.next && key in expect.next && got.next?.[key] !== expect.next[key]) differs(`next.${key}`, expect.next[key], got.next ?? got.stop);
  }
  return [...wrong, ...checkFields(expect.next?.fields ?? {}, got.next?.headers ?? [])];
}

function checkFields(want, headers) {
  return Object.entries(want).flatMap(([name, value]) => {
    const lines = headers.filter((line) => line.name.toLowerCase() === name.toLowerCase()).map((line) => line.value ?? line.raw_value ?? true);
    const expected = value === null ? [] : [value].flat();
    return shown(lines) === shown(expected) ? [] : [`${name}: expected ${shown(expected)}, got ${shown(lines)}`];
  });
}

// What is wrong with an error instead of an answer.
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

// Of what a hop repeats only the profile has a short name.
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
