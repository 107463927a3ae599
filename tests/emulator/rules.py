"""Fault rules: which requests go wrong, when and how."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from identify import SIGNING_NAME_OF, Call

FAULTS = ("error", "latency", "reset", "truncate", "html500", "answer")
_FIELDS = {"id", "service", "operation", "region", "account", "probability", "skip", "times", "sequence", *FAULTS}


class BadRule(ValueError):
    """A rule that cannot mean what its author wanted. Refused loudly: a fault test that never fires passes."""


@dataclass
class Rule:
    """One fault, the requests it is for and how often it has been met so far."""

    id: int
    match: dict[str, str]
    faults: dict[str, Any]
    probability: float = 1.0
    skip: int = 0
    times: int | None = None
    seen: int = 0
    applied: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def parse(cls, identifier: int, raw: dict[str, Any]) -> Rule:
        if not isinstance(raw, dict):
            raise BadRule(f"a rule must be an object, not {type(raw).__name__}")
        unknown = set(raw) - _FIELDS
        if unknown:
            raise BadRule(f"unknown fields: {', '.join(sorted(unknown))}")
        faults = {name: raw[name] for name in FAULTS if raw.get(name)}
        if not faults:
            raise BadRule(f"one of {', '.join(FAULTS)} is needed")
        if isinstance(faults.get("latency"), (int, float)):
            faults["latency"] = {"ms": faults["latency"]}
        if "error" in faults and not (isinstance(faults["error"], dict) and faults["error"].get("code")):
            raise BadRule("error needs a code")
        sequence = raw.get("sequence") or {}
        times = raw.get("times", sequence.get("times"))
        match = {key: str(raw[key]) for key in ("service", "operation", "region", "account") if raw.get(key)}
        if "service" in match:
            match["service"] = SIGNING_NAME_OF.get(match["service"], match["service"])
        return cls(
            id=identifier,
            match=match,
            faults=faults,
            probability=float(raw.get("probability", 1.0)),
            skip=int(raw.get("skip", sequence.get("skip", 0))),
            times=None if times is None else int(times),
        )

    def covers(self, call: Call) -> bool:
        return all(fnmatchcase(getattr(call, key), glob) for key, glob in self.match.items())

    def fires(self, generator: random.Random) -> bool:
        """Counts a matching request and says whether it is one of those to spoil."""
        with self._lock:
            self.seen += 1
            if self.seen <= self.skip or (self.times is not None and self.applied >= self.times):
                return False
            if self.probability < 1.0 and generator.random() >= self.probability:
                return False
            self.applied += 1
            return True

    def describe(self) -> dict[str, Any]:
        return {
            "id": self.id,
            **self.match,
            **self.faults,
            "probability": self.probability,
            "skip": self.skip,
            "times": self.times,
            "seen": self.seen,
            "applied": self.applied,
        }


class RuleBook:
    """All rules in force. The generator is seeded so that a run with probabilities can be repeated."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._next = 1
        self._generator = random.Random(seed)
        self._rules: list[Rule] = []

    def add(self, raw: Any) -> list[dict[str, Any]]:
        with self._lock:
            parsed = [
                Rule.parse(self._next + n, item) for n, item in enumerate(raw if isinstance(raw, list) else [raw])
            ]
            self._next += len(parsed)
            self._rules = self._rules + parsed
        return [rule.describe() for rule in parsed]

    def clear(self, seed: int | None = None) -> None:
        with self._lock:
            self._seed = self._seed if seed is None else seed
            self._rules = []
            self._generator = random.Random(self._seed)

    def describe(self) -> list[dict[str, Any]]:
        return [rule.describe() for rule in self._rules]

    def faults_for(self, call: Call) -> dict[str, Any]:
        """The faults for this request; where several rules fire, the earlier one decides per kind of fault."""
        faults: dict[str, Any] = {}
        for rule in self._rules:
            if rule.covers(call) and rule.fires(self._generator):
                faults = rule.faults | faults
        return faults
