"""What scales and what links: Auto Scaling, groups of database settings, VPN and transit gateway. In one region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seed_common import SECRET, Account


class Scaling:
    """Made in the first region only."""

    def __init__(self, account: Account, region: str) -> None:
        self.at, self.region, self.prefix = account, region, account.prefix

    def client(self, service: str) -> Any:
        return self.at.client(service, self.region)

    def groups(self) -> None:
        scaling = self.client("autoscaling")
        name = f"{self.prefix}-old-style"
        scaling.create_launch_configuration(
            LaunchConfigurationName=name,
            ImageId="ami-0123456789abcdef0",
            InstanceType="t3.micro",
            UserData=f"#!/bin/sh\nexport TOKEN={SECRET}-launch\n",
            MetadataOptions={"HttpTokens": "required"},
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}}],
        )
        self.at.made("AWS::AutoScaling::LaunchConfiguration")
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchConfigurationName=name,
            MinSize=0,
            MaxSize=0,
            AvailabilityZones=[f"{self.region}a"],
        )
        self.at.made("AWS::AutoScaling::AutoScalingGroup")
        scaling.put_scaling_policy(
            AutoScalingGroupName=name,
            PolicyName=f"{name}-cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 60.0,
            },
        )
        self.at.made("AWS::AutoScaling::ScalingPolicy")
        scaling.put_scheduled_update_group_action(
            AutoScalingGroupName=name, ScheduledActionName=f"{name}-morning", Recurrence="0 7 * * 1-5", MinSize=0
        )
        self.at.made("AWS::AutoScaling::ScheduledAction")

    def targets(self) -> None:
        self.client("dynamodb").create_table(
            TableName=f"{self.prefix}-scaled",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
        self.at.made("AWS::DynamoDB::Table")
        scaling = self.client("application-autoscaling")
        target = {
            "ServiceNamespace": "dynamodb",
            "ResourceId": f"table/{self.prefix}-scaled",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        }
        scaling.register_scalable_target(MinCapacity=5, MaxCapacity=50, **target)
        self.at.made("AWS::ApplicationAutoScaling::ScalableTarget")
        scaling.put_scaling_policy(
            PolicyName=f"{self.prefix}-scaled-reads",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
                "TargetValue": 70.0,
            },
            **target,
        )

    def database_settings(self) -> None:
        rds = self.client("rds")
        tags = self.at.tags("settings")
        rds.create_db_parameter_group(
            DBParameterGroupName=f"{self.prefix}-postgres",
            DBParameterGroupFamily="postgres17",
            Description="settings of the landing zone",
            Tags=tags,
        )
        rds.modify_db_parameter_group(
            DBParameterGroupName=f"{self.prefix}-postgres",
            Parameters=[
                {"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"},
                {"ParameterName": "max_connections", "ParameterValue": "200", "ApplyMethod": "pending-reboot"},
            ],
        )
        self.at.made("AWS::RDS::DBParameterGroup")
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=f"{self.prefix}-aurora",
            DBParameterGroupFamily="aurora-postgresql17",
            Description="settings of the clusters",
            Tags=tags,
        )
        self.at.made("AWS::RDS::DBClusterParameterGroup")
        rds.create_db_cluster(
            DBClusterIdentifier=f"{self.prefix}-kept",
            Engine="aurora-postgresql",
            MasterUsername="admin",
            MasterUserPassword=f"{SECRET}-rds-kept",
        )
        self.at.made("AWS::RDS::DBCluster")
        rds.create_db_cluster_snapshot(
            DBClusterSnapshotIdentifier=f"{self.prefix}-kept", DBClusterIdentifier=f"{self.prefix}-kept", Tags=tags
        )
        self.at.made("AWS::RDS::DBClusterSnapshot")

    def links(self) -> None:
        ec2 = self.client("ec2")

        def tagged(kind: str, name: str) -> list[dict[str, Any]]:
            return [{"ResourceType": kind, "Tags": self.at.tags(name)}]

        gateway = ec2.create_customer_gateway(
            Type="ipsec.1",
            IpAddress="203.0.113.10",
            BgpAsn=65010,
            TagSpecifications=tagged("customer-gateway", "office"),
        )["CustomerGateway"]["CustomerGatewayId"]
        self.at.made("AWS::EC2::CustomerGateway")
        hub = ec2.create_transit_gateway(Description="offices", TagSpecifications=tagged("transit-gateway", "offices"))
        hub = hub["TransitGateway"]["TransitGatewayId"]
        self.at.made("AWS::EC2::TransitGateway")
        ec2.create_transit_gateway_route_table(
            TransitGatewayId=hub, TagSpecifications=tagged("transit-gateway-route-table", "offices")
        )
        self.at.made("AWS::EC2::TransitGatewayRouteTable")
        ec2.create_vpn_connection(
            Type="ipsec.1",
            CustomerGatewayId=gateway,
            TransitGatewayId=hub,
            TagSpecifications=tagged("vpn-connection", "office"),
        )
        self.at.made("AWS::EC2::VPNConnection")
        ec2.create_managed_prefix_list(
            PrefixListName=f"{self.prefix}-offices",
            AddressFamily="IPv4",
            MaxEntries=5,
            Entries=[{"Cidr": "203.0.113.0/24", "Description": "office"}, {"Cidr": "198.51.100.0/24"}],
            TagSpecifications=tagged("prefix-list", "offices"),
        )
        self.at.made("AWS::EC2::PrefixList")

    def steps(self) -> list[Callable[[], None]]:
        """All can be made at the same time."""
        return [self.groups, self.targets, self.database_settings, self.links]
