"""The loopback origins: every host and port that a scenario may name, all with one recorder behind them.

Everything runs in its own network namespace, so ports 80 and 443 are free and nothing leaves the machine. Each host has
its own address, so that the recorder knows the host without trusting the Host field.
"""

import contextlib
import fcntl
import pathlib
import socket
import ssl
import struct
import subprocess
import threading

HOSTS = {
    "localhost": "127.0.0.1",  # potentially trustworthy without TLS (Secure Contexts section 3.1)
    "a.test": "127.0.1.1",
    "sub.a.test": "127.0.1.2",
    "b.test": "127.0.1.3",
    "xa.test": "127.0.1.4",  # ends like a.test, but is not below it
    "c.test": "127.0.1.5",
    "other.test": "127.0.1.6",  # the value of an explicit Host field
    "xn--9ca.b.test": "127.0.1.7",  # U+00E9 below b.test, and its UTF-8 octets read as Latin-1
    "xn--gba9i.b.test": "127.0.1.8",
    "a.testthen": "127.0.1.9",  # where Ruby's URI joins "then" with http://a.test/../b
    "b.testthen": "127.0.1.10",
}
PORTS = {80: "http", 8080: "http", 443: "https", 8443: "https"}
DEFAULT_PORT = {"http": 80, "https": 443}
ADDRESSES = {address: host for host, address in HOSTS.items()}
TLS_HANDSHAKE = b"\x16"  # the first octet of TLS, to a plaintext port
READ_TIMEOUT = 3.0  # seconds; announced content that has not come by then never comes


def serialize(scheme, host, port):
    return f"{scheme}://{host}" + ("" if port == DEFAULT_PORT[scheme] else f":{port}")


def raise_loopback():
    """Brings lo up in a new network namespace.

    It also gets an address for documentation (RFC 5737): with 127.0.0.1 alone, getaddrinfo treats the machine as one
    without IPv4 (AI_ADDRCONFIG), and Firefox finds no host.
    """
    siocgifflags, siocsifflags, siocsifaddr, iff_up = 0x8913, 0x8914, 0x8916, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(probe, siocgifflags, request))[1]
        fcntl.ioctl(probe, siocsifflags, struct.pack("16sh14x", b"lo", flags | iff_up))
        address = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton("192.0.2.1"))
        fcntl.ioctl(probe, siocsifaddr, struct.pack("16s16s8x", b"lo:1", address))


def name_of(address, request):
    """Of an address without a name of its own. Some clients take ::1 for localhost."""
    if address != "::1":
        return address
    return "[::1]" if any(name.lower() == "host" and value.startswith("[") for name, value in request["headers"]) else "localhost"


def hosts_file():
    return "".join(f"{address} {host} {host}.\n" for host, address in HOSTS.items())


def make_certificates(directory):
    """A certificate authority and one certificate for all hosts, new every run. Returns the authority's PEM file."""
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    extensions = directory / "leaf.ext"
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for command in (
        [
            "req",
            "-x509",
            *key,
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "2",
            "-subj",
            "/CN=Fingerpost test CA",
            "-addext",
            "keyUsage=critical,keyCertSign",
        ],
        ["req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=a.test"],
        ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "leaf.ext", "-out", "leaf.pem"],
    ):
        subprocess.run(["openssl", *command], cwd=directory, check=True, capture_output=True)
    return directory / "ca.pem"


class Recorder:
    """Answers the n-th request of a scenario with its n-th answer, 200 after the last, and records requests."""

    def __init__(self, certificates: pathlib.Path, patience: int):
        self.read_timeout = patience * READ_TIMEOUT
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificates / "leaf.pem", certificates / "leaf.key")
        self.lock = threading.Lock()
        self.begin([], cors=False)
        for port, scheme in PORTS.items():
            for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):
                listener = socket.create_server((address, port), family=family, backlog=128)
                threading.Thread(target=self._accept, args=(listener, scheme, port), daemon=True).start()

    def begin(self, answers, cors):
        """Starts a scenario. cors: let pages of every origin read the answers."""
        with self.lock:
            self.answers, self.cors, self.requests, self.preflights = answers, cors, [], 0

    def _accept(self, listener, scheme, port):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve, args=(connection, scheme, port), daemon=True).start()

    def _serve(self, connection, scheme, port):
        address = connection.getsockname()[0]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, EOFError, ValueError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if scheme == "https":
                connection = stack.enter_context(self.tls.wrap_socket(connection, server_side=True))
            elif connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                return
            stream = stack.enter_context(connection.makefile("rb"))
            if request := read_request(stream, connection, self.read_timeout):
                request["origin"] = serialize(scheme, ADDRESSES.get(address) or name_of(address, request), port)
                connection.sendall(self._answer(request))
                return

    def _answer(self, request):
        fields = {name.lower(): value for name, value in request["headers"]}
        preflight = request["method"] == "OPTIONS" and "access-control-request-method" in fields
        with self.lock:
            status, headers = 200, []
            if preflight:
                self.preflights += 1
            elif request["target"].startswith("/page"):
                # The start page of a browser's scenario, which is not part of it.
                headers = [["Content-Type", "text/html"]]
            elif request["target"] != "/favicon.ico":
                number = len(self.requests)
                self.requests.append(request)
                if number < len(self.answers):
                    status, headers = self.answers[number]["status"], self.answers[number]["headers"]
            if self.cors:
                headers = headers + [
                    ["Access-Control-Allow-Origin", fields.get("origin", "*")],
                    ["Access-Control-Allow-Methods", fields.get("access-control-request-method", "*")],
                    ["Access-Control-Allow-Headers", fields.get("access-control-request-headers", "*")],
                    ["Access-Control-Max-Age", "0"],
                    ["Cache-Control", "no-store"],
                ]
        lines = [f"HTTP/1.1 {status} Answer"] + [f"{name}: {value}" for name, value in headers]
        if status != 304:
            lines.append("Content-Length: 0")
        # Data after a request must not be taken for the next one.
        lines.append("Connection: close")
        return "\r\n".join(lines + ["", ""]).encode("latin-1")


def read_request(stream, connection, timeout):
    """One HTTP/1.1 request, with unchanged fields; None at the end of the connection."""
    line = stream.readline(131072)
    if not line:
        return None
    words = line.decode("latin-1").rstrip("\r\n").split(" ")
    method, target = words[0], " ".join(words[1:-1])  # a careless client leaves spaces in the target
    headers = []
    while (line := stream.readline(131072)) not in (b"\r\n", b"\n"):
        if not line:
            return None
        name, _, value = line.decode("latin-1").partition(":")
        headers.append([name, value.strip(" \t\r\n")])
    fields = {name.lower(): value.lower() for name, value in headers}
    if fields.get("expect") == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    connection.settimeout(timeout)
    content = None
    try:
        if "chunked" in fields.get("transfer-encoding", ""):
            content = read_chunked(stream)
        elif "content-length" in fields:
            content = stream.read(int(fields["content-length"]))
    except TimeoutError:
        content = b"<never came>"
    return {"method": method, "target": target, "headers": headers, "content": None if content is None else content.decode("latin-1")}


def read_chunked(stream):
    content = b""
    while size := int(stream.readline().split(b";")[0], 16):
        content += stream.read(size)
        stream.readline()
    while stream.readline() not in (b"\r\n", b"\n", b""):
        pass
    return content
