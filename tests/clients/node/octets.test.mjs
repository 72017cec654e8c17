// Field values with one character for each octet, without Buffer: as Buffer reads them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { characters, contentOf, textOf } from "../dist/octets.js";

const VALUES = [
  "",
  "a b",
  "\u0000\u007f",
  "gr\u00c3\u00bc\u00c3\u009fe",
  "\u00ef\u00bb\u00bfBOM",
  "\u00ff",
  "\u00c0\u00af",
  "\u00ed\u00a0\u0080",
  "\u00ef\u00bf\u00bd",
];

test("a value is a text where it is UTF-8, and octets otherwise", () => {
  for (const value of VALUES) {
    const octets = Buffer.from(value, "latin1");
    const text = octets.toString("utf8");
    const { case: kind, value: content } = contentOf(value);
    assert.equal(kind, Buffer.from(text, "utf8").equals(octets) ? "value" : "rawValue", JSON.stringify(value));
    assert.equal(characters(content), value);
    assert.equal(textOf(value), text);
  }
});

test("every octet comes back", () => {
  const all = String.fromCharCode(...Array(256).keys());
  assert.deepEqual(contentOf(all), { case: "rawValue", value: Uint8Array.from(Array(256).keys()) });
  assert.equal(characters(contentOf(all).value), all);
  assert.equal(characters("\u2013"), "\u00e2\u0080\u0093");
});
