"""load.py TARGET: calls Decide from four threads, like all our clients, until standard input ends.

For each line of input it prints one: the calls answered since the last line, all failures so far, the versions of the policy
that the answers came from, and the first failure.
"""

import collections
import pathlib
import sys
import threading

import grpc
from fingerpost.v1 import decide_pb2, http_pb2, intent_pb2

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "client/service_config.json"
RESOLUTION_MS = 1000  # between two look-ups of a name, as client/README.md promises
METHOD = "/fingerpost.v1.RedirectService/Decide"
REQUEST = decide_pb2.DecideRequest(
    request=http_pb2.HttpRequest(method="POST", url="https://shop.example.com/orders"),
    intent=intent_pb2.Intent(purpose="PURPOSE_FORM_RESULT", target="/orders/7829/confirmation"),
)
SECONDS = 10  # for a call with its retry; none takes a hundredth of it


def main(target):
    channel = grpc.insecure_channel(target, options=[("grpc.service_config", CONFIG.read_text()), ("grpc.dns_min_time_between_resolutions_ms", RESOLUTION_MS)])
    decide = channel.unary_unary(METHOD, decide_pb2.DecideRequest.SerializeToString, decide_pb2.DecideResponse.FromString)
    answered, failures, lock, stop = collections.Counter(), [], threading.Lock(), threading.Event()

    def call():
        while not stop.is_set():
            try:
                answer = decide(REQUEST, timeout=SECONDS, wait_for_ready=False)
                with lock:
                    if answer.status == 303:
                        answered[answer.policy_version] += 1
                    else:
                        failures.append(f"status {answer.status}")
            except grpc.RpcError as error:
                with lock:
                    failures.append(f"{error.code().name} {error.details()}")

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in sys.stdin:
        with lock:
            print(sum(answered.values()), len(failures), ",".join(sorted(answered)), *failures[:1], flush=True)
            answered.clear()
    stop.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1])
