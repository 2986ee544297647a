#!/usr/bin/env python3
"""Reduces the converted Stripe contract to the calls that Tollgate makes, with one schema per line.

usage: prune.py IN OUT

Keeps the calls in CALLS with their complete request schemas, the schemas of their answers and of the
events in EVENTS, and all schemas that those refer to. Removes descriptions, vendor extensions, and the
expanded form of the objects in CUT, which Tollgate never expands; their ids stay valid. Adds the calls in
LISTS and the event in DEAUTHORIZED, which the converted contract lacks, as the type declarations of npm
`stripe@23.1.0` describe them (`SessionListParams`, `RefundListParams`, `DisputeListParams`,
`AccountApplicationDeauthorizedEvent`).
"""

import copy
import json
import sys

CALLS = {
    "/v1/account_links": ["post"],
    "/v1/accounts": ["post"],
    "/v1/accounts/{account}": ["get"],
    "/v1/charges/{charge}": ["get"],
    "/v1/checkout/sessions": ["post"],
    "/v1/checkout/sessions/{session}": ["get"],
    "/v1/checkout/sessions/{session}/expire": ["post"],
    "/v1/disputes/{dispute}": ["get"],
    "/v1/events": ["get"],
    "/v1/events/{id}": ["get"],
    "/v1/payment_intents/{intent}": ["get"],
    "/v1/refunds": ["post"],
    "/v1/refunds/{refund}": ["get"],
}

TEXT = {"maxLength": 5000, "type": "string"}
STATUS = {"enum": ["complete", "expired", "open"], "type": "string"}
DETAILS = {
    "additionalProperties": False,
    "properties": {"email": {"type": "string"}},
    "required": ["email"],
    "type": "object",
}

# The listed object and the parameters besides those that every list has, which are taken from LIKE.
LIKE = "/v1/events"
PAGING = ["created", "ending_before", "expand", "limit", "starting_after"]
LISTS = {
    "/v1/accounts": ("account", "GetAccounts", {}),
    "/v1/checkout/sessions": ("checkout.session", "GetCheckoutSessions", {
        "customer": TEXT, "customer_account": TEXT, "customer_details": DETAILS, "payment_intent": TEXT,
        "payment_link": TEXT, "status": STATUS, "subscription": TEXT,
    }),
    "/v1/disputes": ("dispute", "GetDisputes", {"charge": TEXT, "payment_intent": TEXT}),
    "/v1/refunds": ("refund", "GetRefunds", {"charge": TEXT, "payment_intent": TEXT}),
}

EVENTS = [
    "account.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "refund.created",
    "refund.failed",
    "refund.updated",
]

CUT = {
    "coupon", "customer", "customer_source", "deleted_customer", "deleted_customer_source",
    "deleted_tax_id", "file", "invoice", "mandate", "payment_link", "payment_method",
    "payment_record", "promotion_code", "review", "setup_intent", "subscription", "tax_id",
    "transfer", "transfer_reversal",
}

# An event about the application and not about the account; its envelope is that of the event here.
DEAUTHORIZED = ("account.application.deauthorized", "account.updated", "application")

PREFIX = "#/components/schemas/"
PROSE = {"description", "title", "summary"}


def strip(node):
    """Returns a schema or another OpenAPI node without descriptions and extensions."""
    if isinstance(node, list):
        return [strip(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key == "properties":
            kept[key] = {name: strip(schema) for name, schema in value.items()}
        elif key in PROSE or key.startswith("x-"):
            continue
        else:
            kept[key] = strip(value)
    return kept


def cut(node):
    """Replaces references to objects in CUT by a minimal object."""
    if isinstance(node, list):
        return [cut(item) for item in node]
    if not isinstance(node, dict):
        return node
    target = node.get("$ref", "")
    if target.removeprefix(PREFIX) in CUT:
        return {"type": "object", "required": ["id", "object"]}
    return {key: cut(value) for key, value in node.items()}


def references(node):
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(PREFIX)
            else:
                yield from references(value)


def add(contract):
    """Adds what the converted contract lacks."""
    paths, schemas = contract["paths"], contract["components"]["schemas"]
    for path, (listed, operation, filters) in LISTS.items():
        call = copy.deepcopy(paths[LIKE]["get"])
        kept = [
            parameter for parameter in call["parameters"]
            if parameter["in"] != "query" or parameter["name"] in PAGING
        ]
        added = [
            {
                "explode": True,
                "in": "query",
                "name": name,
                "required": False,
                "schema": schema,
                "style": "deepObject" if schema["type"] == "object" else "form",
            }
            for name, schema in filters.items()
        ]
        call["operationId"] = operation
        call["parameters"] = added + kept
        answer = call["responses"]["200"]["content"]["application/json"]["schema"]
        answer["properties"]["data"]["items"] = {"$ref": PREFIX + listed}
        paths.setdefault(path, {})["get"] = call
        CALLS.setdefault(path, []).append("get")
    name, like, of = DEAUTHORIZED
    event = copy.deepcopy(schemas[f"event.{like}"])
    event["properties"]["data"]["properties"]["object"] = {"$ref": PREFIX + of}
    event["properties"]["type"] = {"enum": [name], "type": "string"}
    schemas[f"event.{name}"] = event
    EVENTS.append(name)


def main(source, target):
    with open(source, encoding="utf-8") as file:
        contract = json.load(file)
    add(contract)
    schemas = contract["components"]["schemas"]
    paths = {
        path: {method: cut(strip(contract["paths"][path][method])) for method in methods}
        for path, methods in CALLS.items()
    }
    wanted = ["error"] + [f"event.{name}" for name in EVENTS] + list(references(paths))
    kept = {}
    while wanted:
        name = wanted.pop()
        if name not in kept:
            kept[name] = cut(strip(schemas[name]))
            wanted.extend(references(kept[name]))

    def lines(entries):
        return ",\n".join(
            f"{json.dumps(key)}: {json.dumps(value, sort_keys=True, separators=(',', ':'))}"
            for key, value in sorted(entries.items())
        )

    with open(target, "w", encoding="utf-8") as file:
        file.write(
            '{"openapi": "3.0.0",\n'
            f'"info": {json.dumps({"version": contract["info"]["version"], "license": "MIT"})},\n'
            f'"paths": {{\n{lines(paths)}\n}},\n'
            f'"components": {{"schemas": {{\n{lines(kept)}\n}}}}}}\n'
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
