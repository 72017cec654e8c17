// An instance of fingerpost.wasm, as plain as can be: what a caller of any language does.
import { readFileSync } from "node:fs";

const KINDS = ["open", "open_text", "decide", "follow", "batch_decide", "batch_follow"];

export class Module {
  constructor(file) {
    this.module = new WebAssembly.Module(readFileSync(file));
    this.start();
  }

  // Again after a trap.
  start() {
    this.exports = new WebAssembly.Instance(this.module).exports;
    this.exports._initialize();
    this.capacity = 1 << 16;
    this.room = this.exports.fingerpost_alloc(this.capacity);
    this.words = this.exports.fingerpost_alloc(8); // A handle, and a length.
    this.policy = 0;
  }

  octets(at, size) {
    return new Uint8Array(this.exports.memory.buffer, at, size);
  }

  put(octets) {
    const at = this.exports.fingerpost_alloc(octets.length || 1);
    this.octets(at, octets.length).set(octets);
    return at;
  }

  // What `call` returned and wrote.
  answer(call) {
    for (;;) {
      const status = call(this.room, this.capacity, this.words + 4);
      const size = new DataView(this.exports.memory.buffer).getUint32(this.words + 4, true);
      if (status !== 2) return { status, octets: this.octets(this.room, size).slice() };
      this.exports.fingerpost_free(this.room);
      this.capacity = 2 * size;
      this.room = this.exports.fingerpost_alloc(this.capacity);
    }
  }

  ask(kind, question) {
    const at = this.put(question);
    const name = KINDS[kind];
    const result = name.startsWith("open")
      ? this.open(name, at, question.length)
      : this.answer((...to) => this.exports[`fingerpost_${name}`](this.policy, at, question.length, ...to));
    this.exports.fingerpost_free(at);
    return result;
  }

  // One that is refused leaves the last one.
  open(name, at, size) {
    const version = this.put(new TextEncoder().encode("v7\0"));
    const more = name === "open" ? [version] : [];
    const result = this.answer((...to) => this.exports[`fingerpost_${name}`](at, size, ...more, this.words, ...to));
    this.exports.fingerpost_free(version);
    if (result.status === 0) {
      this.exports.fingerpost_close(this.policy);
      this.policy = new DataView(this.exports.memory.buffer).getUint32(this.words, true);
    }
    return result;
  }

  close() {
    this.exports.fingerpost_close(this.policy);
    this.policy = 0;
  }
}

// The records of octets.cc.
export function* records(file) {
  const octets = readFileSync(file);
  for (let at = 0; at < octets.length;) {
    const [kind, status] = octets.subarray(at, at + 2);
    at += 2;
    const text = () => {
      const size = octets.readUInt32LE(at);
      at += 4 + size;
      return octets.subarray(at - size, at);
    };
    yield { kind, status, question: text(), answer: text() };
  }
}
