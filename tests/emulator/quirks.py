"""Where moto takes a call, and does something else than AWS.

AWS takes a name or an ARN where moto knows the name only: moto does not refuse the ARN, it says that it deleted, and
deletes nothing. Some things take others along on AWS that moto leaves behind. And a stack of AWS has an id for each of
its members.
"""

from __future__ import annotations

import functools
from typing import Any

from lingering import mark_service_interface


def name_members() -> None:
    """What `Ref` returns for some members of a stack, and so what the stack calls them."""
    from moto.efs.models import AccessPoint
    from moto.events.models import Archive, EventBus
    from moto.rds.models import DBParameterGroup, DBSubnetGroup
    from moto.redshift.models import Cluster

    def told_by(attribute: str) -> property:
        return property(lambda self: getattr(self, attribute))

    for model in (Archive, DBParameterGroup, DBSubnetGroup, EventBus):
        model.physical_resource_id = told_by("name")
    AccessPoint.physical_resource_id = told_by("access_point_id")
    Cluster.physical_resource_id = told_by("cluster_identifier")


def install() -> None:
    """Puts it right."""
    name_members()
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.autoscaling.models import AutoScalingBackend
    from moto.cloudtrail.models import CloudTrailBackend
    from moto.efs.models import EFSBackend

    def named(policies: dict[str, Any], given: str) -> str:
        return next((name for name, policy in policies.items() if policy.arn == given), given)

    describe, delete = AutoScalingBackend.describe_policies, AutoScalingBackend.delete_policy
    delete_trail = CloudTrailBackend.delete_trail

    @functools.wraps(describe)
    def describe_policies(self: Any, autoscaling_group_name: Any = None, policy_names: Any = None, policy_types: Any = None) -> Any:
        names = [named(self.policies, given) for given in policy_names or []]
        return describe(self, autoscaling_group_name, names, policy_types)

    @functools.wraps(delete)
    def delete_policy(self: Any, group_name: str) -> None:
        delete(self, named(self.policies, group_name))

    @functools.wraps(delete_trail)
    def delete_by_name(self: Any, name: str) -> None:
        delete_trail(self, self.get_trail(name).trail_name)

    AutoScalingBackend.describe_policies = describe_policies
    AutoScalingBackend.delete_policy = delete_policy
    CloudTrailBackend.delete_trail = delete_by_name

    deregister = ApplicationAutoscalingBackend.deregister_scalable_target

    @functools.wraps(deregister)
    def deregister_scalable_target(self: Any, namespace: str, r_id: str, dimension: str) -> None:
        deregister(self, namespace, r_id, dimension)
        for policy in list(self.policies.values()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                self.delete_scaling_policy(policy.policy_name, policy.service_namespace, r_id, dimension)

    ApplicationAutoscalingBackend.deregister_scalable_target = deregister_scalable_target

    create_target = EFSBackend.create_mount_target

    @functools.wraps(create_target)
    def create_mount_target(self: Any, *args: Any, **kwargs: Any) -> Any:
        target = create_target(self, *args, **kwargs)
        # On AWS the interface belongs to the service, and nobody else can delete it.
        interface = self.ec2_backend.enis[target.network_interface_id]
        description = f"EFS mount target for {target.file_system_id} ({target.mount_target_id})"
        mark_service_interface(interface, "efs", description)
        return target

    EFSBackend.create_mount_target = create_mount_target
