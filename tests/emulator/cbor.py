"""RPC v2 CBOR, the protocol in which the Rust SDK talks to CloudWatch and the tagging API.

moto does not know it and answers 404, although it speaks the JSON form of the same services. So a CBOR request
is turned into a JSON one for moto, and moto's JSON answer into CBOR along the service model: JSON has but one
kind of number, while a CBOR client refuses an integer where a double is due.
"""

from __future__ import annotations

import base64
import datetime
import json
import struct
from typing import Any


class Epoch(float):
    """Seconds since 1970; CBOR gives points in time a tag of their own."""


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes([major << 5 | count])
    for code, form, limit in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32)):
        if count < limit:
            return bytes([major << 5 | code]) + struct.pack(form, count)
    return bytes([major << 5 | 27]) + struct.pack(">Q", count)


def encode(value: Any) -> bytes:
    """The kinds of values that answers of AWS services are made of."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, Epoch):
        return _head(6, 1) + b"\xfb" + struct.pack(">d", value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        encoded = value.encode()
        return _head(3, len(encoded)) + encoded
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(encode(item) for item in value)
    return _head(5, len(value)) + b"".join(encode(str(key)) + encode(item) for key, item in value.items())


def decode(body: bytes) -> Any:
    """Reads one value with botocore's own parser, which knows the lengths left open that the Rust SDK writes."""
    from botocore.parsers import RpcV2CBORParser

    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}


def to_json(body: bytes) -> bytes:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime.datetime):
            return value.timestamp()
        return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)

    return json.dumps(decode(body), default=plain).encode()


def shaped(model: dict[str, Any], shape: str, value: Any) -> Any:
    """Gives a value read from JSON the types that the service model asks for."""
    definition = model["shapes"][shape]
    kind = definition["type"]
    if value is None:
        return None
    if kind == "structure":
        members = definition["members"]
        return {
            key: shaped(model, members[key]["shape"], item)
            for key, item in value.items()
            if key in members and item is not None
        }
    if kind == "list":
        return [shaped(model, definition["member"]["shape"], item) for item in value]
    if kind == "map":
        return {key: shaped(model, definition["value"]["shape"], item) for key, item in value.items()}
    if kind == "timestamp":
        if isinstance(value, str):
            return Epoch(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp())
        return Epoch(value)
    if kind in ("double", "float"):
        return float(value)
    if kind in ("integer", "long"):
        return int(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    return base64.b64decode(value) if kind == "blob" else str(value)
