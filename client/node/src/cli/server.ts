// --server and how to reach it.
import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";

import { Client } from "../client.js";
import { plaintext, tls } from "../transport.js";
import type { Flag, Words } from "./flags.js";

/** Flags that do not go together, or a file that cannot be read. */
export class Contradiction extends Error {}

const group = "Server";
export const SERVER_FLAGS: readonly Flag[] = [
  { group, name: "server", metavar: "HOST:PORT", help: "Ask this server over gRPC" },
  { group, name: "insecure", help: "Without TLS to a server on another machine" },
  { group, name: "tls", help: "With TLS, trusting the authorities that Node.js trusts" },
  { group, name: "tls-ca", metavar: "FILE", help: "With TLS, trusting the authorities in this PEM file" },
  { group, name: "tls-cert", metavar: "FILE", help: "This client's certificate (mutual TLS), PEM" },
  { group, name: "tls-key", metavar: "FILE", help: "The key of --tls-cert, PEM" },
  { group, name: "tls-name", metavar: "NAME", help: "The name in the server's certificate; default: HOST" },
  { group, name: "timeout", metavar: "SECONDS", help: "Longest wait for the server; default: 5" },
];

/** Milliseconds. */
export function timeoutOf(words: Words): number {
  const seconds = Number(words.text("timeout") || "5");
  if (!(seconds >= 0.001 && seconds <= 3600)) throw new Contradiction("--timeout: expected 0.001 to 3600 seconds");
  return seconds * 1000;
}

export function connect(words: Words): Client {
  const server = words.text("server");
  if (!server) throw new Contradiction("expected --server: only build/bin/fingerpost answers without one");
  const [ca, cert, key, name] = ["tls-ca", "tls-cert", "tls-key", "tls-name"].map((flag) => words.text(flag)) as [string, string, string, string];
  const withTls = words.has("tls") || Boolean(ca || cert || key || name);
  if (withTls && words.has("insecure")) throw new Contradiction("--insecure and --tls contradict each other");
  if (!cert !== !key) throw new Contradiction("--tls-cert and --tls-key belong together");
  if (!withTls && !words.has("insecure") && !isLocal(server)) {
    throw new Contradiction(`--server ${server} is on another machine: choose --tls, --tls-ca FILE, or --insecure for plain text`);
  }
  if (!withTls) return new Client(server, plaintext());
  const files = { ...(ca && { ca: read(ca) }), ...(key && { key: read(key) }), ...(cert && { certificate: read(cert) }) };
  return new Client(server, tls({ ...files, ...(name && { serverName: name }) }));
}

// Whether what is sent there stays on this machine.
function isLocal(server: string): boolean {
  if (/^unix(-abstract)?:/.test(server)) return true;
  const host = URL.canParse(`http://${server}/`) ? new URL(`http://${server}/`).hostname.replace(/^\[|\]$/g, "") : "";
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8);
  loopback.addAddress("::1", "ipv6");
  return host === "localhost" || (isIP(host) > 0 && loopback.check(host, isIP(host) === 6 ? "ipv6" : "ipv4"));
}

function read(path: string): Buffer {
  try {
    const octets = readFileSync(path);
    if (octets.length > 0) return octets;
  } catch {
    // Told below.
  }
  throw new Contradiction(`cannot read ${path}`);
}
