"""names.py ADDRESS KUBECTL: a DNS server for the services of the cluster, on port 53 of ADDRESS; Debian has no CoreDNS.

NAME.NAMESPACE.svc.cluster.local leads to the service's address, or, without one, to those of its ready pods.
"""

import ipaddress
import json
import socket
import subprocess
import sys

DOMAIN = [b"svc", b"cluster", b"local"]
TYPE_A = 1


def addresses(kubectl, namespace, name):
    def get(*what):
        done = subprocess.run([kubectl, "get", "--namespace", namespace, "--output", "json", *what], capture_output=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    service = get("service", name)
    if service is None:
        return None
    if service["spec"]["clusterIP"] != "None":
        return [service["spec"]["clusterIP"]]
    slices = get("endpointslices", "--selector", f"kubernetes.io/service-name={name}")["items"]
    return [address for one in slices for endpoint in one["endpoints"] or [] if endpoint["conditions"]["ready"]
            for address in endpoint["addresses"]]


def answer(query, kubectl):
    """RFC 1035 §4.1: a header of 12 octets, and one question."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].lower())
        at += 1 + query[at]
    question = query[12:at + 5]
    found = None
    if labels[2:] == DOMAIN:
        found = addresses(kubectl, labels[1].decode(), labels[0].decode())
    no_such_name = b"\x84\x03" if found is None else b"\x84\x00"
    records = [b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04" + ipaddress.IPv4Address(one).packed
               for one in found or [] if question[-3] == TYPE_A]
    return query[:2] + no_such_name + b"\x00\x01" + len(records).to_bytes(2, "big") + bytes(4) + question + b"".join(records)


def main(address, kubectl):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        while True:
            query, sender = server.recvfrom(512)
            server.sendto(answer(query, kubectl), sender)


if __name__ == "__main__":
    main(*sys.argv[1:])
