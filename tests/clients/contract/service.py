"""A service with the row's own words, over gRPC and HTTP/JSON; and a real one."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import http.server
import json
import os
import pathlib
import queue
import re
import socket
import subprocess
import threading
import urllib.request
from typing import Any

import grpc
from google.protobuf import any_pb2, json_format
from google.rpc import error_details_pb2, status_pb2

from fingerpost import questions
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, policy_pb2, policy_service_pb2

BIN = pathlib.Path(os.environ["FINGERPOST_BIN"])
KINDS = {"Decide": (decide_pb2.DecideRequest, decide_pb2.DecideResponse), "Follow": (follow_pb2.FollowRequest, follow_pb2.FollowResponse)}
# google.rpc.Code's HTTP mapping.
HTTP = {"INVALID_ARGUMENT": 400, "NOT_FOUND": 404, "RESOURCE_EXHAUSTED": 429, "INTERNAL": 500, "UNKNOWN": 500, "UNAVAILABLE": 503, "UNIMPLEMENTED": 501}
END = object()


class Real:
    """A fingerpostd."""

    def __init__(self, *flags: str, listen: str = "127.0.0.1:0", http_listen: str = "127.0.0.1:0") -> None:
        command = [BIN / "fingerpostd", "--listen", listen, "--http-listen", http_listen, "--admin-listen", "127.0.0.1:0", *flags]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self._process.stdout.readline()
        if "listening on" not in line:
            raise RuntimeError(f"fingerpostd did not start: {line!r}")
        self.address = re.findall(r"listening on ([0-9.:]+)", line)[0]
        self.http = "http://" + re.findall(r"HTTP/JSON on (?:http://)?([0-9.:]+)", line)[0]
        self._admin = re.findall(r"admin on (?:http://)?([0-9.:]+)", line)[0]

    def asked(self) -> int:
        """How many questions it has answered itself."""
        with urllib.request.urlopen(f"http://{self._admin}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(float(line.split()[-1])) for line in lines if line.startswith(("fingerpost_decisions_total{", "fingerpost_http_requests_total{")))

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


class Scripted:
    """``answers`` in order, the last one repeated; ``policies`` are what each stream of WatchPolicy begins with; ``behind`` answers what no answer is given for.

    An answer is {"answer": DecideResponse or FollowResponse}, {"octets": base64}, {"status": code, "violations": [field…]}, {"http": [status, type, text]},
    or {"silent": true}.
    """

    def __init__(self, answers: list[dict[str, Any]], policies: list[dict[str, Any]] = (), behind: Real | None = None) -> None:
        self._answers = list(answers)
        self._policies = [watched(one) for one in policies]
        self._behind = grpc.insecure_channel(behind.address) if behind else None
        self._streams: list[queue.SimpleQueue] = []
        self._open = threading.Event()
        self.questions: list[bytes] = []
        self.seconds: list[float] = []
        self.watches: list[policy_service_pb2.WatchPolicyRequest] = []
        self.reports: list[policy_service_pb2.ReportUsageRequest] = []
        self.address = self.http = ""
        self.start()

    def start(self) -> None:
        """Again at the same address, after ``stop``."""
        self._open.clear()
        self._grpc = grpc.server(concurrent.futures.ThreadPoolExecutor(32), options=[("grpc.so_reuseport", 0)])
        methods = {name: grpc.unary_unary_rpc_method_handler(self._answerer(name)) for name in KINDS}
        policy = {"WatchPolicy": grpc.unary_stream_rpc_method_handler(self._watch), "ReportUsage": grpc.unary_unary_rpc_method_handler(self._report)}
        self._grpc.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler("fingerpost.v1.RedirectService", methods),
                grpc.method_handlers_generic_handler("fingerpost.v1.PolicyService", policy),
            )
        )
        # An address of its own in 127/8, so that nobody else takes the port while it is stopped.
        host = f"127.{1 + os.getpid() // 250 % 250}.{os.getpid() % 250}.2"
        port = self._grpc.add_insecure_port(self.address or f"{host}:0")
        self.address = self.address or f"{host}:{port}"
        self._grpc.start()
        self._http = Door((host, int(self.http.rpartition(":")[2] or 0)), self._handler())
        self.http = f"http://{host}:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._open.set()
        for stream in list(self._streams):
            stream.put(END)
        self._grpc.stop(None).wait()
        self._http.shutdown()
        self._http.server_close()
        self._http.end_connections()

    def say(self, policy: dict[str, Any]) -> None:
        """To every stream, and what later ones begin with."""
        self._policies = [watched(policy)]
        for stream in list(self._streams):
            stream.put(self._policies[0])

    def _next(self) -> dict[str, Any]:
        if not self._answers:
            return {}
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _answerer(self, method: str) -> Any:
        def answered(octets: bytes, context: grpc.ServicerContext) -> bytes:
            self.questions.append(octets)
            self.seconds.append(context.time_remaining() or 0.0)
            answer = self._next()
            if "silent" in answer:
                self._open.wait(60)  # Until the row is over.
            if "status" in answer:
                context.abort_with_status(Refused(answer))
            if not answer and self._behind:
                try:
                    return self._behind.unary_unary(f"/fingerpost.v1.RedirectService/{method}")(octets, timeout=20)
                except grpc.RpcError as error:
                    context.abort(error.code(), error.details())
            return octets_of(method, answer)

        return answered

    def _watch(self, octets: bytes, context: grpc.ServicerContext) -> Any:
        self.watches.append(policy_service_pb2.WatchPolicyRequest.FromString(octets))
        words: queue.SimpleQueue = queue.SimpleQueue()
        for word in self._policies:
            words.put(word)
        if not self._policies:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "there is no policy in this row")
        self._streams.append(words)
        context.add_callback(lambda: words.put(END))
        while (word := words.get()) is not END:
            yield word
        self._streams.remove(words)

    def _report(self, octets: bytes, context: grpc.ServicerContext) -> bytes:
        self.reports.append(policy_service_pb2.ReportUsageRequest.FromString(octets))
        return b""

    def _handler(self) -> type:
        scripted = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                method = {"/v1/decide": "Decide", "/v1/follow": "Follow"}.get(self.path)
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if method is None:
                    return self.write(404, "application/json", "{}")
                scripted.questions.append(questions.message(KINDS[method][0], json.loads(text)).SerializeToString())
                answer = scripted._next()
                if "silent" in answer:
                    scripted._open.wait(60)  # Until the row is over.
                    self.close_connection = True
                elif "http" in answer:
                    self.write(*answer["http"])
                elif "status" in answer:
                    error = {
                        "code": answer["status"],
                        "message": "told to",
                        "violations": [{"field": one, "description": "told to"} for one in answer.get("violations", ())],
                    }
                    self.write(HTTP[answer["status"]], "application/json", json.dumps({"error": error}))
                elif not answer and scripted._behind:
                    self.write(
                        200,
                        "application/json",
                        as_text(method, scripted._behind.unary_unary(f"/fingerpost.v1.RedirectService/{method}")(scripted.questions[-1], timeout=20)),
                    )
                elif "octets" in answer:
                    self.write(200, "application/json", base64.b64decode(answer["octets"]).decode("latin-1"))
                else:
                    self.write(200, "application/json", as_text(method, octets_of(method, answer)))

            def do_GET(self) -> None:
                self.write(404, "application/json", "{}")

            def write(self, status: int, kind: str, text: str) -> None:
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                if 300 <= status <= 399:
                    self.send_header("Location", "/v1/elsewhere")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Door(http.server.ThreadingHTTPServer):
    """Ends the connections that its clients keep, too."""

    def __init__(self, *words: Any) -> None:
        self._kept: list[socket.socket] = []
        super().__init__(*words)

    def process_request(self, request: socket.socket, address: Any) -> None:
        self._kept.append(request)
        super().process_request(request, address)

    def end_connections(self) -> None:
        for one in self._kept:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Refused(grpc.Status):
    """A status with the details that a real service gives."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.code = getattr(grpc.StatusCode, answer["status"])
        self.details = "told to"
        self.trailing_metadata = ()
        if "violations" in answer:
            bad = error_details_pb2.BadRequest(field_violations=[{"field": one, "description": "told to"} for one in answer["violations"]])
            detail = any_pb2.Any()
            detail.Pack(bad)
            status = status_pb2.Status(code=self.code.value[0], message=self.details, details=[detail])
            self.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)


