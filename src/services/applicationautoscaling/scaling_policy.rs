//! A scaling policy, in the shape of `AWS::ApplicationAutoScaling::ScalingPolicy`, without what its target says.

use aws_sdk_applicationautoscaling::types::{
    AdjustmentType, CustomizedMetricSpecification, MetricAggregationType, MetricDimension, MetricStatistic,
    PredictiveScalingCustomizedMetricSpecification, PredictiveScalingMaxCapacityBreachBehavior,
    PredictiveScalingMetric, PredictiveScalingMetricDataQuery, PredictiveScalingMetricSpecification,
    PredictiveScalingMetricStat, PredictiveScalingMode, PredictiveScalingPolicyConfiguration, ScalingPolicy,
    StepAdjustment, StepScalingPolicyConfiguration, TargetTrackingMetric, TargetTrackingMetricDataQuery,
    TargetTrackingMetricStat, TargetTrackingScalingPolicyConfiguration,
};

use crate::catalog::{Props, each};

pub(super) fn scaling_policy(policy: &ScalingPolicy) -> Props {
    let tracking = policy.target_tracking_scaling_policy_configuration();
    Props::new()
        .with("PolicyName", policy.policy_name())
        .with("PolicyType", policy.policy_type().as_str())
        .with("PredictiveScalingPolicyConfiguration", policy.predictive_scaling_policy_configuration().map(predictive))
        .with("StepScalingPolicyConfiguration", policy.step_scaling_policy_configuration().map(steps))
        .with("TargetTrackingScalingPolicyConfiguration", tracking.map(target_tracking))
}

fn steps(steps: &StepScalingPolicyConfiguration) -> Props {
    Props::new()
        .with("AdjustmentType", steps.adjustment_type().map(AdjustmentType::as_str))
        .with("Cooldown", steps.cooldown())
        .with("MetricAggregationType", steps.metric_aggregation_type().map(MetricAggregationType::as_str))
        .with("MinAdjustmentMagnitude", steps.min_adjustment_magnitude())
        .with("StepAdjustments", each(steps.step_adjustments(), step))
}

fn step(step: &StepAdjustment) -> Props {
    Props::new()
        .with("MetricIntervalLowerBound", step.metric_interval_lower_bound())
        .with("MetricIntervalUpperBound", step.metric_interval_upper_bound())
        .with("ScalingAdjustment", step.scaling_adjustment())
}

fn target_tracking(tracking: &TargetTrackingScalingPolicyConfiguration) -> Props {
    let predefined = tracking
        .predefined_metric_specification()
        .map(|metric| labelled(metric.predefined_metric_type().as_str(), metric.resource_label()));
    Props::new()
        .with("CustomizedMetricSpecification", tracking.customized_metric_specification().map(customized))
        .with("DisableScaleIn", tracking.disable_scale_in())
        .with("PredefinedMetricSpecification", predefined)
        .with("ScaleInCooldown", tracking.scale_in_cooldown())
        .with("ScaleOutCooldown", tracking.scale_out_cooldown())
        .with("TargetValue", tracking.target_value())
}

fn labelled(metric: &str, label: Option<&str>) -> Props {
    Props::new().with("PredefinedMetricType", metric).with("ResourceLabel", label)
}

fn customized(metric: &CustomizedMetricSpecification) -> Props {
    let dimension = |dimension: &MetricDimension| named(dimension.name(), dimension.value());
    Props::new()
        .with("Dimensions", each(metric.dimensions(), dimension))
        .with("MetricName", metric.metric_name())
        .with("Metrics", each(metric.metrics(), tracking_query))
        .with("Namespace", metric.namespace())
        .with("Statistic", metric.statistic().map(MetricStatistic::as_str))
        .with("Unit", metric.unit())
}

fn named(name: &str, value: &str) -> Props {
    Props::new().with("Name", name).with("Value", value)
}

fn tracking_query(query: &TargetTrackingMetricDataQuery) -> Props {
    Props::new()
        .with("Expression", query.expression())
        .with("Id", query.id())
        .with("Label", query.label())
        .with("MetricStat", query.metric_stat().map(tracking_stat))
        .with("ReturnData", query.return_data())
}

fn tracking_stat(stat: &TargetTrackingMetricStat) -> Props {
    let metric = |metric: &TargetTrackingMetric| {
        Props::new()
            .with("Dimensions", each(metric.dimensions(), |dimension| named(dimension.name(), dimension.value())))
            .with("MetricName", metric.metric_name())
            .with("Namespace", metric.namespace())
    };
    Props::new().with("Metric", stat.metric().map(metric)).with("Stat", stat.stat()).with("Unit", stat.unit())
}

fn predictive(predictive: &PredictiveScalingPolicyConfiguration) -> Props {
    let behavior = predictive.max_capacity_breach_behavior();
    Props::new()
        .with("MaxCapacityBreachBehavior", behavior.map(PredictiveScalingMaxCapacityBreachBehavior::as_str))
        .with("MaxCapacityBuffer", predictive.max_capacity_buffer())
        .with("MetricSpecifications", each(predictive.metric_specifications(), specification))
        .with("Mode", predictive.mode().map(PredictiveScalingMode::as_str))
        .with("SchedulingBufferTime", predictive.scheduling_buffer_time())
}

fn specification(metrics: &PredictiveScalingMetricSpecification) -> Props {
    let load = metrics
        .predefined_load_metric_specification()
        .map(|metric| labelled(metric.predefined_metric_type(), metric.resource_label()));
    let pair = metrics
        .predefined_metric_pair_specification()
        .map(|metric| labelled(metric.predefined_metric_type(), metric.resource_label()));
    let scaling = metrics
        .predefined_scaling_metric_specification()
        .map(|metric| labelled(metric.predefined_metric_type(), metric.resource_label()));
    Props::new()
        .with("CustomizedCapacityMetricSpecification", metrics.customized_capacity_metric_specification().map(queries))
        .with("CustomizedLoadMetricSpecification", metrics.customized_load_metric_specification().map(queries))
        .with("CustomizedScalingMetricSpecification", metrics.customized_scaling_metric_specification().map(queries))
        .with("PredefinedLoadMetricSpecification", load)
        .with("PredefinedMetricPairSpecification", pair)
        .with("PredefinedScalingMetricSpecification", scaling)
        .with("TargetValue", metrics.target_value())
}

fn queries(metric: &PredictiveScalingCustomizedMetricSpecification) -> Props {
    Props::new().with("MetricDataQueries", each(metric.metric_data_queries(), query))
}

fn query(query: &PredictiveScalingMetricDataQuery) -> Props {
    Props::new()
        .with("Expression", query.expression())
        .with("Id", query.id())
        .with("Label", query.label())
        .with("MetricStat", query.metric_stat().map(stat))
        .with("ReturnData", query.return_data())
}

fn stat(stat: &PredictiveScalingMetricStat) -> Props {
    let metric = |metric: &PredictiveScalingMetric| {
        Props::new()
            .with("Dimensions", each(metric.dimensions(), |dimension| named(dimension.name(), dimension.value())))
            .with("MetricName", metric.metric_name())
            .with("Namespace", metric.namespace())
    };
    Props::new().with("Metric", stat.metric().map(metric)).with("Stat", stat.stat()).with("Unit", stat.unit())
}
