// The last good policy in a file, for a start without the service.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";

import { create, equals, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";

import { HandedOutSchema, PolicySelectorSchema, type HandedOut, type PolicySelector } from "./gen/fingerpost/v1/policy_pb.js";
import type { Held } from "./held.js";

/** The largest policy that is read, from a file or from the service, which hands out at most 10 MiB. */
export const LARGEST_POLICY = 16 << 20;
// Policy.handed_out, and a length before it.
const [HANDED_OUT, DELIMITED] = [7, 2];

export class Disk {
  readonly #path: string;
  readonly #selector: PolicySelector;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, selector: PolicySelector) {
    this.#path = path;
    this.#selector = selector;
  }

  /** Gives `held` the policy of the file, if there is one. */
  read(held: Held): void {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#path, constants.O_RDONLY);
      const { size, mtime } = fstatSync(descriptor);
      if (size > LARGEST_POLICY) throw new Error(`it has ${size} octets, and the most are ${LARGEST_POLICY}`);
      const octets = readFileSync(descriptor);
      // The last field: a file that was cut off has none.
      const part = handedOut(octets);
      if (!part?.version) throw new Error("it is no policy that a service handed out");
      if (!equals(PolicySelectorSchema, part.selector ?? NO_SELECTOR, this.#selector)) throw new Error("it is another part of the policy (selector)");
      held.read(octets, mtime);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") held.problem("file", `policyFile ${this.#path} was not read: ${(error as Error).message}`);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Writes the policy beside the file, for this user alone, and renames it: a reader finds the old one or the new one. One at a time. */
  write(octets: Uint8Array, held: Held): void {
    this.#writing = this.#writing.then(async () => {
      const beside = `${this.#path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
      try {
        await this.#write(beside, octets);
        held.problem("file");
      } catch (error) {
        held.problem("file", `policyFile ${this.#path} was not written: ${(error as Error).message}`);
        await unlink(beside).catch(() => undefined);
      }
    });
  }

  /** Until all is written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(beside: string, octets: Uint8Array): Promise<void> {
    const file = await open(beside, "wx", 0o600);
    try {
      await file.writeFile(octets);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.#path);
  }
}

const NO_SELECTOR = create(PolicySelectorSchema);

// What the service says of the policy in these octets, without reading the rest of them.
function handedOut(octets: Uint8Array): HandedOut | undefined {
  const reader = new BinaryReader(octets);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === HANDED_OUT && type === DELIMITED) return fromBinary(HandedOutSchema, reader.bytes());
    reader.skip(type, field);
  }
  return undefined;
}
