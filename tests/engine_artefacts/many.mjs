// many.mjs MODULE: opens and closes ten thousand policies, and asks each
import { readFileSync } from "node:fs";

import { Module } from "./module.mjs";

const module = new Module(process.argv[2]);
const yaml = readFileSync(new URL("../../service/policy/examples/shop.yaml", import.meta.url));
const levels = [];
for (let i = 1; i <= 10000; i += 1) {
  if (module.ask(1, yaml).status !== 0 || module.ask(2, new Uint8Array()).status !== 1) throw new Error("it was not opened");
  if (i % 100 === 0) levels.push(module.exports.memory.buffer.byteLength);
}
console.log(`${levels[0]} octets after 100, ${levels.at(-1)} after 10000`);
process.exit(levels.at(-1) === levels[0] ? 0 : 1);
