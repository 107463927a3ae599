#!/usr/bin/env python3
"""Complete synthetic AWS answers from botocore's service models, for the contract test.

    python tests/tools/answers.py               # writes tests/answers/<boto_service>.json
    python tests/tools/answers.py sqs sns       # only these services
    python tests/tools/answers.py --check       # exit 1 when a committed file differs
    python tests/tools/answers.py --selftest    # parse everything back with botocore's own parsers

Reads operations.txt (`boto_service OperationName` per line) and overrides.json. Every member of an
answer is filled. A page's `body` (and header values) hold `{{N}}`, the index of a leaf in `leaves`;
a leaf's `value` and `alt` are texts in the encoding of the wire, ready to be put there.

overrides.json: {"service.Operation": {path: what}}, or {"service.*": {…}} for paths that end so.
A path is `Reservations[].Instances[].State.Name`; what is one of
  null                               the member is left out
  value                              a scalar (a list: one per page, null leaves the member out there)
  {"value": v, "alt": v, "second": v}    each may be missing; `second` is for unprobed second elements;
                                     an object or list inside `value` or `alt` becomes a JSON text
                                     ({"value": {"pages": [v1, v2]}} gives one per page)
  {"$map": {key: what, …}}           a map with exactly these entries, each probed; path `Attributes.key`
  {"$key": "Key", "$value": "Value", "$map": {key: what, …}}    a list of key/value structures;
                                     path `Attributes[key].Value`
  {"$only": member}          a structure inside itself, which is left out otherwise, with this one member
Its "$unknownToSdk" lists, per service, the `Shape.Member`s that botocore's model has and the SDK crate of
Cargo.lock has not: no answer holds them. `--sdk` works that list out again from the crates' sources.
"""

import argparse
import base64
import datetime
import json
import struct
import sys
import urllib.parse
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import botocore
import botocore.parsers
import botocore.session

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "answers"
ACCOUNT, OTHER_ACCOUNT, REGION = "123456789012", "210987654321", "us-east-1"
TOKEN = "page-token-2"
T1 = datetime.datetime(2026, 1, 5, 10, 0, 0, tzinfo=datetime.timezone.utc)
T2 = T1 + datetime.timedelta(days=1)

# The protocol that the Rust SDK speaks, where botocore's first choice could differ from it
# (seen in the sources of the crates: aws_smithy_cbor, …).
PROTOCOLS = {"cloudwatch": "smithy-rpc-v2-cbor", "codebuild": "json", "codepipeline": "json"}

# Roots of S3 answers without a payload member: botocore's models do not hold them; these are the ones
# that aws-sdk-s3 insists on.
S3_ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
}
S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

# Ids that look like AWS's, by member name. The same in every operation, so that a collector which joins
# two answers finds the other half.
ID_PREFIXES = {
    "AllocationId": "eipalloc", "AssociationId": "eipassoc", "AttachmentId": "eni-attach",
    "CapacityReservationId": "cr", "CarrierGatewayId": "cagw", "CoreNetworkArn": None,
    "DhcpOptionsId": "dopt", "EgressOnlyInternetGatewayId": "eigw", "FleetId": "fleet",
    "FlowLogId": "fl", "GroupId": "sg", "HostId": "h", "ImageId": "ami", "InstanceId": "i",
    "InstanceConnectEndpointId": "eice", "InternetGatewayId": "igw", "Ipv4PoolEc2": None,
    "KeyPairId": "key", "KernelId": "aki", "LaunchTemplateId": "lt", "LocalGatewayId": "lgw",
    "NatGatewayId": "nat", "NetworkAclAssociationId": "aclassoc", "NetworkAclId": "acl",
    "NetworkInterfaceId": "eni", "OutpostLagId": None, "OwnerOrganizationId": "o",
    "PeeringConnectionId": "pcx", "PlacementGroupId": "pg", "PrefixListId": "pl", "RamdiskId": "ari",
    "ReferencedGroupId": "sg", "ReservationId": "r", "RouteTableAssociationId": "rtbassoc",
    "RouteTableId": "rtb", "SecurityGroup": "sg", "SecurityGroupId": "sg", "SecurityGroupRuleId": "sgr",
    "SnapshotId": "snap", "SourceInstanceId": "i", "SourceImageId": "ami", "SpotInstanceRequestId": "sir",
    "SubnetId": "subnet", "TransitGatewayAttachmentId": "tgw-attach", "TransitGatewayId": "tgw",
    "TransitGatewayRouteTableId": "tgw-rtb", "AssociationDefaultRouteTableId": "tgw-rtb",
    "PropagationDefaultRouteTableId": "tgw-rtb", "VolumeId": "vol", "VpcEndpointId": "vpce",
    "VpcId": "vpc", "VPCId": "vpc", "VpcSecurityGroupId": "sg", "VpcPeeringConnectionId": "pcx",
    "Ipv6CidrAssociationId": None, "DefaultVpcId": "vpc", "SecurityGroupVpcId": "vpc",
    "VpcSecurityGroupIds": "sg", "Subnet": None, "IpamPoolId": "ipam-pool",
}

ACCOUNT_NAMES = {
    "account", "accountid", "ownerid", "owneraccount", "ownerid", "awsaccountid", "requesterid",
    "owningaccountid", "instanceownerid", "ipownerid", "groupownerid", "networkinterfaceownerid",
    "referencedgroupownerid", "imageownerid", "vpcownerid", "resourceowner", "keyaccountid", "subscriptionowner",
    "createdbyaccount", "managementaccountid", "networkloadbalancerowner",
}

ID_PREFIXES.update({
    "SubnetIdentifier": "subnet", "RamDiskId": "ari", "AssociatedSubnet": "subnet",
    "SourceVolumeId": "vol", "DestinationPrefixListId": "pl", "VpcEncryptionControlId": "vpcec",
})
IAM_IDS = {
    "UserId": "AIDA", "RoleId": "AROA", "GroupId": "AGPA", "PolicyId": "ANPA", "InstanceProfileId": "AIPA",
    "AccessKeyId": "AKIA", "SSHPublicKeyId": "APKA", "ServiceSpecificCredentialId": "ACCA",
}

