"""Tests of the emulator itself: run with `python -m unittest discover -s tests/emulator`.

An emulator that fails to refuse, or that spoils an answer in a form no SDK understands, would make the tests
of the tool pass for the wrong reason. boto3 stands in for the tool here: it parses each protocol on its own.
"""

from __future__ import annotations

import datetime
import http.client
import io
import json
import signal
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import cbor  # noqa: E402

REGION = "eu-west-1"
_CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=20)


def start(*options: str, stdin: int | None = subprocess.PIPE) -> tuple[subprocess.Popen[bytes], str]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "launcher.py"), *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout
    ready = json.loads(process.stdout.readline())
    assert ready["pid"] == process.pid
    return process, ready["url"]


class WithEmulator(unittest.TestCase):
    """One emulator for all tests of a class, emptied before each."""

    process: subprocess.Popen[bytes]
    url: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.process, cls.url = start()

    @classmethod
    def tearDownClass(cls) -> None:
        assert cls.process.stdin and cls.process.stdout
        cls.process.stdin.close()
        cls.process.wait(5)
        cls.process.stdout.close()

    def setUp(self) -> None:
        self.control("POST", "reset")

    def control(self, method: str, name: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{name}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def client(self, service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="AKIATESTTESTTESTTEST",
            aws_secret_access_key="test",
            config=_CONFIG,
        )

    def refused(self, code: str, function: Any, **arguments: Any) -> str:
        """Asserts that a call is refused with this code; gives the message."""
        with self.assertRaises(ClientError) as caught:
            function(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return str(caught.exception.response["Error"]["Message"])

    def network(self) -> tuple[Any, str, str, str]:
        """A client, a VPC, a subnet and a security group."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
        return ec2, vpc, subnet, group


class Refusals(WithEmulator):
    def test_instance_blocks_subnet_and_group_until_terminated(self) -> None:
        ec2, vpc, subnet, group = self.network()
        instance = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])
        identifier = instance["Instances"][0]["InstanceId"]
        message = self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
        self.assertEqual(message, f"The subnet '{subnet}' has dependencies and cannot be deleted.")
        self.assertIn(group, self.refused("DependencyViolation", ec2.delete_security_group, GroupId=group))

        ec2.terminate_instances(InstanceIds=[identifier])
        states = []
        for _ in range(4):
            if len(states) < 3:
                self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
            found = ec2.describe_instances(InstanceIds=[identifier])
            states.append(found["Reservations"][0]["Instances"][0]["State"]["Name"])
        self.assertEqual(states, ["shutting-down"] * 3 + ["terminated"])
        ec2.delete_security_group(GroupId=group)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_vpc(VpcId=vpc)

    def test_nat_gateway_holds_subnet_address_and_internet_gateway(self) -> None:
        ec2, vpc, subnet, _ = self.network()
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        for _ in range(3):
            self.refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=address)
            self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
            text = self.refused(
                "DependencyViolation", ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc
            )
            self.assertIn(f"Network {vpc} has some mapped public address(es)", text)
            ec2.delete_nat_gateway(NatGatewayId=nat)
            self.assertEqual(ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"], "deleting")
        self.assertEqual(ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"], "deleted")
        ec2.release_address(AllocationId=address)
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2.delete_subnet(SubnetId=subnet)

    def test_services_hold_subnet_and_group(self) -> None:
        ec2, vpc, subnet, group = self.network()
        other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=f"{REGION}b")["Subnet"][
            "SubnetId"
        ]
        elb, rds, functions = self.client("elbv2"), self.client("rds"), self.client("lambda")

        def held() -> None:
            self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
            self.refused("DependencyViolation", ec2.delete_security_group, GroupId=group)

        balancer = elb.create_load_balancer(Name="b", Subnets=[subnet, other], SecurityGroups=[group])["LoadBalancers"][
            0
        ]
        held()
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])

        endpoint = ec2.create_vpc_endpoint(
            VpcId=vpc, VpcEndpointType="Interface", ServiceName="ssm", SubnetIds=[subnet], SecurityGroupIds=[group]
        )["VpcEndpoint"]["VpcEndpointId"]
        held()
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        for _ in range(3):
            held()
            self.assertEqual(
                ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["State"], "deleting"
            )

        rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="g", SubnetIds=[subnet, other])
        rds.create_db_instance(
            DBInstanceIdentifier="d", DBInstanceClass="db.t3.micro", Engine="mysql", MasterUsername="a",
            MasterUserPassword="password", DBSubnetGroupName="g", VpcSecurityGroupIds=[group],
        )  # fmt: skip
        rds.delete_db_instance(DBInstanceIdentifier="d", SkipFinalSnapshot=True)
        self.refused("InvalidDBInstanceState", rds.delete_db_instance, DBInstanceIdentifier="d", SkipFinalSnapshot=True)
        for _ in range(3):
            held()
            self.refused("InvalidDBSubnetGroupStateFault", rds.delete_db_subnet_group, DBSubnetGroupName="g")
            self.assertEqual(rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"], "deleting")
        self.assertEqual(rds.describe_db_instances()["DBInstances"], [])
        rds.delete_db_subnet_group(DBSubnetGroupName="g")

        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.py", "")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = self.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        functions.create_function(
            FunctionName="f", Runtime="python3.12", Role=role, Handler="index.handler", Code={"ZipFile": package.getvalue()},
            VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
        )  # fmt: skip
        eni = ec2.describe_network_interfaces()["NetworkInterfaces"][0]
        self.assertEqual((eni["InterfaceType"], eni["RequesterManaged"]), ("lambda", True))
        held()
        functions.delete_function(FunctionName="f")
        for _ in range(3):
            self.assertEqual(len(ec2.describe_network_interfaces()["NetworkInterfaces"]), 1)
        self.assertEqual(ec2.describe_network_interfaces()["NetworkInterfaces"], [])
        ec2.delete_security_group(GroupId=group)
        ec2.delete_subnet(SubnetId=subnet)

    def test_groups_that_refer_to_each_other(self) -> None:
        ec2, vpc, _, first = self.network()
        second = ec2.create_security_group(GroupName="db", Description="db", VpcId=vpc)["GroupId"]
        rule = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": first}]}]
        ec2.authorize_security_group_ingress(GroupId=second, IpPermissions=rule)
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=first)
        ec2.revoke_security_group_ingress(GroupId=second, IpPermissions=rule)
        ec2.delete_security_group(GroupId=first)
        groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
        default = next(group["GroupId"] for group in groups if group["GroupName"] == "default")
        self.refused("CannotDelete", ec2.delete_security_group, GroupId=default)

    def test_identities(self) -> None:
        iam = self.client("iam")
        document = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        )
        policy = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
        iam.create_user(UserName="u")
        iam.create_group(GroupName="g")
        iam.add_user_to_group(UserName="u", GroupName="g")
        iam.attach_group_policy(GroupName="g", PolicyArn=policy)
        key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
        iam.create_login_profile(UserName="u", Password="Secret-123")
        self.refused("DeleteConflict", iam.delete_policy, PolicyArn=policy)
        self.assertIn("users", self.refused("DeleteConflict", iam.delete_group, GroupName="g"))
        self.assertIn("login", self.refused("DeleteConflict", iam.delete_user, UserName="u"))
        iam.delete_login_profile(UserName="u")
        self.assertIn("access keys", self.refused("DeleteConflict", iam.delete_user, UserName="u"))
        iam.delete_access_key(UserName="u", AccessKeyId=key)
        self.assertIn("group", self.refused("DeleteConflict", iam.delete_user, UserName="u"))
        iam.remove_user_from_group(UserName="u", GroupName="g")
        iam.delete_user(UserName="u")
        self.assertIn("detach", self.refused("DeleteConflict", iam.delete_group, GroupName="g"))
        iam.detach_group_policy(GroupName="g", PolicyArn=policy)
        iam.delete_group(GroupName="g")
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=document, SetAsDefault=True)
        self.assertIn("version", self.refused("DeleteConflict", iam.delete_policy, PolicyArn=policy))
        iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
        iam.delete_policy(PolicyArn=policy)
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=document)
        iam.create_instance_profile(InstanceProfileName="i")
        iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
        self.refused("DeleteConflict", iam.delete_role, RoleName="r")

    def test_containers_files_and_distributions(self) -> None:
        _, _, subnet, _ = self.network()
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(family="t", containerDefinitions=[{"name": "t", "image": "t", "memory": 64}])
        ecs.create_service(cluster="c", serviceName="s", taskDefinition="t", desiredCount=0)
        self.refused("ClusterContainsServicesException", ecs.delete_cluster, cluster="c")
        ecs.delete_service(cluster="c", service="s", force=True)
        ecs.delete_cluster(cluster="c")

        efs = self.client("efs")
        system = efs.create_file_system(CreationToken="t")["FileSystemId"]
        target = efs.create_mount_target(FileSystemId=system, SubnetId=subnet)["MountTargetId"]
        self.refused("FileSystemInUse", efs.delete_file_system, FileSystemId=system)
        self.refused("DependencyViolation", self.client("ec2").delete_subnet, SubnetId=subnet)
        efs.delete_mount_target(MountTargetId=target)
        efs.delete_file_system(FileSystemId=system)
        self.client("ec2").delete_subnet(SubnetId=subnet)

        cdn = self.client("cloudfront", "us-east-1")
        config = {
            "CallerReference": "r", "Comment": "", "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "e.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            },
        }  # fmt: skip
        made = cdn.create_distribution(DistributionConfig=config)
        self.refused(
            "DistributionNotDisabled", cdn.delete_distribution, Id=made["Distribution"]["Id"], IfMatch=made["ETag"]
        )

    def test_lenient(self) -> None:
        ec2, _, subnet, group = self.network()
        ec2.create_network_interface(SubnetId=subnet, Groups=[group])
        self.control("POST", "strict", {"enabled": False})
        ec2.delete_subnet(SubnetId=subnet)

    def test_no_waiting_when_so_configured(self) -> None:
        ec2, _, subnet, _ = self.network()
        self.control("POST", "strict", {"terminating_calls": 0})
        instance = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0][
            "InstanceId"
        ]
        ec2.terminate_instances(InstanceIds=[instance])
        ec2.delete_subnet(SubnetId=subnet)


class Faults(WithEmulator):
    def test_error_in_the_form_of_each_protocol(self) -> None:
        calls = (
            ("ec2", "ec2", "DescribeVpcs", lambda c: c.describe_vpcs()),
            ("iam", "iam", "ListUsers", lambda c: c.list_users()),
            ("s3", "s3", "GetBucketPolicy", lambda c: c.get_bucket_policy(Bucket="some-bucket")),
            ("dynamodb", "dynamodb", "ListTables", lambda c: c.list_tables()),
            ("kms", "kms", "ListKeys", lambda c: c.list_keys()),
            ("sqs", "sqs", "ListQueues", lambda c: c.list_queues()),
            ("lambda", "lambda", "ListFunctions", lambda c: c.list_functions()),
            ("cloudwatch", "monitoring", "DescribeAlarms", lambda c: c.describe_alarms()),
            ("route53", "route53", "ListHostedZones", lambda c: c.list_hosted_zones()),
            ("elbv2", "elasticloadbalancing", "DescribeLoadBalancers", lambda c: c.describe_load_balancers()),
        )
        for name, service, operation, act in calls:
            with self.subTest(service=name):
                rule = {
                    "service": service,
                    "operation": operation,
                    "error": {"code": "AccessDenied", "message": "no & <no>", "status": 403},
                }
                self.control("POST", "rules", rule)
                with self.assertRaises(ClientError) as caught:
                    act(self.client(name))
                answer = caught.exception.response
                self.assertEqual((answer["Error"]["Code"], answer["Error"]["Message"]), ("AccessDenied", "no & <no>"))
                self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 403)
                self.assertTrue(answer["ResponseMetadata"].get("RequestId"))
                last = self.control("GET", "requests")[-1]
                self.assertEqual(
                    (last["service"], last["operation"], last["error"], last["status"], last["faults"]),
                    (service, operation, "AccessDenied", 403, ["error"]),
                )

    def test_error_in_cbor(self) -> None:
        # boto3 prefers JSON for CloudWatch where the Rust SDK speaks CBOR, hence by hand.
        rule = {"service": "cloudwatch", "error": {"code": "Throttling", "message": "slow", "status": 400}, "times": 1}
        self.control("POST", "rules", rule)
        scope = "Credential=AKIATESTTESTTESTTEST/20240101/eu-west-1/monitoring/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
            "smithy-protocol": "rpc-v2-cbor",
            "Content-Type": "application/cbor",
        }
        path = f"{self.url}/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
        request = urllib.request.Request(path, data=b"\xa0", headers=headers)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        self.assertEqual(caught.exception.headers["smithy-protocol"], "rpc-v2-cbor")
        self.assertIn("Throttling", caught.exception.headers["x-amzn-query-error"])
        self.assertEqual(cbor.decode(caught.exception.read()), {"__type": "Throttling", "message": "slow"})
        caught.exception.close()
        watch = self.client("cloudwatch")
        watch.put_metric_alarm(
            AlarmName="a", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=80,
            ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        self.control("DELETE", "requests")
        for body in (cbor.encode({"MaxRecords": 10}), b"\xbf\x6aMaxRecords\x0a\xff"):
            request.data = body
            with urllib.request.urlopen(request) as answer:
                alarm = cbor.decode(answer.read())["MetricAlarms"][0]
            self.assertEqual((alarm["AlarmName"], alarm["Period"], alarm["Threshold"]), ("a", 60, 80.0))
            self.assertEqual((type(alarm["Period"]), type(alarm["Threshold"])), (int, float))
            self.assertIsInstance(alarm["AlarmConfigurationUpdatedTimestamp"], datetime.datetime)
        log = self.control("GET", "requests")
        self.assertEqual(
            [(e["protocol"], e["operation"], e["error"]) for e in log], [("cbor", "DescribeAlarms", "")] * 2
        )

    def test_broken_connections_and_pages(self) -> None:
        keys = self.client("kms")
        keys.create_key()
        for fault, expected in (({"reset": True}, ConnectionClosedError), ({"html500": True}, ClientError)):
            with self.subTest(fault=fault):
                self.control("POST", "rules", {"service": "kms", "times": 1, **fault})
                self.assertRaises(expected, keys.list_keys)
                self.assertEqual(len(keys.list_keys()["Keys"]), 1)
                self.control("DELETE", "rules")

    def test_truncated_answer(self) -> None:
        # Read without boto3, which takes half a document for an empty one.
        self.control("POST", "rules", {"operation": "ListKeys", "truncate": True})
        scope = "Credential=AKIATESTTESTTESTTEST/20240101/eu-west-1/kms/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
            "X-Amz-Target": "TrentService.ListKeys",
            "Content-Type": "application/x-amz-json-1.1",
        }
        request = urllib.request.Request(self.url, data=b"{}", headers=headers)
        with urllib.request.urlopen(request) as answer:
            self.assertRaises(http.client.IncompleteRead, answer.read)

    def test_matching_sequence_probability_and_latency(self) -> None:
        error = {"error": {"code": "ThrottlingException", "status": 400}}
        self.control(
            "POST",
            "rules",
            {"operation": "List*", "region": "eu-*", "account": "123456789012", "skip": 1, "times": 2, **error},
        )
        here, there = self.client("kms"), self.client("kms", "us-east-1")

        def outcome(client: Any) -> bool:
            try:
                client.list_keys()
            except ClientError:
                return False
            return True

        self.assertEqual([outcome(here) for _ in range(5)], [True, False, False, True, True])
        self.assertTrue(outcome(there))
        self.assertEqual(self.control("GET", "rules")[0]["applied"], 2)
        runs = []
        for _ in range(2):
            self.control("DELETE", "rules")
            self.control("POST", "rules", {"probability": 0.5, **error})
            runs.append([outcome(here) for _ in range(20)])
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(len(set(runs[0])), 2)
        self.control("DELETE", "rules")
        self.control("POST", "rules", [{"service": "kms", "latency": {"ms": 150}}])
        begun = time.perf_counter()
        outcome(here)
        self.assertGreater(time.perf_counter() - begun, 0.15)

    def test_an_outcome_the_client_cannot_know(self) -> None:
        queues = self.client("sqs")
        self.control("POST", "rules", {"operation": "CreateQueue", "reset": "after", "times": 1})
        self.assertRaises(ConnectionClosedError, queues.create_queue, QueueName="q")
        self.assertEqual(len(queues.list_queues()["QueueUrls"]), 1)

    def test_senseless_rule(self) -> None:
        for rule in ({"service": "ec2"}, {"oops": 1, "reset": True}, {"error": {}}):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.control("POST", "rules", rule)
            self.assertEqual(caught.exception.code, 400)
            caught.exception.close()


class Deletions(WithEmulator):
    def test_cache_clusters_go_in_the_end(self) -> None:
        cache = self.client("elasticache")
        cache.create_cache_cluster(CacheClusterId="c", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
        cache.create_replication_group(
            ReplicationGroupId="g", ReplicationGroupDescription="d", Engine="redis", CacheNodeType="cache.t3.micro"
        )
        cache.delete_cache_cluster(CacheClusterId="c")
        cache.delete_replication_group(ReplicationGroupId="g")
        seen = [len(cache.describe_cache_clusters()["CacheClusters"]) for _ in range(5)]
        self.assertEqual((seen[0], seen[-1]), (1, 0))
        seen = [len(cache.describe_replication_groups()["ReplicationGroups"]) for _ in range(5)]
        self.assertEqual((seen[0], seen[-1]), (1, 0))

    def test_arns_are_as_good_as_names(self) -> None:
        scaling = self.client("autoscaling")
        scaling.create_launch_configuration(LaunchConfigurationName="l", ImageId="ami-1", InstanceType="t3.micro")
        scaling.create_auto_scaling_group(
            AutoScalingGroupName="g", LaunchConfigurationName="l", MinSize=0, MaxSize=1, AvailabilityZones=[f"{REGION}a"]
        )
        for name in ("p", "q"):
            scaling.put_scaling_policy(
                AutoScalingGroupName="g", PolicyName=name, AdjustmentType="ChangeInCapacity", ScalingAdjustment=1
            )
        arn = scaling.describe_policies(PolicyNames=["q"])["ScalingPolicies"][0]["PolicyARN"]
        self.assertEqual(len(scaling.describe_policies(PolicyNames=[arn])["ScalingPolicies"]), 1)
        scaling.delete_policy(PolicyName=arn)
        self.assertEqual([policy["PolicyName"] for policy in scaling.describe_policies()["ScalingPolicies"]], ["p"])

        self.client("s3", "us-east-1").create_bucket(Bucket="for-trails")
        trails = self.client("cloudtrail")
        arn = trails.create_trail(Name="some-trail", S3BucketName="for-trails")["TrailARN"]
        trails.delete_trail(Name=arn)
        self.assertEqual(trails.describe_trails()["trailList"], [])


class LogAndLife(WithEmulator):
    def test_log(self) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket="some-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="some-bucket", Key="a b/c", Body=b"x")
        s3.list_objects_v2(Bucket="some-bucket")
        s3.get_bucket_versioning(Bucket="some-bucket")
        s3.list_bucket_inventory_configurations(Bucket="some-bucket")
        s3.head_bucket(Bucket="some-bucket")
        self.client("cloudwatch", "us-east-1").describe_alarms()
        issued = self.client("sts").assume_role(RoleArn="arn:aws:iam::222222222222:role/r", RoleSessionName="test")[
            "Credentials"
        ]
        boto3.client(
            "sts", region_name=REGION, endpoint_url=self.url, config=_CONFIG,
            aws_access_key_id=issued["AccessKeyId"], aws_secret_access_key=issued["SecretAccessKey"], aws_session_token=issued["SessionToken"],
        ).get_caller_identity()  # fmt: skip
        log = self.control("GET", "requests")
        self.assertEqual(
            [(entry["operation"], entry["mutating"]) for entry in log],
            [
                ("CreateBucket", True), ("PutObject", True), ("ListObjectsV2", False), ("GetBucketVersioning", False),
                ("ListBucketInventoryConfigurations", False), ("HeadBucket", False), ("DescribeAlarms", False),
                ("AssumeRole", False), ("GetCallerIdentity", False),
            ],
        )  # fmt: skip
        self.assertEqual([entry["n"] for entry in log], list(range(1, 10)))
        self.assertEqual(
            (log[6]["service"], log[6]["region"], log[6]["protocol"]), ("monitoring", "us-east-1", "json-1.0")
        )
        self.assertEqual(log[8]["account"], "222222222222")
        counts = self.control("GET", "counts")
        self.assertEqual((counts["total"], counts["mutating"], counts["by_service"]["s3"]), (9, 2, 6))
        self.control("DELETE", "requests")
        self.assertEqual(self.control("GET", "requests"), [])

    def test_connections_are_kept(self) -> None:
        keys = self.client("kms")
        keys.list_keys()
        begun = time.perf_counter()
        for _ in range(20):
            keys.list_keys()
        self.assertLess(time.perf_counter() - begun, 0.8, "a delayed acknowledgement per request?")

    def test_buckets_in_pages(self) -> None:
        s3 = self.client("s3")
        for number in range(3):
            s3.create_bucket(Bucket=f"bucket-{number}", CreateBucketConfiguration={"LocationConstraint": REGION})
        first = s3.list_buckets(MaxBuckets=2)
        rest = s3.list_buckets(MaxBuckets=2, ContinuationToken=first["ContinuationToken"])
        self.assertEqual([b["Name"] for b in first["Buckets"] + rest["Buckets"]], ["bucket-0", "bucket-1", "bucket-2"])
        self.assertEqual(first["Buckets"][0]["BucketRegion"], REGION)
        self.assertNotIn("ContinuationToken", rest)

    def test_gaps_are_filled(self) -> None:
        self.client("logs").create_log_group(logGroupName="g")
        self.client("logs").get_data_protection_policy(logGroupIdentifier="g")
        self.client("autoscaling").describe_notification_configurations()
        self.refused(
            "ResourceNotFoundException", self.client("lambda").get_runtime_management_config, FunctionName="none"
        )
        self.refused(
            "ResourceNotFoundException", self.client("dynamodb").describe_contributor_insights, TableName="none"
        )
        self.assertEqual(self.client("cloudwatch").describe_anomaly_detectors()["AnomalyDetectors"], [])
        self.assertTrue(all(entry["gap"] for entry in self.control("GET", "requests")[1:]))

    def test_seeding(self) -> None:
        totals = []
        for account in ("123456789012", "333333333333"):
            command = [
                sys.executable,
                str(HERE / "seed.py"),
                "--endpoint",
                self.url,
                "--regions",
                REGION,
                "--account",
                account,
            ]
            done = subprocess.run(command, check=True, capture_output=True, timeout=60)
            totals.append(json.loads(done.stdout)["resources"])
        self.assertEqual(totals[0], totals[1])
        self.assertGreater(totals[0], 90)
        counts = self.control("GET", "counts")
        stack = self.client("cloudformation").describe_stacks()["Stacks"][0]
        values = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
        self.assertEqual(values, {"Stage": "baseline", "Token": "****"})
        self.assertEqual((counts["errors"], set(counts["by_region"])), (0, {REGION, "us-east-1"}))

    def test_ends_with_its_parent_or_on_request(self) -> None:
        process, _ = start("--services", "sts")
        assert process.stdin and process.stdout
        self.assertIsNone(process.poll())
        process.stdin.close()
        self.assertEqual(process.wait(5), 0)
        self.assertEqual(process.stdout.read(), b"", "stdout holds one line and nothing else")
        process.stdout.close()
        process, _ = start("--services", "sts", "--detach", stdin=subprocess.DEVNULL)
        assert process.stdout
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(5), 0)
        process.stdout.close()


if __name__ == "__main__":
    unittest.main()
