// Text in the making, for a person. Everything that is added is made harmless first.
import { WarningCodeSchema, type Warning } from "../gen/fingerpost/v1/answer_pb.js";
import type { Header } from "../gen/fingerpost/v1/http_pb.js";
import { shortName } from "../names.js";
import { harmless, paint, type Style } from "./text.js";

/** A line of a table: what happened and why. */
export interface Row {
  readonly style: Style;
  readonly label: string;
  readonly what: Uint8Array;
  readonly why: string;
}

// A longer text than this pushes its own reason to the right, and no other.
const WIDEST = 48;

export class Page {
  readonly #lines: string[] = [];

  line(style: Style, text: string): void {
    this.#lines.push(paint(style, harmless(text)));
  }

  blank(): void {
    this.#lines.push("");
  }

  field(header: Header): void {
    const { value } = header.content;
    this.#lines.push(`${paint("bold", harmless(header.name))}: ${value === undefined ? paint("dim", "(withheld)") : harmless(value)}`);
  }

  note(label: string, text: string, style: Style = "dim"): void {
    this.#lines.push(`${paint(style, label.padEnd(10))} ${harmless(text)}`);
  }

  content(text: string): void {
    for (const one of text ? text.replace(/\n$/, "").split("\n") : []) this.line("dim", one);
  }

  /** The reasons stand in a column of their own. */
  table(rows: readonly Row[]): void {
    const width = Math.max(0, ...rows.map(({ what }) => what.length).filter((length) => length <= WIDEST));
    for (const { style, label, what, why } of rows) {
      const shown = harmless(what);
      const blanks = " ".repeat(Math.max(0, width - Buffer.byteLength(shown)));
      this.#lines.push(`${paint(style, label.padEnd(10))} ${shown}${blanks}  ${paint("dim", harmless(why))}`);
    }
  }

  warnings(warnings: readonly Warning[]): void {
    if (warnings.length > 0) this.blank();
    for (const warning of warnings) this.note("warning", `${shortName(WarningCodeSchema, warning.code)}: ${cited(warning.message, warning.citations)}`, "warning");
  }

  text(): string {
    return this.#lines.map((one) => `${one}\n`).join("");
  }
}

/** "the sentence [RFC 9110 §15.4.4, Fetch]" */
export const cited = (sentence: string, citations: readonly string[]): string =>
  citations.length > 0 ? `${sentence} [${citations.join(", ")}]` : sentence;
