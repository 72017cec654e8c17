// bad.mjs MODULE: what no caller should give it, and whether it can go on
import { readFileSync } from "node:fs";

import { Module } from "./module.mjs";

function check(name, passes, why = "it does not") {
  console.log(passes ? `ok ${name}` : `not ok ${name}: ${why}`);
}

function failsWith(type, call) {
  try {
    call();
    return false;
  } catch (error) {
    return error instanceof type;
  }
}

const octets = readFileSync(process.argv[2]);
const cuts = [0, 4, 100, octets.length >> 1, octets.length - 1];
check(
  "a part of the module does not compile",
  cuts.every((length) => failsWith(WebAssembly.CompileError, () => new WebAssembly.Module(octets.subarray(0, length)))),
);

const module = new Module(process.argv[2]);
const text = (yaml) => module.ask(1, new TextEncoder().encode(yaml));
check("octets that are no policy are an error", module.ask(0, new Uint8Array([255])).status === 1);
check("a policy that is wrong is an error", text("rules: 7").status === 1);
check("octets that are no question are an error", text("{}").status === 0 && module.ask(2, new Uint8Array([255])).status === 1);

// yaml-cpp throws, and nothing catches: README.md says so.
for (const yaml of ["{", "a: [", "rules: *x", "\t- x"]) {
  let ends = "";
  try {
    ends = String(text(yaml).status);
  } catch (error) {
    ends = error.constructor.name;
    module.start();
  }
  check(`text that is not YAML is an error or a trap: ${JSON.stringify(yaml)}`, ends === "1" || ends === "RuntimeError", ends);
  check(`after it a policy opens: ${JSON.stringify(yaml)}`, text("{}").status === 0);
}
// Tags are YAML, but no policy's: what refuses them is our own.
try {
  text("rules: !x []");
  check("a tag is an error or a trap", true);
} catch {
  const at = module.exports.fingerpost_fault();
  const words = new TextDecoder().decode(module.octets(at, 200)).split("\0")[0];
  check("a trap has the words of what is refused", words.includes("tags (!name) are not supported; leave it out"), words);
  module.start();
}
check("memory that runs out is NULL or a trap", module.exports.fingerpost_alloc(0xffffff00) === 0);
