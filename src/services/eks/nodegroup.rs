//! Managed node groups.

use aws_sdk_eks::Client;
use aws_sdk_eks::types::{
    AmiTypes, CapacityTypes, LaunchTemplateSpecification, NodeRepairConfig, NodeRepairConfigOverrides, Nodegroup,
    NodegroupResources, NodegroupScalingConfig, NodegroupStatus, NodegroupUpdateConfig, NodegroupUpdateStrategies,
    RemoteAccessConfig, RepairAction, Taint, TaintEffect, WarmPoolConfig, WarmPoolState,
};

use super::{GONE, of_cluster, parts, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::EKS::Nodegroup`. One call per cluster and one each.
///
/// The number of nodes is observed: autoscalers move it.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EKS::Nodegroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdAt"),
    sets: &[
        "InstanceTypes",
        "NodeRepairConfig.NodeRepairConfigOverrides",
        "RemoteAccess.SourceSecurityGroups",
        "Subnets",
        "Taints",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "nodegroup.clusterName", why: "the cluster that was asked about" },
        LeftOut { path: "nodegroup.nodegroupName", why: "the name that was asked about" },
        LeftOut { path: "nodegroup.health.*", why: "run state" },
    ],
    unmapped: &[
        Unmapped { path: "ForceUpdateEnabled", why: "write-only: what an update should do" },
        Unmapped { path: "ScalingConfig.DesiredSize", why: "autoscalers move it: observed" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "ClusterName",
            to: "AWS::EKS::Cluster",
            target: "{}",
            order: Order::HolderFirst,
            why: "a cluster is named and cannot go while it has parts",
        },
        Edge {
            path: "RemoteAccess.Ec2SshKey",
            to: "AWS::EC2::KeyPair",
            target: "{}",
            order: Order::HolderFirst,
            why: "a key pair is named",
        },
    ],
    read_actions: &["eks:DescribeNodegroup", "eks:ListClusters", "eks:ListNodegroups"],
    delete: Delete::Call(Recipe {
        operation: "DeleteNodegroup",
        actions: &["eks:DeleteNodegroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let eks: Client = cx.client();
    let mut found = parts(cx, |cluster| names(&eks, cluster)).await?;
    found.retain(|(cluster, name)| cx.wants(&id(cluster, name)));
    cx.each(found, |(cluster, name)| describe(&eks, cluster, name)).await
}

async fn names(eks: &Client, cluster: String) -> Result<Vec<String>, CallError> {
    let pages = eks.list_nodegroups().cluster_name(&cluster).max_results(100).into_paginator().items().send();
    of_cluster(eks, &cluster, pages.try_collect().await.at("eks:ListNodegroups")).await
}

async fn describe(eks: &Client, cluster: String, name: String) -> Result<Option<Draft>, CallError> {
    let answer = eks.describe_nodegroup().cluster_name(&cluster).nodegroup_name(&name).send().await;
    let answer = answer.at("eks:DescribeNodegroup").absent_if(GONE)?;
    Ok(answer.and_then(|answer| answer.nodegroup).map(|found| map(&cluster, &name, &found)))
}

fn id(cluster: &str, name: &str) -> String {
    format!("{cluster}/{name}")
}

fn map(cluster: &str, name: &str, group: &Nodegroup) -> Draft {
    Draft::new(id(cluster, name))
        .arn(group.nodegroup_arn())
        .name(name)
        .created(group.created_at())
        .tags(tags(group.tags()))
        .with("AmiType", group.ami_type().map(AmiTypes::as_str))
        .with("CapacityType", group.capacity_type().map(CapacityTypes::as_str))
        .with("ClusterName", cluster)
        .with("DiskSize", group.disk_size())
        .with("InstanceTypes", group.instance_types())
        .with("Labels", group.labels())
        .with("LaunchTemplate", group.launch_template().map(launch_template_specification))
        .with("NodeRepairConfig", group.node_repair_config().map(node_repair_config))
        .with("NodeRole", group.node_role())
        .with("NodegroupName", name)
        .with("ReleaseVersion", group.release_version())
        .with("RemoteAccess", group.remote_access().map(remote_access_config))
        .with("ScalingConfig", group.scaling_config().map(nodegroup_scaling_config))
        .with("Subnets", group.subnets())
        .with("Taints", each(group.taints(), taint))
        .with("UpdateConfig", group.update_config().map(nodegroup_update_config))
        .with("Version", group.version())
        .with("WarmPoolConfig", group.warm_pool_config().map(warm_pool_config))
        .observed("autoScalingGroups", group.resources().map(scaling_groups))
        .observed(
            "desiredSize",
            group.scaling_config().and_then(aws_sdk_eks::types::NodegroupScalingConfig::desired_size),
        )
        .observed("modifiedAt", group.modified_at())
        .observed("remoteAccessSecurityGroup", group.resources().and_then(|made| made.remote_access_security_group()))
        .observed("status", group.status().map(NodegroupStatus::as_str))
}

fn launch_template_specification(specification: &LaunchTemplateSpecification) -> Props {
    Props::new()
        .with("Id", specification.id())
        .with("Name", specification.name())
        .with("Version", specification.version())
}

fn node_repair_config_overrides(overrides: &NodeRepairConfigOverrides) -> Props {
    Props::new()
        .with("MinRepairWaitTimeMins", overrides.min_repair_wait_time_mins())
        .with("NodeMonitoringCondition", overrides.node_monitoring_condition())
        .with("NodeUnhealthyReason", overrides.node_unhealthy_reason())
        .with("RepairAction", overrides.repair_action().map(RepairAction::as_str))
}

fn node_repair_config(config: &NodeRepairConfig) -> Props {
    Props::new()
        .with("Enabled", config.enabled())
        .with("MaxParallelNodesRepairedCount", config.max_parallel_nodes_repaired_count())
        .with("MaxParallelNodesRepairedPercentage", config.max_parallel_nodes_repaired_percentage())
        .with("MaxUnhealthyNodeThresholdCount", config.max_unhealthy_node_threshold_count())
        .with("MaxUnhealthyNodeThresholdPercentage", config.max_unhealthy_node_threshold_percentage())
        .with("NodeRepairConfigOverrides", each(config.node_repair_config_overrides(), node_repair_config_overrides))
}

fn remote_access_config(config: &RemoteAccessConfig) -> Props {
    Props::new().with("Ec2SshKey", config.ec2_ssh_key()).with("SourceSecurityGroups", config.source_security_groups())
}

fn nodegroup_scaling_config(config: &NodegroupScalingConfig) -> Props {
    Props::new().with("MaxSize", config.max_size()).with("MinSize", config.min_size())
}

fn taint(taint: &Taint) -> Props {
    Props::new()
        .with("Effect", taint.effect().map(TaintEffect::as_str))
        .with("Key", taint.key())
        .with("Value", taint.value())
}

fn nodegroup_update_config(config: &NodegroupUpdateConfig) -> Props {
    Props::new()
        .with("MaxUnavailable", config.max_unavailable())
        .with("MaxUnavailablePercentage", config.max_unavailable_percentage())
        .with("UpdateStrategy", config.update_strategy().map(NodegroupUpdateStrategies::as_str))
}

fn warm_pool_config(config: &WarmPoolConfig) -> Props {
    Props::new()
        .with("Enabled", config.enabled())
        .with("MaxGroupPreparedCapacity", config.max_group_prepared_capacity())
        .with("MinSize", config.min_size())
        .with("PoolState", config.pool_state().map(WarmPoolState::as_str))
        .with("ReuseOnScaleIn", config.reuse_on_scale_in())
}

/// The names of the groups that EKS made for it.
fn scaling_groups(made: &NodegroupResources) -> Vec<&str> {
    made.auto_scaling_groups().iter().filter_map(|group| group.name()).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let eks: Client = hands.client();
    let (cluster, name) = hands.id().split_once('/').unwrap_or_default();
    let look = eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name).send();
    let now = hands.look("eks:DescribeNodegroup", look).await?;
    match now.as_ref().and_then(|answer| answer.nodegroup()?.status()) {
        None => return Ok(Progress::Done),
        Some(NodegroupStatus::Deleting) => {}
        Some(_) => {
            if hands
                .call(step, eks.delete_nodegroup().cluster_name(cluster).nodegroup_name(name).send())
                .await?
                .is_none()
            {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("its nodes are drained and deleted".to_owned()))
}
