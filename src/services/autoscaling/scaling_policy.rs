//! Scaling policies of Auto Scaling groups.

use std::sync::Arc;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{Alarm, ScalingPolicy, StepAdjustment};

use super::delete::delete;
use super::scaling_metrics::{predictive, target_tracking};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Props, Recipe, Running, Scope, TypeSpec, each,
};

/// `AWS::AutoScaling::ScalingPolicy`. What the schema has no place for is `enabled` and, of old policies,
/// `minAdjustmentStep`.
///
/// The alarms of a target tracking policy are its own; those of a step policy name it as their action.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::AutoScaling::ScalingPolicy",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("Auto Scaling does not report it"),
    sets: &[
        "PredictiveScalingConfiguration.MetricSpecifications",
        "PredictiveScalingConfiguration.MetricSpecifications.*.CustomizedCapacityMetricSpecification.MetricDataQueries",
        "PredictiveScalingConfiguration.MetricSpecifications.*.CustomizedCapacityMetricSpecification.MetricDataQueries.*.MetricStat.Metric.Dimensions",
        "PredictiveScalingConfiguration.MetricSpecifications.*.CustomizedLoadMetricSpecification.MetricDataQueries",
        "PredictiveScalingConfiguration.MetricSpecifications.*.CustomizedLoadMetricSpecification.MetricDataQueries.*.MetricStat.Metric.Dimensions",
        "PredictiveScalingConfiguration.MetricSpecifications.*.CustomizedScalingMetricSpecification.MetricDataQueries",
        "PredictiveScalingConfiguration.MetricSpecifications.*.CustomizedScalingMetricSpecification.MetricDataQueries.*.MetricStat.Metric.Dimensions",
        "StepAdjustments",
        "TargetTrackingConfiguration.CustomizedMetricSpecification.Dimensions",
        "TargetTrackingConfiguration.CustomizedMetricSpecification.Metrics",
        "TargetTrackingConfiguration.CustomizedMetricSpecification.Metrics.*.MetricStat.Metric.Dimensions",
        "Alarms",
    ],
    secrets: &[],
    left_out: &[LeftOut { path: "ScalingPolicies[].Alarms[].AlarmName", why: "the end of its ARN" }],
    unmapped: &[],
    edges: &[Edge {
        path: "AutoScalingGroupName",
        to: "AWS::AutoScaling::AutoScalingGroup",
        target: "{}",
        order: Order::HolderFirst,
        why: "a policy belongs to its group and goes with it",
    }],
    read_actions: &["autoscaling:DescribePolicies"],
    delete: Delete::Call(Recipe {
        operation: "DeletePolicy",
        actions: &["autoscaling:DeletePolicy"],
        // Auto Scaling has no code for it; `run` looks.
        gone: &[],
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let autoscaling: Client = hands.client();
                let request = autoscaling.delete_policy().policy_name(hands.id()).send();
                delete(hands, step, request, exists(&autoscaling, hands)).await
            })
        },
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn exists(autoscaling: &Client, hands: &Hands) -> Result<bool, CallError> {
    let answer = autoscaling.describe_policies().policy_names(hands.id()).send().await;
    Ok(!answer.at("autoscaling:DescribePolicies")?.scaling_policies().is_empty())
}

/// All policies of the region. The groups ask for them too.
pub(super) async fn all(cx: &Cx) -> Result<Arc<Vec<ScalingPolicy>>, CallError> {
    let ask = async || {
        let autoscaling: Client = cx.client();
        let pages = autoscaling.describe_policies().max_records(100).into_paginator().items().send();
        pages.try_collect().await.at("autoscaling:DescribePolicies")
    };
    cx.once(&format!("autoscaling policies {}", cx.region()), ask).await
}

async fn list(cx: &Cx) -> Listed {
    Ok(all(cx).await?.iter().map(map).collect())
}

fn map(policy: &ScalingPolicy) -> Draft {
    let alarms: Vec<_> = policy.alarms().iter().filter_map(Alarm::alarm_arn).collect();
    let name = policy.policy_name().unwrap_or_default();
    // A capacity provider with managed scaling makes one for its group, and makes it again.
    let managed = name.starts_with("ECSManagedAutoScalingPolicy").then_some("ecs.amazonaws.com");
    Draft::new(policy.policy_arn().unwrap_or_default())
        .arn(policy.policy_arn())
        .name(name)
        .owner("aws-service", managed)
        .with("AdjustmentType", policy.adjustment_type())
        .with("AutoScalingGroupName", policy.auto_scaling_group_name())
        .with("Cooldown", policy.cooldown().map(|seconds| seconds.to_string()))
        .with("EstimatedInstanceWarmup", policy.estimated_instance_warmup())
        .with("MetricAggregationType", policy.metric_aggregation_type())
        .with("MinAdjustmentMagnitude", policy.min_adjustment_magnitude())
        .with("PolicyType", policy.policy_type())
        .with("PredictiveScalingConfiguration", policy.predictive_scaling_configuration().map(predictive))
        .with("ScalingAdjustment", policy.scaling_adjustment())
        .with("StepAdjustments", each(policy.step_adjustments(), step))
        .with("TargetTrackingConfiguration", policy.target_tracking_configuration().map(target_tracking))
        .with("enabled", policy.enabled())
        .with("minAdjustmentStep", policy.min_adjustment_step())
        .observed("Alarms", alarms)
}

fn step(step: &StepAdjustment) -> Props {
    Props::new()
        .with("MetricIntervalLowerBound", step.metric_interval_lower_bound())
        .with("MetricIntervalUpperBound", step.metric_interval_upper_bound())
        .with("ScalingAdjustment", step.scaling_adjustment())
}