def octets_of(method: str, answer: dict[str, Any]) -> bytes:
    if "octets" in answer:
        return base64.b64decode(answer["octets"])
    return questions.message(KINDS[method][1], answer.get("answer", {})).SerializeToString()


def as_text(method: str, octets: bytes) -> str:
    return json_format.MessageToJson(KINDS[method][1].FromString(octets), preserving_proto_field_name=True)


def watched(one: dict[str, Any]) -> bytes:
    """A WatchPolicyResponse of {"version", "policy" | "octets", "cut": true, "problems"}."""
    said = policy_service_pb2.WatchPolicyResponse(version=one.get("version", ""))
    for problem in one.get("problems", ()):
        said.problems.add(place="policy.yaml", description=problem)
    if "octets" in one:
        said.policy = base64.b64decode(one["octets"])
    elif "policy" in one:
        handed = {} if one.get("cut") else {"handed_out": {"version": one["version"], **one.get("handed_out", {})}}
        said.policy = questions.message(policy_pb2.Policy, {**one["policy"], **handed}).SerializeToString()
    return said.SerializeToString()


class Silent:
    """Accepts connections, and never says a word."""

    def __init__(self) -> None:
        self._sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.address, http_address = ("127.0.0.1:%d" % one.getsockname()[1] for one in self._sockets)
        self.http = f"http://{http_address}"

    def stop(self) -> None:
        for one in self._sockets:
            one.close()


class Nobody:
    """Addresses that refuse connections: bound, never listened on."""

    def __init__(self) -> None:
        self._sockets = [socket.socket() for _ in range(2)]
        for one in self._sockets:
            one.bind(("127.0.0.1", 0))
        self.address, http_address = ("127.0.0.1:%d" % one.getsockname()[1] for one in self._sockets)
        self.http = f"http://{http_address}"

    def stop(self) -> None:
        for one in self._sockets:
            one.close()
