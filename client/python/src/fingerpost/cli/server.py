"""--server and how to reach it."""

from __future__ import annotations

import argparse
import ipaddress
import pathlib
import urllib.parse

from fingerpost.client import Client
from fingerpost.transport import plaintext, tls


class Contradiction(Exception):
    """Flags that do not go together, or a file that cannot be read."""


def add(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("Server")
    group.add_argument("--server", metavar="HOST:PORT", required=True, help="Ask this server over gRPC")
    group.add_argument("--insecure", action="store_true", help="Without TLS to a server on another machine")
    group.add_argument("--tls", action="store_true", help="With TLS, trusting the system's certificate authorities")
    group.add_argument("--tls-ca", metavar="FILE", default="", help="With TLS, trusting the authorities in this PEM file")
    group.add_argument("--tls-cert", metavar="FILE", default="", help="This client's certificate (mutual TLS), PEM")
    group.add_argument("--tls-key", metavar="FILE", default="", help="The key of --tls-cert, PEM")
    group.add_argument("--tls-name", metavar="NAME", default="", help="The name in the server's certificate; default: HOST")
    group.add_argument("--timeout", metavar="SECONDS", type=_seconds, default=5.0, help="Longest wait for the server; default: 5")


def connect(asked: argparse.Namespace) -> Client:
    with_tls = bool(asked.tls or asked.tls_ca or asked.tls_cert or asked.tls_key or asked.tls_name)
    if with_tls and asked.insecure:
        raise Contradiction("--insecure and --tls contradict each other")
    if bool(asked.tls_cert) != bool(asked.tls_key):
        raise Contradiction("--tls-cert and --tls-key belong together")
    if not with_tls and not asked.insecure and not _is_local(asked.server):
        raise Contradiction(
            f"--server {asked.server} is on another machine: choose --tls, --tls-ca FILE, or --insecure for plain text"
        )
    if not with_tls:
        return Client(asked.server, plaintext())
    ca, certificate, key = _read(asked.tls_ca), _read(asked.tls_cert), _read(asked.tls_key)
    return Client(asked.server, tls(ca=ca, key=key, certificate=certificate, server_name=asked.tls_name or None))


def _seconds(text: str) -> float:
    value = float(text)
    if not 0.001 <= value <= 3600:
        raise argparse.ArgumentTypeError("expected 0.001 to 3600 seconds")
    return value


def _is_local(address: str) -> bool:
    """Whether what is sent there stays on this machine."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    try:
        host = urllib.parse.urlsplit(f"//{address}").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(path: str) -> bytes | None:
    if not path:
        return None
    try:
        octets = pathlib.Path(path).read_bytes()
    except OSError:
        octets = b""
    if not octets:
        raise Contradiction(f"cannot read {path}")
    return octets
