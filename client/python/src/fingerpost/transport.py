"""How the client reaches the service. There is no default: plaintext must be chosen explicitly."""

from __future__ import annotations

import dataclasses
import importlib.resources
from typing import Any

import grpc

# A name is resolved again at most this often. gRPC's default of 30 s is longer than a rollout takes to replace every server.
_RESOLUTION_MS = 1_000
# The service closes idle connections by its own clock; a ping each half minute keeps middleboxes from doing it first.
_KEEPALIVE_MS = 30_000
_KEEPALIVE_TIMEOUT_MS = 5_000
# With gRPC's default of two minutes, a client would avoid a service long after its return.
_MAX_RECONNECT_BACKOFF_MS = 5_000


@dataclasses.dataclass(frozen=True)
class Transport:
    """Made by :func:`tls` or :func:`plaintext`."""

    credentials: grpc.ChannelCredentials | None
    options: tuple[tuple[str, Any], ...] = ()
    made_with: tuple[Any, ...] = dataclasses.field(default=(), repr=False)

    def __reduce__(self) -> tuple[Any, ...]:  # gRPC's credentials cannot be pickled, but what they were made with can.
        return (plaintext, ()) if self.credentials is None else (_tls, self.made_with)


def plaintext() -> Transport:
    """No encryption and no authentication: loopback, or inside a mesh that adds both."""
    return Transport(None)


def tls(*, ca: bytes | None = None, key: bytes | None = None, certificate: bytes | None = None, server_name: str | None = None) -> Transport:
    """TLS with gRPC's roots or those of ``ca`` (PEM), and with a client certificate: ``key`` and ``certificate``, both or neither."""
    if (key is None) != (certificate is None):
        raise TypeError("key and certificate belong together")
    return _tls(ca, key, certificate, server_name)


def _tls(ca: bytes | None, key: bytes | None, certificate: bytes | None, server_name: str | None) -> Transport:
    options = (("grpc.ssl_target_name_override", server_name),) if server_name else ()
    return Transport(grpc.ssl_channel_credentials(ca, key, certificate), options, (ca, key, certificate, server_name))


def channel_options(transport: Transport) -> list[tuple[str, Any]]:
    """Options of every channel: the shared service config, keepalive, who we are."""
    from fingerpost import __version__

    config = importlib.resources.files("fingerpost").joinpath("service_config.json").read_text()
    return [
        ("grpc.service_config", config),
        ("grpc.enable_retries", 1),
        ("grpc.dns_min_time_between_resolutions_ms", _RESOLUTION_MS),
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
        ("grpc.max_reconnect_backoff_ms", _MAX_RECONNECT_BACKOFF_MS),
        ("grpc.primary_user_agent", f"fingerpost-python/{__version__}"),
        *transport.options,
    ]


def target(address: str) -> str:
    """``host:port`` resolved by DNS, so that round-robin sees every address."""
    return address if "://" in address or address.startswith(("unix:", "ipv4:", "ipv6:")) else f"dns:///{address}"