# ARNs by (service, the member that holds them, their own name); an empty holder fits all.
OWN_ARNS = {
    ("iam", "UserDetailList", "Arn"): "arn:aws:iam::{a}:user/team/UserName-{n}",
    ("iam", "User", "Arn"): "arn:aws:iam::{a}:user/team/UserName-{n}",
    ("iam", "GroupDetailList", "Arn"): "arn:aws:iam::{a}:group/team/GroupName-{n}",
    ("iam", "RoleDetailList", "Arn"): "arn:aws:iam::{a}:role/team/RoleName-{n}",
    ("iam", "Roles", "Arn"): "arn:aws:iam::{a}:role/team/RoleName-{n}",
    ("iam", "Role", "Arn"): "arn:aws:iam::{a}:role/team/RoleName-{n}",
    ("iam", "InstanceProfileList", "Arn"): "arn:aws:iam::{a}:instance-profile/team/InstanceProfileName-{n}",
    ("iam", "InstanceProfiles", "Arn"): "arn:aws:iam::{a}:instance-profile/team/InstanceProfileName-{n}",
    ("iam", "Policies", "Arn"): "arn:aws:iam::{a}:policy/team/PolicyName-{n}",
    ("iam", "OpenIDConnectProviderList", "Arn"): "arn:aws:iam::{a}:oidc-provider/example{n}.com",
    ("iam", "", "PolicyArn"): "arn:aws:iam::{a}:policy/attached-{n}",
    ("kms", "", "Arn"): "arn:aws:kms:{r}:{a}:key/{u}",
    ("kms", "", "KeyId"): "{u}",
    ("kms", "", "TargetKeyId"): "{u}",
    ("kms", "", "AliasName"): "alias/AliasName-{n}",
    ("kms", "", "AliasArn"): "arn:aws:kms:{r}:{a}:alias/AliasName-{n}",
    ("logs", "", "arn"): "arn:aws:logs:{r}:{a}:log-group:logGroupName-{n}:*",
    ("logs", "", "logGroupArn"): "arn:aws:logs:{r}:{a}:log-group:logGroupName-{n}",
    ("secretsmanager", "", "ARN"): "arn:aws:secretsmanager:{r}:{a}:secret:Name-{n}-AbCdEf",
    ("ssm", "", "ARN"): "arn:aws:ssm:{r}:{a}:parameter/Name-{n}",
    ("events", "EventBuses", "Arn"): "arn:aws:events:{r}:{a}:event-bus/Name-{n}",
    ("events", "Rules", "Arn"): "arn:aws:events:{r}:{a}:rule/Name-{n}",
    ("events", "Targets", "Arn"): "arn:aws:sqs:{r}:{a}:target-{n}",
    ("events", "DeadLetterConfig", "Arn"): "arn:aws:sqs:{r}:{a}:dead-{n}",
    ("elbv2", "", "CertificateArn"): "arn:aws:acm:{r}:{a}:certificate/{u}",
    ("cloudwatch", "", "AlarmActions"): "arn:aws:sns:{r}:{a}:alarm-{n}",
    ("cloudwatch", "", "OKActions"): "arn:aws:sns:{r}:{a}:ok-{n}",
    ("cloudwatch", "", "InsufficientDataActions"): "arn:aws:sns:{r}:{a}:insufficient-{n}",
    ("dynamodb", "", "KMSMasterKeyArn"): "arn:aws:kms:{r}:{a}:key/{u}",
    ("dynamodb", "", "LatestStreamArn"): "arn:aws:dynamodb:{r}:{a}:table/TableName-{n}/stream/2026-01-05T10:00:00.000",
    ("dynamodb", "", "StreamArn"): "arn:aws:kinesis:{r}:{a}:stream/StreamName-{n}",
    ("rds", "", "MonitoringRoleArn"): "arn:aws:iam::{a}:role/monitoring-{n}",
    ("rds", "", "SecretArn"): "arn:aws:secretsmanager:{r}:{a}:secret:rds-{n}-AbCdEf",
    ("lambda", "DeadLetterConfig", "TargetArn"): "arn:aws:sqs:{r}:{a}:dead-{n}",
    ("lambda", "Layers", "Arn"): "arn:aws:lambda:{r}:{a}:layer:LayerName-{n}:1",
    ("lambda", "EventSourceMappings", "EventSourceArn"): "arn:aws:sqs:{r}:{a}:QueueName-{n}",
    ("lambda", "EventSourceMappings", "UUID"): "{u}",
    ("sts", "", "Arn"): "arn:aws:sts::{a}:assumed-role/RoleName-{n}/session",
    ("cloudformation", "", "RoleARN"): "arn:aws:iam::{a}:role/RoleName-{n}",
    ("cloudformation", "", "NotificationARNs"): "arn:aws:sns:{r}:{a}:notify-{n}",
}

# ARNs that point into another service, or that collectors take apart.
ARNS = {
    "RoleArn": "arn:aws:iam::{a}:role/RoleName-{n}",
    "Role": "arn:aws:iam::{a}:role/RoleName-{n}",
    "KmsKeyArn": "arn:aws:kms:{r}:{a}:key/{u}",
    "KMSKeyArn": "arn:aws:kms:{r}:{a}:key/{u}",
    "KeyArn": "arn:aws:kms:{r}:{a}:key/{u}",
    "CertificateArn": "arn:aws:acm:{r}:{a}:certificate/{u}",
    "TopicArn": "arn:aws:sns:{r}:{a}:TopicName-{n}",
    "TopicARN": "arn:aws:sns:{r}:{a}:TopicName-{n}",
    "QueueArn": "arn:aws:sqs:{r}:{a}:QueueName-{n}",
    "LogGroupArn": "arn:aws:logs:{r}:{a}:log-group:LogGroupName-{n}",
    "FunctionArn": "arn:aws:lambda:{r}:{a}:function:FunctionName-{n}",
    "LambdaFunctionArn": "arn:aws:lambda:{r}:{a}:function:FunctionName-{n}",
    "LoadBalancerArn": "arn:aws:elasticloadbalancing:{r}:{a}:loadbalancer/app/LoadBalancerName-{n}/{h}",
    "TargetGroupArn": "arn:aws:elasticloadbalancing:{r}:{a}:targetgroup/TargetGroupName-{n}/{h}",
    "TargetGroupARN": "arn:aws:elasticloadbalancing:{r}:{a}:targetgroup/TargetGroupName-{n}/{h}",
    "ListenerArn": "arn:aws:elasticloadbalancing:{r}:{a}:listener/app/LoadBalancerName-{n}/{h}/{h}",
    "SubscriptionArn": "arn:aws:sns:{r}:{a}:TopicName-{n}:{u}",
    "InstanceProfileArn": "arn:aws:iam::{a}:instance-profile/InstanceProfileName-{n}",
    "PermissionsBoundaryArn": "arn:aws:iam::{a}:policy/boundary-{n}",
    "StackId": "arn:aws:cloudformation:{r}:{a}:stack/StackName-{n}/{u}",
    "ParentId": "arn:aws:cloudformation:{r}:{a}:stack/Parent-{n}/{u}",
    "RootId": "arn:aws:cloudformation:{r}:{a}:stack/Root-{n}/{u}",
    "TableArn": "arn:aws:dynamodb:{r}:{a}:table/TableName-{n}",
    "AutoScalingGroupARN": "arn:aws:autoscaling:{r}:{a}:autoScalingGroup:{u}:autoScalingGroupName/AutoScalingGroupName-{n}",
    "LayerArn": "arn:aws:lambda:{r}:{a}:layer:LayerName-{n}",
    "LayerVersionArn": "arn:aws:lambda:{r}:{a}:layer:LayerName-{n}:1",
    "AlarmArn": "arn:aws:cloudwatch:{r}:{a}:alarm:AlarmName-{n}",
    "DBInstanceArn": "arn:aws:rds:{r}:{a}:db:DBInstanceIdentifier-{n}",
    "DBClusterArn": "arn:aws:rds:{r}:{a}:cluster:DBClusterIdentifier-{n}",
    "DBSubnetGroupArn": "arn:aws:rds:{r}:{a}:subgrp:DBSubnetGroupName-{n}",
    "DBSnapshotArn": "arn:aws:rds:{r}:{a}:snapshot:DBSnapshotIdentifier-{n}",
    "DBClusterSnapshotArn": "arn:aws:rds:{r}:{a}:cluster-snapshot:DBClusterSnapshotIdentifier-{n}",
}
ARN_SERVICES = {"elbv2": "elasticloadbalancing"}

