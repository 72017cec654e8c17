import os

import requests

from lines import content, serve


def once(octets):
    yield octets


def send(request):
    octets = content(request)
    return requests.request(
        request["method"], request["url"], headers=dict(request["headers"]), data=once(octets) if request["one_shot"] else octets, verify=os.environ["CA_FILE"]
    ).status_code


serve(requests.__version__, send)
