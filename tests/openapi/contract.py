"""Called by tests/openapi/run."""

import copy
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

import jsonschema
import openapi_spec_validator
import samples
from service import ROOT, ask, get, head, post, serving

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = ROOT / "tests/golden"
EXAMPLES = ROOT / "service/policy/examples"
# Those that need another server: see tests/server/http/errors_test.cc, json_memory_test.cc and documents_test.cc.
ELSEWHERE = {"403", "408", "429", "500"}


def closed(schema):
    """The same without room for what it does not name: the document shall list everything that this version writes."""
    if isinstance(schema, dict):
        schema = {key: closed(value) for key, value in schema.items()}
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        schema = [closed(value) for value in schema]
    return schema


class Contract:
    def __init__(self, document):
        self.document = document
        self.schemas = closed(document["components"]["schemas"])
        self.met = set()  # Statuses that were answered as described.

    def wrong(self, schema, value):
        """What is wrong with a value, in one line; None if nothing is."""
        whole = {**closed(schema), "components": {"schemas": self.schemas}}
        validator = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
        fault = jsonschema.exceptions.best_match(validator.iter_errors(value))
        return fault and f"{fault.json_path}: {fault.message[:300]}"

    def wrong_answer(self, path, method, answer):
        """What an operation does not say of an answer; another method or path is an error like "default"."""
        operation = self.document["paths"].get(path, {}).get(method)
        default = self.document["paths"]["/v1/decide"]["post"]["responses"]["default"]
        responses = operation["responses"] if operation else {str(answer.status): default}
        exact = responses.get(str(answer.status))
        described = exact or responses.get(f"{answer.status // 100}XX")
        if described is None:
            return f"status {answer.status} is not described"
        described = self.reference(described)
        for name, field in described.get("headers", {}).items():
            field, value = self.reference(field), answer.fields.get(name)
            if value is None and field.get("required"):
                return f"{name} is missing"
            if value is not None and (fault := self.wrong(field["schema"], value)):
                return f"{name}: {fault}"
        self.met.add(str(answer.status))
        if "content" not in described:
            return f"unexpected content {answer.content[:80]}" if answer.content else None
        if not exact and not answer.content:
            return None  # Of a class of statuses some have none.
        if answer.type not in described["content"]:
            return f"Content-Type {answer.type} is not described"
        schema = described["content"][answer.type]["schema"]
        return self.wrong(schema, json.loads(answer.content)) if answer.type == "application/json" else None

    def reference(self, part):
        while "$ref" in part:
            found = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def spelled_out(self, schema, value):
        """A question with full names of enum values, as the document has them."""
        schema = self.reference(schema)
        if "enum" in schema and isinstance(value, str):
            word = "_" + re.sub(r"[-./ ]", "_", value).upper()
            return next((name for name in schema["enum"] if name == word[1:] or name.endswith(word)), value)
        if isinstance(value, list):
            return [self.spelled_out(schema.get("items", {}), one) for one in value]
        if isinstance(value, dict):
            return {key: self.spelled_out(schema.get("properties", {}).get(key, {}), one) for key, one in value.items()}
        return value


def report(name, faults):
    faults = [fault for fault in faults if fault]
    for fault in faults[:10]:
        print(f"  {fault}")
    print(f"not ok {name}: {len(faults)} faults" if faults else f"ok {name}", flush=True)


def rows(kind):
    """Those of the corpus that are one question each."""
    for file in sorted((GOLDEN / kind).glob("*.json")):
        for row in json.loads(file.read_text()):
            if "for" not in row:
                yield row["name"], row[kind]


def check_corpus(contract, address, kind):
    path = f"/v1/{kind}"
    question = contract.document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    answers, questions, count = [], [], 0
    for name, row in rows(kind):
        answer = post(address, path, json.dumps(row).encode())
        if fault := contract.wrong_answer(path, "post", answer):
            answers.append(f"{name}: {fault}")
        if answer.status == 200 and (fault := contract.wrong(question, contract.spelled_out(question, row))):
            questions.append(f"{name}: {fault}")
        count += 1
    report(f"{count} rows of {kind}: every answer and error is as described", answers if count > 200 else ["too few rows"])
    report(f"the questions of {kind} that the service takes are as described", questions)


