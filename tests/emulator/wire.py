"""Writes errors and answers in the form that each AWS protocol puts on the wire.

An SDK decides by these details whether it retries, which error code it reports and whether it can parse
the answer at all, so an injected fault is only worth something if its bytes are the right ones.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import cbor
from identify import Call, is_query_compatible, load_model


@dataclass
class Answer:
    """A complete HTTP answer, held in memory so that it can be cut, delayed or replaced."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


HTML_500 = (
    b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
    b"<p>The server encountered an internal error and was unable to complete your request.</p>\n"
)

# The JSON name of an error whose query-protocol code is another word. Services that moved from the query
# protocol to JSON report both, and SDKs show the old one.
_JSON_NAME = {
    "AWS.SimpleQueueService.NonExistentQueue": "com.amazonaws.sqs#QueueDoesNotExist",
    "ResourceNotFound": "com.amazonaws.cloudwatch#ResourceNotFound",
}


def html_500() -> Answer:
    """What a crashed front end (or moto, for an operation it lacks) sends: not AWS's format at all."""
    return Answer(500, [("Content-Type", "text/html; charset=utf-8")], HTML_500)


def _item(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def error(call: Call, code: str, message: str, status: int) -> Answer:
    """An error in the form of the protocol that the request was made in."""
    request_id = str(uuid.uuid4())
    detail = _item("Code", code) + _item("Message", message)
    xml_head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    headers = [("x-amzn-RequestId", request_id)]

    if call.protocol == "ec2":
        text = (
            f"{xml_head}<Response><Errors><Error>{detail}</Error></Errors>{_item('RequestID', request_id)}</Response>"
        )
        return Answer(status, headers + [("Content-Type", "text/xml;charset=UTF-8")], text.encode())
    if call.service == "s3":
        text = (
            f"{xml_head}<Error>{detail}{_item('Resource', call.path)}{_item('RequestId', request_id)}"
            f"{_item('HostId', 'emulator')}</Error>"
        )
        headers = [("x-amz-request-id", request_id), ("Content-Type", "application/xml")]
        return Answer(status, headers, b"" if call.method == "HEAD" else text.encode())
    if call.protocol in ("query", "rest-xml"):
        namespace = load_model(call.service)["metadata"].get("xmlNamespace", "")
        space = f' xmlns="{namespace}"' if isinstance(namespace, str) and namespace else ""
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"{xml_head}<ErrorResponse{space}><Error>{_item('Type', kind)}{detail}</Error>"
            f"{_item('RequestId', request_id)}</ErrorResponse>"
        )
        return Answer(status, headers + [("Content-Type", "text/xml")], text.encode())

    if is_query_compatible(call.service):
        headers.append(("x-amzn-query-error", f"{code};{'Sender' if status < 500 else 'Receiver'}"))
    typed = _JSON_NAME.get(code, code)
    if call.protocol == "cbor":
        headers += [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]
        return Answer(status, headers, cbor.encode({"__type": typed, "message": message}))
    headers.append(("x-amzn-ErrorType", typed))
    if call.protocol == "rest-json":
        body = {"message": message, "Message": message, "Type": "User" if status < 500 else "Service"}
        return Answer(status, headers + [("Content-Type", "application/json")], json.dumps(body).encode())
    content_type = f"application/x-amz-{call.protocol}"
    return Answer(
        status,
        headers + [("Content-Type", content_type)],
        json.dumps({"__type": typed, "message": message}).encode(),
    )


def success(call: Call, value: dict[str, Any] | str, status: int = 200) -> Answer:
    """A successful answer. XML protocols take the inner XML as text, the others a plain structure."""
    request_id = str(uuid.uuid4())
    if isinstance(value, str):
        if call.protocol == "ec2":
            text = (
                f'<{call.operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
                f"{_item('requestId', request_id)}{value}</{call.operation}Response>"
            )
        elif call.protocol == "query":
            namespace = load_model(call.service)["metadata"].get("xmlNamespace", "")
            text = (
                f'<{call.operation}Response xmlns="{namespace}"><{call.operation}Result>{value}</{call.operation}Result>'
                f"<ResponseMetadata>{_item('RequestId', request_id)}</ResponseMetadata></{call.operation}Response>"
            )
        else:
            text = f'<?xml version="1.0" encoding="UTF-8"?>\n{value}'
        return Answer(status, [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)], text.encode())
    headers = [("x-amzn-RequestId", request_id)]
    if call.protocol == "cbor":
        headers += [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]
        return Answer(status, headers, cbor.encode(value))
    kind = "application/json" if call.protocol == "rest-json" else f"application/x-amz-{call.protocol}"
    body = b"" if status == 204 else json.dumps(value).encode()
    return Answer(status, headers + [("Content-Type", kind)], body)


def error_code(call: Call, answer: Answer) -> str:
    """The code that an SDK would report for a failed answer; empty for a success. Used by the request log."""
    if answer.status < 400:
        return ""
    for name in ("x-amzn-query-error", "x-amzn-errortype"):
        if value := answer.header(name):
            return value.split(";")[0].split(":")[0].rpartition("#")[2]
    if answer.header("content-type") == "application/cbor":
        return str(cbor.decode(answer.body).get("__type", "")).rpartition("#")[2]
    text = answer.body.decode("utf-8", "replace")
    start, end = text.find("<Code>"), text.find("</Code>")
    if 0 <= start < end:
        return text[start + len("<Code>") : end]
    try:
        decoded = json.loads(text)
        kind = decoded.get("__type") or decoded.get("code") or decoded.get("Code") or ""
        return str(kind).rpartition("#")[2]
    except (ValueError, AttributeError):
        pass
    return f"HTTP{answer.status}"


def as_json_call(call: Call, environ: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The request that moto understands in place of a CBOR one."""
    metadata = load_model(call.service)["metadata"]
    changed = {
        "PATH_INFO": "/",
        "RAW_URI": "/",
        "REQUEST_URI": "/",
        "CONTENT_TYPE": f"application/x-amz-json-{metadata.get('jsonVersion', '1.0')}",
        "HTTP_X_AMZ_TARGET": f"{metadata.get('targetPrefix', call.service)}.{call.operation}",
    }
    return environ | changed, cbor.to_json(call.body)


def as_cbor_answer(call: Call, answer: Answer) -> Answer:
    """The CBOR form of moto's JSON answer. A page of HTML stays one: it says that moto lacks the operation."""
    try:
        value = json.loads(answer.body or b"{}")
    except ValueError:
        return answer
    if answer.status >= 400:
        kind = value.get("__type") or answer.header("x-amzn-errortype") or "InternalFailure"
        content = cbor.encode({"__type": kind, "message": value.get("message") or value.get("Message") or ""})
    else:
        model = load_model(call.service)
        output = model["operations"].get(call.operation, {}).get("output")
        content = cbor.encode(cbor.shaped(model, output["shape"], value) if output else {})
    kept = [(key, item) for key, item in answer.headers if key.lower() not in ("content-type", "content-length")]
    return Answer(
        answer.status, kept + [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")], content
    )
