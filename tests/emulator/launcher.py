#!/usr/bin/env python3
"""Starts the emulator that the end-to-end tests run against.

It is moto in a threaded server, with refusals, faults and a request log around it (see app.py). One line of
JSON on stdout says where it listens. It ends with its parent: when stdin reaches end of file, or on SIGTERM.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import threading
from pathlib import Path

# moto reads these when it is imported. The default images are objects in each region and account that no test
# looks at; CORS headers and the look-up of instance metadata only cost time.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

sys.path.insert(0, str(Path(__file__).resolve().parent))

CORE = (
    "ec2", "s3", "iam", "sts", "lambda", "autoscaling", "elbv2", "cloudformation", "logs", "cloudwatch", "dynamodb",
    "sqs", "sns", "kms", "secretsmanager", "ssm", "rds", "events",
)  # fmt: skip


def warm_up(services: list[str], application: object) -> None:
    """Imports backends and builds their routes, so that the first request of a test is as fast as the rest."""
    from moto.backends import get_backend
    from moto.moto_server.werkzeug_app import create_backend_app

    for service in services:
        application.app_instances[service] = create_backend_app(service)  # type: ignore[attr-defined,arg-type]
        get_backend(service)  # type: ignore[call-overload]


def build(services: list[str], seed: int, terminating_calls: int, strict: bool) -> object:
    """Puts moto and the middleware together."""
    from moto.core.config import default_user_config

    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["batch"] = {"use_docker": False}
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from app import Emulator

    application = DomainDispatcherApplication(create_backend_app)
    emulator = Emulator(application, seed=seed)
    emulator.strict = emulator.lingering.enabled = strict
    emulator.lingering.calls = terminating_calls
    warm_up(services, application)
    import lingering
    import quirks

    lingering.install_ec2(emulator.lingering)
    lingering.install_rds(emulator.lingering)
    lingering.install_lambda(emulator.lingering)
    lingering.install_elasticache(emulator.lingering)
    quirks.install()
    return emulator


def _end_with_parent() -> None:
    while sys.stdin.buffer.read1(4096):  # type: ignore[attr-defined]
        pass
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--detach", action="store_true", help="do not end at end of file on stdin")
    parser.add_argument(
        "--services", default=",".join(CORE), help="services to warm up before saying ready, comma-separated"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed for fault rules with a probability")
    parser.add_argument(
        "--terminating-calls", type=int, default=3, help="observations for which a deleted resource lingers"
    )
    parser.add_argument("--lenient", action="store_true", help="start without the refusals that moto lacks")
    options = parser.parse_args()

    announce, sys.stdout = sys.stdout, sys.stderr
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))

    gc.disable()  # nothing imported at start is ever garbage
    services = [name for name in options.services.split(",") if name]
    emulator = build(services, options.seed, options.terminating_calls, not options.lenient)
    gc.freeze()
    gc.enable()
    from server import listen

    server = listen(emulator, options.port)  # type: ignore[arg-type]
    if not options.detach:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.port}", "pid": os.getpid()}), file=announce, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
