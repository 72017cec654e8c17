// Names of enum values, in full and short: "form_result" for PURPOSE_FORM_RESULT.
import type { DescEnum } from "@bufbuild/protobuf";

// The longest name has fewer characters.
const LONGEST = 64;

const prefix = (names: DescEnum): string => (names.values[0]?.name ?? "").replace(/UNSPECIFIED$/, "");

const shortened = new Map<DescEnum, Map<number, string>>();

/** `FORM_RESULT` for a number; empty if it is unknown: from a newer service. */
export function nameOf(names: DescEnum, number: number): string {
  let known = shortened.get(names);
  if (!known) {
    known = new Map(names.values.map((value) => [value.number, value.name.slice(prefix(names).length)]));
    shortened.set(names, known);
  }
  return known.get(number) ?? "";
}

/** `form_result`; the number if it is unknown: from a newer service. */
const shortName = (names: DescEnum, number: number): string => nameOf(names, number).toLowerCase() || String(number);

/** `["form_result", …]`, without the first, which means unspecified. */
const shortNames = (names: DescEnum): string[] => names.values.slice(1).map(({ number }) => shortName(names, number));

/** The value of a full or short name, in any case, "-", "." and "/" as good as "_". */
export function findValue(names: DescEnum, text: string): { readonly name: string; readonly number: number } | undefined {
  if (text.length > LONGEST) return undefined;
  const name = text.replace(/[-./ ]/g, "_").replace(/[a-z]/g, (c) => c.toUpperCase());
  return names.values.find((value) => value.name === prefix(names) + name) ?? names.values.find((value) => value.name === name);
}

/** What was expected instead of `text`. */
export function expectedName(names: DescEnum, text: string): string {
  return `expected one of ${shortNames(names).join(", ")}${hint(text, shortNames(names))}`;
}

/** `; did you mean form_result?`, or nothing when none of the names is near. */
export function hint(text: string, names: readonly string[], always = 1): string {
  const lowered = text.length > LONGEST ? "" : text.toLowerCase();
  // A third of the letters may be wrong, and always `always` of them.
  let [best, least] = ["", Math.max(always, Math.floor(lowered.length / 3)) + 1];
  for (const name of lowered ? names : []) {
    const found = distance(lowered, name.toLowerCase());
    if (found < least) [best, least] = [name, found];
  }
  return best && `; did you mean ${best}?`;
}

// Levenshtein's.
function distance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i += 1) {
    let diagonal = row[0]!;
    row[0] = i + 1;
    for (let j = 0; j < b.length; j += 1) {
      const replaced = diagonal + (a[i] === b[j] ? 0 : 1);
      diagonal = row[j + 1]!;
      row[j + 1] = Math.min(replaced, diagonal + 1, row[j]! + 1);
    }
  }
  return row[b.length]!;
}
