//! What Application Auto Scaling scales: services of ECS, tables, replicas of Aurora, aliases of functions, ….

use std::collections::HashMap;

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTarget, ScalableTargetAction, ScalingPolicy, ScheduledAction, ServiceNamespace,
    SuspendedState,
};

use super::scaling_policy::scaling_policy;
use crate::aws::{Call, CallError, Cx};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Running, Scope, TypeSpec, Unmapped,
};

/// `AWS::ApplicationAutoScaling::ScalableTarget`, with `AWS::ApplicationAutoScaling::ScalingPolicy` folded in as
/// `scalingPolicies`. `scaledResourceArn` is `ResourceId` as an ARN, where the form is known.
///
/// One call for each of the fifteen service namespaces, since there is none for all; then for each that scales something
/// two more, and one per target for its tags.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApplicationAutoScaling::ScalableTarget",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &[
        "ScheduledActions",
        "scalingPolicies",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications.*.CustomizedCapacityMetricSpecification.MetricDataQueries",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications.*.CustomizedCapacityMetricSpecification.MetricDataQueries.*.MetricStat.Metric.Dimensions",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications.*.CustomizedLoadMetricSpecification.MetricDataQueries",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications.*.CustomizedLoadMetricSpecification.MetricDataQueries.*.MetricStat.Metric.Dimensions",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications.*.CustomizedScalingMetricSpecification.MetricDataQueries",
        "scalingPolicies.*.PredictiveScalingPolicyConfiguration.MetricSpecifications.*.CustomizedScalingMetricSpecification.MetricDataQueries.*.MetricStat.Metric.Dimensions",
        "scalingPolicies.*.StepScalingPolicyConfiguration.StepAdjustments",
        "scalingPolicies.*.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Dimensions",
        "scalingPolicies.*.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics",
        "scalingPolicies.*.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics.*.MetricStat.Metric.Dimensions",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ScalingPolicies[].PolicyARN", why: "the target, the name, and an id of AWS's" },
        LeftOut { path: "ScalingPolicies[].ServiceNamespace", why: "that of the target" },
        LeftOut { path: "ScalingPolicies[].Alarms[].*", why: "made by the policy, or they name it as their action" },
        LeftOut { path: "ScalingPolicies[].CreationTime", why: "time of a part" },
        LeftOut { path: "ScheduledActions[].ScheduledActionARN", why: "the target, the name, and an id of AWS's" },
        LeftOut { path: "ScheduledActions[].ServiceNamespace", why: "that of the target" },
        LeftOut { path: "ScheduledActions[].CreationTime", why: "time of a part" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
        "application-autoscaling:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeregisterScalableTarget",
        actions: &["application-autoscaling:DeregisterScalableTarget"],
        gone: &["ObjectNotFoundException"],
        // Policies and scheduled actions go with it.
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let scaling: Client = hands.client();
                let request = scaling
                    .deregister_scalable_target()
                    .resource_id(hands.part(0))
                    .scalable_dimension(hands.part(1).into())
                    .service_namespace(hands.part(2).into());
                hands.call(step, request.send()).await.map(|_| Progress::Done)
            })
        },
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

/// What belongs to a target: by resource and dimension.
type ByTarget<T> = HashMap<(String, String), Vec<T>>;

async fn list(cx: &Cx) -> Listed {
    let namespaces = ServiceNamespace::values().iter().map(|&namespace| ServiceNamespace::from(namespace)).collect();
    let drafts = cx.gather(namespaces, async |namespace| of_namespace(cx, &namespace).await);
    Ok(drafts.await?.into_iter().flatten().collect())
}

async fn of_namespace(cx: &Cx, namespace: &ServiceNamespace) -> Listed {
    let scaling: Client = cx.client();
    let mut targets = match super::targets(cx, namespace).await {
        Err(error) if is_unknown(&error) => Vec::new(),
        targets => targets?.to_vec(),
    };
    targets.retain(|target| target.service_namespace() == namespace && cx.wants(&id(target)));
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let (policies, actions) = tokio::join!(policies(&scaling, namespace), actions(&scaling, namespace));
    cx.each(targets, async |target| describe(cx, &scaling, &target, &policies, &actions).await).await
}