# Strings with a form of their own, by member name: (value, alt); {n} is the number of the element.
FORMS = {
    "availabilityzone": (f"{REGION}a", f"{REGION}b"),
    "availabilityzoneid": ("use1-az1", "use1-az2"),
    "region": (REGION, "us-west-2"),
    "regionname": (REGION, "us-west-2"),
    "bucketregion": (REGION, "us-west-2"),
    "creationdate": ("2026-01-05T10:00:00.000Z", "2026-01-06T10:00:00.000Z"),
    "deprecationtime": ("2027-01-05T10:00:00.000Z", "2027-01-06T10:00:00.000Z"),
    "lastlaunchedtime": ("2026-01-05T11:00:00Z", "2026-01-06T11:00:00Z"),
    "lastmodified": ("2026-01-05T10:00:00.000+0000", "2026-01-06T10:00:00.000+0000"),
    "createddate": ("2026-01-05T10:00:00.000+0000", "2026-01-06T10:00:00.000+0000"),
    "path": ("/team/", "/other/"),
    "ipprotocol": ("tcp", "udp"),
    "instancetype": ("t3.micro", "t3.small"),
    "engine": ("postgres", "mysql"),
    "engineversion": ("16.3", "16.4"),
    "dbinstanceclass": ("db.t3.micro", "db.t3.small"),
    "dbinstancestatus": ("available", "modifying"),
    "snapshottype": ("manual", "shared"),
    "storagetype": ("gp3", "io1"),
    "scheduleexpression": ("rate(5 minutes)", "rate(6 minutes)"),
    "httpcode": ("200", "200-299"),
}
CIDR6 = ("2001:db8:{n}::/56", "2001:db8:a{n}::/56")

POLICIES = {
    "Policy", "PolicyDocument", "AssumeRolePolicyDocument", "Document", "ResourcePolicy", "policyDocument",
    "StackPolicyBody", "DataProtectionPolicy", "AccessPolicy", "policy", "dataProtectionPolicy",
}
JSON_TEXTS = {"EventPattern", "Input", "TemplateBody"}
PREFERRED = [
    "active", "available", "enabled", "in-use", "inuse", "in-service", "inservice", "running", "create_complete",
    "updated", "completed", "complete", "successful", "success", "succeeded", "associated", "attached", "deployed",
    "ready", "healthy", "customer", "encrypt_decrypt", "symmetric_default", "aws_kms", "ok", "aws_vpc", "vpc",
]
AVOIDED = ("delet", "terminat", "fail", "shutting", "releas", "detach", "invalid", "error", "inactive")


class Problem(Exception):
    pass


class Leaf:
    def __init__(self, path, shape, name, number, page, probe):
        self.path, self.shape, self.name = path, shape, name
        self.number, self.page, self.probe = number, page, probe
        self.token = False
        self.plain = None  # (value, alt) as Python values
        self.encode = None  # how it goes over the wire, set by the protocol
        self.kind = "presence" if shape.type_name == "structure" else kind_of(shape)


class Node:
    """A structure (parts: member name -> node), a list (a list of nodes) or a map (key -> node)."""

    def __init__(self, shape, parts, presence=None):
        self.shape, self.parts, self.presence = shape, parts, presence


def kind_of(shape):
    if shape.type_name == "string":
        return "enum" if getattr(shape, "enum", None) else "string"
    return shape.type_name


# ---------------------------------------------------------------- building


