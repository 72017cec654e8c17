""".NET's SocketsHttpHandler, from the newest runtime in a package registry, called from Python."""

import gzip
import json
import os
import pathlib
import sys

from pythonnet import load

from lines import content, serve

kit = pathlib.Path(os.environ["PYTHONPATH"])
(runtime,) = (kit / "root/shared/Microsoft.NETCore.App").iterdir()
CONFIG = {
    "runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": runtime.name}, "configProperties": {"System.Globalization.Invariant": True}}
}
config = pathlib.Path(os.environ["TMPDIR"]) / "dotnet.json"
config.write_text(json.dumps(CONFIG))
load("coreclr", runtime_config=str(config), dotnet_root=str(kit / "root"))

import clr  # noqa: E402

clr.AddReference("System.Net.Http")
clr.AddReference("System.IO.Compression")
from System import Array, Byte, Environment  # noqa: E402
from System.IO import MemoryStream  # noqa: E402
from System.IO.Compression import CompressionMode, GZipStream  # noqa: E402
from System.Net.Http import (
    ByteArrayContent,
    HttpClient,
    HttpMethod,
    HttpRequestMessage,
    SocketsHttpHandler,  # noqa: E402
    StreamContent,
)


def octets_of(octets):
    return Array[Byte](octets)


def send(request):
    message = HttpRequestMessage(HttpMethod(request["method"]), request["url"])
    octets = content(request)
    if octets is not None:
        # The output of a decompressor cannot be read twice.
        message.Content = (
            StreamContent(GZipStream(MemoryStream(octets_of(gzip.compress(octets))), CompressionMode.Decompress))
            if request["one_shot"]
            else ByteArrayContent(octets_of(octets))
        )
    for name, value in request["headers"]:
        # A field belongs to the request or to its content.
        if not message.Headers.TryAddWithoutValidation(name, value) and message.Content is not None:
            message.Content.Headers.TryAddWithoutValidation(name, value)
    # A separate handler, so that its cookies are only this request's.
    client = HttpClient(SocketsHttpHandler())
    try:
        return int(client.SendAsync(message).Result.StatusCode)
    except Exception as error:
        inner = getattr(error, "InnerException", None)
        raise RuntimeError(f"{inner or error}".splitlines()[0]) from None
    finally:
        client.Dispose()


sys.stdout.flush()
serve(f".NET {Environment.Version}", send)
