"""Resources that take a while to go, as on AWS.

moto removes an instance, a NAT gateway or a database within the call that deletes it. On AWS they stay
visible in a terminating state for minutes and keep blocking their subnet and security groups. Here time is
counted in observations: a resource is gone after it was seen N times by the describe call that a waiter
would poll. That makes tests of waiting exact and fast, with no clock involved.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from identify import Call

# Which observation lets the time of which kind of resource pass.
_POLLED_BY = {
    ("ec2", "DescribeInstances"): "instance",
    ("ec2", "DescribeNatGateways"): "nat-gateway",
    ("ec2", "DescribeVpcEndpoints"): "vpc-endpoint",
    ("ec2", "DescribeNetworkInterfaces"): "lambda-interface",
    ("rds", "DescribeDBInstances"): "db-instance",
    ("rds", "DescribeDBClusters"): "db-cluster",
    ("elasticache", "DescribeCacheClusters"): "cache-cluster",
    ("elasticache", "DescribeReplicationGroups"): "replication-group",
}


@dataclass
class _Ghost:
    """A resource on its way out."""

    kind: str
    account: str
    region: str
    id: str
    left: int
    finish: Callable[[], None]


class Lingering:
    """Keeps track of what is terminating and ends it when it has been looked at often enough."""

    def __init__(self) -> None:
        self.enabled = True
        self.calls = 3
        self._lock = threading.RLock()
        self._ghosts: dict[tuple[str, str, str, str], _Ghost] = {}

    def hold(self, kind: str, backend: Any, identifier: str, finish: Callable[[], None]) -> bool:
        """Keeps a resource for a while and finishes it later; False where it is to go at once."""
        if not self.enabled or self.calls <= 0:
            finish()
            return False
        key = (kind, backend.account_id, backend.region_name, identifier)
        with self._lock:
            self._ghosts[key] = _Ghost(*key, left=self.calls, finish=finish)
        return True

    def holds(self, kind: str, account: str, region: str, identifier: str) -> bool:
        return (kind, account, region, identifier) in self._ghosts

    def forget(self) -> None:
        """Drops all ghosts without finishing them: their backends are gone too."""
        with self._lock:
            self._ghosts.clear()

    def finish_all(self) -> None:
        for ghost in self._take(lambda ghost: True):
            ghost.finish()

    def observed(self, call: Call, body: bytes) -> None:
        """Lets time pass for what this answer showed."""
        kind = _POLLED_BY.get((call.service, call.operation))
        if not kind or not self._ghosts:
            return
        self._pass(
            lambda g: g.kind == kind and g.region == call.region and g.account == call.account and g.id.encode() in body
        )

    def refused(self, kind: str, account: str, region: str) -> None:
        """Lets time pass for resources nobody describes: a retried refusal is an observation as well."""
        self._pass(lambda g: g.kind == kind and g.account == account and g.region == region)

    def _pass(self, chosen: Callable[[_Ghost], bool]) -> None:
        with self._lock:
            for ghost in self._ghosts.values():
                if chosen(ghost):
                    ghost.left -= 1
        for ghost in self._take(lambda ghost: ghost.left <= 0):
            ghost.finish()

    def _take(self, chosen: Callable[[_Ghost], bool]) -> list[_Ghost]:
        with self._lock:
            taken = [key for key, ghost in self._ghosts.items() if chosen(ghost)]
            return [self._ghosts.pop(key) for key in taken]


def _wrap(owner: type, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    original = getattr(owner, name)
    setattr(owner, name, functools.wraps(original)(make(original)))


def install_ec2(lingering: Lingering) -> None:
    """Makes instances, NAT gateways and endpoints of moto's EC2 go slowly, and marks service interfaces."""
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import Instance

    def prepare_interfaces(original: Callable[..., Any]) -> Callable[..., Any]:
        # moto leaves the interface it made for an instance behind; on AWS the primary one goes with it.
        def wrapper(self: Any, nic_spec: list[dict[str, Any]], *args: Any, **kwargs: Any) -> None:
            chosen = any(
                int(nic.get("DeviceIndex", 0)) == 0 and (nic.get("NetworkInterfaceId") or "DeleteOnTermination" in nic)
                for nic in nic_spec
            )
            original(self, nic_spec, *args, **kwargs)
            if not chosen and 0 in self.nics:
                self.nics[0].delete_on_termination = True

        return wrapper

    def terminate(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, instance_ids: list[str]) -> Any:
            before = {i.id: i.state for i in self.get_multi_instances_by_id(instance_ids)} if instance_ids else {}
            result = original(self, instance_ids)
            for instance, _previous in result:
                if before.get(instance.id) == "terminated":
                    continue
                if lingering.holds("instance", self.account_id, self.region_name, instance.id) or lingering.hold(
                    "instance", self, instance.id, functools.partial(_set_state, instance, 48, "terminated")
                ):
                    _set_state(instance, 32, "shutting-down")
            return result

        return wrapper

    def delete_nat(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, nat_gateway_id: str) -> Any:
            known = self.nat_gateways.get(nat_gateway_id)
            if known is None or known.state != "available":
                return known or original(self, nat_gateway_id)
            gateway = original(self, nat_gateway_id)

            def finish() -> None:
                gateway.state = "deleted"
                for address in list(self.addresses):
                    if address.eni is gateway._eni:
                        self.disassociate_address(address=address.public_ip)
                self.enis.pop(gateway._eni.id, None)

            if lingering.hold("nat-gateway", self, gateway.id, finish):
                gateway.state = "deleting"
            return gateway

        return wrapper

    def create_nat(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            gateway = original(self, *args, **kwargs)
            mark_service_interface(gateway._eni, "nat_gateway", f"Interface for NAT Gateway {gateway.id}")
            gateway._eni._group_set = []
            return gateway

        return wrapper

    def create_endpoint(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            endpoint = original(self, *args, **kwargs)
            groups = [self.get_security_group_from_id(group) for group in endpoint.security_group_ids]
            for interface in endpoint.network_interface_ids:
                eni = self.enis[interface]
                mark_service_interface(eni, "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}")
                eni._group_set = [group for group in groups if group] or eni._group_set
            return endpoint

        return wrapper

    def delete_endpoints(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, vpce_ids: list[str] | None = None) -> Any:
            alive = [i for i in vpce_ids or [] if getattr(self.vpc_end_points.get(i), "state", "") == "available"]
            result = original(self, alive)
            for identifier in alive:
                drop = functools.partial(self.vpc_end_points.pop, identifier, None)
                if lingering.hold("vpc-endpoint", self, identifier, drop):
                    self.vpc_end_points[identifier].state = "deleting"
            return result

        return wrapper

    _wrap(Instance, "prep_nics", prepare_interfaces)
    _wrap(EC2Backend, "terminate_instances", terminate)
    _wrap(EC2Backend, "delete_nat_gateway", delete_nat)
    _wrap(EC2Backend, "create_nat_gateway", create_nat)
    _wrap(EC2Backend, "create_vpc_endpoint", create_endpoint)
    _wrap(EC2Backend, "delete_vpc_endpoints", delete_endpoints)


def install_rds(lingering: Lingering) -> None:
    """Makes databases stay `deleting` for a while; they are put back after moto has removed them."""
    from moto.rds.models import RDSBackend

    def delete_instance(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, db_instance_identifier: str, *args: Any, **kwargs: Any) -> Any:
            database = original(self, db_instance_identifier, *args, **kwargs)
            name = database.db_instance_identifier
            if lingering.hold("db-instance", self, name, functools.partial(self.databases.pop, name, None)):
                self.databases[name] = database
            return database

        return wrapper

    def delete_cluster(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, cluster_identifier: str, *args: Any, **kwargs: Any) -> Any:
            cluster = original(self, cluster_identifier, *args, **kwargs)
            if lingering.hold(
                "db-cluster", self, cluster_identifier, functools.partial(self.clusters.pop, cluster_identifier, None)
            ):
                self.clusters[cluster_identifier] = cluster
                cluster.status = "deleting"
            return cluster

        return wrapper

    _wrap(RDSBackend, "delete_db_instance", delete_instance)
    _wrap(RDSBackend, "delete_db_cluster", delete_cluster)


def install_elasticache(lingering: Lingering) -> None:
    """Ends the deletion of clusters and replication groups, which moto leaves `deleting` for ever."""
    from moto.elasticache.models import ElastiCacheBackend

    def delete_cluster(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, cache_cluster_id: str) -> Any:
            cluster = original(self, cache_cluster_id)
            drop = functools.partial(self.cache_clusters.pop, cache_cluster_id, None)
            if not lingering.holds("cache-cluster", self.account_id, self.region_name, cache_cluster_id):
                lingering.hold("cache-cluster", self, cache_cluster_id, drop)
            return cluster

        return wrapper

    def delete_group(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, replication_group_id: str, *args: Any, **kwargs: Any) -> Any:
            group = original(self, replication_group_id, *args, **kwargs)
            drop = functools.partial(self.replication_groups.pop, replication_group_id, None)
            if not lingering.holds("replication-group", self.account_id, self.region_name, replication_group_id):
                lingering.hold("replication-group", self, replication_group_id, drop)
            return group

        return wrapper

    _wrap(ElastiCacheBackend, "delete_cache_cluster", delete_cluster)
    _wrap(ElastiCacheBackend, "delete_replication_group", delete_group)


def install_lambda(lingering: Lingering) -> None:
    """Gives functions in a VPC the network interfaces that AWS makes for them and is slow to take back."""
    from moto.awslambda.models import LambdaBackend
    from moto.ec2.models import ec2_backends

    interfaces: dict[tuple[str, str, str], list[str]] = {}

    def create(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, spec: dict[str, Any]) -> Any:
            function = original(self, spec)
            config = spec.get("VpcConfig") or {}
            ec2 = ec2_backends[self.account_id][self.region_name]
            made = []
            for subnet in config.get("SubnetIds") or []:
                try:
                    ec2.get_subnet(subnet)
                except Exception:
                    continue
                description = f"AWS Lambda VPC ENI-{function.function_name}-{function.code_sha_256[:8]}"
                eni = ec2.create_network_interface(
                    subnet, [], group_ids=config.get("SecurityGroupIds"), description=description
                )
                mark_service_interface(eni, "lambda", description)
                made.append(eni.id)
            interfaces[self.account_id, self.region_name, function.function_name] = made
            return function

        return wrapper

    def delete(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(self: Any, function_name: str, qualifier: str | None = None) -> Any:
            result = original(self, function_name, qualifier)
            if not qualifier:
                name = function_name.rpartition(":")[2]
                ec2 = ec2_backends[self.account_id][self.region_name]
                for eni in interfaces.pop((self.account_id, self.region_name, name), []):
                    lingering.hold("lambda-interface", self, eni, functools.partial(ec2.enis.pop, eni, None))
            return result

        return wrapper

    _wrap(LambdaBackend, "create_function", create)
    _wrap(LambdaBackend, "delete_function", delete)


def _set_state(instance: Any, code: int, name: str) -> None:
    instance._state.code, instance._state.name = code, name


def mark_service_interface(eni: Any, kind: str, description: str) -> None:
    eni.interface_type, eni.description = kind, description
    eni.requester_managed, eni.status = True, "in-use"
