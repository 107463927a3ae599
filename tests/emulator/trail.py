"""CloudTrail's LookupEvents, which moto lacks, over what was really asked of the emulator.

Every mutating call becomes an event as AWS would record it: who, when, what, with the texts of the request and of
the answer, among which the names and ids of what it is about are found.
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections import deque
from typing import Any

from identify import Call
from wire import Answer, success

_KEPT = 20_000
_PAGE = 50


class Trail:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def note(self, call: Call, answer: Answer) -> None:
        if not call.mutating or call.service in ("s3", "sqs") and call.operation in ("PutObject", "SendMessage"):
            return
        names = list(call.labels.values()) + list(call.form.values()) if call.protocol in ("query", "ec2") else []
        asked = {"texts": names + _texts(call.payload) + list(call.labels.values())}
        told = {"texts": _texts_of(answer.body)}
        event = {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "arn": f"arn:aws:iam::{call.account}:user/testing",
                "accountId": call.account,
                "userName": "testing",
            },
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "eventSource": f"{call.service}.amazonaws.com",
            "eventName": call.operation,
            "awsRegion": call.region,
            "requestParameters": asked,
            "responseElements": told,
            "readOnly": False,
        }
        if answer.status >= 400:
            event["errorCode"] = "Client.Error"
        with self._lock:
            self._events.append(
                {"account": call.account, "region": call.region, "time": time.time(), "event": event}
            )

    def forget(self) -> None:
        with self._lock:
            self._events.clear()

    def lookup(self, call: Call) -> Answer:
        asked = call.payload
        begin, end = float(asked.get("StartTime", 0)), float(asked.get("EndTime", 1e12))
        with self._lock:
            found = [
                kept
                for kept in reversed(self._events)
                # Times of events and requests are whole seconds.
                if (kept["account"], kept["region"]) == (call.account, call.region) and begin <= kept["time"] + 1 <= end + 2
            ]
        start, size = int(asked.get("NextToken") or 0), min(int(asked.get("MaxResults") or _PAGE), _PAGE)
        page = [
            {
                "EventId": str(uuid.uuid4()),
                "EventName": kept["event"]["eventName"],
                "ReadOnly": "false",
                "EventTime": kept["time"],
                "EventSource": kept["event"]["eventSource"],
                "Username": "testing",
                "Resources": [],
                "CloudTrailEvent": json.dumps(kept["event"]),
            }
            for kept in found[start : start + size]
        ]
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return success(call, {"Events": page} | more)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if len(value) < 512 else []
    if isinstance(value, dict):
        return [text for field in value.values() for text in _texts(field)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []


def _texts_of(body: bytes) -> list[str]:
    text = body.decode("utf-8", "replace")
    try:
        return _texts(json.loads(text))
    except ValueError:
        return [found for found in re.findall(r">([^<>\s][^<>]{0,510})<", text)][:500]
