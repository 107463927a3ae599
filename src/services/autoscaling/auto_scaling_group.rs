//! Auto Scaling groups, each with its lifecycle hooks, notifications and warm pool.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{
    AutoScalingGroup, DeletionProtection, LifecycleHook, NotificationConfiguration, Operator, TagDescription,
    WarmPoolStatus,
};

use super::group_props::{properties, warm_pool};
use super::scaling_policy;
use crate::aws::{Call, CallError, Cx, ErrorClass, Fate, Hands};
use crate::catalog::steps::text;
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::AutoScaling::AutoScalingGroup`, with `AWS::AutoScaling::WarmPool` folded in as `warmPool`.
///
/// `suspendedProcesses` names the processes that somebody suspended, and `tagsPropagatedAtLaunch` the keys of the tags
/// that instances get. `DesiredCapacity` is a property where people set it, and only shown where something scales.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::AutoScaling::AutoScalingGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedTime"),
    sets: &[
        "AvailabilityZoneIds",
        "AvailabilityZones",
        "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationIds",
        "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArns",
        "LifecycleHookSpecificationList",
        "LoadBalancerNames",
        "MetricsCollection",
        "MetricsCollection.*.Metrics",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.AcceleratorManufacturers",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.AcceleratorNames",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.AcceleratorTypes",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.AllowedInstanceTypes",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.CpuManufacturers",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.ExcludedInstanceTypes",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.InstanceGenerations",
        "MixedInstancesPolicy.LaunchTemplate.Overrides.*.InstanceRequirements.LocalStorageTypes",
        "NotificationConfigurations",
        "NotificationConfigurations.*.NotificationTypes",
        "TargetGroupARNs",
        "TrafficSources",
        "VPCZoneIdentifier",
        "suspendedProcesses",
        "tagsPropagatedAtLaunch",
    ],
    secrets: &[],
    left_out: LEFT_OUT,
    unmapped: &[
        Unmapped { path: "InstanceId", why: "an instance to copy settings from at creation; not returned" },
        Unmapped { path: "LaunchTemplate.LaunchTemplateName", why: BESIDE_THE_ID },
        Unmapped {
            path: "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName",
            why: BESIDE_THE_ID,
        },
        Unmapped {
            path: "MixedInstancesPolicy.LaunchTemplate.Overrides.*.LaunchTemplateSpecification.LaunchTemplateName",
            why: BESIDE_THE_ID,
        },
        Unmapped { path: "NotificationConfiguration", why: "replaced by `NotificationConfigurations`" },
        Unmapped { path: "SkipZonalShiftValidation", why: "concerns a single request; not returned" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "LaunchConfigurationName",
            to: "AWS::AutoScaling::LaunchConfiguration",
            target: "{}",
            order: Order::HolderFirst,
            why: "a launch configuration is in use until its group is gone",
        },
        Edge {
            path: "PlacementGroup",
            to: "AWS::EC2::PlacementGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a placement group is deleted when it is empty",
        },
    ],
    read_actions: &[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLifecycleHooks",
        "autoscaling:DescribeNotificationConfigurations",
        "autoscaling:DescribePolicies",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteAutoScalingGroup",
        actions: &["autoscaling:UpdateAutoScalingGroup", "autoscaling:DeleteAutoScalingGroup"],
        // Auto Scaling has no code of its own for it: `ValidationError`, told apart by its message.
        gone: &[],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: Some(protection),
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

const BESIDE_THE_ID: &str = "AWS answers it beside the id, and takes only one of the two";

const LEFT_OUT: &[LeftOut] = &[
    // All but the ids.
    LeftOut { path: "AutoScalingGroups[].Instances*", why: "members come and go" },
    LeftOut { path: "AutoScalingGroups[].LaunchTemplate.LaunchTemplateName", why: BESIDE_THE_ID },
    LeftOut {
        path: "AutoScalingGroups[].MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName",
        why: BESIDE_THE_ID,
    },
    LeftOut {
        path: "AutoScalingGroups[].MixedInstancesPolicy.LaunchTemplate.Overrides[].LaunchTemplateSpecification.LaunchTemplateName",
        why: BESIDE_THE_ID,
    },
    LeftOut { path: "AutoScalingGroups[].SuspendedProcesses[].SuspensionReason", why: "tells when it was suspended" },
    LeftOut { path: "AutoScalingGroups[].Tags[].ResourceId", why: "the group itself" },
    LeftOut { path: "AutoScalingGroups[].Tags[].ResourceType", why: "the group itself" },
    LeftOut { path: "LifecycleHooks[].AutoScalingGroupName", why: "the group itself" },
    LeftOut { path: "LifecycleHooks[].GlobalTimeout", why: "follows from the heartbeat timeout" },
    // All but whether a group has a policy.
    LeftOut { path: "DescribePolicies:ScalingPolicies*", why: "policies are resources of their own" },
];

async fn list(cx: &Cx) -> Listed {
    let autoscaling: Client = cx.client();
    let pages = autoscaling.describe_auto_scaling_groups().max_records(100).into_paginator().items().send();
    let groups: Vec<AutoScalingGroup> = pages.try_collect().await.at("autoscaling:DescribeAutoScalingGroups")?;
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let (notifications, scaled) = tokio::join!(notifications(&autoscaling), scaled(cx));
    let groups = cx.wanted(groups, |group| group.auto_scaling_group_name().unwrap_or_default());
    cx.each(groups, |group| describe(&autoscaling, group, &notifications, &scaled)).await
}

type Notifications = Vec<NotificationConfiguration>;

/// The notifications of all groups.
async fn notifications(autoscaling: &Client) -> Result<Notifications, CallError> {
    let pages = autoscaling.describe_notification_configurations().max_records(100).into_paginator().items().send();
    pages.try_collect().await.at("autoscaling:DescribeNotificationConfigurations")
}

/// The names of the groups that a policy scales.
async fn scaled(cx: &Cx) -> Result<BTreeSet<String>, CallError> {
    let policies = scaling_policy::all(cx).await?;
    let enabled = policies.iter().filter(|policy| policy.enabled() != Some(false));
    Ok(enabled.filter_map(|policy| policy.auto_scaling_group_name.clone()).collect())
}

async fn describe(
    autoscaling: &Client,
    group: AutoScalingGroup,
    notifications: &Result<Notifications, CallError>,
    scaled: &Result<BTreeSet<String>, CallError>,
) -> Result<Option<Draft>, CallError> {
    let name = group.auto_scaling_group_name().unwrap_or_default();
    // This call has no pages.
    let hooks = autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(name).send().await;
    let hooks = match hooks.at("autoscaling:DescribeLifecycleHooks") {
        Err(error) if error.class == ErrorClass::Gone && !exists(autoscaling, name).await? => return Ok(None),
        answer => answer.map(|answer| each(answer.lifecycle_hooks(), hook)),
    };
    let notifications = notifications.as_ref().map_err(Clone::clone).map(|all| notifications_of(name, all));
    let scaled = if is_scaled_from_outside(&group) { Ok(true) } else { scaled.as_ref().map(|all| all.contains(name)) };
    let capacity = group.desired_capacity().map(|capacity| capacity.to_string());
    let shown = capacity.clone().filter(|_| !matches!(scaled, Ok(false)));
    let set = scaled.map_err(Clone::clone).map(|scaled| capacity.filter(|_| !scaled));

    map(&group)
        .observed("DesiredCapacity", shown)
        .sub("DesiredCapacity", set)?
        .sub("LifecycleHookSpecificationList", hooks)?
        .sub("NotificationConfigurations", notifications)
        .map(Some)
}

async fn exists(autoscaling: &Client, name: &str) -> Result<bool, CallError> {
    let answer = autoscaling.describe_auto_scaling_groups().auto_scaling_group_names(name).send().await;
    Ok(!answer.at("autoscaling:DescribeAutoScalingGroups")?.auto_scaling_groups().is_empty())
}

/// Kubernetes' autoscaler and EKS set the capacity themselves, without a policy.
fn is_scaled_from_outside(group: &AutoScalingGroup) -> bool {
    let of_scaler = |key: &str| key.starts_with("k8s.io/cluster-autoscaler/") || key == "eks:nodegroup-name";
    group.tags().iter().filter_map(TagDescription::key).any(of_scaler)
}

fn map(group: &AutoScalingGroup) -> Draft {
    let name = group.auto_scaling_group_name().unwrap_or_default();
    let tags = group.tags().iter();
    let tags = tags.filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())));
    let instances = group.instances().iter().filter_map(|instance| Some(instance.instance_id()?.to_owned()));
    let pool = group.warm_pool_configuration();
    let draft = Draft::new(name)
        .arn(group.auto_scaling_group_arn())
        .name(group.auto_scaling_group_name())
        .created(group.created_time())
        .tags(tags)
        .owner("aws-service", group.operator().and_then(Operator::principal))
        .with("suspendedProcesses", suspended(group))
        .with("tagsPropagatedAtLaunch", propagated(group))
        .with("warmPool", pool.map(warm_pool))
        .observed("Instances", instances.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>())
        .observed("PredictedCapacity", group.predicted_capacity())
        .observed("Status", group.status())
        .observed("WarmPoolSize", group.warm_pool_size())
        .observed("WarmPoolStatus", pool.and_then(|pool| pool.status()).map(WarmPoolStatus::as_str));
    properties(draft, group)
}

fn suspended(group: &AutoScalingGroup) -> Vec<String> {
    group.suspended_processes().iter().filter_map(|process| Some(process.process_name()?.to_owned())).collect()
}

fn propagated(group: &AutoScalingGroup) -> Vec<String> {
    let tags = group.tags().iter().filter(|tag| tag.propagate_at_launch() == Some(true));
    // Tags of AWS's own are no configuration.
    tags.filter_map(|tag| tag.key()).filter(|key| !key.starts_with("aws:")).map(str::to_owned).collect()
}

fn hook(hook: &LifecycleHook) -> Props {
    Props::new()
        .with("DefaultResult", hook.default_result())
        .with("HeartbeatTimeout", hook.heartbeat_timeout())
        .with("LifecycleHookName", hook.lifecycle_hook_name())
        .with("LifecycleTransition", hook.lifecycle_transition())
        .with("NotificationMetadata", hook.notification_metadata())
        .with("NotificationTargetARN", hook.notification_target_arn())
        .with("RoleARN", hook.role_arn())
}

/// The API answers a row for each topic and kind of event, the schema has a list of kinds for each topic.
fn notifications_of(group: &str, all: &[NotificationConfiguration]) -> Vec<Props> {
    let mut topics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in all.iter().filter(|row| row.auto_scaling_group_name() == Some(group)) {
        let kinds = topics.entry(row.topic_arn().unwrap_or_default()).or_default();
        kinds.extend(row.notification_type().map(str::to_owned));
    }
    let topics = topics.into_iter();
    topics.map(|(topic, kinds)| Props::new().with("TopicARN", topic).with("NotificationTypes", kinds)).collect()
}

fn protection(group: &Resource) -> Option<String> {
    let level = text(&group.properties, "DeletionProtection")?;
    (level != "none").then(|| format!("DeletionProtection {level}"))
}

fn deletion(group: &Resource, switches: &Switches) -> Vec<Step> {
    let unprotect = switches.disable_protection && protection(group).is_some();
    let unprotect = unprotect.then(|| Step::on("autoscaling:UpdateAutoScalingGroup", "DeletionProtection=none"));
    unprotect.into_iter().chain([Step::on_resource("autoscaling:DeleteAutoScalingGroup")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let autoscaling: Client = hands.client();
    let group = hands.id();
    match step.call.as_str() {
        "autoscaling:UpdateAutoScalingGroup" => {
            let call = autoscaling.update_auto_scaling_group().auto_scaling_group_name(group);
            let call = call.deletion_protection(DeletionProtection::None).send();
            hands.call_checked(step, async { gone(call.await.at(&step.call)) }).await?;
            Ok(Progress::Done)
        }
        "autoscaling:DeleteAutoScalingGroup" => {
            // By force: the instances and the warm pool are terminated with the group.
            let call = autoscaling.delete_auto_scaling_group().auto_scaling_group_name(group).force_delete(true);
            let request = async { gone(call.send().await.at(&step.call)) };
            hands.until_gone(step, || fate(hands, &autoscaling), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// A missing group is a `ValidationError` like any other, so its class decides too, which comes from the message.
fn gone<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Err(error) if error.class == ErrorClass::Gone && error.code == "ValidationError" => Ok(None),
        answer => answer.map(Some),
    }
}

async fn fate(hands: &Hands, autoscaling: &Client) -> Result<Fate, CallError> {
    let found = autoscaling.describe_auto_scaling_groups().auto_scaling_group_names(hands.id()).send();
    let found = gone(found.await.at("autoscaling:DescribeAutoScalingGroups"))?;
    let group = found.and_then(|found| found.auto_scaling_groups?.into_iter().next());
    Ok(match group.map(|group| group.status.unwrap_or_default()) {
        None => Fate::Gone,
        // The status is there only while the group is being deleted: `Delete in progress`.
        Some(status) if status.starts_with("Delete") => Fate::going("terminating its instances"),
        Some(_) => Fate::There,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scales_a_group_is_a_policy_or_a_scaler_that_its_tags_name() {
        let tagged = |key: &str| AutoScalingGroup::builder().tags(TagDescription::builder().key(key).build()).build();
        assert!(is_scaled_from_outside(&tagged("k8s.io/cluster-autoscaler/enabled")));
        assert!(is_scaled_from_outside(&tagged("eks:nodegroup-name")));
        assert!(!is_scaled_from_outside(&tagged("Team")));
    }
}
