"""Refuses what AWS refuses and moto lets through.

A clean-up that deletes in the wrong order succeeds on a bare emulator and fails on a real account. Each check
below looks into moto's state before the request reaches it and gives AWS's own error code and wording; the
EC2 messages name the id, because our tool reads it from there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from identify import Call
from lingering import Lingering
from wire import Answer, error

_Refusal = tuple[str, str, int]
_Check = Callable[[Call, Lingering], _Refusal | None]
_CHECKS: dict[tuple[str, str], _Check] = {}


def _check(service: str, operation: str) -> Callable[[_Check], _Check]:
    def register(function: _Check) -> _Check:
        _CHECKS[service, operation] = function
        return function

    return register


def refuse(call: Call, lingering: Lingering) -> Answer | None:
    """The refusal AWS would answer with, or nothing if the request may go to moto."""
    check = _CHECKS.get((call.service, call.operation))
    if not check or call.dry_run:
        return None
    refusal = check(call, lingering)
    return error(call, *refusal) if refusal else None


def _backend(name: str, call: Call, attribute: str | None = None, region: str | None = None) -> Any:
    """A moto backend, or nothing when its service was never used: an unused service blocks nobody."""
    module = sys.modules.get(f"moto.{name}.models")
    if module is None:
        return None
    return getattr(module, attribute or f"{name}_backends")[call.account][region or call.region]


def _functions(call: Call) -> list[Any]:
    if "moto.awslambda.models" not in sys.modules:
        return []
    from moto.awslambda.utils import get_backend

    return [group["latest"] for group in get_backend(call.account, call.region)._lambdas._functions.values()]


def _instances(ec2: Any) -> Iterator[Any]:
    for reservation in list(ec2.reservations.values()):
        yield from (instance for instance in reservation.instances if instance.state != "terminated")


def _blockers(call: Call, subnet: str = "", group: str = "") -> Iterator[str]:
    """Everything that holds on to a subnet or to a security group. Exactly one of the two is given."""

    def hit(subnets: Any, groups: Any) -> bool:
        return bool(subnet and subnet in (subnets or ())) or bool(group and group in (groups or ()))

    ec2 = _backend("ec2", call)
    for instance in _instances(ec2):
        if hit([instance.subnet_id], [g.id for g in instance.security_groups]):
            yield instance.id
    for eni in list(ec2.enis.values()):
        if hit([eni.subnet.id], [g.id for g in eni.group_set]):
            yield eni.id
    for gateway in list(ec2.nat_gateways.values()):
        if gateway.state in ("pending", "available", "deleting") and hit([gateway.subnet_id], ()):
            yield gateway.id
    for endpoint in list(ec2.vpc_end_points.values()):
        if endpoint.state != "deleted" and hit(endpoint.subnet_ids, endpoint.security_group_ids):
            yield endpoint.id
    if elbv2 := _backend("elbv2", call):
        for balancer in list(elbv2.load_balancers.values()):
            if hit([s.id for s in balancer.subnets], balancer.security_groups):
                yield balancer.arn
    if elb := _backend("elb", call):
        for balancer in list(elb.load_balancers.values()):
            if hit(balancer.subnets, balancer.security_groups):
                yield balancer.name
    if rds := _backend("rds", call):
        for database in list(rds.databases.values()):
            placed = getattr(database, "db_subnet_group", None)
            if hit([s.id for s in placed._subnets] if placed else (), database.vpc_security_group_ids):
                yield database.db_instance_identifier
        for cluster in list(rds.clusters.values()):
            if hit((), cluster.vpc_security_group_ids):
                yield cluster.db_cluster_identifier
    for function in _functions(call):
        config = function._vpc_config or {}
        if hit(config.get("SubnetIds"), config.get("SecurityGroupIds")):
            yield function.function_name
    if ecs := _backend("ecs", call):
        for service in list(ecs.services.values()):
            network = getattr(service, "network_configuration", None) or {}
            placed = network.get("awsvpcConfiguration", {}) if isinstance(network, dict) else {}
            if service.status != "INACTIVE" and hit(placed.get("subnets"), placed.get("securityGroups")):
                yield service.name


def _blocked(call: Call, lingering: Lingering, **what: str) -> bool:
    blockers = list(_blockers(call, **what))
    if any(lingering.holds("lambda-interface", call.account, call.region, blocker) for blocker in blockers):
        lingering.refused("lambda-interface", call.account, call.region)
    return bool(blockers)


@_check("ec2", "DeleteSubnet")
def _delete_subnet(call: Call, lingering: Lingering) -> _Refusal | None:
    subnet = call.param("SubnetId")
    if _blocked(call, lingering, subnet=subnet):
        return "DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.", 400
    return None


@_check("ec2", "DeleteSecurityGroup")
def _delete_security_group(call: Call, lingering: Lingering) -> _Refusal | None:
    ec2 = _backend("ec2", call)
    wanted = call.param("GroupId") or call.param("GroupName")
    group = ec2.get_security_group_by_name_or_id(wanted)
    if group is None:
        return None
    if group.name == "default":
        return "CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user', 400
    referrers = (
        other.id
        for groups in ec2.groups.values()
        for other in groups.values()
        if other.id != group.id
        for rule in [*other.ingress_rules, *other.egress_rules]
        if rule.source_group.get("GroupId") == group.id
    )
    if next(referrers, None) or _blocked(call, lingering, group=group.id):
        return "DependencyViolation", f"resource {group.id} has a dependent object", 400
    return None


@_check("ec2", "DetachInternetGateway")
def _detach_gateway(call: Call, _: Lingering) -> _Refusal | None:
    vpc = call.param("VpcId")
    ec2 = _backend("ec2", call)
    mapped = any(address.eni and address.eni.vpc_id == vpc for address in ec2.addresses) or any(
        address.instance and address.instance.vpc_id == vpc for address in ec2.addresses
    )
    if mapped or any(i.vpc_id == vpc and i.public_ip for i in _instances(ec2) if i.subnet_id):
        text = f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        return "DependencyViolation", text, 400
    return None


@_check("ec2", "ReleaseAddress")
def _release_address(call: Call, _: Lingering) -> _Refusal | None:
    allocation, ip = call.param("AllocationId"), call.param("PublicIp")
    for address in _backend("ec2", call).addresses:
        if (address.allocation_id == allocation or address.public_ip == ip) and (address.association_id or address.eni):
            return "InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.", 400
    return None


@_check("ec2", "DisassociateAddress")
def _disassociate_address(call: Call, _: Lingering) -> _Refusal | None:
    ec2 = _backend("ec2", call)
    for address in ec2.addresses:
        named = (address.association_id or "-") == call.param("AssociationId") or address.public_ip == call.param(
            "PublicIp"
        )
        if named and address.eni and address.eni.interface_type == "nat_gateway":
            return "AuthFailure", "You do not have permission to access the specified resource.", 400
    return None


@_check("ec2", "DeleteNetworkInterface")
def _delete_interface(call: Call, _: Lingering) -> _Refusal | None:
    identifier = call.param("NetworkInterfaceId")
    eni = _backend("ec2", call).enis.get(identifier)
    if eni and (eni.requester_managed or eni.attachment_id):
        return "InvalidParameterValue", f"Network interface '{identifier}' is currently in use.", 400
    return None


@_check("ec2", "DetachNetworkInterface")
def _detach_interface(call: Call, _: Lingering) -> _Refusal | None:
    for eni in list(_backend("ec2", call).enis.values()):
        if eni.attachment_id == call.param("AttachmentId") and eni.instance and eni.device_index == 0:
            text = f"The network interface at device index 0 and networkCard index 0 of instance {eni.instance.id} cannot be detached."
            return "OperationNotPermitted", text, 400
    return None


@_check("ec2", "DeleteVpc")
def _delete_vpc(call: Call, _: Lingering) -> _Refusal | None:
    vpc = call.param("VpcId")
    ec2 = _backend("ec2", call)
    blocked = (
        any(gateway.vpc and gateway.vpc.id == vpc for gateway in ec2.internet_gateways.values())
        or any(group.name != "default" for group in ec2.groups.get(vpc, {}).values())
        or any(e.vpc_id == vpc and e.state != "deleted" for e in ec2.vpc_end_points.values())
        or any(eni.vpc_id == vpc for eni in ec2.enis.values())
        or any(acl.vpc_id == vpc and str(acl.default).lower() != "true" for acl in ec2.network_acls.values())
        or any(
            vpc in (peering.vpc.id, peering.peer_vpc.id) and peering._status.code in ("active", "pending-acceptance")
            for peering in ec2.vpc_pcxs.values()
        )
    )
    if blocked:
        return "DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.", 400
    return None


def _iam(call: Call) -> Any:
    return _backend("iam", call, region="aws")


_CONFLICT = "DeleteConflict"


@_check("iam", "DeletePolicy")
def _delete_policy(call: Call, _: Lingering) -> _Refusal | None:
    arn = call.param("PolicyArn")
    iam = _iam(call)
    holders = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    if any(
        arn in holder.managed_policies or getattr(holder, "permissions_boundary_arn", None) == arn for holder in holders
    ):
        return _CONFLICT, "Cannot delete a policy attached to entities.", 409
    policy = iam.managed_policies.get(arn)
    if policy and len(policy.versions) > 1:
        text = (
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
        return _CONFLICT, text, 409
    return None


@_check("iam", "DeleteUser")
def _delete_user(call: Call, _: Lingering) -> _Refusal | None:
    iam = _iam(call)
    user = iam.users.get(call.param("UserName"))
    if user is None:
        return None
    obstacles = (
        (user.password, "must delete login profile first"),
        (user.access_keys, "must delete access keys first"),
        (user.mfa_devices, "must delete MFA device first"),
        (user.signing_certificates, "must delete signing certificates first"),
        (user.ssh_public_keys, "must delete SSH public keys first"),
        (any(user in group.users for group in iam.groups.values()), "must remove users from group first"),
    )
    return next(((_CONFLICT, f"Cannot delete entity, {text}.", 409) for present, text in obstacles if present), None)


@_check("iam", "DeleteGroup")
def _delete_group(call: Call, _: Lingering) -> _Refusal | None:
    group = _iam(call).groups.get(call.param("GroupName"))
    if group is None:
        return None
    obstacles = (
        (group.users, "must remove users from group first"),
        (group.managed_policies, "must detach all policies first"),
        (group.policies, "must delete policies first"),
    )
    return next(((_CONFLICT, f"Cannot delete entity, {text}.", 409) for present, text in obstacles if present), None)


@_check("autoscaling", "DeleteAutoScalingGroup")
def _delete_scaling_group(call: Call, _: Lingering) -> _Refusal | None:
    group = _backend("autoscaling", call).autoscaling_groups.get(call.param("AutoScalingGroupName"))
    if group and group.instance_states and call.param("ForceDelete").lower() != "true":
        text = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group."
        return "ResourceInUse", text, 400
    return None


@_check("elasticloadbalancing", "DeleteLoadBalancer")
def _delete_load_balancer(call: Call, _: Lingering) -> _Refusal | None:
    arn = call.param("LoadBalancerArn")
    balancer = _backend("elbv2", call).load_balancers.get(arn) if arn else None
    if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
        text = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        return "OperationNotPermitted", text, 400
    return None


@_check("cloudformation", "DeleteStack")
def _delete_stack(call: Call, _: Lingering) -> _Refusal | None:
    wanted = call.param("StackName")
    for stack in _backend("cloudformation", call).stacks.values():
        if wanted in (stack.name, stack.stack_id) and getattr(stack, "enable_termination_protection", False):
            return (
                "ValidationError",
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled",
                400,
            )
    return None


@_check("rds", "DeleteDBInstance")
def _delete_database(call: Call, lingering: Lingering) -> _Refusal | None:
    name = call.param("DBInstanceIdentifier")
    if lingering.holds("db-instance", call.account, call.region, name.lower()):
        return "InvalidDBInstanceState", f"Instance {name} is already being deleted.", 400
    return None


@_check("rds", "DeleteDBSubnetGroup")
def _delete_db_subnet_group(call: Call, _: Lingering) -> _Refusal | None:
    name = call.param("DBSubnetGroupName").lower()
    for database in list(_backend("rds", call).databases.values()):
        placed = getattr(database, "db_subnet_group", None)
        if placed and placed.name == name:
            text = (
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{database.db_instance_identifier} is still using it."
            )
            return "InvalidDBSubnetGroupStateFault", text, 400
    return None


@_check("ecs", "DeleteCluster")
def _delete_cluster(call: Call, _: Lingering) -> _Refusal | None:
    ecs = _backend("ecs", call)
    name = (call.param("cluster") or "default").rpartition("/")[2]
    if any(s.cluster_name == name and s.status != "INACTIVE" for s in ecs.services.values()):
        return "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.", 400
    if any(task.last_status != "STOPPED" for task in ecs.tasks.get(name, {}).values()):
        return "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.", 400
    if any(i.status == "ACTIVE" for i in ecs.container_instances.get(name, {}).values()):
        text = "The Cluster cannot be deleted while Container Instances are active or draining."
        return "ClusterContainsContainerInstancesException", text, 400
    return None


@_check("cloudfront", "DeleteDistribution")
def _delete_distribution(call: Call, _: Lingering) -> _Refusal | None:
    distribution = _backend("cloudfront", call, region="aws").distributions.get(call.param("Id"))
    config = distribution.distribution_config if distribution else None
    if str(getattr(config, "Enabled", getattr(config, "enabled", False))).lower() == "true":
        return "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.", 409
    return None


@_check("elasticfilesystem", "DeleteFileSystem")
def _delete_file_system(call: Call, _: Lingering) -> _Refusal | None:
    identifier = call.param("FileSystemId")
    system = _backend("efs", call).file_systems_by_id.get(identifier)
    if system and system.number_of_mount_targets:
        return "FileSystemInUse", f"file system {identifier} has mount targets", 409
    return None
