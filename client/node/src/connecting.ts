// Waiting for a channel.
import { connectivityState as State, type Client } from "@grpc/grpc-js";

/**
 * Connects, and says whether the channel is connected: at `deadline` (milliseconds since 1970) at the latest, at once if it is closed, and, with
 * `once`, as soon as the first attempt has failed.
 */
export function connecting(channel: ReturnType<Client["getChannel"]>, deadline: number, once = false): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (late?: Error): void => {
      const state = channel.getConnectivityState(true);
      const ended = state === State.READY || state === State.SHUTDOWN || (once && state === State.TRANSIENT_FAILURE);
      if (late || ended) resolve(state === State.READY);
      else channel.watchConnectivityState(state, deadline, look);
    };
    look();
  });
}

/** Waits for a promise, at most so many milliseconds. The process stays alive meanwhile. */
export async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, ms))));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
