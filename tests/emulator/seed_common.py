"""What all parts of the seeding share: clients, counters, tags and small documents."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections import Counter
from typing import Any

from botocore.config import Config
from botocore.session import Session

SECRET = "SEEDSECRET"
ACCOUNT = "123456789012"
_CONFIG = Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"}, max_pool_connections=32)


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def trust_of(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return compact({"Version": "2012-10-17", "Statement": [statement]})


def allow(*actions: str, resource: str = "*") -> str:
    return compact(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]}
    )


def package(source: str) -> bytes:
    """A deployment package with a fixed timestamp, so that its hash is the same each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0)), source)
    return buffer.getvalue()


class Account:
    """Clients and counters shared by all threads."""

    def __init__(self, endpoint: str, prefix: str, account: str) -> None:
        self.prefix, self.account = prefix, account
        self.created: Counter[str] = Counter()
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        # One session shares parsed service models between clients; reading them is most of the start-up cost.
        self._session = Session()
        self._login = {"aws_access_key_id": "AKIASEEDSEEDSEEDSEED", "aws_secret_access_key": "seed"}
        if account != ACCOUNT:
            arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
            issued = self.client("sts", "us-east-1").assume_role(RoleArn=arn, RoleSessionName="seed")["Credentials"]
            self._clients.clear()
            self._login = {
                "aws_access_key_id": issued["AccessKeyId"],
                "aws_secret_access_key": issued["SecretAccessKey"],
                "aws_session_token": issued["SessionToken"],
            }

    def client(self, service: str, region: str) -> Any:
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.create_client(
                    service, region_name=region, endpoint_url=self._endpoint, config=_CONFIG, **self._login
                )
            return self._clients[service, region]

    def made(self, kind: str, number: int = 1) -> None:
        with self._lock:
            self.created[kind] += number

    def tags(self, name: str) -> list[dict[str, str]]:
        return [
            {"Key": "Name", "Value": f"{self.prefix}-{name}"},
            {"Key": "Environment", "Value": "baseline"},
            {"Key": "Owner", "Value": "platform-team"},
        ]

    def tag_map(self, name: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.tags(name)}
