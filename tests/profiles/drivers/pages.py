"""Shared by the browsers' drivers: the page from which a request comes, and the scripts that send it."""

import json
from urllib.parse import urlsplit


def page_of(request, fetched):
    """The page that sends this request: the scenario's, or one of the URL's origin, but none of https that fetches what may lead to http."""
    if request["page"]:
        return f"{request['page']}/page"
    parts = urlsplit(request["url"])
    mixed = fetched and parts.scheme == "https" and "http://" in json.dumps(request["answers"])
    return f"{'http://a.test' if mixed else f'{parts.scheme}://{parts.netloc}'}/page"


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
    """A statement that leaves the page: by a link for GET, by a form for POST."""
    if request["method"] == "GET":
        return f"const link = document.createElement('a'); link.href = {json.dumps(request['url'])}; document.body.append(link); link.click();"
    name, _, value = (request["content"] or "").partition("=")
    return (
        f"const form = document.createElement('form'); form.method = 'post'; form.action = {json.dumps(request['url'])};"
        + (f"form.innerHTML = '<input name={name} value={value}>';" if name else "")
        + "document.body.append(form); form.submit();"
    )
