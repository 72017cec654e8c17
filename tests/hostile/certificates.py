"""Certificates of a run: an authority's, the service's and the innocent client's. Attackers have none."""

import atexit
import functools
import pathlib
import shutil
import ssl
import subprocess
import tempfile

import grpc

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


@functools.cache
def directory():
    path = pathlib.Path(tempfile.mkdtemp(prefix="hostile-"))
    atexit.register(shutil.rmtree, path)

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=path, check=True, capture_output=True)

    openssl("req", "-x509", *NEW_KEY, "-days", "1", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl("req", *NEW_KEY, "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(
            "x509",
            "-req",
            "-copy_extensions",
            "copy",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "1",
            "-out",
            f"{name}.pem",
        )
    return path


def flags(tls):
    """The service's. `tls`: "", "server" or "mutual"."""
    if not tls:
        return []
    own = [f"--tls-cert={directory()}/server.pem", f"--tls-key={directory()}/server.key"]
    return own + [f"--tls-client-ca={directory()}/ca.pem"] * (tls == "mutual")


def channel(port, tls):
    """The innocent client's, on a separate connection."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    if not tls:
        return grpc.insecure_channel(f"127.0.0.1:{port}", options)
    authority, key, certificate = ((directory() / name).read_bytes() for name in ("ca.pem", "client.key", "client.pem"))
    credentials = grpc.ssl_channel_credentials(authority, key, certificate) if tls == "mutual" else grpc.ssl_channel_credentials(authority)
    return grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)


def stranger():
    """TLS for a client without a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context
