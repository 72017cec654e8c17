"""Shared by the browsers' drivers: the page from which a request comes, and the scripts that send it."""

import json
from urllib.parse import urlsplit


def page_of(url, downgrades):
    """The page that requests this URL: of its origin, but never https if http may follow (mixed content)."""
    parts = urlsplit(url)
    scheme, netloc = ("http", "a.test") if downgrades and parts.scheme == "https" else (parts.scheme, parts.netloc)
    return f"{scheme}://{netloc}/page"


def downgrades(request):
    """Whether an https request may lead to http."""
    return request["url"].startswith("https:") and "http://" in json.dumps(request.get("answers", []))


def fetch_script(request):
    """An expression whose promise gives the outcome of fetch()."""
    options = {"method": request["method"], "headers": request["headers"]}
    if request["content"] is not None:
        options["body"] = request["content"]
    return (
        f"fetch({json.dumps(request['url'])}, {json.dumps(options)})"
        ".then(async r => { await r.arrayBuffer(); return {status: r.status}; }, e => ({error: String(e)}))"
    )


def navigation_script(request):
    """A statement that leaves the page: by the address for GET, by a form for POST."""
    if request["method"] == "GET":
        return f"location.href = {json.dumps(request['url'])};"
    name, _, value = (request["content"] or "").partition("=")
    return (
        f"const form = document.createElement('form'); form.method = 'post'; form.action = {json.dumps(request['url'])};"
        + (f"form.innerHTML = '<input name={name} value={value}>';" if name else "")
        + "document.body.append(form); form.submit();"
    )
