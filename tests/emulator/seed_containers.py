"""Containers, file systems, caches, warehouses, search and workflows of one region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seed_common import SECRET, allow, compact
from seed_region import Region


class Containers:
    """Lives in the network that the region's own part has made."""

    def __init__(self, place: Region) -> None:
        self.place, self.at, self.prefix = place, place.at, place.prefix

    def client(self, service: str) -> Any:
        return self.at.client(service, self.place.region)

    def steps(self) -> list[Callable[[], None]]:
        return [self.ecs, self.eks, self.registry, self.file_systems, self.caches, self.warehouse, self.workflows]

    def _subnets(self) -> list[str]:
        return self.place.subnets["app"]

    def _group(self) -> str:
        return self.place.groups["app"]

    def _lower(self, name: str) -> list[dict[str, str]]:
        return [{"key": tag["Key"], "value": tag["Value"]} for tag in self.at.tags(name)]

    def ecs(self) -> None:
        ecs, name = self.client("ecs"), f"{self.prefix}-apps"
        ecs.create_cluster(
            clusterName=name,
            settings=[{"name": "containerInsights", "value": "enabled"}],
            capacityProviders=["FARGATE"],
            tags=self._lower("apps"),
        )
        self.at.made("AWS::ECS::Cluster")
        group = f"autoScalingGroup:00000000-0000-4000-8000-000000000001:autoScalingGroupName/{self.prefix}-app"
        ecs.create_capacity_provider(
            name=f"{self.prefix}-machines",
            autoScalingGroupProvider={
                "autoScalingGroupArn": self.place.arn("autoscaling", group),
                "managedScaling": {"status": "ENABLED", "targetCapacity": 90},
            },
            tags=self._lower("machines"),
        )
        self.at.made("AWS::ECS::CapacityProvider")
        role = self.place.role("lambda")
        definition = ecs.register_task_definition(
            family=f"{self.prefix}-web",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=role,
            taskRoleArn=role,
            containerDefinitions=[
                {
                    "name": "web",
                    "image": f"{self.at.account}.dkr.ecr.{self.place.region}.amazonaws.com/{self.prefix}/web:1",
                    "essential": True,
                    "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
                    "environment": [{"name": "API_TOKEN", "value": f"{SECRET}-ecs"}],
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {"awslogs-group": f"/{self.prefix}/web", "awslogs-region": self.place.region},
                    },
                }
            ],
            tags=self._lower("web"),
        )["taskDefinition"]["taskDefinitionArn"]
        self.at.made("AWS::ECS::TaskDefinition")
        ecs.create_service(
            cluster=name,
            serviceName=f"{self.prefix}-web",
            taskDefinition=definition,
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": self._subnets(), "securityGroups": [self._group()]}
            },
            tags=self._lower("web"),
        )
        self.at.made("AWS::ECS::Service")

    def eks(self) -> None:
        eks, name, role = self.client("eks"), f"{self.prefix}-k8s", self.place.role("lambda")
        network = {"subnetIds": self._subnets(), "securityGroupIds": [self._group()]}
        eks.create_cluster(
            name=name, version="1.31", roleArn=role, resourcesVpcConfig=network, tags=self.at.tag_map("k8s")
        )
        self.at.made("AWS::EKS::Cluster")
        eks.create_nodegroup(
            clusterName=name,
            nodegroupName="general",
            scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 2},
            subnets=self._subnets(),
            instanceTypes=["t3.medium"],
            nodeRole=role,
            tags=self.at.tag_map("general"),
        )
        self.at.made("AWS::EKS::Nodegroup")
        eks.create_fargate_profile(
            fargateProfileName="system",
            clusterName=name,
            podExecutionRoleArn=role,
            subnets=self._subnets(),
            selectors=[{"namespace": "kube-system"}],
        )
        self.at.made("AWS::EKS::FargateProfile")

    def registry(self) -> None:
        ecr, name = self.client("ecr"), f"{self.prefix}/web"
        ecr.create_repository(
            repositoryName=name, imageScanningConfiguration={"scanOnPush": True}, tags=self.at.tags("web")
        )
        expire = {
            "rulePriority": 1,
            "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5},
            "action": {"type": "expire"},
        }
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=compact({"rules": [expire]}))
        self.at.made("AWS::ECR::Repository")

    def file_systems(self) -> None:
        efs = self.client("efs")
        file_system = efs.create_file_system(
            CreationToken=f"{self.prefix}-shared", Encrypted=True, Backup=True, Tags=self.at.tags("shared")
        )["FileSystemId"]
        efs.put_lifecycle_configuration(
            FileSystemId=file_system, LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"}]
        )
        self.at.made("AWS::EFS::FileSystem")
        efs.create_mount_target(
            FileSystemId=file_system, SubnetId=self._subnets()[0], SecurityGroups=[self._group()]
        )
        self.at.made("AWS::EFS::MountTarget")
        efs.create_access_point(
            ClientToken=f"{self.prefix}-app",
            FileSystemId=file_system,
            PosixUser={"Uid": 1000, "Gid": 1000},
            RootDirectory={"Path": "/app"},
            Tags=self.at.tags("app"),
        )
        self.at.made("AWS::EFS::AccessPoint")

    def caches(self) -> None:
        elasticache, tags = self.client("elasticache"), self.at.tags("cache")
        group = f"{self.prefix}-cache"
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=group,
            CacheSubnetGroupDescription="caches",
            SubnetIds=self._subnets(),
            Tags=tags,
        )
        self.at.made("AWS::ElastiCache::SubnetGroup")
        elasticache.create_cache_cluster(
            CacheClusterId=f"{self.prefix}-pages",
            Engine="memcached",
            CacheNodeType="cache.t3.micro",
            NumCacheNodes=1,
            CacheSubnetGroupName=group,
            Tags=tags,
        )
        self.at.made("AWS::ElastiCache::CacheCluster")
        elasticache.create_replication_group(
            ReplicationGroupId=f"{self.prefix}-sessions",
            ReplicationGroupDescription="sessions",
            Engine="redis",
            CacheNodeType="cache.t3.micro",
            NumCacheClusters=2,
            AutomaticFailoverEnabled=True,
            AuthToken=f"{SECRET}-redis-token",
            TransitEncryptionEnabled=True,
            Tags=tags,
        )
        self.at.made("AWS::ElastiCache::ReplicationGroup")

    def warehouse(self) -> None:
        redshift = self.client("redshift")
        redshift.create_cluster(
            ClusterIdentifier=f"{self.prefix}-dwh",
            NodeType="ra3.large",
            ClusterType="single-node",
            DBName="dwh",
            MasterUsername="root",
            MasterUserPassword=f"{SECRET}Redshift1",
            Encrypted=True,
            Tags=self.at.tags("dwh"),
        )
        self.at.made("AWS::Redshift::Cluster")
        opensearch = self.client("opensearch")
        opensearch.create_domain(
            DomainName=f"{self.prefix}-search",
            EngineVersion="OpenSearch_2.15",
            ClusterConfig={"InstanceType": "t3.small.search", "InstanceCount": 1},
            EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10},
            AccessPolicies=allow("es:ESHttpGet"),
            TagList=self.at.tags("search"),
        )
        self.at.made("AWS::OpenSearchService::Domain")

    def workflows(self) -> None:
        states = self.client("stepfunctions")
        states.create_state_machine(
            name=f"{self.prefix}-orders",
            definition=compact({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
            roleArn=self.place.role("lambda"),
            tags=self._lower("orders"),
        )
        self.at.made("AWS::StepFunctions::StateMachine")
        scheduler, group = self.client("scheduler"), f"{self.prefix}-nightly"
        scheduler.create_schedule_group(Name=group, Tags=self.at.tags("nightly"))
        self.at.made("AWS::Scheduler::ScheduleGroup")
        scheduler.create_schedule(
            Name=f"{self.prefix}-report",
            GroupName=group,
            ScheduleExpression="cron(0 3 * * ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": self.place.arn("sqs", f"{self.prefix}-jobs"),
                "RoleArn": self.place.role("lambda"),
                "Input": compact({"token": f"{SECRET}-schedule"}),
            },
        )
        self.at.made("AWS::Scheduler::Schedule")
