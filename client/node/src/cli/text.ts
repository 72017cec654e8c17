// Text for a terminal: what a stranger wrote can neither move the cursor nor disguise itself.

// Select Graphic Rendition (ECMA-48 §8.3.117).
const STYLES = { plain: "", bold: "1", dim: "2", good: "32", warning: "33", bad: "31" } as const;
export type Style = keyof typeof STYLES;

/** Controls, and what reverses the direction of writing or breaks lines. */
export const isDeceptive = (point: number): boolean =>
  point < 0x20 || (point >= 0x7f && point <= 0x9f) || [0x61c, 0x200e, 0x200f].includes(point) ||
  (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);

/** Octets that are not UTF-8 as `\xNN`, deceptive characters as `\xNN` or `\u{N}`. */
export function harmless(text: string | Uint8Array): string {
  const pieces: Iterable<string | number> = typeof text === "string" ? text : characters(text);
  return [...pieces].map((piece) => (typeof piece === "number" ? `\\x${hex(piece)}` : shown(piece))).join("");
}

const hex = (number: number) => number.toString(16).padStart(2, "0");

function shown(character: string): string {
  const point = character.codePointAt(0)!;
  if (!isDeceptive(point)) return character;
  return point < 0x80 ? `\\x${hex(point)}` : `\\u{${point.toString(16)}}`;
}

// Characters of UTF-8, and the octets between that are none.
function* characters(octets: Uint8Array): Generator<string | number> {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let at = 0; at < octets.length; ) {
    const length = [1, 2, 3, 4].find((size) => {
      try {
        return at + size <= octets.length && strict.decode(octets.subarray(at, at + size)) !== "";
      } catch {
        return false;
      }
    });
    yield length === undefined ? octets[at]! : strict.decode(octets.subarray(at, at + length));
    at += length ?? 1;
  }
}

/** Colours text, on a terminal that has colours, and not with NO_COLOR (no-color.org). */
export function paint(style: Style, text: string): string {
  const { NO_COLOR, TERM = "dumb" } = process.env;
  const code = STYLES[style];
  return code && process.stdout.isTTY && !NO_COLOR && TERM !== "dumb" ? `\x1b[${code}m${text}\x1b[0m` : text;
}
