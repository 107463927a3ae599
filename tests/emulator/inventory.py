#!/usr/bin/env python3
"""Lists what is in the emulated account with boto3 alone: a second opinion that shares no code with the program.

Prints JSON: operation and region to sorted ids. Instances that are terminated, keys that are to be deleted and the like
do not count, as AWS keeps them listed for a while.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from seed_common import ACCOUNT, Account  # noqa: E402

# service, operation, list in the answer, id in an element (None: the element itself)
REGIONAL: list[tuple[str, str, str, str | None]] = [
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("ec2", "describe_addresses", "Addresses", "AllocationId"),
    ("ec2", "describe_volumes", "Volumes", "VolumeId"),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("ec2", "describe_key_pairs", "KeyPairs", "KeyPairId"),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("sqs", "list_queues", "QueueUrls", None),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("secretsmanager", "list_secrets", "SecretList", "ARN"),
    ("ssm", "describe_parameters", "Parameters", "Name"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("events", "list_rules", "Rules", "Name"),
    ("efs", "describe_file_systems", "FileSystems", "FileSystemId"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"),
]
GLOBAL: list[tuple[str, str, str, str | None]] = [
    ("iam", "list_users", "Users", "UserName"),
    ("iam", "list_groups", "Groups", "GroupName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("s3", "list_buckets", "Buckets", "Name"),
]


def ids(client: Any, operation: str, member: str, key: str | None) -> list[str]:
    found: list[str] = []
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate()
    else:
        pages = [getattr(client, operation)()]
    for page in pages:
        found += [str(item if key is None else item.get(key)) for item in page.get(member, [])]
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="address of the emulator")
    parser.add_argument("--regions", default="us-east-1,eu-west-1,ap-southeast-2")
    options = parser.parse_args()
    account = Account(options.endpoint, "", ACCOUNT)
    told: dict[str, list[str]] = {}
    for service, operation, member, key in GLOBAL:
        told[f"{service} {operation}"] = ids(account.client(service, "us-east-1"), operation, member, key)
    iam = account.client("iam", "us-east-1")
    local = iam.get_paginator("list_policies").paginate(Scope="Local")
    told["iam list_policies"] = sorted(policy["Arn"] for page in local for policy in page["Policies"])
    for region in options.regions.split(","):
        for service, operation, member, key in REGIONAL:
            told[f"{service} {operation} {region}"] = ids(account.client(service, region), operation, member, key)
        ec2 = account.client("ec2", region)
        running = [
            instance["InstanceId"]
            for reservation in ec2.describe_instances()["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] != "terminated"
        ]
        told[f"ec2 describe_instances {region}"] = sorted(running)
        # moto keeps the default ACL of a VPC that is gone.
        acls = ec2.describe_network_acls(Filters=[{"Name": "default", "Values": ["false"]}])["NetworkAcls"]
        told[f"ec2 describe_network_acls {region}"] = sorted(acl["NetworkAclId"] for acl in acls)
        gateways = ec2.describe_nat_gateways()["NatGateways"]
        told[f"ec2 describe_nat_gateways {region}"] = sorted(
            gateway["NatGatewayId"] for gateway in gateways if gateway["State"] != "deleted"
        )
        kms = account.client("kms", region)
        keys = [key["KeyId"] for key in kms.list_keys()["Keys"]]
        states = {key: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in keys}
        told[f"kms list_keys {region}"] = sorted(key for key, state in states.items() if state != "PendingDeletion")
        # moto lists inactive clusters too.
        ecs = account.client("ecs", region)
        clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
        told[f"ecs list_clusters {region}"] = sorted(
            cluster["clusterArn"] for cluster in clusters if cluster["status"] == "ACTIVE"
        )
        stacks = account.client("cloudformation", region).describe_stacks()["Stacks"]
        told[f"cloudformation describe_stacks {region}"] = sorted(stack["StackName"] for stack in stacks)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
