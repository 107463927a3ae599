#!/usr/bin/env python3
"""Prints credentials for another account of the emulator."""

from __future__ import annotations

import argparse
import json

import boto3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True, help="address of the emulator")
    parser.add_argument("--account", default="210987654321")
    options = parser.parse_args()
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=options.endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    role = f"arn:aws:iam::{options.account}:role/visitor"
    issued = sts.assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
    print(json.dumps({key: issued[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")}))


if __name__ == "__main__":
    main()