class Builder:
    def __init__(self, service, operation, overrides, paginator):
        self.service, self.operation = service, operation
        self.own = overrides.get(f"{service}.{operation.name}", {})
        self.shared = overrides.get(f"{service}.*", {})
        self.unknown = set(overrides.get("$unknownToSdk", {}).get(service, []))
        self.used, self.shared_used = set(), set()
        self.leaves = []
        self.paginator = paginator
        self.results, self.tokens, self.more = set(), set(), set()
        if paginator:
            # Member names, dotted when nested: these lists hold one element per page.
            self.results = set(many(paginator["result_key"]))
            self.tokens = {t.split(" ||")[0].strip() for t in many(paginator["output_token"])}
            self.more = {m for m in many(paginator.get("more_results")) if m}
        self.pages = 2 if paginator else 1

    def override(self, path):
        if path in self.own:
            self.used.add(path)
            return True, self.own[path]
        for end, what in self.shared.items():
            if path == end or path.endswith("." + end):
                self.shared_used.add(end)
                return True, what
        return False, None

    def build(self):
        shape = self.operation.output_shape
        pages = []
        for page in range(self.pages):
            if shape is None:
                pages.append(Node(None, {}))
                continue
            pages.append(self.structure(shape, "", page, str(page + 1), True, ()))
        unused = set(self.own) - self.used
        if unused:
            raise Problem(f"{self.service}.{self.operation.name}: overrides that match nothing: {sorted(unused)}")
        self.fill()
        return pages

    def structure(self, shape, path, page, number, probe, above, only=None):
        parts = {}
        members = shape.members
        if only is None and (getattr(shape, "is_tagged_union", False)):
            choices = [m for m in members if self.override(join(path, m)) != (True, None)]
            only = choices[page % len(choices)] if choices else None
        for name, member in members.items():
            if only is not None and name != only or f"{shape.name}.{name}" in self.unknown:
                continue
            node = self.node(member, join(path, name), name, page, number, probe, above + (shape.name,))
            if node is not None:
                parts[name] = node
        presence = None
        if not parts and path:
            presence = Leaf(path, shape, path.split(".")[-1], number, page, probe)
            presence.plain = (True, False)
            self.leaves.append(presence)
        return Node(shape, parts, presence)

    def node(self, shape, path, name, page, number, probe, above):
        found, what = self.override(path)
        if found and (what[page] if isinstance(what, list) else what) is None:
            return None
        if shape.type_name == "structure":
            if isinstance(what, dict) and "$only" in what:
                return self.structure(shape, path, page, number, probe, above, what["$only"])
            if shape.name in above:
                return None
            return self.structure(shape, path, page, number, probe, above)
        if shape.type_name == "list":
            return self.list(shape, path, name, page, number, probe, above, what if found else None)
        if shape.type_name == "map":
            return self.map(shape, path, name, page, number, probe, above, what if found else None)
        if found and isinstance(what, list) and page_of({"pages": what}, page) is None:
            return None
        leaf = Leaf(path, shape, name, number, page, probe)
        if path in self.tokens:
            if page + 1 == self.pages:
                return None
            leaf.token, leaf.probe = True, False
            leaf.plain = (TOKEN, TOKEN + "-alt")
        elif path in self.more:
            leaf.token, leaf.probe = True, False
            more = page + 1 < self.pages
            leaf.plain = (more, not more) if shape.type_name == "boolean" else (str(more).lower(), str(not more).lower())
        elif found:
            self.given(leaf, what)
        self.leaves.append(leaf)
        return leaf

    def given(self, leaf, what):
        """A value from overrides.json, completed with a default for what it does not say."""
        value, alt = default(leaf, self.service)
        per_page = isinstance(what, list)
        if isinstance(what, dict):
            if not what or set(what) - {"value", "alt", "second"}:
                raise Problem(f"{self.service}.{self.operation.name}: {leaf.path}: not understood: {what}")
            if "value" in what:
                value = page_of(what["value"], leaf.page)
                alt = changed(leaf, value)
            if "second" in what and not leaf.probe:
                value = page_of(what["second"], leaf.page)
                alt = changed(leaf, value)
            if "alt" in what:
                alt = page_of(what["alt"], leaf.page)
        else:
            value = what[min(leaf.page, len(what) - 1)] if per_page else what
            alt = changed(leaf, value)
        leaf.plain = (given_value(leaf, value, self.service), given_value(leaf, alt, self.service))

    def list(self, shape, path, name, page, number, probe, above, what):
        below = path + "[]"
        member = shape.member
        found, inner = self.override(below)
        if found and inner is None:
            return Node(shape, [])
        if isinstance(what, dict) and "$map" in what:
            return self.keyed_list(shape, path, page, number, what, above)
        if isinstance(inner, dict) and "$map" in inner:
            return self.keyed_list(shape, path, page, number, inner, above)
        if path in self.results:
            node = self.node(member, below, name, page, number, probe, above)
            return Node(shape, [] if node is None else [node])
        again = isinstance(inner, dict) and "$only" in inner
        if member.type_name == "structure" and member.name in above and not again:
            return None
        if getattr(member, "is_tagged_union", False):
            return Node(shape, [
                self.structure(member, below, page, number, probe, above, only=m)
                for m in member.members
                if self.override(join(below, m)) != (True, None)
            ])
        nodes = [
            self.node(member, below, name, page, number, probe, above),
            self.node(member, below, name, page, "b" + number, False, above),
        ]
        nodes = [n for n in nodes if n is not None]
        if isinstance(inner, list) or path in self.results:
            nodes = nodes[:1]
        elif getattr(member, "enum", None) and not found:
            first = nodes[0]
            first.plain = default(first, self.service)
            rest = [e for e in member.enum if e not in first.plain]
            if rest:
                nodes[1].plain = (rest[0], first.plain[1])
        return Node(shape, nodes)

    def keyed_list(self, shape, path, page, number, what, above):
        nodes = []
        for key, each in what["$map"].items():
            at = f"{path}[{key}]"
            parts = {}
            for name, member in shape.member.members.items():
                leaf = Leaf(f"{at}.{name}", member, name, number, page, name == what["$value"])
                if name == what["$key"]:
                    leaf.plain = (key, key + "-alt")
                elif name == what["$value"]:
                    self.given(leaf, each)
                else:
                    node = self.node(member, f"{at}.{name}", name, page, number, True, above)
                    if node is not None:
                        parts[name] = node
                    continue
                self.leaves.append(leaf)
                parts[name] = leaf
            nodes.append(Node(shape.member, parts))
        return Node(shape, nodes)

    def map(self, shape, path, name, page, number, probe, above, what):
        parts = {}
        if isinstance(what, dict) and "$map" in what:
            for key, each in what["$map"].items():
                if each is None:
                    continue
                leaf = Leaf(f"{path}.{key}", shape.value, key, number, page, probe)
                self.given(leaf, each)
                self.leaves.append(leaf)
                parts[key] = leaf
        elif getattr(shape.key, "enum", None):
            for key in shape.key.enum:
                node = self.node(shape.value, f"{path}.{key}", key, page, number, probe, above)
                if node is not None:
                    parts[key] = node
        else:
            for prefix, probed in (("", probe), ("b", False)):
                node = self.node(shape.value, f"{path}.*", name, page, prefix + number, probed, above)
                if node is not None:
                    parts[f"{name}Key-{prefix}{number}"] = node
        return Node(shape, parts)

    def fill(self):
        """Give every leaf its values: unique names for strings, the shallowest path first."""
        labels, taken = {}, set()
        plain = [x for x in self.leaves if x.plain is None]
        for leaf in sorted(plain, key=lambda x: (x.path.count(".") + x.path.count("[]"), x.path)):
            if leaf.path in labels:
                continue
            words = [w.rstrip("[]") for w in leaf.path.split(".") if not w.startswith("*")]
            count = 1
            while "-".join(words[-count:]) in taken and count < len(words):
                count += 1
            label = "-".join(words[-count:])
            taken.add(label)
            labels[leaf.path] = label
        counter = 0
        for leaf in plain:
            if leaf.shape.type_name in ("integer", "long", "float", "double"):
                counter += 1
            leaf.plain = default(leaf, self.service, labels[leaf.path], counter)


