import os
import platform
import ssl
import sys
import urllib.request

from lines import content, serve

context = ssl.create_default_context(cafile=os.environ["CA_FILE"])


def once(octets):
    yield octets


def send(request):
    octets = content(request)
    question = urllib.request.Request(
        request["url"], method=request["method"], headers=dict(request["headers"]), data=once(octets) if request["one_shot"] else octets
    )
    handlers = [urllib.request.HTTPSHandler(context=context)]
    if "jar" in sys.argv:
        handlers.append(urllib.request.HTTPCookieProcessor())
    try:
        with urllib.request.build_opener(*handlers).open(question, timeout=10 * int(os.environ["PATIENCE"])) as response:
            return response.status
    except urllib.error.HTTPError as error:
        # The response is the error; its text has the refused part.
        raise RuntimeError(f"HTTPError {error.code} {error.msg}") from error


serve(f"CPython {platform.python_version()}", send)
