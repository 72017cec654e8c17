// What an answer adds to the fields of a page that passed: Vary and Cache-Control are merged, Set-Cookie is added.

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

/** By name, in lower case: the page's values with the added ones. */
export const MERGED: Readonly<Record<string, (page: string[], added: string[]) => string | string[]>> = {
  vary: (page, added) => mergedVary([...page, ...added]),
  "cache-control": mergedCacheControl,
  "set-cookie": (page, added) => [...page, ...added],
};

/** Names of fields that an answer that is no response may have, in lower case. */
export const PAGE_FIELDS: ReadonlySet<string> = new Set(Object.keys(MERGED));
