"""What happens to one request: control calls, identification, faults, refusals, moto, gaps, the log."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import gaps
import strict
from identify import Call, identify
from lingering import Lingering
from rules import BadRule, RuleBook
from trail import Trail
from wire import Answer, as_cbor_answer, as_json_call, error, error_code, html_500, success

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Reply:
    """An answer and what is to become of the connection."""

    answer: Answer
    reset: bool = False
    """Close without a byte."""
    truncate: bool = False
    """Promise the whole body, send half of it, close."""


class Emulator:
    """moto behind our middleware."""

    def __init__(self, moto: Wsgi, *, seed: int = 0) -> None:
        self._moto = moto
        # moto's dictionaries are not made for concurrent writers, and under the interpreter lock its requests
        # take turns anyway. One lock costs no throughput and rules out errors that only appear under load.
        self._turn = threading.RLock()
        self._log_lock = threading.Lock()
        self._log: list[dict[str, Any]] = []
        self._number = 0
        self.rules = RuleBook(seed)
        self.lingering = Lingering()
        self.trail = Trail()
        self.strict = True
        self.latency_ms = 0.0

    def respond(self, environ: dict[str, Any], body: bytes) -> Reply:
        path = environ.get("PATH_INFO", "/")
        if path.startswith("/_emulator/"):
            return Reply(self._control(environ["REQUEST_METHOD"], path.removeprefix("/_emulator/"), body))
        if path.startswith("/moto-api"):
            return Reply(self._forward(environ, body))

        started, clock = time.time(), time.perf_counter()
        call = identify(environ, body)
        faults = self.rules.faults_for(call)
        entry: dict[str, Any] = {}
        try:
            reply = self._serve(call, environ, body, faults, entry)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            reply = Reply(html_500())
        self._record(call, reply, faults, entry, started, clock)
        self.trail.note(call, reply.answer)
        return reply

    def _serve(
        self, call: Call, environ: dict[str, Any], body: bytes, faults: dict[str, Any], entry: dict[str, Any]
    ) -> Reply:
        delay = self.latency_ms + float((faults.get("latency") or {}).get("ms", 0))
        if delay > 0:
            time.sleep(delay / 1000)
        if faults.get("reset") and faults["reset"] != "after":
            return Reply(Answer(0), reset=True)
        if faults.get("html500"):
            return Reply(html_500())
        if given := faults.get("answer"):
            return Reply(success(call, given["value"], int(given.get("status", 200))))
        if (call.service, call.operation) == ("cloudtrail", "LookupEvents"):
            return Reply(self.trail.lookup(call))
        wrong = faults.get("error")
        if wrong and not wrong.get("after"):
            return Reply(self._injected(call, wrong))

        with self._turn:
            answer = strict.refuse(call, self.lingering) if self.strict else None
            entry["refused"] = answer is not None
            if answer is None:
                answer = gaps.instead(call)
                entry["gap"] = answer is not None
            if answer is None:
                answer = self._ask_moto(call, environ, body)
                filled = gaps.after(call, answer)
                if filled is not None:
                    answer, entry["gap"] = filled, True
            self.lingering.observed(call, answer.body)
        if wrong:
            return Reply(self._injected(call, wrong))
        return Reply(answer, reset=faults.get("reset") == "after", truncate=bool(faults.get("truncate")))

    @staticmethod
    def _injected(call: Call, wrong: dict[str, Any]) -> Answer:
        code = str(wrong["code"])
        return error(call, code, str(wrong.get("message", f"{code} (injected)")), int(wrong.get("status", 400)))

    def _ask_moto(self, call: Call, environ: dict[str, Any], body: bytes) -> Answer:
        if call.protocol != "cbor":
            return self._forward(environ, body)
        return as_cbor_answer(call, self._forward(*as_json_call(call, environ)))

    def _forward(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Runs moto's WSGI application; an exception in it becomes the HTML page its own server would send."""
        environ = environ | {
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input_terminated": True,
        }
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        seen: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            seen.append((status, headers))
            return lambda _: None

        try:
            chunks = self._moto(environ, start_response)
            try:
                content = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()  # type: ignore[attr-defined]
        except NotImplementedError as missing:
            print(missing, file=sys.stderr)
            return html_500()
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return html_500()
        status, headers = seen[-1]
        return Answer(int(status.split(" ", 1)[0]), list(headers), content)

    def _record(
        self, call: Call, reply: Reply, faults: dict[str, Any], entry: dict[str, Any], started: float, clock: float
    ) -> None:
        entry = {
            "n": 0,
            "service": call.service,
            "operation": call.operation,
            "region": call.region,
            "account": call.account,
            "status": reply.answer.status,
            "error": "ConnectionReset" if reply.reset else error_code(call, reply.answer),
            "mutating": call.mutating,
            "dry_run": call.dry_run,
            "protocol": call.protocol,
            "faults": sorted(faults),
            "refused": entry.get("refused", False),
            "gap": entry.get("gap", False),
            "duration_ms": round((time.perf_counter() - clock) * 1000, 3),
            "started": started,
        }
        with self._log_lock:
            self._number += 1
            entry["n"] = self._number
            self._log.append(entry)

    def _control(self, method: str, name: str, body: bytes) -> Answer:
        """The HTTP interface by which tests steer the emulator."""
        try:
            wanted = json.loads(body) if body.strip() else {}
            result = self._steer(method, name.strip("/"), wanted)
        except (BadRule, ValueError, TypeError, AttributeError) as problem:
            return _json(400, {"error": str(problem)})
        return _json(404, {"error": f"no such control call: {method} {name}"}) if result is None else _json(200, result)

    def _steer(self, method: str, name: str, wanted: Any) -> Any:
        match method, name:
            case "GET", "health":
                return {
                    "ok": True,
                    "requests": self._number,
                    "strict": self.strict,
                    "rules": len(self.rules.describe()),
                }
            case "GET", "requests":
                with self._log_lock:
                    return list(self._log)
            case "GET", "counts":
                return self._counts()
            case "DELETE", "requests":
                return self._clear_log()
            case "GET", "rules":
                return self.rules.describe()
            case "POST", "rules":
                return self.rules.add(wanted)
            case "DELETE", "rules":
                self.rules.clear()
                return {}
            case "POST", "seed":
                self.rules.clear(int(wanted["seed"]))
                return {}
            case "GET", "strict":
                return self._strictness()
            case "POST", "strict":
                return self._set_strictness(wanted)
            case "POST", "latency":
                self.latency_ms = float(wanted.get("ms", 0))
                return {"ms": self.latency_ms}
            case "POST", "reset":
                return self._reset()
        return None

    def _counts(self) -> dict[str, Any]:
        with self._log_lock:
            log = list(self._log)

        def count(*keys: str) -> dict[str, int]:
            return dict(sorted(Counter("/".join(str(entry[key]) for key in keys) for entry in log).items()))

        return {
            "total": len(log),
            "mutating": sum(entry["mutating"] for entry in log),
            "errors": sum(entry["status"] >= 400 or entry["status"] == 0 for entry in log),
            "by_service": count("service"),
            "by_operation": count("service", "operation"),
            "by_region": count("region"),
            "by_service_operation_region": count("service", "operation", "region"),
        }

    def _clear_log(self) -> dict[str, Any]:
        with self._log_lock:
            self._log, self._number = [], 0
        return {}

    def _strictness(self) -> dict[str, Any]:
        return {"enabled": self.strict, "terminating_calls": self.lingering.calls}

    def _set_strictness(self, wanted: dict[str, Any]) -> dict[str, Any]:
        with self._turn:
            self.strict = bool(wanted.get("enabled", self.strict))
            self.lingering.calls = int(wanted.get("terminating_calls", self.lingering.calls))
            self.lingering.enabled = self.strict
            if not self.strict or self.lingering.calls <= 0:
                self.lingering.finish_all()
        return self._strictness()

    def _reset(self) -> dict[str, Any]:
        from moto.core.base_backend import BackendDict
        from moto.core.model_instances import reset_model_data

        with self._turn:
            BackendDict.reset()
            reset_model_data()
            self.lingering.forget()
            self.trail.forget()
            self.rules.clear()
            self.latency_ms, self.strict = 0.0, True
            self.lingering.enabled, self.lingering.calls = True, 3
        return self._clear_log()


def _json(status: int, value: Any) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(value).encode())
