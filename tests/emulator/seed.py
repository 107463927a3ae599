#!/usr/bin/env python3
"""Fills an emulated account with a landing zone as one meets it in practice.

Names are fixed, so that two runs differ only in the ids that AWS would choose as well. Every value that a
snapshot must never contain holds the marker SEEDSECRET; a test can search for it. The total on stdout counts
the resources created by an own call, without those that a service makes in turn (root volumes, instances of
an Auto Scaling group, members of a stack, default network parts).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from seed_common import ACCOUNT, Account  # noqa: E402
from seed_containers import Containers  # noqa: E402
from seed_edge import Edge  # noqa: E402
from seed_global import Global  # noqa: E402
from seed_operations import Operations  # noqa: E402
from seed_region import Region  # noqa: E402
from seed_scaling import Scaling  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="address of the emulator")
    parser.add_argument("--regions", default="us-east-1,eu-west-1,ap-southeast-2")
    parser.add_argument("--prefix", default="landing", help="start of all names")
    parser.add_argument(
        "--account", default=ACCOUNT, help="account to fill; another than the default is reached by AssumeRole"
    )
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()

    begun = time.perf_counter()
    regions = [region for region in options.regions.split(",") if region]
    account = Account(options.endpoint, options.prefix, options.account)
    shared = Global(account, regions)
    places = [Region(account, region, number + 1) for number, region in enumerate(regions)]
    with ThreadPoolExecutor(options.threads) as pool:
        # The stages of all regions run in step: first all first ones at the same time, then all second ones.
        regional = [place.stages() for place in places]
        stages: list[list[Callable[[], None]]] = [[step for steps in same for step in steps] for same in zip(*regional)]
        stages[0].append(shared.identities)
        stages[2] += Containers(places[0]).steps()
        stages[1].append(Edge(account, regions[0]).run)
        stages[-1] += Scaling(account, regions[0]).steps()
        stages[-1] += [partial(shared.buckets, region) for region in regions]
        stages.append(Operations(places[0], f"{account.prefix}-logs-{account.account}-{regions[0]}").steps())
        for steps in stages:
            for future in [pool.submit(step) for step in steps]:
                future.result()
    print(f"seeded in {time.perf_counter() - begun:.2f} s", file=sys.stderr)
    print(json.dumps({"resources": account.created.total(), "by_type": dict(sorted(account.created.items()))}))


if __name__ == "__main__":
    main()
