#!/usr/bin/env python3
"""One CloudFormation stack with a resource of every type that the emulator can make through CloudFormation.

All but dashboards: they are global on AWS, and the emulator keeps those of a stack in the stack's region.

Beside the stack stand things that it did not make, under names that its members have as well. Prints, as JSON, the ARN of the
stack, what the stack says it holds (type and physical id), and the ids of what stands beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from seed_common import ACCOUNT, Account, compact, trust_of  # noqa: E402

REGION = "eu-west-1"
NAME = "everything"


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def network() -> dict[str, Any]:
    return {
        "Vpc": of("EC2::VPC", CidrBlock="10.77.0.0/16"),
        "Other": of("EC2::VPC", CidrBlock="10.78.0.0/16"),
        "One": of("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.77.1.0/24", AvailabilityZone=f"{REGION}a"),
        "Two": of("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.77.2.0/24", AvailabilityZone=f"{REGION}b"),
        "Group": of("EC2::SecurityGroup", GroupDescription="all of it", VpcId=ref("Vpc")),
        "Gateway": of("EC2::InternetGateway"),
        "Attached": of("EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")),
        "Routes": of("EC2::RouteTable", VpcId=ref("Vpc")),
        "Address": of("EC2::EIP", Domain="vpc"),
        "Nat": of("EC2::NatGateway", SubnetId=ref("One"), AllocationId=att("Address", "AllocationId")),
        "Interface": of("EC2::NetworkInterface", SubnetId=ref("One"), GroupSet=[ref("Group")]),
        "Peering": of("EC2::VPCPeeringConnection", VpcId=ref("Vpc"), PeerVpcId=ref("Other")),
        "Endpoint": of(
            "EC2::VPCEndpoint",
            VpcId=ref("Vpc"),
            ServiceName=f"com.amazonaws.{REGION}.s3",
            RouteTableIds=[ref("Routes")],
        ),
        "Vpn": of("EC2::VPNGateway", Type="ipsec.1"),
        "Transit": of("EC2::TransitGateway", Description="all of it"),
        "Volume": of("EC2::Volume", AvailabilityZone=f"{REGION}a", Size=1),
        "Template": of("EC2::LaunchTemplate", LaunchTemplateData={"InstanceType": "t3.micro"}),
        "Machine": of("EC2::Instance", ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", SubnetId=ref("One")),
        "Flow": of(
            "EC2::FlowLog",
            ResourceId=ref("Vpc"),
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=att("Bucket", "Arn"),
        ),
    }


def balancers() -> dict[str, Any]:
    targets = [{"Type": "forward", "TargetGroupArn": ref("Targets")}]
    return {
        "Balancer": of("ElasticLoadBalancingV2::LoadBalancer", Name=NAME, Subnets=[ref("One"), ref("Two")]),
        "Targets": of("ElasticLoadBalancingV2::TargetGroup", Name=NAME, Port=80, Protocol="HTTP", VpcId=ref("Vpc")),
        "Listener": of(
            "ElasticLoadBalancingV2::Listener",
            LoadBalancerArn=ref("Balancer"),
            Port=80,
            Protocol="HTTP",
            DefaultActions=targets,
        ),
        "ListenerRule": of(
            "ElasticLoadBalancingV2::ListenerRule",
            ListenerArn=ref("Listener"),
            Priority=5,
            Conditions=[{"Field": "path-pattern", "Values": ["/all/*"]}],
            Actions=targets,
        ),
        "Classic": of(
            "ElasticLoadBalancing::LoadBalancer",
            AvailabilityZones=[f"{REGION}a"],
            Listeners=[{"LoadBalancerPort": "80", "InstancePort": "80", "Protocol": "HTTP"}],
        ),
        "Launch": of("AutoScaling::LaunchConfiguration", ImageId="ami-0abcdef1234567890", InstanceType="t3.micro"),
        "Scaling": of(
            "AutoScaling::AutoScalingGroup",
            AutoScalingGroupName=NAME,
            AvailabilityZones=[f"{REGION}a"],
            LaunchConfigurationName=ref("Launch"),
            MinSize="0",
            MaxSize="1",
        ),
    }


def identities() -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return {
        "Role": of("IAM::Role", AssumeRolePolicyDocument=json.loads(trust_of("lambda.amazonaws.com"))),
        "User": of("IAM::User"),
        "Profile": of("IAM::InstanceProfile", Roles=[ref("Role")]),
        "Policy": of("IAM::ManagedPolicy", PolicyDocument={"Version": "2012-10-17", "Statement": [allow]}),
        "Key": of("KMS::Key", Description="all of it", KeyPolicy=compact({"Version": "2012-10-17", "Statement": [allow]})),
        "KeyAlias": of("KMS::Alias", AliasName=f"alias/{NAME}", TargetKeyId=ref("Key")),
    }


def functions() -> dict[str, Any]:
    return {
        "Function": of(
            "Lambda::Function",
            Code={"ZipFile": "def handler(event, context):\n    return event\n"},
            Handler="index.handler",
            Role=att("Role", "Arn"),
            Runtime="python3.13",
        ),
        "Mapping": of(
            "Lambda::EventSourceMapping", FunctionName=ref("Function"), EventSourceArn=att("Queue", "Arn"), BatchSize=1
        ),
        "Api": of("ApiGateway::RestApi", Name=NAME),
        "Machinery": of(
            "StepFunctions::StateMachine",
            DefinitionString=compact({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}),
            RoleArn=att("Role", "Arn"),
        ),
        "Cluster": of("ECS::Cluster", ClusterName=NAME),
        "Task": of(
            "ECS::TaskDefinition",
            Family=NAME,
            ContainerDefinitions=[{"Name": "main", "Image": "busybox", "Memory": 64, "Cpu": 64}],
        ),
        "Service": of("ECS::Service", Cluster=ref("Cluster"), TaskDefinition=ref("Task"), DesiredCount=0),
        "Images": of("ECR::Repository", RepositoryName=NAME),
        "Notebook": of("SageMaker::NotebookInstance", InstanceType="ml.t3.medium", RoleArn=att("Role", "Arn")),
    }


def stores() -> dict[str, Any]:
    string = [{"AttributeName": "pk", "AttributeType": "S"}]
    return {
        "Bucket": of("S3::Bucket", BucketName=f"{NAME}-{ACCOUNT}"),
        "Table": of(
            "DynamoDB::Table",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=string,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        ),
        "Files": of("EFS::FileSystem"),
        "Mount": of("EFS::MountTarget", FileSystemId=ref("Files"), SubnetId=ref("One"), SecurityGroups=[ref("Group")]),
        "Access": of("EFS::AccessPoint", FileSystemId=ref("Files")),
        "Subnets": of("RDS::DBSubnetGroup", DBSubnetGroupDescription="all of it", SubnetIds=[ref("One"), ref("Two")]),
        "Parameters": of("RDS::DBParameterGroup", Description="all of it", Family="mysql8.0", Parameters={}),
        "Database": of(
            "RDS::DBInstance",
            DBInstanceClass="db.t3.micro",
            Engine="mysql",
            AllocatedStorage="20",
            MasterUsername="root1",
            MasterUserPassword="SEEDSECRET-stack",
        ),
        "Warehouse": of(
            "Redshift::Cluster",
            ClusterType="single-node",
            NodeType="ra3.large",
            DBName="all",
            MasterUsername="root1",
            MasterUserPassword="SEEDSECRET-Stack1",
        ),
    }


def messages() -> dict[str, Any]:
    return {
        "Queue": of("SQS::Queue"),
        "Topic": of("SNS::Topic"),
        "Stream": of("Kinesis::Stream", ShardCount=1),
        "Bus": of("Events::EventBus", Name=NAME),
        "Rule": of("Events::Rule", ScheduleExpression="rate(1 day)", State="ENABLED"),
        "Archive": of("Events::Archive", ArchiveName=NAME, SourceArn=att("Bus", "Arn")),
        "Logs": of("Logs::LogGroup", LogGroupName=f"/{NAME}"),
        "Setting": of("SSM::Parameter", Name=f"/{NAME}/setting", Type="String", Value="on"),
        "Zone": of("Route53::HostedZone", Name=f"{NAME}.example."),
        "Record": of(
            "Route53::RecordSet",
            HostedZoneId=ref("Zone"),
            Name=f"www.{NAME}.example.",
            Type="A",
            TTL="60",
            ResourceRecords=["192.0.2.1"],
        ),
    }


def beside(at: Account) -> list[str]:
    """What the stack did not make, under names of its members."""
    dns = at.client("route53", REGION)
    zone = dns.create_hosted_zone(Name=f"{NAME}.example.", CallerReference="beside")["HostedZone"]["Id"]
    record = {
        "Name": f"www.{NAME}.example.",
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.2"}],
    }
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    api = at.client("apigateway", REGION).create_rest_api(name=NAME)["id"]
    bus = at.client("events", "us-east-1").create_event_bus(Name=NAME)["EventBusArn"]
    zone = zone.rsplit("/", 1)[1]
    return [zone, f"www.{NAME}.example.|{zone}|A|", api, bus]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="address of the emulator")
    options = parser.parse_args()
    at = Account(options.endpoint, NAME, ACCOUNT)
    parts = (network, balancers, identities, functions, stores, messages)
    template = {"Resources": {name: it for part in parts for name, it in part().items()}}
    files = at.client("s3", REGION)
    files.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION})
    files.put_object(Bucket="templates", Key="nested", Body=compact({"Resources": {"Inner": of("SQS::Queue")}}))
    template["Resources"]["Nested"] = of("CloudFormation::Stack", TemplateURL="https://s3.amazonaws.com/templates/nested")
    stacks = at.client("cloudformation", REGION)
    arn = stacks.create_stack(StackName=NAME, TemplateBody=compact(template), Capabilities=["CAPABILITY_IAM"])["StackId"]
    members = stacks.describe_stack_resources(StackName=NAME)["StackResources"]
    held = [{"type": it["ResourceType"], "id": it["PhysicalResourceId"]} for it in members]
    print(json.dumps({"stack": arn, "members": held, "beside": beside(at)}))


if __name__ == "__main__":
    main()
