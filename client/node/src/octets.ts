// Field values and octets. HTTP libraries give one character for each octet. Without Buffer, which only Node.js has.
const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

/** One octet for each character. */
const octetsIn = (characters: string): Uint8Array<ArrayBuffer> => Uint8Array.from(characters, (one) => one.charCodeAt(0));

/** A text in UTF-8, or octets, as one character for each octet. */
export function characters(content: string | Uint8Array): string {
  if (typeof content === "string" && ASCII.test(content)) return content;
  const octets = typeof content === "string" ? utf8.encode(content) : content;
  let out = "";
  for (const octet of octets) out += String.fromCharCode(octet);
  return out;
}

/** What Header.content has for a value with one character for each octet: a text where it is UTF-8. */
export function contentOf(value: string): { case: "value"; value: string } | { case: "rawValue"; value: Uint8Array<ArrayBuffer> } {
  if (ASCII.test(value)) return { case: "value", value };
  const octets = octetsIn(value);
  try {
    return { case: "value", value: strict.decode(octets) };
  } catch {
    return { case: "rawValue", value: octets };
  }
}

/** The text in UTF-8 octets; what is not UTF-8 becomes U+FFFD. */
export const textOf = (value: string): string => (ASCII.test(value) ? value : lenient.decode(octetsIn(value)));
