"""The protocol of every driver: first a version, then for each request on a line the client's own result."""

import json
import sys


def serve(version, send):
    """send(request) returns the final status; its exception is the client's error."""
    emit({"version": version})
    for line in sys.stdin:
        try:
            emit({"status": send(json.loads(line))})
        except Exception as error:  # any exception is the client's result
            emit({"error": f"{type(error).__module__}.{type(error).__qualname__}: {error}"[:500]})


def emit(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def content(request):
    """The content's octets, or None."""
    return None if request["content"] is None else request["content"].encode()
