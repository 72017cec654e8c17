// What the service says of a policy that it handed out.
import { create, equals, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";

import { HandedOutSchema, PolicySelectorSchema, type HandedOut, type PolicySelector } from "./gen/fingerpost/v1/policy_pb.js";

// Policy.handed_out, and a length before it.
const [HANDED_OUT, DELIMITED] = [7, 2];

/** Throws unless these octets are all of that part of the policy: handed_out is their last field. `version`: the one that they should have. */
export function checkWhole(octets: Uint8Array, part: PolicySelector, version?: string): void {
  const said = handedOut(octets);
  if (!said?.version) throw new Error("it is not whole: handed_out.version is not set");
  if (version !== undefined && said.version !== version) throw new Error(`handed_out.version: expected ${version}, got ${said.version}`);
  if (!equals(PolicySelectorSchema, spelled(said.selector ?? create(PolicySelectorSchema)), spelled(part))) {
    throw new Error("it is another part of the policy (handed_out.selector)");
  }
}

// As the service spells it in handed_out.
function spelled({ hosts, intents }: PolicySelector): PolicySelector {
  return create(PolicySelectorSchema, { hosts: [...new Set(hosts.map(spelledHost))].sort(), intents: [...new Set(intents)].sort() });
}

// "*.Example.com." is ".example.com".
function spelledHost(host: string): string {
  const [, dot, name] = /^(?:\*?(\.))?(.*?)\.?$/s.exec(host)!;
  const url = `http://${name}/`;
  return (dot ?? "") + (URL.canParse(url) ? new URL(url).hostname : name!.toLowerCase());
}

// Without reading the rest of them.
function handedOut(octets: Uint8Array): HandedOut | undefined {
  const reader = new BinaryReader(octets);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === HANDED_OUT && type === DELIMITED) return fromBinary(HandedOutSchema, reader.bytes());
    reader.skip(type, field);
  }
  return undefined;
}
