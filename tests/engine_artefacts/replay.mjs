// replay.mjs MODULE FILE: asks the module what octets.cc wrote, and compares the answers
import { Module, records } from "./module.mjs";

const [file, from] = process.argv.slice(2);
const module = new Module(file);
let count = 0;
let different = 0;
for (const { kind, status, question, answer } of records(from)) {
  let result;
  try {
    result = module.ask(kind, question);
  } catch (error) {
    result = { status: error.message, octets: [] };
    module.start();
    module.ask(0, new Uint8Array());
  }
  if (result.status !== status || Buffer.compare(answer, Buffer.from(result.octets)) !== 0) {
    different += 1;
    if (different <= 3) console.log(`record ${count}: expected ${status} and ${answer.length} octets, got ${result.status} and ${result.octets.length}`);
  }
  count += 1;
}
console.log(`${count} questions, ${different} different answers`);
process.exit(count === 0 || different > 0 ? 1 : 0);
