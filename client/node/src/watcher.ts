// The policy's way in, and the way home of what was answered by it. No request waits for either.
import { create, fromBinary } from "@bufbuild/protobuf";
import type { ChannelCredentials, ClientReadableStream, ServiceError } from "@grpc/grpc-js";

import { version } from "./assets.js";
import { within } from "./connecting.js";
import { LARGEST_POLICY, type Disk } from "./disk.js";
import type { PolicySelector } from "./gen/fingerpost/v1/policy_pb.js";
import { ReportUsageRequestSchema, WatchPolicyRequestSchema, type PolicyProblem, type WatchPolicyResponse } from "./gen/fingerpost/v1/policy_service_pb.js";
import type { Held } from "./held.js";
import { ofStatus } from "./status.js";
import { PolicyServiceClient, type PolicyStub } from "./stub.js";
import { channelOptions, target, type Transport } from "./transport.js";

/** Milliseconds between two reports of what was answered, give or take a fifth. */
export const REPORT_MS = 10_000;
// Milliseconds before the stream is begun anew, give or take a fifth; they double up to the longest.
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 4_000;
/** Milliseconds for the last report. */
const LAST_WORD_MS = 1_000;
const AGENT = `node/${version()}`;

/** Keeps `held` up to date, over a connection of its own, which does not keep the process alive. */
export class Watcher {
  /** The service has said which policy answers, or that it says nothing. */
  readonly heard: Promise<void>;
  readonly #held: Held;
  readonly #selector: PolicySelector;
  readonly #disk: Disk | undefined;
  readonly #stub: PolicyStub;
  #stream: ClientReadableStream<WatchPolicyResponse> | undefined;
  #failures = 0;
  #timers = new Set<NodeJS.Timeout>();
  #hear!: () => void;
  #ended = false;

  constructor(address: string, transport: Transport, held: Held, selector: PolicySelector, disk: Disk | undefined) {
    [this.#held, this.#selector, this.#disk] = [held, selector, disk];
    const options = { "grpc.max_receive_message_length": LARGEST_POLICY, "grpc.use_local_subchannel_pool": 1 };
    this.#stub = new PolicyServiceClient(target(address), unreferenced(transport.credentials), { ...channelOptions(transport), ...options });
    this.heard = new Promise((resolve) => (this.#hear = resolve));
    this.#watch();
    this.#reportLater();
  }

  /** Ends the stream, after a last report. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#timers.forEach(clearTimeout);
    await within(this.#report(), LAST_WORD_MS);
    this.#stream?.cancel();
    this.#stub.close();
    this.#hear();
    await this.#disk?.written();
  }

  #watch(): void {
    const knownVersion = this.#held.status.version;
    const stream = this.#stub.watchPolicy(create(WatchPolicyRequestSchema, { selector: this.#selector, knownVersion }), {});
    this.#stream = stream;
    stream.on("data", (answer) => this.#come(answer));
    stream.on("error", (error) => this.#again(stream, error as ServiceError));
    stream.on("end", () => this.#again(stream));
  }

  #come({ version, policy, problems }: WatchPolicyResponse): void {
    if (this.#ended) return;
    this.#failures = 0;
    this.#held.problem("watch");
    this.#held.problem("service", ...problems.map(sentence));
    if (this.#held.come(policy, version)) this.#disk?.write(policy!, this.#held);
    this.#hear();
  }

  // A stream that ended, in whatever way, is begun anew.
  #again(stream: ClientReadableStream<WatchPolicyResponse>, error?: ServiceError): void {
    if (this.#ended || this.#stream !== stream) return;
    this.#stream = undefined;
    this.#held.leave();
    this.#failures += 1;
    // One that comes back at once is a service that was replaced.
    if (this.#failures > 1) this.#held.problem("watch", `no policy comes from the service: ${error ? ofStatus(error).message : "it ends the stream"}`);
    this.#hear();
    this.#later(Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS), () => this.#watch());
  }

  #reportLater(): void {
    this.#later(REPORT_MS, () => {
      void this.#report();
      this.#reportLater();
    });
  }

  // What a call that fails had taken is lost: counted too little rather than twice.
  async #report(): Promise<void> {
    const { inside, status } = this.#held;
    if (status.state !== "READY") return;
    for (const usage of inside?.takeUsage() ?? []) {
      const report = fromBinary(ReportUsageRequestSchema, usage);
      report.agent = AGENT;
      await new Promise<void>((resolve) => this.#stub.reportUsage(report, { deadline: Date.now() + REPORT_MS / 2 }, () => resolve()));
    }
  }

  #later(ms: number, call: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        call();
      },
      ms * (0.8 + 0.4 * Math.random()),
    );
    this.#timers.add(timer.unref());
  }
}

const sentence = ({ place, field, description }: PolicyProblem): string => [place, field, description].filter(Boolean).join(": ");

// A stream that never ends would keep the process alive: gRPC holds on to a connection while it has calls. Its sockets are let go here, and stay so.
function unreferenced(credentials: ChannelCredentials): ChannelCredentials {
  const own = Object.create(credentials) as ChannelCredentials;
  own._createSecureConnector = (...words) => {
    const connector = credentials._createSecureConnector(...words);
    const connect = connector.connect.bind(connector);
    connector.connect = async (socket) => {
      const connected = await connect(socket);
      connected.socket.unref();
      connected.socket.ref = () => connected.socket;
      return connected;
    };
    return connector;
  };
  return own;
}
