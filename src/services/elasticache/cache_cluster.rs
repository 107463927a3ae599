//! Cache clusters: Memcached, and the members of replication groups.

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::types::{CacheCluster, IpDiscovery, NetworkType, TransitEncryptionMode};

use super::{cache_clusters, classic_groups, final_snapshot, log_delivery, security_groups, tags, with_tags};
use crate::aws::{Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::ElastiCache::CacheCluster`. One call each for the tags, and one for all.
///
/// A member of a replication group belongs to it: the group makes it and takes it along. The schema has no place for
/// `atRestEncryptionEnabled`, `authTokenEnabled`, `preferredOutpostArn`, `replicationGroupLogDeliveryEnabled` and
/// `transitEncryptionMode`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElastiCache::CacheCluster",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CacheClusterCreateTime"),
    sets: &["CacheSecurityGroupNames", "LogDeliveryConfigurations", "VpcSecurityGroupIds"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "CacheClusters[].ClientDownloadLandingPage", why: "a page of AWS" },
        LeftOut { path: "CacheClusters[].PendingModifiedValues.*", why: "not in force yet" },
        LeftOut { path: "CacheClusters[].NotificationConfiguration.TopicStatus", why: "run state" },
        LeftOut { path: "CacheClusters[].CacheSecurityGroups[].Status", why: "run state" },
        LeftOut { path: "CacheClusters[].SecurityGroups[].Status", why: "run state" },
        LeftOut { path: "CacheClusters[].CacheParameterGroup.ParameterApplyStatus", why: "run state" },
        LeftOut { path: "CacheClusters[].CacheParameterGroup.CacheNodeIdsToReboot*", why: "run state" },
        LeftOut { path: "CacheClusters[].CacheNodes*", why: "AWS replaces nodes by itself" },
        LeftOut { path: "CacheClusters[].AuthTokenLastModifiedDate", why: "time of a change" },
        LeftOut { path: "CacheClusters[].LogDeliveryConfigurations[].Status", why: "run state" },
        LeftOut { path: "CacheClusters[].LogDeliveryConfigurations[].Message", why: "run state" },
    ],
    unmapped: &[
        Unmapped { path: "AZMode", why: "never answered; PreferredAvailabilityZone is `Multiple` then" },
        Unmapped { path: "PreferredAvailabilityZones", why: "never answered as it was set" },
        Unmapped { path: "SnapshotArns", why: "what it was restored from is not answered" },
        Unmapped { path: "SnapshotName", why: "what it was restored from is not answered" },
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
    ],
    read_actions: &["elasticache:DescribeCacheClusters", "elasticache:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCacheCluster",
        actions: &["elasticache:CreateSnapshot", "elasticache:DeleteCacheCluster"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: Some("restore of the final snapshot; Memcached has none"),
    }),
};

/// How `ElastiCache` says that a cluster was deleted since it was listed.
const GONE: &[&str] = &["CacheClusterNotFound"];

async fn list(cx: &Cx) -> Listed {
    let elasticache: Client = cx.client();
    let clusters = cache_clusters(cx).await?;
    let wanted = clusters.iter().filter(|cluster| cx.wants(cluster.cache_cluster_id().unwrap_or_default()));
    cx.each(wanted.cloned().collect(), |cluster| describe(&elasticache, cluster)).await
}

async fn describe(elasticache: &Client, cluster: CacheCluster) -> Result<Option<Draft>, CallError> {
    let tags = tags(elasticache, cluster.arn()).await;
    let again = elasticache.describe_cache_clusters().set_cache_cluster_id(cluster.cache_cluster_id.clone()).send();
    if vanished([tags.as_ref().err()], GONE, async { again.await.at("elasticache:DescribeCacheClusters") }).await? {
        return Ok(None);
    }
    with_tags(map(&cluster), tags, GONE)
}

fn map(cluster: &CacheCluster) -> Draft {
    let parameters = cluster.cache_parameter_group().and_then(|group| group.cache_parameter_group_name());
    let topic = cluster.notification_configuration().and_then(|notification| notification.topic_arn());
    Draft::new(cluster.cache_cluster_id().unwrap_or_default())
        .arn(cluster.arn())
        .name(cluster.cache_cluster_id())
        .created(cluster.cache_cluster_create_time())
        .owner("elasticache-replication-group", cluster.replication_group_id())
        .with("AutoMinorVersionUpgrade", cluster.auto_minor_version_upgrade())
        .with("CacheNodeType", cluster.cache_node_type())
        .with("CacheSubnetGroupName", cluster.cache_subnet_group_name())
        .with("ClusterName", cluster.cache_cluster_id())
        .with("Engine", cluster.engine())
        .with("EngineVersion", cluster.engine_version())
        .with("IpDiscovery", cluster.ip_discovery().map(IpDiscovery::as_str))
        .with("LogDeliveryConfigurations", each(cluster.log_delivery_configurations(), log_delivery))
        .with("NetworkType", cluster.network_type().map(NetworkType::as_str))
        .with("NumCacheNodes", cluster.num_cache_nodes())
        .with("PreferredAvailabilityZone", cluster.preferred_availability_zone())
        .with("PreferredMaintenanceWindow", cluster.preferred_maintenance_window())
        .with("SnapshotRetentionLimit", cluster.snapshot_retention_limit())
        .with("SnapshotWindow", cluster.snapshot_window())
        .with("TransitEncryptionEnabled", cluster.transit_encryption_enabled())
        .with("CacheParameterGroupName", parameters)
        .with("CacheSecurityGroupNames", classic_groups(cluster))
        .with("NotificationTopicArn", topic)
        .with("Port", port(cluster))
        .with("VpcSecurityGroupIds", security_groups(cluster))
        .with("atRestEncryptionEnabled", cluster.at_rest_encryption_enabled())
        .with("authTokenEnabled", cluster.auth_token_enabled())
        .with("preferredOutpostArn", cluster.preferred_outpost_arn())
        .with("replicationGroupLogDeliveryEnabled", cluster.replication_group_log_delivery_enabled())
        .with("transitEncryptionMode", cluster.transit_encryption_mode().map(TransitEncryptionMode::as_str))
        .observed("configurationEndpoint", cluster.configuration_endpoint().and_then(|endpoint| endpoint.address()))
        .observed("status", cluster.cache_cluster_status())
}

/// The port, which all nodes share.
fn port(cluster: &CacheCluster) -> Option<i32> {
    let endpoint = cluster.configuration_endpoint().or_else(|| cluster.cache_nodes().first()?.endpoint());
    endpoint.and_then(aws_sdk_elasticache::types::Endpoint::port)
}

/// The target of the deletion is the final snapshot.
fn steps(cluster: &Resource, switches: &Switches) -> Vec<Step> {
    let engine = cluster.properties.get("Engine").and_then(serde_json::Value::as_str);
    let snapshot = final_snapshot(switches, &cluster.id).filter(|_| engine != Some("memcached"));
    vec![match snapshot {
        Some(snapshot) => Step::on("elasticache:DeleteCacheCluster", snapshot),
        None => Step::on_resource("elasticache:DeleteCacheCluster"),
    }]
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let elasticache: Client = hands.client();
    let look = elasticache.describe_cache_clusters().cache_cluster_id(hands.id()).send();
    let now = hands.look("elasticache:DescribeCacheClusters", look).await?;
    match now.as_ref().and_then(|answer| answer.cache_clusters().first()?.cache_cluster_status()) {
        None | Some("deleted") => return Ok(Progress::Done),
        Some("deleting" | "snapshotting") => {}
        Some(_) => {
            let snapshot = Some(step.target.clone()).filter(|name| !name.is_empty());
            let delete = elasticache.delete_cache_cluster().cache_cluster_id(hands.id());
            if hands.call(step, delete.set_final_snapshot_identifier(snapshot).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the cluster is being deleted".to_owned()))
}
