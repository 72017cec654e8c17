// The engine's module where it lies beside this file: in Node.js, Deno and Bun on disk, in a browser at an address.

interface Files {
  readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
}
interface Process {
  getBuiltinModule?(name: string): Files | undefined;
}

/**
 * The package's module. Where code may not compile one at run time (Workers, edge functions), or a bundler has left it behind, this rejects: import it as
 * `fingerpost/engine.wasm` and give it to the client.
 */
export async function packagedModule(): Promise<WebAssembly.Module> {
  const at = new URL("../fingerpost.wasm", import.meta.url);
  if (at.protocol !== "file:") return WebAssembly.compileStreaming(fetch(at));
  // Asked for rather than imported, so that bundlers for other places need not know it.
  const files = (globalThis as { process?: Process }).process?.getBuiltinModule?.("node:fs/promises");
  if (!files) throw new Error("nothing here reads files");
  return WebAssembly.compile(await files.readFile(at));
}
