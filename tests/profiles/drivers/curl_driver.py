"""curl's redirect modes with libcurl, by the options that the tool sets for them: -L, -L -X METHOD, --follow -X METHOD.

After the mode: the tool's switches, post301, post302, post303, auto-referer, location-trusted, upload.
"""

import os
import sys

import pycurl

from lines import content, serve

mode, *switches = sys.argv[1:]
with_jar = "jar" in switches
POSTS = {"post301": pycurl.REDIR_POST_301, "post302": pycurl.REDIR_POST_302, "post303": pycurl.REDIR_POST_303}


def send(request):
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, request["url"])
    curl.setopt(pycurl.CAINFO, os.environ["CA_FILE"])
    curl.setopt(pycurl.WRITEFUNCTION, len)
    curl.setopt(pycurl.MAXREDIRS, 50)  # the tool's --max-redirs
    curl.setopt(pycurl.FOLLOWLOCATION, 2 if mode == "follow" else 1)  # CURLFOLLOW_OBEYCODE is --follow
    curl.setopt(pycurl.POSTREDIR, sum(POSTS.get(switch, 0) for switch in switches))
    curl.setopt(pycurl.AUTOREFERER, "auto-referer" in switches)
    curl.setopt(pycurl.UNRESTRICTED_AUTH, "location-trusted" in switches)
    curl.setopt(pycurl.TIMEOUT, 10 * int(os.environ["PATIENCE"]))
    method, octets = request["method"], content(request)
    if method == "HEAD":
        curl.setopt(pycurl.NOBODY, 1)
    elif request["one_shot"] or mode == "location" and method == "PUT" or "upload" in switches and octets is not None:
        rest = [octets] if octets else []
        curl.setopt(pycurl.UPLOAD, 1)
        curl.setopt(pycurl.READFUNCTION, lambda _: rest.pop() if rest else b"")
        if not request["one_shot"]:
            curl.setopt(pycurl.INFILESIZE, len(octets or b""))
            curl.setopt(pycurl.SEEKFUNCTION, lambda *_: rest.__setitem__(slice(None), [octets] if octets else []) or 0)
    elif octets is not None or mode == "location" and method == "POST":
        curl.setopt(pycurl.POSTFIELDS, octets or b"")
    if mode != "location" or request["one_shot"] and method == "POST":
        curl.setopt(pycurl.CUSTOMREQUEST, method)
    if with_jar:
        curl.setopt(pycurl.COOKIEFILE, "")  # the tool's -b ""
    curl.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in request["headers"]])
    try:
        curl.perform()
        return curl.getinfo(pycurl.RESPONSE_CODE)
    except pycurl.error as error:
        raise RuntimeError(f"curl error {error.args[0]} {error.args[1]}") from error
    finally:
        curl.close()


serve(pycurl.version_info()[1], send)
