"""The protocol of every driver: a version first, then for each request on a line, how the client said it ended."""

import json
import sys


def serve(version, send):
    """send(request) gives the final status; what it raises is the client's error."""
    emit({"version": version})
    for line in sys.stdin:
        try:
            emit({"status": send(json.loads(line))})
        except Exception as error:  # whatever the client throws is its answer
            emit({"error": f"{type(error).__module__}.{type(error).__qualname__}: {error}"[:500]})


def emit(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def content(request):
    """The content's octets, or None."""
    return None if request["content"] is None else request["content"].encode()
