// What an answer adds to the fields of a page that passed: Vary and Cache-Control are merged, Set-Cookie is added.
import type { ServerResponse } from "node:http";

import type { Fields } from "./answers.js";

/** Merges all values: each name once, as first written; "*" replaces all (RFC 9110 §12.5.5). */
export function mergedVary(values: readonly string[]): string {
  const names = values
    .flatMap((value) => value.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.includes("*")) return "*";
  const seen = new Map(names.toReversed().map((name) => [name.toLowerCase(), name]));
  return [...new Set(names.map((name) => seen.get(name.toLowerCase())!))].join(", ");
}

// The directives that "private" replaces (RFC 9111 §5.2.2).
const SHARED = new Set(["public", "s-maxage", "private"]);

/** The stricter of two: no-store before private, and private before what the page lets shared caches do (RFC 9111 §5.2.2). */
export function mergedCacheControl(page: readonly string[], added: readonly string[]): string {
  const [own, ours] = [directives(page), directives(added)];
  if (has(ours, "no-store") && !has(own, "no-store")) return ours.join(", ");
  if (!has(ours, "private") || has(own, "no-store")) return (own.length > 0 ? own : ours).join(", ");
  return [...own.filter((directive) => !SHARED.has(nameOf(directive))), "private"].join(", ");
}

const directives = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? [])
    .map((directive) => directive.trim())
    .filter((directive) => directive !== "");
const nameOf = (directive: string): string => directive.split("=", 1)[0]!.trim().toLowerCase();
const has = (all: readonly string[], name: string): boolean => all.some((directive) => nameOf(directive) === name);

// Merges the page's values with the added ones.
const MERGED: Readonly<Record<string, (page: string[], added: string[]) => string | string[]>> = {
  vary: (page, added) => mergedVary([...page, ...added]),
  "cache-control": mergedCacheControl,
  "set-cookie": (page, added) => [...page, ...added],
};

/** Names of fields that an answer that is no response may have, in lower case. */
export const PAGE_FIELDS: ReadonlySet<string> = new Set(Object.keys(MERGED));

/** Adds `fields` when the page's head is written; until then the page may replace its own. */
export function addToPage(response: ServerResponse, fields: Fields): void {
  if (fields.length === 0 || response.headersSent) return;
  const writeHead = response.writeHead;
  response.writeHead = function (this: ServerResponse, status: number, ...rest: unknown[]) {
    const reason = typeof rest[0] === "string" ? [rest[0]] : [];
    setAll(response, rest.at(-1));
    for (const [name, merged] of Object.entries(MERGED)) {
      const added = fields.filter(([key]) => key.toLowerCase() === name);
      if (added.length > 0)
        response.setHeader(
          added[0]![0],
          merged(
            linesOf(response.getHeader(name)),
            added.map(([, value]) => value),
          ),
        );
    }
    return writeHead.call(this, status, ...(reason as []));
  } as typeof writeHead;
}

const linesOf = (value: unknown): string[] => [value ?? []].flat().map(String);

// Sets the fields given to writeHead(), an object or a list of alternating names and values, and replaces those set before.
function setAll(response: ServerResponse, given: unknown): void {
  if (typeof given !== "object" || given === null) return;
  const lines: unknown[] = Array.isArray(given) ? given : Object.entries(given);
  const flat = (Array.isArray(lines[0]) ? lines.flat(1) : lines) as string[];
  const set = new Set<string>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const key = String(flat[i]).toLowerCase();
    if (set.has(key)) response.appendHeader(key, flat[i + 1]!);
    else response.setHeader(String(flat[i]), flat[i + 1]!);
    set.add(key);
  }
}
