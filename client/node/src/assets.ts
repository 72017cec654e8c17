// The files that all clients share, and this package's version.
import { readFileSync } from "node:fs";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** client/service_config.json, unchanged. */
export const serviceConfig = (): string => read("service_config.json");

export const version = (): string => (JSON.parse(read("../package.json")) as { version: string }).version;
