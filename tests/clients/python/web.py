"""Web servers for the tests of following: each path has the test's answer, and requests are recorded."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from email.message import Message


@dataclasses.dataclass
class Seen:
    method: str
    path: str
    fields: Message
    body: bytes


class Web:
    """``pages``: for each path its answers in order, the last one repeated: status, fields, and raw octets after the fields."""

    def __init__(self, pages=None):
        self.pages = pages if pages is not None else {}
        self.seen: list[Seen] = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                web.seen.append(Seen(self.command, self.path, self.headers, body))
                answers = web.pages.get(self.path.partition("?")[0], [(200, {}, b"content")])
                status, fields, content = answers.pop(0) if len(answers) > 1 else answers[0]
                fields = list(fields.items() if isinstance(fields, dict) else fields)
                self.send_response(status)
                if not any(name in ("Content-Length", "Transfer-Encoding") for name, _ in fields):
                    fields.append(("Content-Length", str(len(content))))
                for name, value in fields:
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    pass  # The client has closed the connection.
                if dict(fields).get("Connection") == "close":
                    self.close_connection = True

            do_GET = do_HEAD = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            connections = 0

            def process_request(self, *words):
                self.connections += 1
                super().process_request(*words)

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        # The same server under another host's name.
        self.elsewhere = f"http://localhost:{self.server.server_port}"


def to(location, status=302, **fields):
    """A redirect."""
    return [(status, {"Location": location, **{name.replace("_", "-"): value for name, value in fields.items()}}, b"")]
