// many.mjs MODULE FILE: opens and closes ten thousand policies, and the one with the most rows that octets.cc wrote to FILE
import { readFileSync } from "node:fs";

import { Module, records } from "./module.mjs";

const module = new Module(process.argv[2]);

// Whether the memory stops growing before a tenth of them is open.
function opens(kind, octets, count) {
  const levels = [];
  for (let i = 1; i <= count; i += 1) {
    if (module.ask(kind, octets).status !== 0) throw new Error("it was not opened");
    if (module.ask(2, new Uint8Array()).status !== 1) throw new Error("it did not answer");
    if (i % (count / 10) === 0) levels.push(module.exports.memory.buffer.byteLength);
  }
  console.log(`${count}: ${levels[0]} octets after a tenth, ${levels.at(-1)} at the end`);
  return levels.at(-1) === levels[0];
}

const small = opens(1, readFileSync(new URL("../../service/policy/examples/shop.yaml", import.meta.url)), 10000);
const [rows] = [...records(process.argv[3])].filter(({ kind }) => kind === 0).slice(-1);
process.exit(opens(0, rows.question, 30) && small ? 0 : 1);