def join(path, name):
    return f"{path}.{name}" if path else name


def many(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def page_of(value, page):
    if isinstance(value, dict) and set(value) == {"pages"}:
        return value["pages"][min(page, len(value["pages"]) - 1)]
    return value


def given_value(leaf, value, service):
    if isinstance(value, (dict, list)):
        value = json.dumps(value, separators=(",", ":"))
        if service == "iam" and leaf.name in POLICIES:
            value = urllib.parse.quote(value, safe="-_.~")
    kind = leaf.shape.type_name
    if kind == "timestamp":
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    if kind == "string" and not isinstance(value, str):
        raise Problem(f"{leaf.path}: a string is needed, not {value!r}")
    if kind == "boolean" and not isinstance(value, bool):
        raise Problem(f"{leaf.path}: true or false is needed, not {value!r}")
    if kind in ("integer", "long") and (isinstance(value, bool) or not isinstance(value, int)):
        raise Problem(f"{leaf.path}: a whole number is needed, not {value!r}")
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    return value


def changed(leaf, value):
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, (dict, list)):
        return {"changed": True}
    if leaf.shape.type_name == "timestamp":
        return T2
    if value in ("true", "false"):
        return "false" if value == "true" else "true"
    if isinstance(value, str) and value.isdigit():
        # An account number stays twelve digits long.
        return str(int(value) + 1).zfill(len(value))
    enum = getattr(leaf.shape, "enum", None)
    if enum:
        return other(enum, value)
    return value + "-alt"


def other(enum, value):
    rest = [e for e in enum if e != value]
    good = [e for e in rest if not any(w in e.lower() for w in AVOIDED)]
    return (good or rest or [value + "-alt"])[0]


def policy(service, number, action):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"S{number}",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": f"{ARN_SERVICES.get(service, service)}:{action}",
                "Resource": "*",
            }
        ],
    }


def default(leaf, service, label=None, counter=1):
    """The (value, alt) of a leaf that nothing is said about."""
    shape, number = leaf.shape, leaf.number
    name = leaf.name
    label = label or name
    kind = shape.type_name
    if kind == "boolean":
        first = not number.startswith("b")
        return first, not first
    if kind in ("integer", "long"):
        low = shape.metadata.get("min", 0)
        return max(counter, low), max(counter, low) + 1000
    if kind in ("float", "double"):
        return counter + 0.5, counter + 1000.5
    if kind == "timestamp":
        return T1, T2
    if kind == "blob":
        return f"{label}-{number}".encode(), f"{label}-{number}-alt".encode()
    if kind != "string":
        raise Problem(f"{leaf.path}: {kind} is not known")
    enum = getattr(shape, "enum", None)
    if enum:
        value = next((e for p in PREFERRED for e in enum if e.lower() == p), enum[0])
        return value, other(enum, value)
    upper = name[:1].upper() + name[1:]
    singular = upper[:-1] if upper.endswith("s") and not upper.endswith("ss") else upper
    lower = name.lower()
    if name in POLICIES:
        texts = [json.dumps(policy(service, number, a), separators=(",", ":")) for a in ("Get*", "List*")]
        if service == "iam":
            texts = [urllib.parse.quote(t, safe="-_.~") for t in texts]
        return tuple(texts)
    if name in JSON_TEXTS:
        return tuple(json.dumps({label: [f"{number}{s}"]}, separators=(",", ":")) for s in ("", "-alt"))
    words = [w.rstrip("[]") for w in leaf.path.split(".")]
    holder = words[-2] if len(words) > 1 else ""
    own = OWN_ARNS.get((service, holder, name)) or OWN_ARNS.get((service, "", name))
    if own:
        return tuple(arn(own, n) for n in (number, number + "-alt"))
    if service == "iam":
        if name in IAM_IDS:
            return tuple(IAM_IDS[name] + n.upper().rjust(17, "0") for n in (number, "A" + number))
    for each in () if service == "iam" else (upper, singular):
        if ID_PREFIXES.get(each):
            head = ID_PREFIXES[each]
            return f"{head}-{number.rjust(17, '0')}", f"{head}-a{number.rjust(16, '0')}"
    for each in (upper, singular):
        if each in ARNS:
            return tuple(arn(ARNS[each], n) for n in (number, number + "-alt"))
    if lower.endswith("arn") or lower.endswith("arns"):
        kind = label[0].lower() + label[1:]
        where = "" if service == "iam" else REGION
        head = f"arn:aws:{ARN_SERVICES.get(service, service)}:{where}:{ACCOUNT}:{kind}/x{number}"
        return head, head + "-alt"
    if lower in ACCOUNT_NAMES:
        return ACCOUNT, OTHER_ACCOUNT
    for each in (lower, singular.lower()):
        if each in FORMS and not (each == "path" and service != "iam"):
            if not number.startswith("b") or not leaf.path.endswith("[]"):
                return FORMS[each]
            return FORMS[each][1], FORMS[each][0]
    digits = str(int(number.replace("b", "1"), 10))
    if "cidr" in lower and "ipv6" in lower and not lower.endswith("id"):
        return tuple(c.format(n=digits) for c in CIDR6)
    if lower.endswith(("cidrblock", "cidr", "cidrip", "cidripv4", "ciderip")):
        return f"10.{digits}.0.0/16", f"10.1{digits}.0.0/16"
    if lower.endswith("cidripv6"):
        return tuple(c.format(n=digits) for c in CIDR6)
    if "ipv6address" in lower:
        return f"2001:db8::{digits}", f"2001:db8::a{digits}"
    if lower.endswith(("ipaddress", "privateip", "publicip", "carrierip", "customerownedip")):
        return f"10.0.{digits}.10", f"10.0.{digits}.11"
    return f"{label}-{number}", f"{label}-{number}-alt"


def arn(form, number):
    page = "".join(c for c in number.replace("-alt", "f") if c in "0123456789abcdef")
    return form.format(
        a=ACCOUNT, r=REGION, n=number, h=page.rjust(16, "0"), u=f"00000000-0000-4000-8000-{page.rjust(12, '0')}"
    )


# ---------------------------------------------------------------- encoding


