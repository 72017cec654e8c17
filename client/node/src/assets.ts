// The files that all clients share, and this package's version.
import { readFileSync } from "node:fs";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** client/service_config.json, unchanged. */
export const serviceConfig = (): string => read("service_config.json");

/** The parts of an answer that are the same for every target (client/README.md, "The table"). */
export interface FallbackColumn {
  readonly status: number;
  readonly location: "none" | "as_given" | "absolute" | "https";
  readonly fields: Readonly<Record<string, string>>;
}

type FallbackColumns = Readonly<Partial<Record<"safe" | "unsafe", FallbackColumn>>>;

export interface FallbackRow {
  readonly intent: Readonly<Record<string, string>>;
  readonly target: boolean;
  readonly http_1_1: FallbackColumns;
  readonly http_1_0: FallbackColumns;
  readonly clients: readonly string[];
  readonly keeps_query: boolean;
  readonly reads_client: boolean;
  readonly ignored_modifiers: readonly string[];
}

export interface FallbackTable {
  readonly methods: Readonly<Record<"safe" | "unsafe", readonly string[]>>;
  readonly rows: readonly FallbackRow[];
}

/** client/fallback.json. */
export const fallbackTable = (): FallbackTable => JSON.parse(read("fallback.json")) as FallbackTable;

export const version = (): string => (JSON.parse(read("../package.json")) as { version: string }).version;