def check_itself(document, address):
    """An answer with a field or a value that the document has not must be found."""
    body = document["paths"]["/v1/decide"]["post"]["requestBody"]
    answer = post(address, "/v1/decide", json.dumps(body["content"]["application/json"]["example"]).encode())
    faults = []
    for change in (lambda schemas: schemas["DecideResponse"]["properties"].pop("reason"), lambda schemas: schemas["Outcome"]["enum"].pop(0)):
        other = copy.deepcopy(document)
        change(other["components"]["schemas"])
        faults.append(not Contract(other).wrong_answer("/v1/decide", "post", answer) and "an answer that is not as described passes")
    report("an answer that is not as described is found", faults)


def check_errors(contract, address):
    json_type = "Content-Type: application/json"
    requests = [
        ("/v1/decide", "post", head("POST /v1/decide HTTP/1.1", "Content-Length: 2") + b"{}"),
        ("/v1/decide", "post", head("POST /v1/decide HTTP/1.1", json_type)),
        ("/v1/follow", "post", head("POST /v1/follow HTTP/1.1", json_type, "Content-Length: 9999999")),
        ("/v1/follow", "post", head("POST /v1/follow HTTP/1.1", json_type, "Transfer-Encoding: gzip")),
        ("/v1/policy", "get", head("GET /v1/policy HTTP/1.1", "X: " + "a" * 20000)),
        ("/v1/policy", "get", b"GET /v1/policy HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        ("/v1/policy", "get", head("GET /v1/policy?host=https://a.example HTTP/1.1")),
        ("/v1/openapi.json", "get", head("GET /v1/openapi.json HTTP/1.1", "Host: two")),
        ("/v1/decide", "put", head("PUT /v1/decide HTTP/1.1")),
        ("/v1/policy", "delete", head("DELETE /v1/policy HTTP/1.1")),
        ("/v2/decide", "get", head("GET /v2/decide HTTP/1.1")),
    ]
    for method, content in itertools.product(("decide", "follow"), (b"", b"{", b"[]", b"null", b'{"request": 1}', b"\xff")):
        path = f"/v1/{method}"
        requests.append((path, "post", head(f"POST {path} HTTP/1.1", json_type, f"Content-Length: {len(content)}") + content))
    faults = []
    for path, method, octets in requests:
        answer = ask(address, octets)
        fault = contract.wrong_answer(path, method, answer) or (answer.status < 400 and f"status {answer.status}")
        faults.append(fault and f"{octets[:60]}: {fault}")
    report("every error is as described", faults)


def check_gateway(contract, address):
    shop = ["X-Forwarded-Host: shop.example.com", "X-Forwarded-Proto: https"]
    questions = [  # the target, more fields, the status, a field of the answer
        ("/v1/gateway", ["X-Forwarded-Uri: /blog/tea"], 308, ("Location", "https://www.cdn.example.com/journal/tea")),
        ("/v1/gateway/blog/tea", [], 308, ("Location", "https://www.cdn.example.com/journal/tea")),
        ("/v1/gateway?wrap=401", ["X-Original-URI: /blog/tea"], 401, ("Fingerpost-Status", "308")),
        ("/v1/gateway", ["X-Forwarded-Uri: /fax/a"], 410, ("Fingerpost-Outcome", None)),
        ("/v1/gateway", ["X-Forwarded-Uri: /page"], 204, ("Fingerpost-Outcome", "pass")),
        ("/v1/gateway?pass=200", ["X-Forwarded-Uri: /page"], 200, ("Fingerpost-Outcome", "pass")),
        ("/v1/gateway", ["X-Forwarded-Uri: /page", "X-Original-URI: /other"], 204, ("Fingerpost-Outcome", "unreadable")),
    ]
    faults = []
    for target, fields, status, (name, value) in questions:
        answer = get(address, target, *shop, *fields)
        faults.append(contract.wrong_answer("/v1/gateway", "get", answer))
        got = (answer.status, answer.fields.get(name))
        faults.append(got != (status, value) and f"{target} {fields}: {got}")
    report("a gateway is answered as described", faults)


def check_policies(contract):
    faults = []
    for policy in sorted(EXAMPLES.glob("*[!s].yaml")):
        with serving("--policy", policy) as address:
            answer = get(address, "/v1/policy")
            faults.append(contract.wrong_answer("/v1/policy", "get", answer))
            again = get(address, "/v1/policy", f"If-None-Match: {answer.fields['ETag']}")
            faults.append(contract.wrong_answer("/v1/policy", "get", again))
            faults.append(again.status != 304 and f"{policy.name}: {again.status}")
            octets = get(address, "/v1/policy", "Accept: application/protobuf")
            faults.append(contract.wrong_answer("/v1/policy", "get", octets))
            faults.append(octets.type != "application/protobuf" and octets.type)
            part = get(address, "/v1/policy?host=shop.example.com&intent=none")
            faults.append(contract.wrong_answer("/v1/policy", "get", part))
            faults.append(len(part.content) > len(answer.content) and f"{policy.name}: a part is larger")
    report(f"the policies of the examples are as described ({len(faults) // 7})", faults if faults else ["none was found"])


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    return done.stdout if done.returncode else ""


def check_client(document, address):
    """A client that a generator makes of the document, in a program that its types check."""
    with tempfile.TemporaryDirectory() as directory:
        room = pathlib.Path(directory)
        (room / "openapi.json").write_text(json.dumps(document))
        octets = "application/octet-stream"  # The generator does not know protobuf's type.
        types = {"content_type_overrides": {"application/protobuf": octets, "application/x-protobuf": octets}}
        (room / "config.json").write_text(json.dumps(types))
        where = ["--path", room / "openapi.json", "--output-path", room / "generated", "--meta", "none", "--config", room / "config.json"]
        report("a client is generated", [run("openapi-python-client", "generate", "--fail-on-warning", *where)])
        (room / "caller.py").write_text((HERE / "caller.py").read_text())
        # Its own code is the generator's affair.
        config = ["--follow-imports", "silent", "--python-executable", sys.executable, "--cache-dir", room / "cache"]
        report("its caller type-checks", [run("mypy", "--strict", *config, "caller.py", cwd=room)])
        report("its caller gets the answers", [run(sys.executable, "caller.py", f"http://{address}", cwd=room)])


def main():
    with serving("--policy", EXAMPLES / "shop.yaml") as address:
        answer = get(address, "/v1/openapi.json")
        document = json.loads(answer.content)
        try:
            openapi_spec_validator.validate(document)
            report("the document is OpenAPI 3.1", [not document["openapi"].startswith("3.1.") and document["openapi"]])
        except Exception as fault:  # The validator's own.
            report("the document is OpenAPI 3.1", [str(fault)[:500]])
        contract = Contract(document)
        report("it describes itself", [contract.wrong_answer("/v1/openapi.json", "get", answer)])
        for path, item in document["paths"].items():
            for method, operation in item.items():
                content = operation.get("requestBody", {}).get("content", {}).get("application/json")
                if content:
                    sample = post(address, path, json.dumps(content["example"]).encode())
                    faults = [contract.wrong(content["schema"], content["example"]), sample.status != 200 and sample.content]
                    report(f"the example of {path} is answered", faults)
        check_itself(document, address)
        check_corpus(contract, address, "decide")
        check_corpus(contract, address, "follow")
        check_errors(contract, address)
        check_gateway(contract, address)
        check_policies(contract)
        described = {s for item in document["paths"].values() for op in item.values() for s in op["responses"] if s.isdigit()}
        report("every described status was answered", sorted(described - contract.met - ELSEWHERE))
        check_client(document, address)
    for name, check in samples.CHECKS.items():
        try:
            report(name, check())
        except Exception:
            report(name, [traceback.format_exc()])


main()