def timestamp_text(when, form):
    if form == "rfc822":
        return when.strftime("%a, %d %b %Y %H:%M:%S GMT")
    if form == "unixtimestamp":
        return str(int(when.timestamp()))
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def form_of(shape, fallback):
    return shape.serialization.get("timestampFormat", fallback).lower()


def plain_text(shape, value, stamp):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return timestamp_text(value, form_of(shape, stamp))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def xml_value(leaf, value):
    return escape(plain_text(leaf.shape, value, "iso8601"))


def xml_attribute(leaf, value):
    return quoteattr(plain_text(leaf.shape, value, "iso8601"), {'"': "&quot;"})[1:-1]


def raw_value(leaf, value):
    return value.decode() if isinstance(value, bytes) else plain_text(leaf.shape, value, "iso8601")


def header_value(leaf, value):
    return plain_text(leaf.shape, value, "rfc822")


def json_value(leaf, value):
    if isinstance(value, datetime.datetime):
        form = form_of(leaf.shape, "unixtimestamp")
        text = timestamp_text(value, form)
        return text if form == "unixtimestamp" else json.dumps(text)
    if isinstance(value, bytes):
        value = base64.b64encode(value).decode()
    return json.dumps(value)


def cbor_value(leaf, value):
    if isinstance(value, datetime.datetime):
        return json.dumps({"$time": int(value.timestamp())})
    if isinstance(value, bytes):
        return json.dumps({"$bytes": base64.b64encode(value).decode()})
    return json.dumps(value)


class Writer:
    """Turns a page into a template, and notes how each leaf in it is encoded."""

    def __init__(self, leaves):
        self.index = {id(leaf): i for i, leaf in enumerate(leaves)}

    def hole(self, leaf, encode):
        leaf.encode = encode
        return "{{%d}}" % self.index[id(leaf)]

    # JSON and CBOR

    def json(self, node, encode):
        if isinstance(node, Leaf):
            return self.hole(node, encode)
        if node.presence is not None:
            return self.hole(node.presence, lambda _, there: "{}" if there else "null")
        if isinstance(node.parts, list):
            return "[" + ",".join(self.json(n, encode) for n in node.parts) + "]"
        is_map = node.shape is not None and node.shape.type_name == "map"
        rows = []
        for name, part in node.parts.items():
            key = name if is_map else node.shape.members[name].serialization.get("name", name)
            rows.append(f"{json.dumps(key)}:{self.json(part, encode)}")
        return "{" + ",".join(rows) + "}"

    # XML

    def element(self, node, name, xml):
        """One member as XML; `name` is the element's name."""
        if isinstance(node, Leaf):
            return f"<{name}>{self.hole(node, xml_value)}</{name}>"
        if node.presence is not None:
            return self.hole(node.presence, lambda _, there: f"<{name}></{name}>" if there else "")
        shape = node.shape
        if shape.type_name == "structure":
            attributes = ""
            space = shape.serialization.get("xmlNamespace")
            if isinstance(space, dict) and space.get("prefix"):
                attributes += f' xmlns:{space["prefix"]}={quoteattr(space["uri"])}'
            for member, part in node.parts.items():
                told = shape.members[member].serialization
                if told.get("xmlAttribute"):
                    attributes += f' {told["name"]}="{self.hole(part, xml_attribute)}"'
            return f"<{name}{attributes}>{self.inside(node, xml)}</{name}>"
        flat = shape.serialization.get("flattened")
        if shape.type_name == "list":
            told = shape.member.serialization.get("name")
            if flat:
                each = told or name
                return "".join(self.element(n, each, xml) for n in node.parts)
            each = told or "member"
            return f"<{name}>" + "".join(self.element(n, each, xml) for n in node.parts) + f"</{name}>"
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        entry = name if flat else "entry"
        rows = "".join(
            f"<{entry}><{key_name}>{escape(k)}</{key_name}>{self.element(v, value_name, xml)}</{entry}>"
            for k, v in node.parts.items()
        )
        return rows if flat else f"<{name}>{rows}</{name}>"

    def inside(self, node, xml):
        """The members of a structure, without its own element and its attributes and headers."""
        out = []
        for member, part in node.parts.items():
            told = node.shape.members[member].serialization
            if told.get("xmlAttribute") or told.get("location") in ("header", "headers", "statusCode"):
                continue
            out.append(self.element(part, told.get("name", member), xml))
        return "".join(out)

    def headers(self, node):
        found = {}
        for member, part in node.parts.items():
            told = node.shape.members[member].serialization
            if told.get("location") == "header":
                found[told["name"].lower()] = self.hole(part, header_value)
            elif told.get("location") in ("headers", "statusCode"):
                raise Problem(f"{node.shape.name}.{member}: location {told['location']} is not supported")
        return found


def render(service, model, operation, protocol, page, leaves):
    """(headers, encoding, body) of one page."""
    write = Writer(leaves)
    name = operation.name
    if protocol == "json":
        kind = "application/x-amz-json-" + model.metadata.get("jsonVersion", "1.0")
        return {"content-type": kind}, "text", write.json(page, json_value)
    if protocol == "smithy-rpc-v2-cbor":
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return headers, "cbor", write.json(page, cbor_value)
    space = model.metadata.get("xmlNamespace", "")
    if protocol == "query":
        told = operation.output_shape.serialization.get("resultWrapper") if operation.output_shape else None
        told = told or f"{name}Result"
        body = (
            f'<{name}Response xmlns="{space}"><{told}>{write.inside(page, "query")}</{told}>'
            f"<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></{name}Response>"
        )
        return {"content-type": "text/xml"}, "text", body
    if protocol == "ec2":
        body = (
            f'<{name}Response xmlns="{space}/"><requestId>00000000-0000-4000-8000-000000000000</requestId>'
            f'{write.inside(page, "ec2")}</{name}Response>'
        )
        return {"content-type": "text/xml;charset=UTF-8"}, "text", body
    headers = write.headers(page)
    payload = page.shape.serialization.get("payload") if page.shape is not None else None
    part = page.parts.get(payload) if payload else None
    if protocol == "rest-json":
        if payload:
            body = write.hole(part, raw_value) if isinstance(part, Leaf) else write.json(part, json_value)
        else:
            inner = {
                m: n for m, n in page.parts.items() if not page.shape.members[m].serialization.get("location")
            }
            body = write.json(Node(page.shape, inner), json_value)
        return {"content-type": "application/json", **headers}, "text", body
    if protocol == "rest-xml":
        if isinstance(part, Leaf):
            return {"content-type": "application/json", **headers}, "text", write.hole(part, raw_value)
        headers = {"content-type": "application/xml", **headers}
        if service == "s3" and name == "GetBucketLocation":
            hole = write.hole(page.parts["LocationConstraint"], xml_value)
            body = f'<LocationConstraint xmlns="{S3_NAMESPACE}">{hole}</LocationConstraint>'
        elif part is not None:
            body = write.element(part, page.shape.members[payload].serialization.get("name", payload), "rest-xml")
        else:
            bodied = [m for m in page.parts if not page.shape.members[m].serialization.get("location")]
            if not bodied:
                return headers, "text", ""
            root = S3_ROOTS.get(name) if service == "s3" else f"{name}Response"
            if root is None:
                raise Problem(f"s3.{name}: its root element is not known: add it to S3_ROOTS")
            body = f'<{root} xmlns="{S3_NAMESPACE}">{write.inside(page, "rest-xml")}</{root}>'
        return headers, "text", '<?xml version="1.0" encoding="UTF-8"?>\n' + body
    raise Problem(f"{service}: protocol {protocol} is not supported")


