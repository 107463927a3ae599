#!/usr/bin/env python3
"""Uses and changes the landing zone that seed.py made, for tests and the demo.

`use` touches the data plane only: messages, objects, items, alarms that fire, restarts, reads of secrets. A
comparison must stay silent. `change` changes one thing of each kind that a comparison must find, and prints what
as JSON: type, part of the id, start of the path. `tag` sets a tag on one resource of every type that has tags, and
prints the types. `demo` makes the few differences that the demo shows.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from seed_common import ACCOUNT, Account, allow, compact, package, trust_of  # noqa: E402

REGION = "eu-west-1"


class Drift:
    def __init__(self, endpoint: str, prefix: str) -> None:
        self.at, self.prefix = Account(endpoint, prefix, ACCOUNT), prefix
        self.changed: list[dict[str, str]] = []

    def client(self, service: str) -> Any:
        return self.at.client(service, REGION)

    def found(self, kind: str, part_of_id: str, path: str, security: str = "") -> None:
        self.changed.append({"type": kind, "id": part_of_id, "path": path, "security": security})

    def bucket(self, kind: str) -> str:
        return f"{self.prefix}-{kind}-{ACCOUNT}-{REGION}"

    def queue(self, name: str) -> str:
        return self.client("sqs").get_queue_url(QueueName=f"{self.prefix}-{name}")["QueueUrl"]

    def instance(self) -> str:
        ec2 = self.client("ec2")
        named = [{"Name": "tag:Name", "Values": [f"{self.prefix}-app-1"]}]
        return ec2.describe_instances(Filters=named)["Reservations"][0]["Instances"][0]["InstanceId"]

    def group(self, name: str) -> str:
        named = [{"Name": "group-name", "Values": [f"{self.prefix}-{name}"]}]
        return self.client("ec2").describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"]

    def administrator(self, role: str) -> None:
        """Lets a role do anything. The emulator knows no policies of AWS, so it is one of the account's own."""
        iam = self.client("iam")
        policy = iam.create_policy(PolicyName=f"{self.prefix}-administrator", PolicyDocument=allow("*"))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=role, PolicyArn=policy)

    def use(self) -> None:
        for _ in range(3):
            self.client("sqs").send_message(QueueUrl=self.queue("jobs"), MessageBody="work")
        self.client("sqs").receive_message(QueueUrl=self.queue("jobs"))
        self.client("sns").publish(
            TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{self.prefix}-alerts", Message="something happened"
        )
        s3 = self.client("s3")
        # The policy of the data bucket wants TLS, which the emulator does not speak.
        for kind in ("logs", "web"):
            s3.put_object(Bucket=self.bucket(kind), Key="some/object", Body=b"content")
        item = {"pk": {"S": "1"}, "customer": {"S": "2"}}
        self.client("dynamodb").put_item(TableName=f"{self.prefix}-orders", Item=item)
        watch = self.client("cloudwatch")
        for state in ("ALARM", "OK", "ALARM"):
            watch.set_alarm_state(AlarmName=f"{self.prefix}-cpu", StateValue=state, StateReason="test")
        ec2 = self.client("ec2")
        ec2.stop_instances(InstanceIds=[self.instance()])
        ec2.start_instances(InstanceIds=[self.instance()])
        ec2.reboot_instances(InstanceIds=[self.instance()])
        self.client("secretsmanager").get_secret_value(SecretId=f"{self.prefix}/db")
        self.client("ssm").get_parameter(Name=f"/{self.prefix}/db-password", WithDecryption=True)
        logs = self.client("logs")
        logs.create_log_stream(logGroupName=f"/{self.prefix}/app", logStreamName="one")
        logs.put_log_events(
            logGroupName=f"/{self.prefix}/app",
            logStreamName="one",
            logEvents=[{"timestamp": 1_700_000_000_000, "message": "line"}],
        )
        self.client("sts").get_caller_identity()

    def change(self) -> None:
        self.identities()
        self.buckets()
        self.regional()

    def identities(self) -> None:
        iam, prefix = self.client("iam"), self.prefix
        self.administrator(f"{prefix}-lambda")
        self.found("AWS::IAM::Role", f"{prefix}-lambda", "properties.ManagedPolicyArns", "policy")
        iam.put_role_policy(RoleName=f"{prefix}-flow", PolicyName="inline", PolicyDocument=allow("logs:*", "s3:*"))
        self.found("AWS::IAM::Role", f"{prefix}-flow", "properties.Policies[inline].PolicyDocument", "policy")
        trust = json.loads(trust_of("events.amazonaws.com"))
        trust["Statement"][0]["Principal"] = {"AWS": "*"}
        iam.update_assume_role_policy(RoleName=f"{prefix}-events", PolicyDocument=compact(trust))
        self.found("AWS::IAM::Role", f"{prefix}-events", "properties.AssumeRolePolicyDocument", "trust")
        iam.create_access_key(UserName=f"{prefix}-ci")
        self.found("AWS::IAM::User", f"{prefix}-ci", "properties.accessKeys", "credentials")
        key = iam.create_access_key(UserName=f"{prefix}-alice")["AccessKey"]["AccessKeyId"]
        iam.update_access_key(UserName=f"{prefix}-alice", AccessKeyId=key, Status="Inactive")
        self.found("AWS::IAM::User", f"{prefix}-alice", "properties.accessKeys", "credentials")
        first = iam.list_access_keys(UserName=f"{prefix}-ci")["AccessKeyMetadata"][0]["AccessKeyId"]
        iam.update_access_key(UserName=f"{prefix}-ci", AccessKeyId=first, Status="Inactive")
        iam.add_user_to_group(UserName=f"{prefix}-bob", GroupName=f"{prefix}-developers")
        self.found("AWS::IAM::User", f"{prefix}-bob", "properties.Groups", "policy")

    def buckets(self) -> None:
        s3 = self.client("s3")
        web, data = self.bucket("web"), self.bucket("data")
        everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{web}/*"}
        s3.put_bucket_policy(Bucket=web, Policy=compact({"Version": "2012-10-17", "Statement": [everybody]}))
        self.found("AWS::S3::Bucket", web, "properties.bucketPolicy", "policy")
        s3.delete_public_access_block(Bucket=data)
        self.found("AWS::S3::Bucket", data, "properties.PublicAccessBlockConfiguration", "public-access")
        rules = s3.get_bucket_lifecycle_configuration(Bucket=data)["Rules"]
        rules.append({"ID": "gone", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}})
        s3.put_bucket_lifecycle_configuration(Bucket=data, LifecycleConfiguration={"Rules": rules})
        self.found("AWS::S3::Bucket", data, "properties.LifecycleConfiguration")
        s3.delete_bucket_encryption(Bucket=web)
        self.found("AWS::S3::Bucket", web, "properties.BucketEncryption", "encryption")
        other = f"{self.prefix}-data-{ACCOUNT}-us-east-1"
        self.at.client("s3", "us-east-1").put_bucket_versioning(
            Bucket=other, VersioningConfiguration={"Status": "Suspended"}
        )
        self.found("AWS::S3::Bucket", other, "properties.VersioningConfiguration")

    def regional(self) -> None:
        prefix = self.prefix
        kms = self.client("kms")
        key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == f"alias/{prefix}-logs")
        kms.disable_key(KeyId=key)
        self.found("AWS::KMS::Key", key, "properties.Enabled")
        self.client("events").disable_rule(Name=f"{prefix}-nightly")
        self.found("AWS::Events::Rule", f"{prefix}-nightly", "properties.State")
        self.client("ec2").authorize_security_group_ingress(
            GroupId=self.group("app"),
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "just for today"}],
                }
            ],
        )
        self.found("AWS::EC2::SecurityGroup", self.group("app"), "properties.SecurityGroupIngress", "ingress")
        functions = self.client("lambda")
        functions.update_function_code(FunctionName=f"{prefix}-worker", ZipFile=package("def handler(e, c): ...\n"))
        self.found("AWS::Lambda::Function", f"{prefix}-worker", "properties.")
        functions.update_function_configuration(
            FunctionName=f"{prefix}-api", Environment={"Variables": {"STAGE": "other", "API_TOKEN": "SEEDSECRET-new"}}
        )
        self.found("AWS::Lambda::Function", f"{prefix}-api", "properties.Environment")
        role = f"arn:aws:iam::{ACCOUNT}:role/{prefix}/{prefix}-deploy"
        functions.update_function_configuration(FunctionName=f"{prefix}-audit", Role=role)
        self.found("AWS::Lambda::Function", f"{prefix}-audit", "properties.Role", "role")
        watch = self.client("cloudwatch")
        alarm = watch.describe_alarms(AlarmNames=[f"{prefix}-errors"])["MetricAlarms"][0]
        kept = ("AlarmName", "AlarmDescription", "MetricName", "Namespace", "Dimensions", "Statistic", "Period")
        kept += ("EvaluationPeriods", "ComparisonOperator", "AlarmActions")
        watch.put_metric_alarm(**{name: alarm[name] for name in kept}, Threshold=99.0)
        self.found("AWS::CloudWatch::Alarm", f"{prefix}-errors", "properties.Threshold")
        self.client("dynamodb").update_table(
            TableName=f"{prefix}-sessions",
            BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
        self.found("AWS::DynamoDB::Table", f"{prefix}-sessions", "properties.BillingMode")
        self.client("sqs").set_queue_attributes(
            QueueUrl=self.queue("mail.fifo"), Attributes={"VisibilityTimeout": "120"}
        )
        self.found("AWS::SQS::Queue", f"{prefix}-mail.fifo", "properties.VisibilityTimeout")

    def tag(self) -> list[str]:
        prefix, pair = self.prefix, {"Key": "Seen", "Value": "yes"}
        arn = lambda service, rest: f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"  # noqa: E731
        done: list[str] = []
        done += self.tag_identities([pair])
        done += self.tag_network([pair])
        bucket = self.bucket("logs")
        self.client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": self.at.tags("logs") + [pair]})
        functions = self.client("lambda")
        functions.tag_resource(Resource=arn("lambda", f"function:{prefix}-worker"), Tags={"Seen": "yes"})
        self.client("logs").tag_log_group(logGroupName=f"/{prefix}/app", tags={"Seen": "yes"})
        self.client("cloudwatch").tag_resource(ResourceARN=arn("cloudwatch", f"alarm:{prefix}-cpu"), Tags=[pair])
        self.client("dynamodb").tag_resource(ResourceArn=arn("dynamodb", f"table/{prefix}-orders"), Tags=[pair])
        self.client("sqs").tag_queue(QueueUrl=self.queue("jobs"), Tags={"Seen": "yes"})
        self.client("sns").tag_resource(ResourceArn=arn("sns", f"{prefix}-alerts"), Tags=[pair])
        kms = self.client("kms")
        key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == f"alias/{prefix}-data")
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Seen", "TagValue": "yes"}])
        self.client("secretsmanager").tag_resource(SecretId=f"{prefix}/db", Tags=[pair])
        self.client("ssm").add_tags_to_resource(
            ResourceType="Parameter", ResourceId=f"/{prefix}/log-level", Tags=[pair]
        )
        rds = self.client("rds")
        for part in (
            f"db:{prefix}-main",
            f"cluster:{prefix}-aurora",
            f"subgrp:{prefix}-data",
            f"snapshot:{prefix}-main-before-upgrade",
        ):
            rds.add_tags_to_resource(ResourceName=arn("rds", part), Tags=[pair])
        events = self.client("events")
        events.tag_resource(ResourceARN=arn("events", f"rule/{prefix}-nightly"), Tags=[pair])
        events.tag_resource(ResourceARN=arn("events", f"event-bus/{prefix}-orders"), Tags=[pair])
        elb = self.client("elbv2")
        balancer = elb.describe_load_balancers(Names=[f"{prefix}-app"])["LoadBalancers"][0]["LoadBalancerArn"]
        target = elb.describe_target_groups(Names=[f"{prefix}-app"])["TargetGroups"][0]["TargetGroupArn"]
        elb.add_tags(ResourceArns=[balancer, target], Tags=[pair])
        group = {"ResourceId": f"{prefix}-web", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
        self.client("autoscaling").create_or_update_tags(Tags=[pair | group])
        done += [
            "AWS::S3::Bucket",
            "AWS::Lambda::Function",
            "AWS::Logs::LogGroup",
            "AWS::CloudWatch::Alarm",
            "AWS::DynamoDB::Table",
            "AWS::SQS::Queue",
            "AWS::SNS::Topic",
            "AWS::KMS::Key",
            "AWS::SecretsManager::Secret",
            "AWS::SSM::Parameter",
            "AWS::RDS::DBInstance",
            "AWS::RDS::DBCluster",
            "AWS::RDS::DBSubnetGroup",
            "AWS::RDS::DBSnapshot",
            "AWS::Events::Rule",
            "AWS::Events::EventBus",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "AWS::AutoScaling::AutoScalingGroup",
        ]
        return done

    def tag_identities(self, tags: list[dict[str, str]]) -> list[str]:
        iam, prefix = self.client("iam"), self.prefix
        iam.tag_role(RoleName=f"{prefix}-lambda", Tags=tags)
        iam.tag_user(UserName=f"{prefix}-alice", Tags=tags)
        iam.tag_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{prefix}/{prefix}-deploy", Tags=tags)
        iam.tag_instance_profile(InstanceProfileName=f"{prefix}-instance", Tags=tags)
        provider = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"][0]["Arn"]
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=provider, Tags=tags)
        return [f"AWS::IAM::{kind}" for kind in ("Role", "User", "ManagedPolicy", "InstanceProfile", "OIDCProvider")]

    def tag_network(self, tags: list[dict[str, str]]) -> list[str]:
        ec2 = self.client("ec2")
        lists = {
            "VPC": ("describe_vpcs", "Vpcs", "VpcId"),
            "Subnet": ("describe_subnets", "Subnets", "SubnetId"),
            "SecurityGroup": ("describe_security_groups", "SecurityGroups", "GroupId"),
            "RouteTable": ("describe_route_tables", "RouteTables", "RouteTableId"),
            "InternetGateway": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
            "NetworkAcl": ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
            "NatGateway": ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
            "EIP": ("describe_addresses", "Addresses", "AllocationId"),
            "Volume": ("describe_volumes", "Volumes", "VolumeId"),
            "NetworkInterface": ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
            "KeyPair": ("describe_key_pairs", "KeyPairs", "KeyPairId"),
            "LaunchTemplate": ("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
            "VPCEndpoint": ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
            "FlowLog": ("describe_flow_logs", "FlowLogs", "FlowLogId"),
            "VPCPeeringConnection": (
                "describe_vpc_peering_connections",
                "VpcPeeringConnections",
                "VpcPeeringConnectionId",
            ),
        }
        ids = [self.instance()]
        for operation, member, name in lists.values():
            ours = [{"Name": "tag:Owner", "Values": ["platform-team"]}]
            argument = "Filter" if operation in ("describe_flow_logs", "describe_nat_gateways") else "Filters"
            answer = getattr(ec2, operation)(**{argument: ours})[member]
            ids.append(answer[0][name])
        ids.append(ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"])
        ids.append(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"][0]["SnapshotId"])
        ec2.create_tags(Resources=ids, Tags=tags)
        # The emulator keeps tags that a launch template gets later, but does not tell them.
        told = [kind for kind in lists if kind != "LaunchTemplate"]
        return [f"AWS::EC2::{kind}" for kind in ("Instance", "Image", "Snapshot", *told)]

    def demo(self) -> None:
        """What happens in a week: an open port, a forgotten queue, a role that may do anything, a retired user."""
        self.client("ec2").authorize_security_group_ingress(
            GroupId=self.group("app"),
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "just for today"}],
                }
            ],
        )
        self.client("sqs").create_queue(QueueName="temporary", tags={"Owner": "ann"})
        self.administrator(f"{self.prefix}-lambda")
        self.client("lambda").update_function_configuration(FunctionName=f"{self.prefix}-api", MemorySize=1024)
        self.client("sns").delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{self.prefix}-orders")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("use", "change", "tag", "demo"))
    parser.add_argument("--endpoint", required=True, help="address of the emulator")
    parser.add_argument("--prefix", default="landing", help="start of all names")
    options = parser.parse_args()
    drift = Drift(options.endpoint, options.prefix)
    told = getattr(drift, options.what)()
    print(json.dumps(told if told is not None else drift.changed))


if __name__ == "__main__":
    main()
