"""Writes client/contract/shop/expected.json from the service's own answers: tests/clients/contract/run --write."""

from __future__ import annotations

import copy
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from fingerpost import web
from service import Real
from shops import SHOP, Requests, normal

PORT, ORDER, CODE = 48123, 4242, "c0de"
SENT = web.SENT_FIELDS | {"x-route"}
# Clearing what a page has read (client/README.md, "In a framework").
CLEAR = {"flash": "flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", "__Host-flash": "__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"}


class Service:
    """Decide over HTTP/JSON: the service's own words, without a package between."""

    def __init__(self) -> None:
        self._real = Real("--policy", str(SHOP / "policy.yaml"))

    def decide(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer; of a refusal its outcome alone."""
        asked = urllib.request.Request(f"{self._real.http}/v1/decide", json.dumps(question).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != 400:
                raise
            return {"outcome": "OUTCOME_REFUSE", "error": json.load(error)["error"]}

    def stop(self) -> None:
        self._real.stop()


def page(method: str, path: str, query: dict[str, str], form: dict[str, str]) -> dict[str, Any]:
    """What the shop's page is (client/README.md, "The example shop"): the wishes that it tries in order, or its status and fields."""

    def wish(purpose: str, target: str, **more: Any) -> dict[str, Any]:
        return {"wishes": [{"intent": {"purpose": purpose, "target": target, **more}}]}

    registered = [f"http://{host}:{PORT}/callback" for host in ("127.0.0.1", "localhost")]
    if (method, path) == ("POST", "/orders"):
        return wish("form_result", f"/orders/{ORDER}/confirmation", flash={"text": f"Order placed: {form['item']}"})
    if method == "DELETE" and path.startswith("/orders/"):
        return wish("form_result", "/orders")
    if (method, path) == ("POST", "/checkout"):
        return wish("temporary_move", "/orders")
    if (method, path) == ("POST", "/cart"):
        return wish("permanent_move", "/orders")
    if (method, path) == ("POST", "/webhooks"):
        return wish("reroute", "/v2/webhooks", redirect_capable=True)
    if (method, path) == ("GET", "/spring-sale"):
        return wish("campaign", "/products?promo=spring")
    if (method, path) == ("POST", "/login"):
        parameters = [{"name": "code", "value": CODE}, {"name": "state", "value": form["state"]}]
        return wish("authorization_response", form["redirect_uri"], redirect_uris=registered, response_parameters=parameters)
    if (method, path) == ("POST", "/go"):
        return wish("form_result", query["next"])
    if path == "/back":
        return {"wishes": [{"intent": one} for one in web.ways_back(query.get("next"), "/orders")]}
    if method == "POST" and path.startswith("/thanks/"):
        return {"wishes": [{"intent_name": "order-placed", "parameters": {"id": path.rpartition("/")[2]}}]}
    if (method, path) == ("GET", "/products"):
        return {"status": 200, "fields": {"vary": ["Accept-Language"], "cache-control": ["max-age=60"]}}
    if method == "GET" and (path in ("/", "/orders", "/login") or path.endswith("/confirmation")):
        return {"status": 200, "fields": {}}
    return {"status": 404, "fields": {}}


def expected(row: dict[str, Any], service: Service) -> dict[str, Any]:
    method, target, _, fields = Requests.sent(row, PORT)
    headers = [{"name": name, "value": value} for name, value in fields.items() if name.lower() in SENT]
    question = {"request": {"method": method, "url": f"http://127.0.0.1:{PORT}{target}", "headers": headers}}
    split = urllib.parse.urlsplit(target)
    query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    form = json.loads(json.dumps(row.get("form", {})).replace("${port}", str(PORT)))
    own = page(method, split.path, query, form)
    rule = service.decide(question)
    found: dict[str, Any] = {}
    if rule["outcome"] in ("OUTCOME_REDIRECT", "OUTCOME_RESPOND"):
        found["answer"] = response(rule)
    elif "wishes" in own:
        answers = (service.decide({**question, **wish}) for wish in own["wishes"])
        answer = next((one for one in answers if one["outcome"] in ("OUTCOME_REDIRECT", "OUTCOME_RESPOND")), None)
        found["answer"] = response(answer) if answer else {"status": 400, "page": True}
        merge(found["answer"], rule)
    else:
        found["answer"] = shown(own, fields)
        merge(found["answer"], rule)
    without = {"status": 503, "fields": {"retry-after": ["5"]}, "page": True} if "wishes" in own else shown(own, fields)
    if without != found["answer"]:
        found["stopped without an engine"] = without
    return json.loads(general(json.dumps(found, ensure_ascii=False)))


def shown(own: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
    """A page; the confirmation clears the message that it shows."""
    answer = {"status": own["status"], "page": True, "fields": copy.deepcopy(own["fields"])}
    names = [name for name in ("__Host-flash", "flash") if re.search(rf"(?:^|; ){name}=", fields.get("Cookie", ""))]
    if names:
        answer["fields"]["set-cookie"] = [CLEAR[names[0]]]
    if not answer["fields"]:
        del answer["fields"]
    return answer


def response(answer: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, list[str]] = {}
    for line in answer.get("headers", []):
        fields.setdefault(line["name"].lower(), []).append(line["value"])
    fields.pop("content-length", None)  # The server's own matter.
    return {"status": answer["status"], "fields": fields}


def merge(answer: dict[str, Any], rule: dict[str, Any]) -> None:
    """Adds the fields of a PASS to what the page answers (RFC 9110 §12.5.5)."""
    for line in rule.get("headers", []):
        name = line["name"].lower()
        if name != "vary":
            raise ValueError(f"{name}: no rule of this policy adds it to a page")
        lines = answer.setdefault("fields", {}).setdefault(name, [])
        if not normal(name, [line["value"]]) <= normal(name, lines):
            lines[:] = [", ".join([*lines, line["value"]])]


def general(text: str) -> str:
    text = text.replace(f":{PORT}", ":${port}").replace(f"%3A{PORT}", "%3A${port}").replace(f"code={CODE}", "code=${code}")
    return text.replace(f"/orders/{ORDER}/confirmation", "/orders/${order}/confirmation")


def written() -> str:
    service = Service()
    try:
        found = {row["name"]: expected(row, service) for row in Requests().rows}
    finally:
        service.stop()
    lines = [f" {json.dumps(name, ensure_ascii=False)}: {json.dumps(answer, ensure_ascii=False)}" for name, answer in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def is_fresh() -> bool:
    return (SHOP / "expected.json").read_text() == written()


if __name__ == "__main__":
    (SHOP / "expected.json").write_text(written())