/// A region may not know the newest namespaces. Nothing can be scaled in one that it does not know.
fn is_unknown(error: &CallError) -> bool {
    let says = |words| error.message.contains(words);
    error.code == "ValidationException" && says("serviceNamespace") && says("enum value set")
}

async fn policies(scaling: &Client, namespace: &ServiceNamespace) -> Result<ByTarget<Props>, CallError> {
    let request = scaling.describe_scaling_policies().service_namespace(namespace.clone());
    let found = request.into_paginator().items().send().try_collect().await;
    let found: Vec<ScalingPolicy> = found.at("application-autoscaling:DescribeScalingPolicies")?;
    let key = |policy: &ScalingPolicy| key(policy.resource_id(), Some(policy.scalable_dimension()));
    Ok(by_target(found.iter().map(|policy| (key(policy), scaling_policy(policy)))))
}

async fn actions(scaling: &Client, namespace: &ServiceNamespace) -> Result<ByTarget<Props>, CallError> {
    let request = scaling.describe_scheduled_actions().service_namespace(namespace.clone());
    let found = request.into_paginator().items().send().try_collect().await;
    let found: Vec<ScheduledAction> = found.at("application-autoscaling:DescribeScheduledActions")?;
    let key = |action: &ScheduledAction| key(action.resource_id(), action.scalable_dimension());
    Ok(by_target(found.iter().map(|action| (key(action), scheduled_action(action)))))
}

fn key(resource: &str, dimension: Option<&ScalableDimension>) -> (String, String) {
    (resource.to_owned(), dimension.map(ScalableDimension::as_str).unwrap_or_default().to_owned())
}

fn by_target<T>(items: impl Iterator<Item = ((String, String), T)>) -> ByTarget<T> {
    let mut by_target: ByTarget<T> = HashMap::new();
    for (key, item) in items {
        by_target.entry(key).or_default().push(item);
    }
    by_target
}

async fn describe(
    cx: &Cx,
    scaling: &Client,
    target: &ScalableTarget,
    policies: &Result<ByTarget<Props>, CallError>,
    actions: &Result<ByTarget<Props>, CallError>,
) -> Result<Option<Draft>, CallError> {
    let tags = match tags(scaling, target).await {
        Err(error) if error.code == "ResourceNotFoundException" && !exists(scaling, target).await? => return Ok(None),
        tags => tags,
    };
    let key = key(target.resource_id(), Some(target.scalable_dimension()));
    let of_this = |all: &Result<ByTarget<Props>, CallError>| match all {
        Ok(all) => Ok(all.get(&key).cloned()),
        Err(error) => Err(error.clone()),
    };
    map(cx, target)
        .sub("scalingPolicies", of_this(policies))?
        .sub("ScheduledActions", of_this(actions))?
        .sub_tags(tags)
        .map(Some)
}

async fn tags(scaling: &Client, target: &ScalableTarget) -> Result<HashMap<String, String>, CallError> {
    // Targets registered before 2022 may have no ARN, and then no tags.
    let Some(arn) = target.scalable_target_arn() else { return Ok(HashMap::new()) };
    let answer = scaling.list_tags_for_resource().resource_arn(arn).send().await;
    Ok(answer.at("application-autoscaling:ListTagsForResource")?.tags.unwrap_or_default())
}

/// Asked when its tags are said not to exist.
async fn exists(scaling: &Client, target: &ScalableTarget) -> Result<bool, CallError> {
    let answer = scaling
        .describe_scalable_targets()
        .service_namespace(target.service_namespace().clone())
        .resource_ids(target.resource_id())
        .scalable_dimension(target.scalable_dimension().clone());
    let answer = answer.send().await.at("application-autoscaling:DescribeScalableTargets")?;
    Ok(!answer.scalable_targets().is_empty())
}

fn id(target: &ScalableTarget) -> String {
    let dimension = target.scalable_dimension().as_str();
    format!("{}|{dimension}|{}", target.resource_id(), target.service_namespace().as_str())
}

