"""Calls without a pause, by orders on standard input, and counts lost calls; roll.py starts it.

client.py QUESTION SERVICE_CONFIG: the serialised question in base64, and the service config as JSON or "". Orders: "use
ADDRESS,…": from now on calls go there; "stop": prints the counts.
"""

import base64
import collections
import json
import sys
import threading

import grpc

CALLERS = 8
SECONDS = 30


def connect(addresses, config):
    options = [("grpc.use_local_subchannel_pool", 1)] + ([("grpc.service_config", config)] if config else [])
    channel = grpc.insecure_channel(f"ipv4:{addresses}", options=options)
    return channel, channel.unary_unary("/fingerpost.v1.RedirectService/Decide")


def main():
    question, config = base64.b64decode(sys.argv[1]), sys.argv[2]
    stop, lock, counts, channels, threads = threading.Event(), threading.Lock(), collections.Counter(), [], []

    def call():
        while not stop.is_set():
            try:
                channels[-1][1](question, timeout=SECONDS)
                code = "OK"
            except grpc.RpcError as error:
                code = error.code().name
            with lock:
                counts[code] += 1

    for order in sys.stdin:
        verb, _, addresses = order.strip().partition(" ")
        if verb == "stop":
            break
        channels.append(connect(addresses, config))
        if not threads:
            threads = [threading.Thread(target=call) for _ in range(CALLERS)]
            for thread in threads:
                thread.start()
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
