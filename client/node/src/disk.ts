// The last good policy in a file, for a start without the service.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open, readlink, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import type { Held } from "./held.js";

/** The largest policy that is read, from a file or from the service, which hands out at most 10 MiB. */
export const LARGEST_POLICY = 16 << 20;

const NO_FILE = "it is no regular file";

export class Disk {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Gives `held` the policy of the file, if there is one. */
  read(held: Held): void {
    let descriptor: number | undefined;
    try {
      // To open a FIFO waits for a writer otherwise.
      descriptor = openSync(this.#path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const about = fstatSync(descriptor);
      const { size, mtime } = about;
      if (!about.isFile()) throw new Error(NO_FILE);
      if (size > LARGEST_POLICY) throw new Error(`it has ${size} octets, and the most are ${LARGEST_POLICY}`);
      held.read(readFileSync(descriptor), mtime, this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") held.problem("file", `policyFile ${this.#path} was not read: ${(error as Error).message}`);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Writes the policy beside the file, for this user alone, and renames it: a reader finds the old one or the new one. One at a time. */
  write(octets: Uint8Array, held: Held): void {
    this.#writing = this.#writing.then(async () => {
      let beside = "";
      try {
        const real = await realPath(this.#path); // A link stays one.
        beside = join(dirname(real), `.fingerpost.${process.pid}.${Math.random().toString(36).slice(2)}`);
        await write(octets, beside, real);
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
}

async function write(octets: Uint8Array, beside: string, real: string): Promise<void> {
  const before = await stat(real).catch(() => undefined);
  if (before && !before.isFile()) throw new Error(NO_FILE);
  const file = await open(beside, "wx", 0o600);
  try {
    await file.writeFile(octets);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, real);
}

// Where the links lead, also to a file that is not there yet.
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const to = await readlink(path).catch(() => undefined);
    return to === undefined ? path : realPath(resolve(dirname(path), to));
  }
}