fn map(cx: &Cx, target: &ScalableTarget) -> Draft {
    Draft::new(id(target))
        .arn(target.scalable_target_arn())
        .name(target.resource_id())
        .created(target.creation_time())
        .with("MaxCapacity", target.max_capacity())
        .with("MinCapacity", target.min_capacity())
        .with("ResourceId", target.resource_id())
        .with("RoleARN", target.role_arn())
        .with("ScalableDimension", target.scalable_dimension().as_str())
        .with("ServiceNamespace", target.service_namespace().as_str())
        .with("SuspendedState", target.suspended_state().map(suspended))
        .with("scaledResourceArn", resource_arn(cx, target.service_namespace(), target.resource_id()))
        .observed("PredictedCapacity", target.predicted_capacity())
}

fn suspended(state: &SuspendedState) -> Props {
    Props::new()
        .with("DynamicScalingInSuspended", state.dynamic_scaling_in_suspended())
        .with("DynamicScalingOutSuspended", state.dynamic_scaling_out_suspended())
        .with("ScheduledScalingSuspended", state.scheduled_scaling_suspended())
}

fn scheduled_action(action: &ScheduledAction) -> Props {
    let capacity = |to: &ScalableTargetAction| {
        Props::new().with("MaxCapacity", to.max_capacity()).with("MinCapacity", to.min_capacity())
    };
    Props::new()
        .with("EndTime", action.end_time())
        .with("ScalableTargetAction", action.scalable_target_action().map(capacity))
        .with("Schedule", action.schedule())
        .with("ScheduledActionName", action.scheduled_action_name())
        .with("StartTime", action.start_time())
        .with("Timezone", action.timezone())
}

/// The ARN of what is scaled, from the ids that `RegisterScalableTarget` documents.
fn resource_arn(cx: &Cx, namespace: &ServiceNamespace, id: &str) -> Option<String> {
    let (service, resource) = arn_parts(namespace, id)?;
    Some(if resource.starts_with("arn:") { resource } else { cx.arn(service, &resource) })
}

fn arn_parts(namespace: &ServiceNamespace, id: &str) -> Option<(&'static str, String)> {
    let (kind, name) = id.split_once('/').unwrap_or(("", id));
    let first = name.split('/').next().unwrap_or_default();
    Some(match (namespace, kind) {
        _ if id.starts_with("arn:") => ("", id.to_owned()),
        (ServiceNamespace::Appstream, "fleet") => ("appstream", id.to_owned()),
        // An index belongs to its table.
        (ServiceNamespace::Dynamodb, "table") => ("dynamodb", format!("table/{first}")),
        (ServiceNamespace::Ecs, "service") => ("ecs", id.to_owned()),
        (ServiceNamespace::Elasticache, "replication-group") => ("elasticache", format!("replicationgroup:{first}")),
        (ServiceNamespace::Elasticache, "cache-cluster") => ("elasticache", format!("cluster:{first}")),
        (ServiceNamespace::Lambda, "function" | "") if id.starts_with("function:") => ("lambda", id.to_owned()),
        (ServiceNamespace::Rds | ServiceNamespace::Neptune, _) => {
            ("rds", format!("cluster:{}", id.strip_prefix("cluster:")?))
        }
        (ServiceNamespace::Sagemaker, "endpoint") => ("sagemaker", format!("endpoint/{first}")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scaled_has_an_arn() {
        for (namespace, id, arn) in [
            (ServiceNamespace::Dynamodb, "table/orders/index/by-day", Some(("dynamodb", "table/orders"))),
            (ServiceNamespace::Ecs, "service/prod/web", Some(("ecs", "service/prod/web"))),
            (ServiceNamespace::Lambda, "function:f:live", Some(("lambda", "function:f:live"))),
            (ServiceNamespace::Rds, "cluster:db", Some(("rds", "cluster:db"))),
            (ServiceNamespace::Sagemaker, "endpoint/e/variant/v", Some(("sagemaker", "endpoint/e"))),
            (ServiceNamespace::Elasticache, "replication-group/cache", Some(("elasticache", "replicationgroup:cache"))),
            (ServiceNamespace::Kafka, "arn:aws:kafka:x:1:cluster/c/1", Some(("", "arn:aws:kafka:x:1:cluster/c/1"))),
            (ServiceNamespace::Ec2, "spot-fleet-request/sfr-1", None),
        ] {
            assert_eq!(arn_parts(&namespace, id), arn.map(|(service, rest)| (service, rest.to_owned())), "{id}");
        }
    }
}
