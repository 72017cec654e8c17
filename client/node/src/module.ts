// The engine's module, as the package's build packs it: compiled once, for every client of the process.
import { readFileSync } from "node:fs";

import { EngineError } from "./engine.js";
import { Inside } from "./inside.js";

let compiled: WebAssembly.Module | undefined;

/** An engine. Throws EngineError if it cannot be used. */
export function packagedEngine(): Inside {
  return new Inside((compiled ??= compile(new URL("fingerpost.wasm", import.meta.url))));
}

/** The module in a file. Throws EngineError. */
export function compile(file: URL): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (error) {
    throw new EngineError("UNIMPLEMENTED", `${file.pathname.split("/").pop()}: ${(error as Error).message}`);
  }
}
