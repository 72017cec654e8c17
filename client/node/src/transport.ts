// How the client reaches the service. There is no default: plaintext must be chosen explicitly.
import { credentials, type ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";

import { serviceConfig, version } from "./assets.js";

// A name is resolved again at most this often. gRPC's default of 30 s is longer than a rollout takes to replace every server.
const RESOLUTION_MS = 1_000;
// The service closes idle connections by its own clock; a ping each half minute keeps middleboxes from doing it first.
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;
// With gRPC's default of two minutes, a client would avoid a service long after its return.
const MAX_RECONNECT_BACKOFF_MS = 5_000;

/** Made by {@link tls} or {@link plaintext}. */
export class Transport {
  /** @internal */
  constructor(
    readonly credentials: ChannelCredentials,
    readonly options: ChannelOptions = {},
  ) {}
}

/** No encryption and no authentication: loopback, or inside a mesh that adds both. */
export function plaintext(): Transport {
  return new Transport(credentials.createInsecure());
}

export interface TlsOptions {
  /** PEM of the authorities to trust. Default: those of Node.js. */
  readonly ca?: Buffer;
  /** PEM of this client's key and certificate (mutual TLS); both or neither. */
  readonly key?: Buffer;
  readonly certificate?: Buffer;
  /** The name in the server's certificate. Default: the host that is called; newer Node.js does not take an IP address for one. */
  readonly serverName?: string;
}

/** TLS. Throws a TypeError for a key without its certificate. */
export function tls({ ca, key, certificate, serverName }: TlsOptions = {}): Transport {
  if (!key !== !certificate) throw new TypeError("key and certificate belong together");
  const options: ChannelOptions = serverName ? { "grpc.ssl_target_name_override": serverName, "grpc.default_authority": serverName } : {};
  return new Transport(credentials.createSsl(ca ?? null, key ?? null, certificate ?? null), options);
}

/** Options of every channel: the shared service config, keepalive, who we are. */
export function channelOptions(transport: Transport): ChannelOptions {
  return {
    "grpc.service_config": serviceConfig(),
    "grpc.enable_retries": 1,
    "grpc.dns_min_time_between_resolutions_ms": RESOLUTION_MS,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
    "grpc.max_reconnect_backoff_ms": MAX_RECONNECT_BACKOFF_MS,
    "grpc.primary_user_agent": `fingerpost-node/${version()}`,
    ...transport.options,
  };
}

/** `host:port` resolved by DNS, so that round-robin sees every address. */
export function target(address: string): string {
  return address.includes("://") || /^(unix|ipv4|ipv6):/.test(address) ? address : `dns:///${address}`;
}