# ---------------------------------------------------------------- one service


TOKENS_OUT = ["NextContinuationToken", "NextToken", "nextToken", "NextMarker", "Marker", "NextPageToken"]
TOKENS_IN = ["ContinuationToken", "NextToken", "nextToken", "Marker", "PageToken"]
MORE = ["IsTruncated", "Truncated"]

# Pages that begin after the last name of the one before. The names of the first page hold the token (overrides.json).
BY_LAST_NAME = {
    "firehose.ListDeliveryStreams": {"result_key": "DeliveryStreamNames", "more_results": "HasMoreDeliveryStreams"},
    "firehose.ListTagsForDeliveryStream": {"result_key": "Tags", "more_results": "HasMoreTags"},
    "kinesis.ListTagsForStream": {"result_key": "Tags", "more_results": "HasMoreTags"},
}


def paginator_of(session, service, operation):
    """botocore's paginator, or a guess for a paged operation that botocore has none for."""
    try:
        told = session.get_component("data_loader").load_service_model(service, "paginators-1")
    except botocore.exceptions.DataNotFoundError:
        told = {"pagination": {}}
    if operation.name in told["pagination"]:
        return told["pagination"][operation.name]
    if by_name := BY_LAST_NAME.get(f"{service}.{operation.name}"):
        return by_name | {"output_token": []}
    out, inp = operation.output_shape, operation.input_shape
    if out is None or inp is None:
        return None
    token = next((t for t in TOKENS_OUT if t in out.members), None)
    if token is None or not any(t in inp.members for t in TOKENS_IN):
        return None
    return {
        "output_token": token,
        "result_key": [m for m, s in out.members.items() if s.type_name == "list"],
        "more_results": next((m for m in MORE if m in out.members), None),
    }


class Service:
    def __init__(self, session, name, operations, overrides):
        self.name = name
        self.model = session.get_service_model(name)
        self.protocol = PROTOCOLS.get(name) or self.model.metadata["protocol"]
        self.operations = {}
        for each in operations:
            operation = self.model.operation_model(each)
            paginator = paginator_of(session, name, operation)
            builder = Builder(name, operation, overrides, paginator)
            pages = builder.build()
            rendered = [render(name, self.model, operation, self.protocol, p, builder.leaves) for p in pages]
            # A leaf without an encoding is in no page: nothing of that kind should be left.
            lost = [x.path for x in builder.leaves if x.encode is None]
            if lost:
                raise Problem(f"{name}.{each}: these leaves are in no template: {lost}")
            self.operations[each] = (operation, builder, pages, rendered)
        shared = set().union(*(b.shared_used for _, b, _, _ in self.operations.values()))
        unused = set(overrides.get(f"{name}.*", {})) - shared
        if unused:
            raise Problem(f"{name}.*: overrides that match nothing: {sorted(unused)}")

    def text(self):
        head = {"service": self.name, "protocol": self.protocol}
        out = ["{", f'"protocol": {json.dumps(head["protocol"])},', f'"service": {json.dumps(self.name)},', '"operations": {']
        blocks = []
        for each, (operation, builder, _, rendered) in sorted(self.operations.items()):
            status = operation.http.get("responseCode", 200)
            pages = ",\n".join(
                "  " + dump({"status": status, "headers": h, "encoding": e, "body": b}) for h, e, b in rendered
            )
            leaves = ",\n".join("  " + dump(row(leaf)) for leaf in builder.leaves)
            blocks.append(f'{json.dumps(each)}: {{"pages": [\n{pages}\n ], "leaves": [\n{leaves}\n ]}}')
        return "\n".join(out) + "\n" + ",\n".join(blocks) + "\n}}\n"


def row(leaf):
    value, alt = (leaf.encode(leaf, v) for v in leaf.plain)
    return {
        "path": leaf.path,
        "page": leaf.page,
        "value": value,
        "alt": alt,
        "kind": leaf.kind,
        "token": leaf.token,
        "probe": leaf.probe,
    }


