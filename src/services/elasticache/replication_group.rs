//! Replication groups of Redis OSS and Valkey.

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, ClusterMode, DataTieringStatus, Durability, EffectiveDurability,
    IpDiscovery, MultiAzStatus, NetworkType, NodeGroup, ReplicationGroup, StorageEncryptionType, TransitEncryptionMode,
};

use super::{cache_clusters, classic_groups, final_snapshot, log_delivery, security_groups, tags, with_tags};
use crate::aws::{Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, Edge, IntoProperty, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec,
    Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::ElastiCache::ReplicationGroup`. One call each for the tags, and two for all.
///
/// Engine version, parameter group, security groups and a few more are answered by its member clusters only. Which
/// node is the primary one, and where, moves with every failover and is not kept. The schema has no place for
/// `authTokenEnabled`, `clusterEnabled`, `memberClustersOutpostArns` and `storageEncryptionType`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElastiCache::ReplicationGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("ReplicationGroupCreateTime"),
    sets: &[
        "CacheSecurityGroupNames",
        "LogDeliveryConfigurations",
        "NodeGroupConfiguration",
        "SecurityGroupIds",
        "UserGroupIds",
        "memberClustersOutpostArns",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ReplicationGroups[].PendingModifiedValues.*", why: "not in force yet" },
        LeftOut { path: "ReplicationGroups[].NodeGroups[].Status", why: "run state" },
        LeftOut { path: "ReplicationGroups[].NodeGroups[].PrimaryEndpoint.Address", why: "an address that AWS chose" },
        LeftOut { path: "ReplicationGroups[].NodeGroups[].ReaderEndpoint.*", why: "an address that AWS chose" },
        LeftOut { path: "ReplicationGroups[].NodeGroups[].NodeGroupMembers*", why: "roles move with a failover" },
        LeftOut {
            path: "ReplicationGroups[].NodeGroups[].PrimaryEndpoint.Port",
            why: "the port of the whole group counts",
        },
        LeftOut { path: "ReplicationGroups[].AuthTokenLastModifiedDate", why: "time of a change" },
        LeftOut { path: "ReplicationGroups[].SnapshottingClusterId", why: "moves with a failover" },
        LeftOut { path: "ReplicationGroups[].LogDeliveryConfigurations[].Status", why: "run state" },
        LeftOut { path: "ReplicationGroups[].LogDeliveryConfigurations[].Message", why: "run state" },
        LeftOut {
            path: "DescribeCacheClusters:CacheClusters*",
            why: "belongs to the cluster, but for what the members alone say",
        },
    ],
    unmapped: &[
        Unmapped { path: "AuthToken", why: "a secret; never answered" },
        Unmapped { path: "NodeGroupConfiguration.*.PrimaryAvailabilityZone", why: "moves with a failover" },
        Unmapped { path: "NodeGroupConfiguration.*.ReplicaAvailabilityZones", why: "moves with a failover" },
        Unmapped { path: "PreferredCacheClusterAZs", why: "moves with a failover" },
        Unmapped { path: "PrimaryClusterId", why: "what it was made from is not answered" },
        Unmapped { path: "SnapshotArns", why: "what it was restored from is not answered" },
        Unmapped { path: "SnapshotName", why: "what it was restored from is not answered" },
        Unmapped { path: "SnapshottingClusterId", why: "moves with a failover" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "CacheSubnetGroupName",
            to: "AWS::ElastiCache::SubnetGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a subnet group is named and cannot go while it is in use",
        },
        Edge {
            path: "CacheParameterGroupName",
            to: "AWS::ElastiCache::ParameterGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a parameter group is named and cannot go while it is in use",
        },
        Edge {
            path: "LogDeliveryConfigurations.*.DestinationDetails.CloudWatchLogsDetails.LogGroup",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "it logs there",
        },
        Edge {
            path: "LogDeliveryConfigurations.*.DestinationDetails.KinesisFirehoseDetails.DeliveryStream",
            to: "AWS::KinesisFirehose::DeliveryStream",
            target: "{}",
            order: Order::HolderFirst,
            why: "it logs there",
        },
    ],
    read_actions: &[
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeReplicationGroups",
        "elasticache:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteReplicationGroup",
        actions: &[
            "elasticache:CreateSnapshot",
            "elasticache:DeleteReplicationGroup",
            "elasticache:DisassociateGlobalReplicationGroup",
        ],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: Some("restore of the final snapshot"),
    }),
};

/// How `ElastiCache` says that a group was deleted since it was listed; the tags have codes of their own.
const GONE: &[&str] = &["ReplicationGroupNotFoundFault", "CacheClusterNotFound"];

async fn list(cx: &Cx) -> Listed {
    let elasticache: Client = cx.client();
    let pages = elasticache.describe_replication_groups().max_records(100).into_paginator().items().send();
    let mut groups: Vec<ReplicationGroup> = pages.try_collect().await.at("elasticache:DescribeReplicationGroups")?;
    groups.retain(|group| cx.wants(group.replication_group_id().unwrap_or_default()));
    cx.each(groups, |group| describe(cx, &elasticache, group)).await
}

async fn describe(cx: &Cx, elasticache: &Client, group: ReplicationGroup) -> Result<Option<Draft>, CallError> {
    let id = group.replication_group_id();
    let (tags, clusters) = tokio::join!(tags(elasticache, group.arn()), cache_clusters(cx));
    let again = elasticache.describe_replication_groups().set_replication_group_id(id.map(str::to_owned)).send();
    let again = async { again.await.at("elasticache:DescribeReplicationGroups") };
    if vanished([tags.as_ref().err()], GONE, again).await? {
        return Ok(None);
    }
    let member = match &clusters {
        Ok(clusters) => Ok(clusters.iter().find(|cluster| cluster.replication_group_id() == id)),
        Err(error) => Err(error.clone()),
    };
    with_tags(of_member(map(&group), &member)?, tags, GONE)
}

fn map(group: &ReplicationGroup) -> Draft {
    let shards = group.node_groups();
    let replicas = shards.first().map(|shard| count(shard.node_group_members()).saturating_sub(1));
    let failover = |status: &AutomaticFailoverStatus| {
        matches!(status, AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
    };
    let global = group.global_replication_group_info();
    Draft::new(group.replication_group_id().unwrap_or_default())
        .arn(group.arn())
        .name(group.replication_group_id())
        .created(group.replication_group_create_time())
        .with("AtRestEncryptionEnabled", group.at_rest_encryption_enabled())
        .with("AutoMinorVersionUpgrade", group.auto_minor_version_upgrade())
        .with("CacheNodeType", group.cache_node_type())
        .with("ClusterMode", group.cluster_mode().map(ClusterMode::as_str))
        .with("Durability", group.durability().map(Durability::as_str))
        .with("Engine", group.engine())
        .with("IpDiscovery", group.ip_discovery().map(IpDiscovery::as_str))
        .with("KmsKeyId", group.kms_key_id())
        .with("LogDeliveryConfigurations", each(group.log_delivery_configurations(), log_delivery))
        .with("NetworkType", group.network_type().map(NetworkType::as_str))
        .with("ReplicationGroupDescription", group.description())
        .with("ReplicationGroupId", group.replication_group_id())
        .with("SnapshotRetentionLimit", group.snapshot_retention_limit())
        .with("SnapshotWindow", group.snapshot_window())
        .with("TransitEncryptionEnabled", group.transit_encryption_enabled())
        .with("TransitEncryptionMode", group.transit_encryption_mode().map(TransitEncryptionMode::as_str))
        .with("UserGroupIds", group.user_group_ids())
        .with("AutomaticFailoverEnabled", group.automatic_failover().map(failover))
        .with("DataTieringEnabled", group.data_tiering().map(|status| status == &DataTieringStatus::Enabled))
        .with("GlobalReplicationGroupId", global.and_then(|global| global.global_replication_group_id()))
        .with("MultiAZEnabled", group.multi_az().map(|status| status == &MultiAzStatus::Enabled))
        .with("NodeGroupConfiguration", each(shards, shard))
        .with("NumCacheClusters", count(group.member_clusters()))
        .with("NumNodeGroups", count(shards))
        .with("Port", port(group))
        .with("ReplicasPerNodeGroup", replicas)
        .with("authTokenEnabled", group.auth_token_enabled())
        .with("clusterEnabled", group.cluster_enabled())
        .with("memberClustersOutpostArns", group.member_clusters_outpost_arns())
        .with("storageEncryptionType", group.storage_encryption_type().map(StorageEncryptionType::as_str))
        .observed("configurationEndpoint", group.configuration_endpoint().and_then(|endpoint| endpoint.address()))
        .observed("effectiveDurability", group.effective_durability().map(EffectiveDurability::as_str))
        .observed("globalRole", global.and_then(|global| global.global_replication_group_member_role()))
        .observed("memberClusters", group.member_clusters())
        .observed("status", group.status())
}

/// What AWS answers with a member cluster only.
fn of_member(draft: Draft, member: &Result<Option<&CacheCluster>, CallError>) -> Result<Draft, CallError> {
    let of = |value: &dyn Fn(&CacheCluster) -> Option<serde_json::Value>| match member {
        Ok(member) => Ok(member.and_then(value)),
        Err(error) => Err(error.clone()),
    };
    let parameters = |c: &CacheCluster| c.cache_parameter_group()?.cache_parameter_group_name().into_property();
    draft
        .sub("CacheParameterGroupName", of(&parameters))?
        .sub("CacheSecurityGroupNames", of(&|c| classic_groups(c).into_property()))?
        .sub("CacheSubnetGroupName", of(&|c| c.cache_subnet_group_name().into_property()))?
        .sub("EngineVersion", of(&|c| c.engine_version().into_property()))?
        .sub("NotificationTopicArn", of(&|c| c.notification_configuration()?.topic_arn().into_property()))?
        .sub("PreferredMaintenanceWindow", of(&|c| c.preferred_maintenance_window().into_property()))?
        .sub("SecurityGroupIds", of(&|c| security_groups(c).into_property()))
}

fn count<T>(items: &[T]) -> u64 {
    items.len() as u64
}

/// The port, which all nodes share.
fn port(group: &ReplicationGroup) -> Option<i32> {
    let endpoint = group.configuration_endpoint().or_else(|| group.node_groups().first()?.primary_endpoint());
    endpoint.and_then(aws_sdk_elasticache::types::Endpoint::port)
}

fn shard(shard: &NodeGroup) -> Props {
    Props::new()
        .with("NodeGroupId", shard.node_group_id())
        .with("ReplicaCount", count(shard.node_group_members()).saturating_sub(1))
        .with("Slots", shard.slots())
}

/// Out of its global datastore, then deleted; the target of the deletion is the final snapshot.
fn steps(group: &Resource, switches: &Switches) -> Vec<Step> {
    let global = group.properties.get("GlobalReplicationGroupId").and_then(serde_json::Value::as_str);
    let role = group.observed.get("globalRole").and_then(serde_json::Value::as_str);
    let mut steps = Vec::new();
    if let (Some(global), Some("SECONDARY")) = (global, role) {
        steps.push(Step::on("elasticache:DisassociateGlobalReplicationGroup", global));
    }
    steps.push(match final_snapshot(switches, &group.id) {
        Some(snapshot) => Step::on("elasticache:DeleteReplicationGroup", snapshot),
        None => Step::on_resource("elasticache:DeleteReplicationGroup"),
    });
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let elasticache: Client = hands.client();
    let look = elasticache.describe_replication_groups().replication_group_id(hands.id()).send();
    let now = hands.look("elasticache:DescribeReplicationGroups", look).await?;
    let Some(group) = now.as_ref().and_then(|answer| answer.replication_groups().first()) else {
        return Ok(Progress::Done);
    };
    if step.call == "elasticache:DisassociateGlobalReplicationGroup" {
        let global = group.global_replication_group_info().and_then(|global| global.global_replication_group_id());
        if global != Some(step.target.as_str()) {
            return Ok(Progress::Done);
        }
        if group.status() == Some("available") {
            let leave = elasticache.disassociate_global_replication_group();
            let leave = leave.global_replication_group_id(&step.target).replication_group_id(hands.id());
            hands.call(step, leave.replication_group_region(hands.cx.region()).send()).await?;
        }
        return Ok(Progress::Waiting("it is leaving its global datastore".to_owned()));
    }
    if !matches!(group.status(), Some("deleting" | "snapshotting")) {
        let snapshot = Some(step.target.clone()).filter(|name| !name.is_empty());
        let delete = elasticache.delete_replication_group().replication_group_id(hands.id());
        if hands.call(step, delete.set_final_snapshot_identifier(snapshot).send()).await?.is_none() {
            return Ok(Progress::Done);
        }
    }
    Ok(Progress::Waiting("the group is being deleted".to_owned()))
}
