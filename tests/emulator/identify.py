"""Works out which AWS operation an HTTP request is.

Fault rules, refusals and the request log all speak of "ec2 DescribeInstances in eu-west-1", but on the
wire every protocol says that differently: a header (JSON), a form field (query), the path (RPC v2 CBOR)
or the combination of method, path and query string (REST). The REST case is resolved with botocore's own
service models, so that there is no hand-kept table of S3 or Lambda routes to go stale.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.loaders import Loader

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"^/service/([^/]+)/operation/([^/]+)$")
_LABEL = re.compile(r"\{([^}]+)\}")

# Verbs that never change anything. Everything else counts as a mutation, so that an operation nobody
# thought of makes a "no writes" test fail rather than pass.
_READ_VERBS = (
    "Get", "List", "Describe", "Head", "BatchGet", "BatchDescribe", "Search", "Lookup", "Query", "Scan",
    "Select", "Filter", "Simulate", "Validate", "Estimate", "Preview", "Test", "AssumeRole", "Decode",
    "Discover", "Count", "Check",
)  # fmt: skip

# Signing names that differ from the name under which botocore stores the service's model.
_MODEL_OF = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "states": "stepfunctions",
    "email": "sesv2",
    "aoss": "opensearchserverless",
    "es": "opensearch",
    "tagging": "resourcegroupstaggingapi",
}
SIGNING_NAME_OF = {model: signing for signing, model in _MODEL_OF.items()} | {
    "elb": "elasticloadbalancing",
    "eventbridge": "events",
    "sfn": "states",
    "ses": "email",
}


@dataclass
class Call:
    """One request, taken apart once and then shared by the log, the rules, the refusals and the gaps."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    service: str = ""
    operation: str = ""
    region: str = DEFAULT_REGION
    account: str = DEFAULT_ACCOUNT
    protocol: str = "rest-json"
    """One of: query, ec2, json-1.0, json-1.1, rest-json, rest-xml, cbor."""
    labels: dict[str, str] = field(default_factory=dict)
    """Values taken from the path of a REST request, e.g. Bucket or FunctionName."""

    @functools.cached_property
    def form(self) -> dict[str, str]:
        """Fields of a query-protocol request."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)) or self.query

    @functools.cached_property
    def payload(self) -> dict[str, Any]:
        """The decoded JSON body of a JSON or REST-JSON request; empty where there is none."""
        try:
            decoded = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}

    def param(self, name: str) -> str:
        """A scalar input parameter, wherever the protocol in use put it."""
        if self.protocol in ("query", "ec2"):
            return self.form.get(name, "")
        return str(self.labels.get(name) or self.query.get(name) or self.payload.get(name) or "")

    @property
    def dry_run(self) -> bool:
        return self.protocol == "ec2" and self.form.get("DryRun", "").lower() == "true"

    @property
    def mutating(self) -> bool:
        return not self.operation.startswith(_READ_VERBS) and not self.dry_run


@dataclass(frozen=True)
class _Route:
    """How one REST operation looks on the wire."""

    operation: str
    method: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    literals: tuple[tuple[str, str | None], ...]
    required_query: tuple[str, ...]
    required_headers: tuple[str, ...]
    deprecated: bool

    @property
    def weight(self) -> tuple[int, int, bool]:
        """More specific routes win: more literal path, then more demanded query fields and headers."""
        demanded = len(self.literals) * 2 + len(self.required_query) + len(self.required_headers)
        return (demanded, -len(self.labels), not self.deprecated)


@functools.cache
def _loader() -> Loader:
    return Loader(include_default_search_paths=True)


@functools.cache
def load_model(service: str) -> dict[str, Any]:
    """The raw botocore model of a service, given its signing name; an empty one if there is none."""
    try:
        return _loader().load_service_model(_MODEL_OF.get(service, service), "service-2")
    except Exception:
        return {"metadata": {}, "operations": {}, "shapes": {}}


@functools.cache
def is_query_compatible(service: str) -> bool:
    """Whether the service still sends the error codes of its old query API beside those of its JSON API."""
    return "awsQueryCompatible" in load_model(service)["metadata"]


@functools.cache
def _routes(service: str) -> list[_Route]:
    model = load_model(service)
    routes = []
    for name, operation in model["operations"].items():
        http = operation["http"]
        path, _, query = http["requestUri"].partition("?")
        shape = model["shapes"].get(operation.get("input", {}).get("shape", ""), {})
        required = {key: shape["members"][key] for key in shape.get("required", [])}
        pattern = "".join(
            ("(.+)" if part.endswith("+") else "([^/]+)") if index % 2 else re.escape(part)
            for index, part in enumerate(_LABEL.split(path.rstrip("/") or "/"))
        )
        literals = []
        for pair in filter(None, query.split("&")):
            key, has_value, value = pair.partition("=")
            literals.append((key, value if has_value else None))
        routes.append(
            _Route(
                operation=name,
                method=http["method"],
                pattern=re.compile(f"^{pattern}/?$"),
                labels=tuple(label.rstrip("+") for label in _LABEL.findall(path)),
                literals=tuple(literals),
                required_query=tuple(
                    m["locationName"] for m in required.values() if m.get("location") == "querystring"
                ),
                required_headers=tuple(
                    m["locationName"].lower() for m in required.values() if m.get("location") == "header"
                ),
                deprecated=bool(operation.get("deprecated")) or name in ("GetBucketNotification", "GetBucketLifecycle"),
            )
        )
    return sorted(routes, key=lambda route: route.weight, reverse=True)


def _resolve_rest(call: Call) -> None:
    """Finds the operation of a REST request and the values in its path."""
    for route in _routes(call.service):
        if route.method != call.method:
            continue
        found = route.pattern.match(call.path)
        if not found:
            continue
        if any(
            key not in call.query or (value is not None and call.query[key] != value) for key, value in route.literals
        ):
            continue
        if any(key not in call.query for key in route.required_query):
            continue
        if any(key not in call.headers for key in route.required_headers):
            continue
        call.operation = route.operation
        call.labels = {label: unquote(value) for label, value in zip(route.labels, found.groups(), strict=True)}
        return
    call.operation = call.query.get("x-id", "")


def _account_of(access_key: str) -> str:
    """The account that moto would serve: it ties credentials it issued itself to their account."""
    import sys

    iam = sys.modules.get("moto.iam.models")
    return iam.get_account_id_from(access_key) if iam and access_key else DEFAULT_ACCOUNT


def identify(environ: dict[str, Any], body: bytes) -> Call:
    """Takes a WSGI request apart. The raw path is preferred because S3 keys may hold encoded slashes."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    path, _, query_string = raw.partition("?")
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    call = Call(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=dict(parse_qsl(query_string, keep_blank_values=True)),
        headers=headers,
        body=body,
    )
    credential = _CREDENTIAL.search(headers.get("authorization", "")) or _CREDENTIAL.search(
        f"Credential={call.query.get('X-Amz-Credential', '')}"
    )
    access_key = ""
    if credential:
        access_key, call.region, call.service = credential.groups()
    call.account = headers.get("x-moto-account-id") or _account_of(access_key)

    target = headers.get("x-amz-target", "")
    cbor = _CBOR_PATH.match(path)
    if cbor:
        call.operation, call.protocol = cbor.group(2), "cbor"
    elif target:
        call.operation = target.rpartition(".")[2]
        call.protocol = "json-1.0" if "1.0" in headers["content-type"] else "json-1.1"
    elif "x-www-form-urlencoded" in headers["content-type"] or "Action" in call.query:
        call.operation = call.form.get("Action", "")
        call.protocol = "ec2" if call.service == "ec2" else "query"
    else:
        call.service = call.service or "s3"
        if call.service == "apigateway" and path.startswith("/v2/"):
            # Two models share this signing name.
            call.service = "apigatewayv2"
        if load_model(call.service)["metadata"].get("protocol") == "rest-xml":
            call.protocol = "rest-xml"
        _resolve_rest(call)
    return call
