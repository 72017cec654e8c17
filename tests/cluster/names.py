"""names.py ADDRESS KUBECTL: a DNS server for the services of the cluster, on port 53 of ADDRESS; Debian has no CoreDNS.

NAME.NAMESPACE.svc.cluster.local resolves to the service's address, or, without one, to those of its ready pods. Like CoreDNS it
watches the API, and answers from its own copy.
"""

import ipaddress
import json
import socket
import subprocess
import sys
import threading

DOMAIN = [b"svc", b"cluster", b"local"]
TYPE_A = 1


class Watched:
    """The objects of one kind, by namespace and name."""

    def __init__(self, kubectl, kind):
        self.objects = {}
        words = [kubectl, "get", kind, "--all-namespaces", "--watch", "--output-watch-events", "--output", "json"]
        threading.Thread(target=self.follow, args=[words], daemon=True).start()

    def follow(self, words):
        while True:  # A watch ends from time to time.
            with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as watch:
                for line in watch.stdout:  # Each is an event.
                    event = json.loads(line)
                    one = event["object"]
                    key = one["metadata"]["namespace"], one["metadata"]["name"]
                    if event["type"] == "DELETED":
                        self.objects.pop(key, None)
                    else:
                        self.objects[key] = one


def addresses(services, slices, namespace, name):
    service = services.objects.get((namespace, name))
    if service is None:
        return None
    if service["spec"]["clusterIP"] != "None":
        return [service["spec"]["clusterIP"]]
    label = "kubernetes.io/service-name"
    own = [one for (where, _), one in list(slices.objects.items()) if where == namespace and one["metadata"]["labels"].get(label) == name]
    return [address for one in own for endpoint in one["endpoints"] or [] if endpoint["conditions"]["ready"] for address in endpoint["addresses"]]


def answer(query, services, slices):
    """RFC 1035 §4.1: a header of 12 octets, and one question."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].lower())
        at += 1 + query[at]
    question = query[12 : at + 5]
    found = None
    if labels[2:] == DOMAIN:
        found = addresses(services, slices, labels[1].decode(), labels[0].decode())
    no_such_name = b"\x84\x03" if found is None else b"\x84\x00"
    records = [b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04" + ipaddress.IPv4Address(one).packed for one in found or [] if question[-3] == TYPE_A]
    return query[:2] + no_such_name + b"\x00\x01" + len(records).to_bytes(2, "big") + bytes(4) + question + b"".join(records)


def main(address, kubectl):
    services, slices = Watched(kubectl, "services"), Watched(kubectl, "endpointslices")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        while True:
            query, sender = server.recvfrom(512)
            server.sendto(answer(query, services, slices), sender)


if __name__ == "__main__":
    main(*sys.argv[1:])