def dump(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# ---------------------------------------------------------------- the selftest


def cbor(value):
    """A small CBOR encoder for what a template can hold."""

    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        for code, width, form in ((24, 256, ">B"), (25, 1 << 16, ">H"), (26, 1 << 32, ">I"), (27, 1 << 64, ">Q")):
            if n < width:
                return bytes([major << 5 | code]) + struct.pack(form, n)
        raise Problem("number too large")

    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(cbor(v) for v in value)
    if set(value) == {"$time"}:
        return head(6, 1) + cbor(value["$time"])
    if set(value) == {"$bytes"}:
        raw = base64.b64decode(value["$bytes"])
        return head(2, len(raw)) + raw
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def expected(node, which, service):
    if isinstance(node, Leaf):
        return node.plain[which]
    if node.presence is not None:
        return {} if node.presence.plain[which] else None
    if isinstance(node.parts, list):
        return [expected(n, which, service) for n in node.parts]
    return {k: expected(v, which, service) for k, v in node.parts.items()}


def differences(want, got, path=""):
    if isinstance(want, dict):
        got = got if isinstance(got, dict) else {}
        for key, value in want.items():
            if value is None and not got.get(key):
                continue
            yield from differences(value, got.get(key), join(path, key))
    elif isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            yield f"{path}: {len(want)} elements wanted, got {got!r}"
            return
        for w, g in zip(want, got):
            yield from differences(w, g, path + "[]")
    elif isinstance(want, datetime.datetime):
        if not isinstance(got, datetime.datetime) or abs((got - want).total_seconds()) > 0.5:
            yield f"{path}: {want!r} wanted, got {got!r}"
    elif want != got or type(want) is not type(got):
        yield f"{path}: {want!r} wanted, got {got!r}"


def selftest(service):
    """Every page, with its values and with all its alternatives, through botocore's parser."""
    import re

    problems, parsed, seen = [], 0, 0
    parser = botocore.parsers.ResponseParserFactory().create_parser(service.protocol)
    text = json.loads(service.text())
    for name, (operation, builder, pages, _) in service.operations.items():
        told = text["operations"][name]
        for number, (page, tree) in enumerate(zip(told["pages"], pages)):
            for which, key in ((0, "value"), (1, "alt")):
                fill = lambda s: re.sub(r"\{\{(\d+)\}\}", lambda m: told["leaves"][int(m[1])][key], s)
                body = fill(page["body"])
                raw = cbor(json.loads(body)) if page["encoding"] == "cbor" else body.encode()
                headers = botocore.awsrequest.HeadersDict({k: fill(v) for k, v in page["headers"].items()})
                want = expected(tree, which, service.name)
                if (service.name, name) == ("s3", "GetBucketLocation"):
                    # botocore reads this one in a handler, not in its parser.
                    got = {"LocationConstraint": re.search(r">([^<]*)</LocationConstraint>", body)[1]}
                else:
                    answer = {"status_code": page["status"], "headers": headers, "body": raw}
                    got = parser.parse(answer, operation.output_shape)
                parsed += 1
                problems += [f"{service.name}.{name} page {number} {key}: {d}" for d in differences(want, got)]
        used = {int(n) for p in told["pages"] for n in re.findall(r"\{\{(\d+)\}\}", p["body"] + "".join(p["headers"].values()))}
        if used != set(range(len(told["leaves"]))):
            problems.append(f"{service.name}.{name}: leaves that no template uses")
        for i, leaf in enumerate(told["leaves"]):
            seen += 1
            if leaf["value"] == leaf["alt"]:
                problems.append(f"{service.name}.{name}: {leaf['path']}: value and alt are the same")
        with_token = [i for i, p in enumerate(told["pages"]) if any(
            x["token"] and x["page"] == i and TOKEN in x["value"] for x in told["leaves"])]
        if len(told["pages"]) == 2 and with_token != [0]:
            problems.append(f"{service.name}.{name}: the page token is on pages {with_token}, not on the first only")
    return problems, parsed, seen


CRATES = {
    "application-autoscaling": "applicationautoscaling", "cognito-idp": "cognitoidentityprovider",
    "elb": "elasticloadbalancing", "elbv2": "elasticloadbalancingv2", "events": "eventbridge",
    "logs": "cloudwatchlogs", "stepfunctions": "sfn",
}


def unknown_to_sdk(session, wanted):
    """The members of our answers whose name is nowhere in the SDK crate that Cargo.lock pins."""
    import os
    import re

    lock = (HERE.parent.parent / "Cargo.lock").read_text()
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    found = {}
    for service, operations in wanted.items():
        crate = "aws-sdk-" + CRATES.get(service, service)
        version = re.search(rf'name = "{crate}"\nversion = "([^"]+)"', lock)[1]
        sources = next(iter(home.glob(f"registry/src/*/{crate}-{version}/src")), None)
        if sources is None:
            raise Problem(f"the sources of {crate} {version} are not in {home}")
        # Names without their underscores, per source file: a shape's own file where there is one.
        everywhere, files = set(), {}
        for path in [*sources.glob("types/*.rs"), *sources.glob("operation/*/*output.rs")]:
            text = path.read_text()
            names = {m.replace("_", "") for m in re.findall(r"pub (?:r#)?(\w+):", text)}
            names |= {m.lower() for m in re.findall(r"^    ([A-Z]\w+)\(", text, re.M)}
            files[path.stem.replace("_", "")] = names
            everywhere |= names
        model, seen, missing = session.get_service_model(service), set(), set()

        def walk(shape):
            if shape is None or shape.name in seen:
                return
            seen.add(shape.name)
            known = files.get(outputs.get(shape.name, shape.name).lower(), everywhere)
            for name, member in shape.members.items() if shape.type_name == "structure" else ():
                flat = name.lower().replace("_", "")
                if flat not in known and flat + "value" not in known:
                    missing.add(f"{shape.name}.{name}")
                walk(member)
            if shape.type_name == "list":
                walk(shape.member)
            if shape.type_name == "map":
                walk(shape.value)

        shapes = {each: model.operation_model(each).output_shape for each in operations}
        outputs = {shape.name: f"{each}Output" for each, shape in shapes.items() if shape is not None}
        for shape in shapes.values():
            walk(shape)
        if missing:
            found[service] = sorted(missing)
    return found


def read_operations():
    found = {}
    for line in (HERE / "operations.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            service, operation = line.split()
            found.setdefault(service, []).append(operation)
    return found


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("services", nargs="*", help="only these boto services")
    args.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file differs")
    args.add_argument("--selftest", action="store_true", help="write nothing; parse the answers back")
    args.add_argument("--sdk", action="store_true", help="print what the SDK crates do not know; exit 1 if overrides.json differs")
    args = args.parse_args()
    overrides = json.loads((HERE / "overrides.json").read_text())
    session = botocore.session.get_session()
    wanted = read_operations()
    if args.sdk:
        found = unknown_to_sdk(session, wanted)
        print(json.dumps(found, indent=1, sort_keys=True))
        return int(found != overrides.get("$unknownToSdk", {}))
    for key in overrides:
        if key.startswith("$"):
            continue
        service, operation = key.split(".")
        if operation != "*" and operation not in wanted.get(service, []):
            sys.exit(f"answers: overrides.json names {key}, which is not in operations.txt")
    bad = 0
    for name in sorted(args.services or wanted):
        try:
            service = Service(session, name, wanted[name], overrides)
            text = service.text()
        except Problem as problem:
            sys.exit(f"answers: {problem}")
        path = OUT / f"{name}.json"
        if args.selftest:
            problems, parsed, seen = selftest(service)
            print(f"{name}: {len(service.operations)} operations, {parsed} pages parsed, {seen} leaves, {len(problems)} problems")
            for problem in problems[:40]:
                print(f"  {problem}")
            bad += len(problems)
        elif args.check:
            if not path.is_file() or path.read_text() != text:
                print(f"{path} differs", file=sys.stderr)
                bad += 1
        else:
            OUT.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"{path}: {len(service.operations)} operations, {len(text)} bytes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
