// A page's head, as Node.js writes it, with the fields of an answer that let the page pass.
import type { ServerResponse } from "node:http";

import type { Fields } from "./answers.js";
import { MERGED } from "./page.js";

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
