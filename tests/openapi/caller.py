"""Uses the client that was generated from the OpenAPI document; tests/openapi/run type-checks it with that client."""

import sys

from generated import Client
from generated.api.default import decide, policy
from generated.models import DecideRequest, DecideResponse, ErrorAnswer, HttpRequest, Intent, Outcome, Policy, Purpose

client = Client(base_url=sys.argv[1])
order = HttpRequest(method="POST", url="https://shop.example.com/orders")

answer = decide.sync(client=client, body=DecideRequest(request=order, intent=Intent(purpose=Purpose.PURPOSE_FORM_RESULT, target="/orders/7")))
assert isinstance(answer, DecideResponse), answer
assert answer.outcome is Outcome.OUTCOME_REDIRECT and answer.status == 303, answer
assert answer.headers and any(field.name == "Location" and field.value == "/orders/7" for field in answer.headers), answer

refused = decide.sync(client=client, body=DecideRequest(request=order, intent_name="nobody"))
assert isinstance(refused, ErrorAnswer) and refused.error.code == "NOT_FOUND", refused

now = policy.sync_detailed(client=client)
assert isinstance(now.parsed, Policy) and now.parsed.rules, now
kept = policy.sync_detailed(client=client, if_none_match=now.headers["ETag"])
assert kept.status_code == 304 and kept.parsed is None, kept
