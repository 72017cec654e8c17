// The files that all clients share, and this package's version.
import { readFileSync } from "node:fs";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** client/service_config.json, unchanged. */
export const serviceConfig = (): string => read("service_config.json");

interface FallbackAnswer {
  readonly status: number;
  readonly cache_control: string;
}

export interface FallbackTable {
  readonly page_methods: readonly string[];
  readonly purposes: Readonly<Record<string, { safe: FallbackAnswer; unsafe: FallbackAnswer; ignored_modifiers: readonly string[] }>>;
}

/** client/fallback.json. */
export const fallbackTable = (): FallbackTable => JSON.parse(read("fallback.json")) as FallbackTable;

/** client/golden.json. */
export const goldenRows = (): string => read("golden.json");

export const version = (): string => (JSON.parse(read("../package.json")) as { version: string }).version;
