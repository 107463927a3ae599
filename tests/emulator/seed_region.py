"""The regional part of the landing zone: network, machines, functions, data, messaging and monitoring."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from seed_common import SECRET, Account, compact, package, trust_of


class Region:
    """One region's share of the landing zone. `number` keeps address ranges apart."""

    def __init__(self, account: Account, region: str, number: int) -> None:
        self.at, self.region, self.number = account, region, number
        self.prefix = account.prefix
        self.vpc = ""
        self.subnets: dict[str, list[str]] = {}
        self.groups: dict[str, str] = {}
        self.key_arn = self.queue_arn = self.topic_arn = self.function_arn = ""

    def client(self, service: str) -> Any:
        return self.at.client(service, self.region)

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.at.account}:{rest}"

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.at.account}:role/{self.prefix}/{self.prefix}-{name}"

    def _labelled(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": self.at.tags(name)}]

    def stages(self) -> list[list[Callable[[], None]]]:
        """What can be made at the same time, and what has to wait for what."""
        return [
            [self.keys, self.network],
            [self.logs, self.messaging, self.tables, self.secrets, self.parameters, self.security, self.stack],
            [self.functions, self.databases, self.machines, self.gateways, self.balancers],
            [self.alarms, self.events, self.scaling, self.endpoints],
        ]

    def keys(self) -> None:
        kms = self.client("kms")
        for name, rotated in (("data", True), ("logs", False)):
            policy = compact(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Root",
                            "Effect": "Allow",
                            "Principal": {"AWS": f"arn:aws:iam::{self.at.account}:root"},
                            "Action": "kms:*",
                            "Resource": "*",
                        }
                    ],
                }
            )
            tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in self.at.tags(f"key-{name}")]
            key = kms.create_key(Description=f"{self.prefix} {name}", Policy=policy, Tags=tags)["KeyMetadata"]
            kms.create_alias(AliasName=f"alias/{self.prefix}-{name}", TargetKeyId=key["KeyId"])
            if rotated:
                kms.enable_key_rotation(KeyId=key["KeyId"])
                self.key_arn = key["Arn"]
            self.at.made("AWS::KMS::Key")
            self.at.made("AWS::KMS::Alias")

    def network(self) -> None:
        ec2 = self.client("ec2")
        base = f"10.{self.number}"
        self.vpc = ec2.create_vpc(CidrBlock=f"{base}.0.0/16", TagSpecifications=self._labelled("vpc", "vpc"))["Vpc"][
            "VpcId"
        ]
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.gateway = ec2.create_internet_gateway(TagSpecifications=self._labelled("internet-gateway", "igw"))[
            "InternetGateway"
        ]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
        self.tables_by_tier: dict[str, str] = {}
        for tier_number, tier in enumerate(("public", "app", "data")):
            table = ec2.create_route_table(
                VpcId=self.vpc, TagSpecifications=self._labelled("route-table", f"rtb-{tier}")
            )
            self.tables_by_tier[tier] = table["RouteTable"]["RouteTableId"]
            self.subnets[tier] = []
            for zone_number, zone in enumerate(zones):
                subnet = ec2.create_subnet(
                    VpcId=self.vpc,
                    CidrBlock=f"{base}.{tier_number * 16 + zone_number}.0/24",
                    AvailabilityZone=zone,
                    TagSpecifications=self._labelled("subnet", f"{tier}-{zone[-1]}"),
                )["Subnet"]["SubnetId"]
                self.subnets[tier].append(subnet)
                ec2.associate_route_table(RouteTableId=self.tables_by_tier[tier], SubnetId=subnet)
        ec2.create_route(
            RouteTableId=self.tables_by_tier["public"], DestinationCidrBlock="0.0.0.0/0", GatewayId=self.gateway
        )
        acl = ec2.create_network_acl(VpcId=self.vpc, TagSpecifications=self._labelled("network-acl", "acl-data"))
        for egress in (False, True):
            ec2.create_network_acl_entry(
                NetworkAclId=acl["NetworkAcl"]["NetworkAclId"],
                RuleNumber=100,
                Protocol="6",
                PortRange={"From": 1024, "To": 65535},
                RuleAction="allow",
                Egress=egress,
                CidrBlock=f"{base}.0.0/16",
            )
        self.at.made("AWS::EC2::VPC")
        self.at.made("AWS::EC2::InternetGateway")
        self.at.made("AWS::EC2::RouteTable", 3)
        self.at.made("AWS::EC2::Subnet", 6)
        self.at.made("AWS::EC2::NetworkAcl")

    def security(self) -> None:
        """Groups that refer to each other, with a cycle between the application and the data tier."""
        ec2 = self.client("ec2")
        for name in ("web", "app", "data", "endpoints"):
            self.groups[name] = ec2.create_security_group(
                GroupName=f"{self.prefix}-{name}",
                Description=f"{name} tier",
                VpcId=self.vpc,
                TagSpecifications=self._labelled("security-group", f"sg-{name}"),
            )["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=self.groups["web"],
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "https"}],
                },
                {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            ],
        )
        for target, source, port in (
            ("app", "web", 8080),
            ("data", "app", 3306),
            ("app", "data", 9000),
            ("endpoints", "app", 443),
        ):
            pair = {"GroupId": self.groups[source], "Description": f"from {source}"}
            ec2.authorize_security_group_ingress(
                GroupId=self.groups[target],
                IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [pair]}],
            )
        self.at.made("AWS::EC2::SecurityGroup", 4)

    def gateways(self) -> None:
        ec2 = self.client("ec2")
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=self._labelled("elastic-ip", "nat"))
        nat = ec2.create_nat_gateway(
            SubnetId=self.subnets["public"][0],
            AllocationId=address["AllocationId"],
            TagSpecifications=self._labelled("natgateway", "nat"),
        )["NatGateway"]["NatGatewayId"]
        for tier in ("app", "data"):
            ec2.create_route(RouteTableId=self.tables_by_tier[tier], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
        flow = ec2.create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogGroupName=f"/{self.prefix}/flow",
            DeliverLogsPermissionArn=self.role("flow"),
            TagSpecifications=self._labelled("vpc-flow-log", "flow"),
        )
        if flow.get("Unsuccessful"):
            raise RuntimeError(f"no flow log: {flow['Unsuccessful']}")
        peer = ec2.create_vpc(
            CidrBlock=f"172.{16 + self.number}.0.0/16", TagSpecifications=self._labelled("vpc", "shared")
        )
        peering = ec2.create_vpc_peering_connection(
            VpcId=self.vpc,
            PeerVpcId=peer["Vpc"]["VpcId"],
            TagSpecifications=self._labelled("vpc-peering-connection", "shared"),
        )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        for kind in ("EIP", "NatGateway", "FlowLog", "VPC", "VPCPeeringConnection"):
            self.at.made(f"AWS::EC2::{kind}")

    def endpoints(self) -> None:
        ec2 = self.client("ec2")
        ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            VpcEndpointType="Gateway",
            ServiceName=f"com.amazonaws.{self.region}.s3",
            RouteTableIds=list(self.tables_by_tier.values()),
            TagSpecifications=self._labelled("vpc-endpoint", "s3"),
        )
        ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            VpcEndpointType="Interface",
            ServiceName=f"com.amazonaws.{self.region}.ssm",
            SubnetIds=self.subnets["app"],
            SecurityGroupIds=[self.groups["endpoints"]],
            TagSpecifications=self._labelled("vpc-endpoint", "ssm"),
        )
        self.at.made("AWS::EC2::VPCEndpoint", 2)

    def machines(self) -> None:
        ec2 = self.client("ec2")
        ec2.import_key_pair(
            KeyName=f"{self.prefix}-admin",
            PublicKeyMaterial=b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBezZHGE2EqGhSRdh0099DjNW7PQGfkPJULv3aCUfy9n seed",
            TagSpecifications=self._labelled("key-pair", "admin"),
        )
        start = f"#!/bin/sh\nexport DB_PASSWORD={SECRET}-userdata-{self.region}\nsystemctl start app\n"
        template = ec2.create_launch_template(
            LaunchTemplateName=f"{self.prefix}-web",
            LaunchTemplateData={
                "ImageId": "ami-0abcdef1234567890",
                "InstanceType": "t3.small",
                "KeyName": f"{self.prefix}-admin",
                "SecurityGroupIds": [self.groups["app"]],
                "UserData": base64.b64encode(start.encode()).decode(),
                "IamInstanceProfile": {"Name": f"{self.prefix}-instance"},
                "MetadataOptions": {"HttpTokens": "required"},
                "TagSpecifications": [{"ResourceType": "instance", "Tags": self.at.tags("web")}],
            },
            TagSpecifications=self._labelled("launch-template", "web"),
        )["LaunchTemplate"]
        self.template = template["LaunchTemplateId"]
        ec2.create_launch_template_version(
            LaunchTemplateId=self.template, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.medium"}
        )
        self.instances = []
        for number in range(3):
            self.instances += [
                instance["InstanceId"]
                for instance in ec2.run_instances(
                    LaunchTemplate={"LaunchTemplateId": self.template, "Version": "1"},
                    ImageId="ami-0abcdef1234567890",
                    InstanceType="t3.small",
                    KeyName=f"{self.prefix}-admin",
                    UserData=start,
                    SubnetId=self.subnets["app"][number % len(self.subnets["app"])],
                    SecurityGroupIds=[self.groups["app"]],
                    MinCount=1,
                    MaxCount=1,
                    TagSpecifications=self._labelled("instance", f"app-{number + 1}"),
                )["Instances"]
            ]
        zone = ec2.describe_subnets(SubnetIds=[self.subnets["app"][0]])["Subnets"][0]["AvailabilityZone"]
        for number in range(2):
            volume = ec2.create_volume(
                AvailabilityZone=zone,
                Size=20 + number,
                VolumeType="gp3",
                Encrypted=True,
                KmsKeyId=self.key_arn,
                TagSpecifications=self._labelled("volume", f"data-{number + 1}"),
            )["VolumeId"]
        ec2.attach_volume(VolumeId=volume, InstanceId=self.instances[0], Device="/dev/sdf")
        for number in range(2):
            ec2.create_snapshot(
                VolumeId=volume,
                Description=f"backup {number}",
                TagSpecifications=self._labelled("snapshot", f"backup-{number + 1}"),
            )
        ec2.create_image(
            InstanceId=self.instances[0],
            Name=f"{self.prefix}-golden",
            Description="golden image",
            TagSpecifications=self._labelled("image", "golden"),
        )
        ec2.create_network_interface(
            SubnetId=self.subnets["app"][0],
            Groups=[self.groups["app"]],
            Description="standby",
            TagSpecifications=self._labelled("network-interface", "standby"),
        )
        made = {
            "KeyPair": 1,
            "LaunchTemplate": 1,
            "Instance": 3,
            "Volume": 2,
            "Snapshot": 2,
            "Image": 1,
            "NetworkInterface": 1,
        }
        for kind, number in made.items():
            self.at.made(f"AWS::EC2::{kind}", number)

    def balancers(self) -> None:
        elb = self.client("elbv2")
        self.target_groups = []
        for kind, protocol, port in (("application", "HTTP", 8080), ("network", "TCP", 9000)):
            short = kind[:3]
            extra = {"SecurityGroups": [self.groups["web"]]} if kind == "application" else {}
            balancer = elb.create_load_balancer(
                Name=f"{self.prefix}-{short}",
                Type=kind,
                Scheme="internet-facing" if kind == "application" else "internal",
                Subnets=self.subnets["public" if kind == "application" else "app"],
                Tags=self.at.tags(short),
                **extra,
            )["LoadBalancers"][0]["LoadBalancerArn"]
            elb.modify_load_balancer_attributes(
                LoadBalancerArn=balancer, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
            )
            group = elb.create_target_group(
                Name=f"{self.prefix}-{short}",
                Protocol=protocol,
                Port=port,
                VpcId=self.vpc,
                TargetType="instance",
                Tags=self.at.tags(short),
            )["TargetGroups"][0]["TargetGroupArn"]
            self.target_groups.append(group)
            elb.create_listener(
                LoadBalancerArn=balancer,
                Protocol=protocol,
                Port=80 if protocol == "HTTP" else port,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
                Tags=self.at.tags(f"listener-{short}"),
            )
        for kind in ("LoadBalancer", "TargetGroup", "Listener"):
            self.at.made(f"AWS::ElasticLoadBalancingV2::{kind}", 2)

    def scaling(self) -> None:
        scaling = self.client("autoscaling")
        name = f"{self.prefix}-web"
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": "1"},
            MinSize=1,
            MaxSize=4,
            DesiredCapacity=2,
            VPCZoneIdentifier=",".join(self.subnets["app"]),
            TargetGroupARNs=[self.target_groups[0]],
            Tags=[tag | {"PropagateAtLaunch": True} for tag in self.at.tags("asg")],
        )
        scaling.put_scaling_policy(
            AutoScalingGroupName=name,
            # moto knows policies by their names alone.
            PolicyName=f"{name}-cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 50.0,
            },
        )
        scaling.put_lifecycle_hook(
            AutoScalingGroupName=name,
            LifecycleHookName="drain",
            LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
            HeartbeatTimeout=300,
            DefaultResult="CONTINUE",
        )
        self.at.made("AWS::AutoScaling::AutoScalingGroup")

    def functions(self) -> None:
        client = self.client("lambda")
        layer = client.publish_layer_version(
            LayerName=f"{self.prefix}-common",
            Description="shared code",
            Content={"ZipFile": package("VERSION = 1\n")},
            CompatibleRuntimes=["python3.12"],
        )["LayerVersionArn"]
        for name, in_vpc in (("worker", True), ("api", True), ("audit", False)):
            network = {"SubnetIds": self.subnets["app"], "SecurityGroupIds": [self.groups["app"]]}
            function = client.create_function(
                FunctionName=f"{self.prefix}-{name}",
                Runtime="python3.12",
                Role=self.role("lambda"),
                Handler="index.handler",
                Description=f"{name} function",
                Code={"ZipFile": package(f"def handler(event, context):\n    return '{name}'\n")},
                Timeout=30,
                MemorySize=256,
                Layers=[layer],
                Environment={"Variables": {"STAGE": "baseline", "API_TOKEN": f"{SECRET}-lambda-{name}-{self.region}"}},
                Tags=self.at.tag_map(name),
                **({"VpcConfig": network} if in_vpc else {}),
            )
            if name == "worker":
                self.function_arn = function["FunctionArn"]
        client.add_permission(
            FunctionName=f"{self.prefix}-worker",
            StatementId="events",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=self.arn("events", f"rule/{self.prefix}-nightly"),
        )
        client.put_function_concurrency(FunctionName=f"{self.prefix}-api", ReservedConcurrentExecutions=5)
        client.create_event_source_mapping(
            EventSourceArn=self.queue_arn, FunctionName=f"{self.prefix}-worker", BatchSize=5
        )
        self.at.made("AWS::Lambda::LayerVersion")
        self.at.made("AWS::Lambda::Function", 3)
        self.at.made("AWS::Lambda::EventSourceMapping")

    def logs(self) -> None:
        logs = self.client("logs")
        for name, days in (
            (f"/{self.prefix}/flow", 30),
            (f"/aws/lambda/{self.prefix}-worker", 14),
            (f"/{self.prefix}/app", 365),
            (f"/{self.prefix}/audit", 0),
        ):
            logs.create_log_group(logGroupName=name, tags=self.at.tag_map(name.strip("/").replace("/", "-")))
            if days:
                logs.put_retention_policy(logGroupName=name, retentionInDays=days)
            self.at.made("AWS::Logs::LogGroup")

    def alarms(self) -> None:
        watch = self.client("cloudwatch")
        for name, metric, namespace, key, value in (
            ("cpu", "CPUUtilization", "AWS/EC2", "InstanceId", self.instances[0]),
            ("queue-age", "ApproximateAgeOfOldestMessage", "AWS/SQS", "QueueName", f"{self.prefix}-jobs"),
            ("errors", "Errors", "AWS/Lambda", "FunctionName", f"{self.prefix}-worker"),
        ):
            watch.put_metric_alarm(
                AlarmName=f"{self.prefix}-{name}",
                AlarmDescription=f"{name} too high",
                MetricName=metric,
                Namespace=namespace,
                Dimensions=[{"Name": key, "Value": value}],
                Statistic="Maximum",
                Period=300,
                EvaluationPeriods=2,
                Threshold=80.0,
                ComparisonOperator="GreaterThanThreshold",
                AlarmActions=[self.topic_arn],
                Tags=self.at.tags(name),
            )
            self.at.made("AWS::CloudWatch::Alarm")

    def tables(self) -> None:
        dynamo = self.client("dynamodb")
        for name in ("orders", "sessions"):
            dynamo.create_table(
                TableName=f"{self.prefix}-{name}",
                AttributeDefinitions=[
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "customer", "AttributeType": "S"},
                ],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "by-customer",
                        "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
                BillingMode="PAY_PER_REQUEST",
                SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.key_arn},
                Tags=self.at.tags(name),
            )
            dynamo.update_time_to_live(
                TableName=f"{self.prefix}-{name}", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
            )
            dynamo.update_continuous_backups(
                TableName=f"{self.prefix}-{name}", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
            self.at.made("AWS::DynamoDB::Table")

    def messaging(self) -> None:
        sqs, sns = self.client("sqs"), self.client("sns")
        dead = self.arn("sqs", f"{self.prefix}-jobs-dlq")
        self.queue_arn = self.arn("sqs", f"{self.prefix}-jobs")
        self.topic_arn = self.arn("sns", f"{self.prefix}-alerts")
        sqs.create_queue(
            QueueName=f"{self.prefix}-jobs-dlq",
            Attributes={"MessageRetentionPeriod": "1209600"},
            tags=self.at.tag_map("jobs-dlq"),
        )
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": self.topic_arn}},
        }
        sqs.create_queue(
            QueueName=f"{self.prefix}-jobs",
            Attributes={
                "VisibilityTimeout": "60",
                "RedrivePolicy": compact({"deadLetterTargetArn": dead, "maxReceiveCount": 5}),
                "Policy": compact({"Version": "2012-10-17", "Statement": [statement]}),
                "KmsMasterKeyId": f"alias/{self.prefix}-data",
            },
            tags=self.at.tag_map("jobs"),
        )
        sqs.create_queue(
            QueueName=f"{self.prefix}-mail.fifo", Attributes={"FifoQueue": "true"}, tags=self.at.tag_map("mail")
        )
        for name in ("alerts", "orders"):
            topic = sns.create_topic(
                Name=f"{self.prefix}-{name}",
                Attributes={"DisplayName": name, "KmsMasterKeyId": self.key_arn},
                Tags=self.at.tags(name),
            )["TopicArn"]
            sns.subscribe(
                TopicArn=topic, Protocol="sqs", Endpoint=self.queue_arn, Attributes={"RawMessageDelivery": "true"}
            )
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
        self.at.made("AWS::SQS::Queue", 3)
        self.at.made("AWS::SNS::Topic", 2)
        self.at.made("AWS::SNS::Subscription", 4)

    def secrets(self) -> None:
        manager = self.client("secretsmanager")
        for name in ("db", "partner-api"):
            secret = manager.create_secret(
                Name=f"{self.prefix}/{name}",
                Description=f"{name} credentials",
                SecretString=compact({"username": "app", "password": f"{SECRET}-secret-{name}-{self.region}"}),
                KmsKeyId=self.key_arn,
                Tags=self.at.tags(name),
            )["ARN"]
            self.at.made("AWS::SecretsManager::Secret")
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.at.account}:root"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
        manager.put_resource_policy(
            SecretId=secret, ResourcePolicy=compact({"Version": "2012-10-17", "Statement": [statement]})
        )

    def parameters(self) -> None:
        ssm = self.client("ssm")
        for name, kind, value in (
            ("log-level", "String", "info"),
            ("allowed-hosts", "StringList", "a.example.com,b.example.com"),
            ("db-password", "SecureString", f"{SECRET}-ssm-{self.region}"),
        ):
            extra = {"KeyId": self.key_arn} if kind == "SecureString" else {}
            ssm.put_parameter(
                Name=f"/{self.prefix}/{name}",
                Description=name,
                Type=kind,
                Value=value,
                Tags=self.at.tags(name),
                **extra,
            )
            self.at.made("AWS::SSM::Parameter")

    def databases(self) -> None:
        rds = self.client("rds")
        group = f"{self.prefix}-data"
        rds.create_db_subnet_group(
            DBSubnetGroupName=group,
            DBSubnetGroupDescription="data tier",
            SubnetIds=self.subnets["data"],
            Tags=self.at.tags("data"),
        )
        common = {"DBSubnetGroupName": group, "VpcSecurityGroupIds": [self.groups["data"]]}
        login = {"MasterUsername": "admin", "MasterUserPassword": f"{SECRET}-rds-{self.region}"}
        rds.create_db_instance(
            DBInstanceIdentifier=f"{self.prefix}-main",
            DBInstanceClass="db.t3.medium",
            Engine="mysql",
            AllocatedStorage=20,
            StorageEncrypted=True,
            KmsKeyId=self.key_arn,
            BackupRetentionPeriod=7,
            Tags=self.at.tags("main"),
            **common,
            **login,
        )
        rds.create_db_cluster(
            DBClusterIdentifier=f"{self.prefix}-aurora",
            Engine="aurora-mysql",
            DatabaseName="app",
            StorageEncrypted=True,
            Tags=self.at.tags("aurora"),
            **common,
            **login,
        )
        rds.create_db_instance(
            DBInstanceIdentifier=f"{self.prefix}-aurora-1",
            DBClusterIdentifier=f"{self.prefix}-aurora",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-mysql",
            DBSubnetGroupName=group,
            Tags=self.at.tags("aurora-1"),
        )
        rds.create_db_snapshot(
            DBSnapshotIdentifier=f"{self.prefix}-main-before-upgrade",
            DBInstanceIdentifier=f"{self.prefix}-main",
            Tags=self.at.tags("before-upgrade"),
        )
        self.at.made("AWS::RDS::DBSubnetGroup")
        self.at.made("AWS::RDS::DBInstance", 2)
        self.at.made("AWS::RDS::DBCluster")
        self.at.made("AWS::RDS::DBSnapshot")

    def events(self) -> None:
        events = self.client("events")
        bus = f"{self.prefix}-orders"
        events.create_event_bus(Name=bus, Tags=self.at.tags("bus"))
        events.put_rule(
            Name=f"{self.prefix}-nightly",
            ScheduleExpression="cron(0 2 * * ? *)",
            Description="nightly",
            State="ENABLED",
            Tags=self.at.tags("nightly"),
        )
        events.put_targets(
            Rule=f"{self.prefix}-nightly",
            Targets=[{"Id": "worker", "Arn": self.function_arn, "Input": '{"job":"nightly"}'}],
        )
        events.put_rule(
            Name=f"{self.prefix}-placed",
            EventBusName=bus,
            EventPattern=compact({"source": ["shop"], "detail-type": ["OrderPlaced"]}),
            Tags=self.at.tags("placed"),
        )
        events.put_targets(
            Rule=f"{self.prefix}-placed", EventBusName=bus, Targets=[{"Id": "queue", "Arn": self.queue_arn}]
        )
        self.at.made("AWS::Events::EventBus")
        self.at.made("AWS::Events::Rule", 2)

    def stack(self) -> None:
        template = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Shared services",
            "Parameters": {"Stage": {"Type": "String"}, "Token": {"Type": "String", "NoEcho": True}},
            "Resources": {
                "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{self.prefix}-stack-queue"}},
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{self.prefix}-stack-topic"}},
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "RoleName": f"{self.prefix}-stack-{self.region}",
                        "AssumeRolePolicyDocument": json.loads(trust_of("lambda.amazonaws.com")),
                    },
                },
                "Logs": {
                    "Type": "AWS::Logs::LogGroup",
                    "Properties": {"LogGroupName": f"/{self.prefix}/stack", "RetentionInDays": 7},
                },
                "Bucket": {
                    "Type": "AWS::S3::Bucket",
                    "Properties": {"BucketName": f"{self.prefix}-stack-{self.at.account}-{self.region}"},
                },
                "Table": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {
                        "TableName": f"{self.prefix}-stack",
                        "BillingMode": "PAY_PER_REQUEST",
                        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                    },
                },
            },
            "Outputs": {"QueueUrl": {"Value": {"Ref": "Queue"}}, "RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
        }
        self.client("cloudformation").create_stack(
            StackName=f"{self.prefix}-shared",
            TemplateBody=compact(template),
            Parameters=[
                {"ParameterKey": "Stage", "ParameterValue": "baseline"},
                {"ParameterKey": "Token", "ParameterValue": f"{SECRET}-stack-{self.region}"},
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=self.at.tags("shared"),
        )
        self.at.made("AWS::CloudFormation::Stack")
