// The golden corpus, expanded (tests/golden/README.md is the format).
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { toJson } from "@bufbuild/protobuf";

/** A value's form inside a text. */
const bare = (value) =>
  typeof value === "string" ? value : typeof value === "object" && value?.name !== undefined ? String(value.name) : JSON.stringify(value);

const lookedUp = (path, chosen) => path.split(".").reduce((value, part) => value[part], chosen);

function substituted(value, chosen) {
  if (Array.isArray(value)) return value.map((item) => substituted(item, chosen));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [substituted(key, chosen), substituted(item, chosen)]));
  }
  if (typeof value !== "string") return value;
  const known = (path) => path.split(".")[0] in chosen;
  const whole = /^\$\{([^}]+)\}$/.exec(value);
  if (whole && known(whole[1])) return structuredClone(lookedUp(whole[1], chosen));
  return value.replace(/\$\{([^}]+)\}/g, (text, path) => (known(path) ? bare(lookedUp(path, chosen)) : text));
}

function expanded({ for: axes = {}, ...row }) {
  let combinations = [{}];
  for (const [axis, values] of Object.entries(axes)) combinations = combinations.flatMap((one) => values.map((value) => ({ ...one, [axis]: value })));
  return combinations.map((chosen) => {
    const shown = Object.entries(chosen)
      .map(([key, value]) => `${key}=${bare(value)}`)
      .join(", ");
    return { ...substituted(row, chosen), name: shown ? `${row.name} [${shown}]` : row.name };
  });
}

export function rows(kind) {
  const folder = join(process.env.FINGERPOST_GOLDEN, kind);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  return files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8"))).flatMap(expanded);
}

export const asJson = (schema, message) => toJson(schema, message, { useProtoFieldName: true });
const shortEqual = (want, got = "") => got === want || got.endsWith(`_${want.toUpperCase()}`);
export const shown = (value) => JSON.stringify(value);

/** The differences in the members that a client's user sees; the C++ runners compare the rest. */
export function check(expect, got) {
  const wrong = [];
  const differs = (what, want, have) => wrong.push(`${what}: expected ${shown(want)}, got ${shown(have)}`);
  for (const [key, none] of [
    ["status", 0],
    ["body", ""],
    ["target", ""],
  ]) {
    if (key in expect && (got[key] ?? none) !== expect[key]) differs(key, expect[key], got[key]);
  }
  if (expect.outcome && !shortEqual(expect.outcome, got.outcome)) differs("outcome", expect.outcome, got.outcome);
  for (const [member, code] of [
    ["reason", "code"],
    ["stop", "reason"],
  ]) {
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
