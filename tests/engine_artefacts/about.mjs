// about.mjs imports|exports MODULE: their names
import { readFileSync } from "node:fs";

const [what, file] = process.argv.slice(2);
console.log(
  WebAssembly.Module[what](new WebAssembly.Module(readFileSync(file)))
    .map(({ name }) => name)
    .sort()
    .join(" "),
);
