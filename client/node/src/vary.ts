// Vary on the page itself: a rule looked at the request and let the page pass, and shared caches must know what it looked at (RFC 9110 §12.5.5).
import type { ServerResponse } from "node:http";

/** One value of all, each name once, as it was written first; "*" takes the place of them all. */
export function mergedVary(values: readonly string[]): string {
  const names = values.flatMap((value) => value.split(",")).map((name) => name.trim()).filter((name) => name !== "");
  if (names.includes("*")) return "*";
  const seen = new Map(names.toReversed().map((name) => [name.toLowerCase(), name]));
  return [...new Set(names.map((name) => seen.get(name.toLowerCase())!))].join(", ");
}

/** Merges `value` with whatever Vary the page sets, when its head is written: a page may still replace the field. */
export function addVary(response: ServerResponse, value: string): void {
  if (!value || response.headersSent) return;
  const writeHead = response.writeHead;
  response.writeHead = function (this: ServerResponse, status: number, ...rest: unknown[]) {
    const reason = typeof rest[0] === "string" ? [rest[0]] : [];
    const varies = [...linesOf(response.getHeader("Vary")), ...setAllBut("vary", response, rest.at(-1)), value];
    response.setHeader("Vary", mergedVary(varies));
    return writeHead.call(this, status, ...(reason as []));
  } as typeof writeHead;
}

const linesOf = (value: unknown): string[] => [value ?? []].flat().map(String);

// Sets the fields that writeHead() was given, an object or a list with names and values in turn, but for those of one name; returns their values.
function setAllBut(name: string, response: ServerResponse, given: unknown): string[] {
  if (typeof given !== "object" || given === null) return [];
  const flat = Array.isArray(given) ? given : Object.entries(given).flat(1);
  const left: string[] = [];
  const set = new Set<string>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const key = String(flat[i]).toLowerCase();
    if (key === name) left.push(...linesOf(flat[i + 1]));
    else if (set.has(key)) response.appendHeader(key, flat[i + 1]);
    else response.setHeader(String(flat[i]), flat[i + 1]);
    set.add(key);
  }
  return left;
}
