import os
import ssl

import httpx

from lines import content, serve

context = ssl.create_default_context(cafile=os.environ["CA_FILE"])


def once(octets):
    yield octets


def send(request):
    octets = content(request)
    with httpx.Client(verify=context, follow_redirects=True) as client:
        return client.request(
            request["method"], request["url"], headers=request["headers"], content=once(octets) if request["one_shot"] else octets
        ).status_code


serve(httpx.__version__, send)
